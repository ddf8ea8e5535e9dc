"""The postings by hand, as the management API and jobs call them."""

from __future__ import annotations

from datetime import date, timedelta

from card_server.ledger import manual
from card_server.ledger.manual import (
    Adjust,
    CaptureHold,
    Correction,
    DirectCredit,
    DirectDebit,
    Expire,
    ExtendHold,
    ExtendLots,
    Header,
    HoldPart,
    HoldShare,
    MergeBalances,
    OpenHold,
    Opening,
    Reinstate,
    RollBack,
    TopUp,
    Transfer,
    UndoTransfer,
    VoidHold,
    Withdraw,
)
from card_server.ledger.manual_base import Manual
from card_server.ledger.verify import verify
from tests.helpers.shop import BONUS, DEBIT, Shop


def test_every_class_is_published() -> None:
    found = {name for name in dir(manual) if isinstance(getattr(manual, name), type)}
    assert found == set(manual.__all__)


def test_a_day_of_postings_by_hand_leaves_a_ledger_that_proves_itself(shop: Shop) -> None:
    guest, other = shop.issue(1), shop.issue(2)
    bonus = shop.account(guest, BONUS).account_id
    debit = shop.account(guest, DEBIT).account_id
    serial = iter(range(1, 100))

    def header(reason: int | None = None) -> Header:
        return Header(key=f"key-{next(serial)}", user_id=1, reason_id=reason)

    def post(posting: Manual) -> int:
        (outcome,) = shop.run(posting)
        assert isinstance(outcome, manual.ManualOutcome), outcome
        assert outcome.error is None, outcome.error
        return outcome.operation_id

    post(TopUp(header=header(), account_id=debit, amount=10_000))
    post(Withdraw(header=header(), account_id=debit, amount=1_000))
    credited = post(DirectCredit(header=header(), account_id=bonus, amount=5_000))
    post(DirectDebit(header=header(), holder_id=guest, account_type_id=BONUS, amount=500))
    post(Adjust(header=header(1), account_id=bonus, amount=-300))
    post(Opening(header=header(), account_id=bonus, amount=2_000))
    moved = post(
        Transfer(
            header=header(1),
            from_account_id=bonus,
            to_account_id=shop.account(other, BONUS).account_id,
            amount=700,
        )
    )
    post(UndoTransfer(header=header(1), operation_id=moved))
    merged = post(MergeBalances(header=header(1), from_holder_id=guest, to_holder_id=other))
    assert shop.balance(guest, BONUS) == 0
    assert shop.balance(other, BONUS) == 6_200
    post(UndoTransfer(header=header(1), operation_id=merged))
    assert shop.balance(guest, BONUS) == 6_200
    assert shop.balance(guest, DEBIT) == 9_000
    (opened,) = shop.run(
        OpenHold(
            header=header(),
            parts=(
                HoldPart(account_id=bonus, amount=1_000),
                HoldPart(account_id=debit, amount=2_000),
            ),
        )
    )
    first, second = opened.hold_ids
    post(ExtendHold(header=header(), ids=(first,), expires_at=shop.now + timedelta(hours=3)))
    post(CaptureHold(header=header(), shares=(HoldShare(hold_id=first, amount=400),), final=True))
    post(VoidHold(header=header(), ids=(second,)))
    assert shop.account(guest, BONUS).held == shop.account(guest, DEBIT).held == 0
    day = date(2027, 6, 1)
    post(ExtendLots(header=header(), account_id=bonus, expires_on=day))
    shop.pass_time(days=500)
    post(Expire(header=header(), account_id=bonus))
    assert shop.balance(guest, BONUS) == 0
    post(Reinstate(header=header(1), account_id=bonus, amount=1_500))
    assert shop.balance(guest, BONUS) == 1_500
    post(Correction(header=header(1), operation_id=credited))
    post(
        RollBack(
            header=header(1),
            operation_id=post(DirectCredit(header=header(), account_id=bonus, amount=100)),
        )
    )
    report = verify(shop.connection, full=True)
    assert report.ok, report.findings
