"""One transaction, repeated as a whole or undone as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from card_server.db.unit_of_work import FIRST_PAUSE_S, TRIES, UnitOfWork
from card_server.divisions import tables
from shared.wire.errors import AppError, ErrorCode


def _busy() -> OperationalError:
    origin = sqlite3.OperationalError("database is locked")
    origin.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("UPDATE", {}, origin)


class Work:
    """Renames the unit, then fails as often as it was told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.runs = 0

    def __call__(self, connection: Connection) -> int:
        """Do the work; says which run it was."""
        self.runs += 1
        name = f"run {self.runs}"
        connection.execute(update(tables.unit).values(name=name))
        if self.failures:
            raise self.failures.pop(0)
        return self.runs


def _name(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(tables.unit.c.name)).scalar_one())


def _unit(engine: Engine, pauses: list[float]) -> UnitOfWork:
    chance: Callable[[], float] = lambda: 0.5  # noqa: E731 - the dice of the test
    return UnitOfWork(engine, sleep=pauses.append, chance=chance, server="server")


def test_work_is_committed(engine: Engine) -> None:
    assert _unit(engine, []).run(Work()) == 1
    assert _name(engine) == "run 1"


def test_passing_errors_repeat_the_whole_work_after_growing_pauses(engine: Engine) -> None:
    pauses: list[float] = []
    assert _unit(engine, pauses).run(Work(_busy(), _busy())) == 3
    assert _name(engine) == "run 3"
    assert pauses == [FIRST_PAUSE_S * 1.5, FIRST_PAUSE_S * 3.0]


def test_an_error_that_does_not_pass_ends_as_busy(engine: Engine) -> None:
    work = Work(*(_busy() for _ in range(TRIES)))
    with pytest.raises(AppError) as caught:
        _unit(engine, []).run(work)
    assert caught.value.code is ErrorCode.BUSY
    assert work.runs == TRIES
    assert _name(engine) == "Ресторан 1"


@pytest.mark.parametrize(
    "failure",
    [AppError(ErrorCode.IN_USE), ValueError("a bug"), IntegrityError("x", {}, Exception("taken"))],
)
def test_refusals_and_bugs_are_not_repeated_and_leave_nothing(
    engine: Engine, failure: Exception
) -> None:
    work = Work(failure)
    with pytest.raises(type(failure)):
        _unit(engine, []).run(work)
    assert work.runs == 1
    assert _name(engine) == "Ресторан 1"


def test_a_cause_that_can_be_mended_is_named(engine: Engine) -> None:
    origin = sqlite3.OperationalError("full")
    origin.sqlite_errorcode = sqlite3.SQLITE_FULL
    with pytest.raises(AppError) as caught:
        _unit(engine, []).run(Work(OperationalError("UPDATE", {}, origin)))
    assert caught.value.facts["fault"] == "DISK_FULL"


def test_work_that_cannot_be_repeated_runs_once(engine: Engine) -> None:
    work = Work(_busy())
    with pytest.raises(OperationalError), _unit(engine, []).once() as connection:
        work(connection)
    assert work.runs == 1
    assert _name(engine) == "Ресторан 1"
