"""Accounts of a holder with their figures of this moment, and their states (domain 1.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

import msgspec

from shared.wire.base import Command, Done, Query, Record
from shared.wire.operations import LotRow

LARGEST_AMOUNT = 10**15


class BurningValue(Record, frozen=True, kw_only=True):
    """What of an account burns after one day."""

    day: date
    amount: int


class AccountRow(Record, frozen=True, kw_only=True):
    """An account; `state`: 1 active, 2 blocked, 3 closed. No figure waits for a job.

    `balance` is the sum of entries; of it `pending` is not available yet, `burnt` is past its date
    and not booked as burnt, `held` is kept by reserves. `spendable` is what a payment may take.
    """

    account_id: int
    number: str
    account_type_id: int
    state: int
    block_reason: str | None
    level_id: int | None
    level_since: date | None
    level_keep_until: date | None
    auto_change_levels: bool
    credit_depth: int
    scheme_id: int | None
    opened_at: datetime
    valid_to: date | None
    merged_into: int | None
    balance: int
    pending: int
    burnt: int
    held: int
    spendable: int
    uncovered: int
    last_operation_at: datetime | None
    burning: list[BurningValue]
    """Days of the next thirty on which value burns."""
    version: int


class HolderAccounts(Record, frozen=True, kw_only=True):
    """Accounts by their type."""

    holder_id: int
    accounts: list[AccountRow]


class ListAccounts(Query[HolderAccounts], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accounts of one holder; closed ones are asked for by their ids."""

    right: ClassVar[str] = "holder.view"
    holder_id: int


class HoldRow(Record, frozen=True, kw_only=True):
    """A reserve that still keeps value; `purpose`: 1 payment, 2 quota of a terminal."""

    hold_id: int
    classifier_id: int
    unit_id: int | None
    card_code: int | None
    open_operation_id: int
    amount: int
    captured: int
    state: int
    expires_at: datetime
    purpose: int
    order_guid: str | None


class AccountDetail(Record, frozen=True, kw_only=True):
    """An account with its lots that have a rest and its open holds."""

    holder_id: int
    account: AccountRow
    lots: list[LotRow]
    holds: list[HoldRow]


class GetAccount(Query[AccountDetail], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account."""

    right: ClassVar[str] = "holder.view"
    account_id: int


class BlockAccount(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No debit and no credit but corrections; the reason is shown where it is refused."""

    right: ClassVar[str] = "account.credit"
    account_id: int
    version: int
    reason: str


class UnblockAccount(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a blocked account work again."""

    right: ClassVar[str] = "account.credit"
    account_id: int
    version: int
    reason: str


class SetCreditDepth(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far below zero payments may take the account."""

    right: ClassVar[str] = "account.credit"
    account_id: int
    version: int
    credit_depth: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)]
    reason: str
