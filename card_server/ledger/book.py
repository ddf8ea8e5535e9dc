"""The accounts, lots and holds of one group in memory, and the rows that its postings leave.

The book is pure: it is filled from what was read, changed by the rules of the sibling rooms
(`crediting`, `spending`, `reversing`, `settling`, `holding`), and written out afterwards. Every
change goes through it, so that a refused posting can be rewound to its mark without a trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from card_server.accounts.records import OWNER, Account, AccountType, SpendCounter
from card_server.coupons.records import Coupon
from card_server.ledger.book_parts import Draft, LotShelf, Mark, Rows, Undo
from card_server.ledger.calendar import Zone, minute_of_day, zone_of
from card_server.ledger.facts import AccountLots, CounterKey, History, IdSource
from card_server.ledger.records import (
    REFUSED,
    Allocation,
    Entry,
    Hold,
    HoldLot,
    Lot,
    Operation,
    OperationTrace,
    Purpose,
)
from card_server.ledger.rule_set import RuleSet
from shared.settings.house import DAY_START, TIME_ZONE
from shared.wire.errors import AppError

SUITE = 0
"""Classifier 0: the suite itself."""


class Book:
    """The working set of a group; see the module."""

    def __init__(self, rules: RuleSet, ids: IdSource, now: datetime) -> None:
        self.rules = rules
        self.ids = ids
        self.now = now
        self.rows = Rows()
        self._accounts: dict[int, Account] = {}
        self._by_holder: dict[int, list[Account]] = {}
        self._shelves: dict[int, LotShelf] = {}
        self._lots: dict[int, Lot] = {}
        self._undo: list[Undo] = []
        self._changed_accounts: dict[int, Account] = {}
        self._changed_lots: dict[int, Lot] = {}
        self._changed_holds: dict[int, Hold] = {}
        self._coupons: dict[int, Coupon] = {}
        self._changed_coupons: dict[int, Coupon] = {}
        self._changed_pins: dict[tuple[int, int], HoldLot] = {}
        self._counters: dict[CounterKey, SpendCounter] = {}
        self._changed_counters: dict[CounterKey, SpendCounter] = {}
        self.groups: dict[int, int | None] = {}
        """holder id -> holder group, of the holders that were read."""
        self.renewed = False
        """Caches are to be written although no operation was made."""

    # ------------------------------------------------------------------ filling

    def put_account(self, account: Account) -> None:
        """Take in an account that was read; one that is known already stays as it is."""
        if account.account_id in self._accounts:
            return
        self._accounts[account.account_id] = account
        if account.holder_id is not None:
            self._by_holder.setdefault(account.holder_id, []).append(account)

    def put_coupon(self, coupon: Coupon) -> None:
        """Take in a coupon that was read; one that is known already stays as it is."""
        self._coupons.setdefault(coupon.coupon_id, coupon)

    def put_lots(self, account_id: int, found: AccountLots) -> None:
        """Take in the lots with a rest, uncovered debits and open holds of an account."""
        shelf = self.shelf(account_id)
        if shelf.loaded:
            return
        shelf.loaded = True
        for lot in found.lots:
            self._join(shelf, lot)
        shelf.uncovered = list(found.uncovered)
        for hold in found.holds:
            shelf.holds[hold.hold_id] = hold
            shelf.pins[hold.hold_id] = {}
        for pinned in found.hold_lots:
            shelf.pins[pinned.hold_id][pinned.lot_id] = pinned

    def put_counter(self, counter: SpendCounter) -> None:
        """Take in a counter of a spend limit that was read."""
        key = CounterKey(counter.limit_id, counter.subject_id, counter.period_key)
        self._counters.setdefault(key, counter)

    def put_history(self, history: History) -> None:
        """Take in the lots of an operation's history: one object for each lot in the book."""
        for lots in (history.lots, history.touched_lots):
            for i, lot in enumerate(lots):
                lots[i] = self._join(self.shelf(lot.account_id), lot)

    def known_lot(self, lot: Lot) -> Lot:
        """The book's object for a lot that was read, or the lot itself."""
        return self._lots.get(lot.lot_id, lot)

    def _join(self, shelf: LotShelf, lot: Lot) -> Lot:
        known = self._lots.setdefault(lot.lot_id, lot)
        shelf.lots[lot.lot_id] = known
        return known

    # ------------------------------------------------------------------ looking

    def account(self, account_id: int) -> Account:
        """One account as it stands inside the group."""
        return self._accounts[account_id]

    def coupon(self, coupon_id: int) -> Coupon:
        """One coupon as it stands inside the group."""
        return self._coupons[coupon_id]

    def has_account(self, account_id: int) -> bool:
        """The account was read."""
        return account_id in self._accounts

    def accounts_of(self, holder_id: int) -> list[Account]:
        """Open accounts of a holder, ascending type id."""
        return self._by_holder.get(holder_id, [])

    def account_of_type(self, holder_id: int, account_type_id: int) -> Account | None:
        """The holder's open account of a type."""
        for account in self._by_holder.get(holder_id, ()):
            if account.account_type_id == account_type_id:
                return account
        return None

    def type_of(self, account: Account) -> AccountType:
        """The account's type."""
        return self.rules.account_types[account.account_type_id]

    def shelf(self, account_id: int) -> LotShelf:
        """The lots of an account, as far as they were read."""
        found = self._shelves.get(account_id)
        if found is None:
            found = self._shelves[account_id] = LotShelf()
        return found

    def has_lots(self, account_id: int) -> bool:
        """The lots of the account were read."""
        found = self._shelves.get(account_id)
        return found is not None and found.loaded

    def lot(self, lot_id: int) -> Lot:
        """One lot that was read or made in the group."""
        return self._lots[lot_id]

    def lots_needed(self, account: Account, *, debit: bool = False) -> bool:
        """Whether a posting must ask for the account's lots before it decides."""
        kind = self.type_of(account)
        if not kind.uses_lots:
            return account.held > 0 and debit
        if debit or account.uncovered > 0:
            return True
        event = account.next_lot_event_at
        if event is not None and event <= self.now:
            return True
        return kind.receivable_type_id is not None and self.debt_of(account) > 0

    def debt_of(self, account: Account) -> int:
        """What the holder owes on the receivable account linked to this account's type."""
        type_id = self.type_of(account).receivable_type_id
        if type_id is None or account.holder_id is None:
            return 0
        owed = self.account_of_type(account.holder_id, type_id)
        return max(0, -(owed.balance or 0)) if owed is not None else 0

    def counter(self, key: CounterKey) -> SpendCounter:
        """A counter as it stands inside the group; nothing is used of one that was not stored."""
        found = self._counters.get(key)
        if found is None:
            found = self._counters[key] = SpendCounter(
                limit_id=key.limit_id, subject_id=key.subject_id, period_key=key.period_key
            )
        return found

    def zone(self, classifier_id: int) -> Zone:
        """Where a classifier's business day begins; classifier 0 uses the system's settings."""
        if classifier_id != SUITE:
            classifier = self.rules.classifiers.get(classifier_id)
            if classifier is not None:
                return zone_of(classifier.time_zone, classifier.day_start)
        return zone_of(self.rules.value(TIME_ZONE), minute_of_day(self.rules.value(DAY_START)))

    def changed_accounts(self) -> Iterable[Account]:
        """Accounts whose columns may differ from what was read."""
        return self._changed_accounts.values()

    def changed_lots(self) -> Iterable[Lot]:
        """Lots whose caches may differ from what was read."""
        return self._changed_lots.values()

    def changed_holds(self) -> Iterable[Hold]:
        """Holds whose caches may differ from what was read."""
        return self._changed_holds.values()

    def changed_coupons(self) -> Iterable[Coupon]:
        """Coupons whose uses or state may differ from what was read."""
        return self._changed_coupons.values()

    def changed_pins(self) -> Iterable[HoldLot]:
        """What holds pin, where it may differ from what was read."""
        return self._changed_pins.values()

    def changed_counters(self) -> Iterable[SpendCounter]:
        """Counters of spend limits that may differ from what was read."""
        return self._changed_counters.values()

    # ------------------------------------------------------------------ changing

    def set_account(self, account: Account, name: str, value: object) -> None:
        """Change one column of an account."""
        self._undo.append((setattr, account, name, getattr(account, name)))
        setattr(account, name, value)
        self._changed_accounts[account.account_id] = account

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
        self.rows.operations.append(operation)
        for entry in draft.entries:
            self.set_account(
                self._accounts[entry.account_id], "last_operation_at", operation.recorded_at
            )
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


__all__ = ["Book", "Draft", "LotShelf", "Mark", "Purpose", "Rows"]
