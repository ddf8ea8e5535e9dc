"""Names of the fields of imports, in Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.i18n.error_texts import window_text
from shared.wire.errors import ErrorCode

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "card_code": ("Код карты", "Card code"),
    "external_code": ("Внешний код гостя", "External code of the guest"),
    "holder_id": ("Номер владельца", "Holder number"),
    "l_name": ("Фамилия", "Last name"),
    "f_name": ("Имя", "First name"),
    "m_name": ("Отчество", "Middle name"),
    "full_name": ("Полное имя", "Full name"),
    "birth_date": ("Дата рождения", "Birthday"),
    "gender": ("Пол", "Gender"),
    "marital": ("Семейное положение", "Marital status"),
    "smokes": ("Курит", "Smokes"),
    "source": ("Откуда узнал", "Source"),
    "remarks": ("Примечание", "Remarks"),
    "inn": ("ИНН", "Taxpayer number"),
    "verified": ("Проверен", "Verified"),
    "holder_group": ("Группа гостя", "Holder group"),
    "non_payer_type": ("Тип неплательщика", "Non-payer type"),
    "card_group": ("Группа карты", "Card group"),
    "card_kind": ("Вид карты", "Kind of card"),
    "card_state": ("Состояние карты", "State of the card"),
    "block_reason": ("Причина блокировки", "Reason of the block"),
    "valid_from": ("Действует с", "Valid from"),
    "valid_to": ("Действует по", "Valid to"),
    "carrier_data": ("Данные носителя", "Carrier data"),
    "address.type": ("Адрес: тип", "Address: type"),
    "address.country": ("Адрес: страна", "Address: country"),
    "address.region": ("Адрес: регион", "Address: region"),
    "address.city": ("Адрес: город", "Address: city"),
    "address.street": ("Адрес: улица", "Address: street"),
    "address.house": ("Адрес: дом", "Address: house"),
    "address.building": ("Адрес: корпус", "Address: building"),
    "address.entry": ("Адрес: подъезд", "Address: entrance"),
    "address.floor": ("Адрес: этаж", "Address: floor"),
    "address.apartment": ("Адрес: квартира", "Address: apartment"),
    "address.entry_code": ("Адрес: код подъезда", "Address: entry code"),
    "address.metro_station": ("Адрес: метро", "Address: metro station"),
    "address.zip": ("Адрес: индекс", "Address: postcode"),
    "address.extended": ("Адрес одной строкой", "Address in one line"),
    "phone": ("Телефон", "Phone"),
    "account_type": ("Тип счёта", "Account type"),
    "amount": ("Сумма", "Amount"),
    "business_date": ("Учётный день", "Business date"),
    "available_on": ("Доступно с", "Available from"),
    "expires_on": ("Сгорает после", "Burns after"),
    "holder": ("Владелец", "Holder"),
    "card": ("Карта", "Card"),
    "reason": ("Причина отказа", "Reason of the refusal"),
    "row": ("Строка", "Row"),
    "contact": ("Контакт", "Contact"),
    "property": ("Свойство", "Property"),
    "consent.1": ("Согласие: обработка данных", "Consent: keeping person data"),
    "consent.2": ("Согласие: рассылки", "Consent: marketing"),
    "consent.3": ("Согласие: служебные сообщения", "Consent: service messages"),
    "consent.4": ("Согласие: профилирование", "Consent: profiling"),
    "consent.5": ("Согласие: передача третьим лицам", "Consent: hand-over to third parties"),
    "channel.1": ("SMS", "SMS"),
    "channel.2": ("эл. почта", "e-mail"),
    "channel.3": ("мессенджер", "messenger"),
    "channel.4": ("звонок", "call"),
    "channel.5": ("push", "push"),
}


def field_text(field: str, language: str, name: str = "") -> str:
    """The name of a field; `name` is that of its dictionary row, if it has one."""
    family, _, rest = field.partition(".")
    pair = TEXTS.get(field)
    if pair is None and family == "consent":
        purpose, _, channel = rest.partition(".")
        first = field_text(f"consent.{purpose}", language)
        return f"{first}, {field_text(f'channel.{channel}', language)}"
    if pair is None:
        pair = TEXTS.get(family, (field, field))
        shown = pair[1 if language == "en" else 0]
        return f"{shown}: {name}" if name else shown
    return pair[1 if language == "en" else 0]


def fault_text(
    code: str, field: str, facts: Mapping[str, object], language: str, name: str = ""
) -> str:
    """Why a row was refused, with the field it is about, in the reader's language."""
    why = window_text(ErrorCode(code), language, facts)
    return f"{field_text(field, language, name)}: {why}" if field else why
