"""HTTP on a relay connection: pipelined requests, answered in order, kept alive."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import httptools
import structlog

from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.http_frames import (
    ALLOWED,
    CLOSE,
    CONTINUE,
    Place,
    reply,
    xml_reply,
)
from card_server.relay.http_heads import KnownHeads, Refused, check_head, too_large
from card_server.relay.http_target import target
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from card_server.relay.listener import Connection

log = structlog.get_logger(__name__)

LIFE_SIGN: Final = b"ok"
PLAIN: Final = b"text/plain"
SLICE: Final = 8_192
"""The parser is fed in slices, so that a header line without an end is noticed in time."""

CHUNK_OVERHEAD: Final = 8
"""Chunked coding may cost this many times the body; more is not meant to be a request."""

OK: Final = 200
LINE_EXTRA: Final = len(b": \r\n")
SPECIAL: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
"""A request with one of these is read by the parser each time."""
_heads: Final = KnownHeads()


class HttpReader:
    """One HTTP connection: reads whole requests, keeps answers in the order of asking."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limits = connection.limits
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Place] = deque()
        self._held: deque[tuple[Place, Call]] = deque()
        self._asked = 0
        self._url = b""
        self._body: list[bytes] = []
        self._size = 0
        self._headers: dict[bytes, bytes] = {}
        self._header_lines = 0
        self._header_bytes = 0
        self._phase_bytes = 0
        self._begun = 0
        self._ordinary: Call | None = None
        self._started_at = 0.0
        self._body_at = 0.0
        self._idle_since = time.monotonic()
        self._upgrading = False
        self._owes_continue = False
        self._flushing = False
        self._ended = False
        self._last = False

    @property
    def outstanding(self) -> int:
        """Requests that wait for their answer."""
        return len(self._waiting)

    # ------------------------------------------------------------------ bytes

    def feed(self, data: bytes) -> None:
        """Parse what came; a broken request gets its status and the connection closes."""
        known = _heads.find(data) if not self._started_at and not self._last else None
        if known is not None:
            head, body = known
            self._take(head.segments, head.query, head.headers, body, self._place())
            return
        for start in range(0, len(data), SLICE):
            if self._last:
                return
            self._feed(data[start : start + SLICE] if len(data) > SLICE else data)

    def _feed(self, data: bytes) -> None:
        begun, fresh = self._begun, not self._started_at
        self._ordinary = None
        try:
            self._parser.feed_data(data)
            self._learn(data, alone=fresh and self._begun == begun + 1)
        except httptools.HttpParserUpgrade as upgrade:
            self._without_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserCallbackError as error:
            self._failed(error.__context__)
        except httptools.HttpParserError as error:
            value = str(error.args[0]) if error.args else ""
            self._refuse(400, AppError(ErrorCode.FIELD_BAD, field="HTTP", value=value))
        if self._last or not self._started_at:
            return
        if self._begun == begun or (fresh and self._begun == begun + 1 and not self._body_at):
            self._phase_bytes += len(data)
            self._check_phase()

    def _learn(self, data: bytes, *, alone: bool) -> None:
        """Keep the head of a request that came in one piece, with nothing before or behind it."""
        if alone and self._ordinary is not None:
            _heads.learn(data, self._ordinary)

    def _check_phase(self) -> None:
        """Bytes that the parser keeps to itself: a line without an end, chunks of one byte."""
        limits = self._limits
        if not self._body_at and self._phase_bytes > limits.header_bytes:
            self._refuse(400, too_large(self._limits.header_bytes))
        elif self._body_at and (
            self._phase_bytes > self._size * CHUNK_OVERHEAD + limits.header_bytes
        ):
            self._refuse(413, too_large(limits.body_bytes))

    def _without_upgrade(self, rest: bytes) -> None:
        """Another protocol is offered, as Java and curl do: go on as if it were not."""
        dropped = (b"upgrade", b"connection", b"http2-settings")
        lines = [self._parser.get_method() + b" " + self._url + b" HTTP/1.1"]
        lines += [name + b": " + v for name, v in self._headers.items() if name not in dropped]
        if b"close" in self._headers.get(b"connection", b"").lower():
            lines.append(b"Connection: close")
        self._parser = httptools.HttpRequestParser(self)
        self._upgrading = False
        self.feed(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _failed(self, cause: BaseException | None) -> None:
        if isinstance(cause, Refused):
            self._refuse(cause.status, cause.error, cause.extra)
            return
        reference = secrets.token_hex(4).upper()
        log.error("reading a request failed", reference=reference, exc_info=cause)
        self._refuse(400, AppError(ErrorCode.INTERNAL, ref=reference))

    def ended(self) -> None:
        """The other side sends no more; what it asked is still answered."""
        self._ended = True
        if not self._waiting:
            self._connection.close()

    def lost(self) -> None:
        """The connection is gone: answers that still come go nowhere."""
        self._last = True
        self._waiting.clear()
        self._held.clear()

    def resumed(self, paused_s: float) -> None:
        """Time in which we did not read is not the sender's."""
        if self._started_at:
            self._started_at += paused_s
        if self._body_at:
            self._body_at += paused_s

    def sweep(self, now: float) -> None:
        """Slow headers, slow bodies, idle connections."""
        limits = self._limits
        if self._last:
            return
        if self._body_at:
            took = now - self._body_at
            slow = self._size < (took - limits.body_free_s) * limits.body_bytes_per_s
            if took > limits.body_s or slow:
                self._refuse(408, AppError(ErrorCode.REQUEST_TIMEOUT, seconds=int(took)))
        elif self._started_at:
            if now - self._started_at > limits.header_s:
                seconds = int(now - self._started_at)
                self._refuse(408, AppError(ErrorCode.REQUEST_TIMEOUT, seconds=seconds))
        elif not self._waiting and now - self._idle_since > limits.idle_s:
            self._connection.close()

    # ------------------------------------------------------------------ httptools

    def on_message_begin(self) -> None:
        """A request starts."""
        self._begun += 1
        self._url = b""
        self._body = []
        self._size = self._header_lines = self._header_bytes = self._phase_bytes = 0
        self._headers = {}
        self._body_at = 0.0
        self._started_at = time.monotonic()

    def on_url(self, url: bytes) -> None:
        """The target, maybe in pieces."""
        self._url += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line, or one behind a chunked body."""
        self._header_lines += 1
        limit = self._limits.header_lines
        if self._header_lines > limit:
            raise Refused(400, AppError(ErrorCode.TOO_MANY_ITEMS, count=limit + 1, limit=limit))
        self._count_header(len(name) + len(value) + LINE_EXTRA)
        if not self._body_at:
            self._headers[name.lower()] = value

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._limits.header_bytes:
            raise Refused(400, too_large(self._limits.header_bytes))

    def on_headers_complete(self) -> None:
        """The body starts, unless the header alone is reason to refuse."""
        if self._parser.should_upgrade():
            self._upgrading = True
            return
        self._phase_bytes = 0
        headers, parser = self._headers, self._parser
        check_head(
            parser.get_method(),
            parser.get_http_version(),
            self._url,
            headers,
            self._limits.body_bytes,
        )
        self._body_at = time.monotonic()
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self._owes_continue = True
            self._go_on()

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._body.append(data)
        self._size += len(data)
        if self._size > self._limits.body_bytes:
            raise Refused(413, too_large(self._limits.body_bytes))

    def on_message_complete(self) -> None:
        """A whole request: hand it on, keep its place in the row."""
        if self._upgrading or self._last:
            return
        self._started_at = self._body_at = 0.0
        self._owes_continue = False
        parser = self._parser
        keep, old = parser.should_keep_alive(), parser.get_http_version() == "1.0"
        place = self._place(keep=keep, old=old)
        method = parser.get_method()
        if method != b"POST":
            self._life_sign(place, method)
            return
        segments, query = target(self._url)
        headers = self._headers
        plain = {
            "terminal-type": headers.get(b"terminal-type", b"").decode("utf-8", "replace"),
            "content-type": headers.get(b"content-type", b"").decode("latin-1").lower(),
        }
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        call = self._take(segments, query, plain, body, place)
        if keep and not old and SPECIAL.isdisjoint(headers):
            self._ordinary = call

    def _place(self, *, keep: bool = True, old: bool = False) -> Place:
        """The next place in the row; the last one where the connection is not kept."""
        keep = keep and not self._connection.server.stopping
        place = Place(keep=keep, old=old)
        self._waiting.append(place)
        self._last = not keep
        return place

    def _take(
        self,
        segments: tuple[str, ...],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        place: Place,
    ) -> Call:
        """Ask what was read, or hold it back behind too many others."""
        call = Call(
            body=body,
            transport=Transport.HTTP,
            path_segments=segments,
            query=query,
            headers=headers,
            message_id="0",
            peer=self._connection.peer,
            received_at=time.monotonic(),
        )
        if self._held or self._asked >= self._limits.pipelined:
            self._held.append((place, call))
            self._connection.hold()
        else:
            self._ask(place, call)
        return call

    # ------------------------------------------------------------------ answers

    def _ask(self, place: Place, call: Call) -> None:
        self._asked += 1
        self._connection.server.answerer.submit(call, lambda answer: self._answered(place, answer))

    def _life_sign(self, place: Place, method: bytes) -> None:
        if method == b"OPTIONS":
            data = reply(OK, b"", content_type=PLAIN, extra=ALLOWED + place.connection)
        else:
            head_only = method == b"HEAD"
            extra = place.connection
            data = reply(OK, LIFE_SIGN, content_type=PLAIN, extra=extra, head_only=head_only)
        place.data = data
        self._flush()

    def _answered(self, place: Place, answer: Answer) -> None:
        if place.data is not None:
            return
        self._asked -= 1
        if answer.close or self._connection.server.stopping:
            place.keep = False
        if answer.status == OK and answer.content_type == "text/xml; charset=utf-8":
            place.data = xml_reply(answer.body, place.connection)
        else:
            content_type = answer.content_type.encode("latin-1", "replace")
            extra = place.connection
            place.data = reply(answer.status, answer.body, content_type=content_type, extra=extra)
        self._flush()

    def _flush(self) -> None:
        """Write every answer whose turn has come, ask what was held back."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._write_ready() and self._held and self._asked < self._limits.pipelined:
                self._ask(*self._held.popleft())
        finally:
            self._flushing = False
        if not self._held and self._asked < self._limits.pipelined:
            self._connection.release()

    def _write_ready(self) -> bool:
        """Send the answers at the head of the row; False once the connection ends."""
        waiting = self._waiting
        ready: list[bytes] = []
        close = False
        while waiting and waiting[0].data is not None and not close:
            place = waiting.popleft()
            ready.append(place.data or b"")
            close = not place.keep
        if ready:
            self._idle_since = time.monotonic()
            self._connection.write(ready[0] if len(ready) == 1 else b"".join(ready))
        if close:
            self.lost()
            self._connection.finish()
            return False
        if not waiting:
            if self._ended:
                self._connection.close()
                return False
            self._go_on()
        return True

    def _go_on(self) -> None:
        """`100 Continue`, after the answers to everything asked before."""
        if self._owes_continue and not self._waiting:
            self._owes_continue = False
            self._connection.write(CONTINUE)

    def _refuse(self, status: int, error: AppError, extra: bytes = b"") -> None:
        """No message could be read: say so behind the answers that are due, then close."""
        if self._last:
            return
        self._last = True
        place = Place(keep=False, old=False)
        place.data = reply(status, failure(error, "0", "ru"), extra=extra + CLOSE)
        self._waiting.append(place)
        self._flush()
