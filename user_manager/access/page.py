"""The journal of access: sign-ins, failures, refusals for lack of a right, exports."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.column import Column, moment_column, text_column
from shared.ui.filters import NameFilter, PeriodFilter, TextFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.shell import Shell
from shared.ui.theme import Tone
from shared.wire.base import Sort
from shared.wire.roles import ListActivity
from user_manager.access.words import WHAT
from user_manager.naming import USERS


def _what(value: str) -> str:
    found = WHAT.get(value)
    return value if found is None else str(found[0])


def _who(activity: Any) -> Any:
    return activity.login or activity.user_id


SPEC: Final = ListSpec(
    code="access",
    title=tr("Доступ", "Access"),
    query=ListActivity(),
    columns=(
        moment_column("at", tr("Когда", "When"), width=150, is_sortable=True),
        Column(
            "what",
            tr("Что", "What"),
            show=_what,
            width=200,
            tones={code: tone for code, (_, tone) in WHAT.items() if tone is not Tone.CALM},
        ),
        Column("login", tr("Пользователь", "User"), show=str, width=170, value=_who),
        text_column("host", tr("Компьютер", "Computer"), width=150),
        text_column("application", tr("Программа", "Program"), width=150),
        text_column("details", tr("Подробности", "Details"), width=260),
    ),
    key=lambda row: row.user_activity_id,
    right="journal.view",
    tables=frozenset({"user_activity"}),
    sort=Sort(field="at", descending=True),
    filters=(
        PeriodFilter(name="at", label=tr("Когда", "When"), is_moment=True),
        NameFilter(name="user_id", label=tr("Пользователь", "User"), dictionary=USERS),
        TextFilter(name="login", label=tr("Имя для входа", "Login"), operator="starts"),
        TextFilter(name="what", label=tr("Код события", "Event code"), operator="starts"),
    ),
    empty=tr("Журнал пуст", "The journal is empty"),
    empty_why=tr(
        "Здесь видны входы, неудачные попытки, отказы и выгрузки.",
        "Sign-ins, failed attempts, refusals and exports appear here.",
    ),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
