"""The form of a restaurant."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.naming import CLASSIFIERS, DIVISIONS
from crm_manager.units.columns import STATES
from shared.i18n.texts import tr
from shared.ui.editor import EditorSpec
from shared.ui.fields import ChoiceField, FlagField, NameField, NumberField, TextField
from shared.ui.form import Section
from shared.wire.divisions import AddUnit, EditUnit, GetUnit, UnitFields

LARGEST_NUMBER: Final = (1 << 31) - 1
SECTIONS: Final = (
    Section(
        None,
        (
            TextField(name="name", label=tr("Название", "Name"), needed=True, longest=100),
            NameField(
                name="division_id",
                label=tr("Подразделение", "Division"),
                dictionary=DIVISIONS,
                needed=True,
            ),
            ChoiceField(
                name="state",
                label=tr("Состояние", "State"),
                choices={key: text for key, (text, _) in STATES.items()},
                default=2,
                needed=True,
                help=tr(
                    "Операции тестового ресторана не входят в отчёты",
                    "Reports leave the operations of a test unit out",
                ),
            ),
            NameField(
                name="classifier_id", label=tr("Программа", "Program"), dictionary=CLASSIFIERS
            ),
            TextField(
                name="pos_code",
                label=tr("Код на кассе", "Till code"),
                longest=40,
                help=tr(
                    "Код ресторана, который присылает касса", "The unit's code as the till sends it"
                ),
            ),
            NumberField(
                name="pos_number",
                label=tr("Номер на кассе", "Till number"),
                high=LARGEST_NUMBER,
            ),
            TextField(name="address", label=tr("Адрес", "Address"), longest=255, wide=True),
            TextField(name="phone", label=tr("Телефон", "Phone"), longest=40),
            NumberField(
                name="sort_no",
                label=tr("Порядок в списках", "Order in lists"),
                default=0,
                high=32000,
            ),
            FlagField(name="is_active", label=tr("Действует", "Active"), default=True),
        ),
    ),
)


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> EditUnit:
    return EditUnit(
        operation_id=operation_id, unit_id=key, version=version, fields=UnitFields(**changes)
    )


def _add(operation_id: str, values: dict[str, Any]) -> AddUnit:
    return AddUnit(operation_id=operation_id, fields=UnitFields(**values))


SPEC: Final = EditorSpec(
    code="unit",
    title=tr("Ресторан", "Unit"),
    title_new=tr("Новый ресторан", "New unit"),
    sections=SECTIONS,
    fields=UnitFields,
    right="unit.edit",
    get=lambda key: GetUnit(unit_id=key),
    values=lambda unit: {f.name: getattr(unit, f.name) for f in SECTIONS[0].fields},
    version=lambda unit: int(unit.version),
    edit=_edit,
    add=_add,
    tables=frozenset({"unit"}),
    history="unit",
)
