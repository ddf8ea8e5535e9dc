"""Guests: holders, their person, contacts, addresses, consents, pictures (domain 1.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import msgspec

from shared.wire.base import Command, Done, ListQuery, Made, Query, Record

UNSET = msgspec.UNSET
Unset = msgspec.UnsetType


class HolderRow(Record, frozen=True, kw_only=True):
    """A holder in a list. `state`: 1 active, 2 merged, 3 erased."""

    holder_id: int
    pos_number: int
    division_id: int
    group_id: int | None
    full_name: str | None
    birth_date: date | None
    gender: int | None
    is_anonymous: bool
    verified: bool
    state: int
    registered_at: datetime
    last_operation_at: datetime | None
    version: int


class Person(Record, frozen=True, kw_only=True):
    """The questionnaire. `gender`: 0 unknown, 1 male, 2 female; `marital`: 0, 1 no, 2 yes."""

    l_name: str | None = None
    f_name: str | None = None
    m_name: str | None = None
    full_name: str = ""
    birth_date: date | None = None
    gender: int = 0
    marital: int = 0
    smokes: bool = False
    language: int = 1049
    source: str | None = None
    remarks: str | None = None
    inn: str | None = None


class ContactRow(Record, frozen=True, kw_only=True):
    """A contact; `value` is masked for who may not see contacts in full."""

    contact_id: int
    contact_type_id: int
    contact_class: int
    """1 phone, 2 e-mail, 3 Skype, 4 social network, 5 messenger."""
    value: str
    value_ext: str | None
    is_masked: bool
    dispatch: bool
    is_main: bool
    confirmed_at: datetime | None
    bounce_count: int
    notes: str | None
    version: int


class AddressRow(Record, frozen=True, kw_only=True):
    """An address with the names of its places; `lat`, `lng` in 10^-7 degrees."""

    address_id: int
    address_type_id: int
    country: str = ""
    region: str = ""
    zip: str = ""
    city: str = ""
    street: str = ""
    metro_station: str = ""
    house: str = ""
    building: str = ""
    entry: str = ""
    floor: str = ""
    apartment: str = ""
    entry_code: str = ""
    extended: str = ""
    lat: int | None = None
    lng: int | None = None
    version: int


class PropertyValue(Record, frozen=True, kw_only=True):
    """A property of a holder; one of the values is filled."""

    property_id: int
    property_value_id: int | None
    value_text: str | None
    value_num: int | None
    value_date: date | None


class ConsentRow(Record, frozen=True, kw_only=True):
    """A consent or refusal.

    `purpose`: 1 keeping person data, 2 marketing, 3 service messages, 4 profiling, 5 third
    parties; `channel`: None all, 1 SMS, 2 e-mail, 3 messenger, 4 call, 5 push; `source`: 1 paper,
    2 POS, 3 site, 4 reply STOP, 5 import, 6 user, 7 complaint.
    """

    consent_id: int
    purpose: int
    channel: int | None
    granted: bool
    at: datetime
    source: int
    evidence: str | None
    text_version: str | None
    user_id: int | None
    classifier_id: int | None


class Holder(Record, frozen=True, kw_only=True):
    """One guest whole."""

    row: HolderRow
    external_code: str | None
    source_system: str | None
    non_payer_type_id: int | None
    merged_into: int | None
    deleted_at: datetime | None
    person: Person | None
    has_photo: bool
    contacts: list[ContactRow]
    addresses: list[AddressRow]
    properties: list[PropertyValue]
    consents: list[ConsentRow]
    """Newest first; the first of a purpose and channel is in force."""
    cards: int
    """Cards that are not voided."""
    accounts: int


class ListHolders(ListQuery[HolderRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holders of the user's divisions, newest first; the id is the only order there is."""

    right: ClassVar[str] = "holder.view"


class FoundHolder(Record, frozen=True, kw_only=True):
    """A guest that a search found."""

    row: HolderRow
    contacts: list[str]
    """A few of them, masked for who may not see them in full."""
    cards: list[int]
    """A few cards that are not voided."""


class FoundHolders(Record, frozen=True, kw_only=True):
    """What a search found; `more` says that there are others."""

    holders: list[FoundHolder]
    more: bool


class SearchHolders(Query[FoundHolders], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One box: a phone, an e-mail, a card's number, or the beginning of a name."""

    right: ClassVar[str] = "holder.view"
    text: str
    limit: int = 20


class GetHolder(Query[Holder], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One guest, also a deleted one."""

    right: ClassVar[str] = "holder.view"
    holder_id: int


# ---------------------------------------------------------------------- the questionnaire


class HolderFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a guest can be edited; a field that is not sent stays as it is."""

    l_name: str | Unset | None = UNSET
    f_name: str | Unset | None = UNSET
    m_name: str | Unset | None = UNSET
    full_name: str | Unset | None = UNSET
    birth_date: date | Unset | None = UNSET
    gender: int | Unset = UNSET
    marital: int | Unset = UNSET
    smokes: bool | Unset = UNSET
    language: int | Unset = UNSET
    source: str | Unset | None = UNSET
    remarks: str | Unset | None = UNSET
    inn: str | Unset | None = UNSET
    group_id: int | Unset | None = UNSET
    non_payer_type_id: int | Unset | None = UNSET
    external_code: str | Unset | None = UNSET
    verified: bool | Unset = UNSET


class ContactFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a contact can be edited; without a type the value's look decides."""

    contact_type_id: int | Unset = UNSET
    value: str | Unset = UNSET
    value_ext: str | Unset | None = UNSET
    dispatch: bool | Unset = UNSET
    notes: str | Unset | None = UNSET


class AddressFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of an address can be edited; places that are not known yet are added."""

    address_type_id: int | Unset = UNSET
    country: str | Unset | None = UNSET
    region: str | Unset | None = UNSET
    zip: str | Unset | None = UNSET
    city: str | Unset | None = UNSET
    street: str | Unset | None = UNSET
    metro_station: str | Unset | None = UNSET
    house: str | Unset | None = UNSET
    building: str | Unset | None = UNSET
    entry: str | Unset | None = UNSET
    floor: str | Unset | None = UNSET
    apartment: str | Unset | None = UNSET
    entry_code: str | Unset | None = UNSET
    extended: str | Unset | None = UNSET
    lat: int | Unset | None = UNSET
    lng: int | Unset | None = UNSET


class AddHolder(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new guest with the accounts that are open for all; first or last name is needed."""

    right: ClassVar[str] = "holder.edit"
    division_id: int
    fields: HolderFields
    contacts: list[ContactFields] = msgspec.field(default_factory=list)
    addresses: list[AddressFields] = msgspec.field(default_factory=list)


class HolderCommand(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes of one guest say; `version` is the holder's that was seen."""

    holder_id: int
    version: int


class EditHolder(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the questionnaire."""

    right: ClassVar[str] = "holder.edit"
    fields: HolderFields


class DeleteHolder(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a guest as deleted; cards and accounts stay as they are."""

    right: ClassVar[str] = "holder.delete"
    reason: str


class RestoreHolder(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the mark back."""

    right: ClassVar[str] = "holder.delete"


class EraseHolder(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Erase a guest's personal data for ever; balances and operations stay, without a person.

    The reason stays too, so it may name neither the guest nor a contact.
    """

    right: ClassVar[str] = "person.erase"
    reason: str


class AddContact(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further contact; one that the guest has already is a success without effect."""

    right: ClassVar[str] = "holder.edit"
    holder_id: int
    fields: ContactFields


class EditContact(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a contact; a masked value that is sent back changes nothing."""

    right: ClassVar[str] = "holder.edit"
    contact_id: int
    version: int
    fields: ContactFields


class DeleteContact(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Remove a contact."""

    right: ClassVar[str] = "holder.edit"
    contact_id: int
    version: int


class AddAddress(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further address; one that the guest has already is a success without effect."""

    right: ClassVar[str] = "holder.edit"
    holder_id: int
    fields: AddressFields


class EditAddress(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change an address."""

    right: ClassVar[str] = "holder.edit"
    address_id: int
    version: int
    fields: AddressFields


class DeleteAddress(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Remove an address."""

    right: ClassVar[str] = "holder.edit"
    address_id: int
    version: int


class Unmasked(Record, frozen=True, kw_only=True):
    """A contact in full."""

    value: str
    value_ext: str | None


class UnmaskContact(Command[Unmasked], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show one contact: with a reason, journalled, so many times a day as the roles allow."""

    right: ClassVar[str] = "person.unmask"
    contact_id: int
    reason: str


class AddConsent(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Write down a consent or refusal; nothing in that book is ever changed."""

    right: ClassVar[str] = "consent.edit"
    holder_id: int
    purpose: int
    channel: int | None = None
    granted: bool
    source: int
    evidence: str | None = None
    text_version: str | None = None


# ---------------------------------------------------------------------- the picture


class Picture(Record, frozen=True, kw_only=True):
    """A guest's picture."""

    mime: str
    content: bytes


class GetPhoto(Query[Picture], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The picture as it was given, or the small one."""

    right: ClassVar[str] = "holder.view"
    holder_id: int
    small: bool = False


class SetPhoto(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new picture: JPEG or PNG of at most 512 KiB, as base64."""

    right: ClassVar[str] = "holder.edit"
    image: str


class RemovePhoto(HolderCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the picture away."""

    right: ClassVar[str] = "holder.edit"
