"""Copies of the embedded database, and the way back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from card_server.db.backup import backup, backup_server, check_file, file_version, restore
from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.migrate import head, known_versions
from shared.wire.errors import AppError, ErrorCode

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def live(data_dir: Path) -> DatabaseAddress:
    """An embedded database that is about to be copied."""
    return address_of(None, data_dir)


def _rename(address: DatabaseAddress, name: str) -> None:
    assert address.file is not None
    with closing(sqlite3.connect(address.file)) as connection, connection:
        connection.execute("UPDATE crm_unit SET name = ?", (name,))


def _name(path: Path | None) -> str:
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT name FROM crm_unit").fetchone()[0])


def _fault(caught: pytest.ExceptionInfo[AppError]) -> object:
    return caught.value.facts.get("fault")


def test_a_copy_holds_what_is_committed_while_the_server_works(
    live: DatabaseAddress, tmp_path: Path
) -> None:
    engine = make_engine(live)
    with engine.connect() as server:
        server.exec_driver_sql("UPDATE crm_unit SET name = 'committed'")
        server.commit()
        server.exec_driver_sql("UPDATE crm_unit SET name = 'not yet'")
        copy = backup(live, tmp_path / "copies", NOW)
        server.commit()
    assert _name(copy) == "committed"
    assert file_version(copy) == head()
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_a_copy_that_cannot_be_made_leaves_no_file(live: DatabaseAddress, tmp_path: Path) -> None:
    assert live.file is not None
    raw = bytearray(live.file.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 40_000] = b"\xff" * 40_000
    live.file.write_bytes(raw)
    with pytest.raises(AppError) as caught:
        backup(live, tmp_path / "copies", NOW)
    assert _fault(caught) == "DAMAGED"
    assert list((tmp_path / "copies").iterdir()) == []


def test_nothing_to_copy_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError) as caught:
        backup(address_of(None, tmp_path), tmp_path / "copies", NOW)
    assert _fault(caught) == "EMPTY"


def test_restore_brings_the_copy_back_and_keeps_the_old_file(
    live: DatabaseAddress, tmp_path: Path
) -> None:
    copy = backup(live, tmp_path / "copies", NOW)
    _rename(live, "later")
    kept = restore(live, copy, NOW, known_versions())
    assert _name(live.file) == "Ресторан 1"
    assert _name(kept) == "later"
    assert _name(copy) == "Ресторан 1"


def test_what_the_log_holds_goes_aside_with_the_old_file(
    live: DatabaseAddress, tmp_path: Path
) -> None:
    """A killed server leaves committed rows in the log; they must not end in the restored file."""
    copy = backup(live, tmp_path / "copies", NOW)
    assert live.file is not None
    engine = make_engine(live)
    with engine.connect() as server:
        server.exec_driver_sql("UPDATE crm_unit SET name = 'in the log'")
        server.commit()
        killed = {p.name: p.read_bytes() for p in live.file.parent.glob("kartoteka.db*")}
    for name, content in killed.items():
        if not name.endswith("-shm"):
            (live.file.parent / name).write_bytes(content)
    kept = restore(live, copy, NOW, known_versions())
    assert _name(live.file) == "Ресторан 1"
    assert _name(kept) == "in the log"


def test_restore_waits_for_no_open_server(live: DatabaseAddress, tmp_path: Path) -> None:
    copy = backup(live, tmp_path / "copies", NOW)
    engine = make_engine(live)
    with engine.connect() as server:
        server.exec_driver_sql("UPDATE crm_unit SET name = 'serving'")
        server.commit()
        with pytest.raises(AppError) as caught:
            restore(live, copy, NOW, known_versions())
        assert server.exec_driver_sql("SELECT name FROM crm_unit").scalar() == "serving"
    assert _fault(caught) == "LOCKED"
    assert _name(live.file) == "serving"
    assert not list(tmp_path.glob("*.restoring"))


def test_restore_into_an_empty_folder(live: DatabaseAddress, tmp_path: Path) -> None:
    copy = backup(live, tmp_path / "copies", NOW)
    other = address_of(None, tmp_path / "new")
    assert restore(other, copy, NOW, known_versions()) is None
    assert _name(other.file) == "Ресторан 1"


def test_bad_copies_touch_nothing(live: DatabaseAddress, tmp_path: Path) -> None:
    letter = tmp_path / "letter.db"
    letter.write_bytes(b"not a database " * 100)
    stranger = tmp_path / "stranger.db"
    with closing(sqlite3.connect(stranger)) as connection, connection:
        connection.execute("CREATE TABLE notes (a)")
    newer = backup(live, tmp_path / "copies", NOW)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE crm_migration SET version_num = '0999'")
    for path, fault in [
        (letter, "NOT_A_DATABASE"),
        (stranger, "NOT_A_DATABASE"),
        (tmp_path / "missing.db", "FOLDER"),
        (newer, "SCHEMA_NEWER"),
    ]:
        with pytest.raises(AppError) as caught:
            restore(live, path, NOW, known_versions())
        assert _fault(caught) == fault
    assert caught.value.code is ErrorCode.DB_VERSION
    assert _name(live.file) == "Ресторан 1"


def test_a_server_database_is_copied_by_its_own_means(data_dir: Path, tmp_path: Path) -> None:
    server = address_of("postgresql://u@h/d", data_dir)
    with pytest.raises(AppError) as caught:
        backup(server, tmp_path, NOW)
    assert "pg_dump" in str(caught.value.facts["why"])
    embedded = make_engine(address_of(None, data_dir))
    with pytest.raises(AppError) as caught:
        backup_server(embedded, server, "/var/backups/crm.bak")
    assert "pg_dump" in str(caught.value.facts["why"])


def test_a_whole_file_passes(data_dir: Path) -> None:
    check_file(data_dir / "kartoteka.db")
