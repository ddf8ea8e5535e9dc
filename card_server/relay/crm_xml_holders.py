"""The holder block of the XML API and its wrappers, pure (crm-xml.md 7.1, 7.3)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

import msgspec

from card_server.holders.image_size import image_size
from card_server.holders.people import Contact, Person
from card_server.holders.records import Address, Photo
from card_server.holders.rules import mask
from card_server.relay.escaping import attribute, cdata, text
from card_server.relay.formats import day, yes_no

GENDERS: Final = ("Unknown", "Male", "Female")
MARITAL: Final = ("Unknown", "No", "Yes")
CONTACT_CLASSES: Final = ("", "Phone", "Email", "Skype", "Social_Network", "Messenger")
LANGUAGES: Final = {1049: "Русский", 1033: "English"}
DEGREE: Final = 10_000_000
"""`lat` and `lng` are stored in 10^-7 degrees."""


class HolderNames(msgspec.Struct, kw_only=True):
    """Names of the dictionary rows a holder points at, and the counts."""

    group: str = ""
    division: str = ""
    non_payer: str = ""
    counts: tuple[int, int, int] | None = None
    """Cards, accounts, contacts; None leaves them out."""


def blank(value: int | None) -> str:
    """A number that may be missing: an empty element has nothing inside."""
    return "" if value is None else str(value)


def holder(person: Person, names: HolderNames, wrappers: str = "", attributes: str = "") -> str:
    """Block 7.1 with the wrappers that were asked for."""
    counts = ""
    if names.counts is not None:
        cards, accounts, contact_count = names.counts
        counts = (
            f"<Cards_Count>{cards}</Cards_Count><Accounts_Count>{accounts}</Accounts_Count>"
            f"<Contacts_Count>{contact_count}</Contacts_Count>"
        )
    language = LANGUAGES.get(person.language, "")
    return (
        f"<Holder{attributes}><Deleted>{yes_no(person.is_deleted or person.state != 1)}</Deleted>"
        f"<Group_ID>{blank(person.group_id)}</Group_ID><Group_Name>{text(names.group)}</Group_Name>"
        f"<Division_ID>{person.division_id}</Division_ID>"
        f"<Division_Name>{text(names.division)}</Division_Name>"
        f"<Holder_ID>{person.holder_id}</Holder_ID><INN>{text(person.inn or '')}</INN>"
        f"<External_Code>{text(person.external_code or '')}</External_Code>"
        f"<Unpay_Type_ID>{person.non_payer_type_id or 0}</Unpay_Type_ID>"
        f"<Unpay_Type_Name>{text(names.non_payer)}</Unpay_Type_Name>"
        f"<L_Name>{text(person.l_name or '')}</L_Name><F_Name>{text(person.f_name or '')}</F_Name>"
        f"<M_Name>{text(person.m_name or '')}</M_Name>"
        f"<Full_Name>{text(person.full_name)}</Full_Name><Birth>{day(person.birth_date)}</Birth>"
        f"<Gender>{GENDERS[person.gender]}</Gender><Marrital>{MARITAL[person.marital]}</Marrital>"
        f"<Smoke>{yes_no(person.smokes)}</Smoke><Verification>{yes_no(person.verified)}</Verification>"
        f"<Image>{yes_no(person.has_image)}</Image><Language_ID>{person.language}</Language_ID>"
        f"<Language_Name>{cdata(language)}</Language_Name>"
        f"<Source>{text(person.source or '')}</Source>"
        f"<Remarks>{text(person.remarks or '')}</Remarks>"
        f"{counts}{wrappers}</Holder>"
    )


def contacts(person: Person, *, masked: bool) -> str:
    """The wrapper Holders_Contacts."""
    rows = "".join(_contact(contact, masked=masked) for contact in person.contacts)
    return (
        f"<Holders_Contacts><Holder_Contact><Holder_ID>{person.holder_id}</Holder_ID>{rows}"
        "</Holder_Contact></Holders_Contacts>"
    )


def _contact(row: Contact, *, masked: bool) -> str:
    value, more = row.value, row.value_ext or ""
    if masked:
        value, more = mask(value, row.contact_class), "*" * len(more)
    ext = f"<Value_Ext>{text(more)}</Value_Ext>" if more else ""
    return (
        f"<Contact><Deleted>No</Deleted><Contact_ID>{row.contact_id}</Contact_ID>"
        f"<Dispatch>{yes_no(row.dispatch)}</Dispatch><Type_ID>{row.contact_type_id}</Type_ID>"
        f"<Type_Code>{text(row.type_code)}</Type_Code><Type_Name>{text(row.type_name)}</Type_Name>"
        f"<Value>{text(value)}</Value>{ext}"
        f"<Type_Class>{CONTACT_CLASSES[row.contact_class]}</Type_Class>"
        f"<Notes>{text(row.notes or '')}</Notes></Contact>"
    )


def addresses(holder_id: int, rows: Iterable[Address], *, masked: bool) -> str:
    """The wrapper Holders_Addresses; masked, an address ends with its city."""
    blocks = "".join(_address(to_city(row) if masked else row) for row in rows)
    return (
        f"<Holders_Addresses><Holder_Address><Holder_ID>{holder_id}</Holder_ID>{blocks}"
        "</Holder_Address></Holders_Addresses>"
    )


def to_city(row: Address) -> Address:
    """What callers without the right `person.full` see of an address."""
    kept = (
        "address_id",
        "holder_id",
        "address_type_id",
        "type_name",
        "country_id",
        "country",
        "region",
        "city_id",
        "city",
    )
    return Address(**{name: getattr(row, name) for name in kept})


def degrees(value: int | None) -> str:
    """A coordinate with its seven decimals."""
    if value is None:
        return ""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), DEGREE)
    return f"{sign}{whole}.{rest:07d}"


def _address(row: Address) -> str:
    return (
        f"<Address><Deleted>No</Deleted><Address_ID>{row.address_id}</Address_ID>"
        f"<Type_ID>{row.address_type_id}</Type_ID><Type_Name>{text(row.type_name)}</Type_Name>"
        f"<Country_ID>{blank(row.country_id)}</Country_ID><Country>{text(row.country)}</Country>"
        f"<ZIP>{text(row.zip)}</ZIP><Region>{text(row.region)}</Region>"
        f"<City_ID>{blank(row.city_id)}</City_ID><City>{text(row.city)}</City>"
        f"<Street_ID>{blank(row.street_id)}</Street_ID><Street>{text(row.street)}</Street>"
        f"<Metro_Station_ID>{blank(row.metro_station_id)}</Metro_Station_ID>"
        f"<Metro_Station>{text(row.metro_station)}</Metro_Station>"
        f"<House>{text(row.house)}</House><Building>{text(row.building)}</Building>"
        f"<Entry>{text(row.entry)}</Entry><Floor>{text(row.floor)}</Floor>"
        f"<Apartments>{text(row.apartment)}</Apartments>"
        f"<Entry_Code>{text(row.entry_code)}</Entry_Code><DopInfo>{text(row.extended)}</DopInfo>"
        f"<LAT>{degrees(row.lat)}</LAT><LNG>{degrees(row.lng)}</LNG></Address>"
    )


def holder_cards(blocks: Iterable[str]) -> str:
    """The wrapper Holders_Cards around written cards."""
    return f"<Holders_Cards><Holder_Card>{''.join(blocks)}</Holder_Card></Holders_Cards>"


def properties(pairs: Iterable[tuple[int, int]]) -> str:
    """The wrapper Holders_Properties; without any there is no element inside."""
    rows = "".join(
        f"<Holder_Property><Property_ID>{property_id}</Property_ID>"
        f"<Value_ID>{value_id}</Value_ID></Holder_Property>"
        for property_id, value_id in pairs
    )
    return f"<Holders_Properties>{rows}</Holders_Properties>"


def image(photo: Photo | None) -> str:
    """The wrapper Holder_Image: the stored picture, or an empty element."""
    if photo is None:
        return "<Holder_Image></Holder_Image>"
    kind = attribute(photo.mime.partition("/")[2].upper())
    size = image_size(photo.content)
    span = f' Width="{size[0]}" Height="{size[1]}"' if size is not None else ""
    body = base64.b64encode(photo.content).decode()
    return f'<Holder_Image Format="{kind}"{span} Encoding="Base64">{body}</Holder_Image>'
