"""COMMIT beside the loop: one at a time, told on the loop, and nobody uses the connection then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from card_server.ledger.durability import InlineDurability
from card_server.ledger.group import Group
from card_server.ledger.overlap import WORTH, CommitThread
from card_server.ledger.posting import Pipeline
from card_server.ledger.steps import Steps
from tests.card_server.ledger.test_posting import Asked

WAIT_S = 5


class Slow:
    """A ledger whose COMMIT ends when the test says so."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.commits: list[str] = []
        self.errors: list[Exception] = []
        self.gate = threading.Event()
        self.fault: Exception | None = None
        self.are_rules_stale = False
        self.committing = False

    def steps(self, group: Group) -> Steps:
        self.groups.append(len(group.items))
        group.outcomes = [f"{len(self.groups)}"] * len(group.items)
        group.wrote = True
        try:
            yield self._commit
        except OSError as error:
            self.errors.append(error)
            group.outcomes = ["again"] * len(group.items)
            yield self._commit

    @property
    def rules(self) -> str:
        return "read while a commit runs" if self.committing else "fresh"

    def _commit(self) -> None:
        self.committing = True
        self.commits.append(threading.current_thread().name)
        assert self.gate.wait(WAIT_S)
        fault, self.fault = self.fault, None
        self.committing = False
        if fault is not None:
            raise fault


def _play(story: Callable[[Slow, Pipeline, list[Any]], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ledger, committer = Slow(), CommitThread(loop.call_soon_threadsafe)
        readers = ThreadPoolExecutor(1)
        shelf: Any = ledger
        pipeline = Pipeline(
            shelf,
            loop=loop,
            durability=InlineDurability(),
            readers=readers,
            read_connection=lambda: pytest.fail("nobody reads here"),
            committer=committer,
        )
        heard: list[Any] = []
        try:
            await story(ledger, pipeline, heard)
            ledger.gate.set()
            await pipeline.drain()
        finally:
            ledger.gate.set()
            committer.close()
            readers.shutdown()

    asyncio.run(main())


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(WAIT_S * 1000):
        if true():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it did not happen")


def test_requests_are_taken_while_a_larger_group_commits_and_follow_in_the_next() -> None:
    async def story(ledger: Slow, pipeline: Pipeline, heard: list[Any]) -> None:
        for i in range(WORTH):
            pipeline.post(Asked(f"a{i}"), heard.append)
        await _until(lambda: bool(ledger.commits))
        for i in range(WORTH + 1):
            pipeline.post(Asked(f"b{i}"), heard.append)
        await asyncio.sleep(0.01)
        assert (ledger.groups, heard) == ([WORTH], [])
        ledger.gate.set()
        await _until(lambda: len(heard) == 2 * WORTH + 1)
        assert ledger.groups == [WORTH, WORTH + 1]
        assert heard == ["1"] * WORTH + ["2"] * (WORTH + 1)
        assert set(ledger.commits) == {"ledger-commit"}

    _play(story)


def test_a_small_group_commits_in_the_loop() -> None:
    async def story(ledger: Slow, pipeline: Pipeline, heard: list[Any]) -> None:
        ledger.gate.set()
        pipeline.post(Asked("a"), heard.append)
        await _until(lambda: heard == ["1"])
        assert ledger.commits == [threading.current_thread().name]

    _play(story)


def test_a_commit_that_failed_is_told_to_its_group_which_may_try_again() -> None:
    async def story(ledger: Slow, pipeline: Pipeline, heard: list[Any]) -> None:
        ledger.fault = OSError("no space")
        ledger.gate.set()
        for i in range(WORTH):
            pipeline.post(Asked(f"a{i}"), heard.append)
        await _until(lambda: len(heard) == WORTH)
        assert heard == ["again"] * WORTH
        assert [str(error) for error in ledger.errors] == ["no space"]

    _play(story)


def test_stale_rules_are_read_only_when_the_commit_is_over() -> None:
    async def story(ledger: Slow, pipeline: Pipeline, heard: list[Any]) -> None:
        for i in range(WORTH):
            pipeline.post(Asked(f"a{i}"), heard.append)
        await _until(lambda: bool(ledger.commits))
        ledger.are_rules_stale = True
        threading.Timer(0.02, ledger.gate.set).start()
        assert str(pipeline.rules) == "fresh"

    _play(story)
