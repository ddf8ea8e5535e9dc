"""The long lists in a guest's tabs, and his history."""

from __future__ import annotations

from crm_manager.cards.actions import DEEDS as CARD_DEEDS
from crm_manager.cards.columns import CARDS_OF_HOLDER
from crm_manager.holders.editor import SPEC
from crm_manager.holders.tab_columns import OPERATIONS, HistoryLine
from shared.i18n.texts import tr
from shared.ui.filters import PeriodFilter
from shared.ui.list_spec import ListSpec
from shared.ui.workplace import Workplace
from shared.wire.base import Condition
from shared.wire.cards import ListCards
from shared.wire.operations import ListOperations
from shared.wire.roles import GetHistory

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


async def history_of(place: Workplace, holder_id: int) -> list[HistoryLine]:
    """Who changed what of a guest, newest first."""
    lines: list[HistoryLine] = []
    for table in ("holder", "person"):
        found = await place.ask(GetHistory(table_name=table, row_key=str(holder_id)))
        lines += [
            HistoryLine(
                key=f"{change.change_id}.{number}",
                at=change.at,
                action=change.action,
                user_id=change.user_id,
                field_name=field_title(field.field_name),
                old_value=field.old_value,
                new_value=field.new_value,
                reason=change.reason,
            )
            for change in found.changes
            for number, field in enumerate(found.fields.get(change.change_id, []))
        ]
    return sorted(lines, key=lambda one: one.at, reverse=True)


def field_title(name: str) -> str:
    """The label of a field of the questionnaire by its name."""
    for section in SPEC.sections:
        for field in section.fields:
            if field.name == name:
                return str(field.label)
    return name
