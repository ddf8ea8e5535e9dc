"""Requests for a second signature: asked, signed, refused, withdrawn (domain 3.15, 5).

Only the rows are here; the ledger's room (`second_signature`) runs what was signed. Every step is
journalled twice: field by field as an edit, and as a line of the access journal.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.db.change_log import ChangeLog, Editor
from card_server.db.editing import row_of
from card_server.divisions.repository import read_value
from card_server.http.routes import Actor, Editing, Ids
from card_server.users import tables
from card_server.users.approval_rows import (
    NAMES,
    RIGHT,
    expired,
    find,
    meaning_of,
    state_of,
    wrong_state,
)
from card_server.users.sessions import divisions_of, rights_of
from card_server.users.signing_in import note
from shared.settings.house import APPROVAL_HOURS
from shared.wire import approvals as wire
from shared.wire.base import Command, Done
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import amount_text

SHORTEST_REASON: Final = 5
_table = tables.approval


class Subject(msgspec.Struct, frozen=True):
    """What a command is about, for who signs it."""

    amount: int
    division_id: int
    holder_id: int | None


# ---------------------------------------------------------------------- asking


def ask(
    connection: Connection,
    now: datetime,
    ids: Ids,
    actor: Actor,
    command: Command[Any],
    subject: Subject,
) -> Any:
    """The request for a signature under a command, made once however often it is asked for."""
    known = find(connection, command.operation_id)
    if known is not None:
        return known
    approval_id = ids.take("change")
    hours = read_value(connection, APPROVAL_HOURS)
    log = ChangeLog(connection, ids, _editor(actor), now)
    log.insert(
        _table,
        {
            "approval_id": approval_id,
            "operation_id": command.operation_id,
            "request": type(command).__name__,
            "command": msgspec.json.encode(command).decode(),
            "fingerprint": meaning_of(command),
            "amount": subject.amount,
            "division_id": subject.division_id,
            "holder_id": subject.holder_id,
            "state": wire.OPEN,
            "asked_by": actor.user_id,
            "asked_at": now,
            "expires_at": now + timedelta(hours=hours),
        },
    )
    told = f"{approval_id}: {type(command).__name__} {amount_text(subject.amount)}"
    _note(connection, now, ids, actor, "approval_asked", told)
    return row_of(connection, _table, {"approval_id": approval_id})


# ---------------------------------------------------------------------- deciding


def sign(
    connection: Connection, now: datetime, ids: Ids, actor: Actor, asked: wire.SignApproval
) -> Any:
    """Sign a request: from here on it runs, once. Gives back the row, also one that has expired.

    A request that was signed but not booked (the server stopped between) is run to its end by
    whoever may sign it; the same signature that comes again is answered as the first time.
    """
    row = row_of(connection, _table, {"approval_id": asked.approval_id})
    _check_signer(row, actor)
    if row.decided_key == asked.operation_id and row.decided_by == actor.user_id:
        return row
    if row.state == wire.SIGNED:
        return row
    if row.version != asked.version:
        raise AppError(ErrorCode.STALE_EDIT, user=row.updated_by, time=row.updated_at.isoformat())
    state = state_of(row, now)
    if row.state == wire.OPEN:
        changes = {
            "state": wire.SIGNED if state == wire.OPEN else wire.EXPIRED,
            "decided_by": actor.user_id,
            "decided_at": now,
            "decided_key": asked.operation_id,
        }
        return _decide(connection, now, ids, actor, row, changes)
    raise wrong_state(row, "sign", state)


def _check_signer(row: Any, actor: Actor) -> None:
    """Another user than who asked, of the right division, for no more than his own limit."""
    actor.need(RIGHT)
    actor.need_division(row.division_id)
    if row.asked_by == actor.user_id:
        raise AppError(ErrorCode.SECOND_SIGNATURE, right=RIGHT)
    check_limit(actor, row.amount)


def check_limit(actor: Actor, amount: int) -> None:
    """Refuse a sum that is above the user's own limit."""
    if is_above(actor, amount):
        limit = amount_text(actor.amount_limit or 0)
        raise AppError(ErrorCode.AMOUNT_LIMIT, sum=amount_text(amount), limit=limit)


def is_above(actor: Actor, amount: int) -> bool:
    """A user without a limit is bound by none."""
    return actor.amount_limit is not None and amount > actor.amount_limit


def refuse(asked: wire.RefuseApproval, editing: Editing) -> Done:
    """No second signature; who asked reads the reason."""
    reason = asked.reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    row = row_of(editing.connection, _table, {"approval_id": asked.approval_id})
    editing.actor.need_division(row.division_id)
    if row.asked_by == editing.actor.user_id:
        raise AppError(ErrorCode.SECOND_SIGNATURE, right=RIGHT)
    return _close(editing, row, asked, wire.REFUSED, reason)


def withdraw(asked: wire.WithdrawApproval, editing: Editing) -> Done:
    """Who asked needs it no longer."""
    row = row_of(editing.connection, _table, {"approval_id": asked.approval_id})
    if row.asked_by != editing.actor.user_id:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="approval", id=str(asked.approval_id))
    return _close(editing, row, asked, wire.WITHDRAWN, None)


def _close(
    editing: Editing,
    row: Any,
    asked: wire.RefuseApproval | wire.WithdrawApproval,
    state: int,
    reason: str | None,
) -> Done:
    if row.version != asked.version:
        raise AppError(ErrorCode.STALE_EDIT, user=row.updated_by, time=row.updated_at.isoformat())
    now = state_of(row, editing.now)
    if now != wire.OPEN:
        raise expired(row) if now == wire.EXPIRED else wrong_state(row, NAMES[state], now)
    changes = {
        "state": state,
        "decided_by": editing.actor.user_id,
        "decided_at": editing.now,
        "decision_reason": reason,
    }
    after = _decide(editing.connection, editing.now, editing.ids, editing.actor, row, changes)
    return Done(version=after.version)


def withdraw_of_holder(editing: Editing, holder_id: int) -> None:
    """Nothing waits any more for a guest whose data is erased; texts of the commands go."""
    rows = editing.connection.execute(select(_table).where(_table.c.holder_id == holder_id)).all()
    for row in rows:
        command = msgspec.json.decode(row.command)
        changes: dict[str, Any] = {"command": msgspec.json.encode(_bare(command)).decode()}
        if row.state == wire.OPEN:
            changes |= {"state": wire.WITHDRAWN, "decided_at": editing.now}
        _decide(editing.connection, editing.now, editing.ids, editing.actor, row, changes)


def _bare(command: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in command.items() if name != "remarks"}


def settle(
    connection: Connection,
    now: datetime,
    ids: Ids,
    actor: Actor,
    approval_id: int,
    outcome: int | AppError,
) -> None:
    """What the ledger made of a signed request: its operation, or its refusal."""
    row = row_of(connection, _table, {"approval_id": approval_id})
    if row.state != wire.SIGNED:
        return
    if isinstance(outcome, AppError):
        facts = msgspec.json.encode(outcome.facts).decode()
        changes = {
            "state": wire.FAILED,
            "refusal_code": outcome.code.value,
            "refusal_args": facts,
        }
    else:
        changes = {"state": wire.BOOKED, "booked_id": outcome}
    _decide(connection, now, ids, actor, row, changes)


def _decide(
    connection: Connection,
    now: datetime,
    ids: Ids,
    actor: Actor,
    row: Any,
    changes: dict[str, Any],
) -> Any:
    """Write a step of a request into its row and both journals."""
    key = {"approval_id": row.approval_id}
    reason = changes.get("decision_reason")
    log = ChangeLog(connection, ids, _editor(actor, reason), now)
    log.edit(_table, key, changes, expected_version=row.version)
    after = row_of(connection, _table, key)
    if after.state != row.state:
        told = f"{row.approval_id}: {row.request} {amount_text(row.amount)}"
        _note(connection, now, ids, actor, f"approval_{NAMES[after.state]}", told)
    return after


def _editor(actor: Actor, reason: str | None = None) -> Editor:
    return Editor(
        user_id=actor.user_id,
        host=actor.host[:60] or None,
        application=actor.application[:30] or None,
        reason=reason,
    )


def _note(
    connection: Connection, now: datetime, ids: Ids, actor: Actor, what: str, details: str
) -> None:
    note(
        connection,
        ids,
        now,
        what,
        user_id=actor.user_id,
        login=actor.login,
        host=actor.host,
        application=actor.application,
        details=details,
    )


def asker_of(connection: Connection, row: Any, now: datetime) -> Actor:
    """Who asked, with the rights and divisions of this moment; he may have lost them since.

    His limit is the one thing that the signature stands for, so none is left.
    """
    user = row_of(connection, tables.user, {"user_id": row.asked_by})
    if user.is_blocked or (user.expires_on is not None and user.expires_on < now.date()):
        raise AppError(ErrorCode.USER_BLOCKED, login=user.login)
    rights, _limit, unmask = rights_of(connection, user.user_id)
    return Actor(
        user_id=user.user_id,
        login=user.login,
        rights=rights,
        divisions=None if user.all_divisions else divisions_of(connection, user.user_id),
        unmask_per_day=unmask,
    )
