"""Operations by hand above the user's limit: they wait for a second signature (domain 3.15, 5).

What a command moves is counted here, and whether it may be booked now, waits, or was decided
otherwise. A repeat of what is booked already is never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import CLASS_DISCOUNT, CLASS_SPENT
from card_server.http.routes import Flow
from card_server.ledger import tables
from card_server.ledger.manual_base import REASON_KINDS, Manual
from card_server.users import approvals
from card_server.users.approval_rows import check_repeat, find
from card_server.users.approvals import Subject, is_above
from shared.wire.errors import AppError, ErrorCode
from shared.wire.manual_operations import Booked, ManualCommand

CLASS_COUNTER: Final = 99
NO_VALUE: Final = (CLASS_DISCOUNT, CLASS_SPENT, CLASS_COUNTER)
"""Classes of accounts that only count; nothing can be paid from them."""
MAY_PASS: Final = frozenset(
    {
        ErrorCode.BUSY,
        ErrorCode.DB_UNREACHABLE,
        ErrorCode.INTERNAL,
        ErrorCode.PROCESSING_TIMEOUT,
        ErrorCode.STOPPING,
    }
)
"""After these nobody knows whether it was booked: the request stays signed and may run again."""

Size = Callable[[Connection], int]


class Standing(msgspec.Struct, frozen=True):
    """How a command stands before it is booked."""

    subject: Subject
    request: Any | None
    """The row of the request that it became earlier."""
    is_booked: bool


def moves(amount: int) -> Size:
    """A command that says itself what it moves."""
    return lambda _connection: abs(amount)


def moves_nothing(_connection: Connection) -> int:
    """A command about dates and reserves; no limit binds it."""
    return 0


def undoes(operation_id: int, entry_ids: tuple[int, ...] = ()) -> Size:
    """A command that undoes entries: what they moved on accounts that hold value."""

    def size(connection: Connection) -> int:
        entry, kind = tables.entry, account_tables.account_type
        terms = [entry.c.operation_id == operation_id, kind.c["class"].not_in(NO_VALUE)]
        if entry_ids:
            terms.append(entry.c.entry_id.in_(entry_ids))
        found = connection.execute(
            select(func.sum(func.abs(entry.c.amount)))
            .select_from(entry.join(kind, kind.c.account_type_id == entry.c.account_type_id))
            .where(*terms)
        ).scalar()
        return int(found or 0)

    return size


def standing_of(connection: Connection, asked: ManualCommand, subject: Subject) -> Standing:
    """Whether the command was asked for or booked before."""
    operation = tables.operation
    booked = connection.execute(
        select(operation.c.operation_id).where(
            operation.c.classifier_id == 0,
            operation.c.idem_key == f"m:u:{asked.operation_id}",
        )
    ).first()
    return Standing(subject, find(connection, asked.operation_id), booked is not None)


def waits(flow: Flow, asked: ManualCommand, standing: Standing, posting: Manual) -> Booked | None:
    """The answer of a command that waits for a signature; None for one that may be booked now.

    Raises what became of a request that was refused, withdrawn or left until it expired.
    """
    row = standing.request
    known = row is not None
    if row is None:
        if standing.is_booked or not is_above(flow.actor, standing.subject.amount):
            return None
        if posting.header.reason_id is None and posting.kind in REASON_KINDS:
            raise AppError(ErrorCode.REASON_NEEDED)
        row = flow.desk.edit(
            lambda connection, now, ids: approvals.ask(
                connection, now, ids, flow.actor, asked, standing.subject
            )
        )
    if check_repeat(row, flow.actor, asked, flow.clock()):
        return None
    return Booked(booked_id=None, entries=[], repeated=known, approval_id=row.approval_id)


def settle(flow: Flow, request: Any | None, outcome: int | AppError) -> None:
    """Write down what the ledger made of a signed request."""
    if request is None or (isinstance(outcome, AppError) and outcome.code in MAY_PASS):
        return
    flow.desk.edit(
        lambda connection, now, ids: approvals.settle(
            connection, now, ids, flow.actor, request.approval_id, outcome
        )
    )
