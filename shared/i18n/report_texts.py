"""Names of reports, their columns and parameters, in Russian and English."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "turnover": ("Обороты по типам счетов и ресторанам", "Turnover by account type and unit"),
    "turnover.purpose": (
        "Сколько начислено и списано за период, по ресторанам и типам счетов",
        "What was credited and debited in a period, by unit and account type",
    ),
    "liability": ("Обязательства по бонусам", "Points liability by expiry month"),
    "liability.purpose": (
        "Сколько бонусов на счетах гостей и в каком месяце они сгорят",
        "How many points guests hold and in which month they burn",
    ),
    "journal": ("Журнал операций", "Operations journal"),
    "journal.purpose": (
        "Все проводки за период: когда, где, кому, сколько",
        "Every entry of a period: when, where, whose, how much",
    ),
    "account_class": ("Класс", "Class"),
    "account_type": ("Тип счёта", "Account type"),
    "amount": ("Сумма", "Amount"),
    "available": ("Доступно", "Available"),
    "balance_after": ("Остаток", "Balance"),
    "business_date": ("Учётный день", "Business date"),
    "card": ("Карта", "Card"),
    "cheque": ("Чек", "Cheque"),
    "classifier": ("Программа", "Program"),
    "coupon_code": ("Код купона", "Coupon code"),
    "coupon_codes": ("Коды купонов", "Coupon codes"),
    "coupon_id": ("Номер купона", "Coupon number"),
    "coupon_type": ("Тип купона", "Coupon type"),
    "count": ("Проводок", "Entries"),
    "credited": ("Начислено", "Credited"),
    "date_from": ("С", "From"),
    "date_to": ("По", "To"),
    "debited": ("Списано", "Debited"),
    "entry": ("Проводка", "Entry"),
    "holder": ("Владелец", "Holder"),
    "kind": ("Операция", "Operation"),
    "lots": ("Партий", "Lots"),
    "month": ("Сгорают в", "Burn in"),
    "occurred_at": ("Время", "Time"),
    "operation": ("№ операции", "Operation no."),
    "pending": ("Ещё не доступно", "Pending"),
    "remaining": ("Остаток", "Remaining"),
    "units": ("Рестораны", "Units"),
    "unit": ("Ресторан", "Unit"),
    "with_test": ("С тестовыми ресторанами", "With test units"),
    "account_types": ("Типы счетов", "Account types"),
    "purpose": ("Назначение", "Purpose"),
    "saldo": ("Итого", "Net"),
    "valid_from": ("Действует с", "Valid from"),
    "valid_to": ("Действует по", "Valid to"),
}


def report_text(key: str, language: str) -> str:
    """A text by its key; the last part of the key stands in for one that is missing."""
    pair = TEXTS.get(key)
    if pair is None:
        return key.rpartition(".")[2]
    return pair[1 if language == "en" else 0]
