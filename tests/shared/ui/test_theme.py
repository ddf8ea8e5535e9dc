"""The look: contrast of everything that carries text, and the references Qt must not lose."""

from __future__ import annotations

import re
import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from shared.ui import theme
from shared.ui.theme import DARK, LIGHT, Colors, Tone, contrast

READABLE = 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(scheme: Colors) -> None:
    grounds = (scheme.window, scheme.panel, scheme.alternate, scheme.chosen, scheme.hover)
    pairs = [(scheme.text, ground) for ground in (*grounds, scheme.flash)]
    pairs += [(scheme.faint, ground) for ground in (scheme.window, scheme.panel)]
    pairs += [scheme.of(tone) for tone in Tone]
    pairs += [(scheme.bad, scheme.window), (scheme.bad, scheme.panel)]
    pairs += [(scheme.accent, scheme.panel), (scheme.on_accent, scheme.accent)]
    pairs += [(scheme.text, back) for back in (scheme.bad_back, scheme.warn_back, scheme.good_back)]
    weak = [(a, b, round(contrast(a, b), 2)) for a, b in pairs if contrast(a, b) < READABLE]
    assert weak == []


def test_contrast_is_counted_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_of_the_sheet_is_known(scheme: Colors) -> None:
    sheet = theme.sheet_of(scheme)
    assert "@" not in sheet
    assert "%" not in sheet
    for path in re.findall(r'url\("([^"]+)"\)', sheet):
        assert (theme.IMAGES / path.rpartition("/")[2]).exists()


def test_the_bundled_font_has_cyrillic(qapp: QApplication) -> None:
    theme.load_font(qapp)
    assert theme.FAMILY in QFontDatabase.families()
    systems = QFontDatabase.writingSystems(theme.FAMILY)
    assert QFontDatabase.WritingSystem.Cyrillic in systems


class Bell(QObject):
    """Rings with what loses references where the binding is broken."""

    rung = Signal(object)


def test_emits_and_repaints_keep_their_references(qtbot: QtBot) -> None:
    """PySide6 6.12.0 loses a reference to None and True at each and aborts in the end."""
    bell, label = Bell(), QLabel("Карта")
    qtbot.addWidget(label)
    heard: list[object] = []
    bell.rung.connect(heard.append)
    label.show()

    def work() -> None:
        for _ in range(2000):
            bell.rung.emit(None)
            bell.rung.emit(True)
            label.isVisible()
        for _ in range(200):
            label.repaint()
        heard.clear()

    work()
    before = sys.getrefcount(None), sys.getrefcount(True)
    work()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert after[0] > before[0] - 500
    assert after[1] > before[1] - 500
