"""Replays every account in the order of posting: lots, debits and holds as they were (I-3 to I-20).

Sums prove that the present figures agree; the replay proves that each step was allowed when it
was taken. Rules that depend on what may have been edited since (credit depth, minimum balance)
are tested only where nothing was edited since.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

import msgspec

from card_server.accounts.records import AccountType
from card_server.ledger.records import (
    HoldEventKind,
    HoldState,
    LotState,
    OperationKind,
    Purpose,
)
from card_server.ledger.recount import AccountFigures, recount
from card_server.ledger.verify_records import Findings
from card_server.ledger.verify_rows import (
    AllocationRow,
    EntryRow,
    EventRow,
    Ledgered,
    LotRow,
    OperationRow,
    TermRow,
)

LOT, ENTRY, ACCOUNT, HOLD = "crm_lot", "crm_entry", "crm_account", "crm_hold"
ALLOCATION = "crm_allocation"
DATED: Final = (Purpose.PAY, Purpose.WITHDRAW, Purpose.DIRECT)
"""Debits that take available lots in burn order and never overdraw (3.7)."""
HELD_AFTER: Final = {
    HoldEventKind.OPEN: 1,
    HoldEventKind.CAPTURE: -1,
    HoldEventKind.VOID: -1,
    HoldEventKind.EXPIRE: -1,
}


class Terms:
    """What of the account's type and its history of edits the replay may rely on."""

    def __init__(self, kind: AccountType, changed_at: datetime) -> None:
        self.kind = kind
        self.changed_at = changed_at


class Step(msgspec.Struct, gc=False):
    """What one operation did to the account, each list in the order of its key."""

    operation: OperationRow
    entries: list[EntryRow]
    lots: list[LotRow]
    allocations: list[AllocationRow]
    terms: list[TermRow]
    events: list[EventRow]


class Replay:
    """One account, step by step."""

    def __init__(self, one: Ledgered, terms: Terms, last: int, found: Findings) -> None:
        self._one = one
        self._kind = terms.kind
        self._unedited_since = max(terms.changed_at, one.account.updated_at)
        self._found = found
        self._last = last
        self._lots = {lot.lot_id: lot for lot in one.lots}
        self._entries = {entry.entry_id: entry for entry in one.entries}
        self._remaining: dict[int, int] = {}
        self._open: dict[int, LotRow] = {}
        """Lots that have a rest: those that a payment may have to take first."""
        self._ends: dict[int, datetime | None] = {}
        self._rests: dict[int, int] = {}
        self._restored: dict[int, int] = defaultdict(int)
        self._allocations = {row.allocation_id: row for row in one.allocations}
        self._pinned_ever = {pin.lot_id for pin in one.pins}
        self._held = 0
        self._balance = 0

    def run(self) -> None:
        """Every operation that moved the account, in the order of the chain."""
        for step in self._steps():
            if step.operation.chain_no > self._last:
                return
            self._take(step)
        self._check_issued()

    def _check_issued(self) -> None:
        """Every credit of a type with lots became lots, and only credits did (I-17)."""
        if not self._kind.uses_lots and not self._one.lots:
            return
        made: dict[int, int] = defaultdict(int)
        for lot in self._one.lots:
            made[lot.entry_id] += lot.amount
        for entry in self._one.entries:
            fresh = entry.amount > 0 and entry.reverses_entry_id is None
            due = entry.amount if fresh and self._kind.uses_lots else 0
            lots = made.pop(entry.entry_id, 0)
            if due != lots:
                self._found.add(ENTRY, entry.entry_id, "I-17 issued", due, lots)
        for entry_id in made:
            self._found.add(LOT, entry_id, "I-17 issued", "an entry of the account", entry_id)

    def _steps(self) -> list[Step]:
        one, operations = self._one, self._one.operations
        steps: dict[int, Step] = {}
        for entry in one.entries:
            number = entry.operation_id
            step = steps.get(number)
            if step is not None:
                step.entries.append(entry)
            elif number in operations:
                steps[number] = Step(operations[number], [entry], [], [], [], [])
        rows: list[Any]
        for name, rows in (
            ("lots", one.lots),
            ("allocations", one.allocations),
            ("terms", one.terms),
            ("events", one.events),
        ):
            for row in rows:
                number = row.operation_id
                step = steps.get(number)
                if step is None and number in operations:
                    step = steps[number] = Step(operations[number], [], [], [], [], [])
                if step is not None:
                    getattr(step, name).append(row)
        return sorted(steps.values(), key=_chain_no)

    def _take(self, step: Step) -> None:
        operation, payment = step.operation, _last_payment(step)
        pending = self._pending(operation.recorded_at) if payment is not None else 0
        for lot in step.lots:
            self._ends[lot.lot_id] = lot.first_expires_at
            self._set_rest(lot, lot.amount)
        for entry in step.entries:
            self._enter(entry)
        if step.allocations:
            captures = any(row.event == HoldEventKind.CAPTURE for row in step.events)
            for row in step.allocations:
                self._allocate(operation, row, captures=captures)
        self._check_rests(step)
        for term in step.terms:
            self._extend(term)
        for event in step.events:
            self._held += self._after(event)
        if payment is not None:
            self._check_funds(operation, payment, pending)

    @staticmethod
    def _after(event: EventRow) -> int:
        return HELD_AFTER.get(HoldEventKind(event.event), 0) * event.amount

    def _set_rest(self, lot: LotRow, rest: int) -> None:
        self._remaining[lot.lot_id] = rest
        if rest > 0:
            self._open[lot.lot_id] = lot
        else:
            self._open.pop(lot.lot_id, None)

    # ------------------------------------------------------------------ entries

    def _enter(self, entry: EntryRow) -> None:
        balance = self._balance = self._balance + entry.amount
        if balance != entry.balance_after:
            self._found.add(
                ENTRY, entry.entry_id, "I-3 balance after", balance, entry.balance_after
            )
        if entry.account_type_id != self._one.account.account_type_id:
            self._found.add(
                ENTRY,
                entry.entry_id,
                "I-7 type",
                self._one.account.account_type_id,
                entry.account_type_id,
            )
        if not self._kind.uses_lots:
            return
        if entry.amount < 0:
            self._rests[entry.entry_id] = -entry.amount
        target = entry.reverses_entry_id
        if target in self._rests and entry.amount > 0:
            self._rests[target] -= entry.amount

    # ------------------------------------------------------------------ lots

    def _allocate(self, operation: OperationRow, row: AllocationRow, *, captures: bool) -> None:
        lot, entry = self._lots[row.lot_id], self._entries.get(row.entry_id)
        if row.lot_id not in self._remaining:
            self._found.add(ALLOCATION, row.allocation_id, "I-8 issued", "a lot", row.lot_id)
            return
        if entry is None or entry.amount > 0:
            self._found.add(ALLOCATION, row.allocation_id, "I-8 debit", "a debit", row.entry_id)
            return
        if row.amount < 0:
            self._restore(row)
        elif entry.purpose == Purpose.EXPIRE:
            self._check_burning(operation, row)
        elif entry.purpose in DATED and not captures:
            self._check_dates(operation, row, lot)
            if entry.purpose == Purpose.PAY:
                self._check_order(operation, row, lot)
        rest = self._remaining[row.lot_id] - row.amount
        self._set_rest(lot, rest)
        if not 0 <= rest <= lot.amount:
            self._found.add(LOT, lot.lot_id, "I-8 remaining", f"0 to {lot.amount}", rest)
        self._rests[row.entry_id] = self._rests.get(row.entry_id, 0) - row.amount

    def _check_rests(self, step: Step) -> None:
        """No debit is paid or reversed beyond its amount, once the operation is whole (I-10)."""
        rests = self._rests
        if not rests:
            return
        touched = {row.entry_id for row in step.allocations}
        touched.update(
            entry.reverses_entry_id for entry in step.entries if entry.reverses_entry_id is not None
        )
        for number in touched:
            rest = rests.get(number, 0)
            if rest < 0:
                self._found.add(ENTRY, number, "I-10 uncovered", "0 or more", rest)

    def _restore(self, row: AllocationRow) -> None:
        target = self._allocations.get(row.restores_id or 0)
        if target is None or (target.lot_id, target.entry_id) != (row.lot_id, row.entry_id):
            self._found.add(
                ALLOCATION, row.allocation_id, "I-12 restores", "its lot and debit", row.restores_id
            )
            return
        self._restored[target.allocation_id] -= row.amount
        if self._restored[target.allocation_id] > target.amount:
            self._found.add(
                ALLOCATION,
                row.allocation_id,
                "I-12 restored",
                f"at most {target.amount}",
                self._restored[target.allocation_id],
            )

    def _check_burning(self, operation: OperationRow, row: AllocationRow) -> None:
        ends = self._ends[row.lot_id]
        if operation.kind == OperationKind.EXPIRE and (
            ends is None or ends > operation.recorded_at
        ):
            self._found.add(
                ALLOCATION, row.allocation_id, "I-14 burnt early", ends, operation.recorded_at
            )

    def _check_dates(self, operation: OperationRow, row: AllocationRow, lot: LotRow) -> None:
        at, ends = operation.recorded_at, self._ends[row.lot_id]
        if lot.available_at > at or (ends is not None and ends <= at):
            self._found.add(
                ALLOCATION, row.allocation_id, "I-13 dates", f"{lot.available_at} to {ends}", at
            )

    def _check_order(self, operation: OperationRow, row: AllocationRow, lot: LotRow) -> None:
        """Nothing that burns earlier keeps value.

        Lots that holds ever pinned are left out, and those that the same operation made: a sale
        pays before it earns, and a till whose clock is behind dates what it earns back.
        """
        at = operation.recorded_at
        mine = self._burn_key(lot)
        for number, other in self._open.items():
            if number in self._pinned_ever or number == lot.lot_id:
                continue
            if other.operation_id == operation.operation_id:
                continue
            ends = self._ends[number]
            usable = other.available_at <= at and (ends is None or ends > at)
            if usable and self._burn_key(other) < mine:
                self._found.add(
                    ALLOCATION, row.allocation_id, "I-15 burn order", f"lot {number}", lot.lot_id
                )
                return

    def _burn_key(self, lot: LotRow) -> tuple[bool, float, datetime, int]:
        ends = self._ends[lot.lot_id]
        return (ends is None, ends.timestamp() if ends else 0.0, lot.available_at, lot.lot_id)

    def _extend(self, term: TermRow) -> None:
        if term.lot_id not in self._ends:
            self._found.add(LOT, term.lot_id, "I-16 issued", "a lot to extend", term.operation_id)
            return
        ends, new = self._ends[term.lot_id], term.new_expires_at
        self._found.check(LOT, term.lot_id, "I-16 extended from", ends, term.old_expires_at)
        if ends is not None and new is not None and new < ends:
            self._found.add(LOT, term.lot_id, "I-16 shortened", ends, new)
        self._ends[term.lot_id] = new

    # ------------------------------------------------------------------ funds

    def _pending(self, at: datetime) -> int:
        return sum(
            self._remaining[number] for number, lot in self._open.items() if lot.available_at > at
        )

    def _check_funds(self, operation: OperationRow, entry: EntryRow, pending: int) -> None:
        """After a payment nothing is spent that was not there (I-18, I-33)."""
        if not self._kind.has_limit or self._unedited_since > operation.recorded_at:
            return
        depth = self._one.account.credit_depth
        floor = self._kind.min_balance if depth == 0 else 0
        figure = entry.balance_after - pending - self._held + depth - floor
        if figure < 0:
            self._found.add(ENTRY, entry.entry_id, "I-33 funds", "0 or more", figure)


def _last_payment(step: Step) -> EntryRow | None:
    found: EntryRow | None = None
    for entry in step.entries:
        if entry.amount < 0 and entry.purpose in DATED:
            found = entry
    return found


def compare(one: Ledgered, kind: AccountType, now: datetime, found: Findings) -> None:
    """The caches of an account, its lots and its holds against what they must be."""
    if one.is_untouched and one.account.is_empty:
        return  # no row that moves it, and nothing in its caches
    figures = recount(one, uses_lots=kind.uses_lots, now=now)
    account, row = one.account, one.account.account_id
    found.check(ACCOUNT, row, "I-3 balance", figures.balance, account.balance)
    found.check(ACCOUNT, row, "I-18 held", figures.held, account.held)
    found.check(ACCOUNT, row, "I-10 uncovered", figures.uncovered, account.uncovered)
    found.check(
        ACCOUNT, row, "1.6 last operation", figures.last_operation_at, account.last_operation_at
    )
    if kind.uses_lots:
        total = sum(lot.remaining for lot in figures.lots.values()) - figures.uncovered
        found.check(ACCOUNT, row, "I-9 lots", total, account.balance)
        _compare_moments(one, figures, now, found)
    for lot in one.lots:
        _compare_lot(lot, figures, found)
    _compare_holds(one, figures, found)


def _compare_moments(
    one: Ledgered, figures: AccountFigures, now: datetime, found: Findings
) -> None:
    """Caches that follow the clock are exact until the next moment that they name."""
    account, row = one.account, one.account.account_id
    event = account.next_lot_event_at
    if event is not None and event <= now:
        return
    found.check(ACCOUNT, row, "1.6 next moment", figures.next_lot_event_at, event)
    found.check(ACCOUNT, row, "I-9 pending", figures.pending, account.pending)
    free = sum(
        figures.lots[lot.lot_id].remaining - figures.lots[lot.lot_id].held
        for lot in one.lots
        if lot.available_at <= now
    )
    if account.uncovered > 0 and free > 0:
        found.add(ACCOUNT, row, "I-11 covered", "no free lot beside a debt", free)


def _compare_lot(lot: LotRow, figures: AccountFigures, found: Findings) -> None:
    right = figures.lots[lot.lot_id]
    if right.remaining != lot.remaining:
        found.add(LOT, lot.lot_id, "I-8 remaining", right.remaining, lot.remaining)
    if right.held != lot.held:
        found.add(LOT, lot.lot_id, "I-20 held", right.held, lot.held)
    if right.expires_at != lot.expires_at:
        found.add(LOT, lot.lot_id, "I-16 end", right.expires_at, lot.expires_at)
    if right.held > right.remaining:
        found.add(LOT, lot.lot_id, "I-20 held", f"at most {right.remaining}", right.held)
    if right.remaining == 0:
        found.check(LOT, lot.lot_id, "2.3 state", right.state, lot.state)
    elif lot.state > LotState.DUE:
        found.add(LOT, lot.lot_id, "2.3 state", right.state, lot.state)


def _compare_holds(one: Ledgered, figures: AccountFigures, found: Findings) -> None:
    for hold in one.holds:
        right = figures.holds[hold.hold_id]
        found.check(HOLD, hold.hold_id, "I-19 captured", right.captured, hold.captured)
        found.check(HOLD, hold.hold_id, "2.5 state", right.state, hold.state)
        if right.captured > hold.amount:
            found.add(HOLD, hold.hold_id, "I-19 captured", f"at most {hold.amount}", right.captured)
    for pin in one.pins:
        state = figures.holds[pin.hold_id].state
        if pin.amount and state not in (HoldState.OPEN, HoldState.PART_CAPTURED):
            found.add("crm_hold_lot", f"{pin.hold_id}/{pin.lot_id}", "I-19 ended", 0, pin.amount)


def _chain_no(step: Step) -> int:
    return step.operation.chain_no
