"""Holds by hand and by programs, on the real ledger (domain 2.5, 3.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.manual import (
    CaptureHold,
    ExtendHold,
    Header,
    HoldPart,
    HoldShare,
    OpenHold,
    VoidHold,
)
from card_server.ledger.records import HoldState, OperationKind
from card_server.ledger.verify import verify
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, Shop

CARD = 1


class Desk:
    """A guest with 100.00 of points and of money, and a program that holds."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.holder = shop.issue(CARD)
        for type_id in (BONUS, DEBIT):
            shop.grant(self.holder, type_id, 10_000)
        self.points = shop.account(self.holder, BONUS).account_id
        self.money = shop.account(self.holder, DEBIT).account_id

    def post(self, make: Any, **facts: Any) -> Any:
        """A posting of the program, under a key of its own."""
        key = f"k{self.shop.count(tables.operation)}"
        header = Header(key=key, classifier_id=self.shop.classifier_id, **facts.pop("header", {}))
        (outcome,) = self.shop.run(make(header=header, **facts))
        return outcome

    def open(self, *parts: tuple[int, int], **facts: Any) -> Any:
        """Holds on accounts: (account, amount) each."""
        given = tuple(HoldPart(account_id=a, amount=amount) for a, amount in parts)
        return self.post(OpenHold, parts=given, **facts)

    def capture(self, *shares: tuple[int, int | None], **facts: Any) -> Any:
        """Captures: (hold, amount or the rest) each."""
        given = tuple(HoldShare(hold_id=h, amount=amount) for h, amount in shares)
        return self.post(CaptureHold, shares=given, **facts)

    def held(self) -> tuple[int, int]:
        """What points and money keep."""
        return tuple(self.shop.account(self.holder, i).held for i in (BONUS, DEBIT))  # type: ignore[return-value]

    def states(self) -> list[int]:
        """States of all holds, oldest first."""
        return [row.state for row in self.shop.rows(tables.hold)]

    def verified(self) -> None:
        """The ledger proves itself."""
        report = verify(self.shop.connection, full=True)
        self.shop.connection.rollback()
        assert report.ok, report.findings


@pytest.fixture
def desk(shop: Shop) -> Desk:
    """See the class."""
    return Desk(shop)


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(getattr(outcome, "error", outcome), "code", None)


def test_a_payment_from_several_accounts_is_several_holds_of_one_operation(desk: Desk) -> None:
    outcome = desk.open((desk.money, 4_000), (desk.points, 3_000))
    assert len(outcome.hold_ids) == 2
    assert desk.held() == (3_000, 4_000)
    rows = desk.shop.rows(tables.hold)
    assert {row.open_operation_id for row in rows} == {outcome.operation_id}
    captured = desk.capture(*((hold_id, None) for hold_id in outcome.hold_ids))
    assert _code(captured) is None
    assert sorted(entry.amount for entry in captured.entries) == [-4_000, -3_000]
    assert desk.states() == [HoldState.CAPTURED] * 2
    assert desk.held() == (0, 0)
    desk.verified()


def test_all_of_them_or_none(desk: Desk) -> None:
    outcome = desk.open((desk.money, 4_000), (desk.points, 10_001))
    assert _code(outcome) == ErrorCode.INSUFFICIENT
    assert desk.held() == (0, 0)
    assert desk.states() == []


def test_a_final_capture_frees_the_rest_by_an_operation_of_its_own(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000)).hold_ids
    assert _code(desk.capture((hold_id, 1_000), final=True)) is None
    assert desk.states() == [HoldState.RELEASED]
    assert desk.held() == (0, 0)
    kinds = [row.kind for row in desk.shop.rows(tables.operation)][-2:]
    assert kinds == [OperationKind.HOLD_CAPTURE, OperationKind.HOLD_VOID]
    desk.verified()


def test_a_capture_is_answered_again_and_not_made_again(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000)).hold_ids
    shares = (HoldShare(hold_id=hold_id, amount=1_000),)
    posting = CaptureHold(
        header=Header(key="same", classifier_id=desk.shop.classifier_id), shares=shares
    )
    (first,) = desk.shop.run(posting)
    (second,) = desk.shop.run(posting)
    assert second.repeated
    assert [e.entry_id for e in second.entries] == [e.entry_id for e in first.entries]
    assert desk.held() == (2_000, 0)


def test_an_opening_is_answered_again_with_its_holds(desk: Desk) -> None:
    parts = (HoldPart(account_id=desk.points, amount=500),)
    posting = OpenHold(
        header=Header(key="same", classifier_id=desk.shop.classifier_id), parts=parts
    )
    (first,) = desk.shop.run(posting)
    (second,) = desk.shop.run(posting)
    assert (second.repeated, second.hold_ids) == (True, first.hold_ids)
    assert desk.held() == (500, 0)


def test_no_more_than_the_rest_is_captured(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000)).hold_ids
    assert _code(desk.capture((hold_id, 3_001))) == ErrorCode.WRONG_STATE
    assert _code(desk.capture((hold_id, 2_000))) is None
    assert _code(desk.capture((hold_id, 1_001))) == ErrorCode.WRONG_STATE


def test_two_captures_and_a_void_of_one_group_see_each_other(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000)).hold_ids
    shares = (HoldShare(hold_id=hold_id, amount=2_000),)
    headers = [Header(key=f"g{n}", classifier_id=desk.shop.classifier_id) for n in range(3)]
    first, second, third = desk.shop.run(
        CaptureHold(header=headers[0], shares=shares),
        CaptureHold(header=headers[1], shares=shares),
        VoidHold(header=headers[2], ids=(hold_id,)),
    )
    codes = [_code(outcome) for outcome in (first, second, third)]
    assert codes == [None, ErrorCode.WRONG_STATE, None]
    assert desk.states() == [HoldState.RELEASED]
    assert desk.shop.balance(desk.holder, BONUS) == 8_000
    desk.verified()


def test_a_hold_past_its_moment_is_not_captured(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000), minutes=30).hold_ids
    desk.shop.pass_time(minutes=30)
    outcome = desk.capture((hold_id, None))
    assert _code(outcome) == ErrorCode.HOLD_ENDED
    assert outcome.error.facts["why"] == "expired"


def test_a_late_capture_may_be_a_plain_payment_with_all_its_checks(desk: Desk) -> None:
    desk.shop.program(late_capture=True)
    (hold_id,) = desk.open((desk.points, 3_000), minutes=30).hold_ids
    desk.shop.pass_time(minutes=31)
    assert _code(desk.capture((hold_id, None))) is None
    assert desk.shop.balance(desk.holder, BONUS) == 7_000
    assert desk.states() == [HoldState.EXPIRED]
    assert desk.held() == (0, 0)
    table = account_tables.account
    desk.shop.change(table, table.c.holder_id == desk.holder, state=2)
    assert _code(desk.capture((hold_id, 500))) == ErrorCode.ACCOUNT_BLOCKED
    desk.verified()


def test_a_hold_is_captured_though_its_account_was_blocked(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000)).hold_ids
    table = account_tables.account
    desk.shop.change(table, table.c.holder_id == desk.holder, state=2)
    assert _code(desk.open((desk.points, 5))) == ErrorCode.ACCOUNT_BLOCKED
    assert _code(desk.capture((hold_id, None))) is None


def test_a_program_holds_only_where_it_may_debit(desk: Desk) -> None:
    desk.shop.link(BONUS, debit_allowed=False)
    assert _code(desk.open((desk.points, 5))) == ErrorCode.DEBIT_FORBIDDEN


@pytest.mark.parametrize(
    ("state", "code"), [(4, ErrorCode.CARD_BLOCKED), (2, ErrorCode.CARD_INACTIVE), (1, None)]
)
def test_a_card_that_may_not_pay_may_not_hold(
    shop: Shop, state: int, code: ErrorCode | None
) -> None:
    holder = shop.issue(7, state=state)
    shop.grant(holder, DEBIT, 500)
    part = HoldPart(account_id=shop.account(holder, DEBIT).account_id, amount=5)
    header = Header(key="k", classifier_id=shop.classifier_id, card_code=7)
    (outcome,) = shop.run(OpenHold(header=header, parts=(part,)))
    assert _code(outcome) == code


def test_a_card_holds_only_on_its_own_guest_s_accounts(desk: Desk) -> None:
    other = desk.shop.issue(9)
    desk.shop.grant(other, DEBIT, 500)
    account_id = desk.shop.account(other, DEBIT).account_id
    outcome = desk.open((account_id, 5), header={"card_code": CARD})
    assert _code(outcome) == ErrorCode.ACCOUNT_NOT_FOUND


def test_extending_has_its_bounds(desk: Desk) -> None:
    (hold_id,) = desk.open((desk.points, 3_000), minutes=30).hold_ids
    now = desk.shop.now
    later = desk.post(ExtendHold, ids=(hold_id,), expires_at=now + timedelta(hours=5))
    assert _code(later) is None
    desk.shop.pass_time(hours=4)
    assert _code(desk.capture((hold_id, 1_000))) is None
    earlier = desk.post(ExtendHold, ids=(hold_id,), expires_at=now + timedelta(hours=4, minutes=1))
    assert _code(earlier) == ErrorCode.FIELD_BAD
    far = desk.post(ExtendHold, ids=(hold_id,), expires_at=now + timedelta(days=9))
    assert _code(far) == ErrorCode.FIELD_BAD
    desk.shop.pass_time(hours=1)
    over = desk.post(ExtendHold, ids=(hold_id,), expires_at=now + timedelta(days=2))
    assert _code(over) == ErrorCode.HOLD_ENDED
    desk.verified()


def test_what_is_not_there_cannot_be_moved(desk: Desk) -> None:
    assert _code(desk.capture((77, None))) == ErrorCode.WRONG_STATE
    assert _code(desk.post(VoidHold, ids=(77,))) == ErrorCode.WRONG_STATE
    assert _code(desk.open((77, 5))) == ErrorCode.ACCOUNT_NOT_FOUND


@pytest.mark.parametrize("parts", [(), ((1, 0),), ((1, 5), (1, 5))])
def test_malformed_holds_are_not_stored(desk: Desk, parts: Any) -> None:
    before = desk.shop.count(tables.operation)
    assert _code(desk.open(*parts)) == ErrorCode.FIELD_BAD
    assert desk.shop.count(tables.operation) == before
