"""What the list of users shows."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    flag_column,
    last_day_column,
    moment_column,
    text_column,
)
from shared.ui.theme import Tone

BLOCKED, LOCKED, NEW, WORKING = range(4)
STATES: Final = {
    BLOCKED: (tr("Заблокирован", "Blocked"), Tone.BAD),
    LOCKED: (tr("Вход закрыт на время", "Locked out"), Tone.WARN),
    NEW: (tr("Ждёт смены пароля", "Must change password"), Tone.WARN),
    WORKING: (tr("Действует", "Active"), Tone.GOOD),
}


def state_of(user: Any) -> int:
    """In a word how a user stands."""
    if user.is_blocked:
        return BLOCKED
    if user.locked_until is not None:
        return LOCKED
    return NEW if user.must_change else WORKING


USERS: Final = (
    text_column("login", tr("Имя для входа", "Login"), width=160, is_sortable=True),
    text_column("full_name", tr("Полное имя", "Full name"), width=220, is_sortable=True),
    choice_column("state", tr("Состояние", "State"), STATES, width=180, value=state_of),
    last_day_column("expires_on", tr("Действует до", "Valid until"), width=120),
    moment_column("password_at", tr("Пароль задан", "Password set"), width=150),
    moment_column("locked_until", tr("Вход закрыт до", "Locked until"), width=150, is_shown=False),
    flag_column("all_divisions", tr("Все подразделения", "All divisions"), width=150),
    text_column("email", tr("Почта", "E-mail"), width=180, is_shown=False),
    text_column("phone", tr("Телефон", "Phone"), width=140, is_shown=False),
    text_column("remarks", tr("Заметки", "Remarks"), width=220, is_shown=False),
)
