"""The form of a division: a company or branch that owns restaurants and guests."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.declaring import LAST_COLUMNS, NAME_COLUMN, ORDER, name_field, row_of
from crm_manager.naming import DIVISIONS
from shared.i18n.texts import tr
from shared.ui.column import flag_column, last_day_column, name_column, number_column, text_column
from shared.ui.editor import EditorSpec
from shared.ui.fields import Field, NameField, NumberField, TextField
from shared.ui.form import Section
from shared.wire.base import Condition
from shared.wire.divisions import AddDivision, DivisionFields, EditDivision, ListDivisions

MOST_PREFIX: Final = 999
COLUMNS: Final = (
    NAME_COLUMN,
    name_column("parent_id", tr("Входит в", "Part of"), DIVISIONS, width=180),
    number_column("id_prefix", tr("Префикс", "Prefix"), width=90),
    text_column("inn", tr("ИНН", "Tax number"), width=130),
    flag_column("is_main", tr("Главное", "Main"), width=90),
    last_day_column(
        "books_closed_until",
        tr("Закрыто по", "Closed until"),
        value=lambda row: row.books_closed_until,
    ),
    *LAST_COLUMNS,
)
FIELDS: Final[tuple[Field, ...]] = (
    name_field(),
    NumberField(
        name="id_prefix",
        label=tr("Префикс номеров", "Prefix of numbers"),
        needed=True,
        low=1,
        high=MOST_PREFIX,
        help=tr(
            "У каждого подразделения свой: по нему различаются номера записей",
            "Each division has its own: numbers of its rows are told apart by it",
        ),
    ),
    NameField(name="parent_id", label=tr("Входит в", "Part of"), dictionary=DIVISIONS),
    TextField(name="inn", label=tr("ИНН", "Tax number"), longest=12),
    TextField(name="full_name", label=tr("Полное название", "Full name"), longest=255, wide=True),
    ORDER,
)


def _get(key: int) -> ListDivisions:
    """One division is asked for as a list of one."""
    return ListDivisions(where=[Condition(field="division_id", value=key)], limit=1)


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> EditDivision:
    fields = DivisionFields(**changes)
    return EditDivision(operation_id=operation_id, division_id=key, version=version, fields=fields)


def _add(operation_id: str, values: dict[str, Any]) -> AddDivision:
    given = {name: value for name, value in values.items() if value is not None}
    return AddDivision(operation_id=operation_id, fields=DivisionFields(**given))


SPEC: Final = EditorSpec(
    code="division",
    title=tr("Подразделение", "Division"),
    title_new=tr("Новое подразделение", "New division"),
    sections=(Section(None, FIELDS),),
    fields=DivisionFields,
    right="unit.edit",
    get=_get,
    values=lambda found: {f.name: getattr(row_of(found), f.name) for f in FIELDS},
    version=lambda found: int(row_of(found).version),
    edit=_edit,
    add=_add,
    tables=frozenset({"division"}),
    history="division",
)
