"""Licences through the contract: the trial, loading, counting, what is stopped (domain 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from card_server.cards import tables as card_tables
from card_server.db.change_log import ChangeLog, Editor
from card_server.divisions.repository import set_setting
from card_server.http.routes import Ids
from card_server.licences import tables
from card_server.licences.records import (
    EXPIRED,
    EXPIRING,
    GRACE,
    NONE,
    OVER_QUOTA,
    TRIAL,
    TRIAL_NUMBER,
    VALID,
)
from card_server.licences.repository import count_now
from card_server.licences.service import settle, today_of
from shared.wire import card_batches, jobs
from shared.wire import licences as wire
from shared.wire.base import Condition
from shared.wire.holders import AddHolder, HolderFields
from shared.wire.reports import ExportReport
from shared.wire.roles import GetHistory
from tests.helpers.licences import Vendor, believe
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import add_range, batch, issue, run_job

Load = Callable[..., wire.LoadLicence]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """A vendor whom the product believes."""
    return believe(Vendor(), monkeypatch)


def count(office: Office) -> wire.Licensing:
    """What the server does at its start and every hour."""
    counts = office.desk.read(count_now)

    def change(connection: Connection, now: datetime, ids: Ids) -> wire.Licensing:
        return settle(connection, ChangeLog(connection, ids, Editor(), now), counts, now)

    return office.desk.edit(change)


def own_code(office: Office) -> str:
    code = count(office).object_code
    assert code is not None
    return code


def load(office: Office, vendor: Vendor, **fields: Any) -> wire.LoadLicence:
    body = vendor.file(**{"object_code": own_code(office), **fields})
    return wire.LoadLicence(operation_id=new_operation_id(), body=body)


def lay(office: Office, first: int, count: int) -> None:
    std = {"created_at": office.shop.now, "updated_at": office.shop.now}
    rows = [{"card_code": first + i, "state": 2, **std} for i in range(count)]
    with office.shop.connection.begin():
        office.shop.connection.execute(insert(card_tables.card), rows)


def test_before_the_first_start_nothing_is_known_and_nothing_refused(office: Office) -> None:
    found = office.ask(wire.GetLicensing())
    assert (found.state, found.object_code, found.stops_issue) == (NONE, None, False)
    assert (found.cards_allowed, found.counted_on) == (None, None)


def test_the_first_start_begins_a_trial_of_sixty_days_and_two_hundred_cards(
    office: Office,
) -> None:
    office.shop.issue(1)
    found = count(office)
    assert (found.state, found.stops_issue) == (TRIAL, False)
    assert (found.ends_on, found.days_left) == (date(2026, 4, 30), 59)
    assert (found.cards, found.cards_allowed, found.holders, found.holders_allowed) == (
        1,
        200,
        1,
        None,
    )
    assert found.counted_on == date(2026, 3, 2)
    assert found.object_code is not None
    assert len(found.object_code) == 19
    again = count(office)
    assert again == found == office.ask(wire.GetLicensing())
    office.shop.pass_time(days=59)
    assert count(office).state == TRIAL
    office.shop.pass_time(days=1)
    ended = count(office)
    assert (ended.state, ended.stops_issue, ended.ends_on) == (EXPIRED, True, None)
    office.sign_in()
    history = office.ask(GetHistory(table_name="licence", row_key="1"))
    states = [
        [f.new_value for f in history.fields[one.change_id] if f.field_name == "state"]
        for one in history.changes
    ]
    assert states == [[str(EXPIRED)], [str(TRIAL)]]


def test_a_loaded_licence_takes_the_place_of_the_trial_and_counts_at_once(
    office: Office, vendor: Vendor
) -> None:
    office.shop.issue(1)
    loaded = office.ask(load(office, vendor, features={"kiosk": True}))
    row = loaded.licence
    assert (row.number, row.metric, row.quantity, row.state) == ("K-0001", 1, 1000, VALID)
    assert (row.loaded_by, row.loaded_at) == (1, office.shop.now)
    assert loaded.features == {"kiosk": True}
    assert loaded.standing == office.ask(wire.GetLicensing())
    assert (loaded.standing.state, loaded.standing.cards_allowed) == (VALID, 1000)
    rows = office.ask(wire.ListLicences(count=True)).rows
    assert [(r.number, r.state) for r in rows] == [(TRIAL_NUMBER, EXPIRED), ("K-0001", VALID)]
    mine = wire.ListLicences(where=[Condition(field="state", value=VALID)])
    assert [r.number for r in office.ask(mine).rows] == ["K-0001"]


def test_the_way_of_a_licence_over_notice_and_grace_to_its_end_and_back(
    office: Office, vendor: Vendor
) -> None:
    office.ask(load(office, vendor, valid_to=date(2026, 5, 1)))
    seen: list[tuple[int, int | None, bool]] = []
    for days in (0, 30, 30, 1, 13, 1):
        office.shop.pass_time(days=days)
        found = count(office)
        seen.append((found.state, found.days_left, found.stops_issue))
    assert seen == [
        (VALID, 60, False),
        (EXPIRING, 30, False),
        (EXPIRING, 0, False),
        (GRACE, 13, False),
        (GRACE, 0, False),
        (EXPIRED, None, True),
    ]
    office.sign_in()
    later = load(office, vendor, number="K-0002", valid_from=date(2026, 5, 1), valid_to=None)
    back = office.ask(later).standing
    assert (back.state, back.stops_issue, back.ends_on, back.days_left) == (
        VALID,
        False,
        None,
        None,
    )


def test_more_cards_than_allowed_stop_the_issue_but_never_a_sale(
    office: Office, vendor: Vendor
) -> None:
    office.ask(load(office, vendor, quantity=2))
    for code in (1, 2, 3):
        office.shop.issue(code)
    found = count(office)
    assert (found.state, found.stops_issue) == (OVER_QUOTA, True)
    assert (found.cards, found.cards_allowed) == (3, 2)
    assert office.desk.book(office.shop.call(3, [(3, 1000)])).error is None
    more = office.ask(load(office, vendor, number="K-0002", quantity=1))
    assert (more.standing.state, more.standing.cards_allowed) == (VALID, 3)


def test_holders_have_a_quantity_of_their_own(office: Office, vendor: Vendor) -> None:
    office.ask(load(office, vendor, quantity=0))
    found = office.ask(load(office, vendor, number="H-1", metric="holders", quantity=1)).standing
    assert (found.cards_allowed, found.holders_allowed, found.state) == (None, 1, VALID)
    office.shop.issue(1)
    office.shop.issue(2)
    assert (count(office).state, count(office).stops_issue) == (OVER_QUOTA, True)


def test_files_that_are_not_for_this_installation_or_over_are_refused(
    office: Office, vendor: Vendor
) -> None:
    office.ask(load(office, vendor))
    cases: list[tuple[bytes, str]] = [
        (vendor.file(number="K-0002", object_code="AAAA-BBBB-CCCC-DDDD"), "LICENCE_FOREIGN"),
        (vendor.file(number="K-0002", object_code=own_code(office).lower()), "LICENCE_FOREIGN"),
        (Vendor().file(object_code=own_code(office)), "LICENCE_FORGED"),
        (vendor.file(object_code=own_code(office))[:-9], "LICENCE_FILE"),
        (b"", "LICENCE_FILE"),
        (b"PK\x03\x04", "LICENCE_FILE"),
        (load(office, vendor).body, "VALUE_TAKEN"),
        (load(office, vendor, number=TRIAL_NUMBER).body, "VALUE_TAKEN"),
        (
            load(
                office,
                vendor,
                number="K-3",
                valid_from=date(2025, 1, 1),
                valid_to=date(2026, 2, 15),
            ).body,
            "LICENCE_PAST",
        ),
    ]
    for body, code in cases:
        asked = wire.LoadLicence(operation_id=new_operation_id(), body=body)
        assert office.refused(asked) == code
    assert office.shop.count(tables.licence) == 2


def test_a_licence_in_its_grace_may_still_be_loaded(office: Office, vendor: Vendor) -> None:
    asked = load(office, vendor, valid_from=date(2025, 1, 1), valid_to=date(2026, 2, 16))
    assert office.ask(asked).standing.state == GRACE


def test_a_licence_of_the_future_leaves_the_trial_running(office: Office, vendor: Vendor) -> None:
    found = office.ask(load(office, vendor, valid_from=date(2026, 4, 1))).standing
    assert (found.state, found.cards_allowed) == (TRIAL, 200)
    office.shop.pass_time(days=30)
    found = count(office)
    assert (found.state, found.cards_allowed) == (VALID, 1000)


def test_a_repeated_load_is_one_licence(office: Office, vendor: Vendor) -> None:
    asked = load(office, vendor)
    assert office.ask(asked) == office.ask(asked)
    assert office.shop.count(tables.licence) == 2


def test_who_may_not_load_licences_sees_the_notice_only(office: Office, vendor: Vendor) -> None:
    asked = load(office, vendor)
    office.add_user("seller", *office.everyone_but("licence.load"))
    token = office.sign_in("seller")
    assert office.ask(wire.GetLicensing(), token).state == TRIAL
    assert office.refused(asked, token) == "NO_RIGHT"
    assert office.refused(wire.ListLicences(), token) == "NO_RIGHT"


def test_the_standing_job_counts_and_may_run_twice(office: Office) -> None:
    for _ in range(2):
        run = run_job(office, "licence.check")
        assert (run.state, run.processed) == (jobs.DONE, 1)
    assert office.ask(wire.GetLicensing()).state == TRIAL
    assert office.shop.count(tables.licence_count) == 1


def test_the_trial_is_enforced_where_cards_are_issued(office: Office) -> None:
    count(office)
    lay(office, 5000, 199)
    range_id = add_range(office)
    plan = office.ask(card_batches.CheckIssue(batch=batch(range_id, 2)))
    assert [problem.code for problem in plan.problems] == ["LICENCE_QUOTA"]
    assert (plan.licence_quantity, plan.licence_used) == (200, 199)
    assert (issue(office, range_id, 2).message or "").startswith("LICENCE_QUOTA")
    assert issue(office, range_id, 1).state == jobs.DONE
    assert count(office).cards == 200
    assert office.ask(wire.GetLicensing()).stops_issue is False


def test_the_day_is_that_of_the_installation_and_a_broken_zone_is_the_usual_one(
    office: Office,
) -> None:
    connection, now = office.shop.connection, office.shop.now
    late = now.replace(hour=22)
    with connection.begin():
        assert today_of(connection, late) == now.date() + timedelta(days=1)
        set_setting(connection, "system.time_zone", "UTC", now)
        assert today_of(connection, late) == now.date()
        set_setting(connection, "system.time_zone", "Nowhere/../x", now)
        assert today_of(connection, late) == now.date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (NONE, ""),
        (TRIAL, ""),
        (VALID, ""),
        (EXPIRING, ""),
        (GRACE, ""),
        (EXPIRED, "LICENCE_END"),
        (OVER_QUOTA, "LICENCE_QUOTA"),
    ],
)
def test_each_state_stops_new_guests_and_cards_or_nothing_and_never_a_till_or_a_report(
    office: Office, state: int, code: str
) -> None:
    count(office)
    office.shop.issue(1)
    with office.shop.connection.begin():
        office.shop.connection.execute(update(tables.licence).values(state=state))
    guest = AddHolder(
        operation_id=new_operation_id(), division_id=1, fields=HolderFields(l_name="Иванова")
    )
    range_id = add_range(office)
    run = issue(office, range_id, 1) if not code else None
    if run is None:
        assert office.refused(guest) == code
        order = card_batches.IssueRange(operation_id=new_operation_id(), batch=batch(range_id, 1))
        assert office.refused(order) == code
    else:
        assert office.ask(guest).key
        assert run.state == jobs.DONE
    assert office.desk.book(office.shop.call(1, [(3, 1000)])).error is None
    day = office.shop.now.date().isoformat()
    report = ExportReport(
        code="turnover", parameters={"date_from": day, "date_to": day}, file="csv"
    )
    assert office.ask(report).rows == 1
