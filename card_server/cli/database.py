"""`migrate`, `backup`, `restore`: care of the database."""

from __future__ import annotations

import argparse
from pathlib import Path

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say
from shared.hosting.single_instance import held


def add_backup(parser: argparse.ArgumentParser) -> None:
    """Options of `backup`."""
    parser.add_argument(
        "--to",
        help="folder for the copy (default: DATA/backups); for Microsoft SQL Server a file on the"
        " disk of the database server",
    )


def add_restore(parser: argparse.ArgumentParser) -> None:
    """Options of `restore`."""
    parser.add_argument("copy", help="the backup file")


def migrate(options: argparse.Namespace) -> int:
    """Create the database or bring it up to date; an embedded one is backed up before.

    The server of the data folder must be stopped: it would go on with tables that changed.
    """
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.db.finding import find_database  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import head, upgrade  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    address = find_database(options.database, data, make_folder=True)
    with held(data):
        engine = make_engine(address)
        try:
            ran = upgrade(engine, address, clock(), backup_to=data / "backups")
        finally:
            engine.dispose()
    done = f"steps {', '.join(ran)}" if ran else "nothing to do"
    facts = {"database": address.shown, "ran": ran, "version": head()}
    say(facts, as_json=options.json, text=f"{address.shown}: version {head()}, {done}")
    return OK


def backup(options: argparse.Namespace) -> int:
    """Copy the database while it is in use; the copy is checked before it counts."""
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.backup import backup as make  # noqa: PLC0415 - quick --help
    from card_server.db.backup import backup_server  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.db.finding import find_database  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    address = find_database(options.database, data)
    if not address.is_embedded and options.to:
        engine = make_engine(address)
        try:
            backup_server(engine, address, options.to)
        finally:
            engine.dispose()
        made = options.to
    else:
        made = str(make(address, Path(options.to) if options.to else data / "backups", clock()))
    say({"backup": made}, as_json=options.json, text=made)
    return OK


def restore(options: argparse.Namespace) -> int:
    """Put a backup in the place of the embedded database; the old file stays beside it.

    The server of the data folder must be stopped: it would write on into the file put aside.
    """
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.backup import restore as put_back  # noqa: PLC0415 - quick --help
    from card_server.db.finding import find_database  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import known_versions  # noqa: PLC0415 - quick --help

    address = find_database(options.database, Path(options.data))
    with held(Path(options.data)):
        kept = put_back(address, Path(options.copy), clock(), tuple(known_versions()))
    facts = {"database": address.shown, "kept": str(kept) if kept else None}
    text = f"{address.shown}: restored" + (f"; the old file is {kept}" if kept else "")
    say(facts, as_json=options.json, text=text)
    return OK
