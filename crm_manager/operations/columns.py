"""What an operation's page shows: balanced entries, lots, reversals."""

from __future__ import annotations

from typing import Final

from crm_manager.naming import ACCOUNT_TYPES, SCHEMES
from crm_manager.words import LOT_STATES, OPERATION_KINDS, purpose
from shared.i18n.texts import tr
from shared.ui.column import (
    choice_column,
    code_column,
    flag_column,
    last_day_column,
    moment_column,
    money_column,
    name_column,
    rate_column,
    text_column,
)

ENTRIES: Final = (
    code_column("entry_id", tr("Проводка", "Entry"), width=150),
    name_column("account_type_id", tr("Тип счёта", "Account type"), ACCOUNT_TYPES, width=180),
    text_column("purpose", tr("Назначение", "Purpose"), width=170, show=purpose),
    money_column("amount", tr("Счёт гостя", "Guest's account"), width=140),
    money_column("house_amount", tr("Счёт дома", "House account"), width=120),
    money_column("balance_after", tr("Остаток", "Balance"), width=120),
    money_column("left", tr("Ещё действует", "Still stands"), width=130),
    rate_column("rate_bp", tr("Ставка", "Rate"), width=90),
    name_column("scheme_id", tr("Схема", "Scheme"), SCHEMES, width=150),
    money_column("pos_amount", tr("Сумма кассы", "Till's sum"), width=120, is_shown=False),
)
LOTS: Final = (
    code_column("lot_id", tr("Партия", "Lot"), width=150),
    money_column("amount", tr("Сумма", "Amount"), width=120),
    money_column("remaining", tr("Осталось", "Remaining"), width=120),
    choice_column("state", tr("Состояние", "State"), LOT_STATES, width=150),
    moment_column("available_at", tr("Доступна с", "Available from"), width=150),
    last_day_column("expires_on", tr("Сгорает", "Burns"), width=120),
)
REVERSALS: Final = (
    code_column("operation_id", tr("Операция", "Operation"), width=150),
    choice_column("kind", tr("Вид", "Kind"), OPERATION_KINDS, width=180),
    moment_column("occurred_at", tr("Когда", "When"), width=150),
    money_column("check_total", tr("Чек", "Cheque"), width=120),
    flag_column("stands", tr("Действует", "Stands"), width=110),
)
