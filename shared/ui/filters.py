"""Filters of lists: declared here, drawn by `filter_bar.py`, sent to the server as conditions.

A filter has a value that can be remembered (JSON), and the conditions it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.names import Dictionary
from shared.wire.base import Condition


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter of a list; `name` is the field of the list it looks at."""

    name: str
    label: Text

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """What the server is asked for."""
        raise NotImplementedError

    def own(self, value: Any) -> dict[str, Any]:
        """Fields of the query itself, where the filter is one of them."""
        del value
        return {}


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of a few values."""

    choices: Mapping[Any, Text]

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """Equal to the choice."""
        del today
        return [Condition(field=self.name, value=value)]


@dataclass(frozen=True, kw_only=True)
class NameFilter(Filter):
    """A row of a dictionary."""

    dictionary: Dictionary
    is_own: bool = False
    """The query has a field of that name instead of a condition."""

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """Equal to the id."""
        del today
        return [] if self.is_own else [Condition(field=self.name, value=value)]

    def own(self, value: Any) -> dict[str, Any]:
        """The query's own field."""
        return {self.name: value} if self.is_own else {}


@dataclass(frozen=True, kw_only=True)
class TextFilter(Filter):
    """What a text begins with, contains, or is; `operator` says which."""

    operator: str = "contains"
    read: Callable[[str], Any] = str.strip
    """What was typed as the value; None is not asked for."""

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """By the operator."""
        del today
        found = self.read(str(value))
        if found in (None, ""):
            return []
        return [Condition(field=self.name, operator=self.operator, value=found)]


LIVE: Final = tr("Показать: действующие", "Show: live")
SHOW: Final = tr("Показать", "Show")


@dataclass(frozen=True, kw_only=True)
class DeletedFilter(Filter):
    """Live rows, or those that were marked as deleted."""

    name: str = "deleted"
    label: Text = SHOW

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """It is no condition but a field of every list."""
        del value, today
        return []

    def own(self, value: Any) -> dict[str, Any]:
        """The field."""
        return {"deleted": bool(value)}


PERIODS: Final[dict[str, Text]] = {
    "today": tr("сегодня", "today"),
    "yesterday": tr("вчера", "yesterday"),
    "week": tr("7 дней", "7 days"),
    "month": tr("этот месяц", "this month"),
    "last_month": tr("прошлый месяц", "last month"),
    "year": tr("этот год", "this year"),
    "own": tr("свой период", "own period"),
}


def days_of(period: str, today: date) -> tuple[date, date]:
    """First and last day of a period."""
    first_of_month = today.replace(day=1)
    last_of_before = first_of_month - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (today - timedelta(days=6), today),
        "month": (first_of_month, today),
        "last_month": (last_of_before.replace(day=1), last_of_before),
        "year": (today.replace(month=1, day=1), today),
    }[period]


@dataclass(frozen=True, kw_only=True)
class PeriodFilter(Filter):
    """Days from and to; of a moment they are the reader's days."""

    is_moment: bool = False

    def conditions(self, value: Any, today: date) -> list[Condition]:
        """Both ends, inclusive."""
        first: date | None
        last: date | None
        if isinstance(value, str):
            first, last = days_of(value, today)
        else:
            first, last = (date.fromisoformat(part) if part else None for part in value)
        found = []
        if first is not None:
            found.append(Condition(field=self.name, operator="ge", value=self._start(first)))
        if last is not None and self.is_moment:
            end = self._start(last + timedelta(days=1))
            found.append(Condition(field=self.name, operator="lt", value=end))
        elif last is not None:
            found.append(Condition(field=self.name, operator="le", value=last.isoformat()))
        return found

    def _start(self, day: date) -> str:
        if not self.is_moment:
            return day.isoformat()
        return formats.start_of(day).isoformat()
