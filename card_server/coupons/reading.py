"""Coupons and releases as users see them: lists, one coupon with its uses (domain 1.8, 3.17)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, or_, select

from card_server.coupons import tables
from card_server.coupons.records import Coupon, CouponType
from card_server.coupons.repository import coupon_by_id, coupon_types, find_coupon
from card_server.coupons.rules import Case, last_day, places, refusal
from card_server.db.base import PREFIX, metadata
from card_server.db.editing import row_of
from card_server.db.listing import Listing, list_rows
from card_server.holders import tables as holder_tables
from card_server.http.routes import Actor, Reading
from shared.wire import coupons as wire
from shared.wire.base import Notice, Page
from shared.wire.errors import AppError, ErrorCode

_coupon, _use = tables.coupon, tables.coupon_use
_FIELDS: Final = {name: _coupon.c[name] for name in wire.CouponRow.__struct_fields__}
SORTED: Final = ("coupon_id", "code", "coupon_type_id", "release_id", "holder_id")
"""Fields with an index; the others may be conditions beside them."""
COUPONS: Final = Listing(
    source=_coupon,
    key=_coupon.c.coupon_id,
    fields=_FIELDS,
    columns=list(_FIELDS.values()),
    deleted_at=_coupon.c.deleted_at,
)
_RELEASE_FIELDS: Final = {
    name: tables.coupon_release.c[name] for name in wire.Release.__struct_fields__
}
RELEASES: Final = Listing(
    source=tables.coupon_release,
    key=tables.coupon_release.c.release_id,
    fields=_RELEASE_FIELDS,
    columns=list(_RELEASE_FIELDS.values()),
)


def need_any(actor: Actor) -> None:
    """Codes are shown to who may issue coupons or change their states."""
    if wire.STATE not in actor.rights:
        actor.need(wire.ISSUE)


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    """Coupons of nobody, and of guests of the user's divisions."""
    if actor.divisions is None:
        return []
    holder = holder_tables.holder
    guests = select(holder.c.holder_id).where(
        holder.c.holder_id == _coupon.c.holder_id,
        holder.c.division_id.in_(sorted(actor.divisions)),
    )
    return [or_(_coupon.c.holder_id.is_(None), guests.exists())]


def list_coupons(asked: wire.ListCoupons, reading: Reading) -> Page[wire.CouponRow]:
    """A page of coupons."""
    need_any(reading.actor)
    if asked.sort is not None and asked.sort.field not in SORTED:
        raise AppError(ErrorCode.FIELD_BAD, field="field", value=asked.sort.field[:60])
    found = list_rows(reading.connection, COUPONS, asked, *_mine(reading.actor))
    rows = [wire.CouponRow(**dict(zip(_FIELDS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total)


def coupon_row(connection: Connection, actor: Actor, coupon_id: int) -> Any:
    """The row of a coupon that the user may touch; `ROW_NOT_FOUND`, `DIVISION_FOREIGN`."""
    row = row_of(connection, _coupon, {"coupon_id": coupon_id})
    if row.holder_id is not None and actor.divisions is not None:
        holder = holder_tables.holder
        owner = select(holder.c.division_id).where(holder.c.holder_id == row.holder_id)
        actor.need_division(connection.execute(owner).scalar() or 0)
    return row


def get_coupon(asked: wire.GetCoupon, reading: Reading) -> wire.Coupon:
    """One coupon; exactly one way of naming it."""
    need_any(reading.actor)
    connection = reading.connection
    if (asked.coupon_id is None) == (asked.code is None):
        raise AppError(ErrorCode.FIELD_MISSING, field="coupon_id")
    coupon_id = asked.coupon_id
    if coupon_id is None:
        found = find_coupon(connection, asked.code or "")
        if found is None:
            shown = (asked.code or "")[:60]
            raise AppError(ErrorCode.COUPON_NOT_FOUND, coupon=shown, code=shown)
        coupon_id = found.coupon_id
    return coupon_card(reading, coupon_id)


def coupon_card(reading: Reading, coupon_id: int) -> wire.Coupon:
    """A coupon with its type's name, its programs and its uses."""
    connection = reading.connection
    row = coupon_row(connection, reading.actor, coupon_id)
    coupon = coupon_by_id(connection, coupon_id)
    kind = coupon_types(connection, row.coupon_type_id).get(row.coupon_type_id)
    assert coupon is not None  # noqa: S101 - the row was there in this same transaction
    if kind is None:
        name_of = select(tables.coupon_type.c.name).where(
            tables.coupon_type.c.coupon_type_id == row.coupon_type_id
        )
        name = str(connection.execute(name_of).scalar_one())
        end, where = coupon.valid_to, coupon.classifiers
    else:
        name = kind.name
        end = last_day(coupon, kind, coupon.created_at.date())
        where = places(coupon, kind)
    return wire.Coupon(
        row=wire.CouponRow(**{field: getattr(row, field) for field in _FIELDS}),
        type_name=name,
        last_day=end,
        classifiers=sorted(where),
        uses=_uses(connection, coupon_id),
        unusable=_reason(coupon, kind, reading.now),
    )


def _reason(coupon: Coupon, kind: CouponType | None, now: datetime) -> Notice | None:
    """Why it cannot be used, whoever shows it wherever it is valid."""
    where = places(coupon, kind) if kind is not None else frozenset()
    case = Case(
        now=now,
        day=now.date(),
        issued_on=coupon.created_at.date(),
        classifier_id=min(where, default=0),
    )
    error = refusal(coupon, kind, case)
    return None if error is None else Notice(code=error.code.value, facts=dict(error.facts))


def _uses(connection: Connection, coupon_id: int) -> list[wire.CouponUse]:
    operation = metadata.tables[PREFIX + "operation"]
    rows = connection.execute(
        select(
            _use.c.coupon_use_id,
            _use.c.operation_id,
            operation.c.occurred_at,
            _use.c.check_total,
            _use.c.value,
            _use.c.undoes_use_id,
        )
        .join(operation, operation.c.operation_id == _use.c.operation_id)
        .where(_use.c.coupon_id == coupon_id)
        .order_by(_use.c.coupon_use_id.desc())
        .limit(200)
    )
    names = wire.CouponUse.__struct_fields__
    return [wire.CouponUse(**dict(zip(names, row, strict=True))) for row in rows]


def list_releases(asked: wire.ListReleases, reading: Reading) -> Page[wire.Release]:
    """A page of releases."""
    found = list_rows(reading.connection, RELEASES, asked)
    rows = [wire.Release(**dict(zip(_RELEASE_FIELDS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total)
