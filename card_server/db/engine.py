"""Engines and connections: embedded SQLite, MS SQL Server, PostgreSQL from one string."""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from shared.wire.errors import AppError, ErrorCode

DATABASE_FILE: Final = "kartoteka.db"
CONNECT_TIMEOUT_S: Final = 5
CACHE_KIB: Final = 262_144
MMAP_BYTES: Final = 8 << 30
BUSY_MS: Final = 2_000
DRIVER_PATTERN: Final = re.compile(r"ODBC Driver (1[378]) for SQL Server")
MSSQL_PORT: Final = 1433


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
    trust_certificate: bool = False,
) -> DatabaseAddress:
    """`IP,port:name`, a SQLAlchemy URL, or nothing for the embedded file (mssql.md 7)."""
    if not database or not database.strip():
        path = data_dir / DATABASE_FILE
        return DatabaseAddress(URL.create("sqlite", database=str(path)), str(path))
    text = database.strip()
    if "://" in text:
        try:
            url = make_url(text)
        except ArgumentError as error:
            raise AppError(ErrorCode.DB_STRING, value=text) from error
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return DatabaseAddress(url, url.render_as_string(hide_password=True))
    host, _, name = text.rpartition(":")
    if not host.strip() or not name.strip():
        raise AppError(ErrorCode.DB_STRING, value=text)
    server, _, port = host.partition(",")
    query = {
        "Encrypt": "yes",
        "TrustServerCertificate": "yes" if trust_certificate else "no",
        "LongAsMax": "yes",
    }
    if user is None:
        query["Trusted_Connection"] = "yes"
    if port.strip() and not port.strip().isdigit():
        raise AppError(ErrorCode.DB_STRING, value=text)
    url = URL.create(
        "mssql+pyodbc",
        username=user,
        password=password,
        host=server.strip(),
        port=int(port) if port.strip() else None,
        database=name.strip(),
        query=query,
    )
    return DatabaseAddress(url, f"{host.strip()}:{name.strip()}")


def make_engine(address: DatabaseAddress, *, read_only: bool = False) -> Engine:
    """An engine; for SQLite every connection is set up as the product needs it."""
    if address.is_embedded:
        return _sqlite_engine(address, read_only=read_only)
    url = address.url
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "mssql":
        url = _with_driver(url)
        options["fast_executemany"] = True
        options["connect_args"] = {"timeout": CONNECT_TIMEOUT_S}
    else:
        options["connect_args"] = {"connect_timeout": CONNECT_TIMEOUT_S}
    _probe(url)
    return create_engine(url, **options)


def _with_driver(url: URL) -> URL:
    """The newest of Microsoft's drivers on this machine (mssql.md 8)."""
    try:
        import pyodbc  # noqa: PLC0415 - the Linux wheel needs unixODBC, SQLite runs must not
    except ImportError as error:
        raise AppError(ErrorCode.DB_UNREACHABLE, server=url.host, why=str(error), s=0) from error
    pyodbc.pooling = False
    drivers = sorted(d for d in pyodbc.drivers() if DRIVER_PATTERN.fullmatch(d))
    if not drivers:
        why = "install Microsoft ODBC Driver 18 for SQL Server"
        raise AppError(ErrorCode.DB_UNREACHABLE, server=url.host, why=why, s=0)
    return url.update_query_dict({"driver": drivers[-1]})


def _probe(url: URL) -> None:
    """Tell a silent host from a slow sign-in before the driver starts to wait."""
    if not url.host or "\\" in url.host or url.host.startswith("/"):
        return
    port = url.port or (MSSQL_PORT if url.get_backend_name() == "mssql" else 5432)
    try:
        socket.create_connection((url.host, port), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        server = f"{url.host},{port}"
        raise AppError(ErrorCode.DB_UNREACHABLE, server=server, why=str(error), s=0) from error


def _sqlite_engine(address: DatabaseAddress, *, read_only: bool) -> Engine:
    path = str(address.url.database)

    def connect() -> sqlite3.Connection:
        location = f"{Path(path).absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(
            location,
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB if not read_only else 16_384}")
        connection.execute(f"PRAGMA mmap_size={MMAP_BYTES}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
