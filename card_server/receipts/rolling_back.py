"""Roll-backs: what is open of an identity, and its exact undo (domain 2.9, 3.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from card_server.ledger.book import Book
from card_server.ledger.facts import History
from card_server.ledger.records import Operation, OperationKind
from card_server.ledger.reversing import undo
from shared.wire.errors import AppError, ErrorCode

SALE_SIDE = (
    OperationKind.SALE,
    OperationKind.TOP_UP,
    OperationKind.DIRECT_CREDIT,
    OperationKind.DIRECT_DEBIT,
    OperationKind.COUPON_USE,
)
RETURN_SIDE = (OperationKind.REFUND, OperationKind.COUPON_RETURN)


def open_targets(
    operations: Sequence[Operation],
    rolled_back: Mapping[int, Operation],
    *,
    check_no: int,
    sale_side: bool,
) -> list[Operation]:
    """Accepted operations of the identity that no roll-back has undone, oldest first."""
    kinds = SALE_SIDE if sale_side else RETURN_SIDE
    return [
        row
        for row in operations
        if row.kind in kinds
        and row.operation_id not in rolled_back
        and (not check_no or (row.check_no or 0) in (0, check_no))
    ]


def roll_back_one(
    book: Book, operation: Operation, history: History, hours: int, sale: History | None = None
) -> None:
    """Undo one operation exactly, as an operation of its own that points at it.

    `sale` is the sale of a return that is undone.
    """
    target = history.operation
    too_old = book.now - target.recorded_at > timedelta(hours=hours)
    if too_old or any(row.kind in RETURN_SIDE for row in history.reversing):
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="rollback",
            object=f"{target.operation_id}",
            state="refunded" if not too_old else f"older than {hours} h",
        )
    operation.reverses_id = target.operation_id
    draft = book.begin(operation)
    undo(book, draft, history, sale=sale)
    book.accept(draft)
