"""Rows of the ledger as the rules see them: one record a table, attributes named as its columns.

Immutable tables give records that are only made, never changed; the attributes marked (cache) are
the exception (domain 1.7). Moments are aware UTC datetimes, amounts integers of minor units.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum

import msgspec


class OperationKind(IntEnum):
    """What happened (domain 1.7); the numbers are stored."""

    SALE = 1
    REFUND = 2
    SALE_ROLLBACK = 3
    REFUND_ROLLBACK = 4
    TOP_UP = 10
    WITHDRAW = 11
    DIRECT_CREDIT = 12
    DIRECT_DEBIT = 13
    ADJUST = 14
    TRANSFER = 15
    OPENING = 16
    EXPIRE = 18
    EXTEND = 19
    REINSTATE = 20
    LEVEL_CHANGE = 21
    REFILL = 22
    CAMPAIGN_CREDIT = 23
    COUPON_ISSUE = 24
    COUPON_USE = 25
    COUPON_RETURN = 26
    COUPON_VOID = 27
    HOLD_OPEN = 30
    HOLD_CAPTURE = 31
    HOLD_VOID = 32
    HOLD_EXPIRE = 33
    CERTIFICATE_ACTIVATE = 40
    CERTIFICATE_PAY = 41
    CERTIFICATE_VOID = 42
    SETTLE_RECEIVABLE = 50
    CORRECTION = 60


class Purpose(IntEnum):
    """Why an entry exists; a reversal is the purpose plus `REVERSAL`."""

    PAY = 1
    EARN = 2
    SPENT = 3
    DISCOUNT = 4
    TOP_UP = 5
    WITHDRAW = 6
    DIRECT = 7
    ADJUST = 8
    TRANSFER = 9
    OPENING = 10
    EXPIRE = 11
    REINSTATE = 12
    REFILL = 13
    CAMPAIGN = 14
    LEVEL_REWARD = 15
    RECEIVABLE = 16
    SETTLE = 17
    CERTIFICATE = 18


REVERSAL = 100
ACCEPTED = 1
REFUSED = 2


class LotState(IntEnum):
    """Cache of what dates and allocations say (domain 2.3)."""

    PENDING = 1
    AVAILABLE = 2
    DUE = 3
    SPENT = 4
    BURNT = 5
    CANCELLED = 6


def emptied_state(purpose: int) -> LotState:
    """What an empty lot is called, by the entry that took its last value (domain 2.3)."""
    if purpose == Purpose.EXPIRE:
        return LotState.BURNT
    taken_back = purpose >= REVERSAL or purpose == Purpose.TRANSFER
    return LotState.CANCELLED if taken_back else LotState.SPENT


class HoldState(IntEnum):
    """Cache of what the hold's events say (domain 2.5)."""

    OPEN = 1
    PART_CAPTURED = 2
    CAPTURED = 3
    RELEASED = 4
    VOIDED = 5
    EXPIRED = 6


class HoldEventKind(IntEnum):
    """Events of a hold."""

    OPEN = 1
    CAPTURE = 2
    VOID = 3
    EXPIRE = 4
    EXTEND = 5


class Operation(msgspec.Struct, kw_only=True, gc=False):
    """One business event under the caller's key; a refused one has no entries."""

    operation_id: int
    writer_id: int = 1
    chain_no: int = 0
    kind: int
    status: int = ACCEPTED
    refusal_code: str | None = None
    refusal_args: str | None = None
    classifier_id: int
    division_id: int = 1
    unit_id: int | None = None
    station_no: int | None = None
    user_id: int | None = None
    pos_user: str | None = None
    reason_id: int | None = None
    remarks: str | None = None
    holder_id: int | None = None
    card_code: int | None = None
    idem_key: str
    attempt_no: int = 1
    fingerprint: bytes
    attempt_stamp: str | None = None
    occurred_at: datetime
    occurred_off: int = 0
    recorded_at: datetime
    business_date: date
    shift_date: date | None = None
    shift_no: int | None = None
    ext_id: str | None = None
    ext_index: int | None = None
    ext_date: date | None = None
    order_guid: str | None = None
    check_no: int | None = None
    chmode: int | None = None
    check_total: int = 0
    check_discount: int = 0
    paid_accounts: int = 0
    earn_base_sum: int = 0
    reverses_id: int | None = None
    batch_id: int | None = None
    rule_version: int = 1
    trace_hash: bytes | None = None
    doc_hash: bytes | None = None
    prev_hash: bytes = b""
    hash: bytes = b""


class Entry(msgspec.Struct, kw_only=True, gc=False):
    """One balanced pair: this account against the house account of the same type."""

    entry_id: int
    operation_id: int
    line_no: int
    account_id: int
    account_type_id: int
    amount: int
    balance_after: int
    purpose: int
    reverses_entry_id: int | None = None
    pos_amount: int | None = None
    k_bp: int | None = None
    scheme_id: int | None = None
    level_id: int | None = None
    campaign_version_id: int | None = None
    rate_bp: int | None = None
    business_date: date


class Lot(msgspec.Struct, kw_only=True, gc=False):
    """Value with one origin and one term; `expires_*`, `remaining`, `held`, `state` are caches."""

    lot_id: int
    account_id: int
    entry_id: int
    line: int = 1
    operation_id: int
    amount: int
    origin: int
    parent_lot_id: int | None = None
    issued_unit_id: int | None = None
    available_at: datetime
    first_expires_on: date | None = None
    first_expires_at: datetime | None = None
    expires_on: date | None = None
    expires_at: datetime | None = None
    remaining: int
    held: int = 0
    state: int


class Allocation(msgspec.Struct, kw_only=True, gc=False):
    """Which debit took how much from which lot (plus), or gave back (minus)."""

    allocation_id: int
    lot_id: int
    entry_id: int
    operation_id: int
    amount: int
    restores_id: int | None = None


class LotTerm(msgspec.Struct, kw_only=True, gc=False):
    """An extension of a lot's life."""

    lot_id: int
    operation_id: int
    old_expires_at: datetime | None
    new_expires_at: datetime | None


class Hold(msgspec.Struct, kw_only=True, gc=False):
    """A reserve on one account; `captured` and `state` are caches of its events."""

    hold_id: int
    account_id: int
    holder_id: int | None = None
    card_code: int | None = None
    classifier_id: int
    unit_id: int | None = None
    open_operation_id: int
    amount: int
    captured: int = 0
    state: int = HoldState.OPEN
    expires_at: datetime
    purpose: int = 1
    order_guid: str | None = None


class HoldLot(msgspec.Struct, kw_only=True, gc=False):
    """What an open hold pins in a lot."""

    hold_id: int
    lot_id: int
    amount: int


class HoldEvent(msgspec.Struct, kw_only=True, gc=False):
    """One step in a hold's life."""

    hold_id: int
    operation_id: int
    event: int
    amount: int


class OperationItem(msgspec.Struct, kw_only=True, gc=False):
    """One item of an XML Transaction message: its key and the number it was answered with."""

    operation_id: int
    item_no: int
    classifier_id: int
    item_key: str
    attempt_no: int = 1
    fingerprint: bytes
    ext_index: int
    operation_type: int | None
    transaction_id: int


class OperationTrace(msgspec.Struct, kw_only=True, gc=False):
    """The rule trace of an operation, as JSON text."""

    operation_id: int
    trace: str


class LevelHistory(msgspec.Struct, kw_only=True, gc=False):
    """A change of an account's level."""

    account_id: int
    operation_id: int
    old_level_id: int | None
    new_level_id: int
    cause: int
    measure: int | None
    effective_at: datetime


class OperationDocument(msgspec.Struct, kw_only=True, gc=False):
    """The detachable document of an operation (cheque, free text); `body` is compressed."""

    operation_id: int
    doc_kind: int
    body: bytes | None
    salt: bytes | None
    erased_at: datetime | None = None


class CouponUse(msgspec.Struct, kw_only=True, gc=False):
    """A use of a coupon, or the return that points back at it."""

    coupon_use_id: int
    coupon_id: int
    operation_id: int
    check_total: int | None = None
    value: int | None = None
    undoes_use_id: int | None = None


class Reason(msgspec.Struct, kw_only=True, frozen=True):
    """Why a person posts by hand; `applies_to` is a mask of kinds, 0 = any."""

    reason_id: int
    name: str
    applies_to: int = 0
    needs_text: bool = False
    is_active: bool = True
