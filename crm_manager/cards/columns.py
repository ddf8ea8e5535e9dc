"""What lists of cards show."""

from __future__ import annotations

from typing import Final

from crm_manager.naming import CARD_GROUPS, CARD_RANGES
from crm_manager.words import CARD_EVENTS, CARD_KINDS, CARD_STATES
from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    code_column,
    flag_column,
    last_day_column,
    moment_column,
    name_column,
    text_column,
)

NUMBER: Final = code_column("card_code", tr("Номер", "Number"), width=150, is_sortable=True)
REST: Final = (
    choice_column("state", tr("Состояние", "State"), CARD_STATES, width=140),
    name_column("group_id", tr("Группа", "Group"), CARD_GROUPS, width=140),
    choice_column("kind", tr("Вид", "Kind"), CARD_KINDS, width=110),
    last_day_column("valid_to", tr("Действует до", "Valid until"), width=130),
    text_column("block_reason", tr("Причина блокировки", "Reason of the block"), width=200),
    flag_column("limited_accounts", tr("С ограничениями", "Limited"), width=130, is_shown=False),
    flag_column("seize", tr("Изъять", "Seize"), is_shown=False),
    name_column("range_id", tr("Диапазон", "Range"), CARD_RANGES, width=140, is_shown=False),
    moment_column("issued_at", tr("Выпущена", "Issued"), width=150, is_shown=False),
)
CARDS: Final = (
    NUMBER,
    text_column("holder_name", tr("Гость", "Guest"), width=240),
    *REST,
)
CARDS_OF_HOLDER: Final = (NUMBER, *REST)
EVENTS: Final = (
    moment_column("at", tr("Когда", "When"), width=150),
    choice_column("event", tr("Что", "What"), CARD_EVENTS, width=140),
    text_column("reason", tr("Причина", "Reason"), width=240),
    code_column("user_id", tr("Кто", "Who"), width=90),
)
