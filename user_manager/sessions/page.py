"""Sessions: who is signed in, from where, and how earlier ones ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shared.client.client import new_operation_id
from shared.i18n.texts import tr
from shared.ui.column import choice_column, moment_column, text_column
from shared.ui.dialogs import ask
from shared.ui.filters import NameFilter, PeriodFilter, TextFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.page import Deed, Page
from shared.ui.shell import Shell
from shared.ui.theme import Tone
from shared.wire.base import Sort
from shared.wire.roles import EndSession, ListSessions
from shared.wire.users import SessionRow
from user_manager.naming import USERS

END = tr("Завершить…", "End…")
END_TITLE = tr("Завершить сеансы?", "End the sessions?")
END_YES = tr("Завершить", "End")
ENDED = tr("Сеанс завершён: {login}", "Session ended: {login}")
RUNNING: Final = 0
ENDS: Final = {
    RUNNING: (tr("Открыт", "Running"), Tone.GOOD),
    1: (tr("Вышел сам", "Signed out"), Tone.CALM),
    2: (tr("Истёк", "Expired"), Tone.CALM),
    3: (tr("Завершён другим", "Ended by somebody"), Tone.WARN),
    4: (tr("Сменён пароль", "Password changed"), Tone.WARN),
    5: (tr("Заблокирован", "Blocked"), Tone.BAD),
}


def _state(session: Any) -> int:
    return RUNNING if session.ended_at is None else (session.end_reason or 0)


async def end(page: Page, chosen: Sequence[SessionRow]) -> None:
    """The programs of these sessions must sign in again."""
    named = "\n".join(f"{row.login}, {row.host}" for row in chosen)
    if not await ask(page, END_TITLE, named, END_YES, is_danger=True):
        return
    for row in chosen:
        command = EndSession(operation_id=new_operation_id(), session_id=row.session_id)
        await page.workplace.ask(command)
        page.workplace.say(ENDED.of(login=row.login))


SPEC: Final = ListSpec(
    code="sessions",
    title=tr("Сеансы", "Sessions"),
    query=ListSessions(),
    columns=(
        text_column("login", tr("Пользователь", "User"), width=180, is_sortable=True),
        choice_column("state", tr("Состояние", "State"), ENDS, width=170, value=_state),
        moment_column("started_at", tr("Начат", "Started"), width=150, is_sortable=True),
        moment_column("seen_at", tr("Последнее действие", "Last seen"), width=170),
        text_column("application", tr("Программа", "Program"), width=150),
        text_column("host", tr("Компьютер", "Computer"), width=150),
        moment_column("ended_at", tr("Завершён", "Ended"), width=150),
    ),
    key=lambda row: row.session_id,
    right="user.edit",
    tables=frozenset({"user_session"}),
    sort=Sort(field="started_at", descending=True),
    filters=(
        NameFilter(name="user_id", label=tr("Пользователь", "User"), dictionary=USERS),
        TextFilter(name="application", label=tr("Программа", "Program"), operator="starts"),
        PeriodFilter(name="started_at", label=tr("Начат", "Started"), is_moment=True),
    ),
    deeds=(
        Deed(
            code="end",
            text=END,
            run=end,
            needs="some",
            right="user.edit",
            is_danger=True,
            fits=lambda row: row.ended_at is None,
        ),
    ),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
