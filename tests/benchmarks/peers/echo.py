"""The bare echo server: what a request costs before anything is done for it.

asyncio.Protocol and httptools, uvloop where it exists: the frame the relay stands on.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any

import httptools

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: "


class Echo(asyncio.Protocol):
    """Answers each request with its own body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._transport: Any = transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Keep what will be sent back."""
        self._body += body

    def on_message_complete(self) -> None:
        """Send it back."""
        body, self._body = self._body, b""
        self._transport.write(HEAD + str(len(body)).encode() + b"\r\n\r\n" + body)


async def serve() -> None:
    """Answer on a free port until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(json.dumps({"relay_port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """On uvloop where it exists, as the card server."""
    try:
        run = importlib.import_module("uvloop").run
    except ImportError:
        run = asyncio.run
    run(serve())


if __name__ == "__main__":
    main()
