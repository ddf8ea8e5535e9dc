"""Rows of jobs and their runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from card_server.db.listing import Listing
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Ids
from card_server.jobs import tables
from shared.wire import jobs as wire
from shared.wire.errors import AppError, ErrorCode

ORDERED: Final = '{"ordered": true}'
"""The schedule of jobs that only a person starts."""
RECENT: Final = timedelta(days=1)

_run, _job, _error = tables.job_run, tables.job, tables.job_item_error
RUN_FIELDS: Final = {
    "run_id": _run.c.run_id,
    "code": _job.c.code,
    "name": _job.c.name,
    "state": _run.c.state,
    "business_date": _run.c.business_date,
    "ordered_by": _run.c.ordered_by,
    "ordered_at": _run.c.ordered_at,
    "started_at": _run.c.started_at,
    "ended_at": _run.c.ended_at,
    "total": _run.c.total,
    "processed": _run.c.processed,
    "failed": _run.c.failed,
    "cancel_asked": _run.c.cancel_asked,
    "message": _run.c.message,
    "outcome": _run.c.outcome,
}
RUNS: Final = Listing(
    source=_run.join(_job, _job.c.job_id == _run.c.job_id),
    key=_run.c.run_id,
    fields=RUN_FIELDS,
    columns=list(RUN_FIELDS.values()),
)
ERRORS: Final = Listing(
    source=_error,
    key=_error.c.subject,
    fields={"subject": _error.c.subject, "code": _error.c.code},
    columns=[_error.c.subject, _error.c.code, _error.c.text],
)


def run_record(row: Any) -> wire.Run:
    """A row in the order of the list's columns as the contract shows it."""
    return wire.Run(**dict(zip(RUN_FIELDS, row, strict=True)))


def ensure_job(connection: Connection, code: str, now: datetime) -> int:
    """The id of a job; one that only people order gets its row with the first order."""
    found = connection.execute(
        select(_job.c.job_id).where(_job.c.code == code, _job.c.deleted_at.is_(None))
    ).scalar()
    if found is not None:
        return int(found)
    job_id = next_dictionary_id(connection, _job)
    connection.execute(
        insert(_job).values(
            job_id=job_id, code=code, name=code, schedule=ORDERED, created_at=now, updated_at=now
        )
    )
    return job_id


def order_run(
    connection: Connection,
    ids: Ids,
    code: str,
    params: msgspec.Struct | dict[str, Any],
    *,
    user_id: int | None,
    now: datetime,
    total: int | None = None,
) -> int:
    """A planned run; the runner takes it up once this transaction is durable."""
    run_id = ids.take("change")
    connection.execute(
        insert(_run).values(
            run_id=run_id,
            job_id=ensure_job(connection, code, now),
            state=wire.PLANNED,
            params=msgspec.json.encode(params).decode(),
            ordered_by=user_id,
            ordered_at=now,
            total=total,
        )
    )
    return run_id


def find_run(connection: Connection, run_id: int) -> wire.Run:
    """One run; `ROW_NOT_FOUND` if there is none."""
    row = connection.execute(
        select(*RUN_FIELDS.values()).select_from(RUNS.source).where(_run.c.run_id == run_id)
    ).one_or_none()
    if row is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="job_run", id=str(run_id))
    return run_record(row)


def runs_of(connection: Connection, user_id: int, now: datetime) -> list[wire.Run]:
    """What a user ordered: running now, or ended within the last day."""
    rows = connection.execute(
        select(*RUN_FIELDS.values())
        .select_from(RUNS.source)
        .where(
            _run.c.ordered_by == user_id,
            or_(_run.c.ended_at.is_(None), _run.c.ended_at > now - RECENT),
        )
        .order_by(_run.c.run_id.desc())
        .limit(50)
    )
    return [run_record(row) for row in rows]


class Due(msgspec.Struct, frozen=True):
    """A run that waits for the runner."""

    run_id: int
    code: str
    params: str
    resume_at: str | None
    processed: int
    failed: int
    total: int | None
    ordered_by: int | None = None


def due_runs(connection: Connection) -> list[Due]:
    """Planned runs, oldest first."""
    rows = connection.execute(
        select(
            _run.c.run_id,
            _job.c.code,
            _run.c.params,
            _run.c.resume_at,
            _run.c.processed,
            _run.c.failed,
            _run.c.total,
            _run.c.ordered_by,
        )
        .join(_job, _job.c.job_id == _run.c.job_id)
        .where(_run.c.state == wire.PLANNED)
        .order_by(_run.c.run_id)
    )
    return [Due(row[0], row[1], row[2] or "{}", *row[3:]) for row in rows]


def plan_interrupted(connection: Connection) -> int:
    """Runs that the last process left behind go on where they stood; returns how many."""
    return connection.execute(
        update(_run)
        .where(_run.c.state.in_([wire.RUNNING, wire.INTERRUPTED]))
        .values(state=wire.PLANNED)
    ).rowcount


def write_run(connection: Connection, run_id: int, **values: Any) -> None:
    """Change columns of a run."""
    connection.execute(update(_run).where(_run.c.run_id == run_id).values(**values))


def progress_of(connection: Connection, run_id: int) -> tuple[str | None, int, int]:
    """Where a run stands: where to go on, how many were worked off, how many of them failed."""
    row = connection.execute(
        select(_run.c.resume_at, _run.c.processed, _run.c.failed).where(_run.c.run_id == run_id)
    ).one()
    return row.resume_at, row.processed, row.failed


def is_under_way(connection: Connection, run_id: int) -> bool:
    """A run is planned, running or interrupted; one that was purged has ended."""
    open_states = (wire.PLANNED, wire.RUNNING, wire.INTERRUPTED)
    state = connection.execute(select(_run.c.state).where(_run.c.run_id == run_id)).scalar()
    return state in open_states


def is_cancel_asked(connection: Connection, run_id: int) -> bool:
    """Somebody wants the run to stop."""
    return bool(
        connection.execute(select(_run.c.cancel_asked).where(_run.c.run_id == run_id)).scalar()
    )


def keep_errors(connection: Connection, run_id: int, errors: list[tuple[str, AppError]]) -> int:
    """Subjects that could not be worked off, with their refusals; returns how many are new."""
    known = set(
        connection.execute(
            select(_error.c.subject).where(
                _error.c.run_id == run_id, _error.c.subject.in_([s for s, _ in errors])
            )
        ).scalars()
    )
    rows = [
        {
            "run_id": run_id,
            "subject": subject,
            "code": error.code.value,
            "text": msgspec.json.encode(error.facts).decode()[:500],
        }
        for subject, error in dict(errors).items()
        if subject not in known
    ]
    if rows:
        connection.execute(insert(_error), rows)
    return len(rows)
