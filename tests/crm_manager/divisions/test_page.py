"""Divisions: added, changed, a period closed and opened again."""

from __future__ import annotations

from datetime import date

from shared.wire.divisions import Division, ListDivisions
from tests.helpers.office import Office
from tests.helpers.windows import Window


def division(office: Office, name: str) -> Division:
    return next(one for one in office.ask(ListDivisions()).rows if one.name == name)


def test_a_division_is_added_and_changed(window: Window) -> None:
    page = window.list_page("divisions")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Юг", "id_prefix": 77})
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: "Юг" in window.texts(page, "name"))
    window.picture("divisions")
    window.choose(page, window.texts(page, "name").index("Юг"))
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"full_name": "ООО Юг", "parent_id": 1})
    dialog.editor.save()
    window.expect("Сохранено")
    made = division(window.office, "Юг")
    assert (made.id_prefix, made.full_name, made.parent_id) == (77, "ООО Юг", 1)


def test_a_period_is_closed_with_a_reason_and_opened_again(window: Window) -> None:
    page = window.list_page("divisions")
    name = window.texts(page, "name")[0]
    for day in (date(2026, 1, 31), None):
        window.choose(page, 0)
        window.press(page, "close_books")
        window.save(until=day, reason="Сверка")
        window.expect("Период изменён")
        assert division(window.office, name).books_closed_until == day
        page.refresh()
        window.settle()
