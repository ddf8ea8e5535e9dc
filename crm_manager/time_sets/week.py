"""A week drawn from the periods of a time set: what holds when, Monday to Sunday (domain 1.5)."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shared.i18n.texts import Text, tr
from shared.ui.theme import colors
from shared.ui.workplace import Workplace

WEEKDAYS: Final[tuple[Text, ...]] = (
    tr("пн", "Mon"),
    tr("вт", "Tue"),
    tr("ср", "Wed"),
    tr("чт", "Thu"),
    tr("пт", "Fri"),
    tr("сб", "Sat"),
    tr("вс", "Sun"),
)
NAME: Final = tr("Неделя", "Week")
LINE: Final = 20
LEFT: Final = 34
HEAD: Final = 18
DAY: Final = 1440
HOURS: Final = 24


Span = tuple[int, int, int]
"""Weekday, first and last minute."""


def spans(periods: tuple[Any, ...]) -> list[Span]:
    """Weekday, first and last minute of what holds; past midnight it goes on the next day."""
    found = []
    for one in periods:
        if not one.is_active:
            continue
        start = 0 if one.time_from is None else one.time_from
        end = DAY if one.time_to is None else one.time_to
        for day in range(7):
            if one.weekdays and not one.weekdays >> day & 1:
                continue
            if start < end:
                found.append((day, start, end))
            elif start == end:
                found.append((day, 0, DAY))
            else:
                found += [(day, start, DAY), ((day + 1) % 7, 0, end)]
    return found


class Week(QWidget):
    """The picture."""

    def __init__(self, parent: QWidget, _workplace: Workplace) -> None:
        super().__init__(parent)
        self._spans: list[Span] = []
        self.setAccessibleName(str(NAME))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A line for each day."""
        return QSize(320, HEAD + 7 * LINE)

    def show_rows(self, found: tuple[Any, ...]) -> None:
        """Draw these periods."""
        self._spans = spans(found)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Days from the top, hours from the left."""
        c = colors()
        painter = QPainter(self)
        scale = (self.width() - LEFT) / DAY
        painter.setPen(QColor(c.faint))
        for hour in range(0, HOURS, 3):
            left = LEFT + hour * 60 * scale
            painter.drawText(QRectF(left, 0, 40, HEAD), int(Qt.AlignmentFlag.AlignLeft), f"{hour}")
        for day, name in enumerate(WEEKDAYS):
            top = HEAD + day * LINE
            area = QRectF(0, top, LEFT, LINE)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), str(name))
            painter.fillRect(
                QRectF(LEFT, top + 2, self.width() - LEFT, LINE - 4), QColor(c.calm_back)
            )
        self.draw_spans(painter)
        painter.end()

    def area_of(self, span: Span) -> QRectF:
        """Where a span stands in the picture."""
        day, start, end = span
        scale = (self.width() - LEFT) / DAY
        top = HEAD + day * LINE + 2
        return QRectF(LEFT + start * scale, top, (end - start) * scale, LINE - 4)

    def draw_spans(self, painter: QPainter) -> None:
        """What holds."""
        for span in self._spans:
            painter.fillRect(self.area_of(span), QColor(colors().accent))
