"""What the demo story says, in both languages."""

from __future__ import annotations

from typing import Final

RU: Final = {
    "card": "Карта {card}: {holder}",
    "balance": "  баланс: бонусы {bonus}, деньги {debit}",
    "sale": "Первый чек {total}: начислено {earned}",
    "bill": "Предчек на {total} напечатан: ничего не проведено",
    "points": "Второй чек {total}, из них {paid} бонусами; начислено {earned}",
    "greedy": "Попытка оплатить бонусами весь чек {total}: касса получила отказ",
    "refund": "Возврат второго чека: бонусы вернулись, начисленное снято",
    "again": "Каждый запрос отправлен ещё раз: ответы совпали до байта, баланс прежний",
    "verify": "Журнал проверен целиком: операций {operations}, расхождений {findings}",
    "held": "  верно",
    "broken": "  НЕ СОШЛОСЬ: ожидалось {expected}, получено {found}",
    "server": "Сервер отвечает: касса http://127.0.0.1:{relay} и TCP {raw}, управление {manage}",
    "stays": "Сервер работает. Ctrl+C - остановить.",
    "making": "Готовлю базу с выдуманными гостями ...",
    "busy": "Порт {port} занят другой программой: для показа взят свободный.",
    "failed": "Сервер не запустился; почему - в строках выше.",
    "lost": "Сервер перестал отвечать: {why}",
    "users": "Пользователи показа:",
    "report": "Отчёт: {path}",
    "good": "Всё сошлось.",
    "bad": "Сошлось не всё.",
    "slip_head": "РЕСТОРАН «БУЛЬВАР»",
    "slip_back": "ВОЗВРАТ",
    "slip_bill": "ПРЕДЧЕК",
    "slip_dish": "Обед",
    "slip_total": "ИТОГО",
    "slip_points": "Оплачено бонусами",
    "slip_money": "Оплачено деньгами",
    "slip_earned": "Начислено бонусов",
    "slip_left": "Бонусов на карте",
    "slip_card": "Карта",
}
EN: Final = {
    "card": "Card {card}: {holder}",
    "balance": "  balance: points {bonus}, money {debit}",
    "sale": "First cheque {total}: {earned} points earned",
    "bill": "Bill over {total} printed: nothing is booked",
    "points": "Second cheque {total}, {paid} of it paid with points; {earned} points earned",
    "greedy": "The whole cheque {total} with points: the till is refused",
    "refund": "Second cheque returned: points are back, earned ones are taken back",
    "again": "Every request was sent once more: the same bytes came back, the balance stays",
    "verify": "The whole ledger is proven: {operations} operations, {findings} differences",
    "held": "  right",
    "broken": "  WRONG: expected {expected}, found {found}",
    "server": "The server answers: till http://127.0.0.1:{relay}, TCP {raw}, management {manage}",
    "stays": "The server is running. Ctrl+C stops it.",
    "making": "Making a database of invented guests ...",
    "busy": "Port {port} is taken by another program: a free one is used for the demo.",
    "failed": "The server did not start; the lines above say why.",
    "lost": "The server stopped answering: {why}",
    "users": "Users of the demo:",
    "report": "Report: {path}",
    "good": "All of it held.",
    "bad": "Not all of it held.",
    "slip_head": 'RESTAURANT "BULVAR"',
    "slip_back": "RETURN",
    "slip_bill": "BILL",
    "slip_dish": "Lunch",
    "slip_total": "TOTAL",
    "slip_points": "Paid with points",
    "slip_money": "Paid with money",
    "slip_earned": "Points earned",
    "slip_left": "Points on the card",
    "slip_card": "Card",
}
WORDS: Final = {"ru": RU, "en": EN}
WIDTH: Final = 36


def rubles(kopecks: int) -> str:
    """Kopecks as decimal text."""
    sign = "-" if kopecks < 0 else ""
    return f"{sign}{abs(kopecks) // 100}.{abs(kopecks) % 100:02d}"


def slip(words: dict[str, str], head: str, lines: list[tuple[str, str]]) -> list[str]:
    """A receipt as it comes out of the printer."""
    inner = [words["slip_head"].center(WIDTH), words[head].center(WIDTH) if head else ""]
    rows = [f"{name}{value:>{max(1, WIDTH - len(name))}}" for name, value in lines]
    paper = [*(line for line in inner if line.strip()), "-" * WIDTH, *rows]
    edge = "  +" + "-" * (WIDTH + 2) + "+"
    return [edge, *(f"  | {line:<{WIDTH}} |" for line in paper), edge]
