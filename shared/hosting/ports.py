"""Opens a port to listen on, or says why it cannot be had and who has it."""

from __future__ import annotations

import errno
import socket
import sys
from typing import Final

from shared.wire.errors import AppError, ErrorCode

LARGEST_PORT: Final = 65_535
TAKEN: Final = frozenset({errno.EADDRINUSE, 10048})
DENIED: Final = frozenset({errno.EACCES, errno.EPERM, 10013})
NO_FAMILY: Final = frozenset({errno.EAFNOSUPPORT, 10047})
UNKNOWN: Final = "?"


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to every address of a host name, one for a plain address.

    Port 0 lets the system choose. Raises PORT_BUSY (with the owner), PORT_DENIED, HOST_BAD.
    """
    if not 0 <= port <= LARGEST_PORT:
        raise AppError(ErrorCode.PORT_DENIED, port=port, why=f"1..{LARGEST_PORT}")
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        raise AppError(ErrorCode.HOST_BAD, host=host, why=_words(error)) from error
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            chosen = sockets[0].getsockname()[1] if sockets else port
            sock = _open(family, kind, protocol)
            if sock is None:
                continue
            sockets.append(sock)
            sock.bind((address[0], chosen, *address[2:]))
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise _refusal(error, host, port) from error
    if not sockets:
        raise AppError(ErrorCode.HOST_BAD, host=host, why="-")
    return sockets


def _open(family: int, kind: int, protocol: int) -> socket.socket | None:
    """A socket that nobody can share; None where the machine does not know the family."""
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        if error.errno in NO_FAMILY:
            return None
        raise
    if sys.platform == "win32":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        # a port whose last connections are still closing is free
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setblocking(False)
    return sock


def _refusal(error: OSError, host: str, port: int) -> AppError:
    if error.errno in TAKEN:
        return AppError(ErrorCode.PORT_BUSY, port=port, name=owner_of(port))
    if error.errno in DENIED:
        return AppError(ErrorCode.PORT_DENIED, port=port, why=_words(error))
    return AppError(ErrorCode.HOST_BAD, host=host, why=_words(error))


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def owner_of(port: int) -> str:
    """The program that has a port, as far as the system tells."""
    try:
        import psutil  # noqa: PLC0415 - only for the sentence of a failed start

        for row in psutil.net_connections("tcp"):
            if row.laddr and row.laddr.port == port and row.status == psutil.CONN_LISTEN:
                if not row.pid:
                    return UNKNOWN
                return f"{psutil.Process(row.pid).name()} (PID {row.pid})"
    except Exception:  # noqa: BLE001 - naming the owner is a courtesy, never a second failure
        return UNKNOWN
    return UNKNOWN
