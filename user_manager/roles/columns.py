"""What the list of roles shows."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.column import Column, flag_column, money_column, number_column, text_column
from shared.wire.rights import RIGHTS


def _count(role: Any) -> int:
    return len(role.rights)


ROLES: Final = (
    text_column("name", tr("Роль", "Role"), width=220),
    Column(
        "rights",
        tr("Прав из {n}", "Rights of {n}").of(n=len(RIGHTS)),  # type: ignore[arg-type]
        show=str,
        value=_count,
        width=120,
        is_right=True,
    ),
    number_column("users", tr("Пользователей", "Users"), width=130),
    money_column("amount_limit", tr("Предел операции", "Operation limit"), width=140),
    number_column("unmask_per_day", tr("Показов в день", "Unmaskings a day"), width=140),
    flag_column("is_active", tr("Действует", "Active"), width=100),
    flag_column("is_builtin", tr("Встроенная", "Built in"), width=100),
)
