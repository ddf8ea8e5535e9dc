"""Questions about cards outside the hot path: those of a holder, the range of a number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, select

from card_server.cards import tables
from card_server.cards.records import CARD_VOIDED, Card

CHUNK: Final = 500
COLUMNS: Final = tuple(name for name in Card.__struct_fields__ if name != "has_classifiers")


def cards_of_holders(connection: Connection, holder_ids: Collection[int]) -> dict[int, list[Card]]:
    """Cards that are not voided, by their holder, each in the order of codes."""
    card, found = tables.card, dict[int, list[Card]]()
    ordered = list(holder_ids)
    for start in range(0, len(ordered), CHUNK):
        rows = connection.execute(
            select(*(card.c[name] for name in COLUMNS))
            .where(
                card.c.holder_id.in_(ordered[start : start + CHUNK]),
                card.c.state != CARD_VOIDED,
                card.c.deleted_at.is_(None),
            )
            .order_by(card.c.holder_id, card.c.card_code)
        )
        for row in rows.mappings():
            found.setdefault(row["holder_id"], []).append(Card(**row))
    return found


def find_card_row(connection: Connection, code: int) -> dict[str, Any] | None:
    """The whole row of a card."""
    card = tables.card
    row = connection.execute(select(card).where(card.c.card_code == code)).mappings().first()
    return None if row is None else dict(row)


def range_of(connection: Connection, code: int) -> RowMapping | None:
    """The active range a number lies in."""
    span = tables.card_range
    return (
        connection.execute(
            select(span)
            .where(
                span.c.start_code <= code,
                span.c.end_code >= code,
                span.c.is_active,
                span.c.deleted_at.is_(None),
            )
            .order_by(span.c.range_id)
            .limit(1)
        )
        .mappings()
        .first()
    )


def range_by_id(connection: Connection, range_id: int) -> RowMapping | None:
    """An active range by its id."""
    span = tables.card_range
    return (
        connection.execute(
            select(span).where(
                span.c.range_id == range_id, span.c.is_active, span.c.deleted_at.is_(None)
            )
        )
        .mappings()
        .first()
    )


def first_free_code(connection: Connection, after: int, end: int) -> int | None:
    """The lowest number above `after` and up to `end` that no card ever had."""
    card = tables.card
    wanted = after + 1
    rows = connection.execute(
        select(card.c.card_code)
        .where(card.c.card_code > after, card.c.card_code <= end)
        .order_by(card.c.card_code)
    )
    for (code,) in rows:
        if code != wanted:
            break
        wanted = code + 1
    return wanted if wanted <= end else None


def types_of_range(text: str | None) -> list[int]:
    """The account types that cards of a range are limited to; none is no limit."""
    return msgspec.json.decode(text or "[]", type=list[int])
