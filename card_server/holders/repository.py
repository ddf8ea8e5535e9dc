"""Questions about holders: who has a contact or a code, addresses, properties, pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from card_server.holders import tables
from card_server.holders.records import HOLDER_ACTIVE, Address, Photo

HOLDER_OWNER: Final = 1
"""`property_link.owner_kind` of holders."""

CHUNK: Final = 500
"""Keys of one statement: the smallest limit of parameters among the databases is 2 100."""


def chunks(keys: Collection[Any]) -> Iterable[Sequence[Any]]:
    """The keys in pieces that fit a statement."""
    ordered = list(keys)
    return (ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK))


def is_live(holder: Table) -> tuple[ColumnElement[bool], ...]:
    """Neither deleted nor merged nor erased."""
    return (holder.c.deleted_at.is_(None), holder.c.state == HOLDER_ACTIVE)


def holders_by_contact(connection: Connection, value_norm: str, contact_class: int) -> list[int]:
    """Live holders with a live contact of that normal form and class, by id."""
    contact, kind, holder = tables.contact, tables.contact_type, tables.holder
    rows = connection.execute(
        select(holder.c.holder_id)
        .join(contact, contact.c.holder_id == holder.c.holder_id)
        .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
        .where(
            contact.c.value_norm == value_norm,
            contact.c.deleted_at.is_(None),
            kind.c["class"] == contact_class,
            *is_live(holder),
        )
        .distinct()
        .order_by(holder.c.holder_id)
    )
    return [row.holder_id for row in rows]


def holders_by_external_code(connection: Connection, code: str) -> list[int]:
    """Live holders with that code of a foreign system, by id."""
    holder = tables.holder
    rows = connection.execute(
        select(holder.c.holder_id)
        .where(holder.c.external_code == code, *is_live(holder))
        .order_by(holder.c.holder_id)
    )
    return [row.holder_id for row in rows]


def others_with_contact(
    connection: Connection, value_norm: str, contact_type_id: int, holder_id: int
) -> int:
    """How many other live holders share a contact of a type (`max_holders`)."""
    contact, holder = tables.contact, tables.holder
    found = connection.execute(
        select(func.count(holder.c.holder_id.distinct()))
        .join(contact, contact.c.holder_id == holder.c.holder_id)
        .where(
            contact.c.value_norm == value_norm,
            contact.c.contact_type_id == contact_type_id,
            contact.c.deleted_at.is_(None),
            holder.c.holder_id != holder_id,
            *is_live(holder),
        )
    ).scalar()
    return int(found or 0)


def _addresses() -> Select[Any]:
    address, kind = tables.address, tables.address_type
    country, city = tables.country, tables.city
    street, metro = tables.street, tables.metro_station
    plain = [c for c in address.columns if c.name in Address.__struct_fields__]
    return (
        select(
            *plain,
            kind.c.name.label("type_name"),
            country.c.name.label("country"),
            city.c.name.label("city"),
            street.c.name.label("street"),
            metro.c.name.label("metro_station"),
        )
        .join(kind, kind.c.address_type_id == address.c.address_type_id)
        .outerjoin(country, country.c.country_id == address.c.country_id)
        .outerjoin(city, city.c.city_id == address.c.city_id)
        .outerjoin(street, street.c.street_id == address.c.street_id)
        .outerjoin(metro, metro.c.metro_station_id == address.c.metro_station_id)
        .where(address.c.deleted_at.is_(None))
        .order_by(address.c.address_id)
    )


def read_addresses(connection: Connection, holder_ids: Collection[int]) -> dict[int, list[Address]]:
    """Live addresses of holders, each in the order of ids."""
    found: dict[int, list[Address]] = {}
    for keys in chunks(holder_ids):
        rows = connection.execute(_addresses().where(tables.address.c.holder_id.in_(keys)))
        for row in rows.mappings():
            values = {name: value for name, value in row.items() if value is not None}
            found.setdefault(row["holder_id"], []).append(Address(**values))
    return found


def read_properties(
    connection: Connection, holder_ids: Collection[int]
) -> dict[int, list[tuple[int, int]]]:
    """(property id, value id) of list properties; other kinds have no value id to show."""
    link, found = tables.property_link, dict[int, list[tuple[int, int]]]()
    for keys in chunks(holder_ids):
        rows = connection.execute(
            select(link.c.owner_id, link.c.property_id, link.c.property_value_id)
            .where(
                link.c.owner_kind == HOLDER_OWNER,
                link.c.owner_id.in_(keys),
                link.c.property_value_id.is_not(None),
            )
            .order_by(link.c.owner_id, link.c.property_id)
        )
        for holder_id, property_id, value_id in rows:
            found.setdefault(holder_id, []).append((property_id, value_id))
    return found


def read_photos(connection: Connection, holder_ids: Collection[int]) -> dict[int, Photo]:
    """Pictures of holders."""
    photo, found = tables.person_photo, dict[int, Photo]()
    for keys in chunks(holder_ids):
        rows = connection.execute(select(photo).where(photo.c.holder_id.in_(keys)))
        for row in rows:
            found[row.holder_id] = Photo(
                mime=row.mime, content=bytes(row.bytes), thumb=bytes(row.thumb)
            )
    return found
