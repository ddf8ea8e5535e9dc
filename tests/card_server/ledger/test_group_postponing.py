"""Postings that may undo the same operation follow one after the other, also inside one group."""

from __future__ import annotations

from typing import Any

from card_server.ledger import tables
from card_server.ledger.manual import Correction, Header, RollBack, TopUp
from card_server.ledger.verify import verify
from card_server.receipts.records import XmlItem
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop

CARD = 10007
ORDER: dict[str, Any] = {"order_guid": "order", "check_no": 7}


def _sale(shop: Shop) -> tuple[int, int, int]:
    """A guest, the sale's spent entry and its operation."""
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 500), (3, 10_000)], **ORDER)
    spent = shop.rows(tables.entry, tables.entry.c.account_type_id == SPENT)[0]
    return holder, spent.entry_id, spent.operation_id


def _back(shop: Shop, holder: int, parent: int, amount: int) -> Any:
    account_id = shop.account(holder, SPENT).account_id
    return shop.message(XmlItem(account_id=account_id, amount=-amount, parent=parent))


def test_two_returns_by_parent_in_one_group_do_not_exceed_the_sale(shop: Shop) -> None:
    holder, parent, _ = _sale(shop)
    first, second = shop.run(_back(shop, holder, parent, 6_000), _back(shop, holder, parent, 6_000))
    assert first.error is None
    assert second.error.code == ErrorCode.REFUND_TOO_BIG
    assert shop.balance(holder, SPENT) == 4_000


def test_a_return_by_parent_and_one_of_the_till_see_each_other(shop: Shop) -> None:
    holder, parent, _ = _sale(shop)
    till = shop.call(CARD, [(2, -500), (3, -10_000)], chmode=3, **ORDER)
    first, second = shop.run(till, _back(shop, holder, parent, 1))
    assert first.error is None
    assert second.error.code == ErrorCode.REFUND_TOO_BIG
    assert shop.balance(holder, SPENT) == 0


def test_a_roll_back_and_corrections_of_one_operation_happen_once(shop: Shop) -> None:
    holder, parent, operation_id = _sale(shop)
    outcomes = shop.run(
        *(
            Correction(header=Header(key=f"c{n}", reason_id=1), operation_id=operation_id)
            for n in range(2)
        ),
        RollBack(header=Header(key="r"), operation_id=operation_id),
        _back(shop, holder, parent, 5_000),
    )
    codes = [getattr(outcome.error, "code", None) for outcome in outcomes]
    # the return finds no sale that stands, so it is an unmatched one
    assert codes == [None, ErrorCode.WRONG_STATE, None, None]
    assert shop.balance(holder, SPENT) == -5_000
    assert shop.balance(holder, BONUS) == 0
    report = verify(shop.connection, full=True)
    assert report.ok, report.findings


def test_postings_beside_them_are_not_held_up(shop: Shop) -> None:
    holder, parent, _ = _sale(shop)
    purse = shop.account(holder, DEBIT).account_id
    outcomes = shop.run(
        _back(shop, holder, parent, 1_000),
        TopUp(header=Header(key="t"), account_id=purse, amount=300),
        _back(shop, holder, parent, 2_000),
        _back(shop, holder, parent, 7_000),
        _back(shop, holder, parent, 1),
    )
    assert [outcome.error is None for outcome in outcomes] == [True, True, True, True, False]
    assert shop.balance(holder, SPENT) == 0
    assert shop.balance(holder, DEBIT) == 300


def test_many_of_them_in_one_group_are_taken_in_turn(shop: Shop) -> None:
    holder, parent, _ = _sale(shop)
    outcomes = shop.run(*(_back(shop, holder, parent, 200) for _ in range(60)))
    assert sum(outcome.error is None for outcome in outcomes) == 50
    assert shop.balance(holder, SPENT) == 0


def test_an_own_debit_and_credits_without_external_ids_share_one_book(shop: Shop) -> None:
    holder = shop.issue(CARD)
    account_id = shop.account(holder, BONUS).account_id
    outcomes = shop.run(
        shop.message(XmlItem(account_id=account_id, amount=1_000)),
        shop.message(XmlItem(account_id=account_id, amount=-700)),
        shop.message(XmlItem(account_id=account_id, amount=-700)),
        shop.message(XmlItem(account_id=account_id, amount=500)),
        shop.message(XmlItem(account_id=account_id, amount=-700)),
    )
    assert [outcome.error is None for outcome in outcomes] == [True, True, False, True, True]
    assert shop.balance(holder, BONUS) == 100
    assert [lot for lot in shop.lots(holder) if lot[1]] == [(500, 100)]
    report = verify(shop.connection, full=True)
    assert report.ok, report.findings
