"""The management port: for now the self-diagnosis; the contract of the windows grows here.

A server of its own on a thread of its own: no request of a manager stands in a cashier's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec

from shared.wire.errors import AppError, ErrorCode

Health = Callable[[], dict[str, object]]


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers `GET /health` with JSON."""

        timeout = 10

        def do_GET(self) -> None:
            """The self-diagnosis, or 404."""
            if self.path.partition("?")[0] != "/health":
                self._send(HTTPStatus.NOT_FOUND, b'{"code":"UNKNOWN_ACTION"}')
                return
            self._send(HTTPStatus.OK, msgspec.json.encode(health()))

        def _send(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Requests of the self-diagnosis are not worth a line."""

    return Handler


class ManagementPort:
    """Opens and closes the port."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._server: ThreadingHTTPServer | None = None
        self._thread: Thread | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chooses for 0."""
        try:
            server = ThreadingHTTPServer((host, port), _handler(self._health))
        except OSError as error:
            raise AppError(ErrorCode.PORT_BUSY, port=port, name="?") from error
        self._server = server
        self._thread = Thread(target=server.serve_forever, name="management", daemon=True)
        self._thread.start()
        opened: int = server.server_address[1]
        return opened

    async def stop(self) -> None:
        """Stop answering."""
        if self._server is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._server.shutdown)
            self._server.server_close()
