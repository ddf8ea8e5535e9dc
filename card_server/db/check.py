"""Looks a database over before anything works with it: every fault at once, each with a remedy.

Never writes and never makes a file; the Configurator, the installer and `card-server check --json`
show what it found.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from card_server.db.backup import check_file
from card_server.db.engine import DatabaseAddress, address_of, make_engine, plain_errors
from card_server.db.errors import fault_of, first_line
from card_server.db.faults import EN, RU, Fault, refusal
from card_server.db.migrate import current, head, version_fault
from shared.wire.errors import AppError

OLDEST_MSSQL: Final = 13
"""Microsoft SQL Server 2016."""

OLDEST_POSTGRESQL: Final = 12
PRODUCTS: Final = {
    "sqlite": "SQLite",
    "mssql": "Microsoft SQL Server",
    "postgresql": "PostgreSQL",
}
LEAST_FREE_BYTES: Final = 64 << 20
"""Less room than this on the disk of an embedded database is a fault before it fails."""


class CheckFault(msgspec.Struct, frozen=True):
    """One fault with its cause and remedy in both languages; `detail` is the driver's own text."""

    code: str
    cause_ru: str
    cause_en: str
    remedy_ru: str
    remedy_en: str
    detail: str = ""


class CheckReport(msgspec.Struct, kw_only=True):
    """What the check found; `ok` when a server of this program can start on the database."""

    ok: bool = False
    database: str = ""
    product: str = ""
    product_version: str = ""
    schema_version: str | None = None
    head: str = ""
    faults: list[CheckFault] = msgspec.field(default_factory=list)

    def add(self, fault: Fault, detail: str = "") -> None:
        """Note a fault once."""
        if all(known.code != fault.value for known in self.faults):
            ru, en = RU[fault], EN[fault]
            found = CheckFault(fault.value, ru.cause, en.cause, ru.remedy, en.remedy, detail)
            self.faults.append(found)


def check(
    database: str | None,
    data_dir: Path,
    *,
    user: str | None = None,
    password: str | None = None,
    trust_certificate: bool = False,
    thorough: bool = False,
) -> CheckReport:
    """Look the database of a connection string over; `thorough` reads an embedded file whole."""
    report = CheckReport(head=head())
    try:
        address = address_of(
            database,
            data_dir,
            user=user,
            password=password,
            trust_certificate=trust_certificate,
        )
    except AppError as error:
        report.add(Fault.STRING_BAD, str(error.facts.get("server") or ""))
        return report
    report.database = address.shown
    report.product = PRODUCTS[address.url.get_backend_name()]
    if address.file is None or _check_files(address.file, report, thorough=thorough):
        _check_inside(address, report)
    report.ok = not report.faults
    return report


def require_fit(address: DatabaseAddress) -> None:
    """Refuse (`DB_UNREACHABLE`) a server database that nothing may work on (mssql.md 5).

    A program asks once at its start: is the server there, is it new enough, is the database set up
    as postings need it. The embedded database has none of these faults.
    """
    if address.is_embedded:
        return
    report = CheckReport()
    engine = make_engine(address)
    try:
        with plain_errors(address), engine.connect() as connection:
            _check_product(connection, report)
    finally:
        engine.dispose()
    for found in report.faults:
        raise refusal(Fault(found.code), address.shown, detail=found.detail or None)


def _check_files(file: Path, report: CheckReport, *, thorough: bool) -> bool:
    """Folder, file and disk of an embedded database; whether it makes sense to open it."""
    folder = file.parent
    if not folder.is_dir():
        report.add(Fault.FOLDER, str(folder))
        return False
    if not os.access(folder, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        report.add(Fault.READ_ONLY, str(file))
    if _free_bytes(folder) < LEAST_FREE_BYTES:
        report.add(Fault.DISK_FULL, str(folder))
    if not file.exists() or file.stat().st_size == 0:
        report.add(Fault.EMPTY, str(file))
        return False
    if thorough:
        try:
            check_file(file)
        except AppError as error:
            report.add(Fault(str(error.facts["fault"])), str(error.facts["why"]))
            return False
    return True


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _check_inside(address: DatabaseAddress, report: CheckReport) -> None:
    try:
        engine = make_engine(address, read_only=True)
    except AppError as error:
        report.add(Fault(str(error.facts["fault"])), str(error.facts["why"]))
        return
    try:
        with engine.connect() as connection:
            _check_product(connection, report)
            report.schema_version = current(connection)
            fault = version_fault(report.schema_version)
            if fault is not None:
                report.add(fault, f"{report.schema_version or '-'} / {report.head}")
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        report.add(fault_of(error) or Fault.OTHER, first_line(cause))
    finally:
        engine.dispose()


def _check_product(connection: Connection, report: CheckReport) -> None:
    version = connection.dialect.server_version_info or ()
    report.product_version = ".".join(str(part) for part in version)
    if connection.dialect.name == "mssql":
        _check_mssql(connection, version, report)
    elif connection.dialect.name == "postgresql" and version[:1] < (OLDEST_POSTGRESQL,):
        report.add(Fault.SERVER_OLD, report.product_version)


def _check_mssql(connection: Connection, version: tuple[object, ...], report: CheckReport) -> None:
    """Version, READ_COMMITTED_SNAPSHOT and a Cyrillic collation (mssql.md 5)."""
    if isinstance(version[0], int) and version[0] < OLDEST_MSSQL:
        report.add(Fault.SERVER_OLD, report.product_version)
    row = connection.execute(
        text(
            "SELECT is_read_committed_snapshot_on, collation_name"
            " FROM sys.databases WHERE database_id = DB_ID()"
        )
    ).one()
    if not row[0]:
        report.add(Fault.SNAPSHOT_OFF)
    if "cyrillic" not in str(row[1]).lower():
        report.add(Fault.COLLATION, str(row[1]))
