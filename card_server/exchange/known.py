"""What the database knows of the rows at hand, read for many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from card_server.cards import tables as card_tables
from card_server.exchange.records import Draft
from card_server.holders import tables
from card_server.holders.records import HOLDER_ACTIVE
from card_server.holders.repository import chunks, is_live
from card_server.holders.rules import PHONE


class CardFound(msgspec.Struct, frozen=True, kw_only=True):
    """A card that was there before, a deleted one too."""

    card_code: int
    holder_id: int | None
    state: int
    is_deleted: bool
    range_id: int | None


class RangeFound(msgspec.Struct, frozen=True, kw_only=True):
    """A range in which cards may be issued."""

    range_id: int
    start: int
    end: int
    division_id: int
    card_group_id: int | None
    valid_months: int | None


class Known:
    """What the database knows of the rows at hand."""

    def __init__(self, ranges: Sequence[RangeFound]) -> None:
        self.ranges = ranges
        self.cards: dict[int, CardFound] = {}
        self.carriers: dict[str, int] = {}
        self.divisions: dict[int, int] = {}
        """Division of each live guest."""
        self.by_phone: dict[str, set[int]] = {}
        self.by_external: dict[str, set[int]] = {}
        self.takers: dict[tuple[int, str], set[int]] = {}

    def learn(self, draft: Draft, holder_id: int | None, division_id: int) -> None:
        """What a row has made is known to the rows behind it."""
        if holder_id is not None:
            self.divisions.setdefault(holder_id, division_id)
            external = draft.holder.get("external_code")
            if external:
                self.by_external.setdefault(external, set()).add(holder_id)
            for part in draft.contacts:
                self.takers.setdefault((part.type_id, part.norm), set()).add(holder_id)
                if part.contact_class == PHONE:
                    self.by_phone.setdefault(part.norm, set()).add(holder_id)
        carrier = draft.card.get("carrier_data")
        if carrier and draft.card_code is not None:
            self.carriers[carrier] = draft.card_code
        if draft.card_code is not None and draft.card_code not in self.cards:
            self.cards[draft.card_code] = CardFound(
                card_code=draft.card_code,
                holder_id=holder_id,
                state=int(draft.card.get("state", 1)),
                is_deleted=False,
                range_id=None,
            )

    def range_of(self, code: int) -> RangeFound | None:
        """The active range a number lies in."""
        return next((span for span in self.ranges if span.start <= code <= span.end), None)


# ---------------------------------------------------------------------- reading


def read_known(connection: Connection, drafts: Iterable[Draft]) -> Known:
    """Everything about cards, guests and contacts that the rows name, in a few statements."""
    rows = [draft for draft in drafts if not draft.faults]
    known = Known(_ranges(connection))
    _read_cards(connection, known, {d.card_code for d in rows if d.card_code is not None})
    _read_carriers(connection, known, {d.card.get("carrier_data") for d in rows} - {None})
    phones = {d.phone for d in rows if d.phone}
    norms = {part.norm for d in rows for part in d.contacts} | phones
    ids = {d.holder_id for d in rows if d.holder_id is not None}
    ids |= {card.holder_id for card in known.cards.values() if card.holder_id is not None}
    _read_contacts(connection, known, norms)
    _read_external(connection, known, {d.holder.get("external_code") for d in rows} - {None})
    _read_divisions(connection, known, ids)
    return known


def _ranges(connection: Connection) -> list[RangeFound]:
    span = card_tables.card_range
    rows = connection.execute(
        select(span).where(span.c.is_active, span.c.deleted_at.is_(None)).order_by(span.c.range_id)
    )
    return [
        RangeFound(
            range_id=row.range_id,
            start=row.start_code,
            end=row.end_code,
            division_id=row.division_id,
            card_group_id=row.card_group_id,
            valid_months=row.valid_months,
        )
        for row in rows
    ]


def _read_cards(connection: Connection, known: Known, codes: Collection[int]) -> None:
    card = card_tables.card
    for part in chunks(codes):
        rows = connection.execute(
            select(
                card.c.card_code, card.c.holder_id, card.c.state, card.c.deleted_at, card.c.range_id
            ).where(card.c.card_code.in_(part))
        )
        for row in rows:
            known.cards[row.card_code] = CardFound(
                card_code=row.card_code,
                holder_id=row.holder_id,
                state=row.state,
                is_deleted=row.deleted_at is not None,
                range_id=row.range_id,
            )


def _read_carriers(connection: Connection, known: Known, texts: Collection[Any]) -> None:
    card = card_tables.card
    for part in chunks(texts):
        rows = connection.execute(
            select(card.c.carrier_data, card.c.card_code).where(
                card.c.carrier_data.in_(part), card.c.deleted_at.is_(None)
            )
        )
        known.carriers.update({row[0]: row[1] for row in rows})


def _read_contacts(connection: Connection, known: Known, norms: Collection[str]) -> None:
    contact, kind, holder = tables.contact, tables.contact_type, tables.holder
    for part in chunks(norms):
        rows = connection.execute(
            select(
                contact.c.value_norm,
                contact.c.contact_type_id,
                kind.c["class"],
                holder.c.holder_id,
                holder.c.division_id,
            )
            .join(holder, holder.c.holder_id == contact.c.holder_id)
            .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
            .where(contact.c.value_norm.in_(part), contact.c.deleted_at.is_(None), *is_live(holder))
        )
        for norm, type_id, contact_class, holder_id, division_id in rows:
            known.divisions[holder_id] = division_id
            known.takers.setdefault((type_id, norm), set()).add(holder_id)
            if contact_class == PHONE:
                known.by_phone.setdefault(norm, set()).add(holder_id)


def _read_external(connection: Connection, known: Known, codes: Collection[Any]) -> None:
    holder = tables.holder
    for part in chunks(codes):
        rows = connection.execute(
            select(holder.c.external_code, holder.c.holder_id, holder.c.division_id).where(
                holder.c.external_code.in_(part), *is_live(holder)
            )
        )
        for code, holder_id, division_id in rows:
            known.divisions[holder_id] = division_id
            known.by_external.setdefault(code, set()).add(holder_id)


def _read_divisions(connection: Connection, known: Known, ids: Collection[int]) -> None:
    holder: Table = tables.holder
    for part in chunks(ids):
        rows = connection.execute(
            select(holder.c.holder_id, holder.c.division_id).where(
                holder.c.holder_id.in_(part),
                holder.c.deleted_at.is_(None),
                holder.c.state == HOLDER_ACTIVE,
            )
        )
        known.divisions.update({row[0]: row[1] for row in rows})
