"""What users do with single coupons: issue, edit, give, block, cancel (domain 2.4, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from card_server.coupons import tables
from card_server.coupons.details import LARGEST
from card_server.coupons.reading import coupon_card, coupon_row
from card_server.coupons.records import (
    CLASS_SUM,
    COUPON_ACTIVE,
    COUPON_BLOCKED,
    COUPON_EXPIRED,
    COUPON_MADE,
    COUPON_VOID,
    CouponType,
)
from card_server.coupons.repository import coupon_types
from card_server.coupons.service import NAMES, NewCoupon, issue_coupons
from card_server.coupons.types import check_places
from card_server.db.change_log import Action
from card_server.db.editing import check_texts, row_of, sent
from card_server.holders.desk import own_holder
from card_server.http.routes import Editing, Reading
from shared.wire import coupons as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

SUITE: Final = 0
SHORTEST_REASON: Final = 5
REASON_WIDTH: Final = 255
FIRST_YEAR, LAST_YEAR = 2000, 2199
OPEN: Final = (COUPON_MADE, COUPON_ACTIVE, COUPON_BLOCKED)
"""States of coupons that may be edited and given."""
ANY_BUT_USED: Final = (*OPEN, COUPON_EXPIRED)
_coupon, _link = tables.coupon, tables.coupon_classifier


def need_reason(given: str) -> str:
    """A reason of some letters that fits its column."""
    reason = given.strip()
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    if len(reason) > REASON_WIDTH:
        raise AppError(ErrorCode.TOO_LONG, field="reason", limit=REASON_WIDTH)
    return reason


def check_terms(
    kind: CouponType | None, valid_from: date | None, valid_to: date | None, value: int | None
) -> None:
    """Days that calendars know, in their order; a value only of a sum coupon."""
    for field, day in (("valid_from", valid_from), ("valid_to", valid_to)):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=day.isoformat())
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise AppError(ErrorCode.FIELD_BAD, field="valid_to", value=valid_to.isoformat())
    is_sum = kind is not None and kind.coupon_class == CLASS_SUM
    if value is not None and not (is_sum and 0 <= value <= LARGEST):
        raise AppError(ErrorCode.FIELD_BAD, field="value", value=str(value))


def issue_coupon(asked: wire.IssueCoupon, editing: Editing) -> wire.IssuedCoupon:
    """One coupon, with a random code."""
    connection = editing.connection
    types = coupon_types(connection, asked.coupon_type_id)
    kind = types.get(asked.coupon_type_id)
    check_terms(kind, asked.valid_from, asked.valid_to, asked.value)
    notes = (asked.notes or "").strip() or None
    check_texts(_coupon, {"notes": notes})
    if asked.holder_id is not None:
        own_holder(editing, asked.holder_id)
    wanted = NewCoupon(
        coupon_type_id=asked.coupon_type_id,
        is_active=asked.active,
        holder_id=asked.holder_id,
        valid_from=asked.valid_from,
        valid_to=asked.valid_to,
        value=asked.value,
        notes=notes,
        everywhere=asked.everywhere,
        classifiers=frozenset(check_places(connection, asked.classifiers)),
    )
    (made,) = issue_coupons(
        connection,
        [wanted],
        types=types,
        today=editing.now.date(),
        now=editing.now,
        classifier_id=SUITE,
        ids=editing.ids,
        log=editing.log,
    )
    return wire.IssuedCoupon(coupon_id=made.coupon_id, code=made.code)


def _need_state(row: Any, event: str, *states: int) -> None:
    if row.state not in states:
        raise AppError(ErrorCode.WRONG_STATE, event=event, object=row.code, state=NAMES[row.state])


def _write(
    asked: wire.EditCoupon | wire.GiveCoupon | wire.CouponStep,
    editing: Editing,
    changes: Mapping[str, Any],
) -> Done:
    key = {"coupon_id": asked.coupon_id}
    editing.log.edit(_coupon, key, changes, expected_version=asked.version)
    return Done(version=row_of(editing.connection, _coupon, key).version)


def edit_coupon(asked: wire.EditCoupon, editing: Editing) -> Done:
    """Change the terms of a coupon; its programs count as a change of it."""
    connection = editing.connection
    row = coupon_row(connection, editing.actor, asked.coupon_id)
    _need_state(row, "edit", *OPEN)
    values = sent(asked.fields)
    check_texts(_coupon, values)
    kind = coupon_types(connection, row.coupon_type_id).get(row.coupon_type_id)
    after = {**row._mapping, **values}  # noqa: SLF001 - SQLAlchemy's public name
    check_terms(kind, after["valid_from"], after["valid_to"], after["value"])
    if asked.classifiers is None:
        return _write(asked, editing, values)
    wanted = check_places(connection, asked.classifiers)
    mine = _link.c.coupon_id == asked.coupon_id
    before = sorted(connection.execute(select(_link.c.classifier_id).where(mine)).scalars())
    _write(asked, editing, values)
    if wanted != before:
        connection.execute(delete(_link).where(mine))
        rows = [{"coupon_id": asked.coupon_id, "classifier_id": one} for one in wanted]
        if rows:
            connection.execute(insert(_link), rows)
        _journal_places(editing, asked.coupon_id, before, wanted)
    key = {"coupon_id": asked.coupon_id}
    return Done(version=row_of(connection, _coupon, key).version)


def _journal_places(editing: Editing, coupon_id: int, before: list[int], after: list[int]) -> None:
    """Programs are no column of the coupon, but a change of them is one of it."""
    stamps = {"updated_at": editing.now, "updated_by": editing.actor.user_id or None}
    editing.connection.execute(
        update(_coupon)
        .where(_coupon.c.coupon_id == coupon_id)
        .values(**stamps, version=_coupon.c.version + 1)
    )
    shown = [{"classifiers": ", ".join(map(str, ids)) or None} for ids in (before, after)]
    editing.log.record(_coupon, {"coupon_id": coupon_id}, Action.UPDATE, *shown)


def give_coupon(asked: wire.GiveCoupon, editing: Editing) -> Done:
    """To a living guest of the user's divisions, or back to nobody."""
    row = coupon_row(editing.connection, editing.actor, asked.coupon_id)
    _need_state(row, "give", *OPEN)
    if asked.holder_id is not None:
        own_holder(editing, asked.holder_id)
    return _write(asked, editing, {"holder_id": asked.holder_id})


def activate_coupon(asked: wire.ActivateCoupon, editing: Editing) -> Done:
    """Made to active."""
    row = coupon_row(editing.connection, editing.actor, asked.coupon_id)
    _need_state(row, "active", COUPON_MADE)
    return _write(asked, editing, {"state": COUPON_ACTIVE})


def block_coupon(asked: wire.BlockCoupon, editing: Editing) -> Done:
    """Made or active to blocked; the till shows the reason."""
    reason = need_reason(asked.reason)
    row = coupon_row(editing.connection, editing.actor, asked.coupon_id)
    _need_state(row, "block", COUPON_MADE, COUPON_ACTIVE)
    return _write(asked, editing, {"state": COUPON_BLOCKED, "block_reason": reason})


def unblock_coupon(asked: wire.UnblockCoupon, editing: Editing) -> Done:
    """Blocked to active; the reason stays in the journal."""
    row = coupon_row(editing.connection, editing.actor, asked.coupon_id)
    _need_state(row, "unblock", COUPON_BLOCKED)
    return _write(asked, editing, {"state": COUPON_ACTIVE, "block_reason": None})


def void_coupon(asked: wire.VoidCoupon, editing: Editing) -> Done:
    """Cancelled for ever."""
    reason = need_reason(asked.reason)
    row = coupon_row(editing.connection, editing.actor, asked.coupon_id)
    _need_state(row, "void", *ANY_BUT_USED)
    return _write(asked, editing, {"state": COUPON_VOID, "block_reason": reason})


def present_coupon(
    asked: wire.EditCoupon | wire.GiveCoupon | wire.CouponStep, reading: Reading
) -> wire.Coupon:
    """The coupon as it stands, for who edited an older version."""
    return coupon_card(reading, asked.coupon_id)
