"""What the list of programs shows."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import LAST_COLUMNS, NAME_COLUMN
from shared.i18n.texts import tr
from shared.ui.column import choice_column, flag_column, moment_column, text_column

CALCULATION: Final = {
    1: (tr("касса", "the till"), None),
    2: (tr("сервер", "the server"), None),
}
CLASSIFIERS: Final = (
    NAME_COLUMN,
    text_column("client_type", tr("Вид", "Kind"), width=90),
    flag_column("api_visible", tr("Пускать", "Let in"), width=100),
    choice_column("calc_mode", tr("Считает", "Counts"), CALCULATION, width=100),
    text_column("time_zone", tr("Часовой пояс", "Time zone"), width=150),
    moment_column("last_seen_at", tr("Обращалась", "Last call"), width=150),
    *LAST_COLUMNS,
)
