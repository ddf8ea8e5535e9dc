"""The look: one palette for light and one for dark, one font, one sheet of styles.

Fusion everywhere, so that a window looks the same on Windows and Linux. Every colour is a role of
`Colors`; a test computes the contrast of those that carry text (at least 4.5 : 1).
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

FONTS: Final = Path(__file__).parent / "fonts"
IMAGES: Final = Path(__file__).parent / "images"
FAMILY: Final = "Inter"
STEP: Final = 8
"""Spacing is a multiple of this many pixels."""
ROW: Final = 32
"""Height of a row in a list."""


class Tone(Enum):
    """What a coloured word means."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    CALM = "calm"
    ACCENT = "accent"


class Colors(NamedTuple):
    """Every colour of a scheme by its role."""

    window: str
    panel: str
    alternate: str
    line: str
    text: str
    faint: str
    accent: str
    on_accent: str
    accent_hover: str
    chosen: str
    hover: str
    good: str
    good_back: str
    warn: str
    warn_back: str
    bad: str
    bad_back: str
    calm_back: str
    flash: str

    def of(self, tone: Tone) -> tuple[str, str]:
        """Text and background of a tone."""
        return {
            Tone.GOOD: (self.good, self.good_back),
            Tone.WARN: (self.warn, self.warn_back),
            Tone.BAD: (self.bad, self.bad_back),
            Tone.CALM: (self.faint, self.calm_back),
            Tone.ACCENT: (self.accent, self.chosen),
        }[tone]


LIGHT: Final = Colors(
    window="#f4f5f7",
    panel="#ffffff",
    alternate="#fafbfc",
    line="#dfe3e8",
    text="#16191d",
    faint="#5d6675",
    accent="#1d58d8",
    on_accent="#ffffff",
    accent_hover="#1747b0",
    chosen="#e6eeff",
    hover="#f0f3f8",
    good="#166534",
    good_back="#dcf1e3",
    warn="#92480a",
    warn_back="#fbe9d3",
    bad="#a51d1d",
    bad_back="#fbe1e1",
    calm_back="#eceff3",
    flash="#fff3c4",
)
DARK: Final = Colors(
    window="#16181d",
    panel="#1e2128",
    alternate="#21252d",
    line="#363c47",
    text="#e8eaee",
    faint="#a3acb9",
    accent="#75a3ff",
    on_accent="#0c1220",
    accent_hover="#93b8ff",
    chosen="#25355a",
    hover="#292e38",
    good="#6fdc97",
    good_back="#1f3a2b",
    warn="#f5b95c",
    warn_back="#453419",
    bad="#ff8d8d",
    bad_back="#4a2427",
    calm_back="#2d323c",
    flash="#4a4220",
)
_scheme: list[Colors] = [LIGHT]


def colors() -> Colors:
    """The colours that are shown now."""
    return _scheme[0]


def is_dark() -> bool:
    """The dark scheme is shown."""
    return _scheme[0] is DARK


def system_is_dark() -> bool:
    """What the system asks for."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def load_font(application: QApplication) -> None:
    """The bundled font, so that no machine shows boxes."""
    for path in sorted(FONTS.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))
    font = QFont(FAMILY)
    font.setPixelSize(13)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    application.setFont(font)


def apply(application: QApplication, *, dark: bool) -> None:
    """Paint everything in one scheme."""
    _scheme[0] = DARK if dark else LIGHT
    application.setStyle("Fusion")
    application.setPalette(palette_of(_scheme[0]))
    application.setStyleSheet(sheet_of(_scheme[0]))


def palette_of(c: Colors) -> QPalette:
    """The palette that Fusion paints with."""
    role = QPalette.ColorRole
    palette = QPalette()
    for which, color in (
        (role.Window, c.window),
        (role.WindowText, c.text),
        (role.Base, c.panel),
        (role.AlternateBase, c.alternate),
        (role.Text, c.text),
        (role.Button, c.panel),
        (role.ButtonText, c.text),
        (role.BrightText, c.bad),
        (role.Highlight, c.chosen),
        (role.HighlightedText, c.text),
        (role.ToolTipBase, c.panel),
        (role.ToolTipText, c.text),
        (role.PlaceholderText, c.faint),
        (role.Link, c.accent),
        (role.LinkVisited, c.accent),
        (role.Mid, c.line),
        (role.Dark, c.line),
        (role.Light, c.panel),
        (role.Midlight, c.hover),
        (role.Shadow, c.line),
        (role.Accent, c.accent),
    ):
        palette.setColor(which, QColor(color))
    off = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(off, which, QColor(c.faint))
    return palette


def sheet_of(c: Colors) -> str:
    """The sheet of styles of a scheme."""
    known = c._asdict()
    look = "dark" if c is DARK else "light"
    sheet = SHEET
    for mark, image in (("%arrow%", "down"), ("%check%", "check")):
        sheet = sheet.replace(mark, (IMAGES / f"{image}_{look}.svg").as_posix())
    return re.sub(r"@(\w+)", lambda found: known[found[1]], sheet)


SHEET: Final = """
QToolTip { color: @text; background: @panel; border: 1px solid @line; padding: 4px 6px; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="figure"] { font-size: 20px; font-weight: 600; }
QLabel[role="faint"] { color: @faint; }
QLabel[role="fault"] { color: @bad; }
QLabel[role="changed"] { color: @accent; font-weight: 600; }
QLabel[role="avatar"] { background: @chosen; color: @accent; border-radius: 28px;
  font-size: 18px; font-weight: 600; }
QLabel[role="pill"] { border-radius: 10px; padding: 2px 10px; background: @calm_back; }
QLabel[role="pill"][tone="good"] { background: @good_back; color: @good; }
QLabel[role="pill"][tone="warn"] { background: @warn_back; color: @warn; }
QLabel[role="pill"][tone="bad"] { background: @bad_back; color: @bad; }
QLabel[role="pill"][tone="calm"] { color: @faint; }
QFrame[role="card"] { background: @panel; border: 1px solid @line; border-radius: 8px; }
QFrame[role="bar"] { background: @panel; border: none; border-bottom: 1px solid @line; }
QFrame[role="side"] { background: @panel; border: none; border-right: 1px solid @line; }
QFrame[role="notice"] { border-radius: 8px; border: 1px solid @line; background: @panel; }
QFrame[role="notice"][tone="bad"] { background: @bad_back; border-color: @bad; }
QFrame[role="notice"][tone="warn"] { background: @warn_back; border-color: @warn; }
QFrame[role="notice"][tone="good"] { background: @good_back; border-color: @good; }
QPushButton, QToolButton[role="button"] { background: @panel; color: @text; border: 1px solid @line;
  border-radius: 6px; padding: 6px 14px; min-height: 18px; }
QPushButton:hover, QToolButton[role="button"]:hover { background: @hover; }
QPushButton:focus, QToolButton[role="button"]:focus { border-color: @accent; }
QPushButton:disabled, QToolButton[role="button"]:disabled { color: @faint; background: @window; }
QPushButton[role="main"] { background: @accent; color: @on_accent; border-color: @accent;
  font-weight: 600; }
QPushButton[role="main"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[role="main"]:focus { border: 2px solid @text; padding: 5px 13px; }
QPushButton[role="main"]:disabled { background: @calm_back; color: @faint; border-color: @line; }
QPushButton[role="danger"] { color: @bad; border-color: @bad; }
QPushButton[role="danger"]:disabled { color: @faint; border-color: @line; }
QPushButton[role="link"] { background: transparent; border: none; color: @accent;
  padding: 4px 6px; }
QPushButton[role="link"]:focus { border: 1px solid @accent; padding: 3px 5px; }
QPushButton[role="link"]:disabled { color: @faint; }
QToolButton[role="button"] { padding: 6px 8px; }
QToolButton[role="button"]::menu-indicator { image: none; width: 0; }
QLineEdit, QPlainTextEdit, QComboBox, QDateEdit, QSpinBox { background: @panel; color: @text;
  border: 1px solid @line; border-radius: 6px; padding: 5px 8px; min-height: 20px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border-color: @accent; }
QLineEdit:read-only, QLineEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled {
  background: @window; color: @faint; }
QLineEdit[fault="true"], QComboBox[fault="true"], QPlainTextEdit[fault="true"] {
  border-color: @bad; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("%arrow%"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @panel; color: @text; border: 1px solid @line;
  selection-background-color: @chosen; selection-color: @text; outline: none; }
QListWidget, QTreeView, QTableView { background: @panel; border: 1px solid @line;
  border-radius: 8px; outline: none; }
QTableView { gridline-color: transparent; alternate-background-color: @alternate;
  selection-background-color: @chosen; selection-color: @text; }
QTableView::item { padding: 0 8px; border: none; }
QTableView QTableCornerButton::section { background: @panel; border: none; }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @faint; border: none;
  border-bottom: 1px solid @line; padding: 7px 8px 7px 11px; font-weight: 600; }
QHeaderView::section:hover { color: @text; }
QListWidget[role="side"] { border: none; border-radius: 0; padding: 4px 8px; background: @panel; }
QListWidget[role="side"]::item { padding: 8px 12px; border-radius: 6px; color: @text; }
QListWidget[role="side"]::item:selected { background: @chosen; color: @accent; }
QListWidget[role="side"]::item:hover:!selected { background: @hover; }
QListWidget[role="side"]::item:disabled { color: @faint; background: transparent; }
QListWidget[role="palette"]::item { padding: 7px 12px; border-radius: 4px; }
QListWidget[role="palette"]::item:selected { background: @chosen; color: @text; }
QTabWidget::pane { border: none; border-top: 1px solid @line; top: -1px; }
QTabBar::tab { background: transparent; color: @faint; border: none; padding: 8px 14px;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @accent; border-bottom: 2px solid @accent; }
QTabBar::tab:hover:!selected { color: @text; }
QTabBar::tab:focus { color: @accent; }
QMenuBar { background: @panel; color: @text; border-bottom: 1px solid @line; padding: 2px; }
QMenuBar::item { padding: 5px 10px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @panel; color: @text; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 16px; border-radius: 4px; }
QMenu::item:selected { background: @chosen; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QStatusBar { background: @panel; color: @faint; border-top: 1px solid @line; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @faint; padding: 2px 8px; }
QProgressBar { background: @calm_back; border: none; border-radius: 3px; text-align: center;
  color: @text; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QProgressBar[role="thin"] { max-height: 3px; min-height: 3px; border-radius: 0; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; margin: 2px; min-height: 28px;
  min-width: 28px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: @line; }
QDialog { background: @window; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; background: @panel;
  border: 1px solid @faint; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent;
  image: url("%check%"); }
QRadioButton::indicator:checked { background: @accent; border: 4px solid @panel; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: @line; }
QAbstractItemView::indicator { width: 14px; height: 14px; background: @panel;
  border: 1px solid @faint; border-radius: 4px; }
QAbstractItemView::indicator:checked { background: @accent; border-color: @accent;
  image: url("%check%"); }
QAbstractItemView::indicator:indeterminate { background: @faint; border: 4px solid @panel; }
QAbstractItemView::indicator:disabled { border-color: @line; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
"""
"""`@role` stands for a colour."""


def contrast(first: str, second: str) -> float:
    """The contrast of two colours as WCAG counts it, 1 to 21."""

    def light(text: str) -> float:
        found = QColor(text)
        parts = [found.redF(), found.greenF(), found.blueF()]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)  # noqa: PLR2004 - WCAG
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)
