"""Brings a database to the version of the program: under a lock, after a backup, never back.

Versions are Alembic's; their number stands in `crm_migration`. A newer database is refused, an
older one is upgraded only when asked.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from card_server.db.backup import backup
from card_server.db.base import PREFIX
from card_server.db.engine import DatabaseAddress, plain_errors
from card_server.db.faults import Fault, refusal
from shared.wire.errors import AppError, ErrorCode

VERSION_TABLE: Final = "crm_migration"
LOCK_NUMBER: Final = 4_817_223
LOCK_WAIT_MS: Final = 60_000
MSSQL_LOCK: Final = f"""
DECLARE @got INT;
EXEC @got = sp_getapplock @Resource = 'kartoteka.migrate', @LockMode = 'Exclusive',
    @LockTimeout = {LOCK_WAIT_MS};
IF @got < 0 THROW 51000, 'another migration is running', 1;
"""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


@cache
def known_versions() -> tuple[str, ...]:
    """All versions this program can upgrade from, oldest first; the last one is its own."""
    scripts = ScriptDirectory.from_config(configuration())
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


def head() -> str:
    """The version of this program."""
    return known_versions()[-1]


def current(connection: Connection) -> str | None:
    """The version of the database; None for one without our tables."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def version_fault(version: str | None) -> Fault | None:
    """What is wrong with a database of this version for this program; None for the right one."""
    if version == head():
        return None
    if version is None:
        return Fault.EMPTY
    return Fault.SCHEMA_OLD if version in known_versions() else Fault.SCHEMA_NEWER


def require_current(connection: Connection) -> None:
    """Refuse (`DB_VERSION`) to work on a database of another version than the program's."""
    version = current(connection)
    fault = version_fault(version)
    if fault is not None:
        raise _version_refusal(fault, version)


def _version_refusal(fault: Fault, version: str | None) -> AppError:
    return refusal(fault, code=ErrorCode.DB_VERSION, db=version or "-", app=head())


def upgrade(
    engine: Engine, address: DatabaseAddress, now: datetime, *, backup_to: Path | None = None
) -> list[str]:
    """Run what is missing, under a lock, after a backup; returns the versions that were run.

    `backup_to` is the folder for the copy of an embedded database that already holds something; a
    server database is backed up by its own means. All steps are one transaction: a step that fails
    leaves the database as it was. Raises `DB_VERSION` for a newer database, `DB_UNREACHABLE`.
    """
    with plain_errors(address), engine.connect() as connection:
        before = current(connection)
        connection.rollback()
        known = known_versions()
        if version_fault(before) is Fault.SCHEMA_NEWER:
            raise _version_refusal(Fault.SCHEMA_NEWER, before)
        missing = known[known.index(before) + 1 :] if before is not None else known
        if not missing:
            return []
        if before is not None and backup_to is not None and address.is_embedded:
            backup(address, backup_to, now)
        with connection.begin():
            _lock(connection)
            config = configuration(connection)
            config.attributes["now"] = now
            command.upgrade(config, "head")
        return list(missing)


def _lock(connection: Connection) -> None:
    """Two migrations at once: the second waits. SQLite's BEGIN IMMEDIATE is its lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
    elif connection.dialect.name == "mssql":
        connection.exec_driver_sql(MSSQL_LOCK)


def is_empty(engine: Engine) -> bool:
    """The database has no table of ours."""
    return not any(name.startswith(PREFIX) for name in inspect(engine).get_table_names())


def difference(connection: Connection, metadata: MetaData) -> list[object]:
    """What autogenerate would change: empty when tables and migrations agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only the check needs it

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))
