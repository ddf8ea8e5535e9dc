"""Backup and restore of the embedded database, each checked before it counts.

A server database is copied by its own means (`BACKUP DATABASE`, `pg_dump`): its files are on
another machine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from card_server.db.engine import BUSY_MS, DatabaseAddress, plain_errors
from card_server.db.errors import fault_of, first_line
from card_server.db.faults import Fault, refusal
from shared.wire.errors import AppError, ErrorCode

PAGES_AT_ONCE: Final = 4096
"""Pages copied between two chances for the writer."""

OWN_MEANS: Final = {
    "mssql": "BACKUP DATABASE",
    "postgresql": "pg_dump --format=custom",
}


def backup(address: DatabaseAddress, folder: Path, now: datetime) -> Path:
    """Copy the embedded database while it is in use; returns the copy.

    The copy is checked and flushed before it gets its name, so a file called `kartoteka-*.db` is
    always whole. Raises `DB_UNREACHABLE` with the cause.
    """
    source = _embedded_file(address)
    if not source.exists():
        raise refusal(Fault.EMPTY, address.shown)
    target = folder / f"{source.stem}-{now:%Y%m%d-%H%M%S}.db"
    unfinished = target.with_suffix(".part")
    with plain_errors(address):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _copy(source, unfinished)
            check_file(unfinished)
            _flush(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target


def backup_server(engine: Engine, address: DatabaseAddress, path_on_server: str) -> None:
    """Have Microsoft's server write a copy to a path of its own disk.

    PostgreSQL cannot do that in a statement: the refusal names the program that does.
    """
    if engine.dialect.name != "mssql":
        raise _by_own_means(address)
    name = engine.dialect.identifier_preparer.quote(address.url.database or "")
    statement = f"BACKUP DATABASE {name} TO DISK = ? WITH COPY_ONLY, CHECKSUM, INIT"
    with plain_errors(address), engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        result = outside.exec_driver_sql(statement, (path_on_server,))
        cursor = result.cursor
        while cursor is not None and cursor.nextset():
            continue  # the server reports its progress in result sets; the last one ends the copy


def check_file(path: Path) -> None:
    """Refuse a file that is not a whole database of ours."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
            copy.execute("SELECT version_num FROM crm_migration").fetchone()
    except sqlite3.Error as error:
        fault = fault_of(error) or Fault.NOT_A_DATABASE
        raise refusal(fault, str(path), detail=first_line(error)) from error
    if found != "ok":
        raise refusal(Fault.DAMAGED, str(path), detail=found)


def file_version(path: Path) -> str | None:
    """The version that a checked file was migrated to."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        row = copy.execute("SELECT version_num FROM crm_migration").fetchone()
    return None if row is None else str(row[0])


def restore(
    address: DatabaseAddress, copy: Path, now: datetime, known: tuple[str, ...]
) -> Path | None:
    """Put a backup in the place of the embedded database; the old file stays beside it.

    `known` are the versions this program can work with or upgrade. Returns where the old file
    went. Refused while any program has the database open (`LOCKED`), for a damaged copy, and for
    one of a newer program (`DB_VERSION`); then nothing is touched.
    """
    target = _embedded_file(address)
    if not copy.exists():
        raise refusal(Fault.FOLDER, str(copy))
    check_file(copy)
    version = file_version(copy)
    if version not in known:
        raise refusal(
            Fault.SCHEMA_NEWER, code=ErrorCode.DB_VERSION, db=version or "-", app=known[-1]
        )
    unfinished = target.with_suffix(".restoring")
    with plain_errors(address):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(copy, unfinished)
            _flush(unfinished)
            kept = _put_aside(target, now) if target.exists() else None
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return kept


def _embedded_file(address: DatabaseAddress) -> Path:
    if address.file is None:
        raise _by_own_means(address)
    return address.file


def _by_own_means(address: DatabaseAddress) -> AppError:
    tool = OWN_MEANS.get(address.url.get_backend_name(), "")
    return refusal(Fault.OTHER, address.shown, detail=f"a server database is copied by {tool}")


def _copy(source: Path, target: Path) -> None:
    location = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(location, uri=True)) as live,
        closing(sqlite3.connect(target)) as made,
    ):
        live.backup(made, pages=PAGES_AT_ONCE)
        made.execute("PRAGMA journal_mode=DELETE")


def _put_aside(target: Path, now: datetime) -> Path:
    """Rename the old database with everything its log holds; nobody may have it open."""
    kept = target.with_name(f"{target.stem}-before-restore-{now:%Y%m%d-%H%M%S}.db")
    logs = [target.with_name(target.name + suffix) for suffix in ("-wal", "-shm")]
    if _fold_log(target):
        for log in logs:
            log.unlink(missing_ok=True)
    else:
        for log in logs:
            if log.exists():
                log.replace(kept.with_name(kept.name + log.name[len(target.name) :]))
    target.replace(kept)
    return kept


def _fold_log(path: Path) -> bool:
    """Bring the write-ahead log into the file, so that the file alone is the database.

    Leaving WAL needs the file for oneself: with another program on it SQLite says it is locked.
    A broken file answers False and is kept as it is, with its log.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as live:
            live.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if fault_of(error) is Fault.LOCKED:
            raise
        return False
    return True


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
