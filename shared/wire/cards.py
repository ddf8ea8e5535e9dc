"""Cards, their states, limits and ranges (domain 1.4, 2.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import msgspec

from shared.wire.base import Command, Done, ListQuery, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow
from shared.wire.holders import PropertyValue

UNSET = msgspec.UNSET


class CardRow(Record, frozen=True, kw_only=True):
    """A card in a list. `state`: 1 active, 2 inactive, 3 voided, 4 blocked.

    `kind`: 1 plastic, 2 virtual, 3 temporary, 4 staff.
    """

    card_code: int
    holder_id: int | None
    holder_name: str | None
    owner_holder_id: int | None
    state: int
    block_reason: str | None
    seize: bool
    confirm_manager: bool
    group_id: int | None
    range_id: int | None
    kind: int
    valid_from: date | None
    valid_to: date | None
    limited_accounts: bool
    replaced_by: int | None
    issued_at: datetime | None
    version: int


class CardEvent(Record, frozen=True, kw_only=True):
    """What happened to a card.

    `event`: 1 issued, 2 bound, 3 unbound, 4 activated, 5 deactivated, 6 blocked, 7 unblocked,
    8 voided, 9 replaced, 10 seized, 11 PIN set, 12 issue undone.
    """

    at: datetime
    event: int
    user_id: int | None
    classifier_id: int | None
    unit_id: int | None
    reason: str | None
    old_holder_id: int | None
    new_holder_id: int | None


class CardLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account that a limited card may use; the sums narrow the account's own."""

    account_id: int
    credit_depth: int | None = None
    credit_limit: int | None = None


class Card(Record, frozen=True, kw_only=True):
    """One card whole: row, limits, properties, and its latest events, newest first."""

    row: CardRow
    carrier_data: str | None
    has_pin: bool
    issued_unit_id: int | None
    issued_by: int | None
    accounts: list[CardLimit]
    classifiers: list[int]
    properties: list[PropertyValue]
    events: list[CardEvent]


class ListCards(ListQuery[CardRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cards of the user's divisions, by number; the number is the only order there is."""

    right: ClassVar[str] = "holder.view"


class GetCard(Query[Card], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One card."""

    right: ClassVar[str] = "holder.view"
    card_code: int


class CardCommand(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all changes of one card say; `version` is the one that was seen."""

    card_code: int
    version: int


class ActivateCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Inactive -> active; `valid_to` gives the card a new last day."""

    right: ClassVar[str] = "card.state"
    valid_to: date | None = None


class DeactivateCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Active -> inactive; refused while a hold of the card is open."""

    right: ClassVar[str] = "card.state"


class BlockCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Active or inactive -> blocked; the reason is shown at the till."""

    right: ClassVar[str] = "card.state"
    reason: str
    seize: bool = False
    """The till is told to take the card away."""


class UnblockCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Blocked -> active."""

    right: ClassVar[str] = "card.state"


class VoidCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any state -> voided, for good; the number is never issued again."""

    right: ClassVar[str] = "card.void"
    reason: str


class ReplaceCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new card in place of an active or blocked one, which is voided.

    `new_code` is a card that nobody has, or a number that may be issued.
    """

    right: ClassVar[str] = "card.state"
    new_code: int
    reason: str


class BindCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a card that nobody has to a holder."""

    right: ClassVar[str] = "card.issue"
    holder_id: int


class UnbindCard(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a card from its holder; refused while a hold of the card is open."""

    right: ClassVar[str] = "card.state"
    reason: str


class SetCardLimits(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts the card may use, and where; the lists replace the old ones."""

    right: ClassVar[str] = "card.limits"
    limited: bool
    """False: all accounts of the holder."""
    accounts: list[CardLimit] = msgspec.field(default_factory=list)
    classifiers: list[int] = msgspec.field(default_factory=list)
    """The programs where the card works; none is all of them."""


# ---------------------------------------------------------------------- ranges


class CardRange(Record, frozen=True, kw_only=True):
    """A span of numbers that may be issued."""

    range_id: int
    name: str
    start_code: int
    end_code: int
    current_code: int
    division_id: int
    card_group_id: int | None
    holder_group_id: int | None
    account_types: list[int]
    """What cards of the range are limited to; none is no limit."""
    start_bonus: int
    valid_months: int | None
    digits: int | None
    make_anonymous: bool
    sort_no: int
    is_active: bool
    version: int


class ListCardRanges(ListQuery[CardRange], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ranges of the user's divisions."""

    right: ClassVar[str] = "holder.view"


class CardRangeFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a range can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    start_code: int | msgspec.UnsetType = UNSET
    end_code: int | msgspec.UnsetType = UNSET
    division_id: int | msgspec.UnsetType = UNSET
    card_group_id: int | msgspec.UnsetType | None = UNSET
    holder_group_id: int | msgspec.UnsetType | None = UNSET
    account_types: list[int] | msgspec.UnsetType = UNSET
    start_bonus: int | msgspec.UnsetType = UNSET
    valid_months: int | msgspec.UnsetType | None = UNSET
    digits: int | msgspec.UnsetType | None = UNSET
    make_anonymous: bool | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddCardRange(AddRow[CardRangeFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new range; name, division and both ends are needed."""

    right: ClassVar[str] = "dict.edit"


class EditCardRange(
    EditRow[CardRangeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a range; cards that were issued from it must stay inside."""

    right: ClassVar[str] = "dict.edit"


class DeleteCardRange(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a range as deleted; one that cards came from is refused (`IN_USE`)."""

    right: ClassVar[str] = "dict.edit"
