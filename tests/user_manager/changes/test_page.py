"""The journal of edits: rows of every table, and the fields of one change."""

from __future__ import annotations

from shared.wire.divisions import AddUnit, EditUnit, UnitFields
from tests.helpers.office import new_operation_id
from tests.helpers.windows import Window


def test_a_change_opens_with_its_fields(window: Window) -> None:
    office = window.office
    fields = UnitFields(name="Тверская", division_id=1)
    key = office.ask(AddUnit(operation_id=new_operation_id(), fields=fields)).key
    edit = UnitFields(phone="222")
    office.ask(EditUnit(operation_id=new_operation_id(), unit_id=key, version=1, fields=edit))
    page = window.list_page("changes")
    window.picture("changes")
    tables = window.texts(page, "table_name")
    window.choose(page, tables.index("unit"))
    window.press(page, "open")
    dialog = window.dialog()
    window.settle()
    window.picture("change", dialog)
    assert window.texts(dialog, "field_name") == ["phone"]
    assert window.texts(dialog, "new_value") == ["222"]
    dialog.reject()
