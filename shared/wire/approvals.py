"""Second signatures: what a user may not do alone waits for another one (domain 3.15, 5).

A command above the user's limit is not refused: it becomes a request that another user with
`operation.approve` signs or refuses. Signed, it runs once, under its own operation id and in the
name of who asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Query, Record
from shared.wire.manual_operations import Booked

OPEN: Final = 1
SIGNED: Final = 2
BOOKED: Final = 3
REFUSED: Final = 4
EXPIRED: Final = 5
FAILED: Final = 6
WITHDRAWN: Final = 7

Reason = Annotated[str, msgspec.Meta(max_length=255)]


class ApprovalRow(Record, frozen=True, kw_only=True):
    """A request for a second signature.

    `state`: 1 open, 2 signed and about to run, 3 booked, 4 refused by the other user, 5 expired,
    6 signed and refused by the ledger (`refusal_code`), 7 withdrawn by who asked.
    """

    approval_id: int
    operation_id: str
    request: str
    """The class of the command that waits."""
    amount: int
    """What it moves, in minor units."""
    division_id: int
    holder_id: int | None
    state: int
    asked_by: int
    asked_at: datetime
    expires_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    decision_reason: str | None
    refusal_code: str | None
    booked_id: int | None
    """The operation that it became."""
    version: int


class Approval(Record, frozen=True, kw_only=True):
    """A request whole: the command as it was given, as JSON."""

    row: ApprovalRow
    command: str


class ApprovalList(Record, frozen=True, kw_only=True):
    """A few requests, newest first."""

    approvals: list[ApprovalRow]


class ListApprovals(ListQuery[ApprovalRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requests of the user's divisions; `only_open` leaves those that can still be signed."""

    right: ClassVar[str] = "operation.approve"
    only_open: bool = False


class MyApprovals(Query[ApprovalList], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user himself asked for, the newest hundred."""

    right: ClassVar[str] = SIGNED_IN


class GetApproval(Query[Approval], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request: one's own, or any of the user's divisions with operation.approve."""

    right: ClassVar[str] = SIGNED_IN
    approval_id: int


class SignApproval(Command[Booked], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign another user's request; it runs at once. The sum must be within one's own limit."""

    right: ClassVar[str] = "operation.approve"
    approval_id: int
    version: int


class RefuseApproval(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refuse another user's request, with a reason that he will read."""

    right: ClassVar[str] = "operation.approve"
    approval_id: int
    version: int
    reason: Reason


class WithdrawApproval(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take one's own request back."""

    right: ClassVar[str] = SIGNED_IN
    approval_id: int
    version: int
