"""Rows of a record: added and changed in a small form, undone, and only read without the right."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from shared.ui.dialogs import FormDialog
from shared.wire.properties import AddProperty, PropertyFields, PropertyValueFields
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window, open_window


def add_list(office: Office) -> None:
    asked = AddProperty(
        operation_id=new_operation_id(),
        fields=PropertyFields(name="Блюдо", code_name="dish", property_type=5, applies_to=1),
        values=[PropertyValueFields(name="Борщ"), PropertyValueFields(name="Уха")],
    )
    office.ask(asked)


def open_list(window: Window) -> tuple[Any, Any]:
    page = window.list_page("properties")
    page.table.opened.emit(page.model.record(window.texts(page, "name").index("Блюдо")))
    dialog = window.dialog()
    window.settle()
    return dialog, dialog.editor.form._cells["values"].shown


def names(shown: Any) -> list[str]:
    return [one.name for one in shown.typed()]


def test_rows_are_changed_taken_away_and_the_steps_go_back(window: Window) -> None:
    add_list(window.office)
    dialog, shown = open_list(window)
    form = dialog.editor.form
    assert not form.is_changed
    shown.table.selectRow(0)
    shown.change()
    window.settle()
    window.save(name="Щи")
    assert names(shown) == ["Щи", "Уха"]
    assert shown.typed()[0].property_value_id is not None
    form._typing = None
    shown.table.selectRow(1)
    shown.remove()
    assert names(shown) == ["Щи"]
    form.undo()
    assert names(shown) == ["Щи", "Уха"]
    form.undo()
    assert names(shown) == ["Борщ", "Уха"]
    assert not form.is_changed
    dialog.reject()


def test_a_row_form_that_is_cancelled_changes_nothing(window: Window) -> None:
    add_list(window.office)
    dialog, shown = open_list(window)
    shown.add()
    window.settle()
    window.dialog(FormDialog).reject()
    window.settle()
    assert names(shown) == ["Борщ", "Уха"]
    assert not dialog.editor.form.is_changed
    dialog.reject()


def test_without_the_right_rows_are_only_read(qtbot: QtBot, office: Office) -> None:
    add_list(office)
    office.add_user("анна", "holder.view")
    with open_window(qtbot, office, login="анна") as window:
        dialog, shown = open_list(window)
        buttons = (shown.add_button, shown.change_button, shown.remove_button)
        assert not any(one.isVisible() for one in buttons)
        shown.table.selectRow(0)
        shown.remove()
        shown.change()
        window.settle()
        assert names(shown) == ["Борщ", "Уха"]
        assert window.dialogs() == [dialog]
        dialog.reject()
