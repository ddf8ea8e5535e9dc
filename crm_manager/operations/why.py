"""Why an operation's numbers are what they are: the rule trace as sentences (domain 3.15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.i18n.error_texts import window_text
from shared.i18n.formats import money, number, rate
from shared.i18n.texts import Text, language, tr
from shared.wire.errors import ErrorCode
from shared.wire.operations import EntryRow, Explanation

FULL_K: Final = 10_000
KINDS: Final = {
    0: tr("оплата", "payment"),
    1: tr("скидка", "discount"),
    2: tr("бонус", "bonus"),
    3: tr("потрачено", "spent"),
}
SOURCES: Final = {
    1: tr("личная схема счёта", "the account's own scheme"),
    2: tr("уровень в этой программе", "the level in this program"),
    3: tr("схема уровня", "the level's scheme"),
    4: tr("схема строки матрицы", "the scheme of the matrix row"),
    5: tr("схема типа счёта", "the scheme of the account type"),
}
NO_RATE = tr("схемы нет, ставка 0", "no scheme, rate 0")
RATE = tr(
    "Ставка {rate}, код для кассы {code}: {source}",
    "Rate {rate}, code for the till {code}: {source}",
)
PERIOD = tr("действует строка календаря № {n}", "calendar row no. {n} applies")
ROUNDING = tr(
    "Начислено {result}: база {base} × ставка {rate} × коэффициент {k}, округлено один раз",
    "Credited {result}: base {base} × rate {rate} × coefficient {k}, rounded once",
)
POS_SUMS = tr(
    "Суммы прислала касса, сервер их не пересчитывает",
    "The till sent the sums; the server does not compute them anew",
)
PAID = tr(
    "Касса списала {pos}, со счёта ушло {units}: коэффициент {k}",
    "The till debited {pos}, the account gave {units}: coefficient {k}",
)
REFUND = tr(
    "Из проводки № {entry} возвращают {asked}: взято {taken}, сгорело раньше {burnt}, "
    "прощено {forgiven}, в долг {receivable}",
    "Of entry no. {entry} {asked} is taken back: taken {taken}, burnt before {burnt}, "
    "forgiven {forgiven}, owed {receivable}",
)
HOLD = tr("Резерв действует до {until}", "The hold lasts until {until}")
WARNINGS: Final[Mapping[str, Text]] = {
    "sign contradicts the kind": tr(
        "Касса прислала строку «{kind}» на {amount} с непривычным знаком; проведена как есть",
        'The till sent the line "{kind}" of {amount} with an unusual sign; booked as it is',
    ),
    "card and holder differ": tr(
        "Касса назвала карту {card} и гостя № {person}, но карта другого гостя; решает карта",
        "The till named card {card} and guest {person}, but the card is another guest's; "
        "the card decides",
    ),
    "no account type serves the line": tr(
        "Строка «{kind}» на {amount} не проведена: ни один тип счёта её не обслуживает",
        'The line "{kind}" of {amount} was not booked: no account type serves it',
    ),
    "line not booked": tr(
        "Строка «{kind}» на {amount} не проведена: {why}",
        'The line "{kind}" of {amount} was not booked: {why}',
    ),
    "line not booked by the sale": tr(
        "Строка «{kind}» на {amount} не возвращена: продажа её не проводила",
        'The line "{kind}" of {amount} was not given back: the sale had not booked it',
    ),
    "rounds to nothing": tr(
        "Строка «{kind}» на {amount} после коэффициента округлилась до нуля",
        'The line "{kind}" of {amount} rounds to nothing after the coefficient',
    ),
    "spent differs from cheque": tr(
        "Касса прислала «потрачено», а по чеку выходит {cheque}; взято присланное",
        'The till sent "spent", the cheque says {cheque}; what was sent counts',
    ),
    "accrual not booked": tr(
        "Начисление с {net} не проведено: {why}", "The accrual on {net} was not booked: {why}"
    ),
    "not given back": tr("Не возвращено {amount}", "Not given back: {amount}"),
    "return without its sale": tr(
        "Продажа для этого возврата не найдена", "The sale of this return was not found"
    ),
    "payment of an unknown sale not given back": tr(
        "Оплата {amount} неизвестной продажи не возвращена",
        "The payment of {amount} of an unknown sale was not given back",
    ),
    "forgiven": tr(
        "Гость уже потратил возвращаемое: прощено {amount}, в долг {receivable}",
        "The guest had spent what is taken back: forgiven {amount}, owed {receivable}",
    ),
    "no use of the coupon to give back": tr(
        "У купона № {coupon} нет использования, которое можно вернуть",
        "Coupon no. {coupon} has no use that could be given back",
    ),
}
SUMS: Final = frozenset({"amount", "cheque", "net", "receivable", "asked", "taken", "burnt"})
NO_TRACE = tr(
    "Пояснения у этой операции нет: её суммы никто не вычислял",
    "This operation has no explanation: nothing was computed",
)
GONE = tr(
    "Пояснение удалено после срока хранения; подпись операции осталась",
    "The explanation was removed after its time; the operation's seal stays",
)


def sentences(found: Explanation, entries: list[EntryRow]) -> list[str]:
    """The trace and what entries tell, as sentences in the reader's language."""
    told: list[str] = []
    trace = found.trace or {}
    told += _rate(trace)
    told += [str(POS_SUMS)] if not trace.get("mode") and entries else []
    told += [
        PAID.of(pos=money(one.pos_amount), units=money(one.amount), k=_k(one.k_bp))
        for one in entries
        if one.pos_amount is not None and one.k_bp not in (None, FULL_K)
    ]
    refund = trace.get("refund", {})
    told += [
        REFUND.of(**{k: money(v) if k != "entry" else v for k, v in one.items()})
        for one in refund.get("lines", [])
    ]
    if "hold_until" in trace:
        told.append(HOLD.of(until=trace["hold_until"]))
    told += [_warning(one) for one in trace.get("warnings", [])]
    if found.trace is None:
        told.append(str(GONE if found.was_traced else NO_TRACE))
    return told


def _rate(trace: dict[str, Any]) -> list[str]:
    found = trace.get("rate")
    if not isinstance(found, dict):
        return []
    source = SOURCES.get(found.get("source") or 0, NO_RATE)
    shown = rate(int(found.get("bp") or 0))
    told = RATE.of(rate=shown, code=found.get("code"), source=source)
    if found.get("param") is not None:
        told += "; " + PERIOD.of(n=found["param"])
    rounding = trace.get("rounding")
    if not isinstance(rounding, dict):
        return [told]
    return [
        told,
        ROUNDING.of(
            result=money(int(rounding.get("result", 0))),
            base=money(int(rounding.get("base", 0))),
            rate=shown,
            k=_k(rounding.get("k")),
        ),
    ]


def _k(basis_points: Any) -> str:
    return money(int(basis_points or FULL_K) // 100)


def _warning(one: dict[str, Any]) -> str:
    facts = {k: _fact(k, v) for k, v in one.items() if k != "what"}
    pattern = WARNINGS.get(one.get("what", ""))
    if pattern is None:
        known = ", ".join(f"{name}: {value}" for name, value in facts.items())
        return f"{one.get('what', '')} ({known})" if known else str(one.get("what", ""))
    return str(pattern).format_map(_Known(facts))


class _Known(dict[str, str]):
    """A fact that an older server did not write is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _fact(name: str, value: Any) -> str:
    if name == "kind":
        return str(KINDS.get(value, value))
    if name == "why" and value in ErrorCode.__members__:
        return window_text(ErrorCode(value), language(), {})
    if name in SUMS and isinstance(value, int):
        return money(value)
    return number(value) if isinstance(value, int) and name == "count" else str(value)
