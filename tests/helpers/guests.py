"""Rows of guests for tests: contacts, addresses, pictures, written as the product stores them."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from sqlalchemy import insert

from card_server.holders import tables
from card_server.holders.rules import address_key, name_keys, normal_value, tail_of
from tests.helpers.shop import Shop

PHONE, EMAIL = 1, 2


def bare_holder(shop: Shop, **values: Any) -> int:
    """A holder's row alone, inside the test's own transaction; gives back its id."""
    holder_id = shop.ledger.ids.take("holder")
    shop.connection.execute(
        insert(tables.holder).values(
            holder_id=holder_id,
            pos_number=shop.ledger.ids.take("pos_number"),
            division_id=1,
            registered_at=shop.now,
            created_at=shop.now,
            updated_at=shop.now,
            **values,
        )
    )
    return int(holder_id)


def add_person(
    shop: Shop, last: str | None, first: str | None, middle: str | None, full: str
) -> int:
    """A holder with a person; gives back the holder's id."""
    with shop.connection.begin():
        holder_id = bare_holder(shop)
        shop.connection.execute(
            insert(tables.person).values(
                holder_id=holder_id,
                l_name=last,
                f_name=first,
                m_name=middle,
                full_name=full,
                **name_keys(full, last, first, middle),
            )
        )
    return holder_id


def add_contact(shop: Shop, holder_id: int, value: str, kind: int = PHONE, **more: Any) -> int:
    """A contact of a holder; gives back its id."""
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        contact_id = shop.ledger.ids.take("contact")
        shop.connection.execute(
            insert(tables.contact).values(
                contact_id=contact_id,
                holder_id=holder_id,
                contact_type_id=kind,
                value=value,
                value_norm=normal_value(value, kind),
                value_tail=tail_of(normal_value(value, kind)),
                **more,
                **std,
            )
        )
    return int(contact_id)


def add_address(shop: Shop, holder_id: int, city: str, street: str, house: str) -> int:
    """An address in Russia; gives back its id."""
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        address_id = shop.ledger.ids.take("address")
        number = address_id % 10**13
        shop.connection.execute(
            insert(tables.city).values(
                city_id=number, country_id=1, name=city, name_key=city.lower()
            )
        )
        shop.connection.execute(
            insert(tables.street).values(
                street_id=number, city_id=number, name=street, name_key=street.lower()
            )
        )
        shop.connection.execute(
            insert(tables.address).values(
                address_id=address_id,
                holder_id=holder_id,
                address_type_id=1,
                country_id=1,
                city_id=number,
                street_id=number,
                house=house,
                lat=557_558_000,
                lng=-376_173_000,
                dup_key=address_key([city, street, house]),
                **std,
            )
        )
    return int(address_id)


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_head(width: int, height: int, padding: int = 0) -> bytes:
    """What a JPEG starts with, as far as its size is told; with so many bytes behind."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8" + app0 + frame + b"\0" * padding + b"\xff\xd9"
