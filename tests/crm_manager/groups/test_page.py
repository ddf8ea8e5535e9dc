"""Groups of guests and of cards: added with what accounts of their members begin with."""

from __future__ import annotations

from typing import Any

import pytest

from shared.wire import groups as wire
from tests.helpers.windows import Window


@pytest.mark.parametrize("code", ["holder_groups", "card_groups"])
def test_a_group_is_added_with_a_default_account(window: Window, code: str) -> None:
    page = window.list_page(code)
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Друзья дома"})
    shown = dialog.editor.form._cells["defaults"].shown
    shown.add()
    window.settle()
    window.save(account_type_id=2, level_id=2, credit_depth=1000_00)
    window.picture(code, dialog)
    dialog.editor.save()
    window.settle()
    window.expect("Сохранено")
    window.until(lambda: "Друзья дома" in window.texts(page, "name"))
    is_holders = code == "holder_groups"
    listing: Any = wire.ListHolderGroups() if is_holders else wire.ListCardGroups()
    rows = window.office.ask(listing).rows
    key = next(row.group_id for row in rows if row.name == "Друзья дома")
    asked: Any = wire.GetHolderGroup(key=key) if is_holders else wire.GetCardGroup(key=key)
    (default,) = window.office.ask(asked).defaults
    assert (default.account_type_id, default.level_id, default.credit_depth) == (2, 2, 100_000)
