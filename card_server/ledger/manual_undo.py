"""Postings by hand that undo: the opposite of entries, the roll-back of an operation (3.15)."""

from __future__ import annotations

from typing import ClassVar, Final

from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.manual_base import Manual, Work, bad_field
from card_server.ledger.manual_moves import undoable
from card_server.ledger.records import OperationKind
from card_server.ledger.reversing import undo
from shared.wire.errors import AppError, ErrorCode

ROLLED_BACK_BY_HAND: Final = (
    OperationKind.SALE,
    OperationKind.REFUND,
    OperationKind.TOP_UP,
    OperationKind.WITHDRAW,
    OperationKind.DIRECT_CREDIT,
    OperationKind.DIRECT_DEBIT,
)


class UndoPosting(Manual, kw_only=True, frozen=True):
    """A posting about an operation that stands."""

    operation_id: int

    def named(self) -> Wants:
        """The operation itself."""
        return Wants(operations={self.operation_id})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Its history, and of a refund the sale's: its counters count again."""
        ids = {self.operation_id}
        target = facts.operations.get(self.operation_id)
        if target is not None and target.reverses_id is not None:
            ids.add(target.reverses_id)
        return Wants(histories=ids)


class Correction(UndoPosting, kw_only=True, frozen=True):
    """The full opposite of chosen entries, or of the whole operation (kind 60).

    What is corrected may not be refunded or rolled back again beyond its rest.
    """

    kind: ClassVar[OperationKind] = OperationKind.CORRECTION
    entry_ids: tuple[int, ...] = ()

    def book_it(self, work: Work) -> None:
        """Opposite entries that point at what they undo."""
        history = undoable(work, self.operation_id, ())
        known = {entry.entry_id for entry in history.entries}
        for entry_id in self.entry_ids:
            if entry_id not in known:
                raise bad_field(entry_ids=entry_id)
        only = frozenset(self.entry_ids) or None
        sale = work.facts.histories.get(history.operation.reverses_id or 0)
        if not undo(work.book, work.draft, history, only=only, sale=sale):
            raise AppError(
                ErrorCode.WRONG_STATE,
                event="correct",
                object=f"operation {self.operation_id}",
                state="nothing left",
            )


class RollBack(UndoPosting, kw_only=True, frozen=True):
    """The roll-back by hand of a sale, refund or direct operation, of whatever age.

    Kind 4 if the operation is a refund. It frees the identity: the program may send the same keys
    again with a newer time (2.9).
    """

    kind: ClassVar[OperationKind] = OperationKind.SALE_ROLLBACK

    def book_it(self, work: Work) -> None:
        """Exactly undo it; refused if a refund of it stands or it is rolled back already."""
        history = undoable(work, self.operation_id, ROLLED_BACK_BY_HAND)
        target = history.operation
        if target.kind == OperationKind.REFUND:
            work.draft.operation.kind = OperationKind.REFUND_ROLLBACK
        if self.operation_id in work.facts.rolled_back:
            raise self._refused(state="rolled back")
        if any(row.kind == OperationKind.REFUND for row in history.reversing):
            raise self._refused(state="refunded")
        sale = work.facts.histories.get(target.reverses_id or 0)
        undo(work.book, work.draft, history, sale=sale)
        work.facts.rolled_back[self.operation_id] = work.draft.operation

    def _refused(self, *, state: str) -> AppError:
        return AppError(
            ErrorCode.WRONG_STATE,
            event="rollback",
            object=f"operation {self.operation_id}",
            state=state,
        )
