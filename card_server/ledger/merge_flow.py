"""Two guests become one, and two again: rows by edits, balances by the ledger (domain 3.13).

An edit and a posting are two transactions, so a merge has steps. First, everything but the
balances goes over and the duplicate's accounts are shut; then the ledger moves the balances under
the merge's own key; then the accounts are closed. Whatever is cut short between the steps is ended
by a repeat, by the next command about either guest, or at the next start, and booked once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, select

from card_server.accounts import merging as accounts
from card_server.accounts import tables as account_tables
from card_server.cards import merging as cards
from card_server.coupons import merging as coupons
from card_server.db.change_log import ChangeLog, Editor
from card_server.db.editing import row_of
from card_server.divisions.repository import read_value
from card_server.holders import merging as holders
from card_server.holders import tables as holder_tables
from card_server.holders.merge_items import Merge
from card_server.holders.records import HOLDER_ACTIVE, HOLDER_MERGED
from card_server.http.routes import Actor, Desk, Flow, Ids
from card_server.ledger import manual, tables
from card_server.ledger.approving import MAY_PASS
from card_server.ledger.lot_reading import OPEN_HOLDS
from card_server.ledger.records import OperationKind
from card_server.segments import merging as segments
from shared.settings.house import MERGE_UNDO
from shared.wire import merges as wire
from shared.wire.errors import AppError, ErrorCode

SHORTEST_REASON: Final = 5
log = structlog.get_logger(__name__)
MOST_ROUNDS: Final = 5
"""How often what came upon a shut account meanwhile is moved after the rest."""
_table = holder_tables.holder_merge

Step = Callable[[Connection, datetime, Ids], Any]


# ---------------------------------------------------------------------- there


def merge_holders(asked: wire.MergeHolders, flow: Flow) -> wire.Merged:
    """Everything of the duplicate goes to the survivor; a repeat is told what was done."""
    finish_pending(flow.desk, asked.survivor_id, asked.duplicate_id)

    def begin(connection: Connection, now: datetime, ids: Ids) -> int:
        known = holders.merge_row(connection, command_key=asked.operation_id)
        if known is not None:
            return _same(known, asked, flow.actor)
        return _begin(connection, now, ids, flow.actor, asked)

    merge_id = flow.desk.edit(begin)
    finish(flow.desk, merge_id)
    return flow.desk.read(lambda connection: _told(connection, merge_id, undone=False))


def _same(row: Any, asked: wire.MergeHolders, actor: Actor) -> int:
    given = (asked.survivor_id, asked.duplicate_id, actor.user_id)
    if (row.survivor_id, row.duplicate_id, row.user_id) != given:
        raise AppError(ErrorCode.KEY_CONFLICT, id=asked.operation_id)
    return int(row.merge_id)


def _begin(
    connection: Connection, now: datetime, ids: Ids, actor: Actor, asked: wire.MergeHolders
) -> int:
    survivor, duplicate = pair_of(connection, actor, asked.survivor_id, asked.duplicate_id)
    for row, version in ((survivor, asked.survivor_version), (duplicate, asked.duplicate_version)):
        if row.version != version:
            when = row.updated_at.isoformat()
            raise AppError(ErrorCode.STALE_EDIT, user=row.updated_by, time=when)
    unknown = set(asked.choices) - set(wire.CHOICES)
    if unknown:
        raise AppError(ErrorCode.FIELD_BAD, field="choices", value=min(unknown)[:60])
    reason = check_reason(connection, asked.reason_id, asked.reason)
    check_obstacles(connection, duplicate.holder_id, now)
    merge_id = ids.take("change")
    holders.add_merge_row(
        connection,
        {
            "merge_id": merge_id,
            "survivor_id": survivor.holder_id,
            "duplicate_id": duplicate.holder_id,
            "at": now,
            "user_id": actor.user_id,
            "state": wire.MOVING,
            "command_key": asked.operation_id,
            "reason": reason,
            "reason_id": asked.reason_id,
        },
    )
    merge = _work(connection, now, ids, actor.user_id, _row(connection, merge_id), actor)
    defaults = holders.default_choices(connection, survivor, duplicate)
    holders.merge_parts(merge, {**defaults, **asked.choices})
    segments.merge_segments(merge)
    cards.merge_cards(merge)
    coupons.merge_coupons(merge)
    accounts.block_accounts(merge)
    return merge_id


def pair_of(
    connection: Connection, actor: Actor, survivor_id: int, duplicate_id: int
) -> tuple[Any, Any]:
    """Two different living guests of the user's divisions."""
    if survivor_id == duplicate_id:
        raise AppError(ErrorCode.FIELD_BAD, field="duplicate_id", value=str(duplicate_id)[:60])
    rows = []
    for holder_id in (survivor_id, duplicate_id):
        row = row_of(connection, holder_tables.holder, {"holder_id": holder_id})
        actor.need_division(row.division_id)
        if row.state == HOLDER_MERGED:
            raise AppError(ErrorCode.HOLDER_MERGED, id=row.merged_into)
        if row.state != HOLDER_ACTIVE:
            raise AppError(ErrorCode.HOLDER_DELETED)
        rows.append(row)
    return rows[0], rows[1]


def check_reason(connection: Connection, reason_id: int, reason: str) -> str:
    """A transfer needs a reason of the dictionary, a merge words besides."""
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    row = row_of(connection, tables.reason, {"reason_id": reason_id})
    fits = not row.applies_to or row.applies_to >> OperationKind.TRANSFER & 1
    if not row.is_active or not fits:
        raise AppError(ErrorCode.FIELD_BAD, field="reason_id", value=str(reason_id))
    return text


def check_obstacles(connection: Connection, duplicate_id: int, now: datetime) -> None:
    """No reserve may run on what is to be moved."""
    hold, account = tables.hold, account_tables.account
    count = connection.execute(
        select(func.count())
        .select_from(hold.join(account, account.c.account_id == hold.c.account_id))
        .where(account.c.holder_id == duplicate_id, OPEN_HOLDS, hold.c.expires_at > now)
    ).scalar_one()
    if count:
        raise AppError(ErrorCode.IN_USE, where="hold", n=count)


# ---------------------------------------------------------------------- steps of both ways


def _row(connection: Connection, merge_id: int) -> Any:
    return row_of(connection, _table, {"merge_id": merge_id})


def _work(
    connection: Connection,
    now: datetime,
    ids: Ids,
    user_id: int,
    row: Any,
    actor: Actor | None = None,
) -> Merge:
    """A merge at work; whatever it changes is journalled under its number."""
    editor = Editor(
        user_id=user_id,
        host=actor.host[:60] or None if actor else None,
        application=actor.application[:30] or None if actor else None,
        reason=row.reason,
        batch_id=row.merge_id,
    )
    return Merge(
        connection=connection,
        ids=ids,
        log=ChangeLog(connection, ids, editor, now),
        now=now,
        user_id=user_id,
        merge_id=row.merge_id,
        survivor_id=row.survivor_id,
        duplicate_id=row.duplicate_id,
    )


def finish_pending(desk: Desk, *holder_ids: int) -> None:
    """End what was cut short about any of these guests; about all of them without ids."""

    def look(connection: Connection) -> list[int]:
        statement = select(_table.c.merge_id).where(_table.c.state.in_([wire.MOVING, wire.UNDOING]))
        if holder_ids:
            mine = _table.c.survivor_id.in_(holder_ids) | _table.c.duplicate_id.in_(holder_ids)
            statement = statement.where(mine)
        return list(connection.execute(statement.order_by(_table.c.merge_id)).scalars())

    for merge_id in desk.read(look):
        try:
            finish(desk, merge_id)
        except AppError as refusal:
            if refusal.code in MAY_PASS:
                raise
            log.warning("a merge cannot be ended", merge=merge_id, code=refusal.code.value)


def finish(desk: Desk, merge_id: int) -> None:
    """Take a merge, or its undoing, through the steps that are left."""
    row = desk.read(lambda connection: _row(connection, merge_id))
    if row.state == wire.MOVING:
        _finish_merge(desk, row)
    elif row.state == wire.UNDOING:
        _finish_undoing(desk, row)


def _finish_merge(desk: Desk, row: Any) -> None:
    for turn in range(1, MOST_ROUNDS + 1):
        key = f"merge:{row.merge_id}" + (f":{turn}" if turn > 1 else "")
        posting = manual.MergeBalances(
            header=_header(desk, row, key, row.user_id, row.reason_id),
            from_holder_id=row.duplicate_id,
            to_holder_id=row.survivor_id,
        )
        outcome = desk.book(posting)
        if outcome.error is not None:
            raise outcome.error
        if desk.edit(_closing(row.merge_id, outcome.operation_id if turn == 1 else None)):
            return
    raise AppError(ErrorCode.BUSY)


def _header(desk: Desk, row: Any, key: str, user_id: int, reason_id: int) -> manual.Header:
    holder = desk.read(
        lambda connection: row_of(connection, holder_tables.holder, {"holder_id": row.survivor_id})
    )
    return manual.Header(
        key=key,
        division_id=holder.division_id,
        user_id=user_id,
        reason_id=reason_id,
        remarks=row.reason,
    )


def _closing(merge_id: int, operation_id: int | None) -> Step:
    """The last step: accounts are closed, limits of cards name the survivor's accounts."""

    def close(connection: Connection, now: datetime, ids: Ids) -> bool:
        row = _row(connection, merge_id)
        if row.state != wire.MOVING:
            return True
        if operation_id is not None:
            holders.set_merge(connection, merge_id, operation_id=operation_id)
        merge = _work(connection, now, ids, row.user_id, row)
        if not accounts.close_accounts(merge):
            return False
        cards.merge_limits(merge)
        holders.set_merge(connection, merge_id, state=wire.MERGED)
        return True

    return close


def _told(connection: Connection, merge_id: int, *, undone: bool) -> wire.Merged:
    row = _row(connection, merge_id)
    holder = holder_tables.holder
    versions = {
        one.holder_id: one.version
        for one in connection.execute(
            select(holder.c.holder_id, holder.c.version).where(
                holder.c.holder_id.in_([row.survivor_id, row.duplicate_id])
            )
        )
    }
    return wire.Merged(
        merge_id=merge_id,
        booked_id=row.undone_operation_id if undone else row.operation_id,
        survivor_version=versions[row.survivor_id],
        duplicate_version=versions[row.duplicate_id],
    )


# ---------------------------------------------------------------------- and back


def undo_merge(asked: wire.UndoMerge, flow: Flow) -> wire.Merged:
    """Two guests again; refused when the moved value was touched, nothing has changed then."""
    known = flow.desk.read(lambda connection: _row(connection, asked.merge_id))
    finish_pending(flow.desk, known.survivor_id, known.duplicate_id)

    def begin(connection: Connection, now: datetime, ids: Ids) -> bool:
        row = _row(connection, asked.merge_id)
        if row.undo_key == asked.operation_id and row.undone_by == flow.actor.user_id:
            return True
        _check_undoable(connection, flow.actor, row, now)
        check_reason(connection, asked.reason_id, asked.reason)
        holders.set_merge(
            connection,
            row.merge_id,
            state=wire.UNDOING,
            undo_key=asked.operation_id,
            undone_by=flow.actor.user_id,
            reason_id=asked.reason_id,
        )
        accounts.reopen_accounts(_work(connection, now, ids, flow.actor.user_id, row, flow.actor))
        return True

    flow.desk.edit(begin)
    finish(flow.desk, asked.merge_id)
    return flow.desk.read(lambda connection: _told(connection, asked.merge_id, undone=True))


def _check_undoable(connection: Connection, actor: Actor, row: Any, now: datetime) -> None:
    told = f"merge {row.merge_id}"
    holder = holder_tables.holder
    for holder_id in (row.survivor_id, row.duplicate_id):
        one = row_of(connection, holder, {"holder_id": holder_id})
        actor.need_division(one.division_id)
        wanted = HOLDER_ACTIVE if holder_id == row.survivor_id else HOLDER_MERGED
        if one.state != wanted and row.state == wire.MERGED:
            state = "merged further" if one.state == HOLDER_MERGED else "erased"
            raise AppError(ErrorCode.WRONG_STATE, event="UndoMerge", object=told, state=state)
    days = read_value(connection, MERGE_UNDO)
    if row.state != wire.MERGED:
        raise AppError(ErrorCode.WRONG_STATE, event="UndoMerge", object=told, state="undone")
    if row.at + timedelta(days=days) < now:
        state = f"older than {days} days"
        raise AppError(ErrorCode.WRONG_STATE, event="UndoMerge", object=told, state=state)


def _finish_undoing(desk: Desk, row: Any) -> None:
    operation_id = None
    if row.operation_id is not None:
        key = f"unmerge:{row.merge_id}:{row.undo_key}"
        posting = manual.UndoTransfer(
            header=_header(desk, row, key, row.undone_by, row.reason_id),
            operation_id=row.operation_id,
        )
        try:
            outcome = desk.book(posting)
        except AppError as refusal:
            if refusal.code not in MAY_PASS:
                desk.edit(_giving_up(row.merge_id))
            raise
        if outcome.error is not None:
            desk.edit(_giving_up(row.merge_id))
            raise outcome.error
        operation_id = outcome.operation_id
    desk.edit(_parting(row.merge_id, operation_id))


def _giving_up(merge_id: int) -> Step:
    """The ledger refused the way back: the merge stands as it stood."""

    def give_up(connection: Connection, now: datetime, ids: Ids) -> None:
        row = _row(connection, merge_id)
        if row.state == wire.UNDOING:
            accounts.close_again(_work(connection, now, ids, row.undone_by, row))
            holders.set_merge(
                connection, merge_id, state=wire.MERGED, undo_key=None, undone_by=None
            )

    return give_up


def _parting(merge_id: int, operation_id: int | None) -> Step:
    """The balances are back: so is everything else."""

    def part(connection: Connection, now: datetime, ids: Ids) -> None:
        row = _row(connection, merge_id)
        if row.state != wire.UNDOING:
            return
        merge = _work(connection, now, ids, row.undone_by, row)
        accounts.give_back(merge)
        cards.part_cards(merge)
        coupons.part_coupons(merge)
        segments.part_segments(merge)
        holders.part_again(merge)
        holders.set_merge(
            connection,
            merge_id,
            state=wire.UNDONE,
            undone_at=now,
            undone_operation_id=operation_id,
        )

    return part
