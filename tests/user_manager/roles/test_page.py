"""Roles: rights as a tree that can be searched, copies, what is refused."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from shared.ui.check_tree import ChecksWidget
from shared.wire.rights import RIGHTS as CODES
from shared.wire.roles import ListRoles, Role
from tests.helpers.office import Office
from tests.helpers.windows import Window
from user_manager.roles.rights import RIGHTS


def role(office: Office, name: str) -> Role:
    return next(one for one in office.ask(ListRoles()).roles if one.name == name)


def open_role(window: Window, row: int) -> Any:
    page: Any = window.shell.open_page("roles")
    window.settle()
    window.choose(page.list, row)
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    return dialog


def tree_of(dialog: Any) -> ChecksWidget:
    found = dialog.editor.form._cells["rights"].shown
    assert isinstance(found, ChecksWidget)
    return found


def leaf(shown: ChecksWidget, key: str) -> QTreeWidgetItem:
    return next(one for one in shown._leaves() if one.data(0, Qt.ItemDataRole.UserRole) == key)


def test_every_right_has_its_words_once() -> None:
    named = [one.key for group in RIGHTS for one in group.choices]
    assert sorted(named) == sorted(CODES)


def test_a_new_role_is_made_with_its_rights(window: Window) -> None:
    page: Any = window.shell.open_page("roles")
    window.settle()
    window.picture("roles")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill(
        {"name": "Хостес", "rights": ("holder.view", "card.state"), "amount_limit": 50_000}
    )
    window.picture("role_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    made = role(window.office, "Хостес")
    assert (sorted(made.rights), made.amount_limit) == (["card.state", "holder.view"], 50_000)


def test_a_right_is_ticked_by_hand_and_only_rights_are_sent(window: Window) -> None:
    before = window.office.ask(ListRoles()).roles[1]
    dialog = open_role(window, 1)
    shown = tree_of(dialog)
    had = "card.void" in before.rights
    state = Qt.CheckState.Unchecked if had else Qt.CheckState.Checked
    leaf(shown, "card.void").setCheckState(0, state)
    assert dialog.editor.form.changes().keys() == {"rights"}
    dialog.editor.save()
    window.expect("Сохранено")
    after = role(window.office, before.name)
    assert ("card.void" in after.rights) is not had
    assert set(after.rights) ^ set(before.rights) == {"card.void"}


def test_the_tree_is_searched_by_words_and_a_heading_shows_all_below(window: Window) -> None:
    dialog = open_role(window, 1)
    shown = tree_of(dialog)
    shown.search.setText("фото")
    visible = [one for one in shown._leaves() if not one.isHidden()]
    assert [one.data(0, Qt.ItemDataRole.UserRole) for one in visible] == ["holder.edit"]
    shown.search.setText("купоны и")
    visible = [one for one in shown._leaves() if not one.isHidden()]
    assert len(visible) == 3
    assert not dialog.editor.form.is_changed
    dialog.reject()


def test_a_heading_ticks_all_below_it(window: Window) -> None:
    dialog = open_role(window, 1)
    shown = tree_of(dialog)
    top = shown.tree.topLevelItem(1)
    assert top is not None
    top.setCheckState(0, Qt.CheckState.Checked)
    wanted = {one.key for one in RIGHTS[1].choices}
    assert wanted <= set(shown.typed())
    top.setCheckState(0, Qt.CheckState.Unchecked)
    assert wanted.isdisjoint(shown.typed())
    dialog.editor.form.load({})
    dialog.reject()


def test_a_copy_begins_with_the_rights_of_the_other(window: Window) -> None:
    source = window.office.ask(ListRoles()).roles[1]
    page: Any = window.shell.open_page("roles")
    window.settle()
    window.choose(page.list, 1)
    window.press(page, "copy")
    dialog = window.dialog()
    window.settle()
    dialog.editor.save()
    window.expect("Сохранено")
    made = role(window.office, f"{source.name} (копия)")
    assert sorted(made.rights) == sorted(source.rights)


def test_a_built_in_role_is_not_deleted(window: Window) -> None:
    page: Any = window.shell.open_page("roles")
    window.settle()
    window.choose(page.list, 0)
    window.press(page, "delete")
    window.answer("yes")
    window.until(lambda: window.said != [])
    window.said.clear()
    assert window.office.ask(ListRoles()).roles[0].is_builtin
