"""Jobs: pieces and progress in one transaction, cancel, restart, refusals, rights."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select

from card_server.db.base import metadata
from card_server.holders import tables as holder_tables
from card_server.jobs import repository
from card_server.jobs.registry import WORKS
from card_server.jobs.running import JobRunner, Pass, Piece, RunContext, Work
from shared.wire import jobs as wire
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.office import Office, new_operation_id

CODE = "test.names"
PATIENCE_S = 20.0


class Params(msgspec.Struct):
    """What a test run is ordered with."""

    count: int
    bad: list[int] = []


def name_streets(context: RunContext) -> None:
    """Makes streets, three a piece; the numbers in `bad` are refused."""
    params = context.params(Params)
    context.tell_total(params.count)

    def piece(how: Pass) -> Piece:
        start = int(how.resume_at or "0")
        end = min(start + 3, params.count)
        errors = []
        for i in range(start, end):
            if i in params.bad:
                errors.append((str(i), AppError(ErrorCode.FIELD_BAD, field="i", value=str(i))))
                continue
            city = holder_tables.city
            how.connection.execute(
                insert(city).values(city_id=100 + i, name=f"Город {i}", name_key=f"город{i}")
            )
        return Piece(
            resume_at=str(end) if end < params.count else None,
            processed=end - start,
            failed=len(errors),
            errors=errors,
        )

    while context.piece(piece):
        pass


def towns(office: Office) -> int:
    city = holder_tables.city
    return len(office.desk.read(lambda c: c.execute(select(city.c.city_id)).all()))


def order(office: Office, params: object, code: str = CODE) -> int:
    return office.desk.edit(
        lambda c, now, ids: repository.order_run(c, ids, code, params, user_id=1, now=now)  # type: ignore[arg-type]
    )


def see(office: Office, run_id: int) -> wire.Run:
    return office.ask(wire.GetRun(run_id=run_id))


def wait(office: Office, run_id: int, is_so: Callable[[wire.Run], bool]) -> wire.Run:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        run = see(office, run_id)
        if is_so(run):
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.02)


def ended(run: wire.Run) -> bool:
    return run.state in wire.ENDED


@pytest.fixture
def runner(office: Office) -> Iterator[Callable[[dict[str, Work]], JobRunner]]:
    made: list[JobRunner] = []

    def make(works: dict[str, Work]) -> JobRunner:
        runner = JobRunner(office.desk, works)
        made.append(runner)
        runner.start()
        return runner

    yield make
    for one in made:
        one.stop()


def test_a_run_works_everything_off_and_tells_its_progress(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    run_id = order(office, Params(count=10))
    runner({CODE: name_streets})
    run = wait(office, run_id, ended)
    assert (run.state, run.total, run.processed, run.failed) == (wire.DONE, 10, 10, 0)
    assert run.started_at is not None
    assert run.ended_at is not None
    assert towns(office) == 10


def test_subjects_that_are_refused_are_listed_and_the_rest_is_done(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    run_id = order(office, Params(count=7, bad=[2, 6]))
    runner({CODE: name_streets})
    run = wait(office, run_id, ended)
    assert (run.state, run.processed, run.failed) == (wire.DONE_WITH_ERRORS, 7, 2)
    errors = office.ask(wire.ListRunErrors(run_id=run_id)).rows
    assert [(error.subject, error.code) for error in errors] == [
        ("2", "FIELD_BAD"),
        ("6", "FIELD_BAD"),
    ]
    assert towns(office) == 5


def test_a_run_goes_on_after_a_restart_where_it_stood(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    pieces = []

    def slow(context: RunContext) -> None:
        def piece(how: Pass) -> Piece:
            pieces.append(how.resume_at)
            if len(pieces) == 2:
                first[0]._stop.set()
            end = int(how.resume_at or "0") + 1
            return Piece(resume_at=str(end) if end < 5 else None, processed=1)

        while context.piece(piece):
            pass

    run_id = order(office, Params(count=5))
    first: list[JobRunner] = []
    first.append(JobRunner(office.desk, {CODE: slow}))
    first[0].start()
    run = wait(office, run_id, lambda run: run.state == wire.INTERRUPTED)
    assert (run.processed, run.ended_at) == (2, None)
    first[0].stop()
    runner({CODE: slow})
    run = wait(office, run_id, ended)
    assert (run.state, run.processed) == (wire.DONE, 5)
    assert pieces == [None, "1", "2", "3", "4"]


def test_a_cancelled_run_keeps_what_is_done(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    def endless(context: RunContext) -> None:
        while context.piece(lambda _how: Piece(resume_at="again", processed=1)):
            pass

    run_id = order(office, Params(count=0))
    runner({CODE: endless})
    wait(office, run_id, lambda run: run.processed > 3)
    office.ask(wire.CancelRun(operation_id=new_operation_id(), run_id=run_id))
    run = wait(office, run_id, ended)
    assert run.state == wire.CANCELLED
    assert run.processed > 3


def test_a_refusal_and_a_bug_end_a_run_with_their_reason(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    def refused(_context: RunContext) -> None:
        raise AppError(ErrorCode.IMPORT_TOTALS, expected="1.00", found="2.00", diff="1.00")

    def broken(_context: RunContext) -> None:
        message = "a secret"
        raise RuntimeError(message)

    first, second = order(office, {}, "test.refused"), order(office, {}, "test.broken")
    runner({"test.refused": refused, "test.broken": broken})
    run = wait(office, first, ended)
    assert run.state == wire.FAILED
    assert (run.message or "").startswith("IMPORT_TOTALS ")
    run = wait(office, second, ended)
    assert run.state == wire.FAILED
    assert (run.message or "").startswith("INTERNAL ")
    assert "secret" not in (run.message or "")


def test_a_run_is_shown_to_who_ordered_it_and_to_who_may_run_jobs(office: Office) -> None:
    run_id = order(office, Params(count=1))
    assert [run.run_id for run in office.ask(wire.MyRuns()).runs] == [run_id]
    office.add_user("stranger", "holder.view")
    token = office.sign_in("stranger")
    assert office.refused(wire.GetRun(run_id=run_id), token) == "NO_RIGHT"
    assert office.ask(wire.MyRuns(), token).runs == []
    cancel = wire.CancelRun(operation_id=new_operation_id(), run_id=run_id)
    assert office.refused(cancel, token) == "NO_RIGHT"


def test_a_job_that_nobody_works_off_is_not_started(office: Office) -> None:
    start = wire.StartJob(operation_id=new_operation_id(), code="birthday.greet")
    assert office.refused(start) == "WRONG_STATE"
    assert office.ask(wire.ListRuns(count=True)).total == 0


def test_a_standing_job_is_started_once_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WORKS, "verify.quick", name_streets)
    start = wire.StartJob(operation_id=new_operation_id(), code="verify.quick")
    run_id = office.ask(start).run_id
    again = wire.StartJob(operation_id=new_operation_id(), code="verify.quick")
    assert office.refused(again) == "WRONG_STATE"
    unknown = wire.StartJob(operation_id=new_operation_id(), code="no.such")
    assert office.refused(unknown) == "ROW_NOT_FOUND"
    runs = office.ask(wire.ListRuns(count=True))
    assert (runs.total, runs.rows[0].run_id, runs.rows[0].code) == (1, run_id, "verify.quick")


def test_a_piece_whose_answer_was_late_is_not_done_twice(office: Office) -> None:
    class Deaf:
        """Does what it is asked, and answers the third change that it does not know."""

        def __init__(self) -> None:
            self.asked = 0

        def read(self, work: Any) -> Any:
            return office.desk.read(work)

        def snapshot(self, work: Any) -> Any:
            return office.desk.snapshot(work)

        def book(self, posting: Any) -> Any:
            return office.desk.book(posting)

        def book_all(self, postings: Any) -> list[Any]:
            return office.desk.book_all(postings)

        def edit(self, work: Any) -> Any:
            done = office.desk.edit(work)
            self.asked += 1
            if self.asked == 4:
                raise AppError(ErrorCode.PROCESSING_TIMEOUT)
            return done

    run_id = order(office, Params(count=9, bad=[4]))
    runner = JobRunner(Deaf(), {CODE: name_streets})
    (due,) = office.desk.read(repository.due_runs)
    runner.run(due)
    run = see(office, run_id)
    assert (run.state, run.processed, run.failed) == (wire.DONE_WITH_ERRORS, 9, 1)
    assert towns(office) == 8


def test_an_interrupted_run_that_is_cancelled_stops_before_its_next_piece(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    begun: list[str | None] = []

    def work(context: RunContext) -> None:
        begun.append(context.resume_at)
        name_streets(context)

    started, fresh = order(office, Params(count=9)), order(office, Params(count=9))
    office.desk.edit(
        lambda c, _now, _ids: repository.write_run(
            c, started, resume_at="3", processed=3, state=wire.INTERRUPTED
        )
    )
    for run_id in (started, fresh):
        office.ask(wire.CancelRun(operation_id=new_operation_id(), run_id=run_id))
    runner({CODE: work})
    assert wait(office, fresh, ended).state == wire.CANCELLED
    assert wait(office, started, ended).state == wire.CANCELLED
    assert begun == ["3"]
    assert towns(office) == 0


def test_what_a_job_changes_is_journalled_in_the_name_of_who_ordered_it(
    office: Office, runner: Callable[[dict[str, Work]], JobRunner]
) -> None:
    def work(context: RunContext) -> None:
        def piece(how: Pass) -> Piece:
            key = {"holder_id": holder_id}
            how.log.edit(holder_tables.holder, key, {"verified": True})
            return Piece(resume_at=None, processed=1)

        context.piece(piece)

    holder_id = office.shop.issue(77)
    run_id = order(office, {})
    runner({CODE: work})
    wait(office, run_id, ended)
    change = metadata.tables["crm_change_set"]
    (row,) = office.shop.rows(change, change.c.batch_id == run_id)
    assert (row.user_id, row.table_name, row.row_key) == (1, "holder", str(holder_id))
    assert row.application == f"job {CODE}"


def test_refusals_of_what_was_booked_elsewhere_count_once(office: Office) -> None:
    def work(context: RunContext) -> None:
        for _ in range(2):
            context.tell_errors([("7", AppError(ErrorCode.CARD_DELETED, card=7))])

    run_id = order(office, {})
    runner = JobRunner(office.desk, {CODE: work})
    (due,) = office.desk.read(repository.due_runs)
    runner.run(due)
    run = see(office, run_id)
    assert (run.state, run.failed) == (wire.DONE_WITH_ERRORS, 1)
    (error,) = office.ask(wire.ListRunErrors(run_id=run_id)).rows
    assert (error.subject, error.code) == ("7", "CARD_DELETED")


def test_a_quick_job_does_not_wait_for_a_long_one(office: Office) -> None:
    def endless(context: RunContext) -> None:
        while context.piece(lambda _how: Piece(resume_at="again", processed=1)):
            pass

    long, quick = order(office, {}, "test.long"), order(office, Params(count=4), "test.quick")
    runner = JobRunner(
        office.desk, {"test.long": endless, "test.quick": name_streets}, quick={"test.quick"}
    )
    runner.start()
    try:
        wait(office, long, lambda run: run.processed > 0)
        assert wait(office, quick, ended).state == wire.DONE
        later = order(office, Params(count=0), "test.quick")
        runner.wake()
        assert wait(office, later, ended).state == wire.DONE
        assert see(office, long).state == wire.RUNNING
    finally:
        runner.stop()
    assert see(office, long).state == wire.INTERRUPTED


def test_the_end_of_a_run_waits_for_a_busy_database(office: Office) -> None:
    class Busy:
        """The last change is refused twice."""

        read, snapshot = office.desk.read, office.desk.snapshot
        book, book_all = office.desk.book, office.desk.book_all

        def __init__(self) -> None:
            self.asked = 0

        def edit(self, work: Any) -> Any:
            self.asked += 1
            if self.asked in (2, 3):
                raise AppError(ErrorCode.BUSY)
            return office.desk.edit(work)

    run_id = order(office, {})
    runner = JobRunner(Busy(), {CODE: lambda _context: None})
    (due,) = office.desk.read(repository.due_runs)
    runner.run(due)
    assert see(office, run_id).state == wire.DONE
