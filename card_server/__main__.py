"""`card-server`: the command line of the card server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from card_server.cli import (
    check,
    classifier,
    database,
    demo_data,
    place,
    proof,
    secret,
    serve,
    signing,
)
from card_server.cli.exit_codes import COULD_NOT_RUN, EXPLAINED
from card_server.cli.failures import sentence_of
from card_server.cli.language import language_of, system_language
from card_server.cli.parsing import Parser, about, asked_language, parser_class
from card_server.cli.printing import prepare_streams


class Command(NamedTuple):
    """A command: its help, its options, what runs it."""

    help: str
    add: Callable[[argparse.ArgumentParser], None] | None
    run: Callable[[argparse.Namespace], int]


def _add_classifier(parser: argparse.ArgumentParser) -> None:
    classifier.add(parser, add_common)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="a fresh database, ends by itself")
    parser.add_argument("--out", metavar="DIR", help="folder for report.json")
    parser.add_argument(
        "--then",
        metavar="MODULE ...",
        nargs=argparse.REMAINDER,
        help="a program of the suite to run beside the server; the demo ends with it",
    )


def _run_demo(options: argparse.Namespace) -> int:
    """Show a guest's visit on a demo database; without --once the server stays until Ctrl+C.

    Exit code 1 if a step of the visit or the proof of the ledger did not hold.
    """
    from card_server.cli import demo  # noqa: PLC0415 - quick --help

    return demo.run(options)


COMMANDS = {
    "serve": Command("run the server in this console", serve.add, serve.run),
    "run": Command("the same as serve, until there is a tray", serve.add, serve.run),
    "migrate": Command("create or upgrade the database", None, database.migrate),
    "check": Command("look for everything that is wrong with the database", check.add, check.run),
    "verify": Command("prove the ledger", proof.add, proof.verify),
    "rebuild": Command("count every cache anew", proof.add_rebuild, proof.rebuild),
    "sign-heads": Command("sign the end of the chain of every day", None, signing.run),
    "backup": Command("copy the database", database.add_backup, database.backup),
    "restore": Command("put a backup back", database.add_restore, database.restore),
    "set-secret": Command("put a password into the key store", secret.add, secret.run),
    "demo-data": Command("fill an empty database for trying out", demo_data.add, demo_data.run),
    "demo": Command("show a guest's visit on invented data", _add_demo, _run_demo),
    "classifier": Command("programs that may call", _add_classifier, classifier.run),
}


def add_common(parser: argparse.ArgumentParser) -> None:
    """What every command knows."""
    parser.add_argument(
        "--data", default="data", help="folder of database, logs and settings (default: data)"
    )
    parser.add_argument(
        "--database", help="IP,port:name or a SQLAlchemy URL; default: the file in the data folder"
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--language", choices=("ru", "en"), help="language of messages")
    parser.epilog = EXPLAINED


def build_parser(language: str = "en") -> Parser:
    """The parser of all commands, in `ru` or `en`."""
    made = parser_class(language)
    parser = made(prog="card-server", description="Kartoteka card server", epilog=EXPLAINED)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=made)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.help, description=about(command.run.__doc__))
        if name != "classifier":
            add_common(one)
        if command.add is not None:
            command.add(one)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal becomes a sentence, never a traceback."""
    prepare_streams()
    words = sys.argv[1:] if arguments is None else arguments
    options = build_parser(asked_language(words) or system_language()).parse_args(words)
    try:
        place.fill(options)
        return COMMANDS[options.command].run(options)
    except KeyboardInterrupt:
        sys.stderr.write("\ncard-server: stopped\n")
        return COULD_NOT_RUN
    except Exception as error:
        sentence = sentence_of(error, language_of(options))
        if sentence is None:
            raise
        sys.stderr.write(f"card-server: {sentence}\n")
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
