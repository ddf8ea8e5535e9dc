"""The list of divisions."""

from __future__ import annotations

from typing import Final

from crm_manager.divisions.actions import DEEDS
from crm_manager.divisions.editor import COLUMNS
from crm_manager.divisions.editor import SPEC as EDITOR
from shared.i18n.texts import tr
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.record_dialog import editing_deeds, opens
from shared.ui.shell import Shell
from shared.wire.divisions import Division, ListDivisions


def _key(row: Division) -> int:
    return row.division_id


SPEC: Final = ListSpec(
    code="divisions",
    title=tr("Подразделения", "Divisions"),
    query=ListDivisions(),
    columns=COLUMNS,
    key=_key,
    right="operation.view",
    tables=frozenset({"division"}),
    deeds=(
        *editing_deeds(EDITOR, _key, None, new=tr("Новое подразделение", "New division")),
        *DEEDS,
    ),
    opens=opens(EDITOR, _key),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
