"""Transfers, balances of a merged holder, and the way back (domain 3.13, I-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.manual import (
    Header,
    HoldPart,
    MergeBalances,
    OpenHold,
    Opening,
    OpeningLot,
    Transfer,
    UndoTransfer,
)
from card_server.ledger.verify import verify
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop


class Two:
    """Two guests: the first has points that are there, points to come, and money."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.one, self.two = shop.issue(1), shop.issue(2)
        self.later = shop.now + timedelta(days=3)
        lots = (
            OpeningLot(amount=6_000, expires_on=(shop.now + timedelta(days=20)).date()),
            OpeningLot(amount=4_000, expires_on=(shop.now + timedelta(days=10)).date()),
            OpeningLot(amount=500, available_at=self.later, issued_unit_id=1),
        )
        self.opened = self.post(
            Opening, holder_id=self.one, account_type_id=BONUS, amount=10_500, lots=lots
        )
        shop.grant(self.one, DEBIT, 3_000)

    def account(self, holder: int, type_id: int = BONUS) -> int:
        """The number of an account."""
        return self.shop.account(holder, type_id).account_id

    def post(self, make: Any, **facts: Any) -> Any:
        """A posting with a reason, under a key of its own."""
        header = Header(key=f"k{self.shop.count(tables.operation)}", reason_id=1)
        (outcome,) = self.shop.run(make(header=header, **facts))
        return outcome

    def transfer(self, amount: int | None, type_id: int = BONUS) -> Any:
        """From the first guest to the second."""
        return self.post(
            Transfer,
            from_account_id=self.account(self.one, type_id),
            to_account_id=self.account(self.two, type_id),
            amount=amount,
        )

    def picture(self) -> list[Any]:
        """Every number of both guests that may move."""
        found: list[Any] = []
        for holder in (self.one, self.two):
            for type_id in (BONUS, DISCOUNT, DEBIT, SPENT):
                account = self.shop.account(holder, type_id)
                found.append((account.balance, account.pending, account.uncovered))
            found.append([lot for lot in self.shop.lots(holder) if lot[1]])
        return found

    def verified(self) -> None:
        """The ledger proves itself."""
        report = verify(self.shop.connection, full=True)
        self.shop.connection.rollback()
        assert report.ok, report.findings


@pytest.fixture
def two(shop: Shop) -> Two:
    """See the class."""
    return Two(shop)


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(getattr(outcome, "error", outcome), "code", None)


def test_points_move_lot_by_lot_with_their_dates(two: Two) -> None:
    outcome = two.transfer(7_000)
    assert sum(entry.amount for entry in outcome.entries) == 0
    old, new = two.shop.rows(tables.lot)[:3], two.shop.rows(tables.lot)[3:]
    assert [lot.remaining for lot in old] == [3_000, 0, 500]
    assert [(lot.parent_lot_id, lot.amount) for lot in new] == [
        (old[1].lot_id, 4_000),
        (old[0].lot_id, 3_000),
    ], "what ends first goes first"
    assert [lot.expires_at for lot in new] == [old[1].expires_at, old[0].expires_at]
    two.verified()


def test_all_of_it_takes_pending_points_along_as_pending(two: Two) -> None:
    assert _code(two.transfer(None)) is None
    new = two.shop.rows(tables.lot)[-1]
    assert (new.available_at, new.issued_unit_id, new.amount) == (two.later, 1, 500)
    account = two.shop.account(two.two, BONUS)
    assert (account.balance, account.pending) == (10_500, 500)
    assert two.shop.balance(two.one, BONUS) == 0
    two.verified()


def test_what_is_uncovered_moves_as_uncovered(two: Two) -> None:
    two.transfer(10_000)
    two.shop.grant(two.one, BONUS, -800)
    assert two.shop.account(two.one, BONUS).uncovered == 800
    two.shop.grant(two.two, BONUS, -9_900)
    assert _code(two.transfer(None)) is None
    one, other = two.shop.account(two.one, BONUS), two.shop.account(two.two, BONUS)
    assert (one.balance, one.pending, one.uncovered) == (0, 0, 0)
    assert other.balance == 10_500 - 800 - 9_900
    assert other.uncovered == 700, "a hundred paid what it could"
    two.verified()


def test_money_moves_as_a_pair(two: Two) -> None:
    assert _code(two.transfer(1_000, DEBIT)) is None
    balances = (two.shop.balance(two.one, DEBIT), two.shop.balance(two.two, DEBIT))
    assert balances == (2_000, 1_000)


@pytest.mark.parametrize(("amount", "type_id"), [(10_501, BONUS), (3_001, DEBIT)])
def test_no_more_than_is_there(two: Two, amount: int, type_id: int) -> None:
    assert _code(two.transfer(amount, type_id)) == ErrorCode.INSUFFICIENT


def test_what_a_hold_keeps_does_not_move(two: Two) -> None:
    part = HoldPart(account_id=two.account(two.one), amount=9_000)
    two.post(OpenHold, parts=(part,))
    assert _code(two.transfer(1_501)) == ErrorCode.INSUFFICIENT
    assert _code(two.transfer(None)) == ErrorCode.WRONG_STATE
    merge = two.post(MergeBalances, from_holder_id=two.one, to_holder_id=two.two)
    assert _code(merge) == ErrorCode.WRONG_STATE
    assert _code(two.transfer(1_500)) is None
    two.verified()


def test_accounts_of_different_types_are_not_mixed(two: Two) -> None:
    outcome = two.post(
        Transfer,
        from_account_id=two.account(two.one),
        to_account_id=two.account(two.two, DEBIT),
        amount=5,
    )
    assert _code(outcome) == ErrorCode.FIELD_BAD


def test_due_points_burn_before_anything_moves(two: Two) -> None:
    two.shop.pass_time(days=12)
    assert _code(two.transfer(None)) is None
    assert two.shop.balance(two.two, BONUS) == 6_500
    two.verified()


def test_a_merge_moves_every_balance_and_opens_what_is_missing(two: Two) -> None:
    shop = two.shop
    shop.ok(1, [(1, -700), (3, 9_000)])
    table = account_tables.account
    with shop.connection.begin():
        shop.connection.execute(
            table.delete().where(table.c.holder_id == two.two, table.c.account_type_id == BONUS)
        )
    outcome = two.post(MergeBalances, from_holder_id=two.one, to_holder_id=two.two)
    assert _code(outcome) is None
    assert sum(entry.amount for entry in outcome.entries) == 0
    for type_id, amount in ((BONUS, 10_500), (DISCOUNT, -700), (DEBIT, 3_000), (SPENT, 9_000)):
        assert shop.balance(two.one, type_id) == 0
        assert shop.balance(two.two, type_id) == amount
    two.verified()


@pytest.mark.parametrize("other", [0, 77])
def test_a_merge_needs_two_holders(two: Two, other: int) -> None:
    to = other or two.one
    outcome = two.post(MergeBalances, from_holder_id=two.one, to_holder_id=to)
    assert _code(outcome) == ErrorCode.FIELD_BAD


def test_an_undone_merge_leaves_every_number_as_before(two: Two) -> None:
    two.shop.ok(1, [(1, -700), (3, 9_000)])
    two.shop.grant(two.two, BONUS, 250, days=5)
    before = two.picture()
    merged = two.post(MergeBalances, from_holder_id=two.one, to_holder_id=two.two)
    undone = two.post(UndoTransfer, operation_id=merged.operation_id)
    assert _code(undone) is None
    assert two.picture() == before
    again = two.post(UndoTransfer, operation_id=merged.operation_id)
    assert _code(again) == ErrorCode.WRONG_STATE
    two.verified()


def test_what_was_spent_since_cannot_be_moved_back(two: Two) -> None:
    moved = two.transfer(7_000)
    two.shop.link(BONUS, max_pay_bp=10_000)
    two.shop.ok(2, [(0, -1), (3, 9_000)])
    assert _code(two.post(UndoTransfer, operation_id=moved.operation_id)) == ErrorCode.WRONG_STATE
    money = two.transfer(3_000, DEBIT)
    two.shop.ok(2, [(0, -2_000), (3, 9_000)])
    undone = two.post(UndoTransfer, operation_id=money.operation_id)
    assert _code(undone) == ErrorCode.WRONG_STATE


def test_opening_balances_are_undone_while_they_are_untouched(two: Two) -> None:
    undone = two.post(UndoTransfer, operation_id=two.opened.operation_id)
    assert _code(undone) is None
    assert two.shop.balance(two.one, BONUS) == 0
    two.verified()


def test_only_transfers_and_opening_balances_are_moved_back(two: Two) -> None:
    two.shop.ok(1, [(3, 9_000)])
    sale = two.shop.rows(tables.operation)[-1].operation_id
    assert _code(two.post(UndoTransfer, operation_id=sale)) == ErrorCode.WRONG_STATE
    assert _code(two.post(UndoTransfer, operation_id=77)) == ErrorCode.TXN_NOT_FOUND
