"""The database for worker threads: questions on own connections, changes by the one writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from card_server.db.errors import explain
from card_server.db.snapshots import read_snapshot
from card_server.db.unit_of_work import UnitOfWork
from card_server.http.routes import Ids
from shared.wire.errors import AppError, ErrorCode

R = TypeVar("R")

ANSWER_S: Final = 30.0
"""A change that is not durable by then is told as unknown; its repeat finds out (crm-xml 5)."""


class Writer(Protocol):
    """The posting pipeline, as far as this room needs it; called on its own loop's thread."""

    @property
    def ids(self) -> Ids:
        """Ids inside edits."""

    def edit(
        self, work: Callable[[Connection, datetime], Any], done: Callable[[Any], None]
    ) -> None:
        """Change in the group's transaction."""

    def post(self, posting: Any, done: Callable[[Any], None]) -> None:
        """Book; answer when durable."""


class Readers:
    """A few read-only connections, opened when needed and kept for the next question."""

    def __init__(self, engine: Engine, keep: int = 8) -> None:
        self._engine = engine
        self._keep = keep
        self._idle: SimpleQueue[Connection] = SimpleQueue()

    def read(self, work: Callable[[Connection], R]) -> R:
        """Run a question in a transaction of its own, so that all of it sees one state."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._engine.connect()
        try:
            found = work(connection)
            connection.rollback()
        except DBAPIError as error:
            connection.invalidate()
            connection.close()
            raise explain(error) or error from error
        except BaseException:  # a refusal, a bug or Ctrl+C: the connection stays good, all go on
            connection.rollback()
            self._put(connection)
            raise
        self._put(connection)
        return found

    def snapshot(self, work: Callable[[Connection], R]) -> R:
        """Run a long question that sees one moment, whatever is written meanwhile."""
        try:
            with read_snapshot(self._engine) as connection:
                return work(connection)
        except DBAPIError as error:
            raise explain(error) or error from error

    def _put(self, connection: Connection) -> None:
        if self._idle.qsize() < self._keep:
            self._idle.put(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close what is idle."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


class PipelineDesk:
    """Changes go through the posting pipeline of this process: one writer, whole groups."""

    def __init__(self, writer: Writer, loop: asyncio.AbstractEventLoop, readers: Readers) -> None:
        self._writer = writer
        self._loop = loop
        self._readers = readers

    def read(self, work: Callable[[Connection], R]) -> R:
        """Run a question on a connection of the readers."""
        return self._readers.read(work)

    def snapshot(self, work: Callable[[Connection], R]) -> R:
        """Run a long question that sees one moment."""
        return self._readers.snapshot(work)

    def edit(self, work: Callable[[Connection, datetime, Ids], R]) -> R:
        """Queue a change and wait until it is durable."""
        writer = self._writer

        def change(connection: Connection, now: datetime) -> R:
            return work(connection, now, writer.ids)

        return cast("R", self._wait(lambda done: writer.edit(change, done)))

    def book(self, posting: Any) -> Any:
        """Queue a posting and wait until it is durable."""
        return self._wait(lambda done: self._writer.post(posting, done))

    def book_all(self, postings: Sequence[Any]) -> list[Any]:
        """Queue postings in one turn of the loop, so that they share their groups."""
        futures: list[Future[Any]] = [Future() for _ in postings]

        def queue() -> None:
            for posting, future in zip(postings, futures, strict=True):
                self._writer.post(posting, future.set_result)

        self._loop.call_soon_threadsafe(queue)
        try:
            return [future.result(ANSWER_S) for future in futures]
        except WaitedTooLong as error:
            raise AppError(ErrorCode.PROCESSING_TIMEOUT) from error

    def _wait(self, queue: Callable[[Callable[[Any], None]], None]) -> Any:
        future: Future[Any] = Future()
        self._loop.call_soon_threadsafe(queue, future.set_result)
        try:
            outcome = future.result(ANSWER_S)
        except WaitedTooLong as error:
            raise AppError(ErrorCode.PROCESSING_TIMEOUT) from error
        if isinstance(outcome, AppError):
            raise outcome
        return outcome


class BoundIds(Protocol):
    """Id blocks that reserve through the transaction at hand."""

    def take(self, kind: str) -> int:
        """The next id of a kind."""

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece."""

    def bind(self, connection_in_transaction: Callable[[], Connection]) -> None:
        """Where new blocks are reserved."""

    def forget(self) -> None:
        """The transaction failed."""


class UnitOfWorkDesk:
    """Changes in transactions of their own: for a process that has no ledger (the app server)."""

    def __init__(
        self,
        unit: UnitOfWork,
        readers: Readers,
        make_ids: Callable[[], BoundIds],
        clock: Callable[[], datetime],
    ) -> None:
        self._unit = unit
        self._readers = readers
        self._make_ids = make_ids
        self._clock = clock

    def read(self, work: Callable[[Connection], R]) -> R:
        """Run a question on a connection of the readers."""
        return self._readers.read(work)

    def snapshot(self, work: Callable[[Connection], R]) -> R:
        """Run a long question that sees one moment."""
        return self._readers.snapshot(work)

    def edit(self, work: Callable[[Connection, datetime, Ids], R]) -> R:
        """Run a change as one unit of work, again as a whole if the database asks for it."""

        def change(connection: Connection) -> R:
            ids = self._make_ids()
            ids.bind(lambda: connection)
            return work(connection, self._clock(), ids)

        return self._unit.run(change)

    def book(self, posting: Any) -> Any:
        """This process owns no ledger."""
        del posting
        raise AppError(ErrorCode.UNKNOWN_ACTION, action="book")

    def book_all(self, postings: Sequence[Any]) -> list[Any]:
        """This process owns no ledger."""
        del postings
        raise AppError(ErrorCode.UNKNOWN_ACTION, action="book")
