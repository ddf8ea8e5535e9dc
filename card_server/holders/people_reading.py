"""Persons and contacts by set-based statements of the hot path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Table, case, func, select
from sqlalchemy.engine import Dialect

from card_server.db.base import ID64
from card_server.db.hot import Cursor, HotSelect
from card_server.holders import tables
from card_server.holders.people import HOLDER_COLUMNS, PERSON_COLUMNS, Contact, Person

CARD_VOIDED = 3


class PeopleReader:
    """Statements compiled once for a dialect; `card` is the table of a storey above."""

    def __init__(self, dialect: Dialect, card: Table) -> None:
        holder, person, photo = tables.holder, tables.person, tables.person_photo
        contact, kind = tables.contact, tables.contact_type
        columns = [
            *(holder.c[name] for name in HOLDER_COLUMNS),
            case((holder.c.deleted_at.is_not(None), 1), else_=0).label("is_deleted"),
            *(person.c[name] for name in PERSON_COLUMNS),
            photo.c.holder_id.label("photo_of"),
        ]
        self._people: HotSelect[Person] = HotSelect(
            dialect,
            lambda keys: (
                select(*columns)
                .outerjoin(person, person.c.holder_id == holder.c.holder_id)
                .outerjoin(photo, photo.c.holder_id == holder.c.holder_id)
                .where(holder.c.holder_id.in_(keys))
            ),
            _person,
            ID64,
        )
        shown = [
            contact.c.contact_id,
            contact.c.holder_id,
            contact.c.contact_type_id,
            kind.c.name,
            kind.c.external_code,
            kind.c["class"].label("contact_class"),
            contact.c.value,
            contact.c.value_ext,
            contact.c.dispatch,
            contact.c.notes,
        ]
        self._contacts: HotSelect[Contact] = HotSelect(
            dialect,
            lambda keys: (
                select(*shown)
                .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
                .where(contact.c.holder_id.in_(keys), contact.c.deleted_at.is_(None))
            ),
            _contact,
            ID64,
        )
        self._counts = self._counting(dialect, card)

    @staticmethod
    def _counting(dialect: Dialect, card: Table) -> HotSelect[tuple[int, int, int]]:
        holder, contact = tables.holder, tables.contact
        cards = (
            select(func.count())
            .where(
                card.c.holder_id == holder.c.holder_id,
                card.c.state != CARD_VOIDED,
                card.c.deleted_at.is_(None),
            )
            .scalar_subquery()
        )
        contacts = (
            select(func.count())
            .where(contact.c.holder_id == holder.c.holder_id, contact.c.deleted_at.is_(None))
            .scalar_subquery()
        )
        return HotSelect(
            dialect,
            lambda keys: select(
                holder.c.holder_id, cards.label("cards"), contacts.label("contacts")
            ).where(holder.c.holder_id.in_(keys)),
            _triple,
            ID64,
        )

    def read(self, cursor: Cursor, holder_ids: Iterable[int], people: dict[int, Person]) -> None:
        """Add the persons of the holders."""
        for person in self._people.rows(cursor, holder_ids):
            people[person.holder_id] = person

    def read_contacts(
        self, cursor: Cursor, holder_ids: Iterable[int], people: dict[int, Person]
    ) -> None:
        """Add the contacts of persons that were read."""
        wanted = [i for i in holder_ids if i in people and not people[i].contacts]
        for contact in sorted(self._contacts.rows(cursor, wanted), key=_contact_id):
            people[contact.holder_id].contacts.append(contact)

    def read_counts(
        self, cursor: Cursor, holder_ids: Iterable[int], people: dict[int, Person]
    ) -> None:
        """Add how many cards and contacts persons that were read have."""
        wanted = [i for i in holder_ids if i in people]
        for holder_id, cards, contacts in self._counts.rows(cursor, wanted):
            people[holder_id].cards_count = cards
            people[holder_id].contacts_count = contacts


def _triple(first: Any, second: Any, third: Any) -> tuple[Any, Any, Any]:
    return (first, second, third)


def _contact_id(contact: Contact) -> int:
    return contact.contact_id


def _contact(*values: Any) -> Contact:
    names = Contact.__struct_fields__
    row = dict(zip(names, values, strict=True))
    row["type_code"] = row["type_code"] or ""
    return Contact(**row)


_FIELDS = (*HOLDER_COLUMNS, "is_deleted", *PERSON_COLUMNS, "has_image", "contacts")
_FULL_NAME = _FIELDS.index("full_name")
_HOLDER_PART = _FIELDS[: len(HOLDER_COLUMNS) + 1]
_Row: Any = msgspec.defstruct("Person", [(name, Any) for name in _FIELDS], bases=(Person,))
"""A person whose fields come by position: ten times as quick as by name."""


def _person(*values: Any) -> Person:
    if values[_FULL_NAME] is None:  # a holder without a person
        return Person(**dict(zip(_HOLDER_PART, values, strict=False)), contacts=[])
    *fields, photo_of = values
    found: Person = _Row(*fields, photo_of is not None, [])
    return found
