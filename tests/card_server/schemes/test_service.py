"""Account types, schemes and time sets through the contract: class rules, ladders, periods."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from shared.wire import programs as wire
from tests.helpers.office import Office, new_operation_id

BONUS, DISCOUNT, DEBIT, SPENT = 1, 2, 3, 5


def key() -> str:
    return new_operation_id()


def new_type(name: str, **fields: Any) -> wire.AddAccountType:
    return wire.AddAccountType(
        operation_id=key(), fields=wire.AccountTypeFields(name=name, **fields)
    )


def edit_type(
    office: Office, number: int, levels: list[wire.LevelFields] | None = None, **fields: Any
) -> wire.EditAccountType:
    return wire.EditAccountType(
        operation_id=key(),
        key=number,
        version=office.ask(wire.GetAccountType(key=number)).row.version,
        fields=wire.AccountTypeFields(**fields),
        levels=levels,
    )


def ladder(office: Office, number: int) -> list[wire.LevelFields]:
    levels = office.ask(wire.GetAccountType(key=number)).levels
    return [wire.LevelFields(**msgspec.structs.asdict(level)) for level in levels]


def changed(level: wire.LevelFields, **fields: Any) -> wire.LevelFields:
    return msgspec.structs.replace(level, **fields)


def new_scheme(name: str, params: tuple[Any, ...] = (), **fields: Any) -> wire.AddScheme:
    values = wire.SchemeFields(name=name, **fields)
    rates = [wire.ParamFields(**param) for param in params]
    return wire.AddScheme(operation_id=key(), fields=values, params=rates)


def test_a_new_type_gets_what_follows_from_its_class(office: Office) -> None:
    found = {}
    for account_class in (1, 2, 3, 81, 82, 99):
        number = office.ask(new_type(f"Тип {account_class}", account_class=account_class)).key
        row = office.ask(wire.GetAccountType(key=number)).row
        found[account_class] = (row.value_unit, row.uses_lots, row.account_class)
    assert found == {
        1: (2, True, 1),
        2: (1, False, 2),
        3: (1, False, 3),
        81: (1, True, 81),
        82: (1, False, 82),
        99: (3, False, 99),
    }


def test_exactly_one_spent_type_is_active(office: Office) -> None:
    assert office.refused(new_type("Второй", account_class=5)) == "SPENT_REQUIRED"
    assert office.refused(edit_type(office, SPENT, is_active=False)) == "SPENT_REQUIRED"
    assert office.ask(new_type("Запасной", account_class=5, is_active=False)).key > SPENT
    assert office.ask(edit_type(office, SPENT, name="Траты")).version == 2


def test_terms_of_a_type_must_fit_together(office: Office) -> None:
    for field, fields in (
        ("account_class", {"account_class": 4}),
        ("uses_lots", {"account_class": 1, "uses_lots": False}),
        ("uses_lots", {"account_class": 2, "uses_lots": True}),
        ("life_kind", {"account_class": 1, "life_kind": 6}),
        ("life_value", {"account_class": 1, "life_kind": 1, "life_value": 0}),
        ("life_value", {"account_class": 1, "life_kind": 4, "life_value": 1131}),
        ("life_value", {"account_class": 1, "life_kind": 4, "life_value": 200}),
        ("life_value", {"account_class": 1, "life_value": 5}),
        ("life_kind", {"account_class": 3, "life_kind": 1, "life_value": 5}),
        ("delay_value", {"account_class": 1, "delay_kind": 2}),
        ("delay_kind", {"account_class": 3, "delay_kind": 1, "delay_value": 5}),
        ("notice_days", {"account_class": 1, "notice_days": "14;3"}),
        ("level_change", {"account_class": 3, "level_change": 1}),
        ("receivable_type_id", {"account_class": 1, "refund_earned": 4}),
        ("receivable_type_id", {"account_class": 1, "receivable_type_id": BONUS}),
        ("min_balance", {"account_class": 3, "min_balance": -1}),
        ("default_credit_depth", {"account_class": 3, "default_credit_depth": -1}),
        ("round_step", {"account_class": 3, "round_step": 0}),
        ("round_mode", {"account_class": 3, "round_mode": 4}),
        ("refund_burned", {"account_class": 1, "refund_burned": 4}),
        ("default_scheme_id", {"account_class": 1, "default_scheme_id": 999}),
        ("active_to", {"account_class": 1, "active_from": "2026-02-01", "active_to": "2026-01-01"}),
    ):
        body = {"operation_id": key(), "fields": {"name": "Новый", **fields}}
        replied = office.send("AddAccountType", msgspec.json.encode(body))
        assert replied.status == 422, fields
        assert msgspec.json.decode(replied.body)["field"] == field, replied.body


def test_what_lots_depend_on_is_frozen_once_something_is_booked(office: Office) -> None:
    assert office.ask(edit_type(office, DEBIT, uses_lots=True)).version == 2
    office.shop.issue(3001)
    assert office.desk.book(office.shop.call(3001, [(3, 1000)])).error is None
    assert office.refused(edit_type(office, SPENT, value_unit=2)) == "IN_USE"
    gone = wire.DeleteAccountType(operation_id=key(), key=BONUS, version=1)
    assert office.refused(gone) == "IN_USE"


def test_a_ladder_is_changed_as_one(office: Office) -> None:
    rungs = ladder(office, DISCOUNT)
    assert (rungs[0].level_no, rungs[0].threshold) == (1, 0)
    between = changed(rungs[1], level_id=None, name="Новый", level_no=2, threshold=1_00)
    up = [changed(rung, level_no=rung.level_no + 1) for rung in rungs[1:]]
    version = office.ask(wire.GetAccountType(key=DISCOUNT)).row.version
    done = office.ask(edit_type(office, DISCOUNT, [rungs[0], between, *up]))
    assert done.version == version + 1
    now = ladder(office, DISCOUNT)
    assert [rung.level_no for rung in now] == list(range(1, len(rungs) + 2))
    assert now[2].level_id == rungs[1].level_id
    office.ask(edit_type(office, DISCOUNT, [rungs[0], *rungs[1:]]))
    assert ladder(office, DISCOUNT) == rungs


def test_ladders_that_do_not_rise_are_refused(office: Office) -> None:
    rungs = ladder(office, DISCOUNT)
    first, second, *rest = rungs
    for levels, code in (
        ([changed(first, threshold=1), second, *rest], "LEVEL_ORDER"),
        ([first, changed(second, threshold=0), *rest], "LEVEL_ORDER"),
        ([first, changed(second, level_no=1), *rest], "VALUE_TAKEN"),
        ([first, changed(second, range_kind=3), *rest], "FIELD_BAD"),
        ([first, changed(second, range_kind=1), *rest], "FIELD_BAD"),
        ([first, changed(second, reward=5), *rest], "FIELD_MISSING"),
        ([first, changed(second, level_no=100), *rest], "FIELD_BAD"),
        ([first, changed(second, scheme_id=999), *rest], "DICT_VALUE_UNKNOWN"),
        ([first, changed(second, level_id=999), *rest], "ROW_NOT_FOUND"),
        ([first, second, second, *rest], "ROW_NOT_FOUND"),
        ([first, changed(second, name=" "), *rest], "FIELD_MISSING"),
    ):
        assert office.refused(edit_type(office, DISCOUNT, levels)) == code
    assert office.refused(edit_type(office, DEBIT, [changed(first, level_id=None)])) == "FIELD_BAD"
    assert ladder(office, DISCOUNT) == rungs


def test_rates_stay_within_their_class(office: Office) -> None:
    assert office.refused(new_scheme("Щедрая", base_rate=100_001)) == "FIELD_BAD"
    assert office.refused(new_scheme("Злая", base_rate=-1)) == "FIELD_BAD"
    generous = office.ask(new_scheme("Щедрая", base_rate=20_000)).key
    rungs = ladder(office, DISCOUNT)
    for_nothing = [changed(rungs[0], scheme_id=generous), *rungs[1:]]
    assert office.refused(edit_type(office, DISCOUNT, for_nothing)) == "FIELD_BAD"
    assert office.refused(edit_type(office, DISCOUNT, default_scheme_id=generous)) == "FIELD_BAD"
    assert office.ask(edit_type(office, BONUS, default_scheme_id=generous)).version == 2
    used = office.ask(wire.GetScheme(key=rungs[0].scheme_id)).row
    more = wire.EditScheme(
        operation_id=key(),
        key=used.scheme_id,
        version=used.version,
        fields=wire.SchemeFields(base_rate=10_001),
    )
    assert office.refused(more) == "FIELD_BAD"
    gone = wire.DeleteScheme(operation_id=key(), key=used.scheme_id, version=used.version)
    assert office.refused(gone) == "IN_USE"


def test_rates_by_time_are_kept_with_the_scheme_and_warned_of(office: Office) -> None:
    made = office.ask(new_scheme("Обеды", ({"time_id": 2, "rate": 700, "priority": 1},)))
    assert [one.code for one in made.notices] == ["MODE_WARNING"]
    assert office.ask(new_scheme("Код", external_id=7)).notices == []
    (param,) = office.ask(wire.GetScheme(key=made.key)).params
    assert (param.time_id, param.rate, param.external_id) == (2, 700, None)
    for wrong in ({"rate": -1}, {"rate": 100_001}, {"external_id": 65_536}, {"priority": -1}):
        bad = new_scheme("Плохая", ({"time_id": 2, "rate": 1, **wrong},))
        assert office.refused(bad) == "FIELD_BAD"
    lost = new_scheme("Плохая", ({"time_id": 99, "rate": 1},))
    assert office.refused(lost) == "DICT_VALUE_UNKNOWN"
    gone = wire.DeleteTimeSet(operation_id=key(), key=2, version=1)
    assert office.refused(gone) == "IN_USE"
    empty = wire.EditScheme(
        operation_id=key(), key=made.key, version=1, fields=wire.SchemeFields(), params=[]
    )
    assert office.ask(empty).version == 2
    assert office.ask(wire.GetScheme(key=made.key)).params == []
    assert office.refused(msgspec.structs.replace(empty, operation_id=key())) == "STALE_EDIT"


def test_periods_of_a_time_set_are_checked(office: Office) -> None:
    lunch = wire.PeriodFields(name="Обед", weekdays=31, time_from=720, time_to=960)
    add = wire.AddTimeSet(
        operation_id=key(), fields=wire.TimeSetFields(name="Обеды"), periods=[lunch]
    )
    number = office.ask(add).key
    (period,) = office.ask(wire.GetTimeSet(key=number)).periods
    assert (period.weekdays, period.time_from, period.is_active) == (31, 720, True)
    for wrong, code in (
        ({"months": 4096}, "FIELD_BAD"),
        ({"weekdays": 128}, "FIELD_BAD"),
        ({"days": -1}, "FIELD_BAD"),
        ({"time_from": 1440}, "FIELD_BAD"),
        ({"time_to": -1}, "FIELD_BAD"),
        ({"segment_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"name": "x" * 101}, "TOO_LONG"),
        ({"date_start": date(2026, 2, 1), "date_end": date(2026, 1, 1)}, "FIELD_BAD"),
    ):
        values: Any = wrong
        edit = wire.EditTimeSet(
            operation_id=key(),
            key=number,
            version=1,
            fields=wire.TimeSetFields(),
            periods=[lunch, msgspec.structs.replace(lunch, **values)],
        )
        assert office.refused(edit) == code
    gone = wire.DeleteTimeSet(operation_id=key(), key=number, version=1)
    office.ask(gone)
    assert office.refused(wire.GetTimeSet(key=number)) == "ROW_NOT_FOUND"
