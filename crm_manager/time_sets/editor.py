"""The form of a time set: its periods, drawn as a week."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from crm_manager.declaring import (
    ACTIVE,
    LAST_COLUMNS,
    NAME_COLUMN,
    ORDER,
    Subject,
    editor_of,
    name_field,
)
from crm_manager.masks import MaskField
from crm_manager.time_sets.week import WEEKDAYS, Week
from shared.i18n.texts import Text, tr
from shared.ui.column import Column, day_column, flag_column, text_column
from shared.ui.fields import (
    Choice,
    ChoiceGroup,
    DayField,
    Fault,
    Field,
    FlagField,
    TextField,
)
from shared.ui.form import Section
from shared.ui.rows_field import RowsField
from shared.wire.programs import (
    AddTimeSet,
    DeleteTimeSet,
    EditTimeSet,
    GetTimeSet,
    ListTimeSets,
    PeriodFields,
    TimeSetFields,
)

MONTHS: Final[tuple[Text, ...]] = (
    tr("январь", "January"),
    tr("февраль", "February"),
    tr("март", "March"),
    tr("апрель", "April"),
    tr("май", "May"),
    tr("июнь", "June"),
    tr("июль", "July"),
    tr("август", "August"),
    tr("сентябрь", "September"),
    tr("октябрь", "October"),
    tr("ноябрь", "November"),
    tr("декабрь", "December"),
)
EVERY: Final = tr("любой", "any")
BY_WEEK: Final = tr("Дни недели", "Weekdays")
BY_MONTH: Final = tr("Месяцы", "Months")
NO_TIME: Final = tr("Нужно время, например 18:30", "A time is needed, for example 18:30")
NO_DAYS: Final = tr("Нужны числа, например 1, 10-15", "Days are needed, for example 1, 10-15")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})")
_SPAN: Final = re.compile(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?")
LAST_DAY: Final = 31
LAST_HOUR, LAST_MINUTE = 23, 59


def time_text(minute: int | None) -> str:
    """A minute of the day as 18:30."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def mask_text(mask: int, names: tuple[Text, ...]) -> str:
    """The names of a mask's bits; 0 is any."""
    found = [str(name) for bit, name in enumerate(names) if mask >> bit & 1]
    return ", ".join(found) if found else str(EVERY)


def days_text(mask: int) -> str:
    """Days of the month, neighbours joined: 1, 10-15."""
    days = [bit + 1 for bit in range(LAST_DAY) if mask >> bit & 1]
    found: list[list[int]] = []
    for day in days:
        if found and found[-1][-1] == day - 1:
            found[-1].append(day)
        else:
            found.append([day])
    return ", ".join(str(s[0]) if len(s) == 1 else f"{s[0]}-{s[-1]}" for s in found)


@dataclass(frozen=True, kw_only=True)
class TimeField(Field):
    """A minute of the day, as 18:30."""

    def read(self, typed: Any) -> Any:
        """The minute."""
        text = str(typed).strip()
        if not text:
            return None
        found = _TIME.fullmatch(text)
        if found is None or int(found[1]) > LAST_HOUR or int(found[2]) > LAST_MINUTE:
            raise Fault(str(NO_TIME))
        return int(found[1]) * 60 + int(found[2])

    def write(self, value: Any) -> Any:
        """As 18:30."""
        return time_text(value)


@dataclass(frozen=True, kw_only=True)
class DaysField(Field):
    """Days of the month as a mask, typed as 1, 10-15; empty is any."""

    default: Any = 0

    def read(self, typed: Any) -> Any:
        """The mask."""
        mask = 0
        for part in filter(None, (one.strip() for one in str(typed).split(","))):
            found = _SPAN.fullmatch(part)
            first = 0 if found is None else int(found[1])
            last = first if found is None or found[2] is None else int(found[2])
            if not 1 <= first <= last <= LAST_DAY:
                raise Fault(str(NO_DAYS))
            mask |= sum(1 << day - 1 for day in range(first, last + 1))
        return mask

    def write(self, value: Any) -> Any:
        """As 1, 10-15."""
        return days_text(value or 0)


def _choices(title: Text, names: tuple[Text, ...]) -> tuple[ChoiceGroup, ...]:
    return (ChoiceGroup(title, tuple(Choice(bit, name) for bit, name in enumerate(names))),)


def _hours(period: Any) -> str:
    if period.time_from is None and period.time_to is None:
        return ""
    return f"{time_text(period.time_from or 0)}-{time_text(period.time_to) or '24:00'}"


def _column(name: str, title: Text, width: int, value: Any) -> Column:
    return Column(name, title, width=width, value=value)


PERIODS: Final = (
    text_column("name", tr("Период", "Period"), width=120),
    _column("weekdays", BY_WEEK, 150, lambda one: mask_text(one.weekdays, WEEKDAYS)),
    _column("time_from", tr("Часы", "Hours"), 110, _hours),
    day_column("date_start", tr("С", "From")),
    day_column("date_end", tr("По", "Until")),
    _column("months", BY_MONTH, 150, lambda one: mask_text(one.months, MONTHS)),
    _column("days", tr("Числа", "Days"), 110, lambda one: days_text(one.days)),
    flag_column("is_active", tr("Действует", "Active"), width=100),
)
PERIOD: Final[tuple[Field, ...]] = (
    TextField(name="name", label=tr("Название", "Name"), longest=100),
    FlagField(name="is_active", label=tr("Действует", "Active"), default=True),
    TimeField(
        name="time_from",
        label=tr("Со времени", "From the time"),
        help=tr("Пусто: с начала суток", "Empty: from the start of the day"),
    ),
    TimeField(
        name="time_to",
        label=tr("До времени", "Until the time"),
        help=tr(
            "Раньше начала: через полночь; равно началу: круглые сутки",
            "Earlier than the start: past midnight; equal to it: the whole day",
        ),
    ),
    DayField(name="date_start", label=tr("С дня", "From the day")),
    DayField(name="date_end", label=tr("По день", "Until the day"), is_last=True),
    MaskField(name="weekdays", label=BY_WEEK, groups=_choices(BY_WEEK, WEEKDAYS), lines=8),
    MaskField(name="months", label=BY_MONTH, groups=_choices(BY_MONTH, MONTHS), lines=7),
    DaysField(
        name="days",
        label=tr("Числа месяца", "Days of the month"),
        help=tr("Через запятую: 1, 10-15; пусто: любые", "By commas: 1, 10-15; empty: any"),
    ),
)
SUBJECT: Final = Subject(
    code="time_set",
    title=tr("Расписания", "Time sets"),
    one=tr("Расписание", "Time set"),
    new=tr("Новое расписание", "New time set"),
    table="time_set",
    key="time_id",
    right="program.edit",
    query=ListTimeSets(),
    get=lambda key: GetTimeSet(key=key),
    fields=TimeSetFields,
    add=AddTimeSet,
    edit=EditTimeSet,
    delete=DeleteTimeSet,
    columns=(NAME_COLUMN, *LAST_COLUMNS),
    sections=(
        Section(None, (name_field(), ORDER, ACTIVE)),
        Section(
            tr("Когда действует", "When it holds"),
            (
                RowsField(
                    name="periods",
                    label=tr("Периоды: хватает любого", "Periods: any of them is enough"),
                    columns=PERIODS,
                    sections=(Section(None, PERIOD),),
                    record=PeriodFields,
                    one=tr("Период", "Period"),
                    draw=Week,
                    lines=4,
                ),
            ),
        ),
    ),
    parts=("periods",),
    empty=tr("Расписаний пока нет", "No time sets yet"),
    empty_why=tr(
        "Расписание говорит, когда действует ставка или право.",
        "A time set says when a rate or a right holds.",
    ),
)
SPEC: Final = editor_of(SUBJECT)
