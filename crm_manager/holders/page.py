"""The list of guests."""

from __future__ import annotations

from typing import Final

from crm_manager.holders import actions
from crm_manager.holders.columns import HOLDERS
from crm_manager.naming import DIVISIONS, HOLDER_GROUPS
from crm_manager.words import HOLDER_STATES, plain
from shared.i18n.texts import tr
from shared.ui.filters import ChoiceFilter, DeletedFilter, NameFilter, PeriodFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.page import Deed
from shared.ui.shell import Shell
from shared.wire.holders import ListHolders

SPEC: Final = ListSpec(
    code="holders",
    title=tr("Гости", "Guests"),
    query=ListHolders(),
    columns=HOLDERS,
    key=lambda row: row.holder_id,
    right="holder.view",
    tables=frozenset({"holder", "person"}),
    search=actions.search,
    search_hint=tr("Имя, телефон, почта или карта", "Name, phone, e-mail or card"),
    filters=(
        NameFilter(name="group_id", label=tr("Группа", "Group"), dictionary=HOLDER_GROUPS),
        NameFilter(name="division_id", label=tr("Подразделение", "Division"), dictionary=DIVISIONS),
        ChoiceFilter(name="state", label=tr("Состояние", "State"), choices=plain(HOLDER_STATES)),
        PeriodFilter(name="registered_at", label=tr("Регистрация", "Registered"), is_moment=True),
        DeletedFilter(),
    ),
    empty=tr("Гостей пока нет", "No guests yet"),
    empty_why=tr(
        "Добавьте первого гостя или загрузите список из файла.",
        "Add the first guest, or import a list from a file.",
    ),
    opens=lambda page, row: page.shell.open_record("holder", row.holder_id),
    deeds=(
        Deed(
            code="add",
            text=actions.ADD,
            run=actions.add,
            right="holder.edit",
            key="Ins",
            is_main=True,
        ),
        Deed(
            code="delete",
            text=tr("Удалить…", "Delete…"),
            run=actions.delete,
            needs="some",
            right="holder.delete",
            key="Del",
            is_danger=True,
            when=lambda page: not page.filters.own().get("deleted"),
        ),
        Deed(
            code="restore",
            text=tr("Восстановить", "Restore"),
            run=actions.restore,
            needs="some",
            right="holder.delete",
            asks=False,
            when=lambda page: bool(page.filters.own().get("deleted")),
        ),
    ),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
