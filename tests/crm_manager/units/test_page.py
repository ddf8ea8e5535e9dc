"""Restaurants: listed, added, changed, deleted; a conflict, a refusal beside its field."""

from __future__ import annotations

from typing import Any

from shared.wire.divisions import AddUnit, EditUnit, ListUnits, UnitFields
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window


def add(office: Office, name: str, **fields: Any) -> int:
    asked = AddUnit(
        operation_id=new_operation_id(),
        fields=UnitFields(name=name, division_id=1, **fields),
    )
    return office.ask(asked).key


def test_a_new_unit_is_added_and_appears(window: Window) -> None:
    page = window.list_page("units")
    window.press(page, "add")
    dialog = window.dialog()
    dialog.editor.form.fill({"name": "Тверская", "division_id": 1, "pos_code": "199990001"})
    window.picture("unit_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: "Тверская" in window.texts(page, "name"))
    (unit,) = [one for one in window.office.ask(ListUnits()).rows if one.name == "Тверская"]
    assert (unit.pos_code, unit.state, unit.is_active) == ("199990001", 2, True)


def test_a_unit_is_changed_and_its_history_tells(window: Window) -> None:
    add(window.office, "Тверская")
    page = window.list_page("units")
    row = window.texts(page, "name").index("Тверская")
    window.choose(page, row)
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"address": "Тверская, 1"})
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: window.texts(page, "address")[row] == "Тверская, 1")
    page.table.opened.emit(page.model.record(row))
    again = window.dialog()
    window.settle()
    again._toggle_history()
    window.settle()
    assert "Адрес" in window.texts(again.history, "field_name")
    again.reject()


def test_a_name_that_is_taken_is_told_in_the_dialog(window: Window) -> None:
    add(window.office, "Тверская")
    page = window.list_page("units")
    window.press(page, "add")
    dialog = window.dialog()
    dialog.editor.form.fill({"name": "Тверская", "division_id": 1})
    dialog.editor.save()
    window.until(lambda: dialog.editor.notice.isVisible() or bool(dialog.editor.form._told))
    assert dialog.isVisible()
    dialog.editor.form.load({})
    dialog.reject()


def test_typed_text_is_not_lost_by_escape(window: Window) -> None:
    page = window.list_page("units")
    window.press(page, "add")
    dialog = window.dialog()
    dialog.editor.form.fill({"name": "Тверская"})
    dialog.reject()
    window.answer("no")
    assert dialog.isVisible()
    dialog.reject()
    window.answer("yes")
    window.until(lambda: window.dialogs() == [])


def test_a_unit_is_deleted_after_a_question(window: Window) -> None:
    add(window.office, "Лишний")
    page = window.list_page("units")
    window.choose(page, window.texts(page, "name").index("Лишний"))
    window.press(page, "delete")
    window.answer("yes")
    window.expect("Удалено: 1 запись")
    window.until(lambda: "Лишний" not in window.texts(page, "name"))


def test_somebody_elses_change_of_the_same_field_is_asked_about(window: Window) -> None:
    key = add(window.office, "Тверская")
    page = window.list_page("units")
    row = window.texts(page, "name").index("Тверская")
    page.table.opened.emit(page.model.record(row))
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"phone": "111"})
    window.office.ask(
        EditUnit(
            operation_id=new_operation_id(), unit_id=key, version=1, fields=UnitFields(phone="222")
        )
    )
    dialog.editor.save()
    window.until(dialog.editor.conflicts.isVisible)
    dialog.editor._take()
    dialog.editor.save()
    window.until(lambda: window.dialogs() == [])
    window.expect("Сохранено")
    (unit,) = [one for one in window.office.ask(ListUnits()).rows if one.unit_id == key]
    assert unit.phone == "111"
