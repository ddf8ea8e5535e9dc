"""HTTP on a relay connection: pipelined requests, answered in order, kept alive."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl
from wsgiref.handlers import format_date_time

import httptools

from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from card_server.relay.listener import Connection

NOTHING: Final[dict[str, str]] = {}
LIFE_SIGN: Final = b"ok"
OK_XML: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: "


class _Date:
    """The Date header, formatted once a second."""

    second = 0
    line = b""

    @classmethod
    def get(cls) -> bytes:
        second = int(time.time())
        if second != cls.second:
            cls.second = second
            cls.line = b"\r\nDate: " + format_date_time(second).encode()
        return cls.line


class HttpReader:
    """One HTTP connection: reads whole requests, keeps answers in the order of asking."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limits = connection.limits
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[list[bytes | bool | None]] = deque()
        self._url = b""
        self._body: list[bytes] = []
        self._size = 0
        self._header_bytes = 0
        self._header_lines = 0
        self._headers: dict[bytes, bytes] = {}
        self._started_at = 0.0
        self._body_at = 0.0
        self._broken = False

    @property
    def outstanding(self) -> int:
        """Requests that wait for their answer."""
        return len(self._waiting)

    # ------------------------------------------------------------------ bytes

    def feed(self, data: bytes) -> None:
        """Parse what came; a broken request gets its status and the connection closes."""
        if self._broken:
            return
        if not self._started_at:
            self._started_at = time.monotonic()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(400, AppError(ErrorCode.BAD_XML, line=0, col=0))
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if isinstance(cause, _Refused):
                self._refuse(cause.status, cause.error)
            else:
                self._refuse(400, AppError(ErrorCode.BAD_XML, line=0, col=0))
        except httptools.HttpParserError:
            self._refuse(400, AppError(ErrorCode.BAD_XML, line=0, col=0))
        if not self._body_at and self._headers_too_long(len(data)):
            self._refuse(400, AppError(ErrorCode.REQUEST_TOO_LARGE, limit=16384))

    def _headers_too_long(self, size: int) -> bool:
        if not self._started_at:
            return False
        self._header_bytes += size
        return self._header_bytes > self._limits.header_bytes

    def ended(self) -> None:
        """The other side closed; what it asked is still answered."""
        if not self._waiting:
            self._connection.close()

    def sweep(self, now: float) -> None:
        """Slow headers, slow bodies, idle connections."""
        limits = self._limits
        if self._broken:
            return
        if self._body_at:
            took = now - self._body_at
            slow = took > limits.body_free_s and self._size < took * limits.body_bytes_per_s
            if took > limits.body_s or slow:
                seconds = int(limits.body_s)
                self._refuse(408, AppError(ErrorCode.REQUEST_TIMEOUT, seconds=seconds))
        elif self._started_at:
            if now - self._started_at > limits.header_s:
                seconds = int(limits.header_s)
                self._refuse(408, AppError(ErrorCode.REQUEST_TIMEOUT, seconds=seconds))
        elif not self._waiting and now - self._connection.read_at > limits.idle_s:
            self._connection.close()

    # ------------------------------------------------------------------ httptools

    def on_message_begin(self) -> None:
        """A request starts."""
        self._url = b""
        self._body = []
        self._size = 0
        self._header_lines = 0
        self._headers = {}
        self._body_at = 0.0

    def on_url(self, url: bytes) -> None:
        """The target, maybe in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self._header_lines += 1
        if self._header_lines > self._limits.header_lines:
            raise _Refused(400, AppError(ErrorCode.TOO_MANY_ITEMS, count=101, limit=100))
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """The body starts."""
        self._body_at = time.monotonic()
        self._header_bytes = 0
        headers = self._headers
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._limits.body_bytes:
            raise _Refused(
                413, AppError(ErrorCode.REQUEST_TOO_LARGE, limit=self._limits.body_bytes)
            )
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _Refused(415, AppError(ErrorCode.FIELD_BAD, field="Content-Encoding", value=""))
        method = self._parser.get_method()
        if method not in (b"POST", b"GET", b"HEAD", b"OPTIONS"):
            raise _Refused(405, AppError(ErrorCode.UNKNOWN_ACTION, action=method.decode()))
        if method == b"POST" and not length and b"transfer-encoding" not in headers:
            raise _Refused(411, AppError(ErrorCode.FIELD_MISSING, field="Content-Length"))
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._body.append(data)
        self._size += len(data)
        if self._size > self._limits.body_bytes:
            raise _Refused(
                413, AppError(ErrorCode.REQUEST_TOO_LARGE, limit=self._limits.body_bytes)
            )

    def on_message_complete(self) -> None:
        """A whole request: hand it on, keep its place in the row."""
        self._started_at = self._body_at = 0.0
        place: list[bytes | bool | None] = [None, self._parser.should_keep_alive()]
        self._waiting.append(place)
        method = self._parser.get_method()
        if method != b"POST":
            self._life_sign(place, method)
            return
        path, _, query = self._url.decode("latin-1").partition("?")
        headers = self._headers
        call = Call(
            body=b"".join(self._body) if len(self._body) != 1 else self._body[0],
            transport=Transport.HTTP,
            path_segments=tuple(part for part in path.split("/") if part),
            query=dict(parse_qsl(query.lower())) if query else NOTHING,
            headers={
                "terminal-type": headers.get(b"terminal-type", b"").decode("utf-8", "replace"),
                "content-type": headers.get(b"content-type", b"").decode("latin-1").lower(),
            },
            message_id="0",
            peer=self._connection.peer,
            received_at=time.monotonic(),
        )
        if len(self._waiting) >= self._limits.pipelined:
            self._connection.pause_reading()
        server = self._connection.server
        if server.stopping:
            self._fill(place, _xml(failure(AppError(ErrorCode.STOPPING), "0", "ru")))
            return
        server.answerer.submit(call, lambda answer: self._answered(place, answer))

    # ------------------------------------------------------------------ answers

    def _life_sign(self, place: list[bytes | bool | None], method: bytes) -> None:
        body = b"" if method == b"HEAD" else LIFE_SIGN
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
        if method == b"OPTIONS":
            head = (
                b"HTTP/1.1 200 OK\r\nAllow: POST, GET, HEAD, OPTIONS\r\nContent-Length: 2\r\n\r\n"
            )
        self._fill(place, head + body)

    def _answered(self, place: list[bytes | bool | None], answer: Answer) -> None:
        if answer.status == 200 and answer.content_type.startswith("text/xml; charset=utf-8"):  # noqa: PLR2004 - HTTP
            self._fill(place, _xml(answer.body, close=not place[1]))
            return
        reason = {200: "OK", 404: "Not Found", 415: "Unsupported Media Type"}
        head = (
            f"HTTP/1.1 {answer.status} {reason.get(answer.status, 'Error')}\r\n"
            f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        )
        self._fill(place, head.encode() + answer.body)

    def _fill(self, place: list[bytes | bool | None], data: bytes) -> None:
        place[0] = data
        waiting = self._waiting
        if not waiting or waiting[0] is not place:
            return
        ready: list[bytes] = []
        close = False
        while waiting and isinstance(waiting[0][0], bytes):
            done = waiting.popleft()
            if isinstance(done[0], bytes):
                ready.append(done[0])
            close = close or not done[1]
        self._connection.write(ready[0] if len(ready) == 1 else b"".join(ready))
        if close:
            self._connection.close()
        elif len(waiting) < self._limits.pipelined:
            self._connection.resume_reading()

    def _refuse(self, status: int, error: AppError) -> None:
        from card_server.relay.listener import http_refusal  # noqa: PLC0415 - two halves of one room

        self._broken = True
        self._connection.write(http_refusal(status, failure(error, "0", "ru")))
        self._connection.close()


class _Refused(Exception):  # noqa: N818 - carries the status out of the parser's callback
    def __init__(self, status: int, error: AppError) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


def _xml(body: bytes, *, close: bool = False) -> bytes:
    tail = b"\r\nConnection: close\r\n\r\n" if close else b"\r\n\r\n"
    return OK_XML + str(len(body)).encode() + _Date.get() + tail + body
