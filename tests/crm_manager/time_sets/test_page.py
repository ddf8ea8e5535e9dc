"""Time sets: periods typed in words of days and hours, drawn as a week."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_manager.masks import MaskField
from crm_manager.time_sets.editor import PERIOD, DaysField, TimeField, days_text
from crm_manager.time_sets.week import spans
from shared.i18n.texts import tr
from shared.ui.fields import Fault
from shared.wire.programs import GetTimeSet, ListTimeSets, PeriodFields
from tests.helpers.windows import Window

DAYS = DaysField(name="days", label=tr("Числа", "Days"))
TIME = TimeField(name="time", label=tr("Время", "Time"))


@given(st.integers(min_value=0, max_value=(1 << 31) - 1))
def test_days_of_a_month_are_read_as_they_are_written(mask: int) -> None:
    assert DAYS.read(days_text(mask)) == mask


@given(st.integers(min_value=0, max_value=1439))
def test_a_minute_is_read_as_it_is_written(minute: int) -> None:
    assert TIME.read(TIME.write(minute)) == minute


@given(st.integers(min_value=0, max_value=(1 << 7) - 1))
def test_a_mask_is_read_as_it_is_written(mask: int) -> None:
    field = next(one for one in PERIOD if one.name == "weekdays")
    assert isinstance(field, MaskField)
    assert field.read(field.write(mask)) == mask


@pytest.mark.parametrize("typed", ["24:00", "7", "12:60", "полдень", "-1:00"])
def test_what_is_no_time_is_told(typed: str) -> None:
    with pytest.raises(Fault):
        TIME.read(typed)


@pytest.mark.parametrize("typed", ["0", "32", "5-3", "1;2", "понедельник", "1-"])
def test_what_are_no_days_is_told(typed: str) -> None:
    with pytest.raises(Fault):
        DAYS.read(typed)


def test_a_night_goes_on_the_next_day() -> None:
    sunday_night = PeriodFields(weekdays=1 << 6, time_from=22 * 60, time_to=120)
    assert spans((sunday_night,)) == [(6, 1320, 1440), (0, 0, 120)]
    assert spans((PeriodFields(weekdays=1, time_from=600, time_to=600),)) == [(0, 0, 1440)]
    assert spans((PeriodFields(weekdays=1, is_active=False),)) == []


def test_a_time_set_is_added_with_a_period(window: Window) -> None:
    page = window.list_page("time_sets")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Счастливые часы"})
    shown = dialog.editor.form._cells["periods"].shown
    shown.add()
    window.settle()
    opened = window.fill(weekdays=0b11111, time_from=17 * 60, time_to=19 * 60, days=0b111)
    window.picture("period", opened)
    opened.save()
    window.until(lambda: opened not in window.dialogs())
    window.picture("time_set_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    rows = window.office.ask(ListTimeSets()).rows
    key = next(row.time_id for row in rows if row.name == "Счастливые часы")
    (period,) = window.office.ask(GetTimeSet(key=key)).periods
    assert (period.weekdays, period.time_from, period.time_to) == (31, 1020, 1140)
    assert (period.months, period.days) == (0, 7)
