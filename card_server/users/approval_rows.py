"""Requests for a second signature as they are read: lists, one whole, what became of it.

`approvals` beside this changes them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from card_server.db.editing import row_of
from card_server.db.idempotency import fingerprint_of
from card_server.db.listing import Listing, list_rows
from card_server.http.routes import Actor, Reading
from card_server.users import tables
from shared.wire import approvals as wire
from shared.wire.base import Command, Page
from shared.wire.errors import AppError, ErrorCode

RIGHT: Final = "operation.approve"
MOST_MINE: Final = 100
NAMES: Final = {
    wire.OPEN: "open",
    wire.SIGNED: "signed",
    wire.BOOKED: "booked",
    wire.REFUSED: "refused",
    wire.EXPIRED: "expired",
    wire.FAILED: "failed",
    wire.WITHDRAWN: "withdrawn",
}
_table = tables.approval
_FIELDS: Final[dict[str, ColumnElement[Any]]] = {
    name: _table.c[name] for name in wire.ApprovalRow.__struct_fields__
}
APPROVALS: Final = Listing(
    source=_table, key=_table.c.approval_id, fields=_FIELDS, columns=list(_FIELDS.values())
)


def state_of(row: Any, now: datetime) -> int:
    """The state as it is now: an open request past its end has expired, whoever looks."""
    late = row.state == wire.OPEN and row.expires_at <= now
    return wire.EXPIRED if late else int(row.state)


def _record(row: Any, now: datetime) -> wire.ApprovalRow:
    found = wire.ApprovalRow(**{name: getattr(row, name) for name in _FIELDS})
    return _dated(found, now)


def _dated(row: wire.ApprovalRow, now: datetime) -> wire.ApprovalRow:
    return msgspec.structs.replace(row, state=state_of(row, now))


def list_approvals(asked: wire.ListApprovals, reading: Reading) -> Page[wire.ApprovalRow]:
    """Requests of the user's divisions."""
    terms: list[ColumnElement[bool]] = []
    if reading.actor.divisions is not None:
        terms.append(_table.c.division_id.in_(sorted(reading.actor.divisions)))
    if asked.only_open:
        terms += [_table.c.state == wire.OPEN, _table.c.expires_at > reading.now]
    found = list_rows(reading.connection, APPROVALS, asked, *terms)
    listed = [wire.ApprovalRow(**dict(zip(_FIELDS, row, strict=True))) for row in found.rows]
    rows = [_dated(row, reading.now) for row in listed]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def my_approvals(_asked: wire.MyApprovals, reading: Reading) -> wire.ApprovalList:
    """What the user asked for, newest first."""
    rows = reading.connection.execute(
        select(_table)
        .where(_table.c.asked_by == reading.actor.user_id)
        .order_by(_table.c.approval_id.desc())
        .limit(MOST_MINE)
    )
    return wire.ApprovalList(approvals=[_record(row, reading.now) for row in rows])


def get_approval(asked: wire.GetApproval, reading: Reading) -> wire.Approval:
    """One request with the command that waits."""
    return whole_approval(reading.connection, reading.actor, asked.approval_id, reading.now)


def present_approval(
    asked: wire.SignApproval | wire.RefuseApproval | wire.WithdrawApproval, reading: Reading
) -> wire.Approval:
    """The request as it stands, for who decided an older version."""
    return whole_approval(reading.connection, reading.actor, asked.approval_id, reading.now)


def whole_approval(
    connection: Connection, actor: Actor, approval_id: int, now: datetime
) -> wire.Approval:
    """One's own request, or one that the user may decide."""
    row = row_of(connection, _table, {"approval_id": approval_id})
    if row.asked_by != actor.user_id:
        actor.need(RIGHT)
        actor.need_division(row.division_id)
    return wire.Approval(row=_record(row, now), command=row.command)


def find(connection: Connection, operation_id: str) -> Any | None:
    """The request that a command became; None for one that never waited."""
    return connection.execute(
        select(_table).where(_table.c.operation_id == operation_id)
    ).one_or_none()


def meaning_of(command: Command[Any]) -> bytes:
    """What two commands under one operation id must have in common."""
    return fingerprint_of(type(command).__name__, msgspec.json.encode(command))


def check_repeat(row: Any, actor: Actor, command: Command[Any], now: datetime) -> bool:
    """Whether a command that waited may be booked now; False while it waits.

    Raises what became of it, and `KEY_CONFLICT` for another user's key or other content.
    """
    if row.asked_by != actor.user_id or bytes(row.fingerprint) != meaning_of(command):
        raise AppError(ErrorCode.KEY_CONFLICT, id=row.operation_id)
    state = state_of(row, now)
    if state == wire.REFUSED:
        raise AppError(ErrorCode.APPROVAL_REFUSED, reason=row.decision_reason)
    if state == wire.EXPIRED:
        raise expired(row)
    if state == wire.FAILED:
        raise AppError(ErrorCode(row.refusal_code), **msgspec.json.decode(row.refusal_args))
    if state == wire.WITHDRAWN:
        raise wrong_state(row, "book", state)
    return state != wire.OPEN


def expired(row: Any) -> AppError:
    """The refusal of a request that was not decided in time."""
    when = row.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    return AppError(ErrorCode.APPROVAL_EXPIRED, when=when)


def wrong_state(row: Any, event: str, state: int) -> AppError:
    """The refusal of a step that a decided request does not take."""
    told = f"approval {row.approval_id}"
    return AppError(ErrorCode.WRONG_STATE, event=event, object=told, state=NAMES[state])
