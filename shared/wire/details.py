"""Details of guests and cards that are edited one by one: properties, PIN, main contact."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec

from shared.wire.base import Command, Done
from shared.wire.cards import CardCommand
from shared.wire.holders import HolderCommand


class GivenProperty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a property is to be; without any value it is taken away.

    The kind of the property says which field is filled: `value_num` for yes or no (1, 0), whole
    numbers and amounts (minor units), `value_date`, `property_value_id` for one of a list,
    `value_text`.
    """

    property_id: int
    property_value_id: int | None = None
    value_text: str | None = None
    value_num: int | None = None
    value_date: date | None = None


class SetHolderProperties(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set or take away properties of a guest; those that are not named stay as they are."""

    right: ClassVar[str] = "holder.edit"
    properties: list[GivenProperty]


class SetCardProperties(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set or take away properties of a card; those that are not named stay as they are."""

    right: ClassVar[str] = "holder.edit"
    properties: list[GivenProperty]


class SetMainContact(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make a contact the main one of its class; the one that was it is so no longer."""

    right: ClassVar[str] = "holder.edit"
    contact_id: int
    version: int


class SetCardPin(CardCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a card a new PIN of four digits, or none; wrong tries are forgotten."""

    right: ClassVar[str] = "card.limits"
    secrets: ClassVar[tuple[str, ...]] = ("pin",)
    pin: str
    """Four digits; empty: the card has no PIN any more."""
