"""Postings by hand between accounts: transfer, all of a holder's balances, the way back (3.13)."""

from __future__ import annotations

from typing import ClassVar

from card_server.accounts.records import Account
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, History, Wants
from card_server.ledger.manual_balances import need_amount
from card_server.ledger.manual_base import Manual, Work, bad_field
from card_server.ledger.moving import movable, move, move_all
from card_server.ledger.records import ACCEPTED, Entry, OperationKind
from card_server.ledger.reversing import free_of, undo
from card_server.ledger.spending import insufficient
from shared.wire.errors import AppError, ErrorCode


class Transfer(Manual, kw_only=True, frozen=True):
    """Value from one account to another of the same type; without an amount, all of it.

    All of it takes what is uncovered along, so the source ends at zero.
    """

    kind: ClassVar[OperationKind] = OperationKind.TRANSFER
    from_account_id: int
    to_account_id: int
    amount: int | None = None

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """Two accounts and, if one is given, a positive sum."""
        if self.amount is not None:
            need_amount(self.amount)
        if self.from_account_id == self.to_account_id:
            raise bad_field(to_account_id=self.to_account_id)

    def named(self) -> Wants:
        """Both accounts."""
        return Wants(accounts={self.from_account_id, self.to_account_id})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """The lots of both."""
        return Wants(lots=set(facts.account_holders) & {self.from_account_id, self.to_account_id})

    def book_it(self, work: Work) -> None:
        """Move it."""
        source = _account(work, self.from_account_id)
        target = _account(work, self.to_account_id)
        if source.account_type_id != target.account_type_id:
            raise bad_field(to_account_id=self.to_account_id)
        work.settle(source, target)
        if self.amount is None:
            _need_no_holds(source)
            move_all(work.book, work.draft, source, target)
            return
        free = movable(work.book, source)
        if free < self.amount:
            raise insufficient(free, self.amount)
        move(work.book, work.draft, source, target, self.amount)


class MergeBalances(Manual, kw_only=True, frozen=True):
    """All balances of one holder to another, for a merge of duplicates; missing types are opened.

    Persons, cards and the states of the holders are the merge's own business.
    """

    kind: ClassVar[OperationKind] = OperationKind.TRANSFER
    from_holder_id: int
    to_holder_id: int

    def head(self, facts: Facts) -> None:
        """Two holders that exist."""
        for name in ("from_holder_id", "to_holder_id"):
            if getattr(self, name) not in facts.holders:
                raise bad_field(**{name: getattr(self, name)})
        if self.from_holder_id == self.to_holder_id:
            raise bad_field(to_holder_id=self.to_holder_id)

    def named(self) -> Wants:
        """Both holders."""
        return Wants(holders={self.from_holder_id, self.to_holder_id})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """The lots of all their accounts."""
        both = (self.from_holder_id, self.to_holder_id)
        return Wants(lots={a.account_id for h in both for a in book.accounts_of(h)})

    def book_it(self, work: Work) -> None:
        """One pair of entries for each account with a balance, ascending type."""
        book = work.book
        sources = list(book.accounts_of(self.from_holder_id))
        work.settle(*sources, *book.accounts_of(self.to_holder_id))
        work.draft.operation.holder_id = self.to_holder_id
        for source in sources:
            _need_no_holds(source)
        for source in sources:
            if not source.balance and not source.uncovered:
                continue
            target = book.account_of_type(self.to_holder_id, source.account_type_id)
            if target is None:
                target = book.open_account(self.to_holder_id, book.type_of(source))
            move_all(book, work.draft, source, target)


class UndoTransfer(Manual, kw_only=True, frozen=True):
    """The opposite of a transfer or of opening balances, while the moved value is untouched.

    It is of the same kind as what it undoes.
    """

    kind: ClassVar[OperationKind] = OperationKind.TRANSFER
    operation_id: int

    def named(self) -> Wants:
        """The operation."""
        return Wants(operations={self.operation_id})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Its history; the accounts are read with it, their lots too."""
        return Wants(histories={self.operation_id})

    def book_it(self, work: Work) -> None:
        """Take the new lots back whole, give the old ones their value again."""
        history = undoable(work, self.operation_id, (OperationKind.TRANSFER, OperationKind.OPENING))
        work.draft.operation.kind = history.operation.kind
        if history.reversing:
            raise _wrong_state(self.operation_id, "undone")
        if not all(_untouched(work, history, entry) for entry in history.entries):
            raise _wrong_state(self.operation_id, "used")
        undo(work.book, work.draft, history)


def _untouched(work: Work, history: History, entry: Entry) -> bool:
    """Nothing was taken of what the entry credited; what paid a debt needs not be there."""
    account = work.book.account(entry.account_id)
    kind = work.book.type_of(account)
    if entry.amount < 0 or not kind.has_limit:
        return True
    if not kind.uses_lots:
        return account.balance - account.held >= entry.amount
    moved = history.operation.kind == OperationKind.TRANSFER
    return all(
        free_of(lot) == lot.amount or (moved and lot.parent_lot_id is None)
        for lot in history.lots
        if lot.entry_id == entry.entry_id
    )


def undoable(work: Work, operation_id: int, kinds: tuple[OperationKind, ...]) -> History:
    """The history of an accepted operation of one of the kinds, its accounts settled."""
    history = work.facts.histories.get(operation_id)
    if history is None or history.operation.status != ACCEPTED:
        raise AppError(ErrorCode.TXN_NOT_FOUND, id=operation_id)
    if kinds and history.operation.kind not in kinds:
        raise _wrong_state(operation_id, OperationKind(history.operation.kind).name.lower())
    book = work.book
    ids = dict.fromkeys(entry.account_id for entry in history.entries)
    work.settle(*(book.account(account_id) for account_id in ids))
    operation = work.draft.operation
    operation.holder_id = history.operation.holder_id
    operation.reverses_id = operation_id
    return history


def _account(work: Work, account_id: int) -> Account:
    holder_id = work.facts.account_holders.get(account_id)
    accounts = work.book.accounts_of(holder_id) if holder_id is not None else []
    found = next((a for a in accounts if a.account_id == account_id), None)
    if found is None:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=account_id, number=account_id)
    return found


def _need_no_holds(source: Account) -> None:
    if source.held > 0:
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="transfer",
            object=f"account {source.account_id}",
            state="held",
        )


def _wrong_state(operation_id: int, state: str) -> AppError:
    return AppError(
        ErrorCode.WRONG_STATE, event="undo", object=f"operation {operation_id}", state=state
    )
