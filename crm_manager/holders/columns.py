"""What lists of guests show."""

from __future__ import annotations

from typing import Final

from crm_manager.naming import DIVISIONS, HOLDER_GROUPS
from crm_manager.words import GENDERS, HOLDER_STATES
from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    code_column,
    day_column,
    flag_column,
    moment_column,
    name_column,
    text_column,
)

HOLDERS: Final = (
    code_column("pos_number", tr("№", "No."), width=90),
    text_column("full_name", tr("Имя", "Name"), width=260),
    day_column("birth_date", tr("День рождения", "Birthday"), width=124),
    choice_column(
        "gender",
        tr("Пол", "Gender"),
        {key: (text, None) for key, text in GENDERS.items()},
        width=90,
        is_shown=False,
    ),
    name_column("group_id", tr("Группа", "Group"), HOLDER_GROUPS, width=150),
    name_column("division_id", tr("Подразделение", "Division"), DIVISIONS, width=150),
    choice_column("state", tr("Состояние", "State"), HOLDER_STATES, width=140),
    flag_column("verified", tr("Проверен", "Verified"), is_shown=False),
    flag_column("is_anonymous", tr("Без имени", "Anonymous"), is_shown=False),
    moment_column("registered_at", tr("Зарегистрирован", "Registered"), width=150),
    moment_column("last_operation_at", tr("Последняя операция", "Last operation"), width=170),
    code_column("holder_id", tr("Ключ", "Key"), is_sortable=True, is_shown=False),
)
