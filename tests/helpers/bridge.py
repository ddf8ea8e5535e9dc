"""A way to a server that a test can cut and mend: a small TCP forwarder on a port of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Bridge:
    """Carries bytes between its own port and a server until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._start()

    def cut(self) -> None:
        """Nobody gets through any more, and who was through is thrown out."""
        with suppress(OSError):  # wakes the thread that waits at the door
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        with self._lock:
            carried, self._open = self._open, []
        for one in carried:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def mend(self) -> None:
        """The same port leads to the server again."""
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._start()

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.create_connection(self._target)
                with self._lock:
                    self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
