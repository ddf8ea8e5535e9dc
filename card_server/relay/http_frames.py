"""HTTP replies as bytes: status line, headers, body in one piece (crm-xml.md 1.2)."""

from __future__ import annotations

import time
from typing import Final
from wsgiref.handlers import format_date_time

REASONS: Final = {
    200: b"OK",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    411: b"Length Required",
    413: b"Payload Too Large",
    415: b"Unsupported Media Type",
    503: b"Service Unavailable",
}
XML: Final = b"text/xml; charset=utf-8"
ALLOWED: Final = b"Allow: POST, GET, HEAD, OPTIONS\r\n"
ALLOWED_ON_FUNCTIONS: Final = b"Allow: POST, OPTIONS\r\n"
RETRY: Final = b"Retry-After: 1\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE: Final = b"Connection: close\r\n"
KEEP: Final = b"Connection: keep-alive\r\n"
"""Said to HTTP/1.0 only, which closes unless it is told otherwise."""

_OK_XML: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: "


class Place:
    """A request's place in the row of answers."""

    __slots__ = ("data", "keep", "old")

    def __init__(self, *, keep: bool, old: bool) -> None:
        self.data: bytes | None = None
        self.keep = keep
        self.old = old
        """HTTP/1.0: staying open has to be said."""

    @property
    def connection(self) -> bytes:
        """The Connection header, where one is needed."""
        if not self.keep:
            return CLOSE
        return KEEP if self.old else b""


class _Date:
    """The Date header, formatted once a second."""

    second = 0
    line = b""


def date_line() -> bytes:
    """`Date: ...` of this second."""
    second = int(time.time())
    if second != _Date.second:
        _Date.second = second
        _Date.line = b"Date: " + format_date_time(second).encode() + b"\r\n"
    return _Date.line


def xml_reply(body: bytes, connection: bytes = b"") -> bytes:
    """The usual reply: 200 with an XML document."""
    length = str(len(body)).encode()
    return b"%b%b\r\n%b%b\r\n%b" % (_OK_XML, length, date_line(), connection, body)


def reply(
    status: int,
    body: bytes,
    *,
    content_type: bytes = XML,
    extra: bytes = b"",
    head_only: bool = False,
) -> bytes:
    """Any other reply; `extra` holds whole header lines."""
    return b"HTTP/1.1 %d %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%b%b\r\n%b" % (
        status,
        REASONS.get(status, b"Error"),
        content_type,
        len(body),
        date_line(),
        extra,
        b"" if head_only else body,
    )
