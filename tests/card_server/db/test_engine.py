"""Connection strings, drivers, the set-up of SQLite, and errors in plain words."""

from __future__ import annotations

import re
import socket
import sqlite3
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, text

from card_server.db.engine import DatabaseAddress, address_of, make_engine, newest_driver
from card_server.db.engine import plain_errors as plain
from card_server.db.faults import EN, Fault
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
    assert caught.value.facts["value"] == string


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
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "wal_autocheckpoint": 16_000,
    }


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


class FakeOdbc(ModuleType):
    """What SQLAlchemy needs of pyodbc to connect; keeps what it was asked for."""

    def __init__(self, drivers: list[str]) -> None:
        super().__init__("pyodbc")
        self.paramstyle, self.version, self.threadsafety = "qmark", "5.5.0", 1
        self.pooling = True
        self.Cursor = type("Cursor", (), {"nextset": None})
        self.Error = self.DatabaseError = self.ProgrammingError = self.InterfaceError = OSError
        self._drivers = drivers
        self.asked: list[tuple[str, dict[str, object]]] = []

    def drivers(self) -> list[str]:
        """Installed drivers."""
        return self._drivers

    def connect(self, string: str, **options: object) -> None:
        """No server answers; the string is kept."""
        self.asked.append((string, options))
        raise OSError(string)


def _asked(monkeypatch: pytest.MonkeyPatch, address: DatabaseAddress) -> dict[str, str]:
    """The connection string that Microsoft's driver is given, as it reads it."""
    odbc = FakeOdbc(["SQL Server", "ODBC Driver 17 for SQL Server"])
    monkeypatch.setitem(sys.modules, "pyodbc", odbc)
    monkeypatch.setattr("card_server.db.engine._probe", lambda *_: None)
    engine = make_engine(address)
    assert engine.dialect.fast_executemany  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="DRIVER"):
        engine.connect()
    assert odbc.pooling is False
    string, options = odbc.asked[0]
    assert options["timeout"] == 5
    return dict(re.findall(r"(\w+)=(\{(?:[^}]|\}\})*\}|[^;]*)", string))


@pytest.mark.parametrize("password", ["p@s:s/w+ rd", "a;b", "{x}", "}", "=", "Пароль;PWD=1", "%41"])
def test_microsofts_driver_is_given_the_address_and_any_password(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    address = address_of("10.0.0.5,1434:My Base", ANYWHERE, user="crm", password=password)
    asked = _asked(monkeypatch, address)
    assert asked["DRIVER"] == "{ODBC Driver 17 for SQL Server}"
    assert asked["Server"] == "10.0.0.5,1434"
    assert asked["Database"] == "My Base"
    assert asked["UID"] == "crm"
    given = asked["PWD"]
    plain_text = given[1:-1].replace("}}", "}") if given.startswith("{") else given
    assert plain_text == password
    assert (asked["Encrypt"], asked["TrustServerCertificate"]) == ("yes", "no")
    assert asked["LongAsMax"].lower() == "yes"


def test_a_named_instance_keeps_its_name_and_signs_in_as_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = _asked(monkeypatch, address_of("SQL\\MAIN:CRM", ANYWHERE))
    assert asked["Server"] == "SQL\\MAIN"
    assert asked["Trusted_Connection"].lower() == "yes"
    assert "PWD" not in asked


def test_a_machine_without_microsofts_driver_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", FakeOdbc(["FreeTDS"]))
    with pytest.raises(AppError) as caught:
        make_engine(address_of("10.0.0.5,1433:CRM", ANYWHERE))
    assert _fault(caught) == "DRIVER_MISSING"
    assert "Driver 18" in EN[Fault.DRIVER_MISSING].remedy


@pytest.mark.postgresql
def test_a_reader_of_a_server_cannot_write_and_nobody_waits_for_ever(
    engine: Engine, address: DatabaseAddress
) -> None:
    reader = make_engine(address, read_only=True)
    with pytest.raises(AppError) as caught, plain(address), reader.begin() as connection:
        connection.execute(text("UPDATE crm_setting SET value = 'x'"))
    assert _fault(caught) == "READ_ONLY"
    reader.dispose()
    with engine.connect() as connection:
        names = ("lock_timeout", "transaction_isolation")
        found = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    assert found == ["10s", "read committed"]
