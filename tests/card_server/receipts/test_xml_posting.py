"""The Transaction message against the real ledger: crm-xml.md 8.6 and 9."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.db.engine import DatabaseAddress
from card_server.ledger import tables
from card_server.ledger.manual import Header, RollBack
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from card_server.receipts.records import XmlItem
from card_server.schemes import tables as scheme_tables
from shared.wire.errors import ErrorCode
from tests.conftest import START
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop, open_shop

CARD = 10007
DAY = date(2026, 3, 2)


class Guest:
    """A guest with items on the accounts of one cheque."""

    def __init__(self, shop: Shop, card: int = CARD) -> None:
        self.shop = shop
        self.holder = shop.issue(card)
        self.accounts = {i: shop.account(self.holder, i).account_id for i in (BONUS, DEBIT, SPENT)}

    def item(self, type_id: int, amount: int, **facts: Any) -> XmlItem:
        """An item of cheque 881."""
        given = {"ext_id": "881", "ext_index": 3, "ext_date": DAY, "time": self.shop.now}
        return XmlItem(account_id=self.accounts[type_id], amount=amount, **{**given, **facts})

    def balances(self) -> tuple[int, int, int]:
        """Bonus, debit, spent."""
        bonus, debit, spent = (self.shop.balance(self.holder, i) for i in (BONUS, DEBIT, SPENT))
        return bonus, debit, spent


@pytest.fixture
def guest(shop: Shop) -> Guest:
    """A guest with 100.00 points and 100.00 of money."""
    found = Guest(shop)
    shop.link(BONUS, max_pay_bp=10_000)
    shop.grant(found.holder, BONUS, 10_000, days=100)
    shop.grant(found.holder, DEBIT, 10_000)
    return found


@pytest.fixture
def counting(address: DatabaseAddress) -> Iterator[Shop]:
    """A shop in mode crm: 5 % of the cheque."""
    with open_shop(address, START, calc_mode=2) as shop:
        shop.add(scheme_tables.scheme, scheme_id=901, name="Пять", base_rate=500)
        shop.type_of(BONUS, default_scheme_id=901)
        yield shop


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(outcome.error, "code", None)


def _kinds(shop: Shop) -> list[int]:
    known = (OperationKind.OPENING,)
    return [row.kind for row in shop.rows(tables.operation) if row.kind not in known]


def _verified(shop: Shop) -> None:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings


# ---------------------------------------------------------------- one cheque, one operation


def test_a_cheque_that_spends_and_earns_is_one_sale_and_its_return_has_other_keys(
    guest: Guest,
) -> None:
    shop = guest.shop
    sale = [guest.item(BONUS, -2_000), guest.item(BONUS, 6_200), guest.item(SPENT, 124_000)]
    first = shop.book(*sale)
    assert _code(first) is None, first.error
    assert guest.balances() == (14_200, 10_000, 124_000)
    back = [guest.item(BONUS, 2_000), guest.item(BONUS, -6_200), guest.item(SPENT, -124_000)]
    assert _code(shop.book(*back)) is None
    assert guest.balances() == (10_000, 10_000, 0)
    assert _kinds(shop) == [OperationKind.SALE, OperationKind.REFUND]
    again = shop.book(*sale)
    assert [a.transaction_id for a in again.answers] == [a.transaction_id for a in first.answers]
    assert guest.balances() == (10_000, 10_000, 0), "a repeat books nothing"
    _verified(shop)


def test_direct_items_are_one_operation_for_each_sign(guest: Guest) -> None:
    shop = guest.shop
    items = [guest.item(BONUS, 100), guest.item(DEBIT, 200), guest.item(BONUS, -50)]
    assert _code(shop.book(*items)) is None
    assert sorted(_kinds(shop)) == [OperationKind.DIRECT_CREDIT, OperationKind.DIRECT_DEBIT]
    assert len(shop.rows(tables.operation_item)) == 3


def test_repeats_and_new_items_may_stand_in_one_message(guest: Guest) -> None:
    shop = guest.shop
    first = shop.book(guest.item(BONUS, 100))
    both = shop.book(guest.item(BONUS, 100), guest.item(DEBIT, 300))
    assert both.answers[0].transaction_id == first.answers[0].transaction_id
    assert guest.balances() == (10_100, 10_300, 0)


def test_one_bad_item_books_nothing_and_its_refusal_alone_is_stored(guest: Guest) -> None:
    shop = guest.shop
    items = [guest.item(BONUS, 100), guest.item(DEBIT, -99_999)]
    assert _code(shop.book(*items)) == ErrorCode.INSUFFICIENT
    assert guest.balances() == (10_000, 10_000, 0)
    refused = [row for row in shop.rows(tables.operation) if row.status == 2]
    assert [row.kind for row in refused] == [OperationKind.DIRECT_DEBIT]
    assert _code(shop.book(*items)) == ErrorCode.INSUFFICIENT
    assert len(shop.rows(tables.operation_item)) == 1, "the stored refusal, not a new one"
    shop.grant(guest.holder, DEBIT, 100_000)
    assert _code(shop.book(*items)) == ErrorCode.INSUFFICIENT, "the same time: still refused"
    shop.pass_time(minutes=1)
    items = [guest.item(BONUS, 100), guest.item(DEBIT, -99_999)]
    assert _code(shop.book(*items)) is None, "a newer time is a new attempt"
    _verified(shop)


def test_the_same_key_twice_in_a_message_is_refused(guest: Guest) -> None:
    (outcome,) = guest.shop.run(guest.shop.message(guest.item(BONUS, 5), guest.item(BONUS, 5)))
    assert outcome.code == ErrorCode.KEY_TWICE
    assert guest.shop.rows(tables.operation_item) == [], "nothing of it is stored"


def test_the_same_key_with_other_content_names_the_first_transaction(guest: Guest) -> None:
    shop = guest.shop
    first = shop.book(guest.item(BONUS, 100))
    other = shop.book(guest.item(BONUS, 100, operation_type=7))
    assert _code(other) == ErrorCode.KEY_CONFLICT
    assert other.error.facts["id"] == first.answers[0].transaction_id


def test_nothing_moves_for_a_sum_of_zero_but_it_has_a_number(guest: Guest) -> None:
    outcome = guest.shop.book(guest.item(BONUS, 0))
    assert outcome.answers[0].transaction_id > 0
    assert guest.balances() == (10_000, 10_000, 0)


# ---------------------------------------------------------------- what comes back


def test_the_returns_of_two_accounts_go_back_to_their_own(guest: Guest) -> None:
    """Each item names its account; nothing of it is spread over the other one."""
    shop = guest.shop
    sale = [guest.item(BONUS, -5_000), guest.item(DEBIT, -3_000), guest.item(SPENT, 20_000)]
    assert _code(shop.book(*sale)) is None
    back = [guest.item(DEBIT, 3_000), guest.item(SPENT, -6_000)]
    assert _code(shop.book(*back)) is None
    assert guest.balances() == (5_000, 10_000, 14_000)
    rest = [guest.item(BONUS, 5_001, ext_index=4), guest.item(SPENT, -14_000, ext_index=4)]
    assert _code(shop.book(*rest)) == ErrorCode.REFUND_TOO_BIG


def test_a_parent_names_the_sale_wherever_it_was(guest: Guest) -> None:
    shop = guest.shop
    sale = shop.book(guest.item(BONUS, 700), guest.item(SPENT, 10_000))
    parent = sale.answers[0].transaction_id
    back = guest.item(BONUS, -300, ext_id=None, ext_index=0, ext_date=None, parent=parent)
    outcome = shop.book(back)
    assert _code(outcome) is None
    assert guest.balances() == (10_400, 10_000, 10_000)
    refund = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.REFUND)[0]
    assert (
        refund.reverses_id == shop.rows(tables.entry, tables.entry.c.purpose == 2)[0].operation_id
    )


def test_a_direct_credit_comes_back_by_its_parent_within_its_rest(guest: Guest) -> None:
    shop = guest.shop
    parent = shop.book(guest.item(BONUS, 700)).answers[0].transaction_id
    ok = shop.book(guest.item(BONUS, -700, parent=parent, ext_index=4))
    assert _code(ok) is None
    too_much = shop.book(guest.item(BONUS, -1, parent=parent, ext_index=5))
    assert _code(too_much) == ErrorCode.REFUND_TOO_BIG
    assert guest.balances() == (10_000, 10_000, 0)


def test_a_parent_of_another_guest_is_no_sale_of_this_one(guest: Guest) -> None:
    shop = guest.shop
    shop.program(refund_unmatched=1)
    parent = shop.book(guest.item(BONUS, 700)).answers[0].transaction_id
    other = Guest(shop, 5)
    outcome = shop.book(other.item(BONUS, -700, parent=parent))
    assert _code(outcome) == ErrorCode.SALE_NOT_FOUND


def test_items_with_different_parents_return_their_own_sales(guest: Guest) -> None:
    shop = guest.shop
    parents = [
        shop.book(guest.item(SPENT, 1_000, ext_id=name)).answers[0].transaction_id
        for name in ("a", "b")
    ]
    backs = [
        guest.item(SPENT, -600, ext_id="r", ext_index=n, parent=p) for n, p in enumerate(parents)
    ]
    assert _code(shop.book(*backs)) is None
    refunds = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.REFUND)
    assert len({row.reverses_id for row in refunds}) == 2
    assert guest.balances()[2] == 800


def test_the_oldest_sale_with_a_rest_is_returned(guest: Guest) -> None:
    shop = guest.shop
    for index in (1, 2):
        shop.book(guest.item(SPENT, 1_000, ext_index=index))
    shop.book(guest.item(SPENT, -1_000, ext_index=9))
    assert _code(shop.book(guest.item(SPENT, -400, ext_index=8))) is None
    refunds = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.REFUND)
    sales = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.SALE)
    assert [row.reverses_id for row in refunds] == [row.operation_id for row in sales]


def test_in_mode_crm_the_accrual_is_ours_and_a_return_takes_our_share(counting: Shop) -> None:
    guest = Guest(counting)
    sale = counting.book(guest.item(BONUS, 99_999), guest.item(SPENT, 100_000))
    assert guest.balances() == (5_000, 0, 100_000)
    (earned,) = counting.rows(tables.entry, tables.entry.c.account_type_id == BONUS)
    assert sale.answers[0].transaction_id == earned.entry_id
    back = counting.book(guest.item(BONUS, -1), guest.item(SPENT, -25_000))
    assert _code(back) is None, back.error
    assert guest.balances() == (3_750, 0, 75_000)
    _verified(counting)


# ---------------------------------------------------------------- rolled back by hand


def test_an_operation_rolled_back_by_hand_frees_its_keys_for_a_newer_time(guest: Guest) -> None:
    shop = guest.shop
    shop.book(guest.item(BONUS, 700), guest.item(SPENT, 10_000))
    operation = shop.rows(tables.operation, tables.operation.c.kind == 1)[0]
    (done,) = shop.run(RollBack(header=Header(key="r"), operation_id=operation.operation_id))
    assert done.error is None
    assert guest.balances() == (10_000, 10_000, 0)
    (twice,) = shop.run(RollBack(header=Header(key="r2"), operation_id=operation.operation_id))
    assert twice.error.code == ErrorCode.WRONG_STATE
    again = [guest.item(BONUS, 700), guest.item(SPENT, 10_000)]
    assert _code(shop.book(*again)) == ErrorCode.ROLLED_BACK
    shop.pass_time(minutes=1)
    again = [guest.item(BONUS, 700), guest.item(SPENT, 10_000)]
    assert _code(shop.book(*again)) is None
    assert guest.balances() == (10_700, 10_000, 10_000)
    _verified(shop)


# ---------------------------------------------------------------- life, delay, times


def test_life_and_delay_of_the_caller_are_kept(guest: Guest) -> None:
    shop = guest.shop
    later = shop.now + timedelta(days=2)
    item = guest.item(BONUS, 500, life=date(2026, 4, 1), delay=later)
    assert _code(shop.book(item)) is None
    lot = shop.rows(tables.lot)[-1]
    assert lot.available_at == later
    assert lot.expires_on == date(2026, 4, 1)
    assert shop.account(guest.holder, BONUS).pending == 500


@pytest.mark.parametrize(
    "facts",
    [
        {"life": date(2026, 3, 1)},
        {"life": date(2026, 3, 5), "delay": datetime(2026, 3, 7, tzinfo=UTC)},
    ],
)
def test_a_life_that_ends_before_the_points_are_there_is_refused(
    guest: Guest, facts: dict[str, Any]
) -> None:
    outcome = guest.shop.book(guest.item(BONUS, 500, **facts))
    assert _code(outcome) == ErrorCode.BAD_LIFE
    assert outcome.error.wire_code == "SAC-9407"


def test_a_life_that_ends_today_is_allowed(guest: Guest) -> None:
    assert _code(guest.shop.book(guest.item(BONUS, 500, life=DAY))) is None


def test_life_and_delay_mean_nothing_on_accounts_without_lots(guest: Guest) -> None:
    outcome = guest.shop.book(guest.item(DEBIT, 500, life=date(2020, 1, 1)))
    assert _code(outcome) is None


def test_a_clock_that_is_ahead_does_not_delay_points_with_a_life_of_their_own(
    guest: Guest,
) -> None:
    shop = guest.shop
    ahead = shop.now + timedelta(minutes=5)
    shop.book(guest.item(BONUS, 500, time=ahead, life=date(2026, 4, 1)))
    assert shop.account(guest.holder, BONUS).pending == 0


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"time": START + timedelta(minutes=11)}, ErrorCode.IN_FUTURE),
        ({"ext_date": date(2026, 2, 26)}, ErrorCode.BACKDATE),
        ({"ext_date": date(2026, 2, 27)}, None),
    ],
)
def test_dates_outside_the_window_are_refused(
    guest: Guest, facts: dict[str, Any], code: ErrorCode | None
) -> None:
    assert _code(guest.shop.book(guest.item(BONUS, 500, **facts))) == code


# ---------------------------------------------------------------- states


def test_a_blocked_account_takes_returns_but_no_sales(guest: Guest) -> None:
    shop = guest.shop
    assert _code(shop.book(guest.item(BONUS, 500), guest.item(SPENT, 1_000))) is None
    shop.change(account_tables.account, account_tables.account.c.holder_id == guest.holder, state=2)
    blocked = shop.book(guest.item(BONUS, 1, ext_id="next"))
    assert _code(blocked) == ErrorCode.ACCOUNT_BLOCKED
    assert _code(shop.book(guest.item(BONUS, -500), guest.item(SPENT, -1_000))) is None


def test_a_repeat_succeeds_though_the_account_was_emptied_and_blocked(guest: Guest) -> None:
    shop = guest.shop
    item = guest.item(DEBIT, -10_000)
    first = shop.book(item)
    shop.change(account_tables.account, account_tables.account.c.holder_id == guest.holder, state=2)
    assert shop.book(item).answers == first.answers
