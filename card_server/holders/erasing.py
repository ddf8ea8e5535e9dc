"""A guest's personal data is erased; what the ledger counts stays (domain 1.3, I-23, I-44).

The walk of domain 1.3 crosses the rooms of many subjects above this one, so their tables are found
by name. It is one transaction: either nothing is left of the person, or nothing was done. Guests
who were merged into the erased one are the same person and go along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, update

from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.holders import tables
from card_server.holders.records import HOLDER_ACTIVE, HOLDER_ERASED, HOLDER_MERGED
from card_server.holders.repository import HOLDER_OWNER
from card_server.holders.rules import digits_of, fold
from card_server.http.routes import Editing
from card_server.users.approvals import withdraw_of_holder
from shared.wire import holders as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

SHORTEST_REASON: Final = 5
LONGEST_REASON: Final = 255
GONE: Final = "***"
"""Stands where a column must hold something."""
SHORTEST_NAME: Final = 3
SHORTEST_DIGITS: Final = 6
WAITING, SUPPRESSED = (1, 2), 8
"""States of messages (domain 2.11): queued and held; suppressed."""
MOVING, UNDOING = 1, 3
WHOLE: Final = ("person", "person_photo", "contact", "address", "message", "property_link")
"""Tables all of whose journalled values are personal."""


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure: whom it is about, and how many rows of each table it has emptied."""

    connection: Connection
    holder_ids: list[int]
    reason: str
    editing: Editing
    counts: dict[str, int]

    def run(self, table: Table, statement: Any) -> int:
        """Do one step and count it."""
        done: int = self.connection.execute(statement).rowcount
        if done:
            name = table.name.removeprefix(PREFIX)
            self.counts[name] = self.counts.get(name, 0) + done
        return done

    def keys(self, table: Table, column: str = "holder_id") -> list[int]:
        """Ids of the rows of a table that are the guest's."""
        (key,) = table.primary_key.columns
        rows = self.connection.execute(select(key).where(table.c[column].in_(self.holder_ids)))
        return sorted(rows.scalars())


def erase_holder(asked: wire.EraseHolder, editing: Editing) -> Done:
    """Erase; a reason is needed, and must not name the person it is about."""
    reason = asked.reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    if len(reason) > LONGEST_REASON:
        raise AppError(ErrorCode.TOO_LONG, field="reason", limit=LONGEST_REASON)
    connection, holder = editing.connection, tables.holder
    row = connection.execute(
        select(holder).where(holder.c.holder_id == asked.holder_id)
    ).one_or_none()
    if row is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="holder", id=str(asked.holder_id)[:60])
    editing.actor.need_division(row.division_id)
    if row.state == HOLDER_MERGED:
        raise AppError(ErrorCode.HOLDER_MERGED, id=row.merged_into)
    if row.state != HOLDER_ACTIVE:
        raise AppError(ErrorCode.HOLDER_DELETED)
    _check_merges(connection, asked.holder_id)
    ids = _one_person(connection, asked.holder_id)
    _check_reason(connection, ids, reason)
    key = {"holder_id": asked.holder_id}
    editing.log.edit(holder, key, {"state": HOLDER_ERASED}, expected_version=asked.version)
    walk = Walk(
        connection=connection, holder_ids=ids, reason=asked.reason, editing=editing, counts={}
    )
    for step in STEPS:
        step(walk)
    connection.execute(
        insert(tables.erasure).values(
            holder_id=asked.holder_id,
            requested_at=editing.now,
            done_at=editing.now,
            reason=reason,
            user_id=editing.actor.user_id,
            counts=msgspec.json.encode(walk.counts).decode(),
        )
    )
    return Done(version=asked.version + 1)


def _check_merges(connection: Connection, holder_id: int) -> None:
    """A merge that is not at its end would bring something back."""
    merge = tables.holder_merge
    found = connection.execute(
        select(merge.c.merge_id).where(
            or_(merge.c.survivor_id == holder_id, merge.c.duplicate_id == holder_id),
            merge.c.state.in_([MOVING, UNDOING]),
        )
    ).first()
    if found is not None:
        told = f"merge {found.merge_id}"
        raise AppError(ErrorCode.WRONG_STATE, event="EraseHolder", object=told, state="moving")


def _one_person(connection: Connection, holder_id: int) -> list[int]:
    holder = tables.holder
    merged = connection.execute(select(holder.c.holder_id).where(holder.c.merged_into == holder_id))
    return [holder_id, *sorted(merged.scalars())]


def _check_reason(connection: Connection, holder_ids: Sequence[int], reason: str) -> None:
    """The reason stays for ever, so neither a name nor a contact may stand in it."""
    person, contact = tables.person, tables.contact
    said, numbers = set(fold(reason).replace(",", " ").replace(".", " ").split()), digits_of(reason)
    names = connection.execute(
        select(person.c.search_name).where(person.c.holder_id.in_(holder_ids))
    ).scalars()
    parts = {part for name in names for part in name.split() if len(part) >= SHORTEST_NAME}
    values = connection.execute(
        select(contact.c.value_norm).where(contact.c.holder_id.in_(holder_ids))
    ).scalars()
    told = [value for value in values if value]
    by_contact = any(
        value in reason.lower()
        or (len(digits_of(value)) >= SHORTEST_DIGITS and digits_of(value)[1:] in numbers)
        for value in told
    )
    if by_contact or not said.isdisjoint(parts):
        raise AppError(ErrorCode.FIELD_BAD, field="reason", value=reason[:60])


def _table(name: str) -> Table:
    return metadata.tables[PREFIX + name]


# ---------------------------------------------------------------------- the walk


def _journal(walk: Walk) -> None:
    """Values and reasons of everything that was ever edited about the person."""
    consent, message = tables.consent, _table("message")
    link = tables.property_link
    keys: dict[str, Iterable[Any]] = {
        "person": walk.holder_ids,
        "person_photo": walk.holder_ids,
        "holder": walk.holder_ids,
        "contact": walk.keys(tables.contact),
        "address": walk.keys(tables.address),
        "consent": walk.keys(consent),
        "message": walk.keys(message),
        "card": walk.keys(_table("card")),
        "account": walk.keys(_table("account")),
        "coupon": walk.keys(_table("coupon")),
        "approval": walk.keys(_table("approval")),
    }
    linked = walk.connection.execute(
        select(link.c.owner_id, link.c.property_id).where(
            link.c.owner_kind == HOLDER_OWNER, link.c.owner_id.in_(walk.holder_ids)
        )
    )
    keys["property_link"] = [f"{HOLDER_OWNER},{owner},{number}" for owner, number in linked]
    for name, rows in keys.items():
        for row_key in rows:
            _forget(walk, name, str(row_key))


TEXTS_OF_OTHERS: Final = ("block_reason", "notes", "command")
"""Free texts in the journal of cards, accounts, coupons and requests for a signature."""


def _forget(walk: Walk, name: str, row_key: str) -> None:
    heads, values = _table("change_set"), _table("change_value")
    sets = walk.connection.execute(
        select(heads.c.change_id).where(heads.c.table_name == name, heads.c.row_key == row_key)
    ).scalars()
    ids = list(sets)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        where: list[ColumnElement[bool]] = [
            values.c.change_id.in_(part),
            values.c.erased_at.is_(None),
        ]
        if name not in WHOLE:
            where.append(or_(values.c.is_personal, values.c.field_name.in_(TEXTS_OF_OTHERS)))
        empty = {"old_value": None, "new_value": None, "erased_at": walk.editing.now}
        walk.run(values, update(values).where(*where).values(**empty))
        walk.connection.execute(
            update(heads)
            .where(heads.c.change_id.in_(part), heads.c.reason != walk.reason)
            .values(reason=None)
        )


def _codes(walk: Walk) -> None:
    """Codes of sign-in carry the phone, sessions the guest."""
    code, contact = _table("auth_code"), tables.contact
    norms = walk.connection.execute(
        select(contact.c.value_norm).where(contact.c.holder_id.in_(walk.holder_ids))
    ).scalars()
    for value in sorted(set(norms)):
        walk.run(code, delete(code).where(code.c.value_norm == value))
    session = _table("holder_session")
    walk.run(session, delete(session).where(session.c.holder_id.in_(walk.holder_ids)))


def _messages(walk: Walk) -> None:
    message = _table("message")
    mine = message.c.holder_id.in_(walk.holder_ids)
    waiting = message.c.state.in_(WAITING)
    walk.connection.execute(update(message).where(mine, waiting).values(state=SUPPRESSED))
    walk.run(message, update(message).where(mine).values(subject=None, body="", contact_id=None))


def _documents(walk: Walk) -> None:
    """Cheques and remarks; their hashes stay, so no link of the chain changes (I-23)."""
    operation, document = _table("operation"), _table("operation_document")
    mine = operation.c.holder_id.in_(walk.holder_ids)
    ids = select(operation.c.operation_id).where(mine)
    walk.run(
        document,
        update(document)
        .where(document.c.operation_id.in_(ids), document.c.erased_at.is_(None))
        .values(body=None, salt=None, erased_at=walk.editing.now),
    )
    walk.run(
        operation,
        update(operation).where(mine, operation.c.remarks.is_not(None)).values(remarks=None),
    )


def _imports(walk: Walk) -> None:
    """Rows that made the guest; the file they came from goes as a whole."""
    row, piece = _table("import_row"), _table("import_piece")
    batches = walk.connection.execute(
        select(row.c.batch_id).where(row.c.object_id.in_(walk.holder_ids)).distinct()
    ).scalars()
    batch_ids = sorted(batches)
    walk.run(
        row,
        update(row).where(row.c.object_id.in_(walk.holder_ids)).values(payload="{}", errors=None),
    )
    for batch_id in batch_ids:
        walk.run(piece, update(piece).where(piece.c.batch_id == batch_id).values(body=b"", size=0))


def _texts(walk: Walk) -> None:
    """Free texts about the guest's cards, accounts, coupons, accesses and merges."""
    access, merge = _table("person_access"), tables.holder_merge
    mine = access.c.holder_id.in_(walk.holder_ids)
    walk.run(access, update(access).where(mine).values(reason=GONE))
    walk.run(
        merge,
        update(merge).where(merge.c.survivor_id.in_(walk.holder_ids)).values(reason=None),
    )
    card, event = _table("card"), _table("card_event")
    for table in (card, _table("account"), _table("coupon")):
        said = (table.c.holder_id.in_(walk.holder_ids), table.c.block_reason.is_not(None))
        walk.run(table, update(table).where(*said).values(block_reason=GONE))
    coupon = _table("coupon")
    walk.run(
        coupon,
        update(coupon)
        .where(coupon.c.holder_id.in_(walk.holder_ids), coupon.c.notes.is_not(None))
        .values(notes=None),
    )
    codes = select(card.c.card_code).where(card.c.holder_id.in_(walk.holder_ids))
    walk.run(
        event,
        update(event)
        .where(event.c.card_code.in_(codes), event.c.reason.is_not(None))
        .values(reason=None),
    )


def _requests(walk: Walk) -> None:
    for holder_id in walk.holder_ids:
        withdraw_of_holder(walk.editing, holder_id)


def _person(walk: Walk) -> None:
    """The holder's own tables, last: the steps before find their rows through them."""
    mine = walk.holder_ids
    for table in (tables.person, tables.person_photo, tables.contact, tables.address):
        walk.run(table, delete(table).where(table.c.holder_id.in_(mine)))
    link, kind = tables.property_link, tables.property_
    personal = select(kind.c.property_id).where(kind.c.is_personal)
    walk.run(
        link,
        delete(link).where(
            link.c.owner_kind == HOLDER_OWNER,
            link.c.owner_id.in_(mine),
            link.c.property_id.in_(personal),
        ),
    )
    consent, pair = tables.consent, tables.duplicate_candidate
    walk.run(
        consent,
        update(consent)
        .where(consent.c.holder_id.in_(mine), consent.c.evidence.is_not(None))
        .values(evidence=None),
    )
    either = or_(pair.c.holder_a.in_(mine), pair.c.holder_b.in_(mine))
    walk.run(pair, delete(pair).where(either))
    holder = tables.holder
    walk.run(
        holder,
        update(holder)
        .where(holder.c.holder_id.in_(mine))
        .values(external_code=None, source_system=None, updated_at=walk.editing.now),
    )
    for holder_id in mine:
        key = {"holder_id": holder_id}
        walk.editing.log.record(tables.person, key, Action.DELETE, {}, {})


STEPS: Final[tuple[Callable[[Walk], None], ...]] = (
    _requests,
    _journal,
    _codes,
    _messages,
    _documents,
    _imports,
    _texts,
    _person,
)
