"""Contact and address types, non-payers and properties, each as a declaration (domain 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.db.base import PREFIX, metadata
from card_server.dictionaries.editor import Change, Editor
from card_server.dictionaries.parts import Parts
from card_server.holders import tables
from card_server.holders.groups import HOLDER_GROUPS
from card_server.http.routes import Route
from shared.wire import dictionaries as wire
from shared.wire import groups, properties
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

LIST: Final = 5
"""The property type whose values are chosen from a list."""
LARGEST_INT: Final = (1 << 31) - 1


def _frozen(change: Change, field: str, table: str, column: str) -> None:
    """A kind stays while values of it are kept: they were read by it."""
    if change.key is None or change.after[field] == change.before[field]:
        return
    users = metadata.tables[PREFIX + table]
    used = select(users.c[column]).where(users.c[column] == change.key).limit(1)
    if change.editing.connection.execute(used).first() is not None:
        raise AppError(ErrorCode.IN_USE, where=table, n=1)


CONTACT_TYPES: Final = Editor(
    table=tables.contact_type,
    record=wire.ContactType,
    columns={"contact_class": "class"},
    needs=("name", "contact_class"),
    ranges={"class": (1, 5), "max_holders": (1, 10_000)},
    used_by=("contact.contact_type_id",),
    check=lambda change: _frozen(change, "class", "contact", "contact_type_id"),
)
ADDRESS_TYPES: Final = Editor(
    table=tables.address_type,
    record=wire.AddressType,
    used_by=("address.address_type_id",),
)
NON_PAYER_TYPES: Final = Editor(
    table=tables.non_payer_type,
    record=wire.NonPayerType,
    tree="parent_id",
    ranges={"external_id": (0, LARGEST_INT)},
    used_by=("non_payer_type.parent_id", "holder.non_payer_type_id"),
)

VALUES: Final = Parts(
    field="values",
    table=tables.property_value,
    owner="property_id",
    record=properties.PropertyValue,
    used_by=("property_link.property_value_id",),
)


def _show_property(connection: Connection, row: Mapping[str, Any]) -> properties.Property:
    values = VALUES.records(connection, row["property_id"])
    return properties.Property(row=PROPERTIES.record_of(row), values=values)


def _settle_property(connection: Connection, key: int, change: Change) -> list[Notice]:
    """Only a list has items, and no two of them have one name."""
    names = [str(row["name"]).casefold() for row in VALUES.rows(connection, key)]
    if names and change.after["property_type"] != LIST:
        raise AppError(ErrorCode.FIELD_BAD, field="values", value=str(len(names)))
    twice = sorted(name for name in set(names) if names.count(name) > 1)
    if twice:
        raise AppError(ErrorCode.VALUE_TAKEN, field="values", value=twice[0][:60])
    return []


PROPERTIES: Final = Editor(
    table=tables.property_,
    record=properties.PropertyRow,
    needs=("name", "property_type", "code_name", "applies_to"),
    unique=("name", "code_name"),
    ranges={"property_type": (1, 6), "applies_to": (1, 7)},
    parts=(VALUES,),
    used_by=("property_link.property_id",),
    check=lambda change: _frozen(change, "property_type", "property_link", "property_id"),
    settle=_settle_property,
    show=_show_property,
)

ROUTES: Final[tuple[Route, ...]] = (
    *CONTACT_TYPES.routes(
        wire.ListContactTypes,
        wire.GetContactType,
        wire.AddContactType,
        wire.EditContactType,
        wire.DeleteContactType,
    ),
    *ADDRESS_TYPES.routes(
        wire.ListAddressTypes,
        wire.GetAddressType,
        wire.AddAddressType,
        wire.EditAddressType,
        wire.DeleteAddressType,
    ),
    *HOLDER_GROUPS.routes(
        groups.ListHolderGroups,
        groups.GetHolderGroup,
        groups.AddHolderGroup,
        groups.EditHolderGroup,
        groups.DeleteHolderGroup,
    ),
    *NON_PAYER_TYPES.routes(
        wire.ListNonPayerTypes,
        wire.GetNonPayerType,
        wire.AddNonPayerType,
        wire.EditNonPayerType,
        wire.DeleteNonPayerType,
    ),
    *PROPERTIES.routes(
        properties.ListProperties,
        properties.GetProperty,
        properties.AddProperty,
        properties.EditProperty,
        properties.DeleteProperty,
    ),
)
