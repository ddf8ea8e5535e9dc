"""The server's look at its licences: counted beside the tills, shown on the health page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from card_server.licences import tables
from card_server.licences.records import TRIAL
from card_server.licences.watching import LicenceWatch
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.shop import Shop

BUSY = AppError(ErrorCode.BUSY)


class Line:
    """A pipeline that works at once, or is busy."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.ids = shop.ledger.ids
        self.is_read_busy = False
        self.is_edit_busy = False

    def read(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """A question."""
        if self.is_read_busy:
            done(BUSY)
            return
        with self._shop.connection.begin():
            found = work(self._shop.connection)
        done(found)

    def edit(self, work: Callable[[Any, Any], Any], done: Callable[[Any], None]) -> None:
        """A change."""
        if self.is_edit_busy:
            done(BUSY)
            return
        with self._shop.connection.begin():
            found = work(self._shop.connection, self._shop.now)
        done(found)


def seen(watch: LicenceWatch) -> tuple[object, ...] | None:
    """State, cards and their limit, as the health page has them."""
    shown = watch.shown
    return None if shown is None else (shown["state"], shown["cards"], shown["cards_allowed"])


def test_the_health_page_shows_what_the_last_look_saw(shop: Shop) -> None:
    watch = LicenceWatch(Line(shop))
    assert seen(watch) is None
    watch.look()
    assert seen(watch) == (TRIAL, 0, 200)


def test_a_busy_database_is_asked_again_the_next_time(shop: Shop) -> None:
    line = Line(shop)
    watch = LicenceWatch(line)
    line.is_read_busy = True
    watch.look()
    line.is_read_busy, line.is_edit_busy = False, True
    watch.look()
    assert (seen(watch), shop.count(tables.licence)) == (None, 0)
    line.is_edit_busy = False
    watch.look()
    assert seen(watch) == (TRIAL, 0, 200)
