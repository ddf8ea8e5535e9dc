"""Holders as the rules see them, and what programs ask to be done with them (domain 1.3)."""

from __future__ import annotations

from typing import Any

import msgspec

HOLDER_ACTIVE, HOLDER_MERGED, HOLDER_ERASED = 1, 2, 3


class Holder(msgspec.Struct, kw_only=True, gc=False):
    """The ledger side of a holder."""

    holder_id: int
    pos_number: int
    division_id: int = 1
    group_id: int | None = None
    non_payer_type_id: int | None = None
    state: int = HOLDER_ACTIVE
    merged_into: int | None = None
    is_deleted: bool = False


class Address(msgspec.Struct, kw_only=True):
    """An address with the names of its dictionary rows; `lat`, `lng` in 10^-7 degrees."""

    address_id: int
    holder_id: int
    address_type_id: int
    type_name: str = ""
    country_id: int | None = None
    country: str = ""
    zip: str = ""
    region: str = ""
    city_id: int | None = None
    city: str = ""
    street_id: int | None = None
    street: str = ""
    metro_station_id: int | None = None
    metro_station: str = ""
    house: str = ""
    building: str = ""
    entry: str = ""
    floor: str = ""
    apartment: str = ""
    entry_code: str = ""
    extended: str = ""
    lat: int | None = None
    lng: int | None = None


class Photo(msgspec.Struct, kw_only=True, frozen=True):
    """A holder's picture as stored, and the small one for the till (domain 1.3)."""

    mime: str
    content: bytes
    thumb: bytes


class Wish(msgspec.Struct, kw_only=True):
    """What a program wants of a row: `values` by column, None empties; only what was given."""

    values: dict[str, Any] = {}
    delete: bool = False


class ContactWish(Wish, kw_only=True):
    """A contact to be added, changed or removed; its type by id, code, class, or guessed."""

    contact_id: int | None = None
    type_id: int | None = None
    type_code: str = ""
    type_class: int | None = None


class AddressWish(Wish, kw_only=True):
    """An address likewise; names of dictionaries stand in `values` under their own names."""

    address_id: int | None = None
    type_id: int | None = None


class PersonWish(Wish, kw_only=True):
    """The questionnaire: `values` are columns of person, `holder` columns of holder."""

    holder: dict[str, Any] = {}
    contacts: list[ContactWish] = []
    addresses: list[AddressWish] = []
    photo: Photo | None = None
