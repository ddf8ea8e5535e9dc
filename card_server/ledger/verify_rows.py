"""Rows of one account as verify and rebuild see them: what moved it, and its caches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class AccountRow(msgspec.Struct, gc=False):
    """The columns of crm_account that are proven or rebuilt."""

    account_id: int
    account_type_id: int
    credit_depth: int
    balance: int
    pending: int
    held: int
    uncovered: int
    next_lot_event_at: datetime | None
    last_operation_at: datetime | None
    updated_at: datetime

    @property
    def is_empty(self) -> bool:
        """Every cache says that nothing ever moved it."""
        figures = self.balance or self.pending or self.held or self.uncovered
        return not figures and self.next_lot_event_at is None and self.last_operation_at is None


class OperationRow(msgspec.Struct, gc=False):
    """When and as what an operation was posted."""

    operation_id: int
    chain_no: int
    kind: int
    recorded_at: datetime
    classifier_id: int


class EntryRow(msgspec.Struct, gc=False):
    """An entry of the account."""

    entry_id: int
    operation_id: int
    account_id: int
    account_type_id: int
    amount: int
    balance_after: int
    purpose: int
    reverses_entry_id: int | None


class LotRow(msgspec.Struct, gc=False):
    """A lot with its caches."""

    lot_id: int
    account_id: int
    entry_id: int
    operation_id: int
    amount: int
    available_at: datetime
    first_expires_on: Any
    first_expires_at: datetime | None
    expires_on: Any
    expires_at: datetime | None
    remaining: int
    held: int
    state: int


class AllocationRow(msgspec.Struct, gc=False):
    """An allocation out of a lot of the account."""

    allocation_id: int
    lot_id: int
    entry_id: int
    operation_id: int
    amount: int
    restores_id: int | None


class TermRow(msgspec.Struct, gc=False):
    """An extension of a lot of the account."""

    lot_id: int
    operation_id: int
    old_expires_at: datetime | None
    new_expires_at: datetime | None


class HoldRow(msgspec.Struct, gc=False):
    """A hold on the account with its caches."""

    hold_id: int
    account_id: int
    amount: int
    captured: int
    state: int


class PinRow(msgspec.Struct, gc=False):
    """What a hold pins now in a lot."""

    hold_id: int
    lot_id: int
    amount: int


class EventRow(msgspec.Struct, gc=False):
    """A step in a hold's life."""

    hold_id: int
    operation_id: int
    event: int
    amount: int


class Ledgered(msgspec.Struct, kw_only=True):
    """One account with all its rows, each list in the order of its key."""

    account: AccountRow
    entries: list[EntryRow]
    lots: list[LotRow]
    allocations: list[AllocationRow]
    terms: list[TermRow]
    holds: list[HoldRow]
    pins: list[PinRow]
    events: list[EventRow]
    operations: dict[int, OperationRow]
    """Every operation that any of the rows names."""

    @property
    def is_untouched(self) -> bool:
        """No row names the account."""
        return not (self.entries or self.lots or self.holds)

    def chain_no(self, operation_id: int) -> int:
        """Where an operation stands in the order of everything."""
        found = self.operations.get(operation_id)
        return found.chain_no if found is not None else 0
