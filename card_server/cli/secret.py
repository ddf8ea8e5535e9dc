"""`set-secret`: put a secret into the key store of this account, without showing it anywhere."""

from __future__ import annotations

import argparse
import getpass
import sys

from card_server.cli.exit_codes import OK
from card_server.cli.failures import Failure, Mistake
from card_server.cli.language import language_of
from card_server.cli.printing import say

PROMPT = {"ru": "Значение «{name}» (не показывается): ", "en": 'Value of "{name}" (not shown): '}


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "name", nargs="?", default="database", help="which secret (default: database, its password)"
    )
    parser.add_argument("--delete", action="store_true", help="forget the secret")


def run(options: argparse.Namespace) -> int:
    """The value comes from standard input or is typed; never from the command line."""
    from shared.settings import secrets  # noqa: PLC0415 - quick --help

    if not secrets.is_name(options.name):
        raise Failure(Mistake.SECRET_NAME, name=options.name[:60])
    try:
        if options.delete:
            gone = secrets.delete_secret(options.name)
            text = f"{options.name}: {'deleted' if gone else 'there was none'}"
            say({"secret": options.name, "deleted": gone}, as_json=options.json, text=text)
            return OK
        value = _value(options.name, language_of(options))
        if not value:
            raise Failure(Mistake.SECRET_EMPTY)
        if len(value) > secrets.LONGEST:
            raise Failure(Mistake.SECRET_LONG, limit=secrets.LONGEST)
        secrets.write_secret(options.name, value)
    except secrets.NoKeyStore as error:
        raise Failure(Mistake.NO_KEY_STORE, why=str(error)) from error
    say({"secret": options.name, "stored": True}, as_json=options.json, text=f"{options.name}: ok")
    return OK


def _value(name: str, language: str) -> str:
    if sys.stdin is not None and not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return getpass.getpass(PROMPT[language].format(name=name))
    except EOFError:
        return ""
