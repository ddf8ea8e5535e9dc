"""`app-server`: users and reports alone in a process, beside the card server (RU_Server).

It has its own connections to the same database and no ledger: the card server goes on serving
tills whatever happens here. Sessions stand in the database, so whoever signed in at one of the two
is known to the other.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from card_server.cli import place
from card_server.cli.exit_codes import COULD_NOT_RUN, EXPLAINED, OK, USAGE
from card_server.cli.failures import sentence_of
from card_server.cli.language import language_of, system_language
from card_server.cli.parsing import Parser, asked_language, parser_class
from card_server.cli.printing import prepare_streams, say
from shared.settings import server_file
from shared.settings.store import read_file

if TYPE_CHECKING:
    from card_server.http.desk import UnitOfWorkDesk
    from card_server.http.dispatch import Dispatcher

log = structlog.get_logger(__name__)
NAME: Final = "app-server"
PORT: Final = 9195


def make_dispatcher(desk: UnitOfWorkDesk) -> Dispatcher:
    """Users, sessions, journals, divisions, settings and reports; nothing that books."""
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.divisions.repository import bump_rules_version  # noqa: PLC0415
    from card_server.divisions.routes import ROUTES as DIVISIONS  # noqa: PLC0415
    from card_server.http.dispatch import Dispatcher  # noqa: PLC0415
    from card_server.http.routes import Kind  # noqa: PLC0415
    from card_server.reports.routes import ROUTES as REPORTS  # noqa: PLC0415
    from card_server.users.routes import ROUTES as USERS  # noqa: PLC0415
    from card_server.users.sessions import SessionBook  # noqa: PLC0415

    routes = [one for one in (*USERS, *DIVISIONS, *REPORTS) if one.kind is not Kind.BOOKING]
    return Dispatcher(
        routes,
        desk=desk,
        sessions=SessionBook(desk),
        clock=clock,
        bump_rules=bump_rules_version,
    )


def serve(options: argparse.Namespace) -> int:
    """Answer until Ctrl+C, Ctrl+Break or SIGTERM; the order of start does not matter."""
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: stop.set())
    _keep_log(Path(options.data))
    run(options, ready=_say_ready, stop=stop)
    return OK


def _keep_log(folder: Path) -> None:
    from shared.hosting.single_instance import denied  # noqa: PLC0415 - quick --help
    from shared.logs.setup import set_up  # noqa: PLC0415

    try:
        set_up(folder=folder if folder.is_dir() else None, name=NAME)
    except OSError as error:
        raise denied(folder, error) from error


def run(
    options: argparse.Namespace, *, ready: Callable[[int], None], stop: threading.Event
) -> None:
    """Open the database and the port, and wait for `stop`; `ready` is told the port."""
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415
    from card_server.db.migrate import require_current  # noqa: PLC0415
    from card_server.db.unit_of_work import UnitOfWork  # noqa: PLC0415
    from card_server.divisions.repository import IdBlocks  # noqa: PLC0415
    from card_server.http.app import ManagementServer  # noqa: PLC0415
    from card_server.http.change_feed import ChangeFeed  # noqa: PLC0415
    from card_server.http.desk import Readers, UnitOfWorkDesk  # noqa: PLC0415
    from shared.hosting.management_tls import management_tls  # noqa: PLC0415

    folder = Path(options.data)
    file = read_file(folder / server_file.FILE_NAME, server_file.SETTINGS)
    for fault in file.faults:
        raise fault
    tls = management_tls(folder, file, options.host, clock())
    address = open_database(options.database, folder, create=False)
    with plain_errors(address):
        engine = make_engine(address)
        with engine.connect() as connection:
            require_current(connection)
    reading = make_engine(address, read_only=True)
    readers = Readers(reading)
    unit = UnitOfWork(engine, server=address.shown)
    desk = UnitOfWorkDesk(unit, readers, lambda: IdBlocks(prefix=1), clock)
    server = ManagementServer(
        make_dispatcher(desk), ChangeFeed(desk), lambda: _health(address.shown), tls=tls
    )
    try:
        port = server.open(options.host, options.port)
        log.info("application server answers", database=address.shown, port=port)
        ready(port)
        stop.wait()
    finally:
        server.close()
        readers.close()
        engine.dispose()
        reading.dispose()


def _health(database: str) -> dict[str, object]:
    return {"state": "running", "role": NAME, "database": database}


def _say_ready(port: int) -> None:
    line = {"event": "ready", "management_port": port}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


# ---------------------------------------------------------------------- registration


def register(options: argparse.Namespace) -> int:
    """Tell the card server where this application server answers."""
    from card_server.divisions.app_servers import checked  # noqa: PLC0415 - quick --help

    address = checked(options.address)
    _keep(options, address)
    say({"address": address}, as_json=options.json, text=f"{NAME}: {address}")
    return OK


def unregister(options: argparse.Namespace) -> int:
    """Cancel the registration: the card server answers everything itself."""
    _keep(options, "")
    say({"address": ""}, as_json=options.json, text=f"{NAME}: -")
    return OK


def _keep(options: argparse.Namespace, address: str) -> None:
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.change_log import ChangeLog, Editor  # noqa: PLC0415
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415
    from card_server.db.migrate import require_current  # noqa: PLC0415
    from card_server.db.unit_of_work import UnitOfWork  # noqa: PLC0415
    from card_server.divisions.app_servers import keep  # noqa: PLC0415
    from card_server.divisions.repository import IdBlocks  # noqa: PLC0415

    database = open_database(options.database, Path(options.data), create=False)
    with plain_errors(database):
        engine = make_engine(database)
        with engine.connect() as connection:
            require_current(connection)

    def change(connection: Any) -> None:
        ids = IdBlocks(prefix=1)
        ids.bind(lambda: connection)
        journal = ChangeLog(connection, ids, Editor(application=NAME), clock())
        keep(connection, journal, address)

    try:
        UnitOfWork(engine, server=database.shown).run(change)
    finally:
        engine.dispose()


# ---------------------------------------------------------------------- command line


def build_parser(language: str = "en") -> Parser:
    """The parser of all commands, in `ru` or `en`."""
    made = parser_class(language)
    parser = made(
        prog=NAME,
        description="Kartoteka application server: users and reports in a process of their own",
        epilog=EXPLAINED,
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=made)
    one = commands.add_parser("serve", help="run the server in this console")
    one.add_argument("--host", default="127.0.0.1", help="address to listen on")
    one.add_argument("--port", type=_port, default=PORT, help="0 = free port")
    one.set_defaults(run=serve)
    one = commands.add_parser("register", help="tell the card server where it answers")
    one.add_argument("address", metavar="HOST:PORT")
    one.set_defaults(run=register)
    one = commands.add_parser("unregister", help="cancel the registration")
    one.set_defaults(run=unregister)
    for command in commands.choices.values():
        command.add_argument("--data", default="data", help="data folder of the card server")
        command.add_argument("--database", help="IP,port:name or a SQLAlchemy URL")
        command.add_argument("--json", action="store_true", help="answer with one JSON object")
        command.add_argument("--language", choices=("ru", "en"), help="language of messages")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= server_file.LARGEST_PORT):
        message = f"{text!r} is no port: 0 to {server_file.LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal becomes a sentence, never a traceback."""
    prepare_streams()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = build_parser(asked_language(words) or system_language()).parse_args(words)
    except SystemExit as end:
        return USAGE if end.code else OK
    try:
        place.fill(options)
        return int(options.run(options))
    except KeyboardInterrupt:
        return COULD_NOT_RUN
    except Exception as error:
        sentence = sentence_of(error, language_of(options))
        if sentence is None:
            raise
        sys.stderr.write(f"{NAME}: {sentence}\n")
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
