"""Every single corruption is found and named; a sound ledger is clean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from card_server.ledger.verify import verify
from card_server.ledger.verify_records import Asked
from tests.helpers.shop import BONUS, Shop
from tests.helpers.stories import GUEST, busy_week

CARD = 10007

CORRUPTIONS = [
    ("UPDATE crm_account SET balance = balance + 1 WHERE balance > 0", "I-3"),
    ("UPDATE crm_account SET uncovered = 7 WHERE account_type_id = 1 AND balance > 0", "I-10"),
    ("UPDATE crm_account SET last_operation_at = NULL WHERE balance > 0", "1.6"),
    ("UPDATE crm_lot SET remaining = remaining - 1", "I-8"),
    ("UPDATE crm_lot SET state = 6 WHERE remaining > 0", "2.3"),
    ("UPDATE crm_lot SET expires_at = '2030-01-01 00:00:00.000'", "I-16"),
    ("UPDATE crm_lot SET held = 1", "I-20"),
    ("UPDATE crm_entry SET amount = amount + 1 WHERE line_no = 1", "I-22 hash"),
    ("UPDATE crm_entry SET balance_after = balance_after + 1 WHERE line_no = 1", "I-3"),
    ("UPDATE crm_operation SET card_code = 10008", "I-22 hash"),
    ("UPDATE crm_operation SET hash = prev_hash WHERE chain_no = 2", "I-22"),
    ("UPDATE crm_operation SET business_date = '2026-05-01' WHERE chain_no = 2", "I-22 hash"),
    ("UPDATE crm_operation_trace SET trace = '{}'", "3.15 trace"),
    ("UPDATE crm_writer SET next_chain_no = next_chain_no + 1", "I-22 head"),
    ("UPDATE crm_writer SET next_chain_no = next_chain_no - 1", "I-22 head"),
    ("UPDATE crm_account SET held = 5 WHERE account_type_id = 1 AND balance > 0", "I-18"),
    ("UPDATE crm_account SET balance = 0 WHERE owner_kind = 9", "I-4"),
    ("UPDATE crm_lot SET origin = 14", "I-22 hash"),
    ("UPDATE crm_allocation SET amount = amount + 1", "I-8"),
    ("UPDATE crm_lot SET operation_id = (SELECT min(operation_id) FROM crm_operation)", "I-17 op"),
    ("UPDATE crm_lot SET operation_id = (SELECT max(operation_id) FROM crm_operation)", "I-22"),
    ("UPDATE crm_lot SET account_id = (SELECT max(account_id) FROM crm_account)", "I-17 issued"),
    ("UPDATE crm_lot SET account_id = (SELECT max(account_id) FROM crm_account)", "I-22 hash"),
    ("UPDATE crm_lot SET entry_id = entry_id + 1 WHERE lot_id % 2 = 0", "I-22 hash"),
    ("UPDATE crm_operation SET chain_no = chain_no + 1000000 WHERE chain_no > 2", "I-22"),
]


def _history(shop: Shop) -> None:
    shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "a", "check_no": 1}
    shop.ok(CARD, [(2, 10_000), (3, 50_000)])
    shop.ok(CARD, [(0, -2_000), (2, 100), (3, 50_000)], **order)
    shop.ok(CARD, [(0, 1_000), (2, -50), (3, -25_000)], chmode=3, **order)
    shop.till(CARD, [(0, -900_000), (3, 1)])


def test_a_sound_ledger_is_clean(shop: Shop) -> None:
    _history(shop)
    report = verify(shop.connection, full=True)
    assert report.ok, report.findings
    assert report.operations == 4, "a refusal is a link too"
    assert report.totals[BONUS] == 10_000 - 2_000 + 100 + 1_000 - 50


@pytest.mark.parametrize(("statement", "invariant"), CORRUPTIONS)
def test_a_corruption_is_found_and_named(shop: Shop, statement: str, invariant: str) -> None:
    busy_week(shop)
    with shop.connection.begin():
        changed = shop.connection.execute(text(statement)).rowcount
    assert changed > 0
    report = verify(shop.connection, full=True)
    assert not report.ok
    names = [finding.invariant for finding in report.findings]
    assert any(name.startswith(invariant) for name in names), names


def test_a_busy_week_is_clean_whatever_is_asked(shop: Shop) -> None:
    busy_week(shop)
    account_id = shop.account(shop.holder(GUEST), BONUS).account_id
    for asked in (
        Asked(full=True),
        Asked(),
        Asked(since_chain_no=4),
        Asked(since=date(2026, 3, 4)),
        Asked(account_id=account_id),
        Asked(as_of=datetime(2026, 3, 3, tzinfo=UTC)),
    ):
        for now in (None, shop.now, shop.now + timedelta(days=400)):
            report = verify(shop.connection, asked, now=now)
            assert report.ok, (asked, report.findings)
            assert report.operations > 0
            assert report.accounts > 0


def test_the_first_bad_link_is_named(shop: Shop) -> None:
    busy_week(shop)
    with shop.connection.begin():
        shop.connection.execute(text("UPDATE crm_operation SET station_no = 9 WHERE chain_no > 2"))
        third = shop.connection.execute(
            text("SELECT operation_id FROM crm_operation WHERE chain_no = 3")
        ).scalar_one()
    first = verify(shop.connection, full=True).findings[0]
    assert (first.table, first.row_id) == ("crm_operation", str(third))


def test_links_before_the_start_are_not_looked_at(shop: Shop) -> None:
    busy_week(shop)
    with shop.connection.begin():
        shop.connection.execute(text("UPDATE crm_operation SET station_no = 9 WHERE chain_no = 2"))
    assert not verify(shop.connection, full=True).ok
    assert verify(shop.connection, Asked(since_chain_no=4)).ok


def test_a_past_moment_knows_nothing_of_what_came_later(shop: Shop) -> None:
    busy_week(shop)
    early = verify(shop.connection, Asked(as_of=datetime(2026, 3, 2, 9, tzinfo=UTC)))
    late = verify(shop.connection, full=True)
    assert early.operations == 2
    assert early.last_chain_no == 2
    assert early.totals[BONUS] == 10_000
    assert early.head != late.head


def test_only_the_named_account_is_looked_at(shop: Shop) -> None:
    busy_week(shop)
    guest = shop.account(shop.holder(GUEST), BONUS).account_id
    with shop.connection.begin():
        shop.connection.execute(
            text("UPDATE crm_account SET balance = balance + 1 WHERE account_id <> :id"),
            {"id": guest},
        )
    assert verify(shop.connection, Asked(account_id=guest)).ok
    assert not verify(shop.connection, full=True).ok


def test_what_a_sale_earns_by_a_clock_that_is_behind_was_not_there_when_it_paid(
    shop: Shop,
) -> None:
    """Found by killing servers: the sale's own lot burns before the one it was paid from."""
    shop.issue(CARD)
    shop.ok(CARD, [(2, 500), (3, 5_000)])
    late = shop.now - timedelta(minutes=3)
    shop.ok(CARD, [(0, -100), (2, 50), (3, 1_000)], occurred_at=late)
    report = verify(shop.connection, full=True)
    assert report.ok, report.findings
