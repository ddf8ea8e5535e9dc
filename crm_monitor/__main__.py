"""`crm-monitor`: the server of automatic processes."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crm_monitor.composition import NAME, make_monitor
from shared.client.connection import Server
from shared.hosting.certificates import is_loopback
from shared.i18n.error_texts import window_text
from shared.logs.setup import set_up
from shared.settings.secrets import NoKeyStore, read_secret, write_secret
from shared.wire.errors import AppError

PORT: Final = 9193
PASSWORD: Final = "CRM_MONITOR_PASSWORD"  # noqa: S105 - the name of a variable
LONGEST_NAME: Final = 40
OK, COULD_NOT_RUN = 0, 2


def secret_name(login: str) -> str:
    """Where the password of the monitor's user stands in the key store."""
    return f"monitor.{login.encode().hex()[:LONGEST_NAME]}"


def build_parser() -> argparse.ArgumentParser:
    """The parser of both commands."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="follow the schedules until it is stopped")
    run.set_defaults(run=_run)
    keep = commands.add_parser("set-password", help="keep the user's password in the key store")
    keep.set_defaults(run=_set_password)
    for one in (run, keep):
        one.add_argument("--login", required=True, help="a user with job.run and server.config")
        one.add_argument("--language", choices=("ru", "en"), default="ru")
    run.add_argument("--server", default=f"127.0.0.1:{PORT}", metavar="HOST:PORT")
    run.add_argument("--ca", help="file with the certificate of the server or of its issuer")
    run.add_argument("--data", type=Path, help="folder for logs")
    return parser


def _run(options: argparse.Namespace) -> int:
    host, _, port = options.server.rpartition(":")
    if not host or not port.isdecimal():
        sys.stderr.write(f"{NAME}: --server HOST:PORT, not {options.server!r}\n")
        return COULD_NOT_RUN
    password = os.environ.get(PASSWORD) or read_secret(secret_name(options.login))
    if not password:
        sys.stderr.write(
            f"{NAME}: no password for {options.login!r}: `{NAME} set-password --login ...` "
            f"or the variable {PASSWORD}\n"
        )
        return COULD_NOT_RUN
    set_up(folder=options.data, name=NAME)
    host = host.strip("[]")
    server = Server(host=host, port=int(port), tls=not is_loopback(host), ca_file=options.ca)
    monitor = make_monitor(server, options.login, password)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: monitor.stop())
    monitor.run(_say_ready)
    return OK


def _say_ready(jobs: int) -> None:
    sys.stdout.write(json.dumps({"event": "ready", "jobs": jobs}) + "\n")
    sys.stdout.flush()


def _set_password(options: argparse.Namespace) -> int:
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    try:
        write_secret(secret_name(options.login), password)
    except NoKeyStore as missing:
        sys.stderr.write(f"{NAME}: {missing}\n")
        return COULD_NOT_RUN
    return OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal becomes a sentence, never a traceback."""
    options = build_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AppError as error:
        text = window_text(error.code, options.language, error.facts)
        sys.stderr.write(f"{NAME}: {text}\n")
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
