"""The long lists in a guest's tabs."""

from __future__ import annotations

from crm_manager.cards.actions import DEEDS as CARD_DEEDS
from crm_manager.cards.columns import CARDS_OF_HOLDER
from crm_manager.holders.tab_columns import OPERATIONS
from shared.i18n.texts import tr
from shared.ui.filters import PeriodFilter
from shared.ui.list_spec import ListSpec
from shared.wire.base import Condition
from shared.wire.cards import ListCards
from shared.wire.operations import ListOperations

CARDS, OPERATION_TAB = tr("Карты", "Cards"), tr("Операции", "Operations")


def cards_of(holder_id: int) -> ListSpec:
    """A guest's cards."""
    return ListSpec(
        code="holder.cards",
        title=CARDS,
        query=ListCards(where=[Condition(field="holder_id", value=holder_id)]),
        columns=CARDS_OF_HOLDER,
        key=lambda row: row.card_code,
        tables=frozenset({"card"}),
        deeds=CARD_DEEDS,
        empty=tr("Карт нет", "No cards"),
        empty_why=tr("Гостю ещё не выдали карту.", "The guest has no card yet."),
    )


def operations_of(holder_id: int) -> ListSpec:
    """What happened with a guest's accounts, newest first."""
    return ListSpec(
        code="holder.operations",
        title=OPERATION_TAB,
        query=ListOperations(where=[Condition(field="holder_id", value=holder_id)]),
        columns=OPERATIONS,
        key=lambda row: row.operation_id,
        right="operation.view",
        is_live=lambda note: note.holder_id == holder_id,
        filters=(PeriodFilter(name="business_date", label=tr("Период", "Period")),),
        opens=lambda page, row: page.shell.open_record("operation", row.operation_id),
        empty=tr("Операций нет", "No operations"),
        empty_why=tr(
            "Они появятся после первой продажи по карте.",
            "They appear after the first sale with a card.",
        ),
    )
