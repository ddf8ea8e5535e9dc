"""Guests and cards of imported rows are taken back, as far as nobody used or changed them since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, or_, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED
from card_server.cards import tables as card_tables
from card_server.cards.batch_making import WITHDRAWN, leave_events
from card_server.cards.issuing import UNBOUND
from card_server.cards.records import CARD_INACTIVE, CARD_VOIDED
from card_server.coupons import tables as coupon_tables
from card_server.db.change_log import Action
from card_server.exchange import tables as import_tables
from card_server.exchange.records import Fault
from card_server.exchange.repository import Line, Made
from card_server.holders import tables
from card_server.jobs.running import Pass
from card_server.ledger import tables as ledger_tables
from card_server.ledger.records import ACCEPTED
from shared.wire.errors import ErrorCode

HOLDER, CARD = "holder", "card"
_card, _operation = card_tables.card, ledger_tables.operation
_account, _holder = account_tables.account, tables.holder
OWNED: Final[tuple[Table, ...]] = (coupon_tables.coupon, coupon_tables.certificate)
PARTS: Final[tuple[Table, ...]] = (tables.contact, tables.address)


class Batch(msgspec.Struct, frozen=True):
    """What a batch made of the guests of some rows: all of it, not of these rows alone."""

    guests: set[int]
    cards: set[int]


def take_back(
    how: Pass, batch_id: int, user_id: int | None, lines: Sequence[Line]
) -> dict[int, list[Fault]]:
    """Take rows back; gives back by row why what is left of it was kept.

    A guest of the batch who is kept keeps his cards too.
    """
    owners = {line.holder_id for line in lines if line.holder_id}
    batch = _batch_of(how.connection, batch_id, owners)
    living = _used(how.connection, batch.guests, batch.cards)
    cards = _take_cards(how, user_id, lines, living)
    holders = _take_holders(how, lines)
    return {line.row_no: _faults(line, cards, holders) for line in lines}


def _batch_of(connection: Connection, batch_id: int, owners: Collection[int]) -> Batch:
    row = import_tables.import_row
    found = connection.execute(
        select(row.c.made).where(
            row.c.batch_id == batch_id, row.c.holder_id.in_(owners), row.c.made.is_not(None)
        )
    ).scalars()
    made = [msgspec.json.decode(text, type=Made) for text in found]
    return Batch(
        guests={one.holder_id for one in made if one.holder_id},
        cards={code for one in made for code in (one.card_code, one.bound_code) if code},
    )


def _faults(line: Line, kept_cards: Collection[int], kept_holders: Collection[int]) -> list[Fault]:
    made = line.made
    if made is None:
        return []
    kept = [(CARD, code) for code in (made.card_code, made.bound_code) if code in kept_cards]
    kept += [(HOLDER, made.holder_id)] if made.holder_id in kept_holders else []
    kept += [(CARD, made.changed_code)] if made.changed_code else []
    kept += [(HOLDER, made.changed_holder_id)] if made.changed_holder_id else []
    return [_kept(what, number or 0) for what, number in dict.fromkeys(kept)]


def _kept(what: str, number: int) -> Fault:
    return Fault(
        code=ErrorCode.IMPORT_KEPT.value,
        field=what,
        value=str(number),
        facts={"what": what, "id": number},
    )


# ---------------------------------------------------------------------- cards


def _take_cards(
    how: Pass, user_id: int | None, lines: Sequence[Line], living: Collection[int]
) -> set[int]:
    """Delete new cards, unbind those that were bound; returns the ones that are kept."""
    new = {line.made.card_code for line in lines if line.made and line.made.card_code}
    bound = {line.made.bound_code for line in lines if line.made and line.made.bound_code}
    rows = [
        row
        for row in how.connection.execute(select(_card).where(_card.c.card_code.in_(new | bound)))
        if row.deleted_at is None
    ]
    used = _operated(how.connection, _operation.c.card_code, [row.card_code for row in rows])
    used |= {row.card_code for row in rows if row.state == CARD_VOIDED}
    used |= {row.card_code for row in rows if row.card_code in new and _is_changed(row)}
    used |= {row.card_code for row in rows if row.holder_id in living}
    free = [row for row in rows if row.card_code not in used]
    gone = [row for row in free if row.card_code in new]
    loose = [row for row in free if row.card_code in bound and row.holder_id is not None]
    how.log.edit_many(
        _card,
        [row.card_code for row in gone],
        {"deleted_at": how.now, "state": CARD_INACTIVE},
        Action.DELETE,
    )
    how.log.edit_many(_card, [row.card_code for row in loose], {"holder_id": None})
    leave_events(
        how,
        user_id,
        [
            (row.card_code, event, {"old_holder_id": row.holder_id})
            for event, part in ((WITHDRAWN, gone), (UNBOUND, loose))
            for row in part
        ],
    )
    return used


def _is_changed(card: Any) -> bool:
    """Somebody edited the card after its import."""
    return bool(card.issued_at is not None and card.updated_at != card.issued_at)


def _operated(connection: Connection, column: Any, keys: Collection[int]) -> set[int]:
    """Cards or guests that an accepted operation names."""
    rows = connection.execute(
        select(column).where(column.in_(keys), _operation.c.status == ACCEPTED).distinct()
    )
    return set(rows.scalars())


# ---------------------------------------------------------------------- guests


def _take_holders(how: Pass, lines: Sequence[Line]) -> set[int]:
    """Delete new guests and close their accounts; returns the ones that are kept."""
    ids = {line.made.holder_id for line in lines if line.made and line.made.holder_id}
    standing = how.connection.execute(
        select(_holder.c.holder_id).where(
            _holder.c.holder_id.in_(ids), _holder.c.deleted_at.is_(None)
        )
    ).scalars()
    used = _used(how.connection, ids, ())
    free = [holder_id for holder_id in standing if holder_id not in used]
    accounts = how.connection.execute(
        select(_account.c.account_id).where(
            _account.c.holder_id.in_(free), _account.c.state != ACCOUNT_CLOSED
        )
    ).scalars()
    how.log.edit_many(_account, list(accounts), {"state": ACCOUNT_CLOSED})
    how.log.edit_many(_holder, free, {"deleted_at": how.now}, Action.DELETE)
    return used


def _used(connection: Connection, guests: Collection[int], own_cards: Collection[int]) -> set[int]:
    """Guests who have more than the import gave them, or were changed since."""
    rows = connection.execute(
        select(_holder.c.holder_id, _holder.c.version, _holder.c.registered_at).where(
            _holder.c.holder_id.in_(guests), _holder.c.deleted_at.is_(None)
        )
    ).all()
    since = {row.holder_id: row.registered_at for row in rows}
    ids = list(since)
    used = {row.holder_id for row in rows if row.version != 1}
    used |= _operated(connection, _operation.c.holder_id, ids)
    for table in OWNED:
        owners = connection.execute(
            select(table.c.holder_id).where(
                table.c.holder_id.in_(ids), table.c.deleted_at.is_(None)
            )
        )
        used |= set(owners.scalars())
    cards = connection.execute(
        select(_card.c.holder_id, _card.c.card_code).where(
            _card.c.holder_id.in_(ids), _card.c.deleted_at.is_(None), _card.c.state != CARD_VOIDED
        )
    )
    used |= {row.holder_id for row in cards if row.card_code not in own_cards}
    for table in PARTS:
        parts = connection.execute(
            select(table.c.holder_id, table.c.created_at, table.c.version).where(
                table.c.holder_id.in_(ids)
            )
        )
        used |= {
            part.holder_id
            for part in parts
            if part.created_at != since[part.holder_id] or part.version != 1
        }
    return used | _bound_by_ledger(connection, ids)


def _bound_by_ledger(connection: Connection, ids: Collection[int]) -> set[int]:
    """Guests with an account that is not empty, and those whom another was merged into."""
    filled = or_(
        _account.c.balance != 0,
        _account.c.pending != 0,
        _account.c.held != 0,
        _account.c.uncovered != 0,
    )
    full = connection.execute(
        select(_account.c.holder_id).where(_account.c.holder_id.in_(ids), filled)
    )
    merged = tables.holder_merge
    survivors = connection.execute(
        select(merged.c.survivor_id).where(merged.c.survivor_id.in_(ids))
    )
    return set(full.scalars()) | set(survivors.scalars())
