"""Connection strings, drivers, the set-up of SQLite, and errors in plain words."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from card_server.db.engine import DatabaseAddress, address_of, make_engine, newest_driver
from card_server.db.engine import plain_errors as plain
from shared.wire.errors import AppError, ErrorCode

ANYWHERE = Path("data")


def _fault(caught: pytest.ExceptionInfo[AppError]) -> object:
    return caught.value.facts["fault"]


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_nothing_means_the_embedded_file(nothing: str | None) -> None:
    address = address_of(nothing, Path("folder"))
    assert address.is_embedded
    assert address.file == Path("folder/kartoteka.db")


@pytest.mark.parametrize(
    ("string", "host", "port", "database"),
    [
        ("10.0.0.5,1433:CRM", "10.0.0.5", 1433, "CRM"),
        ("server:CRM", "server", None, "CRM"),
        ("SQL\\MAIN:CRM", "SQL\\MAIN", None, "CRM"),
        (" 10.0.0.5 , 1433 : My Base ", "10.0.0.5", 1433, "My Base"),
        ("[fe80::1],1433:CRM", "[fe80::1]", 1433, "CRM"),
    ],
)
def test_address_is_split_at_the_last_colon(
    string: str, host: str, port: int | None, database: str
) -> None:
    url = address_of(string, ANYWHERE).url
    assert (url.drivername, url.host, url.port) == ("mssql+pyodbc", host, port)
    assert url.database == database


@pytest.mark.parametrize(
    "string",
    ["CRM", ":CRM", "server:", "server,:CRM", "server,x:CRM", "server,70000:CRM", ",1433:CRM"],
)
def test_strings_that_name_no_database_are_refused(string: str) -> None:
    with pytest.raises(AppError) as caught:
        address_of(string, ANYWHERE)
    assert caught.value.code is ErrorCode.DB_STRING


@pytest.mark.parametrize(
    "url", ["mysql://u:geheim@h/d", "sqlite://", "postgresql://u:geheim@h", "://", "oracle://x/y"]
)
def test_urls_of_other_kinds_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(AppError) as caught:
        address_of(url, ANYWHERE)
    assert caught.value.code is ErrorCode.DB_STRING
    assert "geheim" not in repr(caught.value)


def test_any_password_goes_through_and_is_never_shown() -> None:
    address = address_of("10.0.0.5,1433:CRM", ANYWHERE, user="sa", password="p@s:s/{};=%")
    assert address.url.password == "p@s:s/{};=%"
    assert address.shown == "10.0.0.5,1433:CRM"
    assert "Trusted_Connection" not in address.url.query
    url = address_of("postgresql://u:geheim@h/d", ANYWHERE)
    assert url.url.drivername == "postgresql+psycopg"
    assert "geheim" not in url.shown


def test_encryption_is_a_visible_choice() -> None:
    url = address_of("h:d", ANYWHERE, encrypt=False, trust_certificate=True).url
    assert (url.query["Encrypt"], url.query["TrustServerCertificate"]) == ("no", "yes")
    url = address_of("h:d", ANYWHERE).url
    assert (url.query["Encrypt"], url.query["TrustServerCertificate"]) == ("yes", "no")
    assert url.query["Trusted_Connection"] == "yes"


def test_the_newest_known_driver_is_taken() -> None:
    installed = [
        "ODBC Driver 17 for SQL Server",
        "SQL Server",
        "ODBC Driver 18 for SQL Server",
        "FreeTDS",
    ]
    assert newest_driver(installed) == "ODBC Driver 18 for SQL Server"
    assert newest_driver(["SQL Server", "FreeTDS"]) is None


def test_a_closed_port_is_told_from_a_wrong_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(AppError) as caught:
            make_engine(address_of(f"postgresql://u@127.0.0.1:{port}/d", ANYWHERE))
    assert _fault(caught) == "PORT_CLOSED"


def _open(address: DatabaseAddress) -> None:
    with plain(address), make_engine(address).connect() as connection:
        connection.execute(text("SELECT name FROM sqlite_master"))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    address = address_of(None, tmp_path / "missing")
    with pytest.raises(AppError) as caught:
        _open(address)
    assert caught.value.code is ErrorCode.DB_UNREACHABLE
    assert _fault(caught) == "FOLDER"
    assert caught.value.facts["server"] == str(address.file)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    assert address.file is not None
    address.file.write_bytes(b"a letter to the manager, not a database at all" * 50)
    with pytest.raises(AppError) as caught:
        _open(address)
    assert _fault(caught) == "NOT_A_DATABASE"


def test_a_locked_file_is_named(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    _open(address)
    assert address.file is not None
    other = sqlite3.connect(address.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AppError) as caught, plain(address), make_engine(address).begin():
        pass
    other.close()
    assert _fault(caught) == "LOCKED"


def test_a_reader_cannot_write(data_dir: Path) -> None:
    address = address_of(None, data_dir)
    engine = make_engine(address, read_only=True)
    with pytest.raises(AppError) as caught, plain(address), engine.begin() as connection:
        connection.execute(text("UPDATE crm_setting SET value = 'x'"))
    assert _fault(caught) == "READ_ONLY"


def test_a_writer_is_set_up_for_durable_commits(data_dir: Path) -> None:
    engine = make_engine(address_of(None, data_dir))
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_transaction_is_undone_as_a_whole(data_dir: Path) -> None:
    engine = make_engine(address_of(None, data_dir))
    with engine.connect() as connection:
        connection.execute(text("UPDATE crm_unit SET name = 'x'"))
        connection.execute(text("CREATE TABLE crm_half (a INTEGER)"))
        connection.rollback()
        names = connection.execute(text("SELECT name FROM crm_unit")).scalars().all()
        half = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'crm_half'")).all()
    assert names == ["Ресторан 1"]
    assert half == []


@pytest.mark.postgresql
def test_a_wrong_password_and_a_wrong_database_are_told_apart(engine: Engine) -> None:
    wrong = DatabaseAddress(engine.url.set(database="no_such_base"), "server")
    with pytest.raises(AppError) as caught, plain(wrong), make_engine(wrong).connect():
        pass
    assert _fault(caught) == "DATABASE_MISSING"
    stranger = DatabaseAddress(engine.url.set(username="stranger", password="x"), "server")
    with pytest.raises(AppError) as caught, plain(stranger), make_engine(stranger).connect():
        pass
    assert _fault(caught) == "SIGN_IN"
