"""`verify`: prove the ledger."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from card_server.cli.exit_codes import FINDING, OK
from card_server.cli.printing import say


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--full", action="store_true", help="every link, not only the last 10 000")


def verify(options: argparse.Namespace) -> int:
    """Exit code 0 clean, 1 finding, 2 could not run."""
    from card_server.composition import open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.ledger.verify import verify as prove  # noqa: PLC0415 - quick --help

    address = open_database(options.database, Path(options.data))
    engine = make_engine(address, read_only=True)
    with engine.connect() as connection:
        report = prove(connection, full=options.full)
    engine.dispose()
    lines = [f"{report.operations} operations, {len(report.findings)} findings, {report.seconds} s"]
    lines += [
        f"{f.table} {f.row_id}: {f.invariant}: expected {f.expected}, found {f.found}"
        for f in report.findings
    ]
    say(msgspec.to_builtins(report), as_json=options.json, text="\n".join(lines))
    return OK if report.ok else FINDING
