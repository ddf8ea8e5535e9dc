"""`serve` and `run`: the server in the console until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from card_server.cli.exit_codes import OK


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--relay-port", type=int, default=9192, help="HTTP, 0 = free port")
    parser.add_argument("--raw-port", type=int, default=9191, help="raw TCP, 0 = free port")
    parser.add_argument("--management-port", type=int, default=9193, help="0 = free port")


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl+C, Ctrl+Break or SIGTERM."""
    from card_server.composition import Ports, ServeOptions, serve  # noqa: PLC0415 - quick --help

    wanted = ServeOptions(
        data_dir=Path(options.data),
        database=options.database,
        host=options.host,
        relay_port=options.relay_port,
        raw_port=options.raw_port,
        management_port=options.management_port,
    )

    def ready(ports: Ports) -> None:
        line = {"event": "ready", **msgspec.to_builtins(ports)}
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(*_args: object) -> None:
            loop.call_soon_threadsafe(stop.set)

        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, tell)
        await serve(wanted, ready=ready, stop=stop)

    with contextlib.suppress(KeyboardInterrupt):
        _runner()(main())
    return OK


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Uvloop where it exists (it does not on Windows), else asyncio's own loop."""
    try:
        found: Callable[[Coroutine[Any, Any, None]], None] = importlib.import_module("uvloop").run
    except ImportError:
        return asyncio.run
    return found
