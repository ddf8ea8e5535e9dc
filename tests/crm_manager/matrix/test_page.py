"""The matrix: ticked and typed in place, saved as one, kept over somebody else's change."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from shared.wire.classifiers import Cell, CellEdit, CellFields, EditMatrix, GetMatrix
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window, open_window

ON, OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked
CHECK = Qt.ItemDataRole.CheckStateRole


def cells(office: Office) -> dict[tuple[int, int], Cell]:
    found = office.ask(GetMatrix()).cells
    return {(one.classifier_id, one.account_type_id): one for one in found}


def open_matrix(window: Window) -> Any:
    page: Any = window.shell.open_page("matrix")
    window.settle()
    return page


def tick(page: Any, key: tuple[int, int], name: str, state: Qt.CheckState) -> None:
    assert page.model.setData(page.model.place_of(*key, name), state, CHECK)


def enter(page: Any, key: tuple[int, int], name: str, text: str) -> bool:
    return bool(page.model.setData(page.model.place_of(*key, name), text))


def test_flags_figures_and_till_lines_are_saved_as_one(window: Window) -> None:
    before = cells(window.office)
    key = next(iter(before))
    page = open_matrix(window)
    was = before[key].debit_allowed
    tick(page, key, "debit_allowed", OFF if was else ON)
    assert enter(page, key, "debit_priority", "7")
    assert enter(page, key, "credit_k_bp", "0,5")
    menu = page.view.kinds_menu(page.model.place_of(*key, "pos_kinds"))
    menu.actions()[3].toggle()
    window.picture("matrix")
    assert page.is_unsaved()
    page.save()
    window.expect("Сохранено: 1 ячейка")
    after = cells(window.office)[key]
    assert (after.debit_allowed, after.debit_priority, after.credit_k_bp) == (not was, 7, 5000)
    assert after.pos_kinds == before[key].pos_kinds ^ 8
    assert not page.is_unsaved()


def test_what_is_typed_back_is_no_change(window: Window) -> None:
    key, cell = next(iter(cells(window.office).items()))
    page = open_matrix(window)
    assert enter(page, key, "debit_priority", "7")
    tick(page, key, "visible", OFF if cell.visible else ON)
    back = "" if cell.debit_priority is None else str(cell.debit_priority)
    assert enter(page, key, "debit_priority", back)
    tick(page, key, "visible", ON if cell.visible else OFF)
    assert page.model.changed == 0
    assert not page.save_button.isEnabled()


def test_a_figure_that_cannot_be_read_is_not_taken(window: Window) -> None:
    key = next(iter(cells(window.office)))
    page = open_matrix(window)
    assert not enter(page, key, "debit_priority", "много")
    assert "целое число" in page.model.fault
    for wrong in ("0", "1,00001", "половина", "1e99999"):
        assert not enter(page, key, "debit_k_bp", wrong)
    assert page.model.changed == 0


def test_access_is_closed_and_opened_again(window: Window) -> None:
    key = next(iter(cells(window.office)))
    page = open_matrix(window)
    page.view.setCurrentIndex(page.model.place_of(*key, "visible"))
    page.close_access()
    page.save()
    window.expect("Сохранено: 1 ячейка")
    assert key not in cells(window.office)
    tick(page, key, "credit_allowed", ON)
    tick(page, key, "debit_allowed", ON)
    page.save()
    window.expect("Сохранено: 1 ячейка")
    made = cells(window.office)[key]
    assert (made.credit_allowed, made.debit_allowed, made.visible) == (True, True, True)


def test_somebody_elses_change_is_taken_in_below_mine(window: Window) -> None:
    key, cell = next(iter(cells(window.office).items()))
    page = open_matrix(window)
    assert enter(page, key, "debit_priority", "7")
    edit = CellEdit(
        classifier_id=key[0],
        account_type_id=key[1],
        version=cell.version,
        fields=CellFields(credit_priority=9),
    )
    page.workplace.live.stop()
    window.office.ask(EditMatrix(operation_id=new_operation_id(), cells=[edit]))
    page.save()
    window.until(page.notice.isVisible)
    window.settle()
    assert "кто-то другой" in page.notice.text.text()
    page.save()
    window.expect("Сохранено: 1 ячейка")
    after = cells(window.office)[key]
    assert (after.debit_priority, after.credit_priority) == (7, 9)


def test_what_has_no_column_is_edited_in_a_form(window: Window) -> None:
    key = next(iter(cells(window.office)))
    page = open_matrix(window)
    page.view.setCurrentIndex(page.model.place_of(*key, "visible"))
    page.details()
    dialog = window.fill(max_pay_bp=5000, min_pay=10_000)
    window.picture("matrix_cell", dialog)
    dialog.save()
    window.until(lambda: window.dialogs() == [])
    page.save()
    window.expect("Сохранено: 1 ячейка")
    after = cells(window.office)[key]
    assert (after.max_pay_bp, after.min_pay) == (5000, 10_000)


def test_without_the_right_it_is_only_seen(qtbot: QtBot, office: Office) -> None:
    office.add_user("анна", "program.edit")
    with open_window(qtbot, office, login="анна", language="en", scheme="dark") as window:
        page = open_matrix(window)
        window.picture("matrix_dark")
        key = next(iter(cells(office)))
        assert not enter(page, key, "debit_priority", "7")
        assert not page.save_button.isVisible()
