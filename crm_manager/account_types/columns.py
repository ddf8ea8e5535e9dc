"""What the lists of account types and of their levels show."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import LAST_COLUMNS, NAME_COLUMN
from crm_manager.naming import ACCOUNT_TYPES, SCHEMES
from crm_manager.words import Toned
from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    flag_column,
    money_column,
    name_column,
    number_column,
    text_column,
)
from shared.ui.theme import Tone

CLASSES: Final[dict[int, Toned]] = {
    1: (tr("бонусный", "bonus"), Tone.GOOD),
    2: (tr("дисконтный", "discount"), Tone.ACCENT),
    3: (tr("дебетовый", "debit"), Tone.WARN),
    5: (tr("потрачено", "spent"), Tone.CALM),
    81: (tr("сертификат", "certificate"), Tone.WARN),
    82: (tr("долг гостя", "receivable"), Tone.BAD),
    99: (tr("счётчик", "counter"), Tone.CALM),
}
UNITS: Final[dict[int, Toned]] = {
    1: (tr("деньги", "money"), None),
    2: (tr("баллы", "points"), None),
    3: (tr("штуки", "count"), None),
}
TYPES: Final = (
    NAME_COLUMN,
    choice_column("account_class", tr("Класс", "Class"), CLASSES, width=130),
    choice_column("value_unit", tr("Единица", "Unit"), UNITS, width=100),
    name_column("default_scheme_id", tr("Схема", "Scheme"), SCHEMES, width=180),
    flag_column("open_for_all", tr("Всем гостям", "For everybody"), width=120),
    flag_column("uses_lots", tr("Партии", "Lots"), width=90),
    text_column("external_code", tr("Внешний код", "External code"), width=130, is_shown=False),
    *LAST_COLUMNS,
)
LEVELS: Final = (
    number_column("level_no", tr("№", "No."), width=50),
    text_column("name", tr("Уровень", "Level"), width=140),
    money_column("threshold", tr("Порог", "Threshold"), width=110),
    name_column("threshold_type_id", tr("По счёту", "Measured on"), ACCOUNT_TYPES, width=150),
    name_column("scheme_id", tr("Схема", "Scheme"), SCHEMES, width=140),
    money_column("reward", tr("Награда", "Reward"), width=100),
    flag_column("manual_only", tr("Вручную", "By hand"), width=90),
)
