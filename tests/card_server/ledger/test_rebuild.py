"""Caches follow the immutable rows, never the other way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select, text, update

from card_server.accounts import tables as account_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.rebuild import rebuild
from card_server.ledger.verify import verify
from tests.helpers.profiles import tries
from tests.helpers.shop import Shop
from tests.helpers.stories import busy_week

CACHES: dict[str, tuple[Table, tuple[str, ...]]] = {
    "account": (
        account_tables.account,
        ("balance", "pending", "held", "uncovered", "next_lot_event_at", "last_operation_at"),
    ),
    "lot": (tables.lot, ("remaining", "held", "state", "expires_at", "expires_on")),
    "writer": (division_tables.writer, ("next_chain_no", "head_hash")),
}
BY_CLOCK = {"pending", "next_lot_event_at", "state"}


def _caches(shop: Shop) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, (table, columns) in CACHES.items():
        key = next(iter(table.primary_key.columns))
        for row in shop.connection.execute(select(table)).mappings():
            for column in columns:
                found[name, row[key.name], column] = row[column]
    shop.connection.rollback()
    return found


def _rebuild(shop: Shop) -> Any:
    with shop.connection.begin():
        return rebuild(shop.connection, now=shop.now)


def test_a_sound_ledger_changes_only_what_follows_the_clock(shop: Shop) -> None:
    busy_week(shop)
    report = _rebuild(shop)
    assert {change.column for change in report.changes} <= BY_CLOCK
    assert _rebuild(shop).changed == 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE crm_account SET balance = balance + 100 WHERE owner_kind <> 9",
        "UPDATE crm_account SET uncovered = 1, held = 2, pending = 3 WHERE owner_kind <> 9",
        "UPDATE crm_account SET next_lot_event_at = NULL, last_operation_at = NULL",
        "UPDATE crm_lot SET remaining = 0, held = 0, state = 4",
        "UPDATE crm_lot SET expires_at = NULL, expires_on = NULL",
        "UPDATE crm_writer SET next_chain_no = 1",
    ],
)
def test_whatever_is_damaged_comes_back(shop: Shop, damage: str) -> None:
    busy_week(shop)
    _rebuild(shop)
    before = _caches(shop)
    with shop.connection.begin():
        shop.connection.execute(text(damage))
    assert _caches(shop) != before
    report = _rebuild(shop)
    assert report.changed > 0
    assert report.changes
    assert _caches(shop) == before
    assert verify(shop.connection, full=True, now=shop.now).ok


def test_any_damage_to_any_caches_comes_back(shop: Shop) -> None:
    busy_week(shop)
    _rebuild(shop)
    before = _caches(shop)
    numbers = [key for key, value in before.items() if isinstance(value, int)]

    @tries(40)
    @given(st.dictionaries(st.sampled_from(numbers), st.integers(0, 9), min_size=1, max_size=8))
    def damage(values: dict[Any, int]) -> None:
        with shop.connection.begin():
            for (name, row_id, column), value in values.items():
                table = CACHES[name][0]
                key = next(iter(table.primary_key.columns))
                shop.connection.execute(update(table).where(key == row_id).values({column: value}))
        damaged = {place for place, value in values.items() if before[place] != value}
        assert _rebuild(shop).changed == len(damaged)
        assert _caches(shop) == before

    damage()
    assert verify(shop.connection, full=True, now=shop.now).ok


def test_the_report_says_what_was_wrong(shop: Shop) -> None:
    busy_week(shop)
    _rebuild(shop)
    with shop.connection.begin():
        shop.connection.execute(text("UPDATE crm_writer SET next_chain_no = 777"))
    (change,) = _rebuild(shop).changes
    assert (change.table, change.column, change.old) == ("crm_writer", "next_chain_no", "777")
