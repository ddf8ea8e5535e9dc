"""`migrate`, `check`, `verify`, `rebuild`, `backup`, `restore`: care of the database."""

from __future__ import annotations

import argparse
from pathlib import Path

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say


def add_backup(parser: argparse.ArgumentParser) -> None:
    """Options of `backup`."""
    parser.add_argument("--to", help="folder for the copy (default: DATA/backups)")


def add_restore(parser: argparse.ArgumentParser) -> None:
    """Options of `restore`."""
    parser.add_argument("copy", help="the backup file")


def migrate(options: argparse.Namespace) -> int:
    """Create or upgrade the database, after a backup."""
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.engine import address_of, make_engine  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import head, upgrade  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    data.mkdir(parents=True, exist_ok=True)
    address = address_of(options.database, data)
    ran = upgrade(make_engine(address), address, clock(), backup_to=data / "backups")
    done = ", ".join(ran) if ran else "-"
    say({"ran": ran, "version": head()}, as_json=options.json, text=f"{head()}: {done}")
    return OK


def backup(options: argparse.Namespace) -> int:
    """Copy the database while it is in use."""
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.backup import backup as make  # noqa: PLC0415 - quick --help
    from card_server.db.engine import address_of  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    folder = Path(options.to) if options.to else data / "backups"
    made = make(address_of(options.database, data), folder, clock())
    say({"backup": str(made)}, as_json=options.json, text=str(made))
    return OK


def restore(options: argparse.Namespace) -> int:
    """Put a backup in the place of the database; the old one stays beside it."""
    from card_server.composition import clock  # noqa: PLC0415 - quick --help
    from card_server.db.backup import restore as put_back  # noqa: PLC0415 - quick --help
    from card_server.db.engine import address_of  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import known_versions  # noqa: PLC0415 - quick --help

    address = address_of(options.database, Path(options.data))
    kept = put_back(address, Path(options.copy), clock(), tuple(known_versions()))
    say({"kept": str(kept) if kept else None}, as_json=options.json, text=str(kept or "-"))
    return OK
