"""The fields that columns can go to, and which of them the name of a column suggests; pure.

Fields of dictionaries carry the row's id: `contact.1` is the first contact type, `property.5`,
`amount.3` the balance of account type 3, `consent.2.1` marketing by SMS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from card_server.accounts.records import CLASS_CERTIFICATE
from card_server.exchange.records import OWNER_CARD, OWNER_HOLDER, House
from card_server.holders.rules import EMAIL, PHONE, fold
from shared.wire.imports import CARDS, HOLDERS, OPENING, ColumnUse

TEXT, NUMBER, AMOUNT, DAY, FLAG, CODE, CHOICE = (
    "text",
    "number",
    "amount",
    "day",
    "flag",
    "code",
    "choice",
)
KINDS_OF_CONTACTS: Final = {PHONE: "phone", EMAIL: "email"}
GUESTS: Final = (HOLDERS, CARDS)
ALL: Final = (HOLDERS, CARDS, OPENING)
PURPOSES: Final = (1, 2, 3, 4, 5)
CHANNELS: Final = (1, 2, 3, 4, 5)
SUGGESTED: Final = 3
"""The shortest synonym that may stand inside a longer name of a column."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field, the kinds of import that have it, and how other systems call it."""

    code: str
    kind: str = TEXT
    imports: tuple[int, ...] = GUESTS
    many: bool = False
    name: str = ""
    """Of a dictionary's row; others are named by the reader's language."""
    words: str = ""
    """Names of columns, parted by `|`."""


STATIC: Final = (
    Field(
        code="card_code",
        kind=CODE,
        imports=ALL,
        words="карта|номер карты|код карты|карта номер|card|card code|card number|card no",
    ),
    Field(
        code="external_code",
        imports=ALL,
        words="внешний код|код клиента|код гостя|external code|external id|customer id|client id",
    ),
    Field(code="holder_id", kind=NUMBER, imports=ALL, words="id владельца|holder id|people id"),
    Field(code="l_name", words="фамилия|last name|surname|l name|lastname"),
    Field(code="f_name", words="имя|first name|given name|f name|firstname"),
    Field(code="m_name", words="отчество|middle name|patronymic|m name"),
    Field(code="full_name", words="фио|ф и о|полное имя|имя гостя|full name|name|клиент|guest"),
    Field(code="birth_date", kind=DAY, words="дата рождения|день рождения|birthday|birth date|dob"),
    Field(code="gender", kind=CHOICE, words="пол|gender|sex"),
    Field(code="marital", kind=CHOICE, words="семейное положение|marital status"),
    Field(code="smokes", kind=FLAG, words="курит|smokes"),
    Field(code="source", words="источник|откуда узнал|source"),
    Field(
        code="remarks", imports=ALL, words="примечание|комментарий|заметки|remarks|notes|comment"
    ),
    Field(code="inn", words="инн|inn|tax number"),
    Field(code="verified", kind=FLAG, words="проверен|подтвержден|verified"),
    Field(code="holder_group", kind=CHOICE, words="группа|группа владельца|группа гостя|group"),
    Field(code="non_payer_type", kind=CHOICE, words="тип неплательщика|non payer type"),
    Field(code="card_group", kind=CHOICE, imports=(CARDS,), words="группа карты|card group"),
    Field(code="card_kind", kind=CHOICE, imports=(CARDS,), words="вид карты|тип карты|card type"),
    Field(
        code="card_state", kind=CHOICE, imports=(CARDS,), words="состояние|статус|status|card state"
    ),
    Field(code="block_reason", imports=(CARDS,), words="причина блокировки|block reason"),
    Field(
        code="valid_from",
        kind=DAY,
        imports=(CARDS,),
        words="дата выдачи|действует с|valid from|issued",
    ),
    Field(
        code="valid_to",
        kind=DAY,
        imports=(CARDS,),
        words="действует до|срок действия|годна до|valid to|expiry date",
    ),
    Field(code="carrier_data", imports=(CARDS,), words="магнитная полоса|штрихкод|barcode|track"),
    Field(code="address.type", kind=CHOICE, words="тип адреса|address type"),
    Field(code="address.country", words="страна|country"),
    Field(code="address.region", words="область|регион|region|state"),
    Field(code="address.city", words="город|city|town"),
    Field(code="address.street", words="улица|street"),
    Field(code="address.house", words="дом|house"),
    Field(code="address.building", words="корпус|строение|building"),
    Field(code="address.entry", words="подъезд|entrance"),
    Field(code="address.floor", words="этаж|floor"),
    Field(code="address.apartment", words="квартира|кв|apartment|flat"),
    Field(code="address.entry_code", words="домофон|код подъезда|entry code"),
    Field(code="address.metro_station", words="метро|metro"),
    Field(code="address.zip", words="индекс|почтовый индекс|zip|postcode"),
    Field(code="address.extended", words="адрес|address"),
    Field(code="phone", kind="phone", imports=(OPENING,), words="телефон|phone|mobile|мобильный"),
    Field(
        code="account_type", kind=CHOICE, imports=(OPENING,), words="тип счета|счет|account type"
    ),
    Field(
        code="amount",
        kind=AMOUNT,
        imports=(OPENING,),
        words="сумма|остаток|баланс|amount|balance|sum",
    ),
    Field(code="business_date", kind=DAY, imports=(OPENING,), words="дата|date"),
    Field(
        code="available_on",
        kind=DAY,
        imports=(OPENING,),
        words="доступно с|дата активации|available from",
    ),
    Field(
        code="expires_on",
        kind=DAY,
        imports=(OPENING,),
        words="сгорают|дата сгорания|срок|expires|expiry date|burns on",
    ),
)
CONTACT_WORDS: Final = {
    PHONE: "телефон|мобильный|мобильный телефон|сотовый|phone|mobile|mobile phone|tel",
    EMAIL: "почта|эл почта|электронная почта|email|e mail|mail",
}
CONSENT_WORDS: Final = {
    "consent.1": "согласие на обработку|персональные данные|personal data",
    "consent.2": "согласие на рассылку|рассылка|маркетинг|marketing|subscribed|newsletter",
    "consent.2.1": "рассылка sms|смс рассылка|sms marketing",
    "consent.2.2": "рассылка email|email marketing",
}


def fields_of(import_kind: int, house: House) -> dict[str, Field]:
    """Every field of a kind of import, those of dictionaries too, by code."""
    found = [field for field in STATIC if import_kind in field.imports]
    if import_kind in GUESTS:
        found += _contacts(house)
        found += _consents()
        found += _properties(import_kind, house)
    else:
        found += [
            Field(
                code=f"amount.{kind.account_type_id}",
                kind=AMOUNT,
                name=kind.name,
                words=_words(kind.name, kind.external_code),
            )
            for kind in house.account_types.values()
            if kind.account_class != CLASS_CERTIFICATE
        ]
    return {field.code: field for field in found}


def _contacts(house: House) -> Iterable[Field]:
    seen: set[int] = set()
    for kind in house.contact_types.values():
        is_first = kind.contact_class not in seen
        seen.add(kind.contact_class)
        known = CONTACT_WORDS.get(kind.contact_class, "") if is_first else ""
        yield Field(
            code=f"contact.{kind.type_id}",
            kind=KINDS_OF_CONTACTS.get(kind.contact_class, TEXT),
            many=True,
            name=kind.name,
            words="|".join(filter(None, [plain(kind.name), known])),
        )


def _consents() -> Iterable[Field]:
    for purpose in PURPOSES:
        for channel in (None, *CHANNELS):
            code = f"consent.{purpose}" + (f".{channel}" if channel else "")
            yield Field(code=code, kind=FLAG, words=CONSENT_WORDS.get(code, ""))


def _properties(import_kind: int, house: House) -> Iterable[Field]:
    kinds = {1: FLAG, 2: NUMBER, 3: AMOUNT, 4: DAY, 5: CHOICE}
    mask = OWNER_HOLDER | (OWNER_CARD if import_kind == CARDS else 0)
    for kind in house.properties.values():
        if kind.applies_to & mask:
            yield Field(
                code=f"property.{kind.property_id}",
                kind=kinds.get(kind.property_type, TEXT),
                name=kind.name,
                words=_words(kind.name),
            )


def _words(*names: str | None) -> str:
    return "|".join(plain(name) for name in names if name)


def plain(name: str) -> str:
    """A column's name as it is compared: lower case, no signs, single blanks."""
    return " ".join(re.sub(r"[^\w]+|_", " ", fold(name)).split())


def proposed(columns: Sequence[str], fields: Mapping[str, Field]) -> list[ColumnUse]:
    """A field for every column whose name suggests one; the surest suggestions first."""
    found: list[tuple[int, int, str]] = []
    for i, column in enumerate(columns):
        name = plain(column)
        for code, field in fields.items():
            likeness = max((_likeness(name, word) for word in field.words.split("|")), default=0)
            if likeness:
                found.append((-likeness, i, code))
    taken: dict[int, str] = {}
    for _, i, code in sorted(found, key=lambda one: one[:2]):
        is_free = fields[code].many or code not in taken.values()
        if i not in taken and is_free:
            taken[i] = code
    return [ColumnUse(column=i, field=taken[i]) for i in sorted(taken)]


def _likeness(name: str, word: str) -> int:
    """1000 for the same words, else the length of a synonym that stands inside; 0 for none."""
    if not name or not word:
        return 0
    if name == word:
        return 1000
    inside = f" {word} " in f" {name} "
    return len(word) if inside and len(word) >= SUGGESTED else 0
