"""The dictionaries that the rows of a file may name, read once for a piece of work."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Table, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.divisions.repository import read_setting
from card_server.exchange.records import ContactKind, House, PropertyKind, TypeKind
from card_server.holders import tables
from card_server.holders.rules import RUSSIA, fold

FIRST_GROUP: Final = "1"
"""What `holder.default_group` is until somebody says otherwise (domain 6.1)."""


def read_house(connection: Connection) -> House:
    """The dictionaries as they stand."""
    group = read_setting(connection, "holder.default_group") or FIRST_GROUP
    return House(
        country=read_setting(connection, "system.country") or RUSSIA,
        default_group=int(group) if group.isdigit() else None,
        contact_types=_contact_types(connection),
        address_types=_names(connection, tables.address_type),
        holder_groups=_names(connection, tables.holder_group),
        card_groups=_names(connection, card_tables.card_group),
        non_payer_types=_names(connection, tables.non_payer_type),
        properties=_properties(connection),
        account_types=_account_types(connection),
    )


def _live(table: Table) -> tuple[Any, ...]:
    return (table.c.is_active, table.c.deleted_at.is_(None))


def _names(connection: Connection, table: Table) -> dict[int, str]:
    key = next(iter(table.primary_key.columns))
    rows = connection.execute(
        select(key, table.c.name).where(*_live(table)).order_by(table.c.sort_no, key)
    )
    return {row[0]: row[1] for row in rows}


def _contact_types(connection: Connection) -> dict[int, ContactKind]:
    table = tables.contact_type
    rows = connection.execute(
        select(table.c.contact_type_id, table.c["class"], table.c.name, table.c.max_holders)
        .where(*_live(table))
        .order_by(table.c.sort_no, table.c.contact_type_id)
    )
    return {
        row[0]: ContactKind(type_id=row[0], contact_class=row[1], name=row[2], max_holders=row[3])
        for row in rows
    }


def _properties(connection: Connection) -> dict[int, PropertyKind]:
    table, item = tables.property_, tables.property_value
    values: dict[int, dict[str, int]] = {}
    for row in connection.execute(select(item).order_by(item.c.property_value_id)):
        values.setdefault(row.property_id, {}).setdefault(fold(row.name), row.property_value_id)
    rows = connection.execute(
        select(table).where(*_live(table)).order_by(table.c.sort_no, table.c.property_id)
    )
    return {
        row.property_id: PropertyKind(
            property_id=row.property_id,
            property_type=row.property_type,
            name=row.name,
            applies_to=row.applies_to,
            is_personal=row.is_personal,
            values=values.get(row.property_id, {}),
        )
        for row in rows
    }


def _account_types(connection: Connection) -> dict[int, TypeKind]:
    table = account_tables.account_type
    rows = connection.execute(
        select(table.c.account_type_id, table.c["class"], table.c.name, table.c.external_code)
        .where(*_live(table))
        .order_by(table.c.sort_no, table.c.account_type_id)
    )
    return {
        row[0]: TypeKind(
            account_type_id=row[0], account_class=row[1], name=row[2], external_code=row[3]
        )
        for row in rows
    }
