"""Guests as the office sees them: lists, one whole, contacts masked, one unmasked (domain 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, TextClause, func, insert, select, text

from card_server.db.base import PREFIX, metadata
from card_server.db.editing import row_of
from card_server.db.listing import Listing, list_rows
from card_server.holders import tables
from card_server.holders.records import HOLDER_ACTIVE
from card_server.holders.repository import HOLDER_OWNER, read_addresses
from card_server.holders.rules import HIDDEN, window_mask
from card_server.http.routes import Actor, Flow, Ids, Reading
from shared.wire import holders as wire
from shared.wire.base import Page, Sort
from shared.wire.errors import AppError, ErrorCode

CONTACTS_IN_FULL: Final = "person.contacts"
UNMASK: Final = 1
"""`person_access.what`."""
SHORTEST_REASON: Final = 5
LONGEST_REASON: Final = 255
DAY: Final = timedelta(hours=24)
LIVING_CARDS: Final = text("crm_card.state <> 3 AND crm_card.deleted_at IS NULL")
LIVING_ACCOUNTS: Final = text("crm_account.state <> 3")
"""As the filtered index says it: with a bound value no database would use it."""
OPENED: Final = "GetHolder"
"""The reason of who may always see contacts: the guest's window was opened."""
_holder, _person = tables.holder, tables.person
_OF_PERSON: Final = ("full_name", "birth_date", "gender")
_FIELDS: Final[dict[str, Any]] = {
    name: _person.c[name] if name in _OF_PERSON else _holder.c[name]
    for name in wire.HolderRow.__struct_fields__
}
_SOURCE: Final = _holder.outerjoin(_person, _person.c.holder_id == _holder.c.holder_id)
HOLDERS: Final = Listing(
    source=_SOURCE,
    key=_holder.c.holder_id,
    fields=_FIELDS,
    columns=list(_FIELDS.values()),
    deleted_at=_holder.c.deleted_at,
)
NEWEST: Final = Sort(field="holder_id", descending=True)


def _row(values: Any) -> wire.HolderRow:
    return wire.HolderRow(**dict(zip(wire.HolderRow.__struct_fields__, values, strict=True)))


def list_holders(asked: wire.ListHolders, reading: Reading) -> Page[wire.HolderRow]:
    """Guests of the user's divisions, newest first."""
    if asked.sort is not None and asked.sort.field != "holder_id":
        raise AppError(ErrorCode.FIELD_BAD, field="sort", value=asked.sort.field[:60])
    divisions = reading.actor.divisions
    mine = [] if divisions is None else [_holder.c.division_id.in_(sorted(divisions))]
    sort = asked.sort or NEWEST
    query = wire.ListHolders(
        where=asked.where,
        sort=sort,
        after=asked.after,
        limit=asked.limit,
        count=asked.count,
        marks=asked.marks,
        deleted=asked.deleted,
    )
    found = list_rows(reading.connection, HOLDERS, query, *mine)
    return Page(
        rows=[_row(row) for row in found.rows],
        next=found.next,
        total=found.total,
        marks=found.marks,
    )


def rows_of(connection: Connection, ids: Collection[int]) -> dict[int, wire.HolderRow]:
    """Guests by id, as lists show them."""
    statement = select(*_FIELDS.values()).select_from(_SOURCE).where(_holder.c.holder_id.in_(ids))
    return {row[0]: _row(row) for row in connection.execute(statement)}


def get_holder(asked: wire.GetHolder, flow: Flow) -> wire.Holder:
    """One guest whole; who sees contacts in full leaves a row in the book of accesses."""
    actor = flow.actor
    found = flow.desk.read(lambda connection: whole_holder(connection, actor, asked.holder_id))
    if CONTACTS_IN_FULL in actor.rights and found.contacts:
        note_opened(flow, [asked.holder_id], OPENED)
    return found


def note_opened(flow: Flow, holder_ids: Collection[int], what: str) -> None:
    """Leave a row for each guest whose contacts were shown in full (domain 5, right 6)."""
    if CONTACTS_IN_FULL not in flow.actor.rights or not holder_ids:
        return

    def note(connection: Connection, now: datetime, ids: Ids) -> None:
        for holder_id in holder_ids:
            _note(connection, flow.actor, now, ids, holder_id, None, what)

    flow.desk.edit(note)


def present_holder(asked: wire.HolderCommand, reading: Reading) -> wire.Holder:
    """The guest as he stands, contacts masked, for who changed an older version."""
    return whole_holder(reading.connection, reading.actor, asked.holder_id, masked=True)


def present_contact(asked: wire.EditContact | wire.DeleteContact, reading: Reading) -> Any:
    """The contact as it stands, masked, for who changed an older version."""
    connection, key = reading.connection, asked.contact_id
    row = row_of(connection, tables.contact, {"contact_id": key})
    rows = _contacts(connection, _own(reading, row.holder_id), is_open=False)
    return next(one for one in rows if one.contact_id == key)


def present_address(asked: wire.EditAddress | wire.DeleteAddress, reading: Reading) -> Any:
    """The address as it stands, for who changed an older version."""
    connection, key = reading.connection, asked.address_id
    row = row_of(connection, tables.address, {"address_id": key})
    rows = _addresses(connection, _own(reading, row.holder_id))
    return next(one for one in rows if one.address_id == key)


def _own(reading: Reading, holder_id: int) -> int:
    owner = row_of(reading.connection, _holder, {"holder_id": holder_id})
    reading.actor.need_division(owner.division_id)
    return holder_id


def whole_holder(
    connection: Connection, actor: Actor, holder_id: int, *, masked: bool = False
) -> wire.Holder:
    """A guest with everything that hangs on him."""
    row = connection.execute(select(_holder).where(_holder.c.holder_id == holder_id)).one_or_none()
    if row is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="holder", id=str(holder_id)[:60])
    actor.need_division(row.division_id)
    names = wire.Person.__struct_fields__
    person = connection.execute(
        select(*(_person.c[name] for name in names)).where(_person.c.holder_id == holder_id)
    ).one_or_none()
    photo = tables.person_photo
    has_photo = connection.execute(
        select(photo.c.mime).where(photo.c.holder_id == holder_id)
    ).first()
    is_open = CONTACTS_IN_FULL in actor.rights and not masked
    return wire.Holder(
        row=rows_of(connection, [holder_id])[holder_id],
        external_code=row.external_code,
        source_system=row.source_system,
        non_payer_type_id=row.non_payer_type_id,
        merged_into=row.merged_into,
        deleted_at=row.deleted_at,
        person=None if person is None else wire.Person(**dict(zip(names, person, strict=True))),
        has_photo=has_photo is not None,
        contacts=_contacts(connection, holder_id, is_open=is_open),
        addresses=_addresses(connection, holder_id),
        properties=_properties(connection, holder_id),
        consents=_consents(connection, holder_id),
        cards=_count(connection, "card", holder_id, LIVING_CARDS),
        accounts=_count(connection, "account", holder_id, LIVING_ACCOUNTS),
    )


def _contacts(connection: Connection, holder_id: int, *, is_open: bool) -> list[wire.ContactRow]:
    contact, kind = tables.contact, tables.contact_type
    rows = connection.execute(
        select(contact, kind.c["class"].label("contact_class"))
        .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
        .where(contact.c.holder_id == holder_id, contact.c.deleted_at.is_(None))
        .order_by(contact.c.contact_id)
    )
    known = set(wire.ContactRow.__struct_fields__) - {"value", "value_ext", "is_masked"}
    return [
        wire.ContactRow(
            **{name: getattr(row, name) for name in known},
            value=row.value if is_open else window_mask(row.value, row.contact_class),
            value_ext=row.value_ext if is_open or not row.value_ext else HIDDEN,
            is_masked=not is_open,
        )
        for row in rows
    ]


def _addresses(connection: Connection, holder_id: int) -> list[wire.AddressRow]:
    table = tables.address
    rows = connection.execute(
        select(table.c.address_id, table.c.version).where(table.c.holder_id == holder_id)
    )
    versions = {row.address_id: row.version for row in rows}
    names = [name for name in wire.AddressRow.__struct_fields__ if name != "version"]
    return [
        wire.AddressRow(
            **{name: getattr(one, name) for name in names}, version=versions[one.address_id]
        )
        for one in read_addresses(connection, [holder_id]).get(holder_id, [])
    ]


def _properties(connection: Connection, holder_id: int) -> list[wire.PropertyValue]:
    link, names = tables.property_link, wire.PropertyValue.__struct_fields__
    rows = connection.execute(
        select(*(link.c[name] for name in names))
        .where(link.c.owner_kind == HOLDER_OWNER, link.c.owner_id == holder_id)
        .order_by(link.c.property_id)
    )
    return [wire.PropertyValue(**dict(zip(names, row, strict=True))) for row in rows]


def _consents(connection: Connection, holder_id: int) -> list[wire.ConsentRow]:
    table, names = tables.consent, wire.ConsentRow.__struct_fields__
    rows = connection.execute(
        select(*(table.c[name] for name in names))
        .where(table.c.holder_id == holder_id)
        .order_by(table.c.at.desc(), table.c.consent_id.desc())
    )
    return [wire.ConsentRow(**dict(zip(names, row, strict=True))) for row in rows]


def _count(connection: Connection, name: str, holder_id: int, living: TextClause) -> int:
    """How many rows of a subject above this one are the guest's."""
    table = metadata.tables[PREFIX + name]
    statement = (
        select(func.count()).select_from(table).where(table.c.holder_id == holder_id, living)
    )
    return int(connection.execute(statement).scalar_one())


# ---------------------------------------------------------------------- contacts in full


def unmask_contact(asked: wire.UnmaskContact, flow: Flow) -> wire.Unmasked:
    """One contact in full.

    The value goes to the user and nowhere else: it is no command's kept answer, so a repeat
    leaves one more row, as the contact was shown once more.
    """
    reason, actor = asked.reason.strip(), flow.actor
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    if len(reason) > LONGEST_REASON:
        raise AppError(ErrorCode.TOO_LONG, field="reason", limit=LONGEST_REASON)

    def show(connection: Connection, now: datetime, ids: Ids) -> wire.Unmasked:
        row = row_of(connection, tables.contact, {"contact_id": asked.contact_id})
        owner = row_of(connection, _holder, {"holder_id": row.holder_id})
        actor.need_division(owner.division_id)
        if owner.state != HOLDER_ACTIVE:
            raise AppError(ErrorCode.HOLDER_DELETED)
        _check_quota(connection, actor, now)
        _note(connection, actor, now, ids, row.holder_id, asked.contact_id, reason)
        return wire.Unmasked(value=row.value, value_ext=row.value_ext)

    return flow.desk.edit(show)


def _check_quota(connection: Connection, actor: Actor, now: datetime) -> None:
    """At most so many contacts in any 24 hours as the user's roles allow."""
    access = metadata.tables[PREFIX + "person_access"]
    count, first = connection.execute(
        select(func.count(), func.min(access.c.at)).where(
            access.c.user_id == actor.user_id,
            access.c.what == UNMASK,
            access.c.contact_id.is_not(None),
            access.c.at > now - DAY,
        )
    ).one()
    if count >= actor.unmask_per_day:
        wait = DAY if first is None else first + DAY - now
        raise AppError(ErrorCode.RATE_LIMITED, seconds=max(1, int(wait.total_seconds())))


def _note(
    connection: Connection,
    actor: Actor,
    now: datetime,
    ids: Ids,
    holder_id: int,
    contact_id: int | None,
    reason: str,
) -> None:
    connection.execute(
        insert(metadata.tables[PREFIX + "person_access"]).values(
            person_access_id=ids.take("change"),
            at=now,
            user_id=actor.user_id,
            holder_id=holder_id,
            contact_id=contact_id,
            what=UNMASK,
            reason=reason,
            application=actor.application[:30] or None,
        )
    )


def get_photo(asked: wire.GetPhoto, reading: Reading) -> wire.Picture:
    """The picture of a guest of the user's divisions."""
    row = row_of(reading.connection, _holder, {"holder_id": asked.holder_id})
    reading.actor.need_division(row.division_id)
    photo = row_of(reading.connection, tables.person_photo, {"holder_id": asked.holder_id})
    if asked.small:
        return wire.Picture(mime="image/jpeg", content=bytes(photo.thumb))
    return wire.Picture(mime=photo.mime, content=bytes(photo.bytes))
