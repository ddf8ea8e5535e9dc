"""Masks over texts and numbers as SQL (crm-xml.md section 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, cast, false, not_, or_, true

from card_server.db.folding import folded
from card_server.holders.search_language import (
    ANY,
    BEYOND,
    ESCAPE,
    ONE,
    Digits,
    Expr,
    Mask,
    Not,
    Span,
)

LONGEST_CODE: Final = 18
SURROGATES: Final = 0xD7FF
CODE_TEXT: Final = 20
MOST_FREE: Final = 2
"""Signs `?` at the start of a number's mask that are tried out."""

Condition = ColumnElement[bool]

# ---------------------------------------------------------------------- text


def next_text(prefix: str) -> str | None:
    """The least text behind everything that starts so, as letters are compared; None for none."""
    last = ord(prefix[-1])
    return None if last >= SURROGATES else prefix[:-1] + chr(last + 1)


def starts_with(column: ColumnElement[Any], prefix: str) -> list[Condition]:
    """A range of an index that compares letter by letter."""
    if not prefix:
        return []
    end = next_text(prefix)
    return [column >= prefix, *([column < end] if end is not None else [])]


def keyed(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over a column that is folded already and compares letter by letter."""
    if mask.is_plain:
        return column == mask.prefix
    span = starts_with(column, mask.prefix)
    if mask.is_prefix and len(span) == 2:  # noqa: PLR2004 - both ends, so the range is exact
        return and_(*span)
    return and_(*span, column.like(mask.like(), escape=ESCAPE))


def typed(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over text as it was typed; what has no letters needs no folding."""
    literal = "".join(text for text, wild in mask.pieces if not wild)
    if not any(c.isalpha() for c in literal):
        return keyed(column, mask)
    return loose(column, mask)


def loose(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over text of the database's own collation: no range of an index is sure."""
    plain = folded(column)
    if mask.is_plain:
        return plain == mask.prefix
    return plain.like(mask.like(), escape=ESCAPE)


# ---------------------------------------------------------------------- numbers


def number(column: ColumnElement[Any], expr: Expr) -> Condition:
    """An expression over a column of whole numbers."""
    if isinstance(expr, Span):
        return span_of(column, expr)
    if isinstance(expr, Digits):
        return _digits(column, expr.mask)
    if isinstance(expr, Not):
        return not_(number(column, expr.inner))
    join: Callable[..., Condition] = or_ if expr.is_any else and_
    return join(*(number(column, part) for part in expr.parts))


def span_of(column: ColumnElement[Any], span: Span) -> Condition:
    """From one number to another."""
    if span.low > span.high:
        return false()
    if span.low == span.high:
        return column == span.low
    ends = []
    if span.low > 0:
        ends.append(column >= span.low)
    if span.high < BEYOND:
        ends.append(column <= span.high)
    return and_(true(), *ends)


def digit_spans(mask: Mask) -> list[Span] | None:
    """Numbers of a mask whose wildcards stand at the end; None for any other mask."""
    prefix = mask.prefix
    signs = [text for text, _ in mask.pieces[1 if prefix else 0 :]]
    if any(sign not in (ONE, ANY) for sign in signs) or prefix.startswith("0"):
        return None
    fixed = len(prefix) + signs.count(ONE)
    longest = LONGEST_CODE if ANY in signs else fixed
    spans = []
    for length in range(max(1, fixed), min(longest, LONGEST_CODE) + 1):
        room = length - len(prefix)
        low = int(prefix or "0") * 10**room
        high = low + 10**room - 1
        spans.append(Span(max(low, 10 ** (length - 1)), high))
    return spans


def free_spans(mask: Mask) -> list[Span] | None:
    """Numbers of a mask of fixed length that starts with a few `?`; None for any other mask."""
    signs = "".join(text for text, _ in mask.pieces)
    free = len(signs) - len(signs.lstrip(ONE))
    known = signs.strip(ONE)
    if not (1 <= free <= MOST_FREE and known.isdigit() and len(signs) <= LONGEST_CODE):
        return None
    room = 10 ** (len(signs) - free - len(known))
    shift = 10 ** (len(signs) - free)
    starts = (start * shift + int(known) * room for start in range(10 ** (free - 1), 10**free))
    return [Span(low, low + room - 1) for low in starts]


def _digits(column: ColumnElement[Any], mask: Mask) -> Condition:
    """By ranges where the mask allows it, by arithmetic where only its end is known."""
    spans = free_spans(mask) or digit_spans(mask)
    if spans is not None:
        return or_(false(), *(span_of(column, span) for span in spans))
    signs = "".join(text for text, _ in mask.pieces)
    if signs.startswith(ANY) and signs[1:].isdigit() and len(signs) <= LONGEST_CODE:
        size = 10 ** len(signs[1:])
        longer = [column >= size] if signs[1] == "0" else []
        return and_(column % size == int(signs[1:]), *longer)
    like = cast(column, String(CODE_TEXT)).like(mask.like(), escape=ESCAPE)
    if not mask.prefix:
        return like
    near = digit_spans(Mask(((mask.prefix, False), (ANY, True)))) or []
    return and_(or_(false(), *(span_of(column, span) for span in near)), like)
