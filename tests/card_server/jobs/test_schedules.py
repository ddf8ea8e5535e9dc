"""Standing jobs through the contract: seen, changed, refused, started by their own right."""

from __future__ import annotations

from typing import Any

import pytest

from card_server.jobs.rules import check_schedule
from shared.wire import jobs as wire
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import add_range, issue, run_job


def rows(office: Office) -> dict[str, wire.JobRow]:
    return {row.code: row for row in office.ask(wire.ListJobs()).jobs}


def change(office: Office, code: str, **fields: Any) -> wire.EditJob:
    row = rows(office)[code]
    version = fields.pop("version", row.version)
    return wire.EditJob(
        operation_id=new_operation_id(),
        key=row.job_id,
        version=version,
        fields=wire.JobFields(**fields),
    )


def test_every_seeded_schedule_is_one_that_could_be_set(office: Office) -> None:
    found = rows(office)
    assert len(found) == 25
    for row in found.values():
        assert row.schedule is not None
        check_schedule(row.schedule)
    assert found["lots.expire"].schedule == wire.Schedule(day_start_plus=10)
    assert (found["lots.expire"].has_work, found["birthday.greet"].has_work) == (True, False)


def test_a_job_shows_its_latest_run(office: Office) -> None:
    assert rows(office)["verify.quick"].last_run is None
    run_job(office, "verify.quick")
    second = run_job(office, "verify.quick")
    assert rows(office)["verify.quick"].last_run == second


def test_a_schedule_is_changed(office: Office) -> None:
    schedule = wire.Schedule(at="05:30", weekday=3)
    done = office.ask(
        change(office, "lots.expire", schedule=schedule, window_from=60, window_to=420, catch_up=3)
    )
    row = rows(office)["lots.expire"]
    assert (row.schedule, row.window_from, row.window_to, row.catch_up) == (schedule, 60, 420, 3)
    assert (row.version, row.is_active) == (done.version, True)
    office.ask(change(office, "lots.expire", window_from=None, window_to=None, is_active=False))
    row = rows(office)["lots.expire"]
    assert (row.window_from, row.window_to, row.is_active) == (None, None, False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"schedule": wire.Schedule(at="25:00")}, "FIELD_BAD"),
        ({"window_from": 1_440, "window_to": 5}, "FIELD_BAD"),
        ({"window_from": 5}, "FIELD_MISSING"),
        ({"catch_up": 0}, "FIELD_BAD"),
        ({"time_limit_s": 0}, "FIELD_BAD"),
        ({"time_limit_s": 86_401}, "FIELD_BAD"),
        ({"version": 7, "catch_up": 1}, "STALE_EDIT"),
    ],
)
def test_what_cannot_be_is_refused(office: Office, fields: Any, code: str) -> None:
    assert office.refused(change(office, "lots.expire", **fields)) == code


def test_a_stale_change_is_told_what_stands_and_an_unknown_job_is_not_found(office: Office) -> None:
    key = rows(office)["lots.expire"].job_id
    body = f'{{"operation_id":"{new_operation_id()}","key":{key},"version":9,"fields":{{}}}}'
    replied = office.send("EditJob", body.encode())
    assert replied.status == 409
    assert b'"present":{"job_id":' in replied.body
    unknown = wire.EditJob(
        operation_id=new_operation_id(), key=9_999, version=1, fields=wire.JobFields()
    )
    assert office.refused(unknown) == "ROW_NOT_FOUND"


def test_a_job_that_people_order_gets_no_schedule(office: Office) -> None:
    issue(office, add_range(office), 1)
    row = rows(office)["cards.issue"]
    assert (row.schedule, row.has_work) == (None, True)
    schedule = wire.Schedule(every_minutes=1)
    assert office.refused(change(office, "cards.issue", schedule=schedule)) == "WRONG_STATE"


@pytest.mark.parametrize(
    ("right", "allowed"),
    [
        ("verify.run", {"verify.quick", "verify.full", "chain.sign"}),
        ("backup.run", {"backup"}),
        ("holder.view", set()),
    ],
)
def test_a_job_is_started_by_its_own_right_or_by_who_runs_all(
    office: Office, right: str, allowed: set[str]
) -> None:
    office.add_user("starter", right)
    codes = [*wire.STARTERS, "lots.expire"]
    token = office.sign_in("starter")
    for code in codes:
        start = wire.StartJob(operation_id=new_operation_id(), code=code)
        replied = office.send(
            "StartJob", f'{{"operation_id":"{start.operation_id}","code":"{code}"}}'.encode(), token
        )
        is_refused = replied.status != 200 and str(office.refusal_of(replied)) == "NO_RIGHT"
        assert is_refused == (code not in allowed), code
