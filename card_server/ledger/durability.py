"""When an answer may leave: after the flush of the log that holds its posting (performance.md).

Inline: the COMMIT itself flushes (SQLite synchronous FULL, or a server database). Pipelined: the
COMMIT only writes the log, a thread flushes the -wal file once for all groups committed so far,
and then the answers of those groups leave. Which one is cheaper is measured at start.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final, Protocol

PROBES: Final = 15
INLINE_BELOW_S: Final = 0.0003
"""A flush shorter than this is cheaper inside COMMIT than in another thread."""

Deliver = Callable[[], None]
_flush = getattr(os, "fdatasync", os.fsync)


def measure_flush_s(folder: Path) -> float:
    """Median time of a small write and its flush in a folder."""
    path = folder / "flush.probe"
    took = []
    with path.open("wb", buffering=0) as probe:
        for _ in range(PROBES):
            start = time.perf_counter()
            probe.write(b"\0" * 4096)
            _flush(probe.fileno())
            took.append(time.perf_counter() - start)
    path.unlink()
    return median(took)


class Durability(Protocol):
    """Calls `deliver` on the loop thread once everything committed so far is on the disk."""

    def after_commit(self, deliver: Deliver) -> None:
        """A group was committed; `deliver` sends its answers."""

    def close(self) -> None:
        """Flush what is left and stop."""


class InlineDurability:
    """The commit was durable by itself."""

    def after_commit(self, deliver: Deliver) -> None:
        """Deliver at once."""
        deliver()

    def close(self) -> None:
        """Nothing is left."""


class FlushThread:
    """One thread that flushes the write-ahead log for all groups committed so far.

    `call_soon` hands a function to the loop thread; `failed` is called there when the log cannot
    be flushed: then nothing may be acknowledged any more. `flush` is the system's own but in tests.
    """

    def __init__(
        self,
        log_path: Path,
        call_soon: Callable[[Callable[[], None]], object],
        failed: Callable[[OSError], None],
        flush: Callable[[int], None] = _flush,
    ) -> None:
        self._flush = flush
        self._descriptor = os.open(log_path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._call_soon = call_soon
        self._failed = failed
        self._waiting: deque[Deliver] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._is_broken = False
        self._thread = threading.Thread(target=self._run, name="ledger-flush", daemon=True)
        self._thread.start()

    def after_commit(self, deliver: Deliver) -> None:
        """Queue the answers of a group for the next flush."""
        with self._wake:
            self._waiting.append(deliver)
            self._wake.notify()

    def close(self) -> None:
        """Flush what is left, hand out its answers and end the thread; once is enough."""
        with self._wake:
            if self._closing:
                return
            self._closing = True
            self._wake.notify()
        self._thread.join()
        os.close(self._descriptor)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                ready = list(self._waiting)
                self._waiting.clear()
            try:
                if not self._is_broken:
                    self._flush(self._descriptor)
            except OSError as error:
                # a flush that failed once has lost pages: no later one can make up for it
                self._is_broken = True
                self._tell_failure(error)
            self._call_soon(lambda ready=ready: _deliver_all(ready))  # type: ignore[misc]

    def _tell_failure(self, error: OSError) -> None:
        self._call_soon(lambda: self._failed(error))


def _deliver_all(ready: list[Deliver]) -> None:
    for deliver in ready:
        deliver()
