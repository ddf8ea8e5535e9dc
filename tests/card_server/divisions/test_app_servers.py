"""Registration of the application server."""

from __future__ import annotations

import pytest

from card_server.divisions.app_servers import checked
from shared.wire.app_servers import CancelAppServer, GetAppServer, RegisterAppServer
from shared.wire.errors import AppError, ErrorCode
from shared.wire.roles import ListJournal
from tests.helpers.office import Office, new_operation_id


def register(office: Office, address: str) -> None:
    office.ask(RegisterAppServer(operation_id=new_operation_id(), address=address))


def test_it_is_registered_replaced_and_cancelled(office: Office) -> None:
    assert office.ask(GetAppServer()).address == ""
    register(office, " 10.0.0.5:9195 ")
    assert office.ask(GetAppServer()).address == "10.0.0.5:9195"
    register(office, "https://server:9195/")
    assert office.ask(GetAppServer()).address == "https://server:9195"
    office.ask(CancelAppServer(operation_id=new_operation_id()))
    assert office.ask(GetAppServer()).address == ""
    office.ask(CancelAppServer(operation_id=new_operation_id()))
    register(office, "[::1]:9195")
    assert office.ask(GetAppServer()).address == "[::1]:9195"


def test_each_registration_stands_in_the_journal(office: Office) -> None:
    register(office, "10.0.0.5:9195")
    rows = [one for one in office.ask(ListJournal()).rows if one.table_name == "setting"]
    assert len(rows) == 1


@pytest.mark.parametrize(
    "address",
    ["", "server", "server:0", "server:65536", "a b:1", "ftp://server:1", "server:1/x", "x" * 300],
)
def test_what_is_no_address_is_refused_with_its_value(address: str) -> None:
    with pytest.raises(AppError) as refused:
        checked(address)
    assert refused.value.code is ErrorCode.FIELD_BAD
    assert refused.value.facts["value"] == address[:60]
