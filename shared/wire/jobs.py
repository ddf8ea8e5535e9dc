"""Jobs: long work on the server, with progress, cancel and history (domain 1.11, 2.8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Query, Record

PLANNED: Final = 1
RUNNING: Final = 2
DONE: Final = 3
DONE_WITH_ERRORS: Final = 4
FAILED: Final = 5
CANCELLED: Final = 6
INTERRUPTED: Final = 7
SKIPPED: Final = 8
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


class StartJob(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Run a standing job now."""

    right: ClassVar[str] = "job.run"
    code: str
