"""Laws that need the past: the lots of every account, walked through in the order of posting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.helpers.raw_ledger import RawLedger, Row

SALE, REFUND, EXPIRE, OPEN, CAPTURE = 1, 2, 18, 30, 31
PAY, WITHDRAW, DIRECT = 1, 6, 7
EXPIRE_PURPOSE = 11
MOVED = (9, 17)
"""Transfers take pending lots too, an accrual settles a debt out of its own lot (3.10, 3.13)."""
LIMITED_CLASSES = (1, 3, 81)


def replay_laws(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-13, I-14, I-15, and I-33 as far as funds go, at the moment of every operation."""
    yield from _Replay(raw).run()


class _Replay:
    """Remaining, ends and pins of lots as they were when each operation was posted."""

    def __init__(self, raw: RawLedger) -> None:
        self.raw = raw
        self.remaining: dict[int, int] = {}
        self.ends: dict[int, datetime | None] = {}
        self.pinned: dict[int, int] = defaultdict(int)
        self.held: dict[int, int] = defaultdict(int)
        self.lots_of: dict[int, list[int]] = defaultdict(list)
        self.lots = raw.by("lot", "operation_id")
        self.terms = raw.by("term", "operation_id")
        self.allocations = raw.by("allocation", "operation_id")
        self.entries = raw.by("entry", "operation_id")
        self.events = raw.by("hold_event", "operation_id")
        self.hold = {row["hold_id"]: row for row in raw.rows["hold"]}
        self.has_holds = bool(self.hold)

    def run(self) -> Iterator[str]:
        for operation in self.raw.operations:
            number = operation["operation_id"]
            for lot in self.lots.get(number, ()):
                self.remaining[lot["lot_id"]] = lot["amount"]
                self.ends[lot["lot_id"]] = lot["first_expires_at"]
                self.lots_of[lot["account_id"]].append(lot["lot_id"])
            yield from self._allocate(operation)
            for term in self.terms.get(number, ()):
                self.ends[term["lot_id"]] = term["new_expires_at"]
            for event in self.events.get(number, ()):
                hold = self.hold[event["hold_id"]]
                sign = {1: 1, 2: -1, 3: -1, 4: -1, 5: 0}[event["event"]]
                self.held[hold["account_id"]] += sign * event["amount"]
            yield from self._funds(operation)

    def _allocate(self, operation: Row) -> Iterator[str]:
        at = operation["recorded_at"]
        for row in self.allocations.get(operation["operation_id"], ()):
            lot_id, entry = row["lot_id"], self.raw.entry[row["entry_id"]]
            yield from self._check(operation, row, entry, at)
            self.remaining[lot_id] -= row["amount"]
            if self.remaining[lot_id] < 0:
                yield f"I-8 lot {lot_id} was overdrawn by operation {operation['operation_id']}"

    def _check(self, operation: Row, row: Row, entry: Row, at: datetime) -> Iterator[str]:
        lot = self.raw.lot[row["lot_id"]]
        ends = self.ends[row["lot_id"]]
        name = f"allocation {row['allocation_id']}"
        if row["amount"] < 0 or operation["kind"] == CAPTURE:
            return
        if entry["purpose"] == EXPIRE_PURPOSE:
            if operation["kind"] == EXPIRE and (ends is None or ends > at):
                yield f"I-14 {name} burns a lot before its end"
            return
        if self._is_own(lot, entry) or entry["purpose"] in MOVED:
            return
        if self._captures(operation):
            return
        if lot["available_at"] > at or (ends is not None and ends <= at):
            yield f"I-13 {name} takes from a lot outside its dates"
        if not self.has_holds:
            yield from self._order(row, lot, at)

    def _captures(self, operation: Row) -> bool:
        """A sale may capture the hold of its order, and then takes pinned lots."""
        return bool(self.events.get(operation["operation_id"]))

    def _is_own(self, lot: Row, entry: Row) -> bool:
        """A take-back, or its later covering, takes what the entry it reverses had made."""
        target = entry["reverses_entry_id"]
        while target is not None:
            if lot["entry_id"] == target:
                return True
            if self._filled(lot["lot_id"], target):
                return True
            target = self.raw.entry[target]["reverses_entry_id"]
        return False

    def _filled(self, lot_id: int, entry_id: int) -> bool:
        operation_id = self.raw.entry[entry_id]["operation_id"]
        return any(
            row["lot_id"] == lot_id and row["amount"] < 0
            for row in self.allocations.get(operation_id, ())
        )

    def _order(self, row: Row, lot: Row, at: datetime) -> Iterator[str]:
        """I-15: nothing that burns earlier keeps value."""
        mine = self._burn_key(lot["lot_id"])
        for other in self.lots_of[lot["account_id"]]:
            ends = self.ends[other]
            usable = self.raw.lot[other]["available_at"] <= at and (ends is None or ends > at)
            if self.raw.lot[other]["operation_id"] == row["operation_id"]:
                continue  # a sale pays before it earns
            if usable and self.remaining[other] > 0 and self._burn_key(other) < mine:
                yield f"I-15 allocation {row['allocation_id']}: lot {other} burns earlier"

    def _burn_key(self, lot_id: int) -> tuple[Any, ...]:
        ends = self.ends[lot_id]
        lot = self.raw.lot[lot_id]
        return (ends is None, ends or lot["available_at"], lot["available_at"], lot_id)

    def _funds(self, operation: Row) -> Iterator[str]:
        """I-18, I-33: after a payment nothing is spent that is not there."""
        at = operation["recorded_at"]
        last: dict[int, Row] = {}
        for entry in self.entries.get(operation["operation_id"], ()):
            if entry["amount"] < 0 and entry["purpose"] in (PAY, WITHDRAW, DIRECT):
                last[entry["account_id"]] = entry
        ends_at = {e["account_id"]: e for e in self.entries.get(operation["operation_id"], ())}
        for account_id in last:
            kind = self.raw.type[self.raw.account[account_id]["account_type_id"]]
            if kind["class"] not in LIMITED_CLASSES:
                continue
            pending = sum(
                self.remaining[lot_id]
                for lot_id in self.lots_of[account_id]
                if self.raw.lot[lot_id]["available_at"] > at
            )
            depth = self.raw.account[account_id]["credit_depth"]
            floor = kind["min_balance"] if depth == 0 else 0
            figure = ends_at[account_id]["balance_after"] - pending - self.held[account_id]
            if figure + depth - floor < 0:
                yield f"I-33 operation {operation['operation_id']} overdraws account {account_id}"
