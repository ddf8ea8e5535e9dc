"""Jobs: long work on the server, with progress, cancel and history (domain 1.11, 2.8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Query, Record
from shared.wire.editing import EditRow

PLANNED: Final = 1
RUNNING: Final = 2
DONE: Final = 3
DONE_WITH_ERRORS: Final = 4
FAILED: Final = 5
CANCELLED: Final = 6
INTERRUPTED: Final = 7
SKIPPED: Final = 8
STARTERS: Final = {
    "backup": "backup.run",
    "chain.sign": "verify.run",
    "verify.full": "verify.run",
    "verify.quick": "verify.run",
}
"""Jobs that a right of their own starts besides `job.run`, which starts every job."""
ENDED: Final = frozenset({DONE, DONE_WITH_ERRORS, FAILED, CANCELLED, SKIPPED})
"""States a run does not leave by itself."""


class Run(Record, frozen=True, kw_only=True):
    """One run of a job. `total` is None while it is not known; the rate is processed by time."""

    run_id: int
    code: str
    name: str
    state: int
    business_date: date | None
    ordered_by: int | None
    ordered_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    total: int | None
    processed: int
    failed: int
    cancel_asked: bool
    message: str | None
    """The last refusal as `CODE facts`, or what an internal error is found by."""
    outcome: str | None
    """JSON of what the run came to; its fields depend on the job."""


class RunError(Record, frozen=True, kw_only=True):
    """A subject that a run could not work off."""

    subject: str
    code: str
    text: str | None


class Ordered(Record, frozen=True, kw_only=True):
    """A job was ordered; its run can be followed."""

    run_id: int


class GetRun(Query[Run], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run: one's own, or any with the right `job.run`."""

    right: ClassVar[str] = SIGNED_IN
    run_id: int


class RunList(Record, frozen=True, kw_only=True):
    """A few runs, newest first."""

    runs: list[Run]


class MyRuns(Query[RunList], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The user's runs that have not ended, and those that ended within the last day."""

    right: ClassVar[str] = SIGNED_IN


class ListRuns(ListQuery[Run], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The history of all jobs."""

    right: ClassVar[str] = "job.run"


class ListRunErrors(ListQuery[RunError], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run could not work off."""

    right: ClassVar[str] = SIGNED_IN
    run_id: int


class CancelRun(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask a run to stop after the piece it works on; what is done stays done."""

    right: ClassVar[str] = SIGNED_IN
    run_id: int


class ResumeRun(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a run that was cancelled or failed go on where it stood.

    One's own run or any with the right `job.run`, and with the right that ordering it needs.
    """

    right: ClassVar[str] = SIGNED_IN
    run_id: int


class StartJob(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Run a standing job now; with the right `job.run`, or the one of the job's own."""

    right: ClassVar[str] = SIGNED_IN
    code: str


# ---------------------------------------------------------------------- standing jobs


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a job runs: every N minutes, at a time of the day, or N minutes after the day's start.

    With `weekday` (1 Monday .. 7) or `month_day` only on such days.
    """

    every_minutes: int | None = None
    at: str | None = None
    """`hh:mm` in the house's time zone."""
    day_start_plus: int | None = None
    weekday: int | None = None
    month_day: int | None = None


class JobRow(Record, frozen=True, kw_only=True):
    """A job. `catch_up`: 1 once, 2 each missed day, 3 skip."""

    job_id: int
    code: str
    name: str
    schedule: Schedule | None
    """None: only people order it."""
    window_from: int | None
    """Minutes of the day between which it may run."""
    window_to: int | None
    catch_up: int
    time_limit_s: int
    is_active: bool
    """Its schedule counts; it can be started by hand in any case."""
    has_work: bool
    """This server can work it off."""
    last_success_date: date | None
    next_at: datetime | None
    last_run: Run | None
    version: int


class JobList(Record, frozen=True, kw_only=True):
    """All jobs, by their codes."""

    jobs: list[JobRow]


class ListJobs(Query[JobList], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The standing jobs with their schedules and latest runs."""

    right: ClassVar[str] = "job.run"


class JobFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a job can be edited; a field that is not sent stays as it is."""

    schedule: Schedule | msgspec.UnsetType = msgspec.UNSET
    window_from: int | msgspec.UnsetType | None = msgspec.UNSET
    window_to: int | msgspec.UnsetType | None = msgspec.UNSET
    catch_up: int | msgspec.UnsetType = msgspec.UNSET
    time_limit_s: int | msgspec.UnsetType = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET


class EditJob(EditRow[JobFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change when a standing job runs; one that only people order has no schedule."""

    right: ClassVar[str] = "job.run"
