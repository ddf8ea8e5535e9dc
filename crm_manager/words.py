"""Words for the numbers of the contract, used by more than one page (domain 1)."""

from __future__ import annotations

from typing import Final

from shared.i18n.texts import Text, tr
from shared.ui.theme import Tone

Toned = tuple[Text, Tone | None]

HOLDER_STATES: Final[dict[int, Toned]] = {
    1: (tr("Действует", "Active"), Tone.GOOD),
    2: (tr("Объединён", "Merged"), Tone.CALM),
    3: (tr("Данные стёрты", "Erased"), Tone.CALM),
}
GENDERS: Final[dict[int, Text]] = {
    0: tr("не указан", "unknown"),
    1: tr("мужской", "male"),
    2: tr("женский", "female"),
}
MARITAL: Final[dict[int, Text]] = {
    0: tr("не указано", "unknown"),
    1: tr("не в браке", "not married"),
    2: tr("в браке", "married"),
}
LANGUAGES: Final[dict[int, Text]] = {
    1049: tr("русский", "Russian"),
    1033: tr("английский", "English"),
}
CARD_STATES: Final[dict[int, Toned]] = {
    1: (tr("Активна", "Active"), Tone.GOOD),
    2: (tr("Неактивна", "Inactive"), Tone.CALM),
    3: (tr("Аннулирована", "Voided"), Tone.BAD),
    4: (tr("Заблокирована", "Blocked"), Tone.WARN),
}
CARD_KINDS: Final[dict[int, Toned]] = {
    1: (tr("пластик", "plastic"), None),
    2: (tr("виртуальная", "virtual"), None),
    3: (tr("временная", "temporary"), None),
    4: (tr("служебная", "staff"), None),
}
CARD_EVENTS: Final[dict[int, Toned]] = {
    1: (tr("выпущена", "issued"), None),
    2: (tr("выдана", "bound"), None),
    3: (tr("отвязана", "unbound"), None),
    4: (tr("активирована", "activated"), None),
    5: (tr("выключена", "deactivated"), None),
    6: (tr("заблокирована", "blocked"), None),
    7: (tr("разблокирована", "unblocked"), None),
    8: (tr("аннулирована", "voided"), None),
    9: (tr("заменена", "replaced"), None),
    10: (tr("изъята", "seized"), None),
    11: (tr("задан ПИН", "PIN set"), None),
}
ACCOUNT_STATES: Final[dict[int, Toned]] = {
    1: (tr("Активен", "Active"), Tone.GOOD),
    2: (tr("Заблокирован", "Blocked"), Tone.WARN),
    3: (tr("Закрыт", "Closed"), Tone.CALM),
}
OPERATION_KINDS: Final[dict[int, Toned]] = {
    1: (tr("Продажа", "Sale"), None),
    2: (tr("Возврат", "Refund"), None),
    3: (tr("Отмена продажи", "Sale rolled back"), None),
    4: (tr("Отмена возврата", "Refund rolled back"), None),
    10: (tr("Пополнение", "Top-up"), None),
    11: (tr("Выдача денег", "Withdrawal"), None),
    12: (tr("Начисление программой", "Direct credit"), None),
    13: (tr("Списание программой", "Direct debit"), None),
    14: (tr("Корректировка", "Adjustment"), None),
    15: (tr("Перенос", "Transfer"), None),
    16: (tr("Начальный остаток", "Opening balance"), None),
    18: (tr("Сгорание", "Expiry"), None),
    19: (tr("Продление срока", "Extension"), None),
    20: (tr("Восстановление", "Reinstatement"), None),
    21: (tr("Смена уровня", "Level change"), None),
    22: (tr("Наполнение", "Refill"), None),
    23: (tr("Начисление по акции", "Campaign credit"), None),
    24: (tr("Выдача купона", "Coupon issued"), None),
    25: (tr("Купон использован", "Coupon used"), None),
    26: (tr("Купон возвращён", "Coupon given back"), None),
    27: (tr("Купон погашен", "Coupon voided"), None),
    30: (tr("Резерв", "Hold"), None),
    31: (tr("Списание резерва", "Hold captured"), None),
    32: (tr("Резерв снят", "Hold voided"), None),
    33: (tr("Резерв истёк", "Hold expired"), None),
    40: (tr("Сертификат продан", "Certificate sold"), None),
    41: (tr("Оплата сертификатом", "Certificate payment"), None),
    42: (tr("Сертификат погашен", "Certificate voided"), None),
    50: (tr("Погашение долга", "Debt settled"), None),
    60: (tr("Исправление", "Correction"), None),
}
OPERATION_STATES: Final[dict[int, Toned]] = {
    1: (tr("Проведена", "Accepted"), Tone.GOOD),
    2: (tr("Отказ", "Refused"), Tone.BAD),
}
PURPOSES: Final[dict[int, Text]] = {
    1: tr("оплата", "payment"),
    2: tr("начисление", "accrual"),
    3: tr("потрачено", "spent"),
    4: tr("скидка", "discount"),
    5: tr("пополнение", "top-up"),
    6: tr("выдача", "withdrawal"),
    7: tr("программой", "direct"),
    8: tr("корректировка", "adjustment"),
    9: tr("перенос", "transfer"),
    10: tr("начальный остаток", "opening"),
    11: tr("сгорание", "expiry"),
    12: tr("восстановление", "reinstatement"),
    13: tr("наполнение", "refill"),
    14: tr("акция", "campaign"),
    15: tr("за уровень", "level reward"),
    16: tr("долг", "receivable"),
    17: tr("погашение долга", "settlement"),
    18: tr("сертификат", "certificate"),
}
REVERSAL: Final = 100
REVERSED = tr("возврат: {what}", "reversal: {what}")
LOT_STATES: Final[dict[int, Toned]] = {
    1: (tr("Ещё не доступна", "Pending"), Tone.CALM),
    2: (tr("Доступна", "Available"), Tone.GOOD),
    3: (tr("Срок прошёл", "Due"), Tone.WARN),
    4: (tr("Потрачена", "Spent"), Tone.CALM),
    5: (tr("Сгорела", "Burnt"), Tone.BAD),
    6: (tr("Отменена", "Cancelled"), Tone.CALM),
}
CONSENT_PURPOSES: Final[dict[int, Toned]] = {
    1: (tr("Хранение личных данных", "Keeping person data"), None),
    2: (tr("Рекламные сообщения", "Marketing"), None),
    3: (tr("Служебные сообщения", "Service messages"), None),
    4: (tr("Анализ покупок", "Profiling"), None),
    5: (tr("Передача третьим лицам", "Third parties"), None),
}
CHANNELS: Final[dict[int | None, Toned]] = {
    1: (tr("SMS", "SMS"), None),
    2: (tr("Эл. почта", "E-mail"), None),
    3: (tr("Мессенджер", "Messenger"), None),
    4: (tr("Звонок", "Call"), None),
    5: (tr("Push", "Push"), None),
}
CONSENT_SOURCES: Final[dict[int, Toned]] = {
    1: (tr("Бумажная анкета", "Paper form"), None),
    2: (tr("Касса", "Till"), None),
    3: (tr("Сайт", "Site"), None),
    4: (tr("Ответ STOP", "Reply STOP"), None),
    5: (tr("Импорт", "Import"), None),
    6: (tr("Сотрудник", "User"), None),
    7: (tr("Жалоба", "Complaint"), None),
}
GRANTED: Final[dict[bool, Toned]] = {
    True: (tr("Согласие", "Consent"), Tone.GOOD),
    False: (tr("Отказ", "Refusal"), Tone.BAD),
}


def purpose(number: int) -> str:
    """What an entry is for, in words."""
    base = PURPOSES.get(number % REVERSAL)
    text = str(number) if base is None else str(base)
    return REVERSED.of(what=text) if number > REVERSAL else text


def plain(choices: dict[int, Toned]) -> dict[int, Text]:
    """Choices of a form or filter, without their colours."""
    return {key: text for key, (text, _) in choices.items()}
