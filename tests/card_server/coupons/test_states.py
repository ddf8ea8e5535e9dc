"""Single coupons through the contract: issue, edit, give, states, lists (domain 1.8, 2.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from card_server.coupons import tables
from card_server.coupons.rules import check_digit
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from shared.wire import coupons as wire
from shared.wire.base import Condition, Problem, Sort
from shared.wire.errors import AppError
from shared.wire.roles import GetHistory
from tests.helpers.coupon_desk import REASON, act, add_type, issue, see
from tests.helpers.office import Office, new_operation_id

GONE = 10**18


def made(office: Office, **fields: Any) -> int:
    known = [row.coupon_type_id for row in office.ask(wire.ListCoupons()).rows]
    type_id = known[0] if known else add_type(office)
    return issue(office, type_id, **fields).coupon_id


def set_state(office: Office, coupon_id: int, state: int) -> None:
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(tables.coupon).where(tables.coupon.c.coupon_id == coupon_id).values(state=state)
        )


def test_a_coupon_is_issued_for_a_guest_and_shown_whole(office: Office) -> None:
    guest = office.shop.issue(1)
    type_id = add_type(office, "Скидка", 3, valid_days=10)
    coupon = issue(office, type_id, holder_id=guest, notes="  за отзыв ")
    assert coupon.code[-1] == check_digit(coupon.code[:12])
    assert coupon.coupon_id == 922_001 * 10**13 + int(coupon.code)
    found = see(office, coupon.coupon_id)
    row = found.row
    assert (row.holder_id, row.state, row.notes, row.uses) == (guest, wire.ACTIVE, "за отзыв", 0)
    assert (found.type_name, found.last_day) == ("Скидка", date(2026, 3, 11))
    assert (found.classifiers, found.uses, found.unusable) == ([], [], None)
    assert office.ask(wire.GetCoupon(code=coupon.code)) == found
    assert office.ask(wire.GetCoupon(code=str(coupon.coupon_id))) == found


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"coupon_type_id": 99}, "COUPON_TYPE"),
        ({"holder_id": GONE}, "ROW_NOT_FOUND"),
        ({"valid_from": date(2026, 5, 2), "valid_to": date(2026, 5, 1)}, "FIELD_BAD"),
        ({"valid_to": date(1999, 1, 1)}, "FIELD_BAD"),
        ({"value": 100}, "FIELD_BAD"),
        ({"notes": "x" * 501}, "TOO_LONG"),
        ({"classifiers": [99]}, "DICT_VALUE_UNKNOWN"),
    ],
)
def test_a_coupon_that_cannot_be_is_not_issued(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    values = {"coupon_type_id": add_type(office), **fields}
    asked = wire.IssueCoupon(operation_id=new_operation_id(), **values)
    assert office.refused(asked) == code
    assert office.shop.count(tables.coupon) == 0


def test_only_a_sum_coupon_has_a_value_and_only_a_type_in_season_is_issued(office: Office) -> None:
    sums = add_type(office, "Сумма", 2)
    coupon = issue(office, sums, value=500_00)
    assert see(office, coupon.coupon_id).row.value == 500_00
    minus = wire.IssueCoupon(operation_id=new_operation_id(), coupon_type_id=sums, value=-1)
    assert office.refused(minus) == "FIELD_BAD"
    past = add_type(office, "Прошлое", active_to=date(2026, 3, 1))
    off = add_type(office, "Выключен", is_active=False)
    for type_id in (past, off):
        late = wire.IssueCoupon(operation_id=new_operation_id(), coupon_type_id=type_id)
        assert office.refused(late) == "COUPON_TYPE"


def test_a_repeated_issue_makes_one_coupon(office: Office) -> None:
    asked = wire.IssueCoupon(operation_id=new_operation_id(), coupon_type_id=add_type(office))
    assert office.ask(asked) == office.ask(asked)
    assert office.shop.count(tables.coupon) == 1


def test_the_way_of_a_coupon_from_made_to_void(office: Office) -> None:
    coupon_id = made(office, active=False)
    unusable = see(office, coupon_id).unusable
    assert unusable is not None
    assert unusable.code == "COUPON_INACTIVE"
    office.ask(act(office, wire.ActivateCoupon, coupon_id))
    office.ask(act(office, wire.BlockCoupon, coupon_id, reason=" потерян гостем "))
    row = see(office, coupon_id).row
    assert (row.state, row.block_reason) == (wire.BLOCKED, "потерян гостем")
    office.ask(act(office, wire.UnblockCoupon, coupon_id, reason="нашёлся"))
    row = see(office, coupon_id).row
    assert (row.state, row.block_reason) == (wire.ACTIVE, None)
    office.ask(act(office, wire.VoidCoupon, coupon_id, reason=REASON))
    assert see(office, coupon_id).row.state == wire.VOID
    history = office.ask(GetHistory(table_name="coupon", row_key=str(coupon_id)))
    assert [change.reason for change in history.changes] == [
        REASON,
        "нашёлся",
        " потерян гостем ",
        None,
        None,
    ]


ALLOWED = {
    wire.ActivateCoupon: {wire.MADE},
    wire.BlockCoupon: {wire.MADE, wire.ACTIVE},
    wire.UnblockCoupon: {wire.BLOCKED},
    wire.VoidCoupon: {wire.MADE, wire.ACTIVE, wire.BLOCKED, wire.EXPIRED},
}


@pytest.mark.parametrize("command", ALLOWED)
@pytest.mark.parametrize("state", range(1, 7))
def test_a_step_that_the_states_do_not_know_is_refused(
    office: Office, command: type[Any], state: int
) -> None:
    coupon_id = made(office)
    set_state(office, coupon_id, state)
    asked = act(office, command, coupon_id, reason=REASON)
    if state in ALLOWED[command]:
        office.ask(asked)
    else:
        with pytest.raises(AppError) as caught:
            office.ask(asked)
        assert str(caught.value) == "WRONG_STATE"
        assert caught.value.facts["object"] == see(office, coupon_id).row.code


@pytest.mark.parametrize("command", [wire.BlockCoupon, wire.VoidCoupon])
def test_blocking_and_cancelling_need_a_reason(office: Office, command: type[Any]) -> None:
    coupon_id = made(office)
    assert office.refused(act(office, command, coupon_id, reason=" нет ")) == "REASON_NEEDED"
    assert office.refused(act(office, command, coupon_id, reason="x" * 256)) == "TOO_LONG"
    assert see(office, coupon_id).row.state == wire.ACTIVE


def test_a_coupon_is_edited_and_a_stale_edit_gets_it_as_it_stands(office: Office) -> None:
    coupon_id = made(office)
    program = office.shop.classifier_id
    late = act(office, wire.EditCoupon, coupon_id, fields=wire.CouponFields(notes="поздно"))
    terms = wire.CouponFields(valid_to=date(2026, 12, 31), notes=" новогодний ")
    office.ask(act(office, wire.EditCoupon, coupon_id, fields=terms, classifiers=[program]))
    found = see(office, coupon_id)
    assert (found.row.valid_to, found.row.notes) == (date(2026, 12, 31), "новогодний")
    assert (found.last_day, found.classifiers) == (date(2026, 12, 31), [program])
    assert office.refused(late) == "STALE_EDIT"
    before = found.row.version
    nowhere = act(office, wire.EditCoupon, coupon_id, fields=wire.CouponFields(), classifiers=[])
    assert office.ask(nowhere).version == before + 1
    assert see(office, coupon_id).classifiers == []
    wrong = wire.CouponFields(valid_from=date(2027, 1, 1))
    assert office.refused(act(office, wire.EditCoupon, coupon_id, fields=wrong)) == "FIELD_BAD"
    set_state(office, coupon_id, wire.USED)
    again = act(office, wire.EditCoupon, coupon_id, fields=wire.CouponFields(notes="x"))
    assert office.refused(again) == "WRONG_STATE"


def test_a_coupon_goes_to_a_living_guest_and_back(office: Office) -> None:
    guest = office.shop.issue(2)
    coupon_id = made(office)
    office.ask(act(office, wire.GiveCoupon, coupon_id, holder_id=guest))
    assert see(office, coupon_id).row.holder_id == guest
    office.ask(act(office, wire.GiveCoupon, coupon_id, holder_id=None))
    assert see(office, coupon_id).row.holder_id is None
    assert office.refused(act(office, wire.GiveCoupon, coupon_id, holder_id=GONE)) == (
        "ROW_NOT_FOUND"
    )
    set_state(office, coupon_id, wire.VOID)
    asked = act(office, wire.GiveCoupon, coupon_id, holder_id=guest)
    assert office.refused(asked) == "WRONG_STATE"


def test_coupons_of_guests_of_foreign_divisions_are_not_there(office: Office) -> None:
    shop = office.shop
    shop.add(division_tables.division, division_id=2, id_prefix=2, name="Филиал", sort_no=1)
    guest, stranger = shop.issue(3), shop.issue(4)
    with shop.connection.begin():
        shop.connection.execute(
            update(holder_tables.holder)
            .where(holder_tables.holder.c.holder_id == stranger)
            .values(division_id=2)
        )
    type_id = add_type(office)
    mine, theirs, anyones = (
        issue(office, type_id, holder_id=one).coupon_id for one in (guest, stranger, None)
    )
    office.add_user("first", *("coupon.issue", "coupon.state"), divisions=(1,))
    blocked = act(office, wire.BlockCoupon, theirs, reason=REASON)
    given = act(office, wire.GiveCoupon, mine, holder_id=stranger)
    office.sign_in("first")
    assert {row.coupon_id for row in office.ask(wire.ListCoupons()).rows} == {mine, anyones}
    assert office.refused(wire.GetCoupon(coupon_id=theirs)) == "DIVISION_FOREIGN"
    assert office.refused(blocked) == "DIVISION_FOREIGN"
    assert office.refused(given) == "DIVISION_FOREIGN"


def test_codes_are_shown_only_to_who_issues_coupons_or_changes_their_states(
    office: Office,
) -> None:
    coupon_id = made(office)
    for right, code in (("coupon.issue", ""), ("coupon.state", ""), ("holder.view", "NO_RIGHT")):
        office.add_user(right, right)
        token = office.sign_in(right)
        if code:
            assert office.refused(wire.ListCoupons(), token) == code
            assert office.refused(wire.GetCoupon(coupon_id=coupon_id), token) == code
        else:
            assert office.ask(wire.ListCoupons(), token).rows
            assert office.ask(wire.GetCoupon(coupon_id=coupon_id), token).row.uses == 0


def test_lists_are_filtered_sorted_by_indexed_fields_and_paged_by_key(office: Office) -> None:
    type_id, other = add_type(office), add_type(office, "Другой")
    for i in range(7):
        issue(office, type_id if i % 2 else other, active=i < 3)
    page = office.ask(wire.ListCoupons(sort=Sort(field="code"), limit=3, count=True))
    seen = list(page.rows)
    while page.next is not None:
        page = office.ask(wire.ListCoupons(sort=Sort(field="code"), limit=3, after=page.next))
        seen += page.rows
    assert [row.code for row in seen] == sorted(row.code for row in seen)
    assert len(seen) == 7
    active = Condition(field="state", value=wire.ACTIVE)
    mine = Condition(field="coupon_type_id", value=type_id)
    assert len(office.ask(wire.ListCoupons(where=[active, mine])).rows) == 1
    by_state = wire.ListCoupons(sort=Sort(field="state"))
    assert office.refused(by_state) == "FIELD_BAD"


def test_a_coupon_is_named_in_one_way(office: Office) -> None:
    coupon_id = made(office)
    assert office.refused(wire.GetCoupon()) == "FIELD_MISSING"
    assert office.refused(wire.GetCoupon(coupon_id=coupon_id, code="1")) == "FIELD_MISSING"
    assert office.refused(wire.GetCoupon(coupon_id=1)) == "ROW_NOT_FOUND"
    for rubbish in ("", "abc", "4" * 13, "٣" * 13, "9" * 30):
        assert office.refused(wire.GetCoupon(code=rubbish)) == "COUPON_NOT_FOUND"


def test_a_stale_command_carries_the_coupon_as_it_stands(office: Office) -> None:
    coupon_id = made(office)
    late = act(office, wire.BlockCoupon, coupon_id, reason=REASON)
    office.ask(act(office, wire.EditCoupon, coupon_id, fields=wire.CouponFields(notes="новое")))
    replied = office.send("BlockCoupon", msgspec.json.encode(late))
    problem = msgspec.json.decode(replied.body, type=Problem)
    assert problem.code == "STALE_EDIT"
    assert msgspec.convert(problem.present, wire.Coupon) == see(office, coupon_id)
