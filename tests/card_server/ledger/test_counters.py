"""Counters of spend limits are what their entries come to (I-32)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update

from card_server.accounts import tables as account_tables
from card_server.divisions.repository import bump_rules_version
from card_server.ledger.counters import stored_counters
from card_server.ledger.rebuild import rebuild
from card_server.ledger.verify import verify
from tests.helpers.shop import DEBIT, Shop

CARD = 10001
ORDER: dict[str, Any] = {"order_guid": "a", "check_no": 1}


@pytest.fixture
def limited(shop: Shop) -> Shop:
    """A day, a week and a card limit on the debit account, made long before the sales."""
    for number, facts in enumerate(
        (
            {"scope": 1, "scope_id": DEBIT, "period": 1},
            {"scope": 1, "scope_id": DEBIT, "period": 2},
            {"scope": 3, "scope_id": CARD, "period": 3},
        ),
        start=1,
    ):
        shop.add(
            account_tables.spend_limit,
            limit_id=number,
            account_type_id=DEBIT,
            max_amount=100_000,
            **facts,
        )
    shop.pass_time(days=40)
    shop.issue(CARD)
    shop.ok(CARD, [(0, 50_000), (3, 1)])
    shop.ok(CARD, [(0, -700), (0, -300), (3, 5_000)], **ORDER)
    shop.ok(CARD, [(0, -500), (3, 5_000)])
    return shop


def _used(shop: Shop) -> list[tuple[int, int]]:
    found = stored_counters(shop.connection)
    shop.connection.rollback()
    return [found[place] for place in sorted(found)]


def _prove(shop: Shop) -> None:
    report = verify(shop.connection, full=True, now=shop.now)
    assert report.ok, report.findings
    assert report.notes == []
    shop.connection.rollback()


def test_payments_count_once_for_each_cheque(limited: Shop) -> None:
    assert _used(limited) == [(1_500, 2)] * 3
    _prove(limited)


def test_returns_and_their_undo_move_counters_there_and_back(limited: Shop) -> None:
    limited.ok(CARD, [(0, 400), (3, -2_000)], chmode=3, **ORDER)
    assert _used(limited) == [(1_100, 2)] * 3
    _prove(limited)
    limited.ok(CARD, [(0, 600), (3, -3_000), (1, 0)], chmode=3, **ORDER)
    assert _used(limited) == [(500, 1)] * 3
    _prove(limited)
    limited.pass_time(minutes=1)
    limited.ok(CARD, [(0, -1_000), (3, 5_000)], chmode=4, order_guid="a", check_no=0)
    assert _used(limited) == [(1_500, 2)] * 3
    _prove(limited)
    limited.pass_time(minutes=1)
    limited.ok(CARD, [(0, -1_000), (3, 5_000)], chmode=2, **ORDER)
    assert _used(limited) == [(500, 1)] * 3
    _prove(limited)


def test_a_return_of_another_day_leaves_the_day_as_it_was(limited: Shop) -> None:
    limited.pass_time(days=1)
    limited.ok(CARD, [(0, 1_000), (3, -5_000)], chmode=3, **ORDER)
    day, week, month = _used(limited)
    assert day == (1_500, 2)
    assert week == (500, 1)
    assert month in ((500, 1), (1_500, 2))
    _prove(limited)


def test_a_wrong_counter_is_found_and_mended(limited: Shop) -> None:
    before = _used(limited)
    with limited.connection.begin():
        limited.connection.execute(text("UPDATE crm_spend_counter SET used_amount = 1"))
        limited.connection.execute(text("DELETE FROM crm_spend_counter WHERE limit_id = 3"))
    report = verify(limited.connection, full=True, now=limited.now)
    assert {finding.invariant for finding in report.findings} == {"I-32 counter"}
    limited.connection.rollback()
    with limited.connection.begin():
        rebuild(limited.connection, now=limited.now)
    assert _used(limited) == before
    _prove(limited)


def test_what_a_limit_counted_before_its_edit_is_not_certain(limited: Shop) -> None:
    table = account_tables.spend_limit
    with limited.connection.begin():
        limited.connection.execute(update(table).values(updated_at=limited.now))
        limited.connection.execute(text("UPDATE crm_spend_counter SET used_amount = 1"))
        bump_rules_version(limited.connection, limited.now)
    report = verify(limited.connection, full=True, now=limited.now)
    assert report.ok
    assert "spend counters were not counted" in report.notes[0]
    assert limited.connection.execute(select(table.c.limit_id)).all()
    limited.connection.rollback()
