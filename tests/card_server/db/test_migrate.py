"""Migrations: what they make, what they refuse, and that they leave nothing half done."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, select, text

from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.migrate import (
    configuration,
    current,
    difference,
    head,
    is_empty,
    known_versions,
    require_current,
    upgrade,
    version_fault,
)
from card_server.divisions import tables as division_tables
from card_server.schema import metadata
from card_server.users import tables as user_tables
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.databases import Databases

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _set_version(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE crm_migration SET version_num = :v"), {"v": version})


def test_versions_are_a_single_line() -> None:
    assert known_versions() == ("0001", "0002")
    assert head() == "0002"


def test_an_empty_database_gets_everything_once(databases: Databases, tmp_path: Path) -> None:
    address = databases.empty(tmp_path)
    engine = make_engine(address)
    assert is_empty(engine)
    assert upgrade(engine, address, NOW) == ["0001", "0002"]
    assert not is_empty(engine)
    assert upgrade(engine, address, NOW) == []
    with engine.connect() as connection:
        assert current(connection) == head()
        require_current(connection)
    engine.dispose()


def test_tables_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        assert difference(connection, metadata) == []


def _statements(path: Path) -> dict[str, list[str]]:
    """Each object of a SQLite file with the lines of its statement, in no order."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {
            name: sorted(re.sub(r",$", "", line.strip()) for line in sql.splitlines())
            for name, sql in rows
            if name != "crm_migration"
        }


def test_migrated_and_declared_structure_are_the_same_to_the_letter(
    data_dir: Path, tmp_path: Path
) -> None:
    """Autogenerate sees neither checks nor conditions of indexes nor defaults; this does."""
    declared = tmp_path / "declared.db"
    engine = create_engine(f"sqlite:///{declared}")
    metadata.create_all(engine)
    engine.dispose()
    assert _statements(data_dir / "kartoteka.db") == _statements(declared)


def test_a_newer_database_is_refused(address: DatabaseAddress, engine: Engine) -> None:
    _set_version(engine, "0999")
    with pytest.raises(AppError) as caught:
        upgrade(engine, address, NOW)
    assert caught.value.code is ErrorCode.DB_VERSION
    assert (caught.value.facts["db"], caught.value.facts["app"]) == ("0999", head())
    with engine.connect() as connection, pytest.raises(AppError) as caught:
        require_current(connection)
    assert caught.value.facts["fault"] == "SCHEMA_NEWER"


def test_versions_are_judged() -> None:
    assert version_fault(None) == "EMPTY"
    assert version_fault("0001") == "SCHEMA_OLD"
    assert version_fault("0999") == "SCHEMA_NEWER"
    assert version_fault(head()) is None


def _structure_only(address: DatabaseAddress) -> None:
    engine = make_engine(address)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    engine.dispose()


def test_an_old_database_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    _structure_only(address)
    engine = make_engine(address)
    assert upgrade(engine, address, NOW, backup_to=tmp_path / "copies") == ["0002"]
    engine.dispose()
    (copy,) = (tmp_path / "copies").iterdir()
    assert copy.name == "kartoteka-20260302-090000.db"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM crm_migration").fetchone() == ("0001",)


def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    engine = make_engine(address)
    upgrade(engine, address, NOW, backup_to=tmp_path / "copies")
    engine.dispose()
    assert not (tmp_path / "copies").exists()


def test_a_step_that_fails_leaves_the_database_as_it_was(
    databases: Databases, tmp_path: Path
) -> None:
    address = databases.empty(tmp_path)
    _structure_only(address)
    engine = make_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE crm_licence_count"))
        connection.execute(text("DROP TABLE crm_job_item_error"))
        connection.execute(text("DROP TABLE crm_job_run"))
        connection.execute(text("DROP TABLE crm_job"))  # the seeds will miss it, late in their run
    with pytest.raises(AppError) as caught:
        upgrade(engine, address, NOW)
    assert caught.value.code is ErrorCode.DB_UNREACHABLE
    with engine.connect() as connection:
        assert current(connection) == "0001"
        assert connection.execute(select(division_tables.division.c.division_id)).all() == []
    engine.dispose()


def test_two_migrations_at_once_do_the_work_once(databases: Databases, tmp_path: Path) -> None:
    address = databases.empty(tmp_path)
    engines = [make_engine(address) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda engine: upgrade(engine, address, NOW), engines))
    assert ["0001", "0002"] in done
    with engines[0].connect() as connection:
        users = connection.execute(select(user_tables.user.c.login)).scalars().all()
    for engine in engines:
        engine.dispose()
    assert users == ["Администратор"]
