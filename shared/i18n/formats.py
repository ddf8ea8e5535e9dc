"""Numbers, money, dates and phones as the reader writes them, and read back from what he typed.

Quick enough for painting a list: no locale data is loaded. Money is an integer of minor units
(domain 0.4); both "1 200,50" and "1200.5" are understood.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from shared.i18n.texts import language

BLANK: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
ENDLESS_FROM: Final = 2040
"""A last day of this year or later means "no end" (domain 0.3)."""
FIRST_DAY: Final = date(1900, 1, 1)
MONEY: Final = re.compile(r"([+-]?)(\d+)(?:[.,](\d{1,2}))?")
GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")
SHORT_YEAR: Final = 100
RUSSIAN_PHONE: Final = 11
_zone: list[tzinfo | None] = [None]


def choose_zone(zone: tzinfo | None) -> None:
    """Show moments in this time zone; None is the computer's own."""
    _zone[0] = zone


def number(value: int) -> str:
    """A whole number with separators."""
    text = f"{abs(value):,}"
    if language() == "ru":
        text = text.replace(",", BLANK)
    return MINUS + text if value < 0 else text


def money(minor: int) -> str:
    """Minor units as "1 200,50" or "1,200.50"."""
    whole, part = divmod(abs(minor), 100)
    mark = "," if language() == "ru" else "."
    text = f"{number(whole)}{mark}{part:02}"
    return MINUS + text if minor < 0 else text


def rate(basis_points: int) -> str:
    """Basis points as a percentage: 250 is "2,5 %"."""
    whole, part = divmod(abs(basis_points), 100)
    text = f"{whole}.{part:02}".rstrip("0").rstrip(".")
    sign = MINUS if basis_points < 0 else ""
    if language() == "ru":
        return f"{sign}{text.replace('.', ',')}{BLANK}%"
    return f"{sign}{text}%"


def read_money(text: str) -> int | None:
    """What was typed as minor units; None if it is no sum of money."""
    plain = re.sub(r"\s", "", text.replace(MINUS, "-"))
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    found = MONEY.fullmatch(plain)
    if found is None:
        return None
    sign, whole, part = found.groups()
    minor = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -minor if sign == "-" else minor


def read_number(text: str) -> int | None:
    """What was typed as a whole number."""
    plain = re.sub(r"[\s]", "", text.replace(MINUS, "-"))
    return int(plain) if re.fullmatch(r"[+-]?\d{1,18}", plain) else None


def day(value: date | None) -> str:
    """A day; nothing for none and for what older programs write instead of none."""
    if value is None or value < FIRST_DAY:
        return ""
    if language() == "ru":
        return f"{value.day:02}.{value.month:02}.{value.year}"
    return value.isoformat()


def last_day(value: date | None) -> str:
    """The last day of something; "no end" where there is none."""
    if value is None or value.year >= ENDLESS_FROM:
        return "бессрочно" if language() == "ru" else "no end"
    return day(value)


def local(value: datetime) -> datetime:
    """A moment on the wall clock of the reader."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(_zone[0])


def moment(value: datetime | None) -> str:
    """A moment to the minute."""
    if value is None:
        return ""
    here = local(value)
    return f"{day(here.date())} {here.hour:02}:{here.minute:02}"


def read_day(text: str) -> date | None:
    """What was typed as a day: 1.2.2026, 01.02.26, 2026-02-01."""
    parts = [part for part in re.split(r"[.\-/\s]+", text.strip()) if part]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):  # noqa: PLR2004 - day, month, year
        return None
    numbers = [int(part[:4]) for part in parts]
    year, month, at = numbers if len(parts[0]) == 4 else reversed(numbers)  # noqa: PLR2004 - digits of a year
    if year < SHORT_YEAR:
        year += 2000 if year < ENDLESS_FROM - 2000 else 1900
    try:
        return date(year, month, at)
    except ValueError:
        return None


def phone(value: str) -> str:
    """A phone in groups; what is masked or not a number stays as it is."""
    digits = value.lstrip("+")
    if " " in value and "*" in value and "@" not in value:
        return value.replace("*", "\N{BULLET}")  # masked in groups
    if len(digits) == RUSSIAN_PHONE and digits[0] in "78" and "*" in digits:
        digits = digits.replace("*", "\N{BULLET}")
    elif not digits.isdigit():
        return value
    if len(digits) == RUSSIAN_PHONE and digits[0] in "78":
        return f"+7 {digits[1:4]} {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    return "+" + digits if value.startswith("+") else value


def card(code: int) -> str:
    """A card's number, as it is printed: without separators."""
    return str(code)


def start_of(value: date) -> datetime:
    """The moment at which a day of the reader begins."""
    naive = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone comes next
    zone = _zone[0]
    aware = naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
    return aware.astimezone(UTC)
