"""An issue of many cards: tried out, ordered, undone (domain 1.4, 2.1); the jobs do the work."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from card_server.cards.batch_making import bench_for
from card_server.cards.batch_plan import (
    IssueOrder,
    count_taken,
    make_order,
    notice,
    problems_of,
    taken_codes,
)
from card_server.cards.card_reading import range_row
from card_server.db.change_log import ChangeLog, Editor
from card_server.divisions.repository import read_setting
from card_server.holders.desk import FIRST_GROUP
from card_server.holders.workbench import Ids
from card_server.http.routes import Actor, Editing, Reading
from card_server.jobs import tables as job_tables
from card_server.jobs.repository import find_run
from card_server.jobs.service import ordered
from card_server.licences.repository import card_quota
from shared.wire import card_batches as wire
from shared.wire import jobs
from shared.wire.errors import AppError, ErrorCode

ISSUE: Final = "cards.issue"
UNDO: Final = "cards.issue_undo"
SHORTEST_REASON: Final = 5
REASON_WIDTH: Final = 255
OPEN: Final = (jobs.PLANNED, jobs.RUNNING, jobs.INTERRUPTED)


class UndoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job that undoes an issue works by."""

    issue_run_id: int
    reason: str


class NoIds:
    """A trial makes nothing, so it needs no number."""

    def take(self, kind: str) -> int:
        """No row is made."""
        raise LookupError(kind)

    def take_many(self, kind: str, count: int) -> int:
        """No row is made."""
        raise LookupError(kind, count)


def default_group(connection: Connection) -> int | None:
    """The group of new holders, where nothing else says."""
    text = read_setting(connection, "holder.default_group") or FIRST_GROUP
    return int(text) if text.isdigit() else None


def _order(
    connection: Connection, actor: Actor, batch: wire.CardBatch, how: Reading | Editing
) -> IssueOrder:
    ids: Ids = NoIds()
    log = how.log if isinstance(how, Editing) else ChangeLog(connection, ids, Editor(), how.now)
    bench = bench_for(connection, ids, log, how.now, default_group=default_group(connection))
    return make_order(connection, actor, batch, bench)


def check_issue(asked: wire.CheckIssue, reading: Reading) -> wire.BatchPlan:
    """What an issue would make."""
    connection, actor = reading.connection, reading.actor
    order = _order(connection, actor, asked.batch, reading)
    problems = problems_of(connection, actor, order)
    taken = count_taken(connection, order)
    cards = order.last_code - order.first_code + 1 - taken
    if not cards:
        first = order.first_code
        problems.append(AppError(ErrorCode.CARD_TAKEN, card=first, code=first))
    quantity, used = card_quota(connection)
    if quantity is not None and used + cards > quantity:
        problems.append(AppError(ErrorCode.LICENCE_QUOTA, n=quantity))
    return wire.BatchPlan(
        first_code=order.first_code,
        last_code=order.last_code,
        cards=cards,
        taken=taken,
        taken_codes=taken_codes(connection, order),
        division_id=order.division_id,
        state=order.state,
        with_holders=order.with_holders,
        account_types=list(order.account_types),
        limited_to=list(order.limited_to),
        card_group_id=order.card_group_id,
        holder_group_id=order.holder_group_id if order.with_holders else None,
        valid_to=order.valid_to,
        start_bonus=order.start_bonus,
        bonus_type_id=order.bonus_type_id,
        bonus_total=order.start_bonus * cards if order.with_holders else 0,
        licence_quantity=quantity,
        licence_used=used,
        problems=[notice(error) for error in problems],
    )


def issue_range(asked: wire.IssueRange, editing: Editing) -> jobs.Ordered:
    """Order the issue; what a few rows tell is refused here, the rest by the job's first step."""
    connection, actor = editing.connection, editing.actor
    order = _order(connection, actor, asked.batch, editing)
    for problem in problems_of(connection, actor, order):
        raise problem
    total = order.last_code - order.first_code + 1
    return ordered(editing, ISSUE, order, total=total)


def undo_issue(asked: wire.UndoIssue, editing: Editing) -> jobs.Ordered:
    """Order the way back of an issue that has ended; one at a time."""
    reason = asked.reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    if len(reason) > REASON_WIDTH:
        raise AppError(ErrorCode.TOO_LONG, field="reason", limit=REASON_WIDTH)
    connection = editing.connection
    run = find_run(connection, asked.run_id)
    if run.code != ISSUE:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what=ISSUE, id=str(asked.run_id))
    order = issue_order(connection, asked.run_id)
    range_row(connection, editing.actor, order.range_id)
    if run.state not in jobs.ENDED or _is_being_undone(connection, asked.run_id):
        raise AppError(
            ErrorCode.WRONG_STATE, event="undo", object=f"run {asked.run_id}", state="running"
        )
    return ordered(editing, UNDO, UndoOrder(issue_run_id=asked.run_id, reason=reason))


def issue_order(connection: Connection, run_id: int) -> IssueOrder:
    """What an issue was ordered with."""
    table = job_tables.job_run
    params = connection.execute(select(table.c.params).where(table.c.run_id == run_id)).scalar_one()
    return msgspec.json.decode(params or "", type=IssueOrder)


def _is_being_undone(connection: Connection, run_id: int) -> bool:
    run, job = job_tables.job_run, job_tables.job
    rows = connection.execute(
        select(run.c.params)
        .join(job, job.c.job_id == run.c.job_id)
        .where(job.c.code == UNDO, run.c.state.in_(OPEN))
    ).scalars()
    orders = [msgspec.json.decode(params or "", type=UndoOrder) for params in rows]
    return any(order.issue_run_id == run_id for order in orders)
