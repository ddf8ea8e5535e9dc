"""Groups of holders and of cards, with the defaults of their members' accounts (domain 1.3)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, ListQuery, Query, Record
from shared.wire.dictionaries import RIGHT, UNSET, DictFields, DictRow
from shared.wire.editing import AddRow, DeleteRow, EditRow


class GroupDefault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account of a type gets when it is opened for a member of the group."""

    account_type_id: int
    level_id: int | None = None
    credit_depth: int | None = None


class GroupDefaultRow(GroupDefault, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A default as it stands."""


# ---------------------------------------------------------------------- group of holders


class HolderGroupRow(DictRow, frozen=True, kw_only=True):
    """A group of holders in the list."""

    group_id: int
    parent_id: int | None


class HolderGroup(Record, frozen=True, kw_only=True):
    """A group of holders with what belongs to it."""

    row: HolderGroupRow
    defaults: list[GroupDefaultRow]


class ListHolderGroups(
    ListQuery[HolderGroupRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Groups of holders."""

    right: ClassVar[str] = SIGNED_IN


class GetHolderGroup(Query[HolderGroup], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group of holders."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class HolderGroupFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a group of holders can be edited."""

    parent_id: int | msgspec.UnsetType | None = UNSET


class AddHolderGroup(
    AddRow[HolderGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new group of holders."""

    right: ClassVar[str] = RIGHT
    defaults: list[GroupDefault] = msgspec.field(default_factory=list)


class EditHolderGroup(
    EditRow[HolderGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a group of holders."""

    right: ClassVar[str] = RIGHT
    defaults: list[GroupDefault] | None = None


class DeleteHolderGroup(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a group of holders as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- group of cards


class CardGroupRow(DictRow, frozen=True, kw_only=True):
    """A group of cards in the list."""

    group_id: int
    parent_id: int | None


class CardGroup(Record, frozen=True, kw_only=True):
    """A group of cards with what belongs to it."""

    row: CardGroupRow
    defaults: list[GroupDefaultRow]


class ListCardGroups(
    ListQuery[CardGroupRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Groups of cards."""

    right: ClassVar[str] = SIGNED_IN


class GetCardGroup(Query[CardGroup], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group of cards."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class CardGroupFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a group of cards can be edited."""

    parent_id: int | msgspec.UnsetType | None = UNSET


class AddCardGroup(AddRow[CardGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new group of cards."""

    right: ClassVar[str] = RIGHT
    defaults: list[GroupDefault] = msgspec.field(default_factory=list)


class EditCardGroup(
    EditRow[CardGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a group of cards."""

    right: ClassVar[str] = RIGHT
    defaults: list[GroupDefault] | None = None


class DeleteCardGroup(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a group of cards as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT
