"""What the User Manager is made of: every page, one line each."""

from __future__ import annotations

from typing import Final

from shared.i18n.texts import tr
from shared.ui.shell import PageEntry, Shell
from shared.ui.workplace import Workplace
from user_manager.access import page as access
from user_manager.changes import page as changes
from user_manager.roles import page as roles
from user_manager.sessions import page as sessions
from user_manager.users import page as users

TITLE = tr("Картотека: пользователи", "Kartoteka: users")
FIND = tr("Поиск страницы или действия  (Ctrl+K)", "Search a page or an action  (Ctrl+K)")
JOURNALS = tr("Журналы", "Journals")
PAGES: Final = (
    PageEntry("users", users.SPEC.title, "people", users.make, right="user.edit"),
    PageEntry("roles", roles.TITLE, "key", roles.make, right="user.edit"),
    PageEntry("sessions", sessions.SPEC.title, "screen", sessions.make, right="user.edit"),
    PageEntry(
        "access", access.SPEC.title, "list", access.make, right="journal.view", group=JOURNALS
    ),
    PageEntry("changes", changes.SPEC.title, "pencil", changes.make, right="journal.view"),
)


def make_shell(workplace: Workplace) -> Shell:
    """The main window."""
    return Shell(workplace, TITLE, PAGES, find=FIND)
