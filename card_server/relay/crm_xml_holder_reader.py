"""A guest as programs send one: the fields of Holder and its parts, pure (crm-xml.md 7, 8.3, 8.4).

Only what is there is read: a missing or empty element is not given, `Clear="True"` empties a field,
and what a program cannot change (balances, names of dictionary rows, counts, reply wrappers) is not
looked at.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from card_server.accounts.opening import AccountWish
from card_server.cards.enrolling import GuestWish
from card_server.cards.issuing import CardWish
from card_server.holders.records import AddressWish, ContactWish, PersonWish
from card_server.relay.crm_xml_holders import CONTACT_CLASSES, DEGREE, GENDERS, MARITAL
from card_server.relay.formats import maybe_number, read_amount, read_date, read_flag
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import parse_account_number

Text = tuple[str, str, int, bool]
"""Element, column, longest text, and whether a longer one is cut or refused."""

PERSON_TEXTS: Final[tuple[Text, ...]] = (
    ("L_Name", "l_name", 60, False),
    ("F_Name", "f_name", 40, False),
    ("M_Name", "m_name", 40, False),
    ("Full_Name", "full_name", 140, False),
    ("INN", "inn", 25, False),
    ("Source", "source", 120, True),
    ("Remarks", "remarks", 500, True),
)
CONTACT_TEXTS: Final[tuple[Text, ...]] = (
    ("Value", "value", 128, False),
    ("Value_Ext", "value_ext", 128, False),
    ("Notes", "notes", 500, True),
)
ADDRESS_TEXTS: Final[tuple[Text, ...]] = (
    ("Country", "country", 40, False),
    ("ZIP", "zip", 40, False),
    ("Region", "region", 40, False),
    ("City", "city", 60, False),
    ("Street", "street", 100, False),
    ("Metro_Station", "metro_station", 60, False),
    ("House", "house", 10, False),
    ("Building", "building", 10, False),
    ("Entry", "entry", 10, False),
    ("Floor", "floor", 10, False),
    ("Apartments", "apartment", 10, False),
    ("Entry_Code", "entry_code", 10, False),
    ("DopInfo", "extended", 500, True),
)
PLACE_IDS: Final = (
    ("Country_ID", "country_id"),
    ("City_ID", "city_id"),
    ("Street_ID", "street_id"),
    ("Metro_Station_ID", "metro_station_id"),
)
COORDINATE: Final = re.compile(r"([+-]?)([0-9]{1,3})(?:[.,]([0-9]*))?")
CODE_WIDTH: Final = 60
PASSWORD_WIDTH: Final = 200
LARGEST_DICTIONARY_ID: Final = 2**31 - 1
ENDLESS: Final = date(2099, 12, 31)
"""How replies show a card without an end; read back it is none."""


class HolderKey:
    """How Edit holders names the guest: by id, by phone, or by an outside code."""

    def __init__(self, holder_id: int | None, phone: str, external_code: str) -> None:
        self.holder_id = holder_id
        self.phone = phone
        self.external_code = external_code


def read_key(node: Node) -> HolderKey | None:
    """The first key that is given; None when there is none."""
    value = node.text_of("Holder_ID")
    if value:
        number = maybe_number(value)
        if number is None:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        return HolderKey(number, "", "")
    if phone := node.text_of("Phone"):
        return HolderKey(None, phone, "")
    if code := node.text_of("External_Code"):
        return HolderKey(None, "", code)
    return None


def guest_nodes(root: Node) -> list[tuple[Node, list[Node]]]:
    """Each Holder with the Contacts and Addresses inside it or beside it (R18).

    Parts beside belong to the Holder before them, or to the first one.
    """
    holders = [(node, [node]) for node in root.all("Holder")]
    place = -1
    for node in root.children:
        if node.tag == "Holder":
            place += 1
        elif node.tag in ("Contacts", "Addresses") and holders:
            holders[max(0, place)][1].append(Node("", {}, [node], ""))
    return holders


def read_guest(node: Node, parts: list[Node], key: HolderKey | None = None) -> GuestWish:
    """All wishes about one guest; the element that is the key is no wish."""
    person = PersonWish(values=_person(node), holder=_holder(node, key))
    for part in parts:
        for group in part.all("Contacts"):
            person.contacts += [_contact(one) for one in group.all("Contact")]
        for group in part.all("Addresses"):
            person.addresses += [_address(one) for one in group.all("Address")]
    return GuestWish(
        person=person,
        cards=[_card(one) for group in node.all("Cards") for one in group.all("Card")],
        accounts=[
            wish
            for group in node.all("Accounts")
            for one in group.all("Account")
            if (wish := _account(one)) is not None
        ],
    )


def picture_text(node: Node) -> str:
    """The base64 text of Holder_Image, blanks and line ends dropped; empty for none."""
    return "".join(node.text_of("Holder_Image").split())


# ---------------------------------------------------------------------- fields


def _cleared(node: Node) -> bool:
    return read_flag(node.get("Clear")) is True


def read_texts(node: Node, fields: tuple[Text, ...]) -> dict[str, Any]:
    """Texts that are given, by column; TOO_LONG for names and codes, remarks are cut."""
    found: dict[str, Any] = {}
    for element, column, longest, is_cut in fields:
        child = node.child(element)
        if child is None:
            continue
        value = child.text.strip()
        if _cleared(child):
            found[column] = None
        elif value:
            if len(value) > longest and not is_cut:
                raise AppError(ErrorCode.TOO_LONG, field=element, limit=longest)
            found[column] = value[:longest].rstrip()
    return found


def _person(node: Node) -> dict[str, Any]:
    found = read_texts(node, PERSON_TEXTS)
    for element, column, names in (
        ("Gender", "gender", GENDERS),
        ("Marrital", "marital", MARITAL),
    ):
        number = _word(node, element, names)
        if number is not None:
            found[column] = number
    smokes = read_flag(node.text_of("Smoke"))
    if smokes is not None:
        found["smokes"] = smokes
    language = _language(node.text_of("Language_ID"))
    if language is not None:
        found["language"] = language
    birth = node.child("Birth")
    if birth is not None:
        if _cleared(birth):
            found["birth_date"] = None
        elif (day := _lenient_date(birth.text)) is not None:
            found["birth_date"] = day
    return found


def _lenient_date(text: str) -> date | None:
    """A day, or nothing for everything else: a bad birthday is no failure (R22)."""
    try:
        return read_date(text)
    except ValueError:
        return None


def _word(node: Node, element: str, names: tuple[str, ...]) -> int | None:
    value = node.text_of(element).lower()
    if not value:
        return None
    for number, name in enumerate(names):
        if value in (name.lower(), str(number)):
            return number
    raise AppError(ErrorCode.FIELD_BAD, field=element, value=node.text_of(element))


def _language(text: str) -> int | None:
    """LCID, decimal, or hexadecimal behind `#` (R43)."""
    if not text:
        return None
    digits = text.removeprefix("#")
    base = 16 if text.startswith("#") else 10
    try:
        number = int(digits, base) if digits.isalnum() and digits.isascii() else -1
    except ValueError:
        number = -1
    if not 0 < number <= LARGEST_DICTIONARY_ID:
        raise AppError(ErrorCode.FIELD_BAD, field="Language_ID", value=text)
    return number


def _dictionary_id(node: Node, element: str) -> int | None:
    """A small id as a number or as text (R20); DICT_VALUE_UNKNOWN for what cannot be one."""
    value = node.text_of(element)
    if not value:
        return None
    number = maybe_number(value)
    if number is None or number > LARGEST_DICTIONARY_ID:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=element, value=value)
    return number


def _holder(node: Node, key: HolderKey | None) -> dict[str, Any]:
    """Columns of the ledger's side of a holder."""
    found: dict[str, Any] = {}
    group_id = _dictionary_id(node, "Group_ID")
    if group_id is not None:
        found["group_id"] = group_id
    payer = _dictionary_id(node, "Unpay_Type_ID")
    if payer is not None:
        found["non_payer_type_id"] = payer or None
    verified = read_flag(node.text_of("Verification"))
    if verified is not None:
        found["verified"] = verified
    if key is None or not key.external_code:
        field = (("External_Code", "external_code", CODE_WIDTH, False),)
        found |= read_texts(node, field)
    return found


def _contact(node: Node) -> ContactWish:
    values = read_texts(node, CONTACT_TEXTS)
    if values.get("value", "") is None:
        del values["value"]
    dispatch = read_flag(node.text_of("Dispatch"))
    if dispatch is not None:
        values["dispatch"] = dispatch
    classes = {name.lower(): number for number, name in enumerate(CONTACT_CLASSES) if name}
    class_text = node.text_of("Type_Class")
    if class_text and class_text.lower() not in classes:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Type_Class", value=class_text)
    return ContactWish(
        contact_id=_id(node, "Contact_ID", ErrorCode.CONTACT_NOT_FOUND),
        type_id=_dictionary_id(node, "Type_ID"),
        type_code=node.text_of("Type_Code"),
        type_class=classes.get(class_text.lower()),
        values=values,
        delete=read_flag(node.text_of("Deleted")) is True,
    )


def _id(node: Node, element: str, refusal: ErrorCode) -> int | None:
    value = node.text_of(element)
    if not value:
        return None
    number = maybe_number(value)
    if number is None:
        raise AppError(refusal, id=value)
    return number


def _address(node: Node) -> AddressWish:
    values = read_texts(node, ADDRESS_TEXTS)
    for element, column in PLACE_IDS:
        number = _dictionary_id(node, element)
        if number:
            values[column] = number
    for element, column, most in (("LAT", "lat", 90), ("LNG", "lng", 180)):
        child = node.child(element)
        if child is not None and _cleared(child):
            values[column] = None
        elif child is not None and child.text.strip():
            values[column] = _coordinate(child.text.strip(), element, most)
    return AddressWish(
        address_id=_id(node, "Address_ID", ErrorCode.ADDRESS_NOT_FOUND),
        type_id=_dictionary_id(node, "Type_ID"),
        values=values,
        delete=read_flag(node.text_of("Deleted")) is True,
    )


def _coordinate(text: str, element: str, most: int) -> int:
    """Degrees in units of 10^-7; further decimals are dropped."""
    match = COORDINATE.fullmatch(text)
    if match is None:
        raise AppError(ErrorCode.FIELD_BAD, field=element, value=text)
    sign, whole, rest = match[1], match[2], match[3] or ""
    size = int(whole) * DEGREE + int((rest + "0000000")[:7])
    if size > most * DEGREE:
        raise AppError(ErrorCode.FIELD_BAD, field=element, value=text)
    return -size if sign == "-" else size


def _card(node: Node) -> CardWish:
    shown = node.text_of("Card_Code")
    if not shown:
        raise AppError(ErrorCode.FIELD_MISSING, field="Card_Code")
    code = maybe_number(shown)
    if code is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=shown, code=shown)
    values: dict[str, Any] = {}
    expired = node.child("Expired")
    if expired is not None and (_cleared(expired) or expired.text.strip()):
        until = None if _cleared(expired) else _end(expired.text)
        values["valid_to"] = until
    group_id = _dictionary_id(node, "Group_ID")
    if group_id is not None:
        values["group_id"] = group_id
    password = node.text_of("Password")
    if len(password) > PASSWORD_WIDTH:
        raise AppError(ErrorCode.TOO_LONG, field="Password", limit=PASSWORD_WIDTH)
    return CardWish(
        code=code,
        shown=shown,
        password=password,
        values=values,
        delete=read_flag(node.text_of("Deleted")) is True,
    )


def _end(text: str) -> date | None:
    try:
        found = read_date(text)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field="Expired", value=text.strip()) from error
    return None if found == ENDLESS else found


def _account(node: Node) -> AccountWish | None:
    """An account by number (R25), or one to be opened by its type; None for neither."""
    shown = node.text_of("Account_Number") or node.text_of("Account_ID")
    if not shown:
        type_id = _dictionary_id(node, "Account_Type_ID")
        return None if type_id is None else AccountWish(type_id=type_id)
    parsed = parse_account_number(shown)
    account_id = parsed.id64 if parsed is not None else maybe_number(shown)
    if account_id is None or (parsed is not None and parsed.is_coupon):
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=shown, number=shown)
    values: dict[str, Any] = {}
    auto = read_flag(node.text_of("Auto_Change_Levels"))
    if auto is not None:
        values["auto_change_levels"] = auto
    level_id = _dictionary_id(node, "Account_Level_ID")
    if level_id:
        values["level_id"] = level_id
    depth = node.text_of("Credit_Depth")
    if depth:
        values["credit_depth"] = read_amount(depth)
    return AccountWish(
        shown=shown,
        account_id=account_id,
        account_class=parsed.account_class if parsed is not None else None,
        number_type=parsed.account_type_id if parsed is not None else None,
        values=values,
    )
