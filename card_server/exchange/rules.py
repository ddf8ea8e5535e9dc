"""Cells as values: numbers, amounts, dates, flags, card codes, as people write them; pure.

Nothing is guessed where two readings are possible: `1,200` without a decimal sign that was set, or
`03/04/2020` without an order that was set, is refused with what to do.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from card_server.exchange.records import (
    LARGEST_FILE,
    MEGABYTE,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Formats,
)
from shared.wire.errors import AppError, ErrorCode

EXACT: Final = 10**15
"""From here on a spreadsheet's number has lost its last digits."""
LARGEST_CARD: Final = 999_999_999_999_999_999
LARGEST_AMOUNT: Final = 99_999_999_999_999
CURRENCIES: Final = re.compile(r"(?:₽|руб\.?|р\.|rub|rur|\$|€|usd|eur)", re.IGNORECASE)
BLANKS: Final = re.compile(r"[\s\u00a0\u202f\u2009'’]+")
GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
SPACED: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d*)?")
SCIENTIFIC: Final = re.compile(r"\d+(?:[.,]\d+)?[eEеЕ][+]?\d+")
YES: Final = frozenset(
    ["1", "да", "д", "yes", "y", "true", "t", "истина", "+", "x", "х", "on", "вкл", "есть"]
)
NO: Final = frozenset(["0", "нет", "н", "no", "n", "false", "f", "ложь", "-", "off", "выкл"])
DATE_PARTS: Final = re.compile(r"(\d{1,4})[./\-\s](\d{1,2})[./\-\s](\d{1,4})(?:[ T]\d{1,2}:.*)?")
COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
EXAMPLES: Final = {
    "auto": "31.12.2025, 2025-12-31",
    "dmy": "31.12.2025",
    "mdy": "12/31/2025",
    "ymd": "2025-12-31",
}
SERIAL_START: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial numbers."""
LARGEST_SERIAL: Final = 73_050
"""The year 2099: a larger number is no day."""
MONTHS: Final = 12
CENTURY: Final = 100
YEAR_DIGITS: Final = 4
CENTS: Final = 2
THOUSAND: Final = 3


def too_large(name: str) -> AppError:
    """The refusal that names all limits of a file."""
    return AppError(
        ErrorCode.FILE_TOO_LARGE,
        name=name,
        size=LARGEST_FILE // MEGABYTE,
        rows=MOST_ROWS,
        columns=MOST_COLUMNS,
    )


def text_of(cell: Cell) -> str:
    """A cell as trimmed text; whole numbers without a fraction, others as a spreadsheet shows."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else f"{cell:.15g}"
    text = str(cell).strip()
    if text[:1] == "'" and text[1:2] in "=+-@":
        return text[1:]  # how our own files keep a spreadsheet from taking a text for a formula
    return text


def digits_kept(cell: Cell) -> None:
    """Refuse a long code that a spreadsheet kept as a number: its last digits are gone."""
    if isinstance(cell, (int, float)) and abs(cell) >= EXACT:
        raise AppError(ErrorCode.DIGITS_LOST, value=text_of(cell)[:60])
    if isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip()):
        raise AppError(ErrorCode.DIGITS_LOST, value=cell.strip()[:60])


def card_code(cell: Cell) -> int:
    """A card's code in digits; blanks, hyphens and leading zeros do not count."""
    digits_kept(cell)
    text = BLANKS.sub("", text_of(cell)).replace("-", "")
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:40]) <= LARGEST_CARD:
        raise AppError(ErrorCode.FIELD_BAD, field="card_code", value=text_of(cell)[:60])
    return int(text)


def amount(cell: Cell, formats: Formats) -> int:
    """Minor units of a sum with at most two decimals; a third one is refused, never rounded."""
    sign, whole, fraction = _number(cell, formats)
    if len(fraction.rstrip("0")) > CENTS or len(whole) > len(str(LARGEST_AMOUNT)):
        raise AppError(ErrorCode.NUMBER_UNREAD, value=text_of(cell)[:60])
    minor = sign * (int(whole or "0") * CENTURY + int(fraction[:CENTS].ljust(CENTS, "0") or "0"))
    if abs(minor) > LARGEST_AMOUNT:
        raise AppError(ErrorCode.NUMBER_UNREAD, value=text_of(cell)[:60])
    return minor


def integer(cell: Cell, formats: Formats) -> int:
    """A whole number."""
    sign, whole, fraction = _number(cell, formats)
    if fraction.strip("0") or len(whole) > len(str(EXACT)):
        raise AppError(ErrorCode.NUMBER_UNREAD, value=text_of(cell)[:60])
    return sign * int(whole or "0")


def _number(cell: Cell, formats: Formats) -> tuple[int, str, str]:
    """Sign, digits before and digits after the decimal sign."""
    shown = text_of(cell)
    text = BLANKS.sub(" ", CURRENCIES.sub("", shown)).strip().replace("\u2212", "-")
    decimal = formats.decimal
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        decimal = "."  # a workbook's number has a point whatever the file's texts have
    sign = 1
    if text[:1] == "(" and text[-1:] == ")":
        sign, text = -1, text[1:-1]
    elif text[:1] in ("-", "+"):
        sign, text = (-1 if text[0] == "-" else 1), text[1:]
    text = text.strip()
    if " " in text and SPACED.fullmatch(text):
        text = text.replace(" ", "")  # two numbers in one cell are not one
    parts = _parts(text, decimal)
    if parts is None:
        raise AppError(ErrorCode.NUMBER_UNREAD, value=shown[:60])
    return (sign, *parts)


def _parts(text: str, decimal: str) -> tuple[str, str] | None:
    if not text.isascii():
        return None
    if decimal == "auto":
        found = _decimal_of(text)
        if found is None:
            return None
        decimal = found
    group = "," if decimal == "." else "."
    whole, _, fraction = text.partition(decimal)
    if decimal in fraction or group in fraction:
        return None
    if group in whole:
        if not GROUPED.fullmatch(whole):
            return None
        whole = whole.replace(group, "")
    wrong = not (whole or fraction) or not (whole + fraction).isdigit()
    return None if wrong else (whole.lstrip("0"), fraction)


def _decimal_of(text: str) -> str | None:
    """The decimal sign of a number by itself; None where it may be either."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    if points + commas == 0:
        return "."
    sign = "." if points else ","
    if points + commas > 1:
        return "," if sign == "." else "."  # the sign stands between thousands
    whole, _, fraction = text.partition(sign)
    if len(fraction) == THOUSAND and whole.lstrip("0") and len(whole) <= THOUSAND:
        return None
    return sign


def day(cell: Cell, formats: Formats, today: date) -> date:
    """A day; two-digit years lie within the hundred years up to next year."""
    shown = text_of(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if 0 < cell <= LARGEST_SERIAL:
            return SERIAL_START + timedelta(days=int(cell))
        raise _unread(shown, formats)
    match = DATE_PARTS.fullmatch(shown) or COMPACT_DATE.fullmatch(shown)
    if match is None:
        raise _unread(shown, formats)
    order = _order(match[1], match[2], shown, formats)
    if order is None:
        raise _unread(shown, formats)
    named = dict(zip(order, (match[1], match[2], match[3]), strict=True))
    year = _year(named["y"], today)
    try:
        return date(year, int(named["m"]), int(named["d"]))
    except ValueError as error:
        raise _unread(shown, formats) from error


def _order(first: str, second: str, shown: str, formats: Formats) -> str | None:
    if len(first) == YEAR_DIGITS:
        return "ymd"
    if formats.dates != "auto":
        return formats.dates
    if "/" not in shown:
        return "dmy"
    if int(first) > MONTHS:
        return "dmy"
    return "mdy" if int(second) > MONTHS or first == second else None


def _year(text: str, today: date) -> int:
    year = int(text)
    if len(text) == YEAR_DIGITS:
        return year
    if len(text) > CENTS:
        return 0
    year += today.year // CENTURY * CENTURY
    return year if year <= today.year + 1 else year - CENTURY


def _unread(shown: str, formats: Formats) -> AppError:
    return AppError(ErrorCode.DATE_UNREAD, value=shown[:60], format=EXAMPLES[formats.dates])


def flag(cell: Cell) -> bool:
    """Yes or no in the words of both languages."""
    word = text_of(cell).lower().rstrip(".")
    if word in YES:
        return True
    if word in NO:
        return False
    raise AppError(ErrorCode.FLAG_UNREAD, value=text_of(cell)[:60])
