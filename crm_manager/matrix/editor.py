"""Everything of one cell of the matrix in a form: also what the grid has no column for."""

from __future__ import annotations

from typing import Final

from crm_manager.matrix.columns import COLUMNS, PLAIN_K
from crm_manager.naming import SCHEMES, TIME_SETS
from shared.i18n.texts import tr
from shared.ui.fields import Field, MoneyField, NameField, NumberField, RateField
from shared.ui.form import Section

MOST_SLOTS: Final = 8
_FIGURES: Final[tuple[Field, ...]] = tuple(c.field for c in COLUMNS if c.field is not None)
_MORE: Final[tuple[Field, ...]] = (
    RateField(
        name="max_pay_bp",
        label=tr("Оплата: не больше части чека", "Payment: at most this part of a cheque"),
        default=PLAIN_K,
        needed=True,
    ),
    MoneyField(
        name="min_pay",
        label=tr("Оплата: не меньше", "Payment: at least"),
        default=0,
        needed=True,
    ),
    MoneyField(
        name="keep_rest",
        label=tr("Оставлять к оплате деньгами", "Leave to be paid with money"),
        default=0,
        needed=True,
    ),
    NameField(name="scheme_id", label=tr("Схема", "Scheme"), dictionary=SCHEMES),
    NameField(
        name="debit_time_id",
        label=tr("Списание по расписанию", "Debit by a time set"),
        dictionary=TIME_SETS,
        help=tr("Пусто: всегда", "Empty: always"),
    ),
    NameField(
        name="credit_time_id",
        label=tr("Начисление по расписанию", "Credit by a time set"),
        dictionary=TIME_SETS,
        help=tr("Пусто: всегда", "Empty: always"),
    ),
    NumberField(
        name="sum_slot",
        label=tr("Сумма на кассе, место", "Sum at the till, slot"),
        low=1,
        high=MOST_SLOTS,
        help=tr(
            "В каком из восьми полей карты касса показывает остаток",
            "In which of its eight fields the till shows the balance",
        ),
    ),
)
SECTIONS: Final = (
    Section(tr("Порядок и коэффициенты", "Order and coefficients"), _FIGURES),
    Section(tr("Оплата и расписание", "Payment and times"), _MORE),
)
NAMES: Final = tuple(field.name for section in SECTIONS for field in section.fields)
