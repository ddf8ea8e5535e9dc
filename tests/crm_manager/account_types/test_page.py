"""Account types: added with a ladder of levels, a rung changed, a wrong ladder told."""

from __future__ import annotations

from typing import Any

from shared.wire.programs import (
    AccountType,
    AddScheme,
    GetAccountType,
    ListAccountTypes,
    SchemeFields,
)
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window


def account_type(office: Office, name: str) -> AccountType:
    rows = office.ask(ListAccountTypes()).rows
    key = next(row.account_type_id for row in rows if row.name == name)
    return office.ask(GetAccountType(key=key))


def add_scheme(office: Office) -> int:
    fields = SchemeFields(name="Гостевая", base_rate=500)
    return office.ask(AddScheme(operation_id=new_operation_id(), fields=fields)).key


def spent_type(office: Office) -> int:
    rows = office.ask(ListAccountTypes()).rows
    return next(row.account_type_id for row in rows if row.account_class == 5)


def levels_of(dialog: Any) -> Any:
    return dialog.editor.form._cells["levels"].shown


def add_level(window: Window, shown: Any, **values: Any) -> None:
    shown.add()
    window.settle()
    window.save(**values)


def test_a_bonus_type_is_added_with_its_ladder(window: Window) -> None:
    scheme, spent = add_scheme(window.office), spent_type(window.office)
    page = window.list_page("account_types")
    window.picture("account_types")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Мили", "account_class": 1, "level_change": 1})
    shown = levels_of(dialog)
    add_level(window, shown, name="Гость", scheme_id=scheme, threshold_type_id=spent)
    add_level(window, shown, name="Золото", threshold=5_000_00)
    assert [(one.level_no, one.scheme_id) for one in shown.typed()] == [(1, scheme), (2, scheme)]
    window.picture("account_type_new", dialog)
    window.picture("ladder", shown.widget)
    dialog.editor.save()
    window.expect("Сохранено")
    made = account_type(window.office, "Мили")
    assert [(one.name, one.threshold) for one in made.levels] == [("Гость", 0), ("Золото", 500_000)]
    assert (made.row.account_class, made.row.uses_lots, made.row.level_change) == (1, True, 1)


def test_a_rung_is_changed_and_another_taken_away(window: Window) -> None:
    test_a_bonus_type_is_added_with_its_ladder(window)
    page = window.list_page("account_types")
    window.choose(page, window.texts(page, "name").index("Мили"))
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    shown = levels_of(dialog)
    assert not dialog.editor.form.is_changed
    shown.table.selectRow(1)
    shown.change()
    window.settle()
    window.save(name="Платина", threshold=9_000_00)
    assert dialog.editor.form.changes().keys() == {"levels"}
    dialog.editor.save()
    window.expect("Сохранено")
    first, second = account_type(window.office, "Мили").levels
    assert (first.name, second.name, second.threshold) == ("Гость", "Платина", 900_000)


def test_a_ladder_that_does_not_rise_is_told_and_kept(window: Window) -> None:
    scheme, spent = add_scheme(window.office), spent_type(window.office)
    page = window.list_page("account_types")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Мили", "account_class": 1})
    shown = levels_of(dialog)
    add_level(window, shown, name="Гость", scheme_id=scheme, threshold_type_id=spent)
    add_level(window, shown, name="Золото", threshold=0)
    dialog.editor.save()
    window.until(dialog.editor.notice.isVisible)
    assert len(shown.typed()) == 2
    shown.table.selectRow(1)
    shown.remove()
    assert len(shown.typed()) == 1
    dialog.editor.form.load({})
    dialog.reject()
