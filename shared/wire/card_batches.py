"""Many cards at once: issued from a range as a job, tried out, undone by batch (domain 1.4)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec

from shared.wire.base import Command, Notice, Query, Record
from shared.wire.jobs import Ordered


class CardBatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cards are to be made, and with what; what is not said is as the range says."""

    range_id: int
    count: int
    """Numbers in a row, from `first_code` on; those that are taken are left out and told."""
    first_code: int | None = None
    """The number after the last one that was issued, if not given."""
    kind: int = 1
    """1 plastic, 2 virtual, 3 temporary, 4 staff."""
    with_holders: bool | None = None
    """Each card gets an anonymous holder with accounts."""
    active: bool | None = None
    """Works at once; if not given, cards with holders do and others lie ready."""
    card_group_id: int | None = None
    holder_group_id: int | None = None
    valid_to: date | None = None
    """The last day; if not given, so many months from today as the range says."""
    with_bonus: bool = True
    """The start bonus of the range is booked for each holder."""
    bonus_type_id: int | None = None
    """The account type of the start bonus; may be left out where only one fits."""


class BatchPlan(Record, frozen=True, kw_only=True):
    """What an issue would make; nothing was changed."""

    first_code: int
    last_code: int
    cards: int
    """How many would be made."""
    taken: int
    """How many numbers are taken and would be left out."""
    taken_codes: list[int]
    """The first of them."""
    division_id: int
    state: int
    with_holders: bool
    account_types: list[int]
    """What each holder gets opened."""
    limited_to: list[int]
    """Account types the cards are limited to; none is no limit."""
    card_group_id: int | None
    holder_group_id: int | None
    valid_to: date | None
    start_bonus: int
    """Of each holder, in minor units."""
    bonus_type_id: int | None
    bonus_total: int
    licence_quantity: int | None
    """Cards the licences allow; None where none of them counts cards."""
    licence_used: int
    problems: list[Notice]
    """Why `IssueRange` would be refused; empty when it can be ordered."""


class CheckIssue(Query[BatchPlan], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Try an issue out: what would be made, which numbers are taken, what stands in the way."""

    right: ClassVar[str] = "card.issue"
    batch: CardBatch


class IssueRange(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Issue cards from a range as a job; its run is the batch that `UndoIssue` names."""

    right: ClassVar[str] = "card.issue"
    batch: CardBatch


class UndoIssue(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back the cards of an issue that nobody has used; the others are listed by the run.

    Start bonuses are rolled back, anonymous holders deleted; the numbers may be issued again.
    """

    right: ClassVar[str] = "card.void"
    run_id: int
    """The run of `IssueRange`."""
    reason: str


class CardIssued(Record, frozen=True, kw_only=True):
    """A card that a holder got."""

    card_code: int
    start_bonus: int
    """What was booked for it, in minor units; 0 for nothing."""
    booked_id: int | None
    """The operation of the start bonus."""
    notices: list[Notice] = msgspec.field(default_factory=list)
    """Why the bonus was not booked, though the card stands."""


class IssueCard(Command[CardIssued], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new card for a holder: a number that was never issued, or the next one of a range.

    A number outside every range needs the right `card.issue_any`.
    """

    right: ClassVar[str] = "card.issue"
    holder_id: int
    card_code: int | None = None
    range_id: int | None = None
    """Where the next number is taken from, if none is given."""
    kind: int = 1
    card_group_id: int | None = None
    valid_to: date | None = None
    with_bonus: bool = True
    bonus_type_id: int | None = None
