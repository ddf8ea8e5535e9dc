"""Heads of HTTP requests: what is refused by its head alone, and heads that came before.

A till sends the same few headers all day long. A head is kept only when the parser read it as an
ordinary request: POST, HTTP/1.1, kept alive, a Content-Length and no transfer coding, nothing to
wait for; so for the same bytes with a body of that length there is nothing left to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from card_server.relay.exchange import Call
from card_server.relay.farcards_reader import FUNCTIONS
from card_server.relay.http_frames import ALLOWED, ALLOWED_ON_FUNCTIONS
from card_server.relay.http_target import function_name, target
from shared.wire.errors import AppError, ErrorCode

METHODS: Final = (b"POST", b"GET", b"HEAD", b"OPTIONS")
VERSIONS: Final = ("1.1", "1.0")
END: Final = b"\r\n\r\n"
LONGEST: Final = 1_024
MOST: Final = 512


class KnownHead(msgspec.Struct, frozen=True, gc=False):
    """What the parser made of a head."""

    length: int
    """Bytes of the body."""
    segments: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]


class KnownHeads:
    """Heads by their bytes, at most `MOST`."""

    def __init__(self) -> None:
        self._known: dict[bytes, KnownHead] = {}

    def find(self, data: bytes) -> tuple[KnownHead, bytes] | None:
        """Head and body, if the data is exactly one request whose head is known."""
        end = data.find(END, 0, LONGEST)
        head = self._known.get(data[:end]) if end > 0 else None
        if head is None or len(data) - end - len(END) != head.length:
            return None
        return head, data[end + len(END) :]

    def learn(self, data: bytes, call: Call) -> None:
        """Keep the head of an ordinary request, if the data holds it and its body alone."""
        end = data.find(END, 0, LONGEST)
        if end <= 0 or data[end + len(END) :] != call.body:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[data[:end]] = KnownHead(
            len(call.body), call.path_segments, call.query, call.headers
        )


def check_head(
    method: bytes, version: str, url: bytes, headers: Mapping[bytes, bytes], body_bytes: int
) -> None:
    """Raise `Refused` for a head that is reason enough to read no further."""
    if version not in VERSIONS:
        raise Refused(400, AppError(ErrorCode.FIELD_BAD, field="HTTP", value=version))
    if method != b"POST":
        _check_method(method, url)
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding not in (b"", b"identity"):
        value = coding.decode("latin-1")
        error = AppError(ErrorCode.FIELD_BAD, field="Content-Encoding", value=value)
        raise Refused(415, error)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > body_bytes:
        raise Refused(413, too_large(body_bytes))
    if method == b"POST" and not length and b"transfer-encoding" not in headers:
        raise Refused(411, AppError(ErrorCode.FIELD_MISSING, field="Content-Length"))


def _check_method(method: bytes, url: bytes) -> None:
    """Nothing but the life sign for GET and HEAD; a function is only posted to."""
    error = AppError(ErrorCode.UNKNOWN_ACTION, action=method.decode("latin-1"))
    if method not in METHODS:
        raise Refused(405, error, ALLOWED)
    segments, _ = target(url)
    if method != b"OPTIONS" and segments and function_name(segments[-1]) in FUNCTIONS:
        raise Refused(405, error, ALLOWED_ON_FUNCTIONS)


def too_large(limit: int) -> AppError:
    """The refusal of a head or a body that is longer than may be."""
    return AppError(ErrorCode.REQUEST_TOO_LARGE, limit=limit)


class Refused(Exception):  # noqa: N818 - carries the status out of the parser's callback
    """A request that is answered with a status before it was read to its end."""

    def __init__(self, status: int, error: AppError, extra: bytes = b"") -> None:
        super().__init__(status)
        self.status = status
        self.error = error
        self.extra = extra
