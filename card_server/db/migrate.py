"""Brings a database to the version of the program; refuses newer ones, backs up before (3.)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from card_server.db.backup import backup
from card_server.db.engine import DatabaseAddress
from card_server.db.errors import explain
from shared.wire.errors import AppError, ErrorCode

VERSION_TABLE: Final = "crm_migration"
LOCK_NUMBER: Final = 4_817_223


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str:
    """The version of this program."""
    found = ScriptDirectory.from_config(configuration()).get_current_head()
    return str(found)


def current(connection: Connection) -> str | None:
    """The version of the database; None for an empty one."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def known_versions() -> list[str]:
    """All versions this program can upgrade from, oldest first."""
    scripts = ScriptDirectory.from_config(configuration())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def require_current(connection: Connection) -> None:
    """Refuse to work on a database of another version than the program's."""
    version = current(connection)
    if version != head():
        raise AppError(ErrorCode.DB_VERSION, db=version or "-", app=head())


def upgrade(
    engine: Engine, address: DatabaseAddress, now: datetime, *, backup_to: Path | None = None
) -> list[str]:
    """Run what is missing, under a lock, after a backup; returns the versions that were run."""
    try:
        with engine.connect() as connection:
            before = current(connection)
            known = known_versions()
            if before is not None and before not in known:
                raise AppError(ErrorCode.DB_VERSION, db=before, app=head())
            missing = known[known.index(before) + 1 :] if before is not None else known
            if not missing:
                return []
            if before is not None and backup_to is not None and address.file is not None:
                backup(address, backup_to, now)
            connection.rollback()
            with connection.begin():
                _lock(connection)
                config = configuration(connection)
                config.attributes["now"] = now
                command.upgrade(config, "head")
            return missing
    except DBAPIError as error:
        raise (explain(error) or _broken(error)) from error


def _broken(error: DBAPIError) -> AppError:
    return AppError(ErrorCode.DB_UNREACHABLE, server="", why=str(error.orig), s=0)


def _lock(connection: Connection) -> None:
    """Two migrations at once: the second waits. SQLite's BEGIN IMMEDIATE is its lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
    elif connection.dialect.name == "mssql":
        connection.execute(
            text(
                "EXEC sp_getapplock @Resource = 'kartoteka.migrate',"
                " @LockMode = 'Exclusive', @LockTimeout = 60000"
            )
        )


def is_empty(engine: Engine) -> bool:
    """The database has no table of ours."""
    return not any(name.startswith("crm_") for name in inspect(engine).get_table_names())


def difference(connection: Connection, metadata: MetaData) -> list[object]:
    """What autogenerate would change: empty when tables and migrations agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only the check needs it

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))
