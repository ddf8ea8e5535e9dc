"""`verify`, `rebuild`, `sign-heads`: prove the ledger, count its caches anew, sign its end."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from card_server.cli.exit_codes import COULD_NOT_RUN, FINDING, OK
from card_server.cli.printing import say
from shared.hosting.single_instance import FolderLock
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from card_server.ledger.verify_records import Asked

SHOW_EVERY_S = 2.0


def add(parser: argparse.ArgumentParser) -> None:
    """Options of `verify`."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--full", action="store_true", help="every link, not only the last 10 000")
    how.add_argument("--from", dest="since", help="links from this day (YYYY-MM-DD) or number on")
    how.add_argument("--account", type=int, help="one account by its id")
    how.add_argument("--as-of", help="the ledger as it stood then: YYYY-MM-DD or an ISO moment")
    parser.add_argument("--public-key", help="64 hex digits: also check the signed daily heads")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def verify(options: argparse.Namespace) -> int:
    """Exit code 0 clean, 1 finding, 2 could not run."""
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import require_current  # noqa: PLC0415 - quick --help
    from card_server.db.snapshots import read_snapshot  # noqa: PLC0415 - quick --help
    from card_server.ledger.verify import verify as prove  # noqa: PLC0415 - quick --help

    asked = asked_for(options)
    key = read_key(options.public_key) if options.public_key else None
    address = open_database(options.database, Path(options.data), create=False)
    _need_file(address.file)
    progress = _progress(silent=options.quiet)
    with plain_errors(address):
        engine = make_engine(address, read_only=True)
        with read_snapshot(engine) as connection:
            require_current(connection)
            report = prove(connection, asked, now=clock(), public_key=key, progress=progress)
        engine.dispose()
    looked_at = f"{report.operations} operations, {report.accounts} accounts"
    lines = [f"{looked_at}, {len(report.findings)} findings, {report.seconds} s"]
    lines += [
        f"{f.table} {f.row_id}: {f.invariant}: expected {f.expected}, found {f.found}"
        for f in report.findings
    ]
    lines += [f"note: {note}" for note in report.notes]
    say(msgspec.to_builtins(report, str_keys=True), as_json=options.json, text="\n".join(lines))
    return OK if report.ok else FINDING


def asked_for(options: argparse.Namespace) -> Asked:
    """What the options ask to be proven; what cannot be read is refused with the value."""
    from card_server.ledger.verify_records import Asked  # noqa: PLC0415 - quick --help

    since, as_of = options.since, options.as_of
    if since is not None and since.isdigit():
        return Asked(since_chain_no=max(1, int(since)))
    if since is not None:
        return Asked(since=_day(since))
    if as_of is not None:
        return Asked(as_of=_moment(as_of))
    if options.account is not None:
        return Asked(account_id=options.account)
    return Asked(full=options.full)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field="--from", value=text) from error


def _moment(text: str) -> datetime:
    """A day means its end; a moment without a zone is UTC."""
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, 23, 59, 59, 999_000, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field="--as-of", value=text) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def read_key(text: str) -> bytes:
    """A public key in hexadecimal digits."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:  # noqa: PLR2004 - an Ed25519 key
        raise AppError(ErrorCode.FIELD_BAD, field="--public-key", value=text)
    return key


def _need_file(file: Path | None) -> None:
    """Looking at a database must not make one."""
    from card_server.db.faults import Fault, refusal  # noqa: PLC0415 - quick --help

    if file is not None and not file.exists():
        raise refusal(Fault.FOLDER, str(file))


def _progress(*, silent: bool) -> Callable[[str, int, int], None]:
    """A line on standard error every two seconds, so that a person sees it live."""
    told = [time.monotonic()]

    def tell(stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if not silent and now - told[0] >= SHOW_EVERY_S:
            told[0] = now
            percent = 100 * done // max(1, of)
            sys.stderr.write(f"{stage}: {done} of {of} ({percent} %)\n")
            sys.stderr.flush()

    return tell


def add_rebuild(parser: argparse.ArgumentParser) -> None:
    """Options of `rebuild`."""
    parser.add_argument("--dry-run", action="store_true", help="say what would change, change none")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def rebuild(options: argparse.Namespace) -> int:
    """Exit code 0 nothing had to change, 1 caches were wrong and are right now, 2 could not run."""
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import require_current  # noqa: PLC0415 - quick --help
    from card_server.db.snapshots import need_alone  # noqa: PLC0415 - quick --help
    from card_server.ledger.rebuild import rebuild as count_anew  # noqa: PLC0415 - quick --help

    address = open_database(options.database, Path(options.data), create=False)
    _need_file(address.file)
    progress = _progress(silent=options.quiet)
    lock = FolderLock(Path(options.data))
    lock.take()
    with contextlib.ExitStack() as stack, plain_errors(address):
        stack.callback(lock.release)
        if address.file is not None:
            need_alone(address.file)
        engine = make_engine(address)
        with engine.connect() as connection, connection.begin() as transaction:
            require_current(connection)
            report = count_anew(connection, now=clock(), progress=progress)
            if options.dry_run:
                transaction.rollback()
        engine.dispose()
    lines = [f"{report.accounts} accounts, {report.changed} values changed, {report.seconds} s"]
    lines += [f"{c.table} {c.row_id} {c.column}: {c.old} -> {c.new}" for c in report.changes]
    say(msgspec.to_builtins(report), as_json=options.json, text="\n".join(lines))
    return FINDING if report.changed else OK


__all__ = ["COULD_NOT_RUN", "add", "add_rebuild", "rebuild", "verify"]
