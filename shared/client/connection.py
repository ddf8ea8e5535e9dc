"""Connections to the management port: kept open, one request at a time on each, thread-safe."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from queue import Empty, LifoQueue
from typing import Final

import msgspec

from shared.hosting.certificates import fingerprint
from shared.wire.errors import AppError, ErrorCode

CONNECT_S: Final = 5.0
ANSWER_S: Final = 45.0
KEPT: Final = 4
CLOSED: Final = "closed"
OTHER: Final = "another certificate than the confirmed one"
STALE: Final = (
    http.client.RemoteDisconnected,
    http.client.BadStatusLine,
    ConnectionResetError,
    BrokenPipeError,
)
"""How a connection fails that the server closed while it was idle."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server answers.

    With `tls` its certificate must have the fingerprint that somebody confirmed, or, without one,
    be issued by `ca_file` or somebody the system trusts, for this very host.
    """

    host: str = "127.0.0.1"
    port: int = 9193
    tls: bool = False
    ca_file: str | None = None
    fingerprint: str | None = None

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return f"{self.host}:{self.port}"


class Unreachable(AppError):  # noqa: N818 - it is a refusal with a code, not a bug
    """The server does not answer; `sent` tells whether it may have got the request."""

    def __init__(self, server: Server, why: str, *, sent: bool) -> None:
        super().__init__(ErrorCode.SERVER_UNREACHABLE, server=server.shown, why=why)
        self.sent = sent


class Untrusted(AppError):  # noqa: N818 - it is a refusal with a code, not a bug
    """The server's certificate is not the one that is trusted; `found` is its fingerprint."""

    def __init__(self, server: Server, why: str, found: str) -> None:
        super().__init__(ErrorCode.TLS_UNTRUSTED, server=server.shown, why=why, found=found)
        self.found = found


class Connections:
    """A few open connections to one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue()
        self._open: set[http.client.HTTPConnection] = set()
        self._closed = False
        self._context = _context(server)

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
            self._check(connection)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise Untrusted(server, error.verify_message, _found(server)) from error
        except Untrusted:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            raise Unreachable(server, reason_of(error), sent=False) from error
        self._open.add(connection)
        if self._closed:
            # `close` may have looked through the open ones just before this one was there
            self._drop(connection)
            raise Unreachable(server, CLOSED, sent=False)
        return connection

    def _check(self, connection: http.client.HTTPConnection) -> None:
        """The certificate that somebody confirmed, if one is expected."""
        server = self.server
        if server.fingerprint is None or not isinstance(connection.sock, ssl.SSLSocket):
            return
        found = fingerprint(connection.sock.getpeercert(binary_form=True) or b"")
        if found != server.fingerprint:
            raise Untrusted(server, OTHER, found)

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


def _context(server: Server) -> ssl.SSLContext | None:
    if not server.tls:
        return None
    if server.fingerprint is None:
        return ssl.create_default_context(cafile=server.ca_file)
    # the fingerprint says more than any issuer: it is this very certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _found(server: Server) -> str:
    """The fingerprint of a certificate that is not trusted, for a person to compare."""
    try:
        pem = ssl.get_server_certificate((server.host, server.port), timeout=CONNECT_S)
        return fingerprint(ssl.PEM_cert_to_DER_cert(pem))
    except (OSError, ValueError):
        return ""


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
