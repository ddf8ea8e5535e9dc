"""Operations of the ledger: the list, one with all it wrote, its explanation (domain 1.7, 3.15)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from shared.wire.base import ListQuery, Query, Record

NOT_REVERSED, PARTLY_REVERSED, FULLY_REVERSED = 0, 1, 2


class OperationRow(Record, frozen=True, kw_only=True):
    """An operation; `kind` and `status` are the numbers of domain 1.7 (1 accepted, 2 refused)."""

    operation_id: int
    kind: int
    status: int
    refusal_code: str | None
    classifier_id: int
    division_id: int
    unit_id: int | None
    station_no: int | None
    user_id: int | None
    pos_user: str | None
    reason_id: int | None
    remarks: str | None
    holder_id: int | None
    card_code: int | None
    occurred_at: datetime
    occurred_off: int
    recorded_at: datetime
    business_date: date
    shift_date: date | None
    shift_no: int | None
    ext_id: str | None
    ext_index: int | None
    ext_date: date | None
    order_guid: str | None
    check_no: int | None
    chmode: int | None
    check_total: int
    check_discount: int
    paid_accounts: int
    earn_base_sum: int
    reverses_id: int | None
    batch_id: int | None
    rule_version: int


class ListOperations(
    ListQuery[OperationRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Operations of the user's divisions, newest first; with a condition on days, by day.

    Sorted by `operation_id` (the order of booking) or `business_date`; by `occurred_at` only for
    one holder or one card.
    """

    right: ClassVar[str] = "operation.view"
    account_id: int | None = None
    """Only operations with an entry on this account."""


class EntryRow(Record, frozen=True, kw_only=True):
    """One balanced pair: the account by `amount`, the house by its opposite."""

    entry_id: int
    line_no: int
    account_id: int
    account_type_id: int
    amount: int
    balance_after: int
    purpose: int
    reverses_entry_id: int | None
    pos_amount: int | None
    k_bp: int | None
    scheme_id: int | None
    level_id: int | None
    campaign_version_id: int | None
    rate_bp: int | None
    house_account_id: int
    house_amount: int
    left: int
    """What still stands of `amount` after everything that reversed it."""


class LotRow(Record, frozen=True, kw_only=True):
    """Value with one term.

    `state`: 1 pending, 2 available, 3 due, 4 spent, 5 burnt, 6 cancelled.
    """

    lot_id: int
    account_id: int
    entry_id: int
    operation_id: int
    amount: int
    origin: int
    parent_lot_id: int | None
    issued_unit_id: int | None
    available_at: datetime
    first_expires_on: date | None
    expires_on: date | None
    expires_at: datetime | None
    remaining: int
    held: int
    state: int


class AllocationRow(Record, frozen=True, kw_only=True):
    """What an entry took from a lot (plus) or gave back to it (minus)."""

    allocation_id: int
    lot_id: int
    entry_id: int
    amount: int
    restores_id: int | None


class TermRow(Record, frozen=True, kw_only=True):
    """A lot that was given a later end."""

    lot_id: int
    old_expires_at: datetime | None
    new_expires_at: datetime | None


class HoldEventRow(Record, frozen=True, kw_only=True):
    """What was done to a hold: 1 open, 2 capture, 3 void, 4 expire, 5 extend."""

    hold_id: int
    event: int
    amount: int


class LevelRow(Record, frozen=True, kw_only=True):
    """A change of an account's level.

    `cause`: 1 threshold, 2 by hand, 3 default of the group, 4 down, 5 refund, 6 migration.
    """

    account_id: int
    old_level_id: int | None
    new_level_id: int
    cause: int
    measure: int | None
    effective_at: datetime


class CouponUseRow(Record, frozen=True, kw_only=True):
    """A coupon that was used, or given back (`undoes_use_id`)."""

    coupon_use_id: int
    coupon_id: int
    check_total: int | None
    undoes_use_id: int | None


class Reversal(Record, frozen=True, kw_only=True):
    """A later operation that reversed this one; `stands` is false once it was undone itself."""

    operation_id: int
    kind: int
    occurred_at: datetime
    check_total: int
    stands: bool


class OperationDetail(Record, frozen=True, kw_only=True):
    """An operation with everything it wrote, and what became of it."""

    operation: OperationRow
    refusal_facts: dict[str, Any]
    entries: list[EntryRow]
    lots: list[LotRow]
    allocations: list[AllocationRow]
    terms: list[TermRow]
    hold_events: list[HoldEventRow]
    levels: list[LevelRow]
    coupon_uses: list[CouponUseRow]
    reversed_by: list[Reversal]
    reversal: int
    """0 not reversed, 1 in part, 2 in full."""
    has_trace: bool


class GetOperation(Query[OperationDetail], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation."""

    right: ClassVar[str] = "operation.view"
    operation_id: int


class Explanation(Record, frozen=True, kw_only=True):
    """The rule trace; None where the operation has none, or it was removed after its time."""

    operation_id: int
    rule_version: int
    trace: dict[str, Any] | None
    was_traced: bool
    """A trace was sealed with the operation."""


class ExplainOperation(Query[Explanation], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the numbers of an operation are what they are."""

    right: ClassVar[str] = "trace.view"
    operation_id: int
