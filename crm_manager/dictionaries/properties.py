"""Properties of guests, cards and restaurants, with the items of those that are lists."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.declaring import ACTIVE, LAST_COLUMNS, NAME_COLUMN, ORDER, Subject, name_field
from crm_manager.masks import MaskField
from crm_manager.words import Toned, plain
from shared.i18n.texts import Text, tr
from shared.ui.column import Column, choice_column, flag_column, text_column
from shared.ui.fields import Choice, ChoiceField, ChoiceGroup, Field, FlagField, TextField
from shared.ui.form import Section
from shared.ui.rows_field import RowsField
from shared.wire import properties as wire
from shared.wire.dictionaries import RIGHT

TYPES: Final[dict[int, Toned]] = {
    1: (tr("да или нет", "yes or no"), None),
    2: (tr("целое число", "whole number"), None),
    3: (tr("сумма", "amount"), None),
    4: (tr("дата", "date"), None),
    5: (tr("список", "list"), None),
    6: (tr("текст", "text"), None),
}
NOBODY: Final = tr("Отметьте хотя бы одного", "Tick at least one")


def _some(mask: Any) -> Text | None:
    return None if mask else NOBODY


OWNERS: Final = MaskField(
    name="applies_to",
    label=tr("У кого", "Whose"),
    groups=(
        ChoiceGroup(
            tr("Владельцы", "Owners"),
            (
                Choice(0, tr("гость", "guest")),
                Choice(1, tr("карта", "card")),
                Choice(2, tr("ресторан", "unit")),
            ),
        ),
    ),
    default=1,
    lines=4,
    check=_some,
)
ITEMS: Final[tuple[Field, ...]] = (
    name_field(60),
    TextField(name="value", label=tr("Значение", "Value"), longest=450),
)
PROPERTY: Final = Subject(
    code="property",
    title=tr("Свойства", "Properties"),
    one=tr("Свойство", "Property"),
    new=tr("Новое свойство", "New property"),
    table="property",
    key="property_id",
    right=RIGHT,
    query=wire.ListProperties(),
    get=lambda key: wire.GetProperty(key=key),
    fields=wire.PropertyFields,
    add=wire.AddProperty,
    edit=wire.EditProperty,
    delete=wire.DeleteProperty,
    columns=(
        NAME_COLUMN,
        choice_column("property_type", tr("Что это", "Kind"), TYPES),
        text_column("code_name", tr("Код", "Code"), width=140),
        Column("applies_to", tr("У кого", "Whose"), show=OWNERS.shown, width=180),
        flag_column("required", tr("Обязательно", "Required"), width=130),
        flag_column("is_personal", tr("Личное", "Personal"), width=100),
        *LAST_COLUMNS,
    ),
    sections=(
        Section(
            None,
            (
                name_field(),
                TextField(
                    name="code_name",
                    label=tr("Код", "Code"),
                    needed=True,
                    longest=40,
                    help=tr("Под этим именем его видят программы", "Programs know it by this name"),
                ),
                ChoiceField(
                    name="property_type",
                    label=tr("Что это", "Kind"),
                    choices=plain(TYPES),
                    needed=True,
                    help=tr(
                        "После первого значения не меняется", "Stays as it is after the first value"
                    ),
                ),
                ORDER,
                FlagField(name="required", label=tr("Обязательно", "Required")),
                FlagField(
                    name="is_personal",
                    label=tr(
                        "Личные данные: стираются с гостем", "Personal: erased with the guest"
                    ),
                ),
                ACTIVE,
                OWNERS,
                RowsField(
                    name="values",
                    label=tr("Пункты списка", "Items of the list"),
                    columns=(
                        text_column("name", tr("Название", "Name"), width=220),
                        text_column("value", tr("Значение", "Value"), width=260),
                    ),
                    sections=(Section(None, ITEMS),),
                    record=wire.PropertyValueFields,
                    one=tr("Пункт списка", "Item of the list"),
                    lines=3,
                ),
            ),
        ),
    ),
    parts=("values",),
)
