"""The journal of access: events in words."""

from __future__ import annotations

from tests.helpers.windows import Window


def test_sign_ins_are_told_in_words(window: Window) -> None:
    page = window.list_page("access")
    window.picture("access")
    assert "Вход" in window.texts(page, "what")
