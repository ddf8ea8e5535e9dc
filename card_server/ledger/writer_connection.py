"""The writer's connection: one transaction at a time, and a new connection for a lost one.

The hot path works on the driver's own cursor, so what SQLAlchemy does for its own executions is
done here: a transaction that only read is ended too, errors of the driver become SQLAlchemy's,
and a connection that the server cut is given up, so that the next use opens a new one (mssql.md 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from card_server.db.hot import Cursor


class WriterConnection:
    """Begins, commits and rolls back for a group of postings."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._is_embedded = connection.dialect.name == "sqlite"
        self._driver: Any = None
        """The driver's connection that the last cursor was made on; it knows whether it is cut."""

    def begin(self) -> Connection:
        """The connection with its transaction begun."""
        if not self.connection.in_transaction():
            self.connection.begin()
        return self.connection

    def begin_reading(self) -> None:
        """A server's driver opens a transaction with the first statement, so it must be ended too.

        On SQLite reading needs none: BEGIN IMMEDIATE would take the writer's lock for a look.
        """
        if not self._is_embedded:
            self.begin()

    def cursor(self) -> Cursor:
        """A cursor of the driver."""
        self._driver = self.connection.connection.dbapi_connection
        return cast("Cursor", self.connection.connection.cursor())

    def end(self) -> None:
        """Commit what was begun; nothing happens when nothing was."""
        if self.connection.in_transaction():
            self.connection.commit()

    def roll_back(self, error: BaseException | None = None) -> None:
        """Undo; a connection that is lost, or that cannot even roll back, is given up."""
        if is_lost(error):
            self.connection.invalidate()
        try:
            self.connection.rollback()
        except DBAPIError:
            self.connection.invalidate()
            with suppress(DBAPIError):  # clears the transaction of the connection that is no more
                self.connection.rollback()

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Errors of the driver's own cursor as SQLAlchemy's, so that one place explains them."""
        dialect = self.connection.dialect
        base = dialect.dbapi.Error if dialect.dbapi is not None else DBAPIError
        try:
            yield
        except base as error:
            lost = dialect.is_disconnect(cast("Any", error), self._driver, None)
            raise DBAPIError.instance(
                None, None, error, base, connection_invalidated=lost, dialect=dialect
            ) from error


def is_lost(error: BaseException | None) -> bool:
    """The server, or the way to it, is gone."""
    return isinstance(error, DBAPIError) and error.connection_invalidated
