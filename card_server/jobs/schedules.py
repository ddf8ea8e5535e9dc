"""Standing jobs as people see and change them: schedules, latest runs (domain 1.11, 3.12)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, func, select

from card_server.db.editing import row_of, sent
from card_server.http.routes import Editing, Reading
from card_server.jobs import repository, tables
from card_server.jobs.registry import WORKS
from card_server.jobs.rules import DAY_MINUTES, check_schedule, schedule_of, text_of
from shared.wire import jobs as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

NUMBERS: Final = {
    "window_from": (0, DAY_MINUTES - 1),
    "window_to": (0, DAY_MINUTES - 1),
    "catch_up": (1, 3),
    "time_limit_s": (1, 86_400),
}
_job, _run = tables.job, tables.job_run


def list_jobs(_asked: wire.ListJobs, reading: Reading) -> wire.JobList:
    """Every job with its latest run."""
    connection = reading.connection
    latest = _latest(connection)
    rows = connection.execute(select(_job).where(_job.c.deleted_at.is_(None)).order_by(_job.c.code))
    return wire.JobList(jobs=[_record(row, latest.get(row.code)) for row in rows])


def _latest(connection: Connection) -> dict[str, wire.Run]:
    """Job code -> the run that was ordered last."""
    newest = select(func.max(_run.c.run_id)).group_by(_run.c.job_id)
    rows = connection.execute(
        select(*repository.RUN_FIELDS.values())
        .select_from(repository.RUNS.source)
        .where(_run.c.run_id.in_(newest))
    )
    return {run.code: run for run in map(repository.run_record, rows)}


def _record(row: Any, latest: wire.Run | None) -> wire.JobRow:
    kept = set(wire.JobRow.__struct_fields__) - {"schedule", "has_work", "last_run"}
    return wire.JobRow(
        **{name: getattr(row, name) for name in kept},
        schedule=schedule_of(row.schedule),
        has_work=row.code in WORKS,
        last_run=latest,
    )


def edit_job(asked: wire.EditJob, editing: Editing) -> Done:
    """Change a schedule; the monitor follows it from now on."""
    key = {"job_id": asked.key}
    row = row_of(editing.connection, _job, key)
    values = sent(asked.fields)
    schedule = values.pop("schedule", None)
    if schedule is not None:
        if schedule_of(row.schedule) is None:
            raise AppError(
                ErrorCode.WRONG_STATE, event="schedule", object=row.code, state="ordered"
            )
        check_schedule(schedule)
        values["schedule"] = text_of(schedule)
        values["next_at"] = None
    for name, (low, high) in NUMBERS.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=str(value)[:60])
    for name in ("catch_up", "time_limit_s", "is_active"):
        if name in values and values[name] is None:
            raise AppError(ErrorCode.FIELD_MISSING, field=name)
    if (values.get("window_from", row.window_from) is None) != (
        values.get("window_to", row.window_to) is None
    ):
        raise AppError(ErrorCode.FIELD_MISSING, field="window_to")
    editing.log.edit(_job, key, values, expected_version=asked.version)
    return Done(version=row_of(editing.connection, _job, key).version)


def present_job(asked: wire.EditJob, reading: Reading) -> wire.JobRow:
    """The job as it stands, for who changed an older version."""
    row = row_of(reading.connection, _job, {"job_id": asked.key})
    return _record(row, _latest(reading.connection).get(row.code))
