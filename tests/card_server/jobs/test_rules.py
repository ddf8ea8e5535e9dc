"""What a schedule may say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.jobs.rules import check_schedule, schedule_of, text_of
from shared.wire.errors import AppError
from shared.wire.jobs import Schedule


@pytest.mark.parametrize(
    "fields",
    [
        {"every_minutes": 1},
        {"every_minutes": 10_080},
        {"at": "00:00"},
        {"at": "23:59", "weekday": 7},
        {"day_start_plus": 0},
        {"day_start_plus": 90, "weekday": 1},
        {"day_start_plus": 210, "month_day": 31},
    ],
)
def test_a_time_and_a_day_are_a_schedule(fields: Any) -> None:
    schedule = Schedule(**fields)
    check_schedule(schedule)
    assert schedule_of(text_of(schedule)) == schedule


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "schedule"),
        ({"weekday": 1}, "schedule"),
        ({"at": "10:00", "day_start_plus": 5}, "schedule"),
        ({"every_minutes": 5, "weekday": 1}, "schedule"),
        ({"at": "10:00", "weekday": 1, "month_day": 1}, "schedule"),
        ({"every_minutes": 0}, "every_minutes"),
        ({"every_minutes": 10_081}, "every_minutes"),
        ({"day_start_plus": -1}, "day_start_plus"),
        ({"day_start_plus": 1_440}, "day_start_plus"),
        ({"at": "10:00", "weekday": 8}, "weekday"),
        ({"at": "10:00", "month_day": 0}, "month_day"),
    ],
)
def test_what_names_no_time_or_two_is_refused(fields: Any, field: str) -> None:
    with pytest.raises(AppError) as caught:
        check_schedule(Schedule(**fields))
    assert (caught.value.code, caught.value.facts["field"]) == ("FIELD_BAD", field)


@pytest.mark.parametrize(
    "text", ["24:00", "10:60", "1:00", "10:0", "10-00", "", "١٠:٠٠", "10:00:00"]
)
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(AppError) as caught:
        check_schedule(Schedule(at=text))
    assert caught.value.facts["field"] == "at"


@given(st.text(max_size=6).filter(lambda text: len(text) != 5))
def test_no_other_text_is_a_time(text: str) -> None:
    with pytest.raises(AppError, match="FIELD_BAD"):
        check_schedule(Schedule(at=text))


@given(st.times())
def test_every_minute_of_the_day_is_a_time(time: dt.time) -> None:
    check_schedule(Schedule(at=f"{time:%H:%M}"))


def test_a_job_that_only_people_order_has_no_schedule() -> None:
    assert schedule_of('{"ordered": true}') is None
