"""What drivers' errors mean."""

from __future__ import annotations

import socket
import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from card_server.db.errors import explain, fault_of, is_passing, state_of
from card_server.db.faults import Fault
from shared.wire.errors import ErrorCode


class OdbcError(Exception):
    """An error as Microsoft's driver gives it: SQLSTATE, then a text with the server's number."""


class PostgresError(Exception):
    """An error as libpq gives it."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def _wrapped(origin: Exception, *, lost: bool = False) -> DBAPIError:
    error = DBAPIError("UPDATE", {}, origin)
    error.connection_invalidated = lost
    return error


def _sqlite(code: int) -> DBAPIError:
    origin = sqlite3.OperationalError("text that nobody reads")
    origin.sqlite_errorcode = code
    return OperationalError("UPDATE", {}, origin)


def _odbc(state: str, text: str) -> DBAPIError:
    return _wrapped(OdbcError(state, f"[{state}] [Microsoft][ODBC Driver 18 for SQL Server]{text}"))


@pytest.mark.parametrize(
    "error",
    [
        _odbc("40001", "Transaction was deadlocked (1205) (SQLExecDirectW)"),
        _odbc("HY000", "Lock request time out period exceeded. (1222)"),
        _odbc("HY000", "Snapshot isolation transaction aborted (3960)"),
        _odbc("42000", "Snapshot isolation transaction failed (3961)"),
        _odbc("08S01", "Communication link failure (0)"),
        _wrapped(PostgresError("deadlock detected", "40P01")),
        _wrapped(PostgresError("could not serialize access", "40001")),
        _wrapped(PostgresError("server closed the connection", None), lost=True),
        _sqlite(sqlite3.SQLITE_BUSY),
        _sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT),
        _sqlite(sqlite3.SQLITE_LOCKED),
    ],
)
def test_errors_that_pass_are_repeated(error: DBAPIError) -> None:
    assert is_passing(error)
    refusal = explain(error)
    assert refusal is not None
    assert refusal.code is ErrorCode.BUSY


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, OdbcError("23000", "[23000] Violation of UNIQUE KEY (2627)")),
        _odbc("42S02", "Invalid object name 'crm_nothing'. (208)"),
        _wrapped(PostgresError('relation "crm_nothing" does not exist', "42P01")),
        _sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE),
        _sqlite(sqlite3.SQLITE_ERROR),
    ],
)
def test_bugs_and_taken_keys_are_neither_passing_nor_explained(error: DBAPIError) -> None:
    assert not is_passing(error)
    assert explain(error) is None


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (_odbc("28000", "Login failed for user 'sa'. (18456)"), Fault.SIGN_IN),
        (_odbc("42000", 'Cannot open database "X" requested by the login. (4060)'), "DATABASE"),
        (_odbc("08001", "SSL Provider: certificate verify failed"), Fault.CERTIFICATE),
        (_odbc("HY000", "The transaction log for database is full (9002)"), Fault.DISK_FULL),
        (_odbc("01000", "Can't open lib 'msodbcsql18.so'"), Fault.DRIVER_MISSING),
        (_odbc("HY000", "Failed to update, the database is read-only. (3906)"), Fault.READ_ONLY),
        (_wrapped(PostgresError("disk full", "53100")), Fault.DISK_FULL),
        (
            _wrapped(PostgresError('FATAL: password authentication failed for user "u"', None)),
            Fault.SIGN_IN,
        ),
        (_wrapped(PostgresError('FATAL: database "x" does not exist', None)), "DATABASE"),
        (_wrapped(PostgresError('FATAL: role "x" does not exist', None)), Fault.SIGN_IN),
        (_sqlite(sqlite3.SQLITE_FULL), Fault.DISK_FULL),
        (_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), Fault.READ_ONLY),
        (_sqlite(sqlite3.SQLITE_CORRUPT), Fault.DAMAGED),
        (_sqlite(sqlite3.SQLITE_NOTADB), Fault.NOT_A_DATABASE),
        (_sqlite(sqlite3.SQLITE_IOERR_WRITE), Fault.DISK_ERROR),
    ],
)
def test_causes_that_a_person_can_mend_are_named(error: DBAPIError, fault: str) -> None:
    refusal = explain(error, "server")
    assert refusal is not None
    assert refusal.code is ErrorCode.DB_UNREACHABLE
    assert str(refusal.facts["fault"]).startswith(fault)
    assert refusal.facts["server"] == "server"


def test_sockets_tell_the_name_the_port_and_the_silence_apart() -> None:
    assert fault_of(socket.gaierror(-2, "Name or service not known")) is Fault.HOST_UNKNOWN
    assert fault_of(ConnectionRefusedError()) is Fault.PORT_CLOSED
    assert fault_of(TimeoutError()) is Fault.HOST_SILENT
    assert fault_of(ValueError()) is None


def test_the_state_is_read_where_each_driver_keeps_it() -> None:
    assert state_of(_wrapped(PostgresError("x", "40P01"))) == "40P01"
    assert state_of(_odbc("40001", "x")) == "40001"
    assert state_of(_wrapped(ValueError("not a state"))) == ""
