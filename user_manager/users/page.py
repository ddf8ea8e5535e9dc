"""The list of users."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.filters import ChoiceFilter, DeletedFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.record_dialog import editing_deeds, opens
from shared.ui.shell import Shell
from shared.wire.base import Condition
from shared.wire.roles import DeleteUser, ListUsers, UserRow
from user_manager.users.actions import ADDING, DEEDS
from user_manager.users.columns import USERS
from user_manager.users.editor import SPEC as EDITOR

MOST_FOUND: Final = 200
YES_NO: Final = {True: tr("да", "yes"), False: tr("нет", "no")}


def _key(user: UserRow) -> int:
    return user.user_id


def _delete(user: UserRow, operation_id: str) -> DeleteUser:
    return DeleteUser(operation_id=operation_id, user_id=user.user_id, version=user.version)


async def search(page: Any, text: str) -> tuple[list[UserRow], bool]:
    """Users by a part of the login or of the name."""
    found: dict[int, UserRow] = {}
    more = False
    for field in ("login", "full_name"):
        where = [Condition(field=field, operator="contains", value=text)]
        answer = await page.workplace.ask(ListUsers(where=where, limit=MOST_FOUND))
        found.update({row.user_id: row for row in answer.rows})
        more = more or answer.next is not None
    return sorted(found.values(), key=lambda row: row.login.casefold()), more


SPEC: Final = ListSpec(
    code="users",
    title=tr("Пользователи", "Users"),
    query=ListUsers(),
    columns=USERS,
    key=_key,
    right="user.edit",
    tables=frozenset({"user"}),
    search=search,
    search_hint=tr("Имя для входа или полное имя", "Login or full name"),
    filters=(
        ChoiceFilter(name="is_blocked", label=tr("Заблокирован", "Blocked"), choices=YES_NO),
        DeletedFilter(),
    ),
    empty=tr("Пользователей нет", "No users"),
    empty_why=tr("Добавьте первого пользователя.", "Add the first user."),
    deeds=(
        ADDING,
        *editing_deeds(EDITOR, _key, _delete, name_of=lambda user: str(user.login)),
        *DEEDS,
    ),
    opens=opens(EDITOR, _key),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
