"""What a list shows: columns are declared, one line each, for the screen, TSV and export alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.names import Dictionary, Names
from shared.ui.theme import Tone

YES, NO = tr("да", "yes"), tr("нет", "no")
Toned = tuple[Text, Tone | None]


@dataclass(frozen=True)
class Column:
    """One column over immutable records."""

    name: str
    """The record's field; also the name the server sorts by."""
    title: Text
    show: Callable[[Any], str] = str
    """The value as text; it never sees None."""
    width: int = 120
    is_right: bool = False
    """Figures stand at the right."""
    is_sortable: bool = False
    """The server can order the list by it."""
    is_shown: bool = True
    """Shown until the person chooses otherwise."""
    value: Callable[[Any], Any] | None = None
    """Where the value comes from, if it is not the field of that name."""
    tones: Mapping[Any, Tone | None] | None = None
    """Drawn as a coloured word by value."""
    dictionary: Dictionary | None = None
    """The value is an id with a name."""

    def raw(self, record: Any) -> Any:
        """The value as it stands in the record."""
        return getattr(record, self.name) if self.value is None else self.value(record)

    def text(self, record: Any, names: Names | None = None) -> str:
        """The value as it is shown and copied."""
        raw = self.raw(record)
        if raw is None:
            return ""
        if self.dictionary is not None and names is not None:
            return names.of(self.dictionary, raw)
        return self.show(raw)

    def tone(self, record: Any) -> Tone | None:
        """The colour of the value, if it is a coloured word."""
        return None if self.tones is None else self.tones.get(self.raw(record))

    def cell(self, record: Any, names: Names | None = None) -> str | float | datetime:
        """The value for a sheet of figures: numbers and days stay such."""
        raw = self.raw(record)
        if self.show is formats.money and isinstance(raw, int):
            return raw / 100
        if isinstance(raw, datetime):
            return formats.local(raw).replace(tzinfo=None)
        if self.show is formats.number and isinstance(raw, int):
            return raw
        if isinstance(raw, date) and self.show is formats.day:
            return datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001 - a day of a sheet
        return self.text(record, names)


def text_column(name: str, title: Text, *, width: int = 200, **more: Any) -> Column:
    """A text."""
    return Column(name, title, width=width, **more)


def number_column(name: str, title: Text, *, width: int = 100, **more: Any) -> Column:
    """A whole number."""
    return Column(name, title, show=formats.number, width=width, is_right=True, **more)


def code_column(name: str, title: Text, *, width: int = 150, **more: Any) -> Column:
    """A number that is a name: of a card, an operation."""
    return Column(name, title, show=str, width=width, **more)


def money_column(name: str, title: Text, *, width: int = 120, **more: Any) -> Column:
    """Minor units."""
    return Column(name, title, show=formats.money, width=width, is_right=True, **more)


def rate_column(name: str, title: Text, *, width: int = 90, **more: Any) -> Column:
    """Basis points."""
    return Column(name, title, show=formats.rate, width=width, is_right=True, **more)


def day_column(name: str, title: Text, *, width: int = 110, **more: Any) -> Column:
    """A day."""
    return Column(name, title, show=formats.day, width=width, **more)


def last_day_column(name: str, title: Text, *, width: int = 110, **more: Any) -> Column:
    """A last day; none is "no end"."""

    def value(record: Any) -> Any:
        return getattr(record, name) or date.max

    more.setdefault("value", value)
    return Column(name, title, show=formats.last_day, width=width, **more)


def moment_column(name: str, title: Text, *, width: int = 140, **more: Any) -> Column:
    """A moment, on the reader's clock."""
    return Column(name, title, show=formats.moment, width=width, **more)


def flag_column(name: str, title: Text, *, width: int = 90, **more: Any) -> Column:
    """Yes or no."""
    return Column(name, title, show=lambda on: str(YES if on else NO), width=width, **more)


def choice_column(
    name: str, title: Text, choices: Mapping[Any, Toned], *, width: int = 130, **more: Any
) -> Column:
    """A value of a few, with the colour of each."""

    def show(value: Any) -> str:
        found = choices.get(value)
        return str(value) if found is None else str(found[0])

    tones = {value: tone for value, (_, tone) in choices.items()}
    return Column(name, title, show=show, width=width, tones=tones, **more)


def name_column(
    name: str, title: Text, dictionary: Dictionary, *, width: int = 150, **more: Any
) -> Column:
    """An id, shown as its name."""
    return Column(name, title, dictionary=dictionary, width=width, **more)
