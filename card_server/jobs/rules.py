"""When a standing job runs: what a schedule may say, pure (domain 1.11, 3.12)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from shared.wire.errors import AppError, ErrorCode
from shared.wire.jobs import Schedule

DAY_MINUTES: Final = 1_440
MOST_MINUTES: Final = 7 * DAY_MINUTES
WEEKDAYS: Final = (1, 7)
MONTH_DAYS: Final = (1, 31)
"""A month without such a day runs on its last one."""


def schedule_of(text: str) -> Schedule | None:
    """A stored schedule; None for a job that only people order."""
    found: dict[str, Any] = msgspec.json.decode(text)
    if found.get("ordered"):
        return None
    return msgspec.convert(found, Schedule)


def text_of(schedule: Schedule) -> str:
    """As it is stored: only what is said."""
    given = {
        name: value
        for name in schedule.__struct_fields__
        if (value := getattr(schedule, name)) is not None
    }
    return msgspec.json.encode(given).decode()


def check_schedule(schedule: Schedule) -> None:
    """Refuse a schedule that names no time, or two, or one that does not exist."""
    ways = (schedule.every_minutes, schedule.at, schedule.day_start_plus)
    if sum(way is not None for way in ways) != 1:
        raise AppError(ErrorCode.FIELD_BAD, field="schedule", value=text_of(schedule))
    if schedule.every_minutes is not None:
        _check("every_minutes", schedule.every_minutes, 1, MOST_MINUTES)
        if schedule.weekday is not None or schedule.month_day is not None:
            raise AppError(ErrorCode.FIELD_BAD, field="schedule", value=text_of(schedule))
    if schedule.at is not None:
        _check_time(schedule.at)
    if schedule.day_start_plus is not None:
        _check("day_start_plus", schedule.day_start_plus, 0, DAY_MINUTES - 1)
    if schedule.weekday is not None:
        _check("weekday", schedule.weekday, *WEEKDAYS)
    if schedule.month_day is not None:
        _check("month_day", schedule.month_day, *MONTH_DAYS)
    if schedule.weekday is not None and schedule.month_day is not None:
        raise AppError(ErrorCode.FIELD_BAD, field="schedule", value=text_of(schedule))


def _check(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])


def _check_time(text: str) -> None:
    hour, colon, minute = text.partition(":")
    is_time = (
        colon == ":"
        and (len(hour), len(minute)) == (2, 2)
        and (hour + minute).isascii()
        and (hour + minute).isdigit()
        and int(hour) < 24  # noqa: PLR2004 - hours of a day
        and int(minute) < 60  # noqa: PLR2004 - minutes of an hour
    )
    if not is_time:
        raise AppError(ErrorCode.FIELD_BAD, field="at", value=text[:60])
