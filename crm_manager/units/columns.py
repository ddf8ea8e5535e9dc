"""What the list of restaurants shows."""

from __future__ import annotations

from typing import Final

from crm_manager.naming import CLASSIFIERS, DIVISIONS
from shared.i18n.texts import tr
from shared.ui.column import choice_column, flag_column, name_column, number_column, text_column
from shared.ui.theme import Tone

STATES: Final = {
    1: (tr("Тестовый", "Test"), Tone.WARN),
    2: (tr("Работает", "Live"), Tone.GOOD),
    3: (tr("Закрыт", "Closed"), Tone.CALM),
}
UNITS: Final = (
    text_column("name", tr("Название", "Name"), width=240, is_sortable=True),
    name_column("division_id", tr("Подразделение", "Division"), DIVISIONS, width=180),
    choice_column("state", tr("Состояние", "State"), STATES, width=130),
    text_column("pos_code", tr("Код на кассе", "Till code"), width=120, is_sortable=True),
    number_column("pos_number", tr("Номер на кассе", "Till number"), width=140),
    name_column("classifier_id", tr("Программа", "Program"), CLASSIFIERS, width=150),
    text_column("address", tr("Адрес", "Address"), width=240),
    text_column("phone", tr("Телефон", "Phone"), width=140),
    number_column("sort_no", tr("Порядок", "Order"), is_sortable=True, is_shown=False),
    flag_column("is_active", tr("Действует", "Active"), width=110),
)
