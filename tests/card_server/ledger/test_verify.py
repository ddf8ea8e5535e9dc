"""Every single corruption is found and named; a sound ledger is clean."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from card_server.ledger.verify import verify
from tests.helpers.shop import Shop

CARD = 10007

CORRUPTIONS = [
    ("UPDATE crm_account SET balance = balance + 1 WHERE balance > 0", "I-3"),
    ("UPDATE crm_lot SET remaining = remaining - 1", "I-8"),
    ("UPDATE crm_entry SET amount = amount + 1 WHERE line_no = 1", "I-22 hash"),
    ("UPDATE crm_operation SET card_code = 10008", "I-22 hash"),
    ("UPDATE crm_operation SET hash = prev_hash WHERE chain_no = 2", "I-22"),
    ("UPDATE crm_writer SET next_chain_no = next_chain_no + 1", "I-22 head"),
    ("UPDATE crm_account SET held = 5 WHERE account_type_id = 1 AND balance > 0", "I-18"),
    ("UPDATE crm_lot SET origin = 14", "I-22 hash"),
    ("UPDATE crm_allocation SET amount = amount + 1", "I-8"),
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


@pytest.mark.parametrize(("statement", "invariant"), CORRUPTIONS)
def test_a_corruption_is_found_and_named(shop: Shop, statement: str, invariant: str) -> None:
    _history(shop)
    with shop.connection.begin():
        changed = shop.connection.execute(text(statement)).rowcount
    assert changed > 0
    report = verify(shop.connection, full=True)
    assert not report.ok
    assert any(finding.invariant.startswith(invariant) for finding in report.findings)
