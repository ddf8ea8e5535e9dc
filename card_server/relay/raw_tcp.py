"""The raw TCP form, pure: five header lines, a blank line, XML (crm-xml.md 1.3)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from card_server.relay.decoding import UTF16_MARKS
from card_server.relay.escaping import windows_1251
from card_server.relay.limits import Limits
from shared.wire.errors import AppError, ErrorCode

NAMES: Final = (b"message-id", b"message-type", b"time", b"terminal-type", b"content-length")
BLANK_LINE: Final = re.compile(rb"\n[ \t]*\r?\n")
TRAILING: Final = b" \t\r\n\x00"
LONGEST_MESSAGE_ID: Final = 100
LONGEST_LENGTH: Final = 9
"""Digits of a Content-Length; more are no length."""

ROOT_WITHIN: Final = 65_536
"""The start tag of the root ends within so many bytes, or its end is not looked for."""

LONGEST_TAG: Final = 128
"""A closing tag has no more bytes than this; it may come in pieces."""

_PROLOGUE: Final = re.compile(rb"(?:\s++|<\?[^>]{0,1000}>|<!--.{0,1000}?-->)*+", re.DOTALL)
_ROOT: Final = re.compile(rb"<([^\s<>/!?&;\"']{1,100})")
_REST_OF_TAG: Final = re.compile(rb"(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+>")
_CONTROLS: Final = dict.fromkeys(range(32))


class RawHeader(msgspec.Struct):
    """The header lines that matter."""

    message_id: str = "0"
    terminal_type: str = ""
    content_length: int = 0


def parse_header(data: bytes) -> RawHeader:
    """Names in any case and order, blanks and one pair of quotes dropped, unknown ignored (R07)."""
    header = RawHeader()
    for line in data.split(b"\n"):
        name, _, value = line.partition(b":")
        text = value.decode("utf-8", "replace").strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        text = text.translate(_CONTROLS)
        key = name.strip().lower()
        if key == b"message-id":
            header.message_id = text[:LONGEST_MESSAGE_ID] or "0"
        elif key == b"terminal-type":
            header.terminal_type = text
        elif key == b"content-length" and text.isascii() and text.isdigit():
            digits = text.lstrip("0")
            header.content_length = int(digits or "0") if len(digits) <= LONGEST_LENGTH else 0
    return header


class RawReader:
    """Collects the bytes of one raw request; tells when it is complete."""

    __slots__ = ("_buffer", "_closing", "_limits", "_self_closed", "_start", "_tried", "header")

    def __init__(self, limits: Limits) -> None:
        self._buffer = bytearray()
        self._limits = limits
        self._start = -1
        self._tried = 0
        self._closing: re.Pattern[bytes] | None = None
        self._self_closed = -1
        self.header: RawHeader | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes; raises REQUEST_TOO_LARGE."""
        self._buffer += data
        if self.header is None:
            self._find_header()
            if self.header is None:
                return
        if self._start < 0:
            self._find_start()
        limit = self._limits.body_bytes
        if len(self._buffer) - max(self._start, 0) > limit or self.header.content_length > limit:
            raise AppError(ErrorCode.REQUEST_TOO_LARGE, limit=limit)

    def _find_header(self) -> None:
        limit = self._limits.raw_header_bytes
        if self._buffer.lstrip(b" \t\r\n").startswith(b"<"):
            self.header = RawHeader()
            return
        found = BLANK_LINE.search(self._buffer, 0, limit + 2)
        if found is not None and found.start() <= limit:
            self.header = parse_header(bytes(self._buffer[: found.start()]))
            del self._buffer[: found.end()]
        elif len(self._buffer) > limit:
            raise AppError(ErrorCode.REQUEST_TOO_LARGE, limit=limit)

    def _find_start(self) -> None:
        """The body begins at the first `<`, or at a mark of UTF-16 (rule 2)."""
        plain = self._buffer.lstrip(b" \t\r\n")
        if bytes(plain[:2]) in UTF16_MARKS:
            self._start = len(self._buffer) - len(plain)
        else:
            self._start = self._buffer.find(b"<")

    # ------------------------------------------------------------------ completeness

    def complete(self, *, quiet: bool = False, ended: bool = False) -> bytes | None:
        """The body once the request is whole (rules 3 to 6), else None.

        `quiet`: nothing has come for a while; `ended`: the sender closed its side.
        """
        if self.header is None:
            return b"" if ended else None
        if self._start < 0:
            enough = len(self._buffer) >= self.header.content_length > 0
            return bytes(self._buffer) if ended or (quiet and enough) else None
        declared = self.header.content_length
        if len(self._buffer) - self._start >= declared:
            return self._enough(declared, quiet=quiet, ended=ended)
        if ended or (quiet and self._looks_whole()):
            return bytes(self._buffer[self._start :])
        return None

    def _enough(self, declared: int, *, quiet: bool, ended: bool) -> bytes | None:
        """All declared bytes are there; the closing tag decides (rules 3, 4, 7)."""
        start, buffer = self._start, self._buffer
        closing = self._closing_tag()
        if closing is None:
            if self._forbidden():
                return bytes(buffer[start:])
            whole = ended or (quiet and declared > 0)
            return bytes(buffer[start : start + (declared or len(buffer))]) if whole else None
        if self._self_closed >= 0:
            return bytes(buffer[start : self._self_closed])
        found = None
        if not self._tried:
            inside = bytes(buffer[start : start + declared]).rstrip(TRAILING)
            if closing.fullmatch(inside, max(0, inside.rfind(b"<"))):
                return inside
            found = _last(closing, inside, start)
        begin = max(start, start + declared - LONGEST_TAG, self._tried - LONGEST_TAG)
        later = closing.search(buffer, begin)
        self._tried = len(buffer)
        end = later.end() if later is not None else found
        if end is not None:
            return bytes(buffer[start:end])
        return bytes(buffer[start:]) if ended else None

    def _looks_whole(self) -> bool:
        """The buffer ends with the closing tag of its root (rule 5)."""
        closing = self._closing_tag()
        if closing is None:
            return False
        if self._self_closed >= 0:
            return not bytes(self._buffer[self._self_closed :]).strip(TRAILING)
        tail = bytes(self._buffer[-LONGEST_TAG:]).rstrip(TRAILING)
        last = tail.rfind(b"<")
        return last >= 0 and closing.fullmatch(tail, last) is not None

    def _closing_tag(self) -> re.Pattern[bytes] | None:
        """What closes the root; None while the root's start tag is not there."""
        if self._closing is None:
            body = bytes(self._buffer[self._start : self._start + ROOT_WITHIN])
            place = _end(_PROLOGUE.match(body))
            root = _ROOT.match(body, place)
            end = _end(_REST_OF_TAG.match(body, root.end())) if root is not None else 0
            if root is None or not end:
                return None
            if body[end - 2 : end - 1] == b"/":
                self._self_closed = self._start + end
            self._closing = re.compile(rb"</" + re.escape(root[1]) + rb"\s{0,20}>")
        return self._closing

    def _forbidden(self) -> bool:
        """A document type stands where the root should: refused without waiting for its end."""
        body = bytes(self._buffer[self._start : self._start + ROOT_WITHIN])
        place = _end(_PROLOGUE.match(body))
        return body.startswith(b"<!", place) and body.find(b">", place) > 0


def _end(found: re.Match[bytes] | None) -> int:
    return found.end() if found is not None else 0


def _last(closing: re.Pattern[bytes], inside: bytes, start: int) -> int | None:
    """Where the last closing tag among the declared bytes ends; what follows is no request."""
    end = None
    for found in closing.finditer(inside):
        end = start + found.end()
    return end


def reply(
    body: bytes, message_id: str, *, is_error: bool, now: datetime, charset: str = "utf-8"
) -> bytes:
    """Status line, headers with Content-Length last, XML: everything in one piece."""
    if charset != "utf-8":
        body = windows_1251(body)
    kind = "Error" if is_error else "Response"
    head = (
        f"200 OK\r\nMessage-Type: {kind}\r\nMessage-ID: {message_id}\r\n"
        f"Time: {now:%Y-%m-%d %H:%M:%S}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("utf-8", "replace") + body
