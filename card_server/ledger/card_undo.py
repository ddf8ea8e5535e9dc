"""The job that takes an issue of cards back, number by number, as far as nobody used them (1.4).

Three steps a piece. Cards without a use are deleted, which tills see at once; their start bonuses
are rolled back, each under a key of its own; accounts are closed and anonymous holders deleted.
The run remembers from which number on the later steps may be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Table, and_, func, or_, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED
from card_server.cards import tables as card_tables
from card_server.cards.batch_making import WITHDRAWN, leave_events
from card_server.cards.batch_plan import IssueOrder
from card_server.cards.batches import UndoOrder, issue_order
from card_server.cards.records import CARD_INACTIVE
from card_server.coupons import tables as coupon_tables
from card_server.db.change_log import Action
from card_server.holders import tables as holder_tables
from card_server.jobs.running import Pass, Piece, RunContext
from card_server.ledger import tables
from card_server.ledger.card_issue import Place, place_of
from card_server.ledger.manual import Header, RollBack
from card_server.ledger.manual_batch import ManualBatch, refusal_of
from card_server.ledger.records import ACCEPTED, OperationKind
from shared.wire.errors import AppError, ErrorCode

PIECE: Final = 25
"""Cards in one transaction."""
Uses = dict[int, tuple[str, int]]
"""Holder or card -> the table and the row that tell of a use."""
_card, _operation = card_tables.card, tables.operation


def undo_issue(context: RunContext) -> None:
    """Take back what nobody used; the rest is listed with what it was used for."""
    asked = context.params(UndoOrder)
    order = context.desk.read(lambda connection: issue_order(connection, asked.issue_run_id))
    if context.resume_at is None:
        context.tell_total(context.desk.read(lambda c: _count(c, order, asked.issue_run_id)))
    undoing = _Undoing(context, asked, order)
    undoing.finish()
    while context.piece(undoing.withdraw):
        undoing.finish()
    made, failed = context.processed - context.failed, context.failed
    context.tell_outcome({"undone": made, "kept": failed})


class _Undoing:
    """The steps of one run."""

    def __init__(self, context: RunContext, asked: UndoOrder, order: IssueOrder) -> None:
        self._context = context
        self._run_id = asked.issue_run_id
        self._reason = asked.reason
        self._order = order

    def withdraw(self, how: Pass) -> Piece:
        """Delete the next cards that nobody used."""
        start = place_of(how.resume_at, self._order.first_code).next_code
        rows = how.connection.execute(
            select(_card)
            .where(*self._mine(start, self._order.last_code), _card.c.deleted_at.is_(None))
            .order_by(_card.c.card_code)
            .limit(PIECE)
        ).all()
        if not rows:
            _turn_back(how.connection, self._order)
            return Piece(resume_at=None, processed=0)
        used = uses_of(how.connection, rows, self._run_id)
        free = [row for row in rows if row.card_code not in used]
        deleted = {"deleted_at": how.now, "state": CARD_INACTIVE}
        how.log.edit_many(_card, [row.card_code for row in free], deleted, Action.DELETE)
        events = [
            (row.card_code, WITHDRAWN, {"old_holder_id": row.holder_id, "reason": self._reason})
            for row in free
        ]
        leave_events(how, self._context.user_id, events)
        errors = [(str(code), _in_use(code, *use)) for code, use in used.items()]
        place = Place(rows[-1].card_code + 1, start)
        return Piece(resume_at=place.text(), processed=len(rows), failed=len(errors), errors=errors)

    def finish(self) -> None:
        """Roll the bonuses of withdrawn cards back, then close what they leave."""
        place = place_of(self._context.resume_at, self._order.first_code)
        start = place.unbooked_from
        if start is None:
            return
        end = place.next_code - 1
        booked = self._context.desk.read(lambda connection: self._bonuses(connection, start, end))
        postings = tuple(
            RollBack(
                header=Header(
                    key=f"issue-undo:{operation_id}",
                    division_id=self._order.division_id,
                    user_id=self._context.user_id,
                    card_code=code,
                    remarks=self._reason,
                    batch_id=self._context.run_id,
                ),
                operation_id=operation_id,
            )
            for operation_id, code in booked
        )
        if postings:
            outcomes = self._context.book(ManualBatch(postings=postings))
            pairs = zip(booked, outcomes, strict=True)
            refusals = [(str(code), refusal_of(outcome)) for (_, code), outcome in pairs]
            self._context.tell_errors([(code, why) for code, why in refusals if why is not None])
        self._context.piece(lambda how: self._close(how, start, place.next_code))

    def _mine(self, start: int, end: int) -> list[Any]:
        return [_card.c.card_code.between(start, end), _card.c.batch_id == self._run_id]

    def _bonuses(self, connection: Connection, start: int, end: int) -> list[tuple[int, int]]:
        """Start bonuses of withdrawn cards: (operation, card)."""
        withdrawn = select(_card.c.card_code).where(
            *self._mine(start, end), _card.c.deleted_at.is_not(None)
        )
        rows = connection.execute(
            select(_operation.c.operation_id, _operation.c.card_code)
            .where(
                _operation.c.card_code.in_(withdrawn),
                _operation.c.batch_id == self._run_id,
                _operation.c.kind == OperationKind.DIRECT_CREDIT,
                _operation.c.status == ACCEPTED,
            )
            .order_by(_operation.c.card_code)
        )
        return [(operation_id, code) for operation_id, code in rows]

    def _close(self, how: Pass, start: int, following: int) -> Piece:
        """Close empty accounts and delete the holders; what is not empty stays and is told."""
        connection, holder = how.connection, holder_tables.holder
        rows = connection.execute(
            select(_card.c.card_code, _card.c.holder_id)
            .join(holder, holder.c.holder_id == _card.c.holder_id)
            .where(
                *self._mine(start, following - 1),
                _card.c.deleted_at.is_not(None),
                holder.c.deleted_at.is_(None),
            )
        ).all()
        owners = {row.holder_id: row.card_code for row in rows}
        full = _full_accounts(connection, list(owners))
        errors = [
            (str(owners[i]), _in_use(owners[i], "account", account)) for i, account in full.items()
        ]
        empty = [holder_id for holder_id in owners if holder_id not in full]
        account = account_tables.account
        mine = select(account.c.account_id).where(
            account.c.holder_id.in_(empty), account.c.state != ACCOUNT_CLOSED
        )
        closed = connection.execute(mine).scalars().all()
        how.log.edit_many(account, closed, {"state": ACCOUNT_CLOSED})
        how.log.edit_many(holder, empty, {"deleted_at": how.now}, Action.DELETE)
        return Piece(
            resume_at=Place(following).text(), processed=0, failed=len(errors), errors=errors
        )


def _in_use(code: int, where: str, number: int) -> AppError:
    return AppError(ErrorCode.CARD_USED, card=code, where=where, n=number)


def _count(connection: Connection, order: IssueOrder, run_id: int) -> int:
    return int(
        connection.execute(
            select(func.count())
            .select_from(_card)
            .where(
                _card.c.card_code.between(order.first_code, order.last_code),
                _card.c.batch_id == run_id,
                _card.c.deleted_at.is_(None),
            )
        ).scalar_one()
    )


def uses_of(connection: Connection, rows: Sequence[Row[Any]], run_id: int) -> Uses:
    """Cards that were used or changed since the issue, each with the row that tells so."""
    used: Uses = {
        row.card_code: ("card", row.card_code) for row in rows if row.updated_at != row.issued_at
    }
    codes = [row.card_code for row in rows]
    later = and_(
        _operation.c.status == ACCEPTED,
        or_(_operation.c.batch_id.is_(None), _operation.c.batch_id != run_id),
    )
    owners = {row.holder_id: row.card_code for row in rows if row.holder_id is not None}
    for holder_id, use in _uses_of_holders(connection, list(owners), codes, later).items():
        used.setdefault(owners[holder_id], use)
    return used


def _uses_of_holders(
    connection: Connection, holders: list[int], codes: list[int], later: Any
) -> Uses:
    """Holders that are more than the issue left them."""
    holder, person = holder_tables.holder, holder_tables.person
    contact, address = holder_tables.contact, holder_tables.address
    coupon, certificate = coupon_tables.coupon, coupon_tables.certificate
    changed = or_(holder.c.version != 1, ~holder.c.is_anonymous)
    looks: list[tuple[Table, Column[Any], Any]] = [
        (_operation, _operation.c.holder_id, later),
        (holder, holder.c.holder_id, changed),
        (person, person.c.holder_id, person.c.full_name != ""),
        (contact, contact.c.holder_id, contact.c.deleted_at.is_(None)),
        (address, address.c.holder_id, address.c.deleted_at.is_(None)),
        (coupon, coupon.c.holder_id, coupon.c.deleted_at.is_(None)),
        (certificate, certificate.c.holder_id, certificate.c.deleted_at.is_(None)),
        (_card, _card.c.holder_id, _card.c.card_code.not_in(codes) & _card.c.deleted_at.is_(None)),
    ]
    found: Uses = {}
    for table, column, condition in looks:
        name = table.name.removeprefix("crm_")
        for holder_id, number in _firsts(connection, table, column, holders, condition).items():
            found.setdefault(holder_id, (name, number))
    return found


def _firsts(
    connection: Connection, table: Table, column: Column[Any], values: list[int], condition: Any
) -> dict[int, int]:
    """Value of the column -> the first row that fits."""
    key = next(iter(table.primary_key.columns))
    rows = connection.execute(
        select(column, func.min(key)).where(column.in_(values), condition).group_by(column)
    )
    return {row[0]: row[1] for row in rows}


def _full_accounts(connection: Connection, holders: list[int]) -> dict[int, int]:
    """Holders with an account that is not empty."""
    account = account_tables.account
    sums = (account.c.balance, account.c.pending, account.c.held, account.c.uncovered)
    return _firsts(
        connection, account, account.c.holder_id, holders, or_(*(one != 0 for one in sums))
    )


def _turn_back(connection: Connection, order: IssueOrder) -> None:
    """The range goes on after its last card that stands, if the issue had moved it."""
    span = card_tables.card_range
    row = connection.execute(
        select(span.c.start_code, span.c.current_code).where(span.c.range_id == order.range_id)
    ).one()
    if not order.first_code <= row.current_code <= order.last_code:
        return
    last = connection.execute(
        select(func.max(_card.c.card_code)).where(
            _card.c.card_code.between(row.start_code, order.last_code),
            _card.c.deleted_at.is_(None),
        )
    ).scalar()
    connection.execute(
        update(span)
        .where(span.c.range_id == order.range_id)
        .values(current_code=row.start_code - 1 if last is None else last)
    )
