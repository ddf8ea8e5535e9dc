"""The pipeline: exactly one answer for each request, in order, after the flush, or a refusal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from card_server.ledger.facts import Facts, Wants
from card_server.ledger.group import Group, GroupFailed, Ledger
from card_server.ledger.posting import GROUP_CAP, RETRY_S, Pipeline
from card_server.ledger.steps import Steps
from shared.wire.errors import AppError, ErrorCode

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Asked:
    """A posting that only has a name and identities."""

    def __init__(self, name: str, *identities: str) -> None:
        self.name = name
        self.exclusive = frozenset(identities)

    def wants(self) -> Wants:
        return Wants()

    def more(self, facts: Facts, book: Any) -> Wants:  # noqa: ARG002 - the port's signature
        return Wants()

    def decide(self, facts: Facts, book: Any) -> str:  # noqa: ARG002 - the port's signature
        return self.name


class Shelf:
    """A ledger that keeps the names of its groups; `repeat:` names write nothing."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.fails: AppError | None = None

    def run(self, group: Group) -> None:
        if self.fails is not None:
            raise GroupFailed(self.fails)
        names = [getattr(item.posting, "name", "edit") for item in group.items]
        self.groups.append(names)
        group.outcomes = list(names)
        group.wrote = any(not name.startswith("repeat") for name in names)
        group.operations = len(names)

    def steps(self, group: Group) -> Steps:
        self.run(group)
        yield lambda: None


class Held:
    """A durability that delivers when the test says that the flush is done."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def after_commit(self, deliver: Callable[[], None]) -> None:
        self.waiting.append(deliver)

    def flushed(self) -> None:
        waiting, self.waiting = self.waiting, []
        for deliver in waiting:
            deliver()

    def close(self) -> None:
        self.flushed()


class Bench:
    """A pipeline on fakes, and what its callers heard."""

    def __init__(self) -> None:
        self.shelf, self.held = Shelf(), Held()
        self.heard: list[Any] = []
        self.readers = ThreadPoolExecutor(1)
        ledger: Any = self.shelf
        assert hasattr(Ledger, "run")
        assert hasattr(Ledger, "steps")
        self.pipeline = Pipeline(
            ledger,
            loop=asyncio.get_running_loop(),
            durability=self.held,
            readers=self.readers,
            read_connection=_no_connection,
        )

    def post(self, name: str, *identities: str) -> None:
        self.pipeline.post(Asked(name, *identities), self.heard.append)

    async def turn(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)


def _no_connection() -> Connection:
    raise AssertionError


def run(story: Callable[[Bench], Any]) -> None:
    async def main() -> None:
        bench = Bench()
        await story(bench)
        bench.readers.shutdown()

    asyncio.run(main())


def test_requests_of_one_turn_are_one_group_and_are_answered_in_order() -> None:
    async def story(bench: Bench) -> None:
        for name in ("a", "b", "c"):
            bench.post(name)
        await bench.turn()
        assert bench.shelf.groups == [["a", "b", "c"]]
        bench.held.flushed()
        assert bench.heard == ["a", "b", "c"]

    run(story)


def test_no_answer_leaves_before_the_flush() -> None:
    async def story(bench: Bench) -> None:
        bench.post("a")
        await bench.turn()
        assert bench.heard == []
        bench.held.flushed()
        assert bench.heard == ["a"]

    run(story)


def test_a_repeat_waits_until_what_it_repeats_is_durable() -> None:
    async def story(bench: Bench) -> None:
        bench.post("a")
        await bench.turn()
        bench.post("repeat of a")
        await bench.turn()
        assert bench.heard == []
        bench.held.flushed()
        assert bench.heard == ["a", "repeat of a"]

    run(story)


def test_a_look_waits_for_no_flush() -> None:
    async def story(bench: Bench) -> None:
        bench.post("a")
        await bench.turn()
        bench.pipeline.ask(Asked("repeat: look"), bench.heard.append)
        await bench.turn()
        assert bench.heard == ["repeat: look"]
        bench.held.flushed()
        assert bench.heard == ["repeat: look", "a"]

    run(story)


def test_two_with_one_identity_are_not_in_one_group() -> None:
    async def story(bench: Bench) -> None:
        bench.post("first", "order 1")
        bench.post("other", "order 2")
        bench.post("second", "order 1")
        await bench.turn()
        bench.held.flushed()
        assert bench.shelf.groups == [["first", "other"], ["second"]]
        assert bench.heard == ["first", "other", "second"]

    run(story)


def test_a_group_is_capped() -> None:
    async def story(bench: Bench) -> None:
        for number in range(GROUP_CAP + 1):
            bench.post(str(number))
        await bench.turn()
        assert [len(group) for group in bench.shelf.groups] == [GROUP_CAP, 1]

    run(story)


def test_a_group_that_failed_tells_each_caller_once() -> None:
    async def story(bench: Bench) -> None:
        bench.shelf.fails = AppError(ErrorCode.DB_UNREACHABLE, server="", why="")
        bench.post("a")
        bench.post("b")
        await bench.turn()
        assert [error.code for error in bench.heard] == [ErrorCode.DB_UNREACHABLE] * 2
        assert bench.held.waiting == []

    run(story)


def test_a_group_that_meets_a_busy_database_goes_back_and_is_done_later() -> None:
    async def story(bench: Bench) -> None:
        bench.shelf.fails = AppError(ErrorCode.BUSY)
        bench.post("a")
        bench.post("b")
        await bench.turn()
        assert bench.heard == []
        bench.shelf.fails = None
        await asyncio.sleep(RETRY_S + 0.5)
        bench.held.flushed()
        assert bench.heard == ["a", "b"]
        assert bench.shelf.groups == [["a", "b"]]

    run(story)


def test_after_a_failed_flush_nothing_is_acknowledged() -> None:
    async def story(bench: Bench) -> None:
        bench.post("a")
        await bench.turn()
        bench.pipeline.log_failed(OSError("no space left"))
        bench.held.flushed()
        bench.post("b")
        await bench.turn()
        assert [error.code for error in bench.heard] == [ErrorCode.DB_UNREACHABLE] * 2
        assert bench.shelf.groups == [["a"]]

    run(story)


def test_who_waited_too_long_is_told_so_and_not_booked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(bench: Bench) -> None:
        bench.post("old")
        later = time.monotonic() + 60
        monkeypatch.setattr(time, "monotonic", lambda: later)
        await bench.turn()
        monkeypatch.undo()
        assert [error.code for error in bench.heard] == [ErrorCode.BUSY]
        assert bench.shelf.groups == []

    run(story)


def test_draining_answers_what_is_queued_and_refuses_what_comes() -> None:
    async def story(bench: Bench) -> None:
        bench.post("a")
        drained = asyncio.ensure_future(bench.pipeline.drain())
        await bench.turn()
        bench.post("late")
        assert not drained.done()
        bench.held.flushed()
        await asyncio.wait_for(drained, 10)
        assert bench.heard[0].code is ErrorCode.STOPPING
        assert bench.heard[1] == "a"

    run(story)
