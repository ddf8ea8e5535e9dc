"""Small line icons, drawn in the colour of the scheme."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from shared.ui.theme import colors

SIZE: Final = 24
SCALE: Final = 2
PATHS: Final = {
    "home": "M4 11l8-7 8 7v9h-5v-6h-6v6H4z",
    "person": "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 4-6 8-6s8 2 8 6",
    "card": "M3 6h18v12H3zM3 10h18M6 15h4",
    "wallet": "M3 7h16v12H3zM3 7l12-3v3M15 13h6",
    "list": "M8 6h13M8 12h13M8 18h13M4 6h.01M4 12h.01M4 18h.01",
    "percent": "M19 5L5 19M7.5 9a1.5 1.5 0 100-3 1.5 1.5 0 000 3z"
    "M16.5 18a1.5 1.5 0 100-3 1.5 1.5 0 000 3z",
    "ticket": "M3 8h18v3a1.5 1.5 0 000 3v3H3v-3a1.5 1.5 0 000-3zM14 8v9",
    "target": "M12 21a9 9 0 100-18 9 9 0 000 18zM12 16a4 4 0 100-8 4 4 0 000 8z",
    "mail": "M3 6h18v12H3zM3 7l9 7 9-7",
    "chart": "M4 20V10M10 20V4M16 20v-8M22 20H2",
    "book": "M5 4h14v16H5zM9 4v16M12 8h4M12 12h4",
    "house": "M4 20V9l8-5 8 5v11zM9 20v-6h6v6",
    "upload": "M12 16V4M7 9l5-5 5 5M4 20h16",
    "grid": "M4 4h16v16H4zM4 10h16M4 15h16M10 4v16M15 4v16",
    "stairs": "M3 20h5v-5h5v-5h5V5h3",
    "clock": "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 3",
    "plug": "M9 3v5M15 3v5M6 8h12v3a6 6 0 01-12 0zM12 17v4",
    "tag": "M3 3h8l10 10-8 8L3 11zM7.5 7.5h.01",
    "calendar": "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
    "search": "M11 18a7 7 0 100-14 7 7 0 000 14zM21 21l-5-5",
    "back": "M15 5l-7 7 7 7",
    "close": "M6 6l12 12M18 6L6 18",
    "eye": "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 100-6 3 3 0 000 6z",
    "gear": "M12 15a3 3 0 100-6 3 3 0 000 6zM12 2v3M12 19v3M2 12h3M19 12h3"
    "M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
    "columns": "M4 5h16v14H4zM10 5v14M15 5v14",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
    "people": "M9 11a4 4 0 100-8 4 4 0 000 8zM2 21c0-4 3-6 7-6s7 2 7 6"
    "M16 3a4 4 0 010 8M18 15c3 1 4 3 4 6",
    "key": "M8 16a4 4 0 100-8 4 4 0 000 8zM12 12h9M17 12v4M21 12v3",
    "screen": "M3 4h18v12H3zM9 20h6M12 16v4",
    "pencil": "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
}
SVG: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{color}"'
    ' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"><path d="{path}"/></svg>'
)


def icon(name: str, color: str | None = None) -> QIcon:
    """An icon by its name; without a colour it is that of faint text."""
    ink = color or colors().faint
    drawn = SVG.format(color=ink, path=PATHS[name])
    pixmap = QPixmap(SIZE * SCALE, SIZE * SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawn.encode())).render(
        painter, QRectF(0, 0, SIZE * SCALE, SIZE * SCALE)
    )
    painter.end()
    pixmap.setDevicePixelRatio(SCALE)
    return QIcon(pixmap)
