"""Ranges of card numbers: added, changed, a wrong end told beside its field."""

from __future__ import annotations

from shared.wire.cards import ListCardRanges
from tests.helpers.windows import Window


def test_a_range_is_added_and_its_accounts_are_limited(window: Window) -> None:
    page = window.list_page("card_ranges")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    values = {"name": "Пластик", "division_id": 1, "start_code": 77001, "end_code": 77999}
    dialog.editor.form.fill(values)
    window.picture("card_range_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: "Пластик" in window.texts(page, "name"))
    window.choose(page, window.texts(page, "name").index("Пластик"))
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"account_types": (1,), "valid_months": 24})
    dialog.editor.save()
    window.expect("Сохранено")
    (made,) = [one for one in window.office.ask(ListCardRanges()).rows if one.name == "Пластик"]
    assert (made.start_code, made.end_code, made.account_types) == (77001, 77999, [1])
    assert made.valid_months == 24


def test_a_range_that_ends_before_it_begins_is_not_lost(window: Window) -> None:
    page = window.list_page("card_ranges")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "X", "division_id": 1, "start_code": 9, "end_code": 5})
    dialog.editor.save()
    window.until(lambda: dialog.editor.notice.isVisible() or bool(dialog.editor.form._told))
    assert dialog.editor.form.value("start_code") == 9
    dialog.editor.form.load({})
    dialog.reject()
