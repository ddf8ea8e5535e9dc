"""One transaction of an ordinary use case, repeated as a whole when the database asks for it.

For everything outside the posting pipeline: presets, imports, the command line, jobs on a server
database. Inside the server on SQLite ordinary edits go through `Pipeline.edit`, which has the one
writer's connection.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from card_server.db.errors import explain, is_passing

R = TypeVar("R")

TRIES: Final = 5
FIRST_PAUSE_S: Final = 0.02
"""The pause doubles with each try, plus up to as much again by chance."""


class UnitOfWork:
    """Begins, commits, and rolls back on any exception; never goes on after one (mssql.md 4).

    `sleep` and `chance` are the clock and the dice of the pauses; tests bring their own.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        server: str = "",
    ) -> None:
        self._engine = engine
        self._sleep = sleep
        self._chance = chance
        self._server = server

    @contextmanager
    def once(self) -> Iterator[Connection]:
        """One transaction without a second try: for work that cannot be repeated.

        If COMMIT or ROLLBACK itself fails, the connection is thrown away, since nobody knows what
        state it is in.
        """
        connection = self._engine.connect()
        try:
            connection.begin()
            yield connection
            connection.commit()
        except BaseException:  # whatever it was, also Ctrl+C: undo, then let it go on
            _roll_back(connection)
            raise
        finally:
            connection.close()

    def run(self, work: Callable[[Connection], R]) -> R:
        """Run `work` in a transaction; the whole of it again on a passing error, at most 5 times.

        `work` must do nothing that it would not do twice: only what goes through its connection is
        undone. After a connection lost at COMMIT the work may have been booked, so it must carry a
        key of its own. Raises `BUSY` or `DB_UNREACHABLE` when the database stays in the way.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self.once() as connection:
                    return work(connection)
            except DBAPIError as error:
                if attempt < TRIES and is_passing(error):
                    self._sleep(FIRST_PAUSE_S * 2 ** (attempt - 1) * (1 + self._chance()))
                    continue
                refusal = explain(error, self._server)
                if refusal is None:
                    raise
                raise refusal from error
        message = "a unit of work ends by an answer or by an error"
        raise AssertionError(message)


def _roll_back(connection: Connection) -> None:
    try:
        connection.rollback()
    except DBAPIError:
        connection.invalidate()
