"""The common kind of hot statement: all rows of a table under some keys, as records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.engine import Dialect

from card_server.db.hot import HotSelect
from card_server.ledger.record_rows import columns_of, make


def by_key(
    dialect: Dialect, table: Table, key: Column[Any], record: type, *conditions: Any
) -> HotSelect[Any]:
    """Rows whose `key` is one of those asked for and that meet the conditions."""
    names = columns_of(record)
    columns = [table.c[column] for column in names.values()]
    return HotSelect(
        dialect,
        lambda keys: select(*columns).where(key.in_(keys), *conditions),
        make(record),
        key.type,
    )
