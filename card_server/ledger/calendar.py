"""Business dates, their ends, and the terms that are counted from them (domain 0.3, 3.6)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIXED_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})")
MINUTES_OF_DAY: Final = 1440
MONTHS: Final = 12


class Zone:
    """Where a business day begins: a time zone and the minute at which a new day starts."""

    __slots__ = ("day_start", "zone")

    def __init__(self, zone: tzinfo, day_start: int) -> None:
        self.zone = zone
        self.day_start = day_start

    def local(self, moment: datetime) -> datetime:
        """The moment on the wall clock."""
        return moment.astimezone(self.zone)

    def offset_minutes(self, moment: datetime) -> int:
        """Minutes east of UTC at that moment."""
        return _offset_minutes(self.zone, moment)

    def business_date(self, moment: datetime) -> date:
        """Before the start of the day it is still yesterday."""
        return _business_date(self.zone, self.day_start, moment)

    def moment_of(self, day: date, minute: int) -> datetime:
        """A wall-clock minute as a UTC moment.

        A minute that does not exist moves past the gap, one that comes twice means the first.
        """
        return _moment_of(self.zone, day, minute)

    def day_begin(self, day: date) -> datetime:
        """The instant at which a business day starts."""
        return _moment_of(self.zone, day, self.day_start)

    def day_end(self, day: date) -> datetime:
        """The instant at which the next business day starts."""
        return _moment_of(self.zone, day + timedelta(days=1), self.day_start)


@lru_cache(maxsize=1024)
def _business_date(zone: tzinfo, day_start: int, moment: datetime) -> date:
    """A posting asks for the days of its own moment and of its group's several times."""
    local = moment.astimezone(zone)
    day = local.date()
    if local.hour * 60 + local.minute < day_start:
        return day - timedelta(days=1)
    return day


@lru_cache(maxsize=1024)
def _offset_minutes(zone: tzinfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


@lru_cache(maxsize=4096)
def _moment_of(zone: tzinfo, day: date, minute: int) -> datetime:
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    return wall.astimezone(UTC)


@lru_cache(maxsize=256)
def zone_of(name: str, day_start: int) -> Zone:
    """A zone by its IANA name or a fixed offset `+03:00`; an unknown name counts as UTC."""
    fixed = FIXED_OFFSET.fullmatch(name.strip())
    if fixed:
        sign = -1 if fixed[1] == "-" else 1
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3])) * sign
        return Zone(timezone(offset), day_start)
    try:
        return Zone(ZoneInfo(name.strip()), day_start)
    except (ZoneInfoNotFoundError, ValueError):
        return Zone(UTC, day_start)


def minute_of_day(text: str, default: int = 240) -> int:
    """`04:00` as a minute of the day."""
    hours, _, minutes = text.strip().partition(":")
    if hours.isdigit() and minutes.isdigit():
        return (int(hours) * 60 + int(minutes)) % MINUTES_OF_DAY
    return default


def add_months(day: date, months: int) -> date:
    """The same day number so many months on, or the last day of a shorter month."""
    index = day.year * MONTHS + day.month - 1 + months
    year, month = index // MONTHS, index % MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_end(day: date, months: int) -> date:
    """The last day of the month that many months ahead."""
    ahead = add_months(day.replace(day=1), months)
    return ahead.replace(day=monthrange(ahead.year, ahead.month)[1])


def next_day_of_year(day: date, month_day: int) -> date:
    """The next date with month*100+day, not before `day`; 29 Feb is 28 Feb in other years."""
    month, number = divmod(month_day, 100)
    for year in (day.year, day.year + 1):
        found = date(year, month, min(number, monthrange(year, month)[1]))
        if found >= day:
            return found
    return found
