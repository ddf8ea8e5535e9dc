"""The list of roles: read whole, there are few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.page import Deed, Page
from shared.ui.record_dialog import edit_record, editing_deeds, opens
from shared.ui.shell import Shell
from shared.ui.short_list import ShortList
from shared.ui.theme import STEP
from shared.ui.widgets import rows
from shared.wire.changes import Changes
from shared.wire.roles import DeleteRole, ListRoles, Role
from user_manager.roles.columns import ROLES
from user_manager.roles.editor import SPEC as EDITOR

TITLE = tr("Роли и права", "Roles and rights")
COPY = tr("Копировать…", "Copy…")
COPY_OF = tr("{name} (копия)", "{name} (copy)")
LONGEST: Final = 100


def _key(role: Role) -> int:
    return role.role_id


def _delete(role: Role, operation_id: str) -> DeleteRole:
    return DeleteRole(operation_id=operation_id, role_id=role.role_id, version=role.version)


async def copy(page: Page, chosen: Sequence[Role]) -> None:
    """A new role that begins with the rights of another."""
    role = chosen[0]
    values: dict[str, Any] = {**EDITOR.values(role)}
    values["name"] = COPY_OF.of(name=role.name)[:LONGEST]
    await edit_record(page, page.workplace, EDITOR, None, values)


DEEDS: Final = (
    *editing_deeds(EDITOR, _key, _delete, new=tr("Новая роль", "New role")),
    Deed(code="copy", text=COPY, run=copy, needs="one", right=EDITOR.right),
)


class RolesPage(Page):
    """All roles."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, TITLE)
        self.list = ShortList(
            self,
            "roles",
            ROLES,
            _key,
            self._load,
            title=TITLE,
            deeds=DEEDS,
            opens=opens(EDITOR, _key),
        )
        self.setLayout(rows(self.list, margin=2 * STEP))
        self.workplace.live.changed.connect(self._news)

    async def _load(self) -> Sequence[Role]:
        found = await self.workplace.ask(ListRoles())
        return found.roles

    def entered(self) -> None:
        """Read it anew."""
        self.refresh()

    def refresh(self) -> None:
        """Read it (again)."""
        self.list.reload()

    def _news(self, changes: Changes) -> None:
        if changes.reload or any(c.table in ("role", "user") for c in changes.changes):
            self.refresh()


def make(shell: Shell) -> RolesPage:
    """The page."""
    return RolesPage(shell)
