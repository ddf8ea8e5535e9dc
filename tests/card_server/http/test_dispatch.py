"""The way of every request: decoding, sessions, rights, repeats, stale edits, bugs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from card_server.divisions import tables
from card_server.http.dispatch import Asked, Dispatcher, check_contract
from card_server.http.routes import Actor, Desk, booking, question
from card_server.management import ROUTES
from shared.wire.base import PUBLIC, Command, Made, is_command
from shared.wire.divisions import (
    AddDivision,
    AddUnit,
    DivisionFields,
    EditUnit,
    GetUnit,
    ListUnits,
    Unit,
    UnitFields,
)
from shared.wire.errors import AppError
from shared.wire.rights import ALL_RIGHTS
from shared.wire.users import GetMe
from tests.helpers.office import Office, new_operation_id


def add(name: str, **fields: object) -> AddUnit:
    return AddUnit(
        operation_id=new_operation_id(),
        fields=UnitFields(name=name, division_id=1, **fields),  # type: ignore[arg-type]
    )


def count_units(office: Office) -> int:
    return office.desk.read(
        lambda connection: connection.execute(
            select(func.count()).select_from(tables.unit)
        ).scalar_one()
    )


def test_the_routes_of_all_subjects_keep_the_contract() -> None:
    assert check_contract(ROUTES) == []


def test_a_double_route_and_a_wrong_kind_are_found() -> None:
    route = question(GetMe, lambda asked, _reading: asked)
    wrong = question(AddUnit, lambda asked, _reading: asked)  # type: ignore[arg-type]
    assert check_contract([route, route, wrong]) == ["GetMe has two routes", "AddUnit is a command"]


class Outcome(msgspec.Struct):
    """What a ledger tells of a booking."""

    operation_id: int
    repeated: bool


class Books:
    """A desk whose ledger answers every booking in one way."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.keys: list[str] = []

    def book(self, posting: str) -> Outcome:
        """Remember the key it came with."""
        self.keys.append(posting)
        return self.outcome

    def read(self, work: Callable[[None], int]) -> int:
        """Nothing is stored."""
        return work(None)


class Everybody:
    """Every token is user 7's."""

    def actor_of(self, token: str, now: datetime) -> Actor:
        """The user."""
        del token, now
        return Actor(user_id=7, rights=ALL_RIGHTS)


@pytest.mark.parametrize(
    ("repeated", "author", "answer"),
    [(False, 8, '"key":5'), (True, 7, '"key":5'), (True, 8, "KEY_CONFLICT"), (True, None, "KEY_")],
)
def test_a_known_key_is_answered_to_its_author_only(
    repeated: bool, author: int | None, answer: str
) -> None:
    route = booking(
        AddUnit,
        lambda _asked, how: how.key,
        lambda _outcome: Made(key=5),
        author=lambda _outcome, _reading: author,
    )
    desk = Books(Outcome(1, repeated))
    dispatcher = Dispatcher(
        [route],
        desk=cast("Desk", desk),
        sessions=Everybody(),
        clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
        bump_rules=lambda _connection, _now: None,
    )
    command = add("Бар")
    replied = dispatcher.answer(Asked(name="AddUnit", body=msgspec.json.encode(command)))
    assert answer in replied.body.decode()
    assert desk.keys == [f"u:{command.operation_id}"]


def test_every_request_names_a_right_that_exists() -> None:
    rights = {route.request.right for route in ROUTES}
    assert rights <= ALL_RIGHTS | {PUBLIC, "signed_in"}


def test_without_a_session_nothing_is_answered(office: Office) -> None:
    for route in ROUTES:
        if route.request.right == PUBLIC:
            continue
        name = route.request.__name__
        statuses = {office.send(name, b"{}", token).status for token in ("", "no-such-token")}
        assert statuses == {401}, name


def test_every_right_is_asked_for(office: Office) -> None:
    rights = sorted({route.request.right for route in ROUTES} & ALL_RIGHTS)
    for right in rights:
        office.add_user(f"without {right}", *office.everyone_but(right))
        token = office.sign_in(f"without {right}")
        for route in ROUTES:
            if route.request.right != right:
                continue
            replied = office.send(route.request.__name__, b"{}", token)
            assert replied.status == 403, route.request.__name__
            assert msgspec.json.decode(replied.body)["facts"] == {"right": right}


def test_unknown_fields_wrong_types_and_rubbish_are_refused_with_the_field(office: Office) -> None:
    for body, field in (
        (b'{"unit_id": 1, "extra": 2}', "extra"),
        (b'{"unit_id": "one"}', "unit_id"),
        (b"{}", "unit_id"),
    ):
        replied = office.send("GetUnit", body)
        assert (replied.status, msgspec.json.decode(replied.body)["field"]) == (422, field)
    for body in (b"{", b"\xff\xfe", b'{"unit_id": 1'):
        replied = office.send("GetUnit", body)
        assert (replied.status, msgspec.json.decode(replied.body)["code"]) == (400, "BAD_JSON")
    assert office.send("NoSuchThing").status == 404
    assert office.send("GetUnit", b" " * ((1 << 20) + 1)).status == 413


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(r.request.__name__ for r in ROUTES)), body=st.binary())
def test_no_bytes_whatever_become_an_internal_error(office: Office, name: str, body: bytes) -> None:
    assert office.send(name, body).status in (200, 400, 401, 403, 404, 409, 422)


def test_a_command_that_comes_again_gets_its_first_answer(office: Office) -> None:
    request = add("Повтор")
    before = count_units(office)
    first = office.ask(request)
    assert office.ask(request) == first
    assert count_units(office) == before + 1


def test_the_same_key_with_other_content_is_refused(office: Office) -> None:
    request = add("Первый")
    office.ask(request)
    other = msgspec.structs.replace(request, fields=UnitFields(name="Другой", division_id=1))
    assert office.refused(other) == "KEY_CONFLICT"


def test_a_key_of_another_user_is_refused(office: Office) -> None:
    request = add("Чужой ключ")
    office.ask(request)
    office.add_user("other", "unit.edit", "operation.view")
    assert office.refused(request, office.sign_in("other")) == "KEY_CONFLICT"


def test_a_refused_command_leaves_nothing_and_may_come_again(office: Office) -> None:
    office.ask(add("Занято"))
    request = add("занято")
    before = count_units(office)
    assert office.refused(request) == "VALUE_TAKEN"
    assert count_units(office) == before
    again = msgspec.structs.replace(request, fields=UnitFields(name="Свободно", division_id=1))
    assert office.ask(again).key > 0


def test_a_stale_edit_carries_the_row_as_it_stands(office: Office) -> None:
    unit_id = office.ask(add("Старый")).key
    seen = office.ask(GetUnit(unit_id=unit_id))

    def edit(name: str, version: int) -> EditUnit:
        return EditUnit(
            operation_id=new_operation_id(),
            unit_id=unit_id,
            version=version,
            fields=UnitFields(name=name),
        )

    done = office.ask(edit("Новый", seen.version))
    assert done.version == seen.version + 1
    request = edit("Ещё новее", seen.version)
    replied = office.send("EditUnit", msgspec.json.encode(request))
    assert replied.status == 409
    refusal = office.refusal_of(replied)
    assert refusal.code == "STALE_EDIT"
    present = refusal.present(Unit)  # type: ignore[attr-defined]
    assert (present.name, present.version) == ("Новый", seen.version + 1)


def test_an_operation_id_of_a_wrong_length_is_refused(office: Office) -> None:
    for key in ("", "short", "x" * 61):
        request = msgspec.structs.replace(add("Ключ"), operation_id=key)
        assert office.refused(request) == "FIELD_BAD"


def test_an_edit_of_dictionaries_is_seen_by_running_tills(office: Office) -> None:
    version = office.shop.ledger.rules.version
    unit_id = office.ask(add("Для касс", pos_number=77)).key
    office.pipeline.rules_changed()
    assert office.shop.ledger.rules.version == version + 1
    assert office.shop.ledger.rules.unit_by_pos_number[77] == unit_id


def test_a_bug_becomes_an_incident_number(office: Office) -> None:
    def broken(_asked: object, _reading: object) -> object:
        message = "a secret of the house"
        raise RuntimeError(message)

    route = question(ListUnits, broken)  # type: ignore[arg-type]
    office.dispatcher._routes["ListUnits"] = route
    replied = office.send("ListUnits")
    assert replied.status == 500
    assert b"secret" not in replied.body
    assert len(msgspec.json.decode(replied.body)["facts"]["ref"]) == 8


def test_a_right_taken_away_is_gone_within_a_second(office: Office) -> None:
    office.add_user("clerk", "unit.edit", "operation.view")
    token = office.sign_in("clerk")
    office.ask(add("Пока можно"), token)
    office.take_right("clerk", "unit.edit")
    office.shop.pass_time(seconds=2)
    assert office.refused(add("Уже нельзя"), token) == "NO_RIGHT"


def test_foreign_divisions_are_refused(office: Office) -> None:
    made = AddDivision(
        operation_id=new_operation_id(), fields=DivisionFields(name="Филиал", id_prefix=2)
    )
    second = office.ask(made).key
    office.add_user("branch", "unit.edit", "operation.view", divisions=(second,))
    token = office.sign_in("branch")
    assert office.refused(add("Не моё"), token) == "DIVISION_FOREIGN"
    assert office.refused(GetUnit(unit_id=1), token) == "DIVISION_FOREIGN"
    assert office.ask(ListUnits(), token).rows == []


def test_requests_are_commands_exactly_when_they_change_something() -> None:
    for route in ROUTES:
        assert is_command(route.request) == issubclass(route.request, Command)


def test_refusals_keep_their_facts(office: Office) -> None:
    with pytest.raises(AppError) as caught:
        office.ask(GetUnit(unit_id=999))
    assert caught.value.facts == {"what": "unit", "id": "999"}
