"""The list of restaurants."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.naming import DIVISIONS
from crm_manager.units.columns import STATES, UNITS
from crm_manager.units.editor import SPEC as EDITOR
from shared.i18n.texts import tr
from shared.ui.filters import ChoiceFilter, DeletedFilter, NameFilter, TextFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.record_dialog import editing_deeds, opens
from shared.ui.shell import Shell
from shared.wire.divisions import DeleteUnit, ListUnits, Unit


def _key(unit: Unit) -> int:
    return unit.unit_id


def _delete(unit: Unit, operation_id: str) -> DeleteUnit:
    return DeleteUnit(operation_id=operation_id, unit_id=unit.unit_id, version=unit.version)


def _begin(page: Any) -> dict[str, Any]:
    """A new restaurant belongs to the first division that is known."""
    divisions = page.workplace.names.rows(DIVISIONS)
    return {"division_id": min(divisions, default=None)}


SPEC: Final = ListSpec(
    code="units",
    title=tr("Рестораны", "Units"),
    query=ListUnits(),
    columns=UNITS,
    key=_key,
    right="operation.view",
    tables=frozenset({"unit"}),
    filters=(
        TextFilter(name="name", label=tr("Название", "Name")),
        NameFilter(name="division_id", label=tr("Подразделение", "Division"), dictionary=DIVISIONS),
        ChoiceFilter(
            name="state",
            label=tr("Состояние", "State"),
            choices={key: text for key, (text, _) in STATES.items()},
        ),
        DeletedFilter(),
    ),
    empty=tr("Ресторанов пока нет", "No units yet"),
    empty_why=tr(
        "Ресторан появится сам с первой продажей, или добавьте его здесь.",
        "A unit appears with its first sale, or add it here.",
    ),
    deeds=editing_deeds(EDITOR, _key, _delete, new=tr("Новый ресторан", "New unit"), values=_begin),
    opens=opens(EDITOR, _key),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
