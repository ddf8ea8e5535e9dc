"""What can be done to users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shared.client.client import new_operation_id
from shared.i18n.texts import tr
from shared.ui.dialogs import ask, ask_form
from shared.ui.fields import Fault, SecretField
from shared.ui.form import Section
from shared.ui.page import Deed, Page
from shared.ui.record_dialog import edit_record
from shared.wire.roles import RemoveTwoFactor, SetPassword, UnlockUser, UserRow
from user_manager.users.editor import NEW

ADD = tr("Новый пользователь", "New user")
PASSWORD = tr("Задать пароль…", "Set password…")
PASSWORD_FOR = tr("Новый пароль: {login}", "New password: {login}")
PASSWORD_WHY = tr(
    "Открытые сеансы завершатся; при входе пользователь сменит пароль на свой.",
    "Open sessions end; at the next sign-in the user replaces it by his own.",
)
PASSWORD_SET = tr("Пароль задан", "The password is set")
DIFFERENT = tr("Пароли не совпадают", "The passwords differ")
UNLOCK = tr("Открыть вход", "Unlock")
UNLOCKED = tr("Вход открыт: {login}", "Unlocked: {login}")
NO_CODE = tr("Снять код входа…", "Remove sign-in code…")
NO_CODE_TITLE = tr("Снять код входа: {login}?", "Remove the sign-in code: {login}?")
NO_CODE_WHY = tr(
    "Пользователь войдёт по одному паролю и сможет завести новый код.",
    "The user signs in by the password alone and may set up a new code.",
)
NO_CODE_YES = tr("Снять", "Remove")
NO_CODE_DONE = tr("Код входа снят", "The sign-in code is removed")
FORM: Final = (
    Section(
        None,
        (
            SecretField(name="password", label=tr("Новый пароль", "New password"), needed=True),
            SecretField(name="repeat", label=tr("Ещё раз", "Once more"), needed=True),
        ),
    ),
)


async def add(page: Page, _: Sequence[UserRow]) -> None:
    """A new user with a first password."""
    await edit_record(page, page.workplace, NEW, None)


async def set_password(page: Page, chosen: Sequence[UserRow]) -> None:
    """A password that must be changed at the next sign-in."""
    user = chosen[0]

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        if values["password"] != values["repeat"]:
            raise Fault(str(DIFFERENT))
        await page.workplace.ask(
            SetPassword(
                operation_id=operation_id, user_id=user.user_id, password=values["password"]
            )
        )

    title = PASSWORD_FOR.of(login=user.login)
    if await ask_form(page.workplace, page, title, FORM, submit, text=PASSWORD_WHY):
        page.workplace.say(PASSWORD_SET)


async def unlock(page: Page, chosen: Sequence[UserRow]) -> None:
    """End a lock-out before its time."""
    for user in chosen:
        await page.workplace.ask(UnlockUser(operation_id=new_operation_id(), user_id=user.user_id))
        page.workplace.say(UNLOCKED.of(login=user.login))


async def remove_code(page: Page, chosen: Sequence[UserRow]) -> None:
    """For somebody who lost his telephone."""
    user = chosen[0]
    title = NO_CODE_TITLE.of(login=user.login)
    if await ask(page, title, NO_CODE_WHY, NO_CODE_YES, is_danger=True):
        await page.workplace.ask(
            RemoveTwoFactor(operation_id=new_operation_id(), user_id=user.user_id)
        )
        page.workplace.say(NO_CODE_DONE)


ADDING: Final = Deed(code="add", text=ADD, run=add, right="user.edit", key="Ins", is_main=True)
DEEDS: Final = (
    Deed(code="password", text=PASSWORD, run=set_password, needs="one", right="user.edit"),
    Deed(
        code="unlock",
        text=UNLOCK,
        run=unlock,
        needs="some",
        right="user.edit",
        fits=lambda user: user.locked_until is not None,
    ),
    Deed(code="no_code", text=NO_CODE, run=remove_code, needs="one", right="user.edit"),
)
