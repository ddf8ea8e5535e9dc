"""Indexes that were set aside come back as the schema has them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from card_server.db.engine import address_of, make_engine
from card_server.db.migrate import upgrade
from card_server.demo.hurrying import GUESTS, POSTINGS, calm, hurry, indexes_aside
from tests.conftest import START


def _indexes(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
    return {row[0]: " ".join((row[1] or "").split()) for row in rows}


def test_indexes_are_away_inside_and_the_same_afterwards(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    engine = make_engine(address)
    upgrade(engine, address, START)
    with engine.connect() as connection:
        before = _indexes(connection)
        with indexes_aside(connection, tuple({*GUESTS, *POSTINGS})):
            inside = _indexes(connection)
        assert "ix_crm_entry_account_id_entry_id" in before.keys() - inside.keys()
        assert _indexes(connection) == before
    engine.dispose()


def test_haste_ends_with_everything_on_the_disk(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    engine = make_engine(address)
    upgrade(engine, address, START)
    with engine.connect() as connection:
        hurry(connection)
        with connection.begin():
            connection.execute(text("UPDATE crm_unit SET name = 'x' WHERE unit_id = 1"))
        calm(connection)
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    assert address.file is not None
    log = Path(f"{address.file}-wal")
    assert not log.exists() or log.stat().st_size == 0
    engine.dispose()
