"""What the grid shows of a cell of the matrix: one column for each right or figure (domain 1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.fields import Fault, Field, NumberField

LARGEST_K: Final = 100_000_000
LARGEST_PRIORITY: Final = 1_000_000
PLAIN_K: Final = 10_000
KINDS: Final = {
    1: tr("оплата", "payment"),
    2: tr("скидка", "discount"),
    4: tr("бонусы", "bonus"),
    8: tr("траты", "spending"),
}
"""Bits of `pos_kinds`: lines of a till that the account type serves."""
SHOWN: Final = tr("Виден", "Shown")
DEBIT: Final = tr("Списание", "Debit")
CREDIT: Final = tr("Начисление", "Credit")
DEBIT_PRIORITY: Final = tr("Приоритет списания", "Debit priority")
CREDIT_PRIORITY: Final = tr("Приоритет начисления", "Credit priority")
DEBIT_K: Final = tr("Коэффициент списания", "Debit coefficient")
CREDIT_K: Final = tr("Коэффициент начисления", "Credit coefficient")
POS_KINDS: Final = tr("Строки кассы", "Till lines")


@dataclass(frozen=True)
class GridColumn:
    """One column of a program's block."""

    name: str
    """The field of the cell."""
    title: Text
    """What stands above the column; the tool tip says more."""
    tip: Text
    kind: str
    """flag, number or kinds."""
    width: int
    field: Field | None = None
    """Reads and writes a figure."""


NO_FACTOR: Final = tr("Нужно число, например 0,5", "A number is needed, for example 0.5")


class FactorField(NumberField):
    """A factor, kept in ten thousandths: 0,5 is 5000."""

    def understand(self, text: str) -> int:
        """Both 0,5 and 0.5; more than four digits behind the point are refused."""
        try:
            value = Decimal("".join(text.split()).replace(",", ".")) * PLAIN_K
        except InvalidOperation:
            raise Fault(str(NO_FACTOR)) from None
        if not value.is_finite() or value != value.to_integral_value():
            raise Fault(str(NO_FACTOR))
        return int(value)

    def write(self, value: Any) -> Any:
        """Without needless zeros."""
        if value is None:
            return ""
        whole, rest = divmod(int(value), PLAIN_K)
        part = f"{rest:04d}".rstrip("0")
        sign = formats.money(1)[1]
        return f"{whole}{sign}{part}" if part else str(whole)


def _priority(name: str, title: Text) -> NumberField:
    return NumberField(name=name, label=title, high=LARGEST_PRIORITY)


def _k(name: str, title: Text) -> FactorField:
    return FactorField(name=name, label=title, low=1, high=LARGEST_K, needed=True)


COLUMNS: Final = (
    GridColumn("visible", SHOWN, tr("Касса видит счёт", "The till sees the account"), "flag", 66),
    GridColumn("debit_allowed", tr("Спис.", "Deb."), DEBIT, "flag", 66),
    GridColumn("credit_allowed", tr("Нач.", "Cred."), CREDIT, "flag", 66),
    GridColumn(
        "debit_priority",
        tr("Пр. спис.", "Pr. deb."),
        tr(
            "Приоритет списания: меньшее раньше, пусто значит 100",
            "Debit priority: the smaller goes first, empty means 100",
        ),
        "number",
        88,
        _priority("debit_priority", DEBIT_PRIORITY),
    ),
    GridColumn(
        "credit_priority",
        tr("Пр. нач.", "Pr. cred."),
        tr(
            "Приоритет начисления: меньшее раньше, пусто значит 100",
            "Credit priority: the smaller goes first, empty means 100",
        ),
        "number",
        88,
        _priority("credit_priority", CREDIT_PRIORITY),
    ),
    GridColumn(
        "debit_k_bp",
        tr("К спис.", "K deb."),
        tr(
            "Коэффициент списания: единиц счёта за единицу денег кассы",
            "Debit coefficient: account units for a unit of the till's money",
        ),
        "number",
        88,
        _k("debit_k_bp", DEBIT_K),
    ),
    GridColumn(
        "credit_k_bp",
        tr("К нач.", "K cred."),
        tr(
            "Коэффициент начисления: единиц счёта за единицу денег кассы",
            "Credit coefficient: account units for a unit of the till's money",
        ),
        "number",
        88,
        _k("credit_k_bp", CREDIT_K),
    ),
    GridColumn(
        "pos_kinds",
        POS_KINDS,
        tr("Какие строки чека касса ведёт по счёту", "Lines of a cheque that this type serves"),
        "kinds",
        190,
    ),
)
KIND_DEFAULTS: Final = {1: 5, 2: 2, 3: 1, 5: 8, 81: 1}
"""Lines that a new cell serves, by the class of its type (as the server begins it)."""


def kinds_text(bits: int) -> str:
    """Till lines in words."""
    return ", ".join(str(text) for bit, text in KINDS.items() if bits & bit)


def begin_of(account_class: int) -> dict[str, Any]:
    """What a cell begins with."""
    return {
        "visible": True,
        "debit_allowed": False,
        "credit_allowed": False,
        "debit_priority": None,
        "credit_priority": None,
        "debit_k_bp": PLAIN_K,
        "credit_k_bp": PLAIN_K,
        "debit_time_id": None,
        "credit_time_id": None,
        "scheme_id": None,
        "max_pay_bp": PLAIN_K,
        "min_pay": 0,
        "keep_rest": 0,
        "sum_slot": None,
        "pos_kinds": KIND_DEFAULTS.get(account_class, 0),
    }
