"""When jobs are due: days, weeks, months, windows, what was missed; the clock that changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_monitor.schedule import (
    EACH,
    ONCE,
    SKIP,
    House,
    is_open,
    last_due,
    missed,
    run_id,
    trigger_of,
)
from shared.wire.jobs import JobRow, Run, Schedule

MOSCOW = House(ZoneInfo("Europe/Moscow"), 240)
BERLIN = House(ZoneInfo("Europe/Berlin"), 240)
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
"""A Wednesday, 12:00 in Moscow."""


def ordered(at: datetime) -> Run:
    return Run(
        run_id=1,
        code="lots.expire",
        name="",
        state=3,
        business_date=None,
        ordered_by=1,
        ordered_at=at,
        started_at=None,
        ended_at=None,
        total=None,
        processed=0,
        failed=0,
        cancel_asked=False,
        message=None,
        outcome=None,
    )


def job(schedule: Schedule | None, **more: Any) -> JobRow:
    given = {
        "job_id": 1,
        "code": "lots.expire",
        "name": "lots.expire",
        "window_from": None,
        "window_to": None,
        "catch_up": ONCE,
        "time_limit_s": 600,
        "is_active": True,
        "has_work": True,
        "last_success_date": None,
        "next_at": None,
        "last_run": ordered(datetime(2026, 3, 1, 1, 10, tzinfo=UTC)),
        "version": 1,
    }
    return JobRow(schedule=schedule, **{**given, **more})


def fires(schedule: Schedule, house: House, after: datetime, count: int) -> list[datetime]:
    trigger = trigger_of(schedule, house)
    assert trigger is not None
    found: list[datetime] = []
    last = None
    for _ in range(count):
        last = trigger.get_next_fire_time(last, after)
        assert last is not None
        found.append(last.astimezone(UTC))
        after = last
    return found


def test_a_day_is_counted_from_the_start_of_the_business_day() -> None:
    first, second = fires(Schedule(day_start_plus=10), MOSCOW, NOW, 2)
    assert first == datetime(2026, 3, 5, 1, 10, tzinfo=UTC)
    assert second == datetime(2026, 3, 6, 1, 10, tzinfo=UTC)


def test_a_week_has_its_sunday_and_a_month_its_first() -> None:
    (sunday,) = fires(Schedule(day_start_plus=150, weekday=7), MOSCOW, NOW, 1)
    assert sunday == datetime(2026, 3, 8, 3, 30, tzinfo=UTC)
    (first,) = fires(Schedule(at="03:00", month_day=1), MOSCOW, NOW, 1)
    assert first == datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


def test_every_few_minutes_is_a_rhythm() -> None:
    first, second = fires(Schedule(every_minutes=10), MOSCOW, NOW, 2)
    assert second - first == timedelta(minutes=10)


def test_a_schedule_without_a_time_has_no_rule() -> None:
    assert trigger_of(Schedule(), MOSCOW) is None


def test_the_changed_clock_of_spring_costs_no_day() -> None:
    start = datetime(2026, 3, 27, 12, tzinfo=UTC)
    moments = fires(Schedule(at="04:00"), BERLIN, start, 4)
    days = [at.astimezone(BERLIN.zone).date() for at in moments]
    assert days == [date(2026, 3, 28) + timedelta(days=n) for n in range(4)]


@pytest.mark.parametrize(
    ("window", "hour", "fits"),
    [
        ((600, 780), 12, True),
        ((600, 700), 12, False),
        ((1320, 360), 23, True),
        ((1320, 360), 12, False),
    ],
)
def test_a_window_may_go_over_midnight(window: tuple[int, int], hour: int, *, fits: bool) -> None:
    moment = datetime(2026, 3, 4, hour, tzinfo=MOSCOW.zone)
    one = job(Schedule(every_minutes=1), window_from=window[0], window_to=window[1])
    assert is_open(one, moment, MOSCOW) is fits


def test_whoever_orders_what_was_due_at_a_minute_orders_it_once() -> None:
    due = datetime(2026, 3, 4, 1, 10, 5, tzinfo=UTC)
    same = datetime(2026, 3, 4, 4, 10, 59, tzinfo=MOSCOW.zone)
    assert run_id("lots.expire", due) == run_id("lots.expire", same)
    assert run_id("lots.expire", due) != run_id("lots.expire", due + timedelta(minutes=1))
    assert run_id("lots.expire", due) != run_id("holds.expire", due)


@pytest.mark.parametrize("catch_up", [ONCE, EACH])
def test_a_missed_day_is_made_up_for(catch_up: int) -> None:
    one = job(Schedule(day_start_plus=10), catch_up=catch_up)
    assert missed(one, NOW, MOSCOW) == datetime(2026, 3, 4, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [
        {"catch_up": SKIP},
        {"is_active": False},
        {"has_work": False},
        {"last_run": None},
    ],
)
def test_what_need_not_be_made_up_for_is_not(more: dict[str, Any]) -> None:
    assert missed(job(Schedule(day_start_plus=10), **more), NOW, MOSCOW) is None


def test_a_run_that_was_ordered_since_is_not_ordered_again() -> None:
    one = job(
        Schedule(day_start_plus=10), last_run=ordered(datetime(2026, 3, 4, 1, 11, tzinfo=UTC))
    )
    assert missed(one, NOW, MOSCOW) is None


@given(
    st.integers(0, 1439),
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 1, 1)),  # noqa: DTZ001 - bounds
    st.none() | st.integers(1, 7),
)
def test_what_was_due_last_is_past_and_on_its_day(
    plus: int, at: datetime, weekday: int | None
) -> None:
    now = at.replace(tzinfo=UTC)
    due = last_due(Schedule(day_start_plus=plus, weekday=weekday), now, BERLIN)
    assert due is not None
    assert due <= now
    assert now - due < timedelta(days=8, hours=2)
    assert weekday is None or due.isoweekday() == weekday
