"""I-22 and I-23: what the chain protects cannot be changed, what may be erased can."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select, update
from sqlalchemy.exc import DBAPIError

from card_server.holders import tables as holder_tables
from card_server.ledger import tables
from card_server.ledger.verify import verify
from card_server.receipts import tables as receipt_tables
from tests.helpers.profiles import tries
from tests.helpers.shop import CODE, Shop
from tests.helpers.stories import GUEST, busy_week
from tests.helpers.till import Till

PROTECTED: tuple[Table, ...] = (tables.operation, tables.entry, tables.lot, tables.allocation)
FREE = {"remarks", "expires_on", "expires_at", "remaining", "held", "state"}
"""Caches, and text that may be erased."""


def _places(shop: Shop) -> list[tuple[Table, Any, str, Any, Any]]:
    """Every protected value: table, key, column, value, operation it belongs to."""
    found = []
    for table in (*PROTECTED, tables.lot_term):
        for row in shop.connection.execute(select(table)).mappings():
            keys = {c.name: row[c.name] for c in table.primary_key.columns}
            found += [
                (table, keys, name, value, row["operation_id"])
                for name, value in row.items()
                if name not in FREE
            ]
    shop.connection.rollback()
    return found


def _changed(value: Any, how: int) -> Any:
    """The same value with one byte, one unit or one letter different."""
    if value is None:
        return None
    if isinstance(value, bytes | memoryview):
        raw = bytearray(value)
        raw[how % len(raw)] ^= 1 << (how % 8)
        return bytes(raw)
    if isinstance(value, datetime):
        return value + timedelta(milliseconds=1 + how % 9)
    if isinstance(value, date):
        return value + timedelta(days=1 + how % 9)
    if isinstance(value, str):
        at = how % max(1, len(value))
        return value[:at] + ("x" if value[at : at + 1] != "x" else "y") + value[at + 1 :]
    return value + 1 + how % 9


def test_any_change_of_a_protected_field_is_found_and_its_link_named(shop: Shop) -> None:
    busy_week(shop)
    places = _places(shop)
    assert verify(shop.connection, full=True, now=shop.now).ok
    shop.connection.rollback()

    @tries(80)
    @given(st.sampled_from(places), st.integers(0, 1000))
    def tamper(place: tuple[Table, Any, str, Any, Any], how: int) -> None:
        table, keys, column, value, operation_id = place
        wrong = _changed(value, how)
        assume(wrong is not None)
        with shop.connection.begin() as transaction:
            try:
                where = [table.c[name] == key for name, key in keys.items()]
                shop.connection.execute(update(table).where(*where).values({column: wrong}))
            except DBAPIError:
                transaction.rollback()
                return  # the database itself does not let it happen
            report = verify(shop.connection, full=True, now=shop.now)
            transaction.rollback()
        assert not report.ok, (table.name, column)
        links = {f.row_id for f in report.findings if f.table in ("crm_operation", "crm_writer")}
        named = {str(operation_id), str(wrong if column == "operation_id" else operation_id), "1"}
        if column == "chain_no":
            named = links  # the gap shows at the link that follows
        assert links & named, (table.name, column, report.findings[:3])

    tamper()


def test_a_row_moved_to_another_operation_is_a_finding_never_a_failure(shop: Shop) -> None:
    """Its lot may then be spent or extended before it was issued."""
    busy_week(shop)
    movable = [place for place in _places(shop) if place[2] == "operation_id"]
    moved = 0
    for table, keys, column, value, _ in movable:
        if column in keys:
            continue
        for how in (1, -1):
            with shop.connection.begin() as transaction:
                where = [table.c[name] == key for name, key in keys.items()]
                try:
                    shop.connection.execute(
                        update(table).where(*where).values({column: value + how})
                    )
                except DBAPIError:
                    transaction.rollback()
                    continue
                moved += 1
                assert not verify(shop.connection, full=True, now=shop.now).ok
                transaction.rollback()
    assert moved


def test_erasing_a_guest_changes_no_hash(till: Till) -> None:
    shop = till.shop
    busy_week(shop)
    body = (
        f'<ROOT><Transactions><TransactionsEx Card="{GUEST}" Kind="3" Summa="1000"/></Transactions>'
        f'<INPBUF InpKind="1"><CHECK chmode="1" generateddatetime="2026-03-06T08:00:00">'
        f'<CHECKDATA checknum="1" orderguid="{{77}}"/></CHECK></INPBUF></ROOT>'
    )
    assert b'Result="0"' in till.farcards("transactionsex", body, {"qualifier": CODE})
    document = receipt_tables.operation_document
    connection = shop.connection
    assert connection.execute(select(document.c.body)).scalars().all() != []
    connection.rollback()
    before = verify(connection, full=True, now=shop.now)
    connection.rollback()
    with connection.begin():
        connection.execute(update(document).values(body=None, salt=None, erased_at=shop.now))
        connection.execute(delete(holder_tables.person))
        connection.execute(update(tables.operation).values(remarks=None))
        connection.execute(delete(tables.operation_trace))
    after = verify(connection, full=True, now=shop.now)
    assert before.ok, before.findings
    assert after.ok, after.findings
    assert after.head == before.head
