"""One moment for a long look, and nobody beside us for a rebuild."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.snapshots import need_alone, read_snapshot

COUNT = text("SELECT count(*) FROM crm_setting WHERE setting_key = 'test.one'")
ADD = text(
    "INSERT INTO crm_setting (setting_key, scope, scope_id, value, created_at, updated_at, version)"
    " VALUES ('test.one', 0, 0, 'x', '2026-03-02', '2026-03-02', 1)"
)


def test_a_snapshot_does_not_see_what_is_written_later(address: DatabaseAddress) -> None:
    reader, writer = make_engine(address, read_only=True), make_engine(address)
    if reader.dialect.name == "mssql":
        pytest.skip("needs ALLOW_SNAPSHOT_ISOLATION, which a test's database has not")
    with read_snapshot(reader) as connection:
        assert connection.execute(COUNT).scalar() == 0
        with writer.begin() as other:
            other.execute(ADD)
        assert connection.execute(COUNT).scalar() == 0
    with read_snapshot(reader) as connection:
        assert connection.execute(COUNT).scalar() == 1
    reader.dispose()
    writer.dispose()


def test_a_database_that_is_open_is_not_ours_alone(data_dir: Path) -> None:
    file = data_dir / "kartoteka.db"
    engine = make_engine(address_of(None, data_dir))
    with engine.connect() as connection:
        connection.execute(COUNT)
        connection.rollback()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            need_alone(file)
    engine.dispose()
    need_alone(file)
    with closing(sqlite3.connect(file)) as again:
        assert again.execute("SELECT count(*) FROM crm_setting").fetchone() is not None
