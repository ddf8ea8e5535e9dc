"""The relay's sockets: sniffs HTTP or raw TCP, reads whole requests, writes answers in order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast

import structlog

from card_server.relay.exchange import Answerer
from card_server.relay.http_frames import CLOSE, RETRY, reply
from card_server.relay.http_reader import HttpReader
from card_server.relay.limits import Limits
from card_server.relay.raw_reader import RawConversation
from card_server.relay.sniffing import Speech, sniff
from card_server.relay.texts import failure
from shared.hosting.ports import bind
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)

BACKLOG: Final = 1024
MOST_TURNED_AWAY: Final = 256
"""Connections that are told 503 at one time; the rest is dropped without a word."""


class Connection(asyncio.Protocol):
    """One accepted socket until it is closed."""

    def __init__(self, server: Listener) -> None:
        self.server = server
        self.limits = server.limits
        self.peer = ""
        self.read_at = 0.0
        self._opened_at = 0.0
        self._first_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._talk: HttpReader | RawConversation | None = None
        self._head = bytearray()
        self._closing = False
        self._held = False
        self._clogged = False
        self._paused_at = 0.0
        self._written = 0
        self._sent = 0
        self._progress_at = 0.0

    @property
    def outstanding(self) -> int:
        """Requests that wait for their answer."""
        return self._talk.outstanding if self._talk is not None else 0

    @property
    def unsent(self) -> int:
        """Bytes of replies that the other side has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    # ------------------------------------------------------------------ asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept, or turn away when there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername")
        self.peer = str(address[0]) if address else ""
        self._opened_at = self.read_at = time.monotonic()
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
        self._first_at = self._first_at or self.read_at
        self._head += data
        self._sniff()

    def eof_received(self) -> bool:
        """A half-closed sender still gets its answer."""
        if self._talk is None or self._closing:
            return False
        self._talk.ended()
        assert self._transport is not None  # noqa: S101 - asyncio calls us while it is open
        return self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection; answers that come later go nowhere (R39)."""
        self._closing = True
        self._transport = None
        if self._talk is not None:
            self._talk.lost()
        self.server.leave(self)

    def pause_writing(self) -> None:
        """The reader of our replies is slow: it gets no more to read for now."""
        self._clogged = True
        self._pause_or_resume()

    def resume_writing(self) -> None:
        """It caught up."""
        self._clogged = False
        self._pause_or_resume()

    # ------------------------------------------------------------------ for conversations

    def write(self, data: bytes) -> None:
        """Send a whole reply in one write."""
        if self._transport is not None:
            self._written += len(data)
            self._transport.write(data)

    def hold(self) -> None:
        """Enough is outstanding on this connection: it is not read any further."""
        self._held = True
        self._pause_or_resume()

    def release(self) -> None:
        """Go on reading."""
        if self._held:
            self._held = False
            self._pause_or_resume()

    def close(self) -> None:
        """Send what is written, then close."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def finish(self) -> None:
        """Shut the sending side, read late bytes away for a while, then close.

        A socket that is closed with bytes unread resets the connection, and the other side may
        lose the answer it has not read yet.
        """
        self._closing = True
        transport = self._transport
        if transport is None:
            return
        if not transport.can_write_eof():
            transport.close()
            return
        self._held = self._clogged = False
        self._pause_or_resume()
        with contextlib.suppress(OSError, RuntimeError):
            transport.write_eof()
        asyncio.get_running_loop().call_later(self.limits.drain_s, self._drained)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------ inside

    def _drained(self) -> None:
        if self._transport is None:
            return
        if self.unsent:
            asyncio.get_running_loop().call_later(self.limits.drain_s, self._drained)
        else:
            self._transport.abort()

    def _pause_or_resume(self) -> None:
        transport = self._transport
        wanted = (self._held or self._clogged) and not self._closing
        if transport is None or wanted == bool(self._paused_at):
            return
        now = time.monotonic()
        if wanted:
            self._paused_at = now
            transport.pause_reading()
            return
        paused_s, self._paused_at = now - self._paused_at, 0.0
        if isinstance(self._talk, HttpReader):
            self._talk.resumed(paused_s)
        if not transport.is_closing():
            transport.resume_reading()

    def _sniff(self) -> None:
        found = sniff(bytes(self._head))
        if found is None:
            return
        speech, start = found
        if speech is Speech.UNKNOWN:
            log.info("connection with an unknown protocol closed", peer=self.peer)
            self.abort()
            return
        self._talk = HttpReader(self) if speech is Speech.HTTP else RawConversation(self)
        data = bytes(self._head[start:])
        self._head.clear()
        self._talk.feed(data)

    def sweep(self, now: float) -> None:
        """Enforce the limits of time."""
        if self._slow_reader(now) or self._closing:
            return
        limits = self.limits
        if self._talk is not None:
            if not self._paused_at:
                self._talk.sweep(now)
        elif self._first_at:
            if now - self._first_at > limits.header_s:
                self.abort()
        elif now - self._opened_at > limits.first_byte_s:
            self.abort()

    def _slow_reader(self, now: float) -> bool:
        """The other side takes nothing of our replies for too long."""
        unsent = self.unsent
        sent = self._written - unsent
        if not unsent or sent != self._sent or not self._progress_at:
            self._sent, self._progress_at = sent, now
            return False
        if now - self._progress_at <= self.limits.reply_s:
            return False
        log.info("reader of a reply is too slow", peer=self.peer, unsent=unsent)
        self.abort()
        return True


class Listener:
    """Opens the ports and keeps the connections; all ports sniff."""

    def __init__(
        self,
        answerer: Answerer,
        limits: Limits,
        *,
        wall_clock: Callable[[], datetime],
    ) -> None:
        self.answerer = answerer
        self.limits = limits
        self.wall_clock = wall_clock
        self.connections: set[Connection] = set()
        self.stopping = False
        self._turned_away: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []
        self._sweeper: asyncio.TimerHandle | None = None

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port, which the system chooses for 0.

        Raises PORT_BUSY with the owner's name, PORT_DENIED, HOST_BAD.
        """
        loop = asyncio.get_running_loop()
        sockets = bind(host, port)
        handshake: dict[str, Any] = (
            {} if tls is None else {"ssl_handshake_timeout": self.limits.first_byte_s}
        )
        for sock in sockets:
            server = await loop.create_server(
                lambda: Connection(self), sock=sock, backlog=BACKLOG, ssl=tls, **handshake
            )
            self._servers.append(server)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self.limits.sweep_s, self._sweep)
        opened: int = sockets[0].getsockname()[1]
        return opened

    async def stop(self, grace_s: float) -> None:
        """Accept nothing more; running requests get the grace, then a refusal.

        Connections that wait for nothing are closed at once.
        """
        self.stopping = True
        self.answerer.stop()
        for server in self._servers:
            server.close()
        for connection in list(self.connections):
            if not connection.outstanding:
                connection.finish()
        await self._until(lambda: not any(c.outstanding for c in self.connections), grace_s)
        self.answerer.give_up()
        await self._until(lambda: not any(c.unsent for c in self.connections), 1.0)
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in [*self.connections, *self._turned_away]:
            connection.close()
        await self._until(lambda: not self.connections and not self._turned_away, 1.0)
        for connection in [*self.connections, *self._turned_away]:
            connection.abort()
        await asyncio.sleep(0)

    @staticmethod
    async def _until(done: Callable[[], bool], limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while not done() and time.monotonic() < deadline:  # noqa: ASYNC110 - buffers tell nobody
            await asyncio.sleep(0.01)

    def join(self, connection: Connection) -> None:
        """A new connection; one too many gets 503."""
        peer, limits = connection.peer, self.limits
        if (
            not self.stopping
            and len(self.connections) < limits.connections
            and self._addresses[peer] < limits.connections_per_address
        ):
            self.connections.add(connection)
            self._addresses[peer] += 1
            return
        if len(self._turned_away) >= MOST_TURNED_AWAY:
            connection.abort()
            return
        self._turned_away.add(connection)
        code = ErrorCode.STOPPING if self.stopping else ErrorCode.BUSY
        body = failure(AppError(code), "0", "ru")
        connection.write(reply(503, body, extra=RETRY + CLOSE))
        connection.finish()
        log.warning("connection turned away", peer=peer, connections=len(self.connections))

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        if connection not in self.connections:
            self._turned_away.discard(connection)
            return
        self.connections.discard(connection)
        self._addresses[connection.peer] -= 1
        if self._addresses[connection.peer] <= 0:
            del self._addresses[connection.peer]

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in [*self.connections, *self._turned_away]:
            connection.sweep(now)
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(self.limits.sweep_s, self._sweep)


__all__ = ["Connection", "Listener"]
