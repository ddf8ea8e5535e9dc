"""The accounts, lots and holds of one group in memory, and the rows that its postings leave.

The book is pure: it is filled from what was read, changed by the rules of the sibling rooms
(`crediting`, `spending`, `reversing`, `settling`, `holding`), and written out afterwards. Every
change goes through it, so that a refused posting can be rewound to its mark without a trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgspec

from card_server.accounts.records import OWNER, Account, AccountType
from card_server.coupons.records import Coupon
from card_server.ledger.book_parts import (
    NOT_BOOKED,
    SALE_WITHOUT_SPENT,
    Draft,
    LotShelf,
    Mark,
    Rows,
)
from card_server.ledger.facts import CounterKey
from card_server.ledger.records import (
    REFUSED,
    Allocation,
    Entry,
    Hold,
    HoldLot,
    Lot,
    Operation,
    OperationKind,
    OperationTrace,
    Purpose,
)
from card_server.ledger.working_set import SUITE, WorkingSet
from shared.wire.errors import AppError

TELLING: Final = (Purpose.SPENT, Purpose.TOP_UP)
"""With one of these a sale told what was spent, or is none: a till took cash for an account."""


class Book(WorkingSet):
    """The working set of a group and every way to change it; see the module."""

    def set_account(self, account: Account, name: str, value: object) -> None:
        """Change one column of an account."""
        self._undo.append((setattr, account, name, getattr(account, name)))
        setattr(account, name, value)
        self._changed_accounts[account.account_id] = account
        self.account_columns.add(name)

    def set_lot(self, lot: Lot, name: str, value: object) -> None:
        """Change one cache of a lot."""
        self._undo.append((setattr, lot, name, getattr(lot, name)))
        setattr(lot, name, value)
        self._changed_lots[lot.lot_id] = lot

    def set_hold(self, hold: Hold, name: str, value: object) -> None:
        """Change one cache of a hold."""
        self._undo.append((setattr, hold, name, getattr(hold, name)))
        setattr(hold, name, value)
        self._changed_holds[hold.hold_id] = hold

    def set_coupon(self, coupon: Coupon, name: str, value: object) -> None:
        """Change the count of uses or the state of a coupon."""
        self._undo.append((setattr, coupon, name, getattr(coupon, name)))
        setattr(coupon, name, value)
        self._changed_coupons[coupon.coupon_id] = coupon

    def set_pin(self, pin: HoldLot, amount: int) -> None:
        """Change what a hold pins in a lot; the lot's `held` moves with it."""
        lot = self._lots[pin.lot_id]
        self.set_lot(lot, "held", lot.held + amount - pin.amount)
        self._undo.append((setattr, pin, "amount", pin.amount))
        pin.amount = amount
        self._changed_pins[(pin.hold_id, pin.lot_id)] = pin

    def add_hold(self, hold: Hold) -> None:
        """A hold made in this group."""
        self.rows.holds.append(hold)
        shelf = self.shelf(hold.account_id)
        shelf.holds[hold.hold_id] = hold
        shelf.pins[hold.hold_id] = {}
        self._undo.append((shelf.holds.pop, hold.hold_id))
        self._undo.append((shelf.pins.pop, hold.hold_id))

    def add_pin(self, hold: Hold, lot: Lot, amount: int) -> None:
        """Pin an amount in a lot for a hold made in this group."""
        pin = HoldLot(hold_id=hold.hold_id, lot_id=lot.lot_id, amount=amount)
        self.rows.hold_lots.append(pin)
        self.shelf(hold.account_id).pins[hold.hold_id][lot.lot_id] = pin
        self.set_lot(lot, "held", lot.held + amount)

    def count(self, key: CounterKey, amount: int, times: int) -> None:
        """Move a counter of a spend limit."""
        counter = self.counter(key)
        self._undo.append((setattr, counter, "used_amount", counter.used_amount))
        self._undo.append((setattr, counter, "used_count", counter.used_count))
        counter.used_amount += amount
        counter.used_count += times
        self._changed_counters[key] = counter

    def remember(self, undo: Callable[..., object], *arguments: object) -> None:
        """Register how a change of a container is taken back."""
        self._undo.append((undo, *arguments))

    def add_lot(self, lot: Lot) -> None:
        """A lot made in this group."""
        self.rows.lots.append(lot)
        self._lots[lot.lot_id] = lot
        lots = self.shelf(lot.account_id).lots
        lots[lot.lot_id] = lot
        self._undo.append((lots.pop, lot.lot_id))
        self._undo.append((self._lots.pop, lot.lot_id))

    def set_uncovered(self, account: Account, rests: list[tuple[Entry, int]]) -> None:
        """Replace the list of debits that no lot has paid yet."""
        shelf = self.shelf(account.account_id)
        self._undo.append((setattr, shelf, "uncovered", shelf.uncovered))
        shelf.uncovered = rests
        self.set_account(account, "uncovered", sum(rest for _, rest in rests))

    def open_account(self, holder_id: int, account_type: AccountType) -> Account:
        """A new account of a holder, with the defaults of its type."""
        first = min(
            (
                level
                for level in self.rules.levels.values()
                if level.account_type_id == account_type.account_type_id
            ),
            key=lambda level: level.level_no,
            default=None,
        )
        account = Account(
            account_id=self.ids.take("account"),
            owner_kind=OWNER,
            holder_id=holder_id,
            account_type_id=account_type.account_type_id,
            credit_depth=account_type.default_credit_depth,
            level_id=first.level_id if first is not None else None,
            opened_at=self.now,
        )
        self._accounts[account.account_id] = account
        mine = self._by_holder.setdefault(holder_id, [])
        mine.append(account)
        mine.sort(key=_by_type)
        self.shelf(account.account_id).loaded = True
        self.rows.new_accounts.append(account)
        self._undo.append((mine.remove, account))
        self._undo.append((self._accounts.pop, account.account_id))
        return account

    # ------------------------------------------------------------------ operations

    def mark(self) -> Mark:
        """Remember where the book stands."""
        return Mark(self.rows.lengths(), len(self._undo))

    def rewind(self, mark: Mark) -> None:
        """Take back everything since the mark."""
        while len(self._undo) > mark.undo:
            undo, *arguments = self._undo.pop()
            undo(*arguments)
        self.rows.cut(mark.lengths)

    def begin(self, operation: Operation) -> Draft:
        """Start an operation; it joins the rows when it is accepted."""
        return Draft(operation)

    def accept(self, draft: Draft) -> Operation:
        """The operation stands, with its entries and its trace."""
        operation = draft.operation
        if draft.trace:
            trace = msgspec.json.encode(draft.trace)
            operation.trace_hash = hashlib.sha256(trace).digest()
            self.rows.operation_traces.append(
                OperationTrace(operation_id=operation.operation_id, trace=trace.decode())
            )
            for warning in draft.trace.get("warnings", ()):
                if warning["what"] in NOT_BOOKED:
                    self.rows.remarks.append(warning["what"])
        self.rows.operations.append(operation)
        is_silent = operation.kind == OperationKind.SALE
        for entry in draft.entries:
            is_silent = is_silent and entry.purpose not in TELLING
            self.set_account(
                self._accounts[entry.account_id], "last_operation_at", operation.recorded_at
            )
        if is_silent:
            self.rows.remarks.append(SALE_WITHOUT_SPENT)
        return operation

    def refuse(self, operation: Operation, error: AppError) -> Operation:
        """The refusal stands under its key, without entries."""
        operation.status = REFUSED
        operation.trace_hash = None
        operation.refusal_code = error.code.value
        operation.refusal_args = msgspec.json.encode(error.facts).decode()
        self.rows.operations.append(operation)
        return operation

    def add_entry(
        self,
        draft: Draft,
        account: Account,
        amount: int,
        purpose: int,
        **facts: Any,
    ) -> Entry:
        """One balanced pair against the house account; the balance moves at once."""
        balance = (account.balance or 0) + amount
        entry = Entry(
            entry_id=self.ids.take("entry"),
            operation_id=draft.operation.operation_id,
            line_no=len(draft.entries) + 1,
            account_id=account.account_id,
            account_type_id=account.account_type_id,
            amount=amount,
            balance_after=balance,
            purpose=purpose,
            business_date=draft.operation.business_date,
            **facts,
        )
        draft.entries.append(entry)
        self.rows.entries.append(entry)
        self.set_account(account, "balance", balance)
        return entry

    def allocate(
        self, draft: Draft, lot: Lot, entry: Entry, amount: int, restores_id: int | None = None
    ) -> Allocation:
        """Take from a lot (plus) or give back to it (minus)."""
        row = Allocation(
            allocation_id=self.ids.take("allocation"),
            lot_id=lot.lot_id,
            entry_id=entry.entry_id,
            operation_id=draft.operation.operation_id,
            amount=amount,
            restores_id=restores_id,
        )
        self.rows.allocations.append(row)
        self.set_lot(lot, "remaining", lot.remaining - amount)
        return row


def _by_type(account: Account) -> tuple[int, int]:
    return (account.account_type_id, account.account_id)


__all__ = ["SUITE", "Book", "Draft", "LotShelf", "Mark", "Purpose", "Rows"]
