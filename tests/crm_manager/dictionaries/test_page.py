"""The short dictionaries: each is added to, changed and deleted from through its window."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_manager.dictionaries.manual import APPLIES
from shared.wire import dictionaries as wire
from shared.wire.properties import GetProperty, ListProperties
from tests.helpers.windows import Window

NAME = "Проба"
SUBJECTS: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "contact_types": (
        wire.ListContactTypes(),
        {"contact_class": 5, "dispatch": True},
        {"max_holders": None},
    ),
    "address_types": (wire.ListAddressTypes(), {"sort_no": 7}, {"is_active": False}),
    "non_payer_types": (
        wire.ListNonPayerTypes(),
        {"external_id": 12, "forbid_order": True},
        {"notes": "Долг"},
    ),
    "reasons": (wire.ListReasons(), {"needs_text": True}, {"applies_to": 1 << 10 | 1 << 14}),
}


@given(st.integers(min_value=0, max_value=(1 << 31) - 1))
def test_bits_that_are_not_offered_stay(mask: int) -> None:
    assert APPLIES.read(APPLIES.write(mask)) == mask


@pytest.mark.parametrize("code", SUBJECTS)
def test_a_row_is_added_changed_and_deleted(window: Window, code: str) -> None:
    query, first, second = SUBJECTS[code]

    def found() -> list[Any]:
        return [row for row in window.office.ask(query).rows if row.name == NAME]

    page = window.list_page(code)
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": NAME, **first})
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: NAME in window.texts(page, "name"))
    window.choose(page, window.texts(page, "name").index(NAME))
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill(second)
    window.picture(code, dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    (row,) = found()
    wanted = {**first, **second}
    assert {name: getattr(row, name) for name in wanted} == wanted
    page.refresh()
    window.settle()
    window.picture(f"{code}_list")
    window.choose(page, window.texts(page, "name").index(NAME))
    window.press(page, "delete")
    window.answer("yes")
    window.expect("Удалено: 1 запись")
    assert found() == []


def test_a_list_property_is_added_with_its_items(window: Window) -> None:
    page = window.list_page("properties")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    form = dialog.editor.form
    form.fill({"name": "Любимое блюдо", "code_name": "dish", "property_type": 5, "applies_to": 0})
    assert "applies_to" in form.faults()
    form.fill({"applies_to": 3})
    shown = form._cells["values"].shown
    for name in ("Борщ", "Уха"):
        shown.add()
        window.settle()
        window.save(name=name)
    window.picture("property_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    rows = window.office.ask(ListProperties()).rows
    row = next(one for one in rows if one.code_name == "dish")
    values = window.office.ask(GetProperty(key=row.property_id)).values
    assert (row.applies_to, [one.name for one in values]) == (3, ["Борщ", "Уха"])
