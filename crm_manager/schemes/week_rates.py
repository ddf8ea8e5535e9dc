"""Rates of a scheme drawn over a week: which rate holds when, Monday to Sunday (domain 1.5).

The highest priority is drawn last, over the others, of equal ones the higher rate (domain 3.5);
where nothing is drawn the base rate holds.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from crm_manager.time_sets.week import Span, Week, spans
from shared.i18n import formats
from shared.i18n.texts import tr
from shared.ui.theme import Tone, colors
from shared.ui.workplace import Workplace
from shared.wire.programs import GetTimeSet

NAME: Final = tr("Ставки по неделе", "Rates over the week")
TONES: Final = (Tone.ACCENT, Tone.GOOD, Tone.WARN, Tone.BAD)
"""Rates are told apart by colour, and by their words."""
ROOM: Final = 34
"""A narrower bar has no words."""


class RatesWeek(Week):
    """The picture."""

    def __init__(self, parent: QWidget, workplace: Workplace) -> None:
        super().__init__(parent, workplace)
        self._workplace = workplace
        self._known: dict[int, list[Span]] = {}
        self._rates: tuple[Any, ...] = ()
        self.setAccessibleName(str(NAME))

    def show_rows(self, found: tuple[Any, ...]) -> None:
        """Draw these rates; time sets that are not known yet are asked for."""
        self._rates = tuple(sorted(found, key=lambda one: (one.priority, one.rate)))
        wanted = {one.time_id for one in found} - self._known.keys()
        if wanted:
            work = self._load(sorted(wanted))
            self._workplace.start(self, work, lane="times", refused=lambda _: None)
        self.update()

    async def _load(self, wanted: list[int]) -> None:
        for key in wanted:
            found = await self._workplace.ask(GetTimeSet(key=key))
            self._known[key] = spans(tuple(found.periods))
        self.update()

    def bars(self) -> list[tuple[Span, int, Tone]]:
        """What is drawn: when, the rate, its colour."""
        rates = sorted({one.rate for one in self._rates})
        return [
            (span, one.rate, TONES[rates.index(one.rate) % len(TONES)])
            for one in self._rates
            for span in self._known.get(one.time_id, [])
        ]

    def draw_spans(self, painter: QPainter) -> None:
        """The bars with their rates."""
        for span, rate, tone in self.bars():
            ink, back = colors().of(tone)
            area = self.area_of(span)
            painter.fillRect(area, QColor(back))
            painter.fillRect(QRectF(area.left(), area.top(), 2, area.height()), QColor(ink))
            if area.width() >= ROOM:
                painter.setPen(QColor(ink))
                shown = area.adjusted(6, 0, 0, 0)
                painter.drawText(shown, int(Qt.AlignmentFlag.AlignVCenter), formats.rate(rate))
