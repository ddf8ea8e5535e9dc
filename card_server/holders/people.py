"""What tills and programs see of persons, read for many holders at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import Connection, select

from card_server.holders import tables


class Contact(msgspec.Struct, kw_only=True):
    """A contact with its type."""

    contact_id: int
    holder_id: int
    contact_type_id: int
    type_name: str
    type_code: str
    contact_class: int
    value: str
    value_ext: str | None
    dispatch: bool
    notes: str | None


class Person(msgspec.Struct, kw_only=True):
    """A holder with the person behind it."""

    holder_id: int
    pos_number: int
    division_id: int
    group_id: int | None
    non_payer_type_id: int | None
    external_code: str | None
    verified: bool
    state: int
    merged_into: int | None
    is_deleted: bool
    l_name: str | None = None
    f_name: str | None = None
    m_name: str | None = None
    full_name: str = ""
    birth_date: date | None = None
    gender: int = 0
    marital: int = 0
    smokes: bool = False
    language: int = 1049
    source: str | None = None
    remarks: str | None = None
    inn: str | None = None
    has_image: bool = False
    contacts: list[Contact] = []
    cards_count: int = 0
    """Cards that are not voided; this and the next only where they were asked for."""
    contacts_count: int = 0


HOLDER_COLUMNS = (
    "holder_id",
    "pos_number",
    "division_id",
    "group_id",
    "non_payer_type_id",
    "external_code",
    "verified",
    "state",
    "merged_into",
)
PERSON_COLUMNS = (
    "l_name",
    "f_name",
    "m_name",
    "full_name",
    "birth_date",
    "gender",
    "marital",
    "smokes",
    "language",
    "source",
    "remarks",
    "inn",
)


def read_people(
    connection: Connection, holder_ids: Iterable[int], *, contacts: bool = False
) -> dict[int, Person]:
    """Holders by id; ids that do not exist are left out."""
    holder, person, photo = tables.holder, tables.person, tables.person_photo
    ids = list(holder_ids)
    rows = connection.execute(
        select(
            *(holder.c[name] for name in HOLDER_COLUMNS),
            holder.c.deleted_at,
            *(person.c[name] for name in PERSON_COLUMNS),
            photo.c.holder_id.label("photo_of"),
        )
        .outerjoin(person, person.c.holder_id == holder.c.holder_id)
        .outerjoin(photo, photo.c.holder_id == holder.c.holder_id)
        .where(holder.c.holder_id.in_(ids))
    )
    found = {}
    for row in rows.mappings():
        values = {name: row[name] for name in HOLDER_COLUMNS}
        values |= {name: row[name] for name in PERSON_COLUMNS if row[name] is not None}
        found[row["holder_id"]] = Person(
            **values,
            is_deleted=row["deleted_at"] is not None,
            has_image=row["photo_of"] is not None,
            contacts=[],
        )
    if contacts and found:
        for contact in read_contacts(connection, found):
            found[contact.holder_id].contacts.append(contact)
    return found


def read_contacts(connection: Connection, holder_ids: Iterable[int]) -> list[Contact]:
    """Live contacts of the holders, in the order of their ids."""
    contact, kind = tables.contact, tables.contact_type
    rows = connection.execute(
        select(contact, kind.c.name, kind.c.external_code, kind.c["class"].label("kind_class"))
        .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
        .where(contact.c.holder_id.in_(list(holder_ids)), contact.c.deleted_at.is_(None))
        .order_by(contact.c.contact_id)
    )
    return [
        Contact(
            contact_id=row["contact_id"],
            holder_id=row["holder_id"],
            contact_type_id=row["contact_type_id"],
            type_name=row["name"],
            type_code=row["external_code"] or "",
            contact_class=row["kind_class"],
            value=row["value"],
            value_ext=row["value_ext"],
            dispatch=bool(row["dispatch"]),
            notes=row["notes"],
        )
        for row in rows.mappings()
    ]
