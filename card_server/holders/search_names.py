"""Masks over the names of guests as SQL: a mask that begins with a wildcard hops from name to name.

There are a hundred guests to a last name and thousands to a first name. What fits a mask is looked
for among the different names, which the index gives one by one, and the guests behind them by the
index again; to hold the mask against the name of every guest would take twenty times as long.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)

from card_server.holders import tables
from card_server.holders.search_language import (
    ANY,
    ESCAPE,
    LAST_DAY,
    LAST_MONTH,
    Birth,
    Dates,
    Mask,
    MonthDays,
    Yearly,
)
from card_server.holders.search_records import HolderItem
from card_server.holders.search_text import Condition, keyed

SHORTEST_PIECE: Final = 2
"""A single letter is in too many names to begin with the names."""

HOPPING: Final = ("sqlite", "postgresql")
"""Databases that take a MIN inside a recursive query; MS SQL reads the whole index instead."""


def person_conditions(item: HolderItem, *, hops: bool) -> list[Condition]:
    """What of a person an item asks for."""
    person = tables.person
    return [
        *(_name(person.c.search_last, mask, hops=hops) for mask in item.l_names),
        *(_name(person.c.search_first, mask, hops=hops) for mask in item.f_names),
        *(_name(person.c.search_middle, mask, hops=hops) for mask in item.m_names),
        *(_full_name(mask, hops=hops) for mask in item.full_names),
        *(_birth(birth) for birth in item.births),
    ]


# ---------------------------------------------------------------------- names


def _name(column: Column[Any], mask: Mask, *, hops: bool) -> Condition:
    """A mask over one part of the name."""
    if mask.is_plain or mask.prefix or not hops:
        return keyed(column, mask)
    return column.in_(_among(column, mask))


def _among(column: Column[Any], mask: Mask) -> Select[Any]:
    """The different values of an indexed column that fit."""
    least = select(func.min(column).label("word")).where(column.is_not(None))
    words = least.cte(f"words_{column.name}", recursive=True)
    following = (
        select(func.min(column))
        .where(column > words.c.word, column.is_not(None))
        .correlate(words)
        .scalar_subquery()
    )
    words = words.union_all(select(following).where(words.c.word.is_not(None)))
    return select(words.c.word).where(words.c.word.like(mask.like(), escape=ESCAPE))


def _full_name(mask: Mask, *, hops: bool) -> Condition:
    """A word of the mask is looked for in the parts of the name first (`rules.name_keys`)."""
    exact = keyed(tables.person.c.search_name, mask)
    piece = longest_word(mask)
    if mask.is_plain or mask.prefix or not hops or len(piece) < SHORTEST_PIECE:
        return exact
    inside = Mask(((ANY, True), (piece, False), (ANY, True)))
    holders = tables.person.c.holder_id.in_(_with_piece(inside))
    return holders if mask == inside else and_(holders, exact)


def _with_piece(inside: Mask) -> CompoundSelect[Any]:
    person = tables.person
    names = (person.c.search_last, person.c.search_first, person.c.search_middle)
    parts = [select(person.c.holder_id).where(name.in_(_among(name, inside))) for name in names]
    rest = person.c.search_rest
    like = rest.like(inside.like(), escape=ESCAPE)
    return union_all(*parts, select(person.c.holder_id).where(rest.is_not(None), like))


def longest_word(mask: Mask) -> str:
    """The longest text without a blank that every match has in it."""
    words = [word for text, wild in mask.pieces if not wild for word in text.split()]
    return max(words, key=len, default="")


# ---------------------------------------------------------------------- birthdays


def _birth(birth: Birth) -> Condition:
    born, day = tables.person.c.birth_date, tables.person.c.birth_md
    if isinstance(birth, Dates):
        if birth.since == birth.until:
            return born == birth.since
        ends = []
        if birth.since is not None:
            ends.append(born >= birth.since)
        if birth.until is not None:
            ends.append(born <= birth.until)
        return and_(born.is_not(None), *ends)
    if isinstance(birth, Yearly):
        return _turning(day, birth)
    return or_(*(_in_month(day, 100 * month, birth) for month in range(1, LAST_MONTH + 1)))


def _turning(column: ColumnElement[Any], span: Yearly) -> Condition:
    """From low to high, over the turn of the year where low is later."""
    join = and_ if span.low <= span.high else or_
    return and_(column.is_not(None), join(column >= span.low, column <= span.high))


def _in_month(column: ColumnElement[Any], month: int, span: MonthDays) -> Condition:
    """Days of one month: a range of the index, or two over the turn of the month."""
    if span.low <= span.high:
        return column.between(month + span.low, month + span.high)
    return or_(
        column.between(month + span.low, month + LAST_DAY),
        column.between(month + 1, month + span.high),
    )
