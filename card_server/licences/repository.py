"""Rows of licences, the count behind them, and the gate that issuing asks (domain 2.10)."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from card_server.db.base import PREFIX, metadata
from card_server.licences import tables
from card_server.licences.records import Counts, Terms
from card_server.licences.rules import cards_allowed, refusal
from shared.wire.errors import AppError, ErrorCode

VOIDED_CARD: Final = 3
ACTIVE_HOLDER: Final = 1
COUNTED_ALWAYS: Final = 1_000
"""Up to so many cards are counted at every issue; above, one card more waits for the next count."""
_licence, _count = tables.licence, tables.licence_count


def all_terms(connection: Connection) -> list[Terms]:
    """Every licence, the oldest first."""
    columns = [_licence.c[name] for name in Terms.__struct_fields__]
    rows = connection.execute(select(*columns).order_by(_licence.c.licence_id))
    return [Terms(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def check_issue(connection: Connection) -> None:
    """Refuse new holders and cards when no licence is left that allows them.

    The states are what the daily count made of them; sales, refunds and reports never ask here.
    """
    refused = refusal(all_terms(connection))
    if refused is not None:
        raise refused


def may_issue(connection: Connection, cards: int = 1) -> None:
    """Refuse an issue of so many new cards: `LICENCE_END`, `LICENCE_QUOTA`.

    A trial and small licences are counted at every card, larger ones at every batch.
    """
    licences = all_terms(connection)
    refused = refusal(licences)
    if refused is not None:
        raise refused
    allowed = cards_allowed(licences)
    if allowed is None or (cards == 1 and allowed > COUNTED_ALWAYS):
        return
    if _cards_up_to(connection, allowed) + cards > allowed:
        raise AppError(ErrorCode.LICENCE_QUOTA, n=allowed)


def card_quota(connection: Connection) -> tuple[int | None, int]:
    """How many cards the licences allow (None: any number), and how many there are."""
    return cards_allowed(all_terms(connection)), count_cards(connection)


def _cards_up_to(connection: Connection, most: int) -> int:
    """How many cards there are, without counting on beyond `most`."""
    card = metadata.tables[PREFIX + "card"]
    some = (
        select(card.c.card_code)
        .where(card.c.state != VOIDED_CARD, card.c.deleted_at.is_(None))
        .limit(most + 1)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def count_cards(connection: Connection) -> int:
    """Cards that are active, inactive or blocked."""
    card = metadata.tables[PREFIX + "card"]
    statement = (
        select(func.count())
        .select_from(card)
        .where(card.c.state != VOIDED_CARD, card.c.deleted_at.is_(None))
    )
    return int(connection.execute(statement).scalar_one())


def count_now(connection: Connection) -> Counts:
    """What licences count: cards, and holders who are active and not anonymous."""
    holder = metadata.tables[PREFIX + "holder"]
    holders = connection.execute(
        select(func.count())
        .select_from(holder)
        .where(
            holder.c.state == ACTIVE_HOLDER,
            ~holder.c.is_anonymous,
            holder.c.deleted_at.is_(None),
        )
    ).scalar_one()
    return Counts(cards=count_cards(connection), holders=int(holders))


def last_counts(connection: Connection) -> Counts | None:
    """What the last count found."""
    row = connection.execute(
        select(_count.c.cards, _count.c.holders).order_by(_count.c.on_date.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Counts(cards=row.cards, holders=row.holders)


def keep_counts(connection: Connection, today: date, counts: Counts) -> None:
    """The count of a day; a later one of the same day takes its place."""
    values = {"cards": counts.cards, "holders": counts.holders}
    changed = connection.execute(
        update(_count).where(_count.c.on_date == today).values(**values)
    ).rowcount
    if not changed:
        connection.execute(insert(_count).values(on_date=today, **values))
