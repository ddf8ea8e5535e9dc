"""`journal.purge`: what is old goes, what is young stays, over crashes too (domain 3.12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from card_server.classifiers import tables as classifier_tables
from card_server.db import purging
from card_server.jobs import tables as job_tables
from card_server.ledger import purging as ledger_purging
from card_server.ledger import tables as ledger_tables
from card_server.ledger.verify import verify
from card_server.messages import purging as message_purging
from card_server.messages import tables as message_tables
from card_server.users import tables as user_tables
from card_server.works import PURGES, enter_works
from shared.wire import jobs
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import die_and_go_on, run_job
from tests.helpers.shop import BONUS

CODE = "journal.purge"
DAY = timedelta(days=1)
YEAR = timedelta(days=366)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (purging, ledger_purging, message_purging):
        monkeypatch.setattr(room, "PAGE", 2)


def put(office: Office, table: Table, **values: Any) -> None:
    with office.shop.connection.begin():
        office.shop.connection.execute(insert(table).values(**values))


def keys(office: Office, table: Table, name: str, *where: Any) -> list[Any]:
    return [getattr(row, name) for row in office.shop.rows(table, *where)]


def test_the_journals_go_after_their_months(office: Office) -> None:
    now = office.shop.now
    old, young = now - 3 * YEAR - 4 * DAY, now - 3 * YEAR + 5 * DAY
    change, value = user_tables.change_set, user_tables.change_value
    for number, at in enumerate([old] * 5 + [young], 1):
        put(office, change, change_id=number, at=at, table_name="card", row_key="1", action=2)
        put(office, value, change_id=number, field_name="state", new_value="1", is_personal=False)
        put(office, user_tables.user_activity, user_activity_id=number, at=at, what="test")
        put(
            office,
            user_tables.person_access,
            person_access_id=number,
            at=at,
            user_id=1,
            holder_id=1,
            what=1,
            reason="проверка",
        )
    assert run_job(office, CODE).state == jobs.DONE
    assert 6 in keys(office, change, "change_id", change.c.table_name == "card")
    assert not {1, 2, 3, 4, 5} & set(keys(office, change, "change_id"))
    assert not {1, 2, 3, 4, 5} & set(keys(office, value, "change_id"))
    activity = user_tables.user_activity
    assert keys(office, activity, "user_activity_id", activity.c.what == "test") == [6]
    assert keys(office, user_tables.person_access, "person_access_id") == [6]


def test_sessions_codes_and_answers_go_when_nobody_can_use_them(office: Office) -> None:
    now, shop = office.shop.now, office.shop
    session = user_tables.user_session
    for number, (seen, end) in enumerate(
        [(now - 91 * DAY, None), (now - 99 * DAY, now - 91 * DAY), (now - 80 * DAY, None)], 1
    ):
        put(
            office,
            session,
            session_id=bytes([number]) * 16,
            user_id=1,
            started_at=seen,
            seen_at=seen,
            ended_at=end,
        )
    holder_id = shop.issue(1)
    guest = classifier_tables.holder_session
    code = classifier_tables.auth_code
    for number, end in enumerate([now - 8 * DAY, now - 2 * DAY, now - timedelta(hours=23)], 1):
        put(
            office,
            guest,
            session_id=bytes([number]) * 16,
            holder_id=holder_id,
            classifier_id=shop.classifier_id,
            seen_at=end,
            expires_at=end,
        )
        put(
            office,
            code,
            auth_code_id=bytes([number]) * 16,
            purpose=1,
            code_hash="x",
            value_norm="79",
            classifier_id=shop.classifier_id,
            created_at=end,
            expires_at=end,
        )
    result = user_tables.command_result
    for name, at in (("old", now - 31 * DAY), ("new", now - 29 * DAY)):
        put(
            office,
            result,
            operation_id=name,
            user_id=1,
            request="x",
            fingerprint=b"x" * 32,
            reply="{}",
            at=at,
        )
    run_job(office, CODE)
    assert bytes([1]) * 16 not in keys(office, session, "session_id")
    assert bytes([2]) * 16 not in keys(office, session, "session_id")
    assert bytes([3]) * 16 in keys(office, session, "session_id")
    assert keys(office, guest, "session_id") == [bytes([3]) * 16]
    assert keys(office, code, "auth_code_id") == [bytes([2]) * 16, bytes([3]) * 16]
    assert "old" not in keys(office, result, "operation_id")
    assert "new" in keys(office, result, "operation_id")


def test_runs_of_schedules_go_after_a_season_and_those_of_people_with_the_journal(
    office: Office,
) -> None:
    now, run, error = office.shop.now, job_tables.job_run, job_tables.job_item_error
    with office.shop.connection.begin():
        job_id = office.shop.connection.execute(select(job_tables.job.c.job_id)).scalar()
    rows: list[tuple[int, int | None, datetime | None]] = [
        (1, None, now - 91 * DAY),
        (2, None, now - 89 * DAY),
        (3, 1, now - 91 * DAY),
        (4, 1, now - 4 * YEAR),
        (5, None, None),
    ]
    for run_id, who, end in rows:
        put(office, run, run_id=run_id, job_id=job_id, state=3, ordered_by=who, ended_at=end)
        put(office, error, run_id=run_id, subject="1", code="CARD_TAKEN")
    run_job(office, CODE)
    assert keys(office, run, "run_id", run.c.run_id < 100) == [2, 3, 5]
    assert keys(office, error, "run_id") == [2, 3, 5]


def test_traces_and_texts_go_and_the_proof_still_holds(office: Office) -> None:
    shop, trace = office.shop, ledger_tables.operation_trace
    shop.issue(1)
    shop.link(BONUS, credit_allowed=False)  # a line that is not booked leaves a trace
    for _ in range(5):
        shop.ok(1, [(3, 100_00), (2, 5_00)])
    shop.pass_time(days=740)
    shop.ok(1, [(3, 100_00), (2, 5_00)])
    message = message_tables.message
    for number, at in enumerate([shop.now - 400 * DAY] * 3 + [shop.now - 300 * DAY], 1):
        put(
            office,
            message,
            message_id=number,
            kind=1,
            body="Код 1234",
            not_before=at,
            state=4,
            queued_at=at,
            dedupe_key=f"{number}",
        )
    office.sign_in()
    assert shop.count(trace) == 6
    run_job(office, CODE)
    assert shop.count(trace) == 1
    assert keys(office, message, "body") == ["", "", "", "Код 1234"]
    with shop.connection.begin():
        assert verify(shop.connection, full=True, now=shop.now).findings == []
    assert run_job(office, CODE).processed == 0


@pytest.mark.parametrize("after", [False, True])
def test_a_purge_goes_on_after_a_crash_at_any_step(office: Office, *, after: bool) -> None:
    enter_works()
    old = office.shop.now - 4 * YEAR
    for number in range(1, 6):
        put(office, user_tables.user_activity, user_activity_id=number, at=old, what="test")
    start = jobs.StartJob(operation_id=new_operation_id(), code=CODE)
    run_id, left = office.ask(start).run_id, 0
    while die_and_go_on(office, run_id, left, after=after):
        left += 1
        assert left < 60
    run = office.ask(jobs.GetRun(run_id=run_id))
    assert (run.state, run.processed) == (jobs.DONE, 5)
    activity = user_tables.user_activity
    assert keys(office, activity, "what", activity.c.what == "test") == []
    assert len(PURGES) > 5
