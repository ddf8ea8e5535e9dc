"""Stored settings that have no effect are named: on the health page and once in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from structlog.testing import capture_logs

from card_server.divisions import tables
from card_server.divisions.repository import read_value, set_setting
from card_server.divisions.setting_watch import SHOWN, SettingWatch, fault_of, idle_settings
from shared.settings.card_server import SETTINGS
from shared.settings.house import MERGE_UNDO
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.shop import Shop

UNIT = 2


class Line:
    """A pipeline that reads at once, or is busy."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.is_busy = False

    def read(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """A question."""
        if self.is_busy:
            done(AppError(ErrorCode.BUSY))
            return
        with self._shop.connection.begin():
            found = work(self._shop.connection)
        done(found)


def store(shop: Shop, key: str, value: str, scope: int = 0, scope_id: int = 0) -> None:
    with shop.connection.begin():
        set_setting(shop.connection, key, value, shop.now, scope=scope, scope_id=scope_id)


def test_a_fresh_database_has_nothing_to_tell(shop: Shop) -> None:
    watch = SettingWatch(Line(shop))
    before: Any = watch.shown
    with capture_logs() as told:
        watch.look()
    assert (before, watch.shown, told) == (None, {"count": 0, "first": []}, [])


def test_rubbish_and_unknown_keys_are_named_with_their_scope(shop: Shop) -> None:
    store(shop, MERGE_UNDO.key, "soon")
    store(shop, "relay.json", "perhaps", UNIT, 1)
    store(shop, "merge.undo_day", "5")
    watch = SettingWatch(Line(shop))
    with capture_logs() as told:
        watch.look()
    assert watch.shown == {
        "count": 3,
        "first": [
            {"key": "merge.undo_day", "scope": 0, "scope_id": 0, "code": "SETTING_UNKNOWN"},
            {"key": "merge.undo_days", "scope": 0, "scope_id": 0, "code": "SETTING_BAD"},
            {"key": "relay.json", "scope": UNIT, "scope_id": 1, "code": "SETTING_BAD"},
        ],
    }
    assert [line["key"] for line in told] == ["merge.undo_day", "merge.undo_days", "relay.json"]
    assert told[0]["nearest"] == "merge.undo_days"
    assert (told[1]["value"], told[1]["log_level"]) == ("soon", "warning")
    assert "0" in told[1]["allowed_en"]
    with shop.connection.begin():
        assert read_value(shop.connection, MERGE_UNDO) == MERGE_UNDO.default


def test_the_log_hears_of_each_once_and_of_the_end(shop: Shop) -> None:
    store(shop, MERGE_UNDO.key, "soon")
    watch = SettingWatch(Line(shop))
    with capture_logs() as told:
        watch.look()
        watch.look()
        store(shop, MERGE_UNDO.key, "later")
        watch.look()
        store(shop, MERGE_UNDO.key, "7")
        watch.look()
    assert [(line["log_level"], line.get("value")) for line in told] == [
        ("warning", "soon"),
        ("warning", "later"),
        ("info", None),
    ]
    assert watch.shown == {"count": 0, "first": []}


def test_a_setting_that_was_taken_back_is_not_told(shop: Shop) -> None:
    store(shop, MERGE_UNDO.key, "soon")
    with shop.connection.begin():
        table = tables.setting
        gone = update(table).where(table.c.setting_key == MERGE_UNDO.key)
        shop.connection.execute(gone.values(deleted_at=shop.now))
        assert idle_settings(shop.connection) == []


def test_many_are_counted_and_the_first_are_shown(shop: Shop) -> None:
    for number in range(SHOWN + 5):
        store(shop, f"old.key{number:02}", "1")
    watch = SettingWatch(Line(shop))
    watch.look()
    shown: Any = watch.shown
    assert (shown["count"], len(shown["first"])) == (SHOWN + 5, SHOWN)


def test_a_busy_database_keeps_what_was_seen(shop: Shop) -> None:
    store(shop, MERGE_UNDO.key, "soon")
    line = Line(shop)
    watch = SettingWatch(line)
    watch.look()
    line.is_busy = True
    with capture_logs() as told:
        watch.look()
    shown: Any = watch.shown
    assert (shown["count"], told[0]["code"]) == (1, "BUSY")


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_defaults_have_their_effect_and_old_names_have_none(key: str) -> None:
    setting = SETTINGS[key]
    fault = fault_of(key, setting.text_of(setting.default))
    assert (fault is None) == (key == setting.key)
    if fault is not None:
        assert fault.facts["nearest"] == setting.key


@given(key=st.sampled_from(sorted(SETTINGS)), value=st.text(max_size=3_000))
def test_no_value_and_no_key_stops_the_look(key: str, value: str) -> None:
    for fault in (fault_of(key, value), fault_of(value[:80], key)):
        assert fault is None or fault.code in (ErrorCode.SETTING_BAD, ErrorCode.SETTING_UNKNOWN)
