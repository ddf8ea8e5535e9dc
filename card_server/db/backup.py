"""Backup and restore of the embedded database, each checked before it counts."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from card_server.db.engine import DatabaseAddress
from shared.wire.errors import AppError, ErrorCode


def _embedded_file(address: DatabaseAddress) -> Path:
    if address.file is None:
        why = "use the backup of the database server (BACKUP DATABASE, pg_dump)"
        raise AppError(ErrorCode.DB_UNREACHABLE, server=address.shown, why=why, s=0)
    if not address.file.exists():
        why = "there is no such file"
        raise AppError(ErrorCode.DB_UNREACHABLE, server=address.shown, why=why, s=0)
    return address.file


def backup(address: DatabaseAddress, folder: Path, now: datetime) -> Path:
    """Copy the database while it is in use; the copy is checked and flushed before it counts."""
    source = _embedded_file(address)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"kartoteka-{now:%Y%m%d-%H%M%S}.db"
    unfinished = target.with_suffix(".part")
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(unfinished)) as copy:
            live.backup(copy, pages=4096)
            copy.execute("PRAGMA journal_mode=DELETE")
        check_file(unfinished)
        _flush(unfinished)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise AppError(ErrorCode.DB_UNREACHABLE, server=str(target), why=str(error), s=0) from error
    return target


def check_file(path: Path) -> None:
    """Refuse a file that is not a whole database of ours."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
            copy.execute("SELECT version_num FROM crm_migration").fetchone()
    except sqlite3.Error as error:
        raise AppError(ErrorCode.DB_UNREACHABLE, server=str(path), why=str(error), s=0) from error
    if found != "ok":
        raise AppError(ErrorCode.DB_UNREACHABLE, server=str(path), why=str(found), s=0)


def restore(address: DatabaseAddress, copy: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the database; the old file stays beside it.

    Returns where the old file went. No server may have the database open.
    """
    if address.file is None:
        _embedded_file(address)
    target = address.file
    if target is None:
        return None
    if not copy.exists():
        why = "there is no such file"
        raise AppError(ErrorCode.DB_UNREACHABLE, server=str(copy), why=why, s=0)
    check_file(copy)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".restoring")
    unfinished.write_bytes(copy.read_bytes())
    _flush(unfinished)
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.stem}-before-restore-{now:%Y%m%d-%H%M%S}.db")
        _fold_log(target)
        target.replace(kept)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    unfinished.replace(target)
    return kept


def _fold_log(path: Path) -> None:
    """Bring the write-ahead log into the file, so that the file alone is the database."""
    try:
        with closing(sqlite3.connect(path)) as live:
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return  # a broken file is kept as it is, with its log


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
