"""Operations by hand: cash, adjustments, lots, holds, undoing (domain 3.15, 3.18).

Each books once, whatever is repeated: the command's operation id is the ledger's key, and a
refusal of the ledger is kept under it too. A new try needs a new id.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

import msgspec

from shared.wire.base import Command, Record
from shared.wire.holder_accounts import LARGEST_AMOUNT

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Sum = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_AMOUNT)]
SignedSum = Annotated[int, msgspec.Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Several = Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=100)]
Chosen = Annotated[tuple[int, ...], msgspec.Meta(max_length=500)]
Remarks = Annotated[str, msgspec.Meta(max_length=255)]


class BookedEntry(Record, frozen=True, kw_only=True):
    """An entry that the operation made."""

    entry_id: int
    account_id: int
    account_type_id: int
    amount: int
    balance_after: int


class Booked(Record, frozen=True, kw_only=True):
    """The operation that stands; `repeated` if the command had come before.

    A command above the user's limit books nothing yet: `booked_id` is None and `approval_id` names
    the request that another user signs (`shared.wire.approvals`).
    """

    booked_id: int | None
    entries: list[BookedEntry]
    repeated: bool
    approval_id: int | None = None


class ManualCommand(Command[Booked], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every operation by hand may say; dates before today need operation.backdate."""

    reason_id: int | None = None
    remarks: Remarks | None = None
    unit_id: int | None = None
    """Where; without it, the division is the holder's."""
    occurred_at: Moment | None = None
    business_date: date | None = None


class AccountCommand(ManualCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """About an account: by its id, or by holder and type."""

    account_id: int | None = None
    holder_id: int | None = None
    account_type_id: int | None = None


class TopUp(AccountCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money onto a debit account; the account is opened if the holder has none."""

    right: ClassVar[str] = "account.top_up"
    amount: Sum


class Withdraw(AccountCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money back from a debit account, never below its floor."""

    right: ClassVar[str] = "account.top_up"
    amount: Sum


class Adjust(AccountCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A free amount, plus or minus, with a reason; below its floor with account.credit only."""

    right: ClassVar[str] = "account.adjust"
    amount: SignedSum
    allow_negative: bool = False
    available_at: Moment | None = None
    expires_on: date | None = None


class ReinstateLots(AccountCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bring burnt value back; without an amount all of it, which users with a limit may not."""

    right: ClassVar[str] = "account.adjust"
    amount: Sum | None = None
    expires_on: date | None = None
    lot_ids: Chosen = ()


class ExtendLots(AccountCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let lots burn later; without `lot_ids` all that end before that day."""

    right: ClassVar[str] = "account.adjust"
    expires_on: date
    lot_ids: Chosen = ()


class RollBack(ManualCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Undo a sale, refund or direct operation as if it had not been."""

    right: ClassVar[str] = "operation.correct"
    target_id: int
    """The operation that is undone."""


class Correct(ManualCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The opposite of chosen entries of an operation, or of all of them, with a reason."""

    right: ClassVar[str] = "operation.correct"
    target_id: int
    entry_ids: Chosen = ()


class VoidHold(ManualCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give reserves free."""

    right: ClassVar[str] = "hold.manage"
    hold_ids: Several


class ExtendHold(ManualCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let reserves end later."""

    right: ClassVar[str] = "hold.manage"
    hold_ids: Several
    expires_at: Moment
