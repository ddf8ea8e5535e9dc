"""Burning, extending and bringing back by hand (domain 2.3, 3.18, I-16)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from card_server.ledger import tables
from card_server.ledger.manual import Expire, ExtendLots, Header, Reinstate
from card_server.ledger.records import LotState
from card_server.ledger.verify import verify
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, Shop

CARD = 1


class Points:
    """A guest with lots of 100.00 ending in 5 days and 50.00 ending in 50."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.holder = shop.issue(CARD)
        shop.grant(self.holder, BONUS, 10_000, days=5)
        shop.grant(self.holder, BONUS, 5_000, days=50)
        self.account_id = shop.account(self.holder, BONUS).account_id
        self._serial = 0

    def post(self, make: Any, **facts: Any) -> Any:
        """A posting about the points, under a key of its own."""
        self._serial += 1
        header = Header(key=f"k{self._serial}", reason_id=1)
        (outcome,) = self.shop.run(make(header=header, account_id=self.account_id, **facts))
        return outcome

    def lots(self) -> list[Any]:
        """The lots as stored."""
        return self.shop.rows(tables.lot)

    def verified(self) -> None:
        """The ledger proves itself."""
        report = verify(self.shop.connection, full=True)
        self.shop.connection.rollback()
        assert report.ok, report.findings


@pytest.fixture
def points(shop: Shop) -> Points:
    """See the class."""
    return Points(shop)


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(getattr(outcome, "error", outcome), "code", None)


def test_extending_moves_ends_later_and_never_earlier(points: Points) -> None:
    assert _code(points.post(ExtendLots, expires_on=date(2026, 3, 31))) is None
    days = [lot.expires_on for lot in points.lots()]
    assert days == [date(2026, 3, 31), date(2026, 4, 21)]
    assert len(points.shop.rows(tables.lot_term)) == 1
    again = points.post(ExtendLots, expires_on=date(2026, 3, 31))
    assert _code(again) == ErrorCode.WRONG_STATE
    points.verified()


def test_chosen_lots_only(points: Points) -> None:
    second = points.lots()[1].lot_id
    assert _code(points.post(ExtendLots, expires_on=date(2026, 9, 1), lot_ids=(second,))) is None
    assert [lot.expires_on for lot in points.lots()] == [date(2026, 3, 7), date(2026, 9, 1)]
    strange = points.post(ExtendLots, expires_on=date(2026, 9, 1), lot_ids=(second, 77))
    assert _code(strange) == ErrorCode.WRONG_STATE


def test_due_points_that_are_not_booked_yet_become_usable_again(points: Points) -> None:
    shop = points.shop
    shop.pass_time(days=6)
    assert _code(points.post(ExtendLots, expires_on=date(2026, 4, 1))) is None
    assert points.lots()[0].state == LotState.AVAILABLE
    shop.link(BONUS, max_pay_bp=10_000)
    shop.ok(CARD, [(0, -12_000), (3, 20_000)])
    points.verified()


def test_a_day_that_is_over_extends_nothing(points: Points) -> None:
    outcome = points.post(ExtendLots, expires_on=date(2026, 3, 1))
    assert _code(outcome) == ErrorCode.BAD_LIFE


def test_burning_by_hand_books_what_is_due_once(points: Points) -> None:
    shop = points.shop
    assert _code(points.post(Expire)) is None
    assert shop.balance(points.holder, BONUS) == 15_000, "nothing is due yet"
    shop.pass_time(days=6)
    first = points.post(Expire)
    assert [entry.amount for entry in first.entries] == [-10_000]
    assert points.post(Expire).entries == []
    assert points.lots()[0].state == LotState.BURNT
    points.verified()


def test_burnt_points_come_back_as_a_new_lot_with_its_parent(points: Points) -> None:
    shop = points.shop
    shop.pass_time(days=6)
    points.post(Expire)
    outcome = points.post(Reinstate, amount=4_000)
    assert [entry.amount for entry in outcome.entries] == [4_000]
    burnt, _, new = points.lots()
    assert (new.parent_lot_id, new.remaining) == (burnt.lot_id, 4_000)
    assert new.expires_on == date(2026, 4, 7), "thirty days, if the user says nothing"
    assert burnt.state == LotState.BURNT
    assert shop.balance(points.holder, BONUS) == 9_000
    points.verified()


def test_no_more_comes_back_than_burnt(points: Points) -> None:
    points.shop.pass_time(days=6)
    points.post(Expire)
    assert _code(points.post(Reinstate, amount=10_001)) == ErrorCode.WRONG_STATE
    assert _code(points.post(Reinstate, amount=7_000)) is None
    assert _code(points.post(Reinstate, amount=3_001)) == ErrorCode.WRONG_STATE
    assert _code(points.post(Reinstate, expires_on=date(2026, 12, 1))) is None, "the rest"
    assert points.shop.balance(points.holder, BONUS) == 15_000
    assert _code(points.post(Reinstate)) == ErrorCode.WRONG_STATE


def test_two_of_one_group_do_not_bring_the_same_points_back(points: Points) -> None:
    points.shop.pass_time(days=6)
    points.post(Expire)
    both = [
        Reinstate(header=Header(key=key, reason_id=1), account_id=points.account_id)
        for key in ("one", "two")
    ]
    assert both[0].exclusive & both[1].exclusive, "the second waits for the next group"


def test_what_burnt_too_long_ago_is_gone(points: Points) -> None:
    shop = points.shop
    shop.pass_time(days=6)
    points.post(Expire)
    shop.pass_time(days=30, seconds=1)
    assert _code(points.post(Reinstate)) == ErrorCode.WRONG_STATE
    shop.type_of(BONUS, reinstate_days=31)
    assert _code(points.post(Reinstate, amount=10_000)) is None


def test_chosen_burnt_lots(points: Points) -> None:
    shop = points.shop
    shop.pass_time(days=52)
    points.post(Expire)
    shop.type_of(BONUS, reinstate_days=99)
    first = points.lots()[0].lot_id
    outcome = points.post(Reinstate, lot_ids=(first,))
    assert [entry.amount for entry in outcome.entries] == [10_000]
    assert _code(points.post(Reinstate, lot_ids=(first,))) == ErrorCode.WRONG_STATE
    assert _code(points.post(Reinstate)) is None
    assert shop.balance(points.holder, BONUS) == 15_000
    points.verified()


def test_a_term_in_the_past_brings_nothing_back(points: Points) -> None:
    points.shop.pass_time(days=6)
    points.post(Expire)
    outcome = points.post(Reinstate, expires_on=date(2026, 3, 7))
    assert _code(outcome) == ErrorCode.BAD_LIFE


def test_points_brought_back_cover_a_debt_first(points: Points) -> None:
    shop = points.shop
    shop.pass_time(days=6)
    points.post(Expire)
    shop.grant(points.holder, BONUS, -6_000)
    assert shop.account(points.holder, BONUS).uncovered == 1_000
    points.post(Reinstate, amount=4_000)
    assert shop.account(points.holder, BONUS).uncovered == 0
    assert shop.balance(points.holder, BONUS) == 3_000
    points.verified()
