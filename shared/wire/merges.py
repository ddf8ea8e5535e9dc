"""Duplicates: found, merged into one guest, and the way back (domain 3.13)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Final

import msgspec

from shared.wire.base import Command, Done, ListQuery, Query, Record
from shared.wire.holders import HolderRow

MOVING: Final = 1
MERGED: Final = 2
UNDOING: Final = 3
UNDONE: Final = 4

SURVIVOR: Final = 1
DUPLICATE: Final = 2
CHOICES: Final = (
    "name",
    "birth_date",
    "gender",
    "marital",
    "smokes",
    "language",
    "source",
    "remarks",
    "inn",
)
"""What of the two questionnaires can be chosen; `name` is all parts of the name at once."""

Reason = Annotated[str, msgspec.Meta(max_length=255)]
Choice = Annotated[int, msgspec.Meta(ge=SURVIVOR, le=DUPLICATE)]


class DuplicateRow(Record, frozen=True, kw_only=True):
    """Two guests who may be one. `state`: 1 new, 2 not a duplicate, 3 merged."""

    holder_a: int
    holder_b: int
    score: int
    """0..100."""
    reasons: list[str]
    """Of `phone`, `email`, `name_birth`."""
    state: int
    name_a: str | None
    name_b: str | None


class ListDuplicates(
    ListQuery[DuplicateRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Pairs that the search for duplicates found, both in the user's divisions."""

    right: ClassVar[str] = "holder.merge"


class FoundDuplicate(Record, frozen=True, kw_only=True):
    """A guest who may be the one asked about; contacts are masked as in every list."""

    row: HolderRow
    contacts: list[str]
    score: int
    reasons: list[str]


class Duplicates(Record, frozen=True, kw_only=True):
    """Likeliest first."""

    found: list[FoundDuplicate]


class FindDuplicates(Query[Duplicates], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be the same person as one guest: the same phone, e-mail, or name and birthday."""

    right: ClassVar[str] = "holder.view"
    holder_id: int


class DismissDuplicate(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """These two are two people; the search does not name them again."""

    right: ClassVar[str] = "holder.merge"
    holder_a: int
    holder_b: int


class MergedAccount(Record, frozen=True, kw_only=True):
    """What a merge does to the accounts of one type; sums are those of this moment."""

    account_type_id: int
    survivor: int | None
    """None: the survivor has no such account, one is opened if there is something to move."""
    duplicate: int
    pending: int
    uncovered: int
    credit_depth: int
    level_id: int | None


class MergePreview(Record, frozen=True, kw_only=True):
    """What a merge would do. `obstacles` are the codes it would be refused with."""

    survivor: HolderRow
    duplicate: HolderRow
    accounts: list[MergedAccount]
    choices: dict[str, int]
    """Field of the questionnaire -> 1 the survivor's value is kept, 2 the duplicate's taken."""
    cards: int
    coupons: int
    contacts: int
    addresses: int
    obstacles: list[str]


class PreviewMerge(Query[MergePreview], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Look before merging."""

    right: ClassVar[str] = "holder.merge"
    survivor_id: int
    duplicate_id: int


class Merged(Record, frozen=True, kw_only=True):
    """A merge, or its undoing, that is done."""

    merge_id: int
    booked_id: int | None
    """The operation that moved the balances."""
    survivor_version: int
    duplicate_version: int


class MergeHolders(Command[Merged], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make one guest of two: everything of the duplicate goes to the survivor.

    `choices` says of which guest a field of the questionnaire is; without it, the value that is
    there, and of two the newer.
    """

    right: ClassVar[str] = "holder.merge"
    survivor_id: int
    survivor_version: int
    duplicate_id: int
    duplicate_version: int
    reason_id: int
    reason: Reason
    choices: dict[str, Choice] = msgspec.field(default_factory=dict)


class UndoMerge(Command[Merged], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two guests again, within `merge.undo_days` and while nothing of the balances is spent."""

    right: ClassVar[str] = "holder.merge"
    merge_id: int
    reason_id: int
    reason: Reason


class MergeRow(Record, frozen=True, kw_only=True):
    """A merge. `state`: 1 balances are being moved, 2 done, 3 being undone, 4 undone."""

    merge_id: int
    survivor_id: int
    duplicate_id: int
    at: datetime
    user_id: int
    operation_id: int | None
    state: int
    reason: str | None
    undone_at: datetime | None
    undone_by: int | None
    undone_operation_id: int | None


class ListMerges(ListQuery[MergeRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Merges of the user's divisions."""

    right: ClassVar[str] = "holder.merge"
