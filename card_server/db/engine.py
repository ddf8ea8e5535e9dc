"""Engines and connections: embedded SQLite, MS SQL Server, PostgreSQL from one string."""

from __future__ import annotations

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from card_server.db.errors import fault_of, first_line
from card_server.db.faults import Fault, refusal
from card_server.db.folding import SQLITE_FUNCTION, fold_text
from shared.wire.errors import AppError, ErrorCode

DATABASE_FILE: Final = "kartoteka.db"
CONNECT_TIMEOUT_S: Final = 5
LOCK_WAIT_MS: Final = 10_000
SILENCE_MS: Final = 20_000
"""Sent data that a server has not confirmed for so long means that the way to it is gone."""

WRITER_CACHE_KIB: Final = 262_144
READER_CACHE_KIB: Final = 16_384
MMAP_BYTES: Final = 8 << 30
BUSY_MS: Final = 2_000
CHECKPOINT_PAGES: Final = 16_000
"""Pages of the log (64 MB) before they are copied into the file: the copying stops the writer, and
many groups that change one page are copied once."""
PREPARED: Final = 512
"""Statements that one SQLite connection keeps prepared."""

DRIVER_PATTERN: Final = re.compile(r"ODBC Driver (1[378]) for SQL Server")
MSSQL_PORT: Final = 1433
POSTGRESQL_PORT: Final = 5432
LARGEST_PORT: Final = 65_535
DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mssql": "mssql+pyodbc",
}
"""The one driver we use for each database, whatever a URL names."""


class DatabaseAddress(msgspec.Struct, frozen=True):
    """Where the database is: a SQLAlchemy URL, and what a person may be shown of it."""

    url: URL
    shown: str

    @property
    def is_embedded(self) -> bool:
        """The SQLite file in the data folder."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file."""
        return Path(self.url.database) if self.is_embedded and self.url.database else None


def address_of(
    database: str | None,
    data_dir: Path,
    *,
    user: str | None = None,
    password: str | None = None,
    encrypt: bool = True,
    trust_certificate: bool = False,
) -> DatabaseAddress:
    """`IP,port:name`, a SQLAlchemy URL, or nothing for the embedded file (mssql.md 7).

    Without `user` a server of Microsoft's is signed in to with the account the program runs under.
    Raises `DB_STRING` for anything else; a URL is never repeated in it, it may hold a password.
    """
    text = (database or "").strip()
    if not text:
        path = data_dir / DATABASE_FILE
        return DatabaseAddress(URL.create("sqlite", database=str(path)), str(path))
    if "://" in text:
        return _address_of_url(text)
    host, _, name = text.rpartition(":")
    server, comma, port = (part.strip() for part in host.partition(","))
    if not server or not name.strip() or (bool(comma) and not _is_port(port)):
        raise _bad_string(text)
    query = {
        "Encrypt": "yes" if encrypt else "no",
        "TrustServerCertificate": "yes" if trust_certificate else "no",
        "LongAsMax": "yes",
    }
    if user is None:
        query["Trusted_Connection"] = "yes"
    url = URL.create(
        DRIVERS["mssql"],
        username=user,
        password=password,
        host=server,
        port=int(port) if port else None,
        database=name.strip(),
        query=query,
    )
    return DatabaseAddress(url, f"{server}{comma}{port}:{name.strip()}")


def _address_of_url(text: str) -> DatabaseAddress:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise _bad_string(None) from error
    in_memory = backend == "sqlite" and url.database in (None, "", ":memory:")
    if backend not in DRIVERS or not url.database or in_memory:
        raise _bad_string(None)
    url = url.set(drivername=DRIVERS[backend])
    shown = url.database if backend == "sqlite" else url.render_as_string(hide_password=True)
    return DatabaseAddress(url, shown or "")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_PORT


def _bad_string(text: str | None) -> AppError:
    return refusal(Fault.STRING_BAD, text or "", code=ErrorCode.DB_STRING, value=text or "***")


def make_engine(address: DatabaseAddress, *, read_only: bool = False) -> Engine:
    """An engine; for SQLite every connection is set up as the product needs it.

    Raises `DB_UNREACHABLE` when the server's port does not answer or its driver is missing; what a
    sign-in brings to light comes with the first connection (`plain_errors`).
    """
    if address.is_embedded:
        return _sqlite_engine(address, read_only=read_only)
    url = address.url
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "mssql":
        url = _with_driver(url, address.shown)
        options["fast_executemany"] = True
        options["connect_args"] = {"timeout": CONNECT_TIMEOUT_S}
    else:
        options["isolation_level"] = "READ COMMITTED"  # the ledger's lock counts on fresh reading
        options["connect_args"] = _postgresql_arguments(read_only=read_only)
    _probe(url, address.shown)
    return create_engine(url, **options)


def _postgresql_arguments(*, read_only: bool) -> dict[str, Any]:
    """A dead network is noticed, and nobody waits for a lock without an end."""
    settings = [f"-c lock_timeout={LOCK_WAIT_MS}"]
    if read_only:
        settings.append("-c default_transaction_read_only=on")
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENCE_MS,
        "options": " ".join(settings),
    }


@contextmanager
def plain_errors(address: DatabaseAddress) -> Iterator[None]:
    """Errors of the driver inside become `DB_UNREACHABLE` with a cause a person can mend.

    For start-up, migration, check and backup; the posting pipeline has its own way
    (`errors.explain`), because there a passing error is repeated.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        fault = fault_of(error) or Fault.OTHER
        raise refusal(fault, address.shown, detail=first_line(cause)) from error


def newest_driver(drivers: list[str]) -> str | None:
    """The newest of Microsoft's drivers among the installed ones (mssql.md 8)."""
    known = [(int(match[1]), name) for name in drivers if (match := DRIVER_PATTERN.fullmatch(name))]
    return max(known)[1] if known else None


def _with_driver(url: URL, shown: str) -> URL:
    """The URL with a driver that is installed on this machine, unless it names one."""
    try:
        import pyodbc  # noqa: PLC0415 - the Linux wheel needs unixODBC, SQLite runs must not
    except ImportError as error:
        raise refusal(Fault.DRIVER_MISSING, shown, detail=first_line(error)) from error
    pyodbc.pooling = False
    if any(key.lower() == "driver" for key in url.query):
        return url
    driver = newest_driver(pyodbc.drivers())
    if driver is None:
        raise refusal(Fault.DRIVER_MISSING, shown)
    return url.update_query_dict({"driver": driver})


def _probe(url: URL, shown: str) -> None:
    """Tell a silent host from a slow sign-in before the driver starts to wait."""
    if not url.host or "\\" in url.host or url.host.startswith("/"):
        return  # a named instance finds its port by itself; a folder holds a local socket
    usual = MSSQL_PORT if url.get_backend_name() == "mssql" else POSTGRESQL_PORT
    host = "127.0.0.1" if url.host in (".", "(local)") else url.host.strip("[]")
    try:
        socket.create_connection((host, url.port or usual), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise refusal(fault_of(error) or Fault.HOST_SILENT, shown) from error


def _sqlite_engine(address: DatabaseAddress, *, read_only: bool) -> Engine:
    path = Path(str(address.url.database)).absolute()

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={'ro' if read_only else 'rwc'}",
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=PREPARED,
        )
        try:
            _set_up(connection, read_only=read_only)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    # a reader's connection is kept: a new one reads the whole schema before its first row
    pool = QueuePool if read_only else NullPool
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # the driver's own BEGIN is off: a writer takes the lock before it reads, never after
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _set_up(connection: sqlite3.Connection, *, read_only: bool) -> None:
    cache = READER_CACHE_KIB if read_only else WRITER_CACHE_KIB
    connection.execute(f"PRAGMA cache_size=-{cache}")
    connection.execute(f"PRAGMA mmap_size={MMAP_BYTES}")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function(SQLITE_FUNCTION, 1, fold_text, deterministic=True)
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
