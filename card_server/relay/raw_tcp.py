"""The raw TCP form, pure: five header lines, a blank line, XML (crm-xml.md 1.3)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from card_server.relay.limits import Limits
from shared.wire.errors import AppError, ErrorCode

NAMES: Final = (b"message-id", b"message-type", b"time", b"terminal-type", b"content-length")
BLANK_LINE: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
CLOSING: Final = b"</Message>"
TRAILING: Final = b" \t\r\n\x00"


class RawHeader(msgspec.Struct):
    """The header lines that matter."""

    message_id: str = "0"
    terminal_type: str = ""
    content_length: int = 0


def parse_header(data: bytes) -> RawHeader:
    """Names in any case and order, blanks and one pair of quotes dropped, unknown ignored."""
    header = RawHeader()
    for line in data.split(b"\n"):
        name, _, value = line.strip(b" \t\r").partition(b":")
        text = value.strip(b" \t\r").decode("utf-8", "replace")
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1]
        key = name.strip().lower()
        if key == b"message-id":
            header.message_id = text[:100]
        elif key == b"terminal-type":
            header.terminal_type = text
        elif key == b"content-length" and text.isdigit() and len(text) < 10:  # noqa: PLR2004 - more digits are no length
            header.content_length = int(text)
    return header


class RawReader:
    """Collects the bytes of one raw request; tells when it is complete."""

    __slots__ = ("_buffer", "_limits", "_start", "header")

    def __init__(self, limits: Limits) -> None:
        self._buffer = bytearray()
        self._limits = limits
        self._start = -1
        self.header: RawHeader | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes; raises REQUEST_TOO_LARGE."""
        self._buffer += data
        if self.header is None:
            self._find_header()
        if self.header is not None and self._start < 0:
            self._start = self._buffer.find(b"<")
        if len(self._buffer) > self._limits.body_bytes + self._limits.raw_header_bytes:
            raise AppError(ErrorCode.REQUEST_TOO_LARGE, limit=self._limits.body_bytes)

    def _find_header(self) -> None:
        stripped = self._buffer.lstrip()
        if stripped.startswith(b"<"):
            self.header = RawHeader()
            return
        found = BLANK_LINE.search(self._buffer)
        if found is None:
            if len(self._buffer) > self._limits.raw_header_bytes:
                raise AppError(ErrorCode.REQUEST_TOO_LARGE, limit=self._limits.raw_header_bytes)
            return
        self.header = parse_header(bytes(self._buffer[: found.start()]))
        del self._buffer[: found.end()]

    def complete(  # noqa: PLR0911 - one return a reading rule
        self, *, quiet: bool = False, ended: bool = False
    ) -> bytes | None:
        """The body once the request is whole (rules 3 to 6), else None."""
        if self.header is None:
            return b"" if ended else None
        if self._start < 0:
            return bytes(self._buffer) if ended else None
        body = memoryview(self._buffer)[self._start :]
        closing = self._buffer.find(CLOSING, self._start)
        enough = len(body) >= self.header.content_length
        if closing >= 0 and (enough or quiet or ended):
            return bytes(self._buffer[self._start : closing + len(CLOSING)])
        if enough and self.header.content_length and closing < 0:
            declared = bytes(body[: self.header.content_length]).rstrip(TRAILING)
            if declared.endswith(b"/>") and declared.count(b"<") == 1:
                return declared
            if len(body) > self.header.content_length and quiet:
                return declared
        if ended or (quiet and bytes(body).rstrip(TRAILING).endswith((b"/>", b">")) and enough):
            return bytes(body)
        return None


def reply(
    body: bytes, message_id: str, *, is_error: bool, now: datetime, charset: str, limit: int
) -> bytes:
    """Status line, headers with Content-Length last, XML: everything in one piece."""
    if charset != "utf-8":
        text = body.decode("utf-8").replace('encoding="UTF-8"', 'encoding="windows-1251"', 1)
        body = text.encode("cp1251", "xmlcharrefreplace")
    if len(body) > limit:
        body = body[:limit]
    kind = "Error" if is_error else "Response"
    head = (
        f"200 OK\r\nMessage-Type: {kind}\r\nMessage-ID: {message_id}\r\n"
        f"Time: {now:%Y-%m-%d %H:%M:%S}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("utf-8") + body
