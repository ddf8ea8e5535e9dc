"""Errands: answers come back in the windows' thread, or are dropped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from shared.ui.courier import Courier, away, until
from shared.wire.errors import AppError, ErrorCode


class Bell(QObject):
    """Rings."""

    rung = Signal(int)


class Told:
    """What the courier told."""

    def __init__(self) -> None:
        self.refused: list[AppError] = []
        self.failed: list[BaseException] = []


@pytest.fixture
def told(qapp: QApplication) -> Told:
    assert qapp is not None
    return Told()


@pytest.fixture
def courier(qapp: QApplication, told: Told) -> Iterator[Courier]:
    made = Courier(told.refused.append, told.failed.append, qapp)
    yield made
    made.close()


def test_an_errand_asks_in_the_pool_and_goes_on_in_the_windows_thread(
    qtbot: QtBot, courier: Courier
) -> None:
    owner, seen = QObject(), []

    async def errand() -> None:
        asked_in = await away(threading.current_thread)
        seen.append((asked_in.name, QThread.currentThread() is owner.thread()))

    courier.start(owner, errand())
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0].startswith("errand")
    assert seen[0][1] is True
    assert courier.is_idle()


def test_a_refusal_reaches_the_errand_and_else_whoever_treats_refusals(
    qtbot: QtBot, courier: Courier, told: Told
) -> None:
    owner = QObject()

    def refuse() -> None:
        raise AppError(ErrorCode.BUSY)

    async def errand() -> None:
        with pytest.raises(AppError):
            await away(refuse)
        await away(refuse)

    own: list[AppError] = []
    courier.start(owner, errand(), refused=own.append)
    qtbot.waitUntil(lambda: bool(own))
    courier.start(owner, errand())
    qtbot.waitUntil(lambda: bool(told.refused))
    assert told.failed == []


def test_a_bug_is_told_as_a_bug(qtbot: QtBot, courier: Courier, told: Told) -> None:
    owner = QObject()

    async def errand() -> None:
        await away(int, "no number")

    courier.start(owner, errand())
    qtbot.waitUntil(lambda: bool(told.failed))
    assert isinstance(told.failed[0], ValueError)


def test_an_errand_whose_owner_is_gone_is_closed(qtbot: QtBot, courier: Courier) -> None:
    owner, go, seen = QObject(), threading.Event(), []

    async def errand() -> None:
        try:
            await away(go.wait, 10)
            seen.append("went on")
        finally:
            seen.append("closed")

    courier.start(owner, errand())
    owner.deleteLater()
    qtbot.waitUntil(lambda: bool(seen))
    go.set()
    qtbot.waitUntil(courier.is_idle)
    assert seen == ["closed"]


def test_an_overtaken_answer_of_a_lane_is_dropped(qtbot: QtBot, courier: Courier) -> None:
    owner, first, seen = QObject(), threading.Event(), []

    async def errand(name: str, wait: Any) -> None:
        await away(wait, 10)
        seen.append(name)

    ready = threading.Event()
    ready.set()
    courier.start(owner, errand("first", first.wait), lane="search")
    courier.start(owner, errand("second", ready.wait), lane="search")
    first.set()
    qtbot.waitUntil(courier.is_idle)
    assert seen == ["second"]


def test_a_signal_is_waited_for_once(qtbot: QtBot, courier: Courier) -> None:
    owner, bell, heard = QObject(), Bell(), []

    async def errand() -> None:
        heard.append(await until(bell.rung))

    courier.start(owner, errand())
    bell.rung.emit(7)
    bell.rung.emit(8)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [7]


def test_what_is_started_after_the_end_is_closed_at_once(told: Told) -> None:
    made = Courier(told.refused.append, told.failed.append)
    made.close()
    owner = QObject()

    async def errand() -> None:
        await away(int)

    assert made.start(owner, errand()).is_done
    assert told.failed == []
