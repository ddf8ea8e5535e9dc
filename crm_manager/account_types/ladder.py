"""Levels of an account type drawn as a ladder: each rung higher than the one before."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_manager.naming import SCHEMES
from shared.i18n import formats
from shared.i18n.texts import tr
from shared.ui.theme import STEP, colors
from shared.ui.workplace import Workplace

NAME: Final = tr("Лестница уровней", "Ladder of levels")
FROM: Final = tr("от {sum}", "from {sum}")
BY_HAND: Final = tr("вручную", "by hand")
EMPTY: Final = tr("Уровней нет: ставка одна для всех", "No levels: one rate for everybody")
HEIGHT: Final = 150
TEXT: Final = 56
"""Height of the words in a rung."""


class Ladder(QWidget):
    """The picture."""

    def __init__(self, parent: QWidget, workplace: Workplace) -> None:
        super().__init__(parent)
        self._rows: tuple[Any, ...] = ()
        self._names = workplace.names
        self._names.changed.connect(self.update)
        self.setAccessibleName(str(NAME))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its rungs need."""
        return QSize(320, HEIGHT)

    def show_rows(self, found: tuple[Any, ...]) -> None:
        """Draw these levels."""
        self._rows = found
        said = ", ".join(f"{one.level_no} {one.name}: {self._above(one)}" for one in found)
        self.setAccessibleDescription(said)
        self.update()

    def _above(self, level: Any) -> str:
        if level.manual_only:
            return str(BY_HAND)
        return FROM.of(sum=formats.money(level.threshold))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The rungs from the left, each higher than the one before."""
        c = colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(QColor(c.faint))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), str(EMPTY))
            painter.end()
            return
        count = len(self._rows)
        width = (self.width() - (count - 1) * 4) / count
        climb = (self.height() - TEXT) / count
        for place, level in enumerate(self._rows):
            high = TEXT + climb * (place + 1) if count > 1 else self.height()
            rung = QRectF(place * (width + 4), self.height() - high, width, high)
            self._draw(painter, rung, level)
        painter.end()

    def _draw(self, painter: QPainter, rung: QRectF, level: Any) -> None:
        c = colors()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.calm_back if level.manual_only else c.chosen))
        painter.drawRoundedRect(rung, 4, 4)
        painter.setPen(QColor(c.text))
        metrics = painter.fontMetrics()
        room = int(rung.width()) - 2 * STEP
        words = (
            f"{level.level_no}. {level.name}",
            self._above(level),
            self._names.of(SCHEMES, level.scheme_id),
        )
        top = rung.top() + 4
        for word in words:
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, room)
            area = QRectF(rung.left() + STEP, top, room, metrics.height())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft), shown)
            painter.setPen(QColor(c.faint))
            top += metrics.height()
