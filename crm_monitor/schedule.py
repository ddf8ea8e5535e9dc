"""When a standing job is due, pure: rules of the clock, keys of runs, what was missed (3.12)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from shared.wire.jobs import JobRow, Schedule

ONCE, EACH, SKIP = 1, 2, 3
"""`JobRow.catch_up`."""
DAY_MINUTES: Final = 1440
LONGEST_BACK: Final = 32
"""Days in which a schedule of a month comes at the least once."""
RUNS: Final = uuid.UUID("6f1d4f0c-6a39-4b59-9f0e-3f2a5c1b7e11")
"""Name space of the operation ids of ordered runs."""


class House(msgspec.Struct, frozen=True):
    """The clock of the house."""

    zone: ZoneInfo
    day_start: int
    """Minute of the day at which a business day begins."""


def minute_of(schedule: Schedule, house: House) -> int | None:
    """Minute of the day of a daily schedule; None for one that comes every few minutes."""
    if schedule.at is not None:
        hours, _, minutes = schedule.at.partition(":")
        return int(hours) * 60 + int(minutes)
    if schedule.day_start_plus is not None:
        return (house.day_start + schedule.day_start_plus) % DAY_MINUTES
    return None


def trigger_of(schedule: Schedule, house: House) -> BaseTrigger | None:
    """The rule by which APScheduler knows the moments; None for a schedule without any."""
    if schedule.every_minutes is not None:
        return IntervalTrigger(minutes=schedule.every_minutes, timezone=house.zone)
    minute = minute_of(schedule, house)
    if minute is None:
        return None
    days: dict[str, Any] = {}
    if schedule.weekday is not None:
        days["day_of_week"] = schedule.weekday - 1
    if schedule.month_day is not None:
        days["day"] = schedule.month_day
    return CronTrigger(hour=minute // 60, minute=minute % 60, timezone=house.zone, **days)


def is_open(job: JobRow, moment: datetime, house: House) -> bool:
    """The job may run at this time of the day; a window may go over midnight."""
    if job.window_from is None or job.window_to is None:
        return True
    local = moment.astimezone(house.zone)
    minute = local.hour * 60 + local.minute
    if job.window_from <= job.window_to:
        return job.window_from <= minute <= job.window_to
    return minute >= job.window_from or minute <= job.window_to


def run_id(code: str, due: datetime) -> str:
    """The operation id of a run: the same for whoever orders what was due at that minute."""
    return str(uuid.uuid5(RUNS, f"{code} {due.astimezone(UTC):%Y-%m-%d %H:%M}"))


def last_due(schedule: Schedule, now: datetime, house: House) -> datetime | None:
    """The latest moment at or before `now` at which a daily schedule was due."""
    minute = minute_of(schedule, house)
    if minute is None:
        return None
    day = now.astimezone(house.zone).date()
    for back in range(LONGEST_BACK):
        due = _moment(day - timedelta(days=back), minute, house.zone)
        if due <= now and _fits(schedule, due.date()):
            return due
    return None


def missed(job: JobRow, now: datetime, house: House) -> datetime | None:
    """The moment of a daily run that nobody ordered and that is to be made up for now.

    A job that never ran waits for its first time: a new house has missed nothing.
    """
    if job.schedule is None or job.catch_up == SKIP or not job.is_active or not job.has_work:
        return None
    due = last_due(job.schedule, now, house)
    ordered = job.last_run.ordered_at if job.last_run is not None else None
    return due if due is not None and ordered is not None and ordered < due else None


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)


def _fits(schedule: Schedule, day: date) -> bool:
    if schedule.weekday is not None and day.isoweekday() != schedule.weekday:
        return False
    return schedule.month_day is None or day.day == schedule.month_day
