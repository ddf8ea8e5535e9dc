"""The OpenAPI document is what the server does: requests made from it, replies held against it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_server.http.openapi import openapi_document
from card_server.management import ROUTES
from shared.wire.base import PUBLIC
from tests.conftest import START
from tests.helpers.databases import Databases
from tests.helpers.office import Office, open_office
from tests.helpers.shop import open_shop

OK = 200
NAMES = sorted(route.request.__name__ for route in ROUTES)
DOCUMENT = openapi_document(route.request for route in ROUTES)


@cache
def operations() -> dict[str, Any]:
    """The operations as the API tester reads them from the document."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    found = {}
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr] # an error here fails the test by itself
        found[operation.path.rpartition("/")[2]] = operation
    return found


def schema_of(name: str, status: int) -> dict[str, Any]:
    """The schema that a reply must meet."""
    responses = DOCUMENT["paths"][f"/v1/{name}"]["post"]["responses"]
    schema: dict[str, Any] = responses[str(status)]["content"]["application/json"]["schema"]
    return {**schema, "components": DOCUMENT["components"]}


@pytest.fixture(scope="module")
def crowd(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all requests: what one of them did, the next ones meet."""
    address = databases.fresh(tmp_path_factory.mktemp("crowd"))
    with open_shop(address, START) as shop, open_office(shop, address) as office:
        yield office
    databases.drop(address)


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)
@given(data=st.data())
def test_what_fits_the_document_is_understood_and_answered_as_it_says(
    crowd: Office, name: str, data: st.DataObject
) -> None:
    if crowd.send("GetMe").status != OK:
        crowd.reset_administrator()
        crowd.shop.pass_time(minutes=20)
        crowd.sign_in()
    case = data.draw(operations()[name].as_strategy())
    body = msgspec.json.encode(case.body) if case.body is not None else b"{}"
    replied = crowd.send(name, body)
    jsonschema_rs.validate(schema_of(name, replied.status), msgspec.json.decode(replied.body))
    assert replied.status not in (400, 500), (body, replied.body)


def test_every_request_stands_in_the_document_with_its_right() -> None:
    assert sorted(path.rpartition("/")[2] for path in DOCUMENT["paths"]) == NAMES
    for route in ROUTES:
        post = DOCUMENT["paths"][f"/v1/{route.request.__name__}"]["post"]
        assert post["security"] == ([] if route.request.right == PUBLIC else [{"session": []}])
        assert route.request.right in post["description"]


def test_the_document_is_served(office: Office) -> None:
    from http.client import HTTPConnection  # noqa: PLC0415 - only here

    server = office.open()
    connection = HTTPConnection(server.host, server.port, timeout=10)
    connection.request("GET", "/v1/openapi.json")
    shown = msgspec.json.decode(connection.getresponse().read())
    connection.close()
    assert shown["openapi"] == "3.1.0"
    assert set(shown["paths"]) == {*DOCUMENT["paths"], "/v1/FollowChanges"}
