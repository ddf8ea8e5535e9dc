"""COMMIT in a thread of its own, while the loop reads the requests of the next group.

A COMMIT is one call of the database that needs no Python: writing the log and, where the disk is
quick, flushing it. The loop's thread would only wait for it. Everything else stays in the loop's
thread: Python runs in one thread at a time anyhow (performance.md, "What decides it", 3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from card_server.ledger.steps import tried

WORTH: Final = 8
"""Requests of a group from which on the hand-over costs less than the waiting."""

Work = Callable[[], None]
Told = Callable[[Exception | None], None]


class CommitThread:
    """One piece of work at a time; how it ended is told on the loop's thread.

    `call_soon` hands a function to the loop's thread.
    """

    def __init__(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._call_soon = call_soon
        self._queue: SimpleQueue[tuple[Work, Told] | None] = SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name="ledger-commit", daemon=True)
        self._thread.start()

    def run(self, work: Work, told: Told) -> None:
        """Start the work; nothing else may be under way."""
        self._idle.clear()
        self._queue.put((work, told))

    def wait(self) -> None:
        """Block until nothing is under way: the ledger's connection may be used again."""
        self._idle.wait()

    def close(self) -> None:
        """End the thread after what is under way."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (order := self._queue.get()) is not None:
            work, told = order
            error = tried(work)
            self._idle.set()
            self._call_soon(lambda told=told, error=error: told(error))  # type: ignore[misc]
