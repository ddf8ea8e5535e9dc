"""Addresses of a holder, and the dictionaries of places that grow with them (domain 1.3)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Table, select

from card_server.divisions.repository import next_dictionary_id
from card_server.holders import tables
from card_server.holders.records import Address, AddressWish
from card_server.holders.repository import read_addresses
from card_server.holders.rules import address_key, squeezed
from card_server.holders.workbench import Workbench
from shared.wire.errors import AppError, ErrorCode

PLACES: Final = ("country", "city", "street", "metro_station")
PLAIN: Final = (
    "zip",
    "region",
    "house",
    "building",
    "entry",
    "floor",
    "apartment",
    "entry_code",
    "extended",
)
PARENTS: Final = {"city": "country", "street": "city", "metro_station": "city"}
FIELDS: Final = {
    "country": "Country_ID",
    "city": "City_ID",
    "street": "Street_ID",
    "metro_station": "Metro_Station_ID",
}
"""How a program calls the ids, for refusals."""


class AddressEditor:
    """Works off the address wishes of one holder."""

    def __init__(self, bench: Workbench, holder_id: int) -> None:
        self._bench = bench
        self._holder_id = holder_id

    def apply(self, wish: AddressWish) -> None:
        """Add an address, or change or remove the one it names."""
        if wish.address_id is None:
            if not wish.delete and (wish.values or wish.type_id is not None):
                self._add(wish)
            return
        mine = read_addresses(self._bench.connection, [self._holder_id])
        found = next(
            (a for a in mine.get(self._holder_id, ()) if a.address_id == wish.address_id), None
        )
        if found is None:
            raise AppError(ErrorCode.ADDRESS_NOT_FOUND, id=wish.address_id)
        if wish.delete:
            self._bench.log.delete(tables.address, {"address_id": wish.address_id})
        else:
            self._change(found, wish)

    def _add(self, wish: AddressWish) -> None:
        row = self.new_row(wish)
        if not self._known(row["dup_key"]):
            self._bench.log.insert(tables.address, row)

    def new_row(self, wish: AddressWish) -> dict[str, Any]:
        """The row of a further address; places it names are made on the fly."""
        type_id = self._type_of(wish.type_id)
        nothing = Address(address_id=0, holder_id=0, address_type_id=type_id)
        return {
            "address_id": self._bench.ids.take("address"),
            "holder_id": self._holder_id,
            "address_type_id": type_id,
            **self._stored(nothing, wish),
        }

    def _change(self, old: Address, wish: AddressWish) -> None:
        values = self._stored(old, wish)
        if self._known(values["dup_key"], besides=old.address_id):
            return  # it became the same as another one, which stands already
        if wish.type_id is not None:
            values["address_type_id"] = self._type_of(wish.type_id)
        self._bench.log.edit(tables.address, {"address_id": old.address_id}, values)

    def _stored(self, old: Address, wish: AddressWish) -> dict[str, Any]:
        """Columns of the row after the wish; names of places become ids."""
        given, stored = wish.values, dict[str, Any]()
        names: list[str] = []
        for place in PLACES:
            number, name = self._place(place, old, given, stored)
            stored[f"{place}_id"] = number
            names.append(name)
        for part in PLAIN:
            value = given[part] if part in given else getattr(old, part)
            stored[part] = value or None
            names.append(value or "")
        for axis in ("lat", "lng"):
            stored[axis] = given[axis] if axis in given else getattr(old, axis)
        stored["dup_key"] = address_key(names)
        return stored

    def _place(
        self, place: str, old: Address, given: dict[str, Any], stored: dict[str, Any]
    ) -> tuple[int | None, str]:
        """Id and name of a place: by a known id, else by its name, made on the fly."""
        table = getattr(tables, place)
        sent_id, name = given.get(f"{place}_id"), given.get(place)
        if sent_id:
            known = self._name_of(table, sent_id)
            if known is not None:
                return sent_id, known
            if not name:
                raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=FIELDS[place], value=sent_id)
        if place in given or f"{place}_id" in given:
            return (self._find_or_make(place, table, name, stored), name) if name else (None, "")
        return getattr(old, f"{place}_id"), getattr(old, place)

    def _name_of(self, table: Table, number: int) -> str | None:
        key = next(iter(table.primary_key.columns))
        found: str | None = self._bench.connection.execute(
            select(table.c.name).where(key == number)
        ).scalar()
        return found

    def _find_or_make(self, place: str, table: Table, name: str, stored: dict[str, Any]) -> int:
        """The row of a name under its parent, made if it is not there."""
        parent = PARENTS.get(place)
        above = None if parent is None else stored[f"{parent}_id"]
        known = (place, above, squeezed(name))
        if known not in self._bench.places:
            self._bench.places[known] = self._look_or_make(place, table, name, stored)
        return self._bench.places[known]

    def _look_or_make(self, place: str, table: Table, name: str, stored: dict[str, Any]) -> int:
        key = next(iter(table.primary_key.columns))
        values: dict[str, Any] = {"name_key": squeezed(name)}
        parent = PARENTS.get(place)
        if parent is not None:
            values[f"{parent}_id"] = stored[f"{parent}_id"]
        where = [
            table.c[column].is_(None) if value is None else table.c[column] == value
            for column, value in values.items()
        ]
        found = self._bench.connection.execute(select(key).where(*where)).scalar()
        if found is not None:
            return int(found)
        number = next_dictionary_id(self._bench.connection, table)
        self._bench.log.insert(table, {key.name: number, "name": name, **values})
        return number

    def _type_of(self, type_id: int | None) -> int:
        """The type named, or the first one."""
        known = self._bench.address_types
        if not known:
            table = tables.address_type
            rows = self._bench.connection.execute(
                select(table.c.address_type_id)
                .where(table.c.is_active, table.c.deleted_at.is_(None))
                .order_by(table.c.sort_no, table.c.address_type_id)
            )
            known.extend(row.address_type_id for row in rows)
        if type_id is None and known:
            return int(known[0])
        if type_id not in known:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Type_ID", value=type_id)
        return int(type_id or 0)

    def _known(self, dup_key: bytes, besides: int = 0) -> bool:
        table = tables.address
        found = self._bench.connection.execute(
            select(table.c.address_id).where(
                table.c.holder_id == self._holder_id,
                table.c.dup_key == dup_key,
                table.c.address_id != besides,
                table.c.deleted_at.is_(None),
            )
        ).scalar()
        return found is not None
