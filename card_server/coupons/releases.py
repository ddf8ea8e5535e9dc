"""Releases of coupons: tried out, ordered, taken back (domain 1.8); the jobs do the work."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from card_server.coupons import tables
from card_server.coupons.reading import RELEASES
from card_server.coupons.records import CouponType
from card_server.coupons.repository import coupon_types, taken_codes
from card_server.coupons.service import DIGITS, check_type, draw_code
from card_server.coupons.states import check_terms, need_reason
from card_server.db.editing import check_texts, need, row_of
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Editing, Reading
from card_server.jobs import tables as job_tables
from card_server.jobs.service import ordered
from shared.wire import coupons as wire
from shared.wire import jobs
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

LARGEST_ID: Final = (1 << 31) - 1

ISSUE: Final = "coupons.release"
UNDO: Final = "coupons.release_undo"
LONGEST_BEGIN: Final = 8
GUESSES: Final = 1_000
"""Of so many codes at most one may be worth something, or guessing would pay."""
LARGEST_DRAW: Final = 1_000
EXAMPLES: Final = 5
OPEN: Final = (jobs.PLANNED, jobs.RUNNING, jobs.INTERRUPTED)
_coupon, _release, _use = tables.coupon, tables.coupon_release, tables.coupon_use


class ReleaseWork(msgspec.Struct, frozen=True, kw_only=True):
    """What the job works by."""

    release_id: int
    pool_prefix: int
    order: wire.ReleaseOrder


class UndoWork(msgspec.Struct, frozen=True, kw_only=True):
    """What the job that takes a release back works by."""

    release_id: int
    reason: str


# ---------------------------------------------------------------------- looking


def get_release(asked: wire.GetRelease, reading: Reading) -> wire.ReleaseCard:
    """A release with what became of its coupons."""
    connection = reading.connection
    row = row_of(connection, _release, {"release_id": asked.release_id})
    mine = _coupon.c.release_id == asked.release_id
    states = connection.execute(
        select(
            _coupon.c.state,
            func.count(),
            func.sum(case((_coupon.c.holder_id.is_(None), 0), else_=1)),
        )
        .where(mine, _coupon.c.deleted_at.is_(None))
        .group_by(_coupon.c.state)
    ).all()
    return wire.ReleaseCard(
        row=wire.Release(**{name: getattr(row, name) for name in RELEASES.fields}),
        by_state={state: count for state, count, _ in states},
        handed_out=sum(int(guests) for _, _, guests in states),
        used=count_used(connection, asked.release_id),
    )


def count_used(connection: Connection, release_id: int) -> int:
    """How many coupons of a release were used at least once."""
    statement = (
        select(func.count(_coupon.c.coupon_id.distinct()))
        .select_from(_coupon.join(_use, _use.c.coupon_id == _coupon.c.coupon_id))
        .where(_coupon.c.release_id == release_id)
    )
    return int(connection.execute(statement).scalar_one())


# ---------------------------------------------------------------------- trying and ordering


def _check_order(connection: Connection, order: wire.ReleaseOrder) -> CouponType | None:
    """Values that no release can have; the type, if it is there."""
    type_id = order.coupon_type_id
    is_id = 0 < type_id <= LARGEST_ID  # a larger number is no type, and no server takes it
    kind = coupon_types(connection, type_id).get(type_id) if is_id else None
    if not 1 <= order.quantity <= wire.LARGEST_RELEASE:
        raise AppError(ErrorCode.FIELD_BAD, field="quantity", value=str(order.quantity))
    begin = order.code_begin
    good = len(begin) <= LONGEST_BEGIN and (not begin or (begin.isascii() and begin.isdigit()))
    if not good:
        raise AppError(ErrorCode.FIELD_BAD, field="code_begin", value=begin[:60])
    check_terms(kind, order.valid_from, order.valid_to, order.value)
    check_texts(_coupon, {"notes": (order.notes or "").strip() or None})
    return kind


def _count_taken(connection: Connection, begin: str) -> int:
    """How many codes that begin so are taken."""
    terms: list[ColumnElement[bool]] = [_coupon.c.deleted_at.is_(None)]
    if begin:
        terms.append(_coupon.c.code >= begin)
        following = str(int(begin) + 1).zfill(len(begin))
        if len(following) == len(begin):
            terms.append(_coupon.c.code < following)
    return int(
        connection.execute(select(func.count()).select_from(_coupon).where(*terms)).scalar_one()
    )


def _check_room(order: wire.ReleaseOrder, taken: int) -> None:
    """Enough codes to draw from, and few enough to be worth guessing."""
    room = max(0, 10 ** (DIGITS - len(order.code_begin)) // GUESSES - taken)
    if order.quantity > room:
        raise AppError(ErrorCode.CODES_FEW, begin=order.code_begin, n=order.quantity, free=room)


def _known(kind: CouponType | None) -> dict[int, CouponType]:
    return {} if kind is None else {kind.coupon_type_id: kind}


def check_release(asked: wire.CheckRelease, reading: Reading) -> wire.ReleasePlan:
    """What a release would make."""
    connection, order = reading.connection, asked.order
    kind = _check_order(connection, order)
    taken = _count_taken(connection, order.code_begin)
    problems: list[Notice] = []
    try:
        check_type(_known(kind), order.coupon_type_id, reading.now.date())
        _check_room(order, taken)
    except AppError as error:
        problems.append(Notice(code=error.code.value, facts=dict(error.facts)))
    drawn = {draw_code(order.code_begin) for _ in range(min(order.quantity, LARGEST_DRAW))}
    pools = set() if kind is None else {kind.pool_prefix}
    found = taken_codes(connection, sorted(drawn), pools)
    return wire.ReleasePlan(
        numbers=10 ** (DIGITS - len(order.code_begin)),
        taken=taken,
        collisions=len(found),
        examples=sorted(drawn - found)[:EXAMPLES],
        problems=problems,
    )


def issue_release(asked: wire.IssueRelease, editing: Editing) -> wire.OrderedRelease:
    """The release's row at once, its coupons by the job."""
    connection, order = editing.connection, asked.order
    kind = _check_order(connection, order)
    check_type(_known(kind), order.coupon_type_id, editing.now.date())
    if order.code_begin:
        _check_room(order, _count_taken(connection, order.code_begin))
    notes = (order.notes or "").strip() or None
    values = {"name": asked.name.strip(), "notes": notes}
    need(values, "name")
    check_texts(_release, values)
    release_id = next_dictionary_id(connection, _release)
    editing.log.insert(
        _release,
        {
            "release_id": release_id,
            "coupon_type_id": order.coupon_type_id,
            "quantity": order.quantity,
            "user_id": editing.actor.user_id,
            **values,
        },
    )
    prefix = kind.pool_prefix if kind is not None else 0
    work = ReleaseWork(release_id=release_id, pool_prefix=prefix, order=order)
    run = ordered(editing, ISSUE, work, total=order.quantity)
    return wire.OrderedRelease(release_id=release_id, run_id=run.run_id)


def undo_release(asked: wire.UndoRelease, editing: Editing) -> wire.OrderedRelease:
    """Order the way back; the job looks at first whether a coupon was used."""
    reason = need_reason(asked.reason)
    connection = editing.connection
    row = row_of(connection, _release, {"release_id": asked.release_id})
    if _is_worked_on(connection, asked.release_id):
        raise AppError(ErrorCode.WRONG_STATE, event="undo", object=row.name, state="running")
    work = UndoWork(release_id=asked.release_id, reason=reason)
    run = ordered(editing, UNDO, work, total=row.quantity)
    return wire.OrderedRelease(release_id=asked.release_id, run_id=run.run_id)


def _is_worked_on(connection: Connection, release_id: int) -> bool:
    """A run that issues the release or takes it back has not ended."""
    run, job = job_tables.job_run, job_tables.job
    rows = connection.execute(
        select(run.c.params)
        .join(job, job.c.job_id == run.c.job_id)
        .where(job.c.code.in_([ISSUE, UNDO]), run.c.state.in_(OPEN))
    ).scalars()
    found: list[dict[str, Any]] = [msgspec.json.decode(params or "{}") for params in rows]
    return any(params.get("release_id") == release_id for params in found)
