"""Connections to the management port: kept open, one request at a time on each, thread-safe."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from queue import Empty, LifoQueue
from typing import Final

import msgspec

from shared.wire.errors import AppError, ErrorCode

CONNECT_S: Final = 5.0
ANSWER_S: Final = 45.0
KEPT: Final = 4
CLOSED: Final = "closed"
STALE: Final = (
    http.client.RemoteDisconnected,
    http.client.BadStatusLine,
    ConnectionResetError,
    BrokenPipeError,
)
"""How a connection fails that the server closed while it was idle."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server answers; with `tls` its certificate is checked against `ca_file`."""

    host: str = "127.0.0.1"
    port: int = 9193
    tls: bool = False
    ca_file: str | None = None

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return f"{self.host}:{self.port}"


class Unreachable(AppError):  # noqa: N818 - it is a refusal with a code, not a bug
    """The server does not answer; `sent` tells whether it may have got the request."""

    def __init__(self, server: Server, why: str, *, sent: bool) -> None:
        super().__init__(ErrorCode.SERVER_UNREACHABLE, server=server.shown, why=why)
        self.sent = sent


class Connections:
    """A few open connections to one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue()
        self._open: set[http.client.HTTPConnection] = set()
        self._closed = False
        self._context = ssl.create_default_context(cafile=server.ca_file) if server.tls else None

    def post(
        self, path: str, body: bytes, headers: dict[str, str], timeout_s: float = ANSWER_S
    ) -> tuple[int, bytes]:
        """Status and body; raises `Unreachable`.

        A connection that the server closed while it was idle is replaced once: the request did not
        arrive then, or it is repeatable by its operation id.
        """
        try:
            connection = self._idle.get_nowait()
        except Empty:
            return self._ask(self._connect(), path, body, headers, timeout_s)
        try:
            return self._ask(connection, path, body, headers, timeout_s)
        except Unreachable as error:
            if not isinstance(error.__cause__, STALE):
                raise
        return self._ask(self._connect(), path, body, headers, timeout_s)

    def _connect(self) -> http.client.HTTPConnection:
        server = self.server
        connection = (
            http.client.HTTPSConnection(
                server.host, server.port, timeout=CONNECT_S, context=self._context
            )
            if self._context is not None
            else http.client.HTTPConnection(server.host, server.port, timeout=CONNECT_S)
        )
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Unreachable(server, reason_of(error), sent=False) from error
        self._open.add(connection)
        if self._closed:
            # `close` may have looked through the open ones just before this one was there
            self._drop(connection)
            raise Unreachable(server, CLOSED, sent=False)
        return connection

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: bytes,
        headers: dict[str, str],
        timeout_s: float,
    ) -> tuple[int, bytes]:
        try:
            if connection.sock is not None:
                connection.sock.settimeout(timeout_s)
            connection.request("POST", path, body, headers)
            reply = connection.getresponse()
            found = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self._drop(connection)
            raise Unreachable(self.server, reason_of(error), sent=True) from error
        if reply.will_close or self._closed or self._idle.qsize() >= KEPT:
            self._drop(connection)
        else:
            self._idle.put(connection)
        return reply.status, found

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close what is idle, and wake whoever waits for an answer on another thread."""
        self._closed = True
        while True:
            try:
                self._drop(self._idle.get_nowait())
            except Empty:
                break
        for connection in list(self._open):
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def reason_of(error: BaseException) -> str:
    """A failure of the network in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
