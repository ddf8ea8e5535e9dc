"""`serve` and `run`: the server in the console until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import importlib
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from card_server.cli.exit_codes import COULD_NOT_RUN, OK
from card_server.cli.failures import sentence_of
from card_server.cli.language import language_of
from shared.hosting.single_instance import FolderLock, denied
from shared.settings import server_file
from shared.settings.store import FileValues, read_file, replace_file, template

if TYPE_CHECKING:
    from card_server.composition import Ports, ServeOptions
    from card_server.relay.limits import Limits

log = structlog.get_logger(__name__)

GC_THRESHOLDS: Final = (20_000, 50, 100)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command; each beats the settings file."""
    parser.add_argument("--host", help="address to listen on (server.host)")
    parser.add_argument("--relay-port", type=_port, help="HTTP, 0 = free port (server.port)")
    parser.add_argument("--raw-port", type=_port, help="raw TCP, 0 = free port (server.raw_port)")
    parser.add_argument("--management-port", type=_port, help="0 = free port (server.manage_port)")
    parser.add_argument("--tls-port", type=_port, help="0 = free port (server.tls_port)")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= server_file.LARGEST_PORT):
        message = f"{text!r} is no port: 0 to {server_file.LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl+C, Ctrl+Break or SIGTERM."""
    folder = Path(options.data)
    language = language_of(options)
    file = read_file(folder / server_file.FILE_NAME, server_file.SETTINGS)
    if file.faults:
        for fault in file.faults:
            sys.stderr.write(f"card-server: {sentence_of(fault, language)}\n")
        return COULD_NOT_RUN
    lock = FolderLock(folder)
    lock.take()
    try:
        _prepare_folder(folder, file, language)
        _run(*_wanted(options, folder, file))
    finally:
        lock.release()
    return OK


def _run(wanted: ServeOptions, limits: Limits) -> None:
    async def main() -> None:
        from card_server.composition import serve  # noqa: PLC0415 - quick --help
        from shared.logs.setup import loop_problem  # noqa: PLC0415 - quick --help

        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(loop_problem)

        def tell(*_args: object) -> None:
            loop.call_soon_threadsafe(stop.set)

        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, tell)
        await serve(wanted, ready=_say_ready, stop=stop, limits=limits)

    with contextlib.suppress(KeyboardInterrupt):
        _runner()(main())


def _prepare_folder(folder: Path, file: FileValues, language: str) -> None:
    """The data folder with its logs, and a settings file to be edited where there is none."""
    from shared.logs.setup import set_up  # noqa: PLC0415 - quick --help

    try:
        set_up(
            folder=folder,
            level=file.get(server_file.LOG_LEVEL),
            files=file.get(server_file.LOG_FILES),
        )
        if not file.path.exists():
            replace_file(file.path, template(server_file.SETTINGS, language).encode())
    except OSError as error:
        raise denied(folder, error) from error
    for note in file.notes:
        log.warning("a setting has no effect", **note.facts)


def _wanted(
    options: argparse.Namespace, folder: Path, file: FileValues
) -> tuple[ServeOptions, Limits]:
    """The command line over the file over the defaults."""
    from card_server.composition import ServeOptions, clock  # noqa: PLC0415 - quick --help
    from card_server.relay.limits import Limits  # noqa: PLC0415 - quick --help
    from shared.hosting.management_tls import management_tls  # noqa: PLC0415 - quick --help
    from shared.hosting.tls import server_context  # noqa: PLC0415 - quick --help

    def pick(name: str, setting: Any) -> Any:
        typed = getattr(options, name)
        return file.get(setting) if typed is None else typed

    management_host = file.get(server_file.MANAGE_HOST)
    tls = None
    if file.get(server_file.TLS):
        tls = server_context(
            folder,
            file.get(server_file.TLS_CERT),
            file.get(server_file.TLS_KEY),
            file.get(server_file.TLS_CA),
        )
    wanted = ServeOptions(
        data_dir=folder,
        database=options.database,
        host=pick("host", server_file.HOST),
        relay_port=pick("relay_port", server_file.PORT),
        raw_port=pick("raw_port", server_file.RAW_PORT),
        management_port=pick("management_port", server_file.MANAGE_PORT),
        tls_port=pick("tls_port", server_file.TLS_PORT),
        durability=file.get(server_file.DURABILITY),
        tls=tls,
        management_host=management_host,
        management_tls=management_tls(folder, file, management_host, clock()),
    )
    limits = {one.key.removeprefix("limits."): file.get(one) for one in server_file.LIMITS}
    return wanted, Limits(**limits)


def _say_ready(ports: Ports) -> None:
    """The one line of standard output."""
    line = {"event": "ready", **msgspec.to_builtins(ports)}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()
    _settle_memory()


def _settle_memory() -> None:
    """What is loaded by now stays: the collector need not look at it again and again.

    Records of the hot path hold no cycles (`gc=False`), so it may also come less often; without
    this every twentieth moment of a cashier's request is the collector's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Uvloop where it exists (it does not on Windows), else asyncio's own loop."""
    try:
        found: Callable[[Coroutine[Any, Any, None]], None] = importlib.import_module("uvloop").run
    except ImportError:
        return asyncio.run
    return found
