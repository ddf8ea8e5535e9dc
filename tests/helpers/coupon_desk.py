"""Words for tests about coupons: a type, a coupon, a release worked off at once."""

from __future__ import annotations

from typing import Any

from shared.wire import coupon_types as types
from shared.wire import coupons as wire
from shared.wire import jobs
from shared.wire.base import Condition
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import work_off

REASON = "напечатаны с ошибкой"


def add_type(office: Office, name: str = "Десерт", coupon_class: int = 1, **more: Any) -> int:
    """A type of coupons; `groups` and `classifiers` go beside its fields."""
    parts = {key: more.pop(key) for key in ("groups", "classifiers") if key in more}
    fields = types.CouponTypeFields(name=name, coupon_class=coupon_class, **more)
    asked = types.AddCouponType(operation_id=new_operation_id(), fields=fields, **parts)
    return office.ask(asked).key


def issue(office: Office, type_id: int, **fields: Any) -> wire.IssuedCoupon:
    """One coupon."""
    operation_id = new_operation_id()
    return office.ask(wire.IssueCoupon(operation_id=operation_id, coupon_type_id=type_id, **fields))


def see(office: Office, coupon_id: int) -> wire.Coupon:
    """A coupon as it stands."""
    return office.ask(wire.GetCoupon(coupon_id=coupon_id))


def act(office: Office, command: type[Any], coupon_id: int, **fields: Any) -> Any:
    """A command about a coupon, with the version that stands."""
    version = see(office, coupon_id).row.version
    return command(operation_id=new_operation_id(), coupon_id=coupon_id, version=version, **fields)


def order(type_id: int, quantity: int = 10, **fields: Any) -> wire.ReleaseOrder:
    """What a release is to be."""
    return wire.ReleaseOrder(coupon_type_id=type_id, quantity=quantity, **fields)


def order_release(
    office: Office, type_id: int, quantity: int = 10, name: str = "Весна", **fields: Any
) -> wire.OrderedRelease:
    """A release that is planned."""
    wanted = order(type_id, quantity, **fields)
    asked = wire.IssueRelease(operation_id=new_operation_id(), name=name, order=wanted)
    return office.ask(asked)


def release(office: Office, type_id: int, quantity: int = 10, **fields: Any) -> int:
    """A release from order to end."""
    made = order_release(office, type_id, quantity, **fields)
    run = work_off(office, made.run_id)
    assert run.state == jobs.DONE, run
    return made.release_id


def undo(office: Office, release_id: int, reason: str = REASON) -> jobs.Run:
    """A release is taken back, from order to end."""
    asked = wire.UndoRelease(operation_id=new_operation_id(), release_id=release_id, reason=reason)
    return work_off(office, office.ask(asked).run_id)


def coupons_of(office: Office, release_id: int) -> list[wire.CouponRow]:
    """All coupons of a release."""
    where = [Condition(field="release_id", value=release_id)]
    return office.ask(wire.ListCoupons(where=where, limit=1000)).rows
