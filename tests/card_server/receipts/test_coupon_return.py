"""A use of a coupon given back by hand: once, with a reason, and the till may use it again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from card_server.coupons import tables
from card_server.ledger import tables as ledger_tables
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from card_server.receipts.records import RelayCall, RelayLine
from card_server.receipts.relay_posting import RelayPosting
from shared.wire import coupons as wire
from tests.helpers.coupons import make_coupon, make_type, state_of, uses_balance
from tests.helpers.office import Office, new_operation_id

CARD = 10007
REASON = "блюдо не подали"


@pytest.fixture
def code(office: Office) -> str:
    """A coupon that may be used once, by a guest twice in all."""
    office.shop.issue(CARD)
    make_type(office.shop, per_holder=1, per_holder_days=30)
    made = make_coupon(office.shop)
    office.pipeline.rules_changed()
    return made


def buy(office: Office, code: str, order: str = "1", chmode: int = 1) -> Any:
    """A cheque with the coupon in it."""
    shop = office.shop
    who = shop.ledger.rules.classifiers[shop.classifier_id]
    sign = -1 if chmode in (2, 3) else 1
    lines = [
        RelayLine(card=CARD, person_id=0, kind=3, amount=1000 * sign),
        RelayLine(card=int(code), person_id=0, kind=1, amount=0),
    ]
    call = RelayCall(
        classifier_id=shop.classifier_id,
        chmode=chmode,
        order_guid=order,
        check_no=1,
        stamp=f"2026-03-02T12:00:0{order}",
        lines=lines,
    )
    return office.desk.book(RelayPosting(call, who, None))


def key_of(office: Office, code: str) -> int:
    return office.ask(wire.GetCoupon(code=code)).row.coupon_id


def back(office: Office, code: str, reason: str = REASON) -> wire.ReturnCoupon:
    coupon_id = key_of(office, code)
    return wire.ReturnCoupon(operation_id=new_operation_id(), coupon_id=coupon_id, reason=reason)


def proven(office: Office) -> bool:
    with office.shop.connection.begin():
        return verify(office.shop.connection, full=True).ok


def test_a_use_is_given_back_once_and_the_till_may_use_the_coupon_again(
    office: Office, code: str
) -> None:
    assert buy(office, code).error is None
    assert state_of(office.shop, code) == (3, 1)
    asked = back(office, code)
    given = office.ask(asked)
    assert (given.repeated, state_of(office.shop, code)) == (False, (2, 0))
    again = office.ask(asked)
    assert (again.booked_id, again.undoes_use_id, again.repeated) == (
        given.booked_id,
        given.undoes_use_id,
        True,
    )
    assert office.refused(back(office, code)) == "WRONG_STATE"
    operation = ledger_tables.operation
    (row,) = office.shop.rows(operation, operation.c.operation_id == given.booked_id)
    assert (row.kind, row.user_id, row.remarks) == (OperationKind.COUPON_RETURN, 1, REASON)
    assert buy(office, code, "2").error is None
    assert (state_of(office.shop, code), uses_balance(office.shop, code)) == ((3, 1), 1)
    uses = office.ask(wire.GetCoupon(code=code)).uses
    assert [use.undoes_use_id is not None for use in uses] == [False, True, False]
    assert proven(office)


def test_the_cheque_can_still_be_returned_and_gives_the_use_back_no_second_time(
    office: Office, code: str
) -> None:
    assert buy(office, code).error is None
    office.ask(back(office, code))
    assert buy(office, code, chmode=3).error is None
    assert (state_of(office.shop, code), uses_balance(office.shop, code)) == ((2, 0), 0)
    assert proven(office)


def test_what_was_not_used_or_was_cancelled_is_not_given_back(office: Office, code: str) -> None:
    assert office.refused(back(office, code)) == "WRONG_STATE"
    assert buy(office, code).error is None
    assert office.refused(back(office, code, " ")) == "REASON_NEEDED"
    coupon = tables.coupon
    with office.shop.connection.begin():
        office.shop.connection.execute(update(coupon).values(state=wire.VOID))
    assert office.refused(back(office, code)) == "WRONG_STATE"
    unknown = wire.ReturnCoupon(operation_id=new_operation_id(), coupon_id=1, reason=REASON)
    assert office.refused(unknown) == "ROW_NOT_FOUND"


def test_a_key_is_of_one_user_and_one_coupon(office: Office, code: str) -> None:
    assert buy(office, code).error is None
    asked = back(office, code)
    office.ask(asked)
    office.add_user("other", "coupon.state", "coupon.issue")
    office.add_user("issuer", *office.everyone_but("coupon.state"))
    assert office.refused(asked, office.sign_in("other")) == "KEY_CONFLICT"
    assert office.refused(asked, office.sign_in("issuer")) == "NO_RIGHT"
    with office.shop.connection.begin():
        count = office.shop.connection.execute(
            select(ledger_tables.operation.c.operation_id).where(
                ledger_tables.operation.c.kind == OperationKind.COUPON_RETURN
            )
        ).all()
    assert len(count) == 1
