"""The relay's sockets: sniffs HTTP or raw TCP, reads whole requests, writes answers in order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol, cast

import structlog

from card_server.relay.exchange import Answerer
from card_server.relay.http_reader import HttpReader
from card_server.relay.limits import Limits
from card_server.relay.raw_reader import RawConversation
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)

METHODS: Final = (b"POST ", b"GET ", b"HEAD ", b"OPTIONS ", b"PUT ", b"DELETE ", b"PATCH ")
RAW_NAMES: Final = (b"message-id", b"message-type", b"time", b"terminal-type", b"content-length")
LEADING: Final = b"\r\n \t"
BOM: Final = b"\xef\xbb\xbf"
SNIFF_BYTES: Final = 16
SWEEP_S: Final = 0.1


class Conversation(Protocol):
    """What a sniffed connection speaks."""

    def feed(self, data: bytes) -> None:
        """Bytes from the other side."""

    def ended(self) -> None:
        """The other side sends no more."""

    def sweep(self, now: float) -> None:
        """A look at the clock, about ten times a second."""


class Connection(asyncio.Protocol):
    """One accepted socket until it is closed."""

    def __init__(self, server: Listener) -> None:
        self.server = server
        self.limits = server.limits
        self.peer = ""
        self.opened_at = 0.0
        self.read_at = 0.0
        self.blocked_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._talk: Conversation | None = None
        self._head = bytearray()
        self._closing = False

    # ------------------------------------------------------------------ asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept, or turn away when there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername")
        self.peer = str(address[0]) if address else ""
        self.opened_at = self.read_at = time.monotonic()
        sock = transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.join(self)

    def data_received(self, data: bytes) -> None:
        """Sniff first, then hand on."""
        self.read_at = time.monotonic()
        if self._closing:
            return
        if self._talk is not None:
            self._talk.feed(data)
            return
        self._head += data
        self._sniff()

    def eof_received(self) -> bool:
        """A half-closed sender still gets its answer."""
        if self._talk is not None:
            self._talk.ended()
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection; answers that come later go nowhere."""
        self._closing = True
        self._transport = None
        self.server.leave(self)

    def pause_writing(self) -> None:
        """The reader of our replies is slow."""
        self.blocked_since = time.monotonic()

    def resume_writing(self) -> None:
        """It caught up."""
        self.blocked_since = 0.0

    # ------------------------------------------------------------------ for conversations

    def write(self, data: bytes) -> None:
        """Send a whole reply in one write."""
        if self._transport is not None:
            self._transport.write(data)

    def pause_reading(self) -> None:
        """Enough is outstanding on this connection."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):
                self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):
                self._transport.resume_reading()

    def close(self) -> None:
        """Send what is written, then close."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def finish(self) -> None:
        """Shut the sending side; the sweep closes the rest after a second."""
        self._closing = True
        if self._transport is not None:
            try:
                self._transport.write_eof()
            except (OSError, RuntimeError):
                self._transport.close()
        self.opened_at = time.monotonic()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------ inside

    def _sniff(self) -> None:
        head = bytes(self._head[:80]).removeprefix(BOM).lstrip(LEADING).removeprefix(BOM)
        low = head.lower()
        if head.startswith(METHODS):
            rest = bytes(self._head).removeprefix(BOM).lstrip(LEADING).removeprefix(BOM)
            self._start(HttpReader(self), rest)
        elif head.startswith(b"<") or any(
            low.startswith(name) and low[len(name) :].lstrip(b" \t")[:1] == b":"
            for name in RAW_NAMES
        ):
            rest = bytes(self._head).removeprefix(BOM).lstrip(LEADING).removeprefix(BOM)
            self._start(RawConversation(self), rest)
        elif head[:1] == b"\x16" or (
            len(head) >= SNIFF_BYTES and not any(name.startswith(low[:16]) for name in RAW_NAMES)
        ):
            log.info("connection with an unknown protocol closed", peer=self.peer)
            self.abort()

    def _start(self, talk: HttpReader | RawConversation, data: bytes) -> None:
        self._talk = talk
        self._head.clear()
        talk.feed(data)

    def sweep(self, now: float) -> None:
        """Enforce the limits of time."""
        if self._closing:
            if now - self.opened_at > 1 and self._transport is not None:
                self._transport.abort()
            return
        if self.blocked_since and now - self.blocked_since > self.limits.reply_s:
            self.abort()
        elif self._talk is not None:
            self._talk.sweep(now)
        elif now - self.opened_at > self.limits.first_byte_s:
            self.abort()


class Listener:
    """Opens the ports and keeps the connections; both ports sniff."""

    def __init__(
        self,
        answerer: Answerer,
        limits: Limits,
        *,
        wall_clock: Callable[[], datetime],
        raw_charset: str = "utf-8",
    ) -> None:
        self.answerer = answerer
        self.limits = limits
        self.wall_clock = wall_clock
        self.raw_charset = raw_charset
        self.connections: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self.stopping = False

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chooses for 0."""
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(self),
                host,
                port,
                backlog=1024,
                reuse_address=sys.platform != "win32",
            )
        except OSError as error:
            raise AppError(ErrorCode.PORT_BUSY, port=port, name=owner_of(port)) from error
        self._servers.append(server)
        if self._sweeper is None:
            self._sweeper = loop.call_later(SWEEP_S, self._sweep)
        opened: int = server.sockets[0].getsockname()[1]
        return opened

    async def stop(self, grace_s: float) -> None:
        """Accept nothing more; open connections get the grace to take their answers."""
        self.stopping = True
        for server in self._servers:
            server.close()
        deadline = time.monotonic() + grace_s
        while self.connections and time.monotonic() < deadline:
            if all(not busy(c) for c in self.connections):
                break
            await asyncio.sleep(0.02)
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self.connections):
            connection.close()

    def join(self, connection: Connection) -> None:
        """A new connection; one too many gets 503."""
        self.connections.add(connection)
        self._addresses[connection.peer] += 1
        limits = self.limits
        if len(self.connections) > limits.connections or (
            self._addresses[connection.peer] > limits.connections_per_address
        ):
            body = failure(AppError(ErrorCode.BUSY), "0", "ru")
            connection.write(http_refusal(503, body, retry=True))
            connection.close()

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        self._addresses[connection.peer] -= 1
        if self._addresses[connection.peer] <= 0:
            del self._addresses[connection.peer]

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in list(self.connections):
            connection.sweep(now)
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_S, self._sweep)


def busy(connection: Connection) -> bool:
    """A request of the connection is being answered."""
    return getattr(connection._talk, "outstanding", 0) > 0  # noqa: SLF001 - the same room


def http_refusal(status: int, body: bytes, *, retry: bool = False) -> bytes:
    """A whole HTTP reply for a request that could not be read; closes the connection."""
    reasons = {
        400: "Bad Request",
        405: "Method Not Allowed",
        408: "Request Timeout",
        411: "Length Required",
        413: "Payload Too Large",
        415: "Unsupported Media Type",
        503: "Service Unavailable",
    }
    extra = "Retry-After: 1\r\n" if retry else ""
    head = (
        f"HTTP/1.1 {status} {reasons[status]}\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n{extra}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def owner_of(port: int) -> str:
    """The program that has a port, as far as the system tells."""
    try:
        import psutil  # noqa: PLC0415 - only for the sentence of a failed start

        for row in psutil.net_connections("tcp"):
            if row.laddr and row.laddr.port == port and row.status == psutil.CONN_LISTEN:
                return str(psutil.Process(row.pid).name()) if row.pid else "?"
    except Exception:  # noqa: BLE001 - naming the owner is a courtesy, never a second failure
        return "?"
    return "?"


__all__ = ["Connection", "Listener", "http_refusal"]
