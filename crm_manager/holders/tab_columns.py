"""What the lists in a guest's tabs show: accounts, operations, contacts, consents, history."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.naming import ACCOUNT_TYPES, ADDRESS_TYPES, CLASSIFIERS, CONTACT_TYPES, UNITS
from crm_manager.words import (
    ACCOUNT_STATES,
    CHANNELS,
    CONSENT_PURPOSES,
    CONSENT_SOURCES,
    GRANTED,
    OPERATION_KINDS,
    OPERATION_STATES,
)
from shared.i18n.formats import phone
from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    code_column,
    flag_column,
    last_day_column,
    moment_column,
    money_column,
    name_column,
    text_column,
)

PHONE: Final = 1
ACCOUNTS: Final = (
    name_column("account_type_id", tr("Тип счёта", "Account type"), ACCOUNT_TYPES, width=200),
    money_column("balance", tr("Остаток", "Balance"), width=130),
    money_column("spendable", tr("Можно потратить", "Can be spent"), width=150),
    money_column("held", tr("В резерве", "On hold"), width=110),
    money_column("pending", tr("Ещё не доступно", "Pending"), width=140),
    money_column("uncovered", tr("Долг", "Debt"), width=100),
    choice_column("state", tr("Состояние", "State"), ACCOUNT_STATES, width=130),
    money_column("credit_depth", tr("Кредит", "Credit"), width=100),
    text_column("number", tr("Номер", "Number"), width=150, is_shown=False),
    last_day_column("valid_to", tr("Действует до", "Valid until"), is_shown=False),
    moment_column("opened_at", tr("Открыт", "Opened"), is_shown=False),
)
OPERATIONS: Final = (
    code_column("operation_id", tr("№", "No."), width=150, is_sortable=True),
    moment_column("occurred_at", tr("Когда", "When"), width=150),
    choice_column("kind", tr("Операция", "Operation"), OPERATION_KINDS, width=170),
    choice_column("status", tr("Итог", "Outcome"), OPERATION_STATES, width=120),
    money_column("check_total", tr("Чек", "Cheque"), width=120),
    money_column("check_discount", tr("Скидка", "Discount"), width=110),
    money_column("paid_accounts", tr("Оплачено счетами", "Paid by accounts"), width=160),
    name_column("unit_id", tr("Ресторан", "Unit"), UNITS, width=150),
    name_column("classifier_id", tr("Программа", "Program"), CLASSIFIERS, width=130),
    code_column("card_code", tr("Карта", "Card"), width=140),
    text_column("remarks", tr("Примечание", "Remarks"), width=200),
)


def _contact(row: Any) -> str:
    return phone(row.value) if row.contact_class == PHONE else str(row.value)


CONTACTS: Final = (
    name_column("contact_type_id", tr("Вид", "Kind"), CONTACT_TYPES, width=160),
    text_column("value", tr("Контакт", "Contact"), width=240, value=_contact),
    flag_column("dispatch", tr("Рассылки", "Mailings"), width=100),
    flag_column("is_main", tr("Основной", "Main"), width=100),
    moment_column("confirmed_at", tr("Подтверждён", "Confirmed"), width=150),
    text_column("notes", tr("Примечание", "Notes"), width=200),
)
CONSENTS: Final = (
    moment_column("at", tr("Когда", "When"), width=150),
    choice_column("purpose", tr("Для чего", "Purpose"), CONSENT_PURPOSES, width=220),
    choice_column(
        "channel",
        tr("Канал", "Channel"),
        {**CHANNELS, 0: (tr("все каналы", "all channels"), None)},
        width=120,
        value=lambda row: row.channel or 0,
    ),
    choice_column("granted", tr("Решение", "Decision"), GRANTED, width=120),
    choice_column("source", tr("Откуда", "Source"), CONSENT_SOURCES, width=140),
    text_column("evidence", tr("Основание", "Evidence"), width=200),
)
ADDRESSES: Final = (
    name_column("address_type_id", tr("Вид", "Kind"), ADDRESS_TYPES, width=140),
    text_column("zip", tr("Индекс", "Postcode"), width=90),
    text_column("city", tr("Город", "City"), width=150),
    text_column("street", tr("Улица", "Street"), width=200),
    text_column("house", tr("Дом", "House"), width=70),
    text_column("building", tr("Корпус", "Building"), width=80),
    text_column("apartment", tr("Квартира", "Apartment"), width=90),
    text_column("country", tr("Страна", "Country"), width=120, is_shown=False),
    text_column("region", tr("Область", "Region"), width=140, is_shown=False),
    text_column("metro_station", tr("Метро", "Metro"), width=140, is_shown=False),
    text_column("extended", tr("Дополнение", "More"), width=200),
)
