"""Standing jobs of coupons and certificates: pools are filled, ended ones marked (domain 3.12).

Each goes piece by piece and may run twice, or go on after a restart (I-43).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from card_server.coupons import tables
from card_server.coupons.records import COUPON_MADE, CouponType
from card_server.coupons.release_work import PIECE, new_rows
from card_server.coupons.repository import coupon_types
from card_server.coupons.service import check_type, free_codes
from card_server.jobs.running import Pass, Piece, RunContext, Work
from shared.wire.certificates import ACTIVE, EXPIRED
from shared.wire.errors import AppError

_coupon, _type, _certificate = tables.coupon, tables.coupon_type, tables.certificate

# ---------------------------------------------------------------------- pools


def fill_pools(context: RunContext) -> None:
    """Types of which fewer coupons lie ready than `pool_min` get `pool_step` more, or several."""
    wanted = context.desk.read(lambda connection: _wanted(connection, context.begun_at.date()))
    while True:
        type_id, left = _place(context.resume_at)
        if not left:
            following = [(key, count) for key, count in wanted.items() if key > type_id]
            if not following:
                return
            type_id, left = min(following)
        context.piece(_Filling(type_id, left))


def _place(resume_at: str | None) -> tuple[int, int]:
    """The type at hand, and how many it still lacks."""
    type_id, _, left = (resume_at or "0:0").partition(":")
    return int(type_id), int(left)


def _wanted(connection: Connection, today: date) -> dict[int, int]:
    """Type -> coupons to be made; a type that is closed today gets none."""
    rows = connection.execute(
        select(_type.c.coupon_type_id, _type.c.pool_min, _type.c.pool_step).where(
            _type.c.pool_min > 0, _type.c.deleted_at.is_(None)
        )
    ).all()
    found: dict[int, int] = {}
    for type_id, least, step in rows:
        if not _is_open(coupon_types(connection, type_id), type_id, today):
            continue
        lacking = least - _ready(connection, type_id)
        if lacking > 0:
            size = step or lacking
            found[type_id] = -(-lacking // size) * size
    return found


def _is_open(types: dict[int, CouponType], type_id: int, today: date) -> bool:
    try:
        check_type(types, type_id, today)
    except AppError:
        return False
    return True


def _ready(connection: Connection, type_id: int) -> int:
    """Coupons that were made and lie ready: nobody's, not active, of no release."""
    statement = (
        select(func.count())
        .select_from(_coupon)
        .where(
            _coupon.c.coupon_type_id == type_id,
            _coupon.c.state == COUPON_MADE,
            _coupon.c.holder_id.is_(None),
            _coupon.c.release_id.is_(None),
            _coupon.c.deleted_at.is_(None),
        )
    )
    return int(connection.execute(statement).scalar_one())


class _Filling:
    """One piece: some coupons more of a type."""

    def __init__(self, type_id: int, left: int) -> None:
        self._type_id, self._left = type_id, left

    def __call__(self, how: Pass) -> Piece:
        count = min(PIECE, self._left)
        kind = coupon_types(how.connection, self._type_id).get(self._type_id)
        if kind is None:  # deleted meanwhile
            return Piece(resume_at=f"{self._type_id}:0", processed=0)
        codes = free_codes(how.connection, count, {kind.pool_prefix})
        how.log.insert_rows(_coupon, new_rows(self._type_id, kind.pool_prefix, codes))
        return Piece(resume_at=f"{self._type_id}:{self._left - count}", processed=count)


# ---------------------------------------------------------------------- certificates


def expire_certificates(context: RunContext) -> None:
    """Mark certificates whose last day is over; their value burns with the other lots."""
    today = context.begun_at.date()

    def piece(how: Pass) -> Piece:
        after = int(how.resume_at or 0)
        ids = _over(how.connection, today, after)
        how.log.edit_many(_certificate, ids, {"state": EXPIRED})
        return Piece(resume_at=str(ids[-1]) if ids else None, processed=len(ids))

    while context.piece(piece):
        pass


def _over(connection: Connection, today: date, after: int) -> list[int]:
    statement = (
        select(_certificate.c.certificate_id)
        .where(
            _certificate.c.state == ACTIVE,
            _certificate.c.valid_to < today,
            _certificate.c.certificate_id > after,
            _certificate.c.deleted_at.is_(None),
        )
        .order_by(_certificate.c.certificate_id)
        .limit(PIECE)
    )
    return list(connection.execute(statement).scalars())


WORKS: Final[dict[str, Work]] = {
    "coupons.pool": fill_pools,
    "certificates.expire": expire_certificates,
}
