"""Ordering, watching and cancelling runs (domain 2.8)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from card_server.db.listing import list_rows
from card_server.http.routes import Actor, Editing, Reading
from card_server.jobs import repository, tables
from card_server.jobs.registry import RESUMABLE, WORKS
from shared.wire import jobs as wire
from shared.wire.base import Done, Page
from shared.wire.errors import AppError, ErrorCode

RUN_ANY: Final = "job.run"
STATES: Final = {
    wire.PLANNED: "planned",
    wire.RUNNING: "running",
    wire.DONE: "done",
    wire.DONE_WITH_ERRORS: "done with errors",
    wire.FAILED: "failed",
    wire.CANCELLED: "cancelled",
    wire.INTERRUPTED: "interrupted",
    wire.SKIPPED: "skipped",
}
"""As windows and programs write them: the same word in every language."""


def _need(actor: Actor, run: wire.Run) -> None:
    """One's own runs, or all with the right to run jobs."""
    if run.ordered_by != actor.user_id or actor.user_id == 0:
        actor.need(RUN_ANY)


def get_run(asked: wire.GetRun, reading: Reading) -> wire.Run:
    """One run with its progress."""
    run = repository.find_run(reading.connection, asked.run_id)
    _need(reading.actor, run)
    return run


def my_runs(_asked: wire.MyRuns, reading: Reading) -> wire.RunList:
    """What the user ordered lately."""
    runs = repository.runs_of(reading.connection, reading.actor.user_id, reading.now)
    return wire.RunList(runs=runs)


def list_runs(asked: wire.ListRuns, reading: Reading) -> Page[wire.Run]:
    """The history of all jobs."""
    found = list_rows(reading.connection, repository.RUNS, asked)
    rows = [repository.run_record(row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def list_run_errors(asked: wire.ListRunErrors, reading: Reading) -> Page[wire.RunError]:
    """What a run could not work off."""
    _need(reading.actor, repository.find_run(reading.connection, asked.run_id))
    mine = tables.job_item_error.c.run_id == asked.run_id
    found = list_rows(reading.connection, repository.ERRORS, asked, mine)
    rows = [wire.RunError(subject=r[0], code=r[1], text=r[2]) for r in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def cancel_run(asked: wire.CancelRun, editing: Editing) -> Done:
    """Ask a run to stop; one that has ended stays as it is."""
    run = repository.find_run(editing.connection, asked.run_id)
    _need(editing.actor, run)
    if run.state not in wire.ENDED:
        repository.write_run(editing.connection, asked.run_id, cancel_asked=True)
    return Done()


def resume_run(asked: wire.ResumeRun, editing: Editing) -> Done:
    """A run that was cancelled or failed is planned again; what it did is not done twice."""
    run = repository.find_run(editing.connection, asked.run_id)
    _need(editing.actor, run)
    right = RESUMABLE.get(run.code)
    if right is None or run.state not in (wire.CANCELLED, wire.FAILED):
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="resume",
            object=f"{run.code} {asked.run_id}",
            state=STATES[run.state],
        )
    editing.actor.need(right)
    repository.write_run(
        editing.connection,
        asked.run_id,
        state=wire.PLANNED,
        cancel_asked=False,
        ended_at=None,
        message=None,
    )
    return Done()


def start_job(asked: wire.StartJob, editing: Editing) -> wire.Ordered:
    """Run a standing job now; one run of a job at a time."""
    if wire.STARTERS.get(asked.code) not in editing.actor.rights:
        editing.actor.need(RUN_ANY)
    connection = editing.connection
    job, run = tables.job, tables.job_run
    job_id = connection.execute(
        select(job.c.job_id).where(job.c.code == asked.code, job.c.deleted_at.is_(None))
    ).scalar()
    if job_id is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="job", id=asked.code[:60])
    if asked.code not in WORKS:
        raise AppError(ErrorCode.WRONG_STATE, event="start", object=asked.code, state="no work")
    open_states = [wire.PLANNED, wire.RUNNING, wire.INTERRUPTED]
    busy = connection.execute(
        select(run.c.run_id).where(run.c.job_id == job_id, run.c.state.in_(open_states)).limit(1)
    ).scalar()
    if busy is not None:
        raise AppError(ErrorCode.WRONG_STATE, event="start", object=asked.code, state="running")
    return ordered(editing, asked.code, {})


def ordered(editing: Editing, code: str, params: Any, *, total: int | None = None) -> wire.Ordered:
    """Order a run in the name of the user; every subject with long work calls this."""
    run_id = repository.order_run(
        editing.connection,
        editing.ids,
        code,
        params,
        user_id=editing.actor.user_id,
        now=editing.now,
        total=total,
    )
    return wire.Ordered(run_id=run_id)
