"""`card-server`: the command line of the card server."""

from __future__ import annotations

import argparse
import locale
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from card_server.cli import classifier, database, demo_data, proof, serve
from card_server.cli.exit_codes import COULD_NOT_RUN, USAGE
from shared.i18n.error_texts import window_text
from shared.wire.errors import AppError


class Command(NamedTuple):
    """A command: its help, its options, what runs it."""

    help: str
    add: Callable[[argparse.ArgumentParser], None] | None
    run: Callable[[argparse.Namespace], int]


COMMANDS = {
    "serve": Command("run the server in this console", serve.add, serve.run),
    "run": Command("the same as serve, until there is a tray", serve.add, serve.run),
    "migrate": Command("create or upgrade the database", None, database.migrate),
    "verify": Command("prove the ledger", proof.add, proof.verify),
    "backup": Command("copy the database", database.add_backup, database.backup),
    "restore": Command("put a backup back", database.add_restore, database.restore),
    "demo-data": Command("fill an empty database for trying out", demo_data.add, demo_data.run),
    "classifier": Command("programs that may call", classifier.add, classifier.run),
}


class Parser(argparse.ArgumentParser):
    """Wrong usage has its own exit code."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Say what is wrong and how it goes."""
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: {message}\n")
        raise SystemExit(USAGE)


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(prog="card-server", description="Kartoteka card server")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.help, description=command.help)
        one.add_argument("--data", default="data", help="folder of database, logs and settings")
        one.add_argument("--database", help="IP,port:name or a SQLAlchemy URL; default: embedded")
        one.add_argument("--json", action="store_true", help="answer with one JSON object")
        one.add_argument("--language", choices=("ru", "en"), help="language of messages")
        if command.add is not None:
            command.add(one)
    return parser


def language_of(options: argparse.Namespace) -> str:
    """The language asked for, else that of the system."""
    if options.language:
        return str(options.language)
    return "ru" if (locale.getlocale()[0] or "").lower().startswith("ru") else "en"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal becomes a sentence, never a traceback."""
    options = build_parser().parse_args(arguments)
    try:
        return COMMANDS[options.command].run(options)
    except AppError as error:
        text = window_text(error.code, language_of(options), error.facts)
        sys.stderr.write(f"card-server: {text}\n")
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
