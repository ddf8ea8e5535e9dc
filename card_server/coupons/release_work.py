"""Makes and cancels the coupons of a release, piece by piece (domain 1.8, 2.8).

A new coupon is not journalled one by one: its release says who ordered it and when. A cancelled
one is, for it may have been handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, select, update

from card_server.coupons import tables
from card_server.coupons.records import (
    COUPON_ACTIVE,
    COUPON_MADE,
    COUPON_USED,
    COUPON_VOID,
)
from card_server.coupons.releases import ReleaseWork, UndoWork, count_used
from card_server.coupons.service import free_codes
from card_server.db.change_log import Action
from card_server.jobs.running import Pass, Piece, RunContext
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import make_id

PIECE: Final = 250
"""Coupons in one transaction: some ten milliseconds, so that tills have their turn."""
_coupon, _use = tables.coupon, tables.coupon_use


def issue_release(context: RunContext) -> None:
    """The job `coupons.release`."""
    work = context.params(ReleaseWork)
    if _is_complete(context):
        return

    def piece(how: Pass) -> Piece:
        done = int(how.resume_at or "0")
        count = min(PIECE, work.order.quantity - done)
        _make(how, work, count)
        following = done + count
        resume_at = str(following) if following < work.order.quantity else None
        return Piece(resume_at=resume_at, processed=count)

    while context.piece(piece):
        pass


def _is_complete(context: RunContext) -> bool:
    """The last piece was written, only the end of the run was not."""
    return context.resume_at is None and context.processed > 0


def _make(how: Pass, work: ReleaseWork, count: int) -> None:
    order = work.order
    notes = (order.notes or "").strip() or None
    codes = free_codes(how.connection, count, {work.pool_prefix}, order.code_begin)
    rows = new_rows(
        order.coupon_type_id,
        work.pool_prefix,
        codes,
        release_id=work.release_id,
        state=COUPON_ACTIVE if order.active else COUPON_MADE,
        valid_from=order.valid_from,
        valid_to=order.valid_to,
        value=order.value,
        notes=notes,
    )
    how.log.insert_rows(_coupon, rows)


def new_rows(
    coupon_type_id: int, pool_prefix: int, codes: Sequence[str], **fields: Any
) -> list[dict[str, Any]]:
    """Rows of coupons that nobody has yet."""
    return [
        {
            "coupon_id": make_id(pool_prefix, int(code)),
            "code": code,
            "coupon_type_id": coupon_type_id,
            "state": COUPON_MADE,
            "uses": 0,
            "all_classifiers": False,
            "version": 1,
            **fields,
        }
        for code in codes
    ]


def undo_release(context: RunContext) -> None:
    """The job `coupons.release_undo`: nothing at all if a coupon was used."""
    work = context.params(UndoWork)
    if _is_complete(context):
        return
    if context.resume_at is None:
        used = context.desk.read(lambda connection: count_used(connection, work.release_id))
        if used:
            raise AppError(ErrorCode.RELEASE_USED, id=work.release_id, n=used)

    def piece(how: Pass) -> Piece:
        rows = _following(how.connection, work.release_id, int(how.resume_at or "0"))
        used = _used_of(how.connection, [row.coupon_id for row in rows])
        used |= {row.coupon_id for row in rows if row.state == COUPON_USED}
        wanted = [r for r in rows if r.coupon_id not in used and r.state != COUPON_VOID]
        _cancel(how, wanted, work.reason, context.user_id)
        errors = [
            (row.code, AppError(ErrorCode.COUPON_USED, coupon=row.code, code=row.code))
            for row in rows
            if row.coupon_id in used
        ]
        resume_at = str(rows[-1].coupon_id) if len(rows) == PIECE else None
        return Piece(resume_at=resume_at, processed=len(rows), failed=len(errors), errors=errors)

    while context.piece(piece):
        pass


def _following(connection: Connection, release_id: int, after: int) -> list[Any]:
    statement = (
        select(_coupon.c.coupon_id, _coupon.c.code, _coupon.c.state, _coupon.c.block_reason)
        .where(_coupon.c.release_id == release_id, _coupon.c.coupon_id > after)
        .order_by(_coupon.c.coupon_id)
        .limit(PIECE)
    )
    return list(connection.execute(statement))


def _used_of(connection: Connection, keys: list[int]) -> set[int]:
    """Those that were used since the run began, given back or not."""
    statement = select(_use.c.coupon_id).where(_use.c.coupon_id.in_(keys)).distinct()
    return set(connection.execute(statement).scalars())


def _cancel(how: Pass, rows: list[Any], reason: str, user_id: int | None) -> None:
    if not rows:
        return
    changes = {"state": COUPON_VOID, "block_reason": reason}
    how.connection.execute(
        update(_coupon)
        .where(_coupon.c.coupon_id.in_([row.coupon_id for row in rows]))
        .values(**changes, updated_at=how.now, updated_by=user_id, version=_coupon.c.version + 1)
    )
    for row in rows:
        before = {"state": row.state, "block_reason": row.block_reason}
        how.log.record(_coupon, {"coupon_id": row.coupon_id}, Action.UPDATE, before, changes)
