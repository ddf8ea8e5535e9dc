"""The language of holder searches, pure: masks, numbers, birthdays (crm-xml.md section 10).

Text in, a tree out; what the tree means in SQL is told in `cards/holder_search.py`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec

from shared.wire.errors import AppError, ErrorCode

ONE: Final = "?"
ANY: Final = "*"
ESCAPE: Final = "!"
LONGEST: Final = 1000
DEEPEST: Final = 32
BEYOND: Final = 10**18
"""Above every card number: larger numbers of an expression are as good as this one."""


def bad(field: str, value: str) -> AppError:
    """A condition that cannot be understood."""
    return AppError(ErrorCode.SEARCH_CONDITION, field=field, value=value)


# ---------------------------------------------------------------------- text masks


class Mask(msgspec.Struct, frozen=True):
    """A text with wildcards: literal pieces, and `?` or `*` as pieces marked True."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def prefix(self) -> str:
        """What every match starts with."""
        first = self.pieces[:1]
        return first[0][0] if first and not first[0][1] else ""

    @property
    def is_plain(self) -> bool:
        """No wildcard."""
        return all(not wild for _, wild in self.pieces)

    @property
    def is_prefix(self) -> bool:
        """A literal and one `*` behind it: a range of an index tells it all."""
        return len(self.pieces) == 2 and self.pieces[1] == (ANY, True) and not self.pieces[0][1]  # noqa: PLR2004

    def like(self) -> str:
        """As a LIKE pattern with `!` for escapes; `[` is a wildcard of MS SQL."""
        parts = []
        for text, wild in self.pieces:
            if wild:
                parts.append("_" if text == ONE else "%")
            else:
                parts.append(re.sub(r"([%_\[\]!])", ESCAPE + r"\1", text))
        return "".join(parts)

    def matches(self, text: str) -> bool:
        """Whether a whole text fits."""
        pattern = "".join(
            (".*" if piece == ANY else ".") if wild else re.escape(piece)
            for piece, wild in self.pieces
        )
        return re.fullmatch(pattern, text, re.DOTALL) is not None


def read_mask(text: str) -> Mask:
    """`?` is one character, `*` any run, `[?]` and `[*]` the characters themselves."""
    pieces: list[tuple[str, bool]] = []
    plain = ""
    place = 0
    while place < len(text):
        if text[place : place + 3] in ("[?]", "[*]"):
            plain += text[place + 1]
            place += 3
            continue
        sign = text[place]
        place += 1
        if sign not in (ONE, ANY):
            plain += sign
            continue
        if plain:
            pieces.append((plain, False))
            plain = ""
        if sign == ONE or pieces[-1:] != [(ANY, True)]:
            pieces.append((sign, True))
    if plain:
        pieces.append((plain, False))
    return Mask(tuple(pieces))


# ---------------------------------------------------------------------- numbers


class Span(msgspec.Struct, frozen=True):
    """Numbers from `low` to `high`, both of them inside."""

    low: int
    high: int


class Digits(msgspec.Struct, frozen=True):
    """Numbers whose decimal digits fit a mask."""

    mask: Mask


class Not(msgspec.Struct, frozen=True):
    """Everything but."""

    inner: Expr


class Many(msgspec.Struct, frozen=True):
    """All of the parts, or any of them."""

    parts: tuple[Expr, ...]
    is_any: bool


Expr = Span | Digits | Not | Many

TOKEN: Final = re.compile(
    r"\s*(?:(?P<word>and|or|not)(?![0-9a-z?*])|(?P<dots>\.\.)|(?P<op><=|>=|<>|=|<|>)"
    r"|(?P<sign>[()\[\]])|(?P<mask>[0-9?*]+))\s*",
    re.IGNORECASE,
)
COMPARE: Final[dict[str, Callable[[int], Expr]]] = {
    "=": lambda n: Span(n, n),
    "<>": lambda n: Not(Span(n, n)),
    ">": lambda n: Span(n + 1, BEYOND),
    ">=": lambda n: Span(n, BEYOND),
    "<": lambda n: Span(0, n - 1),
    "<=": lambda n: Span(0, n),
}


def read_number_expr(text: str, field: str) -> Expr:
    """A number expression: `not` binds closer than `and`, `and` closer than `or`."""
    if len(text) > LONGEST:
        raise bad(field, text)
    return _NumberParser(text, field).parse()


class _NumberParser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, field: str) -> None:
        self._text = text
        self._field = field
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        self._depth = 0
        end = 0
        for match in TOKEN.finditer(text):
            if match.start() != end:
                break
            end = match.end()
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind].lower()))
        if end != len(text) or not self._tokens:
            raise self._bad()

    def _bad(self) -> AppError:
        return bad(self._field, self._text)

    def parse(self) -> Expr:
        found = self._any()
        if self._place != len(self._tokens):
            raise self._bad()
        return found

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else ("", "")

    def _take(self, value: str) -> bool:
        if self._peek()[1] != value:
            return False
        self._place += 1
        return True

    def _any(self) -> Expr:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._bad()
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Many(tuple(parts), is_any=True)

    def _all(self) -> Expr:
        parts = [self._factor()]
        while self._take("and"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else Many(tuple(parts), is_any=False)

    def _factor(self) -> Expr:
        return Not(self._atom()) if self._take("not") else self._atom()

    def _atom(self) -> Expr:
        kind, value = self._peek()
        if value in ("(", "[") and self._peek(2)[0] == "dots":
            return self._range()
        if self._take("("):
            inner = self._any()
            if not self._take(")"):
                raise self._bad()
            return inner
        if kind == "op":
            self._place += 1
            return COMPARE[value](self._number())
        if kind == "mask":
            if value.isdigit():
                number = self._number()
                return Span(number, number)
            self._place += 1
            return Digits(read_mask(value))
        raise self._bad()

    def _range(self) -> Expr:
        opened = self._peek()[1]
        self._place += 1
        low = self._number()
        self._place += 1
        high = self._number()
        closed = self._peek()[1]
        if closed not in (")", "]"):
            raise self._bad()
        self._place += 1
        return Span(low + (opened == "("), high - (closed == ")"))

    def _number(self) -> int:
        kind, value = self._peek()
        if kind != "mask" or not value.isdigit():
            raise self._bad()
        self._place += 1
        return min(int(value), BEYOND)


# ---------------------------------------------------------------------- birthdays


class Dates(msgspec.Struct, frozen=True):
    """Birthdays from one day to another; None is open."""

    since: date | None
    until: date | None


class Yearly(msgspec.Struct, frozen=True):
    """Month*100+day from one to another, over the turn of the year where `low` is later."""

    low: int
    high: int


class MonthDays(msgspec.Struct, frozen=True):
    """Days of the month, of any month."""

    low: int
    high: int


Birth = Dates | Yearly | MonthDays
FORM: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: .*)?")
Parts = tuple[int, int, int]
LAST_MONTH, LAST_DAY = 12, 31
FIELD: Final = "Birth_Day"


def read_births(value_from: str, value_to: str) -> tuple[Birth, ...]:
    """The conditions of a Birth_Day; parts with zero are wild, none for an empty one.

    From alone with wild parts is that pattern; otherwise a missing end is open.
    """
    start, end = _parts(value_from), _parts(value_to)
    if start == end == (0, 0, 0):
        return ()
    if start == end or (end == (0, 0, 0) and 0 in start):
        return _pattern(start, value_from)
    if end == (0, 0, 0):
        return (_dates(start, None, value_from),)
    if start == (0, 0, 0):
        return _until(end, value_to)
    return (_between(start, end, f"{value_from} .. {value_to}"),)


def _between(start: Parts, end: Parts, text: str) -> Birth:
    """Both ends with the same parts wild: years, or months of any year, or days of any month."""
    if bool(start[0]) != bool(end[0]) or (not start[0] and bool(start[1]) != bool(end[1])):
        raise bad(FIELD, text)
    if start[0]:
        return _dates(start, end, text)
    if start[1]:
        return Yearly(start[1] * 100 + start[2], end[1] * 100 + (end[2] or LAST_DAY))
    return MonthDays(start[2], end[2])


def _parts(text: str) -> Parts:
    """Year, month, day; all zero for nothing given."""
    value = text.strip()
    if not value:
        return (0, 0, 0)
    match = FORM.fullmatch(value)
    if match is not None:
        year, month, day = (int(part) for part in match.groups())
    else:
        match = DOTTED.fullmatch(value)
        if match is None:
            raise bad(FIELD, text)
        day, month, year = (int(part) for part in match.groups())
    if month > LAST_MONTH or day > LAST_DAY:
        raise bad(FIELD, text)
    return (year, month, day)


def _day(parts: Parts, text: str, *, last: bool) -> date:
    """The first or last day that wild parts of a year leave."""
    year, month, day = parts
    month = month or (LAST_MONTH if last else 1)
    try:
        longest = calendar.monthrange(year, month)[1]
        return date(year, month, day or (longest if last else 1))
    except ValueError as error:
        raise bad(FIELD, text) from error


def _dates(start: Parts, end: Parts | None, text: str) -> Dates:
    until = None if end is None else _day(end, text, last=True)
    return Dates(_day(start, text, last=False), until)


def _until(end: Parts, text: str) -> tuple[Birth, ...]:
    if end[0]:
        return (Dates(None, _day(end, text, last=True)),)
    if end[1]:
        return (Yearly(0, end[1] * 100 + (end[2] or LAST_DAY)),)
    return (MonthDays(1, end[2]),)


def _pattern(parts: Parts, text: str) -> tuple[Birth, ...]:
    """Exactly the parts that are not zero."""
    year, month, day = parts
    if year and month:
        return (_dates(parts, parts, text),)
    found: list[Birth] = []
    if year:
        found.append(_dates((year, 0, 0), (year, 0, 0), text))
    if month:
        low = month * 100 + day
        found.append(Yearly(low, low if day else low + LAST_DAY))
    elif day:
        found.append(MonthDays(day, day))
    return tuple(found)
