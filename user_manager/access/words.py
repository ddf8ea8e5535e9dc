"""What the journal of access tells of, in words; an event without words shows its code."""

from __future__ import annotations

from typing import Final

from shared.i18n.texts import tr
from shared.ui.theme import Tone

WHAT: Final = {
    "sign_in": (tr("Вход", "Sign-in"), Tone.GOOD),
    "sign_in_failed": (tr("Неудачный вход", "Failed sign-in"), Tone.BAD),
    "sign_out": (tr("Выход", "Sign-out"), Tone.CALM),
    "first_password": (tr("Задан первый пароль", "First password set"), Tone.WARN),
    "password": (tr("Сменён пароль", "Password changed"), Tone.WARN),
    "lock": (tr("Вход закрыт на время", "Locked out"), Tone.BAD),
    "two_factor_on": (tr("Включён код входа", "Sign-in code on"), Tone.GOOD),
    "two_factor_removed": (tr("Снят код входа", "Sign-in code removed"), Tone.WARN),
    "role_rights": (tr("Изменены права роли", "Rights of a role changed"), Tone.WARN),
    "approval_asked": (tr("Запрошена подпись", "Signature asked for"), Tone.ACCENT),
    "approval_signed": (tr("Подписано", "Signed"), Tone.GOOD),
    "approval_refused": (tr("В подписи отказано", "Signature refused"), Tone.BAD),
    "approval_withdrawn": (tr("Запрос отозван", "Request withdrawn"), Tone.CALM),
    "approval_expired": (tr("Срок запроса вышел", "Request expired"), Tone.CALM),
}
