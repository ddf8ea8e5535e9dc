"""Fields of forms: declared once with label, help and limits; each knows its widget.

A field reads what was typed as the value of the wire record, or says what is wrong with it, beside
the field and at once. Kinds of values stand below; `field_widgets.py` has what they look like.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.names import Dictionary

NEEDED = tr("Заполните это поле", "This field is needed")
TOO_LONG = tr("Не больше {limit} знаков, сейчас {n}", "At most {limit} characters, now {n}")
NO_NUMBER = tr("Нужно целое число", "A whole number is needed")
NO_MONEY = tr("Нужна сумма, например 1 200,50", "A sum is needed, for example 1,200.50")
NO_RATE = tr("Нужен процент, например 2,5", "A percentage is needed, for example 2.5")
NO_DAY = tr("Нужна дата, например 31.12.2026", "A date is needed, for example 2026-12-31")
TOO_SMALL = tr("Не меньше {limit}", "At least {limit}")
TOO_LARGE = tr("Не больше {limit}", "At most {limit}")
LARGEST: Final = 10**15


class Fault(Exception):  # noqa: N818 - something a person mends, not a bug
    """What is wrong with what was typed."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form."""

    name: str
    label: Text
    help: Text | None = None
    """One sentence: the tool tip, and F1."""
    needed: bool = False
    default: Any = None
    wide: bool = False
    """Takes the whole width of the form."""
    check: Callable[[Any], Text | None] | None = None
    """A rule of its own for a value that is understood."""
    kind: str = "text"
    """Which widget shows it."""

    def parse(self, typed: Any) -> Any:
        """The value of what the widget holds; raises `Fault`."""
        value = self.read(typed)
        if value in (None, "") and self.needed:
            raise Fault(str(NEEDED))
        if value not in (None, "") and self.check is not None:
            fault = self.check(value)
            if fault is not None:
                raise Fault(str(fault))
        return value

    def read(self, typed: Any) -> Any:
        """What was typed as a value."""
        return typed

    def write(self, value: Any) -> Any:
        """A value as the widget holds it."""
        return value

    def shown(self, value: Any) -> str:
        """A value as a sentence shows it (conflicts, history)."""
        return "" if value is None else str(self.write(value))

    def own_widget(self, parent: Any, workplace: Any) -> Any:
        """The `FieldWidget` of a kind of field that only one subject has; None for all others."""
        del parent, workplace


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """A text; empty is None unless `keeps_empty`."""

    longest: int = 255
    keeps_empty: bool = False
    lines: int = 1
    kind: str = "text"

    def read(self, typed: Any) -> Any:
        """Trimmed, and not too long."""
        text = str(typed).strip()
        if len(text) > self.longest:
            raise Fault(TOO_LONG.of(limit=self.longest, n=len(text)))
        return text if text or self.keeps_empty else None

    def write(self, value: Any) -> Any:
        """As it is."""
        return "" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class SecretField(TextField):
    """A password; shown as dots."""

    kind: str = "secret"
    longest: int = 128

    def read(self, typed: Any) -> Any:
        """As typed, blanks included."""
        return str(typed) or None


@dataclass(frozen=True, kw_only=True)
class PhoneField(TextField):
    """A phone, grouped when it is shown."""

    longest: int = 40

    def write(self, value: Any) -> Any:
        """Grouped."""
        return "" if value is None else formats.phone(str(value))


@dataclass(frozen=True, kw_only=True)
class NumberField(Field):
    """A whole number."""

    low: int = 0
    high: int = LARGEST
    kind: str = "number"

    def read(self, typed: Any) -> Any:
        """The number, within its limits."""
        text = str(typed).strip()
        if not text:
            return None
        value = self.understand(text)
        if value < self.low:
            raise Fault(TOO_SMALL.of(limit=self.write(self.low)))
        if value > self.high:
            raise Fault(TOO_LARGE.of(limit=self.write(self.high)))
        return value

    def understand(self, text: str) -> int:
        """What was typed as an integer of the record."""
        value = formats.read_number(text)
        if value is None:
            raise Fault(str(NO_NUMBER))
        return value

    def write(self, value: Any) -> Any:
        """Plain digits: nothing to delete while editing."""
        return "" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class MoneyField(NumberField):
    """A sum in minor units."""

    def understand(self, text: str) -> int:
        """Both 1 200,50 and 1200.5 are 120050."""
        value = formats.read_money(text)
        if value is None:
            raise Fault(str(NO_MONEY))
        return value

    def write(self, value: Any) -> Any:
        """With the separators of the language."""
        return "" if value is None else formats.money(int(value))


@dataclass(frozen=True, kw_only=True)
class RateField(NumberField):
    """A percentage in basis points."""

    high: int = 100_00

    def understand(self, text: str) -> int:
        """2,5 is 250."""
        value = formats.read_money(text.replace("%", ""))
        if value is None:
            raise Fault(str(NO_RATE))
        return value

    def write(self, value: Any) -> Any:
        """With the sign."""
        return "" if value is None else formats.rate(int(value))


@dataclass(frozen=True, kw_only=True)
class DayField(Field):
    """A day; empty is None, which for a last day means "no end"."""

    is_last: bool = False
    kind: str = "day"

    def read(self, typed: Any) -> Any:
        """The day."""
        text = str(typed).strip()
        if not text or text == formats.last_day(None):
            return None
        value = formats.read_day(text)
        if value is None:
            raise Fault(str(NO_DAY))
        return value

    def write(self, value: Any) -> Any:
        """In the order of the language."""
        if self.is_last and (value is None or formats.last_day(value) == formats.last_day(None)):
            return ""
        return formats.day(value)

    def shown(self, value: Any) -> str:
        """With words for no end."""
        return formats.last_day(value) if self.is_last else formats.day(value)


@dataclass(frozen=True, kw_only=True)
class FlagField(Field):
    """Yes or no."""

    default: Any = False
    kind: str = "flag"

    def shown(self, value: Any) -> str:
        """In a word."""
        return str(tr("да", "yes") if value else tr("нет", "no"))


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """One of a few; a choice of None is offered where the field may be empty."""

    choices: Mapping[Any, Text]
    kind: str = "choice"

    def shown(self, value: Any) -> str:
        """The choice's name."""
        found = self.choices.get(value)
        return "" if value is None and found is None else str(found or value)


@dataclass(frozen=True)
class Choice:
    """Something that may be ticked."""

    key: Any
    text: Text
    help: Text | None = None


@dataclass(frozen=True)
class ChoiceGroup:
    """Choices under one heading."""

    title: Text
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class ChecksField(Field):
    """Any number of choices: a sorted tuple of their keys."""

    groups: tuple[ChoiceGroup, ...] = ()
    dictionary: Dictionary | None = None
    """The choices are the rows of a dictionary instead."""
    lines: int = 6
    default: Any = ()
    wide: bool = True
    kind: str = "checks"

    def read(self, typed: Any) -> Any:
        """The keys in their order."""
        return tuple(sorted(typed))

    def write(self, value: Any) -> Any:
        """The keys."""
        return tuple(sorted(value or ()))

    def shown(self, value: Any) -> str:
        """The names of what is ticked, as far as they are declared here."""
        names = {one.key: str(one.text) for group in self.groups for one in group.choices}
        return ", ".join(names.get(key, str(key)) for key in value or ())


@dataclass(frozen=True, kw_only=True)
class NameField(Field):
    """The id of a row of a dictionary."""

    dictionary: Dictionary
    kind: str = "name"
