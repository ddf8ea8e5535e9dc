"""Width and height of a JPEG or PNG from its head: enough for a reply, without an image library."""

from __future__ import annotations

import struct
from typing import Final

PNG_MARK: Final = b"\x89PNG\r\n\x1a\n"
JPEG_MARK: Final = b"\xff\xd8\xff"
PNG_HEAD: Final = 24
LONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers; the three left out are tables."""


def mime_of(content: bytes) -> str | None:
    """`image/jpeg`, `image/png`, or None for anything else."""
    if content.startswith(JPEG_MARK):
        return "image/jpeg"
    return "image/png" if content.startswith(PNG_MARK) else None


def image_size(content: bytes) -> tuple[int, int] | None:
    """(width, height); None where the head does not say it."""
    if content.startswith(PNG_MARK):
        if len(content) < PNG_HEAD:
            return None
        width, height = struct.unpack(">II", content[16:PNG_HEAD])
        return (int(width), int(height))
    return _jpeg_size(content) if content.startswith(JPEG_MARK) else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:  # noqa: PLR2004 - every marker starts so
            return None
        marker = content[place + 1]
        if marker == 0xFF or marker in LONE_MARKERS:  # noqa: PLR2004 - fill bytes
            place += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        if marker in FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return (int(width), int(height))
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None
