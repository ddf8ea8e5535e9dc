"""Errands: a slot asks the server and goes on when the answer is there, without a frozen window.

An errand is a coroutine with an owner. `await away(fn, ...)` runs a blocking call in the pool,
`await until(signal)` waits for a Qt signal; one queued signal resumes the errand in the thread of
the windows. If the owner is gone, the errand is closed. An errand in a lane closes the one before
it in that lane: overtaken answers are dropped. There is no asyncio here (architecture 7).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, Generic, TypeVar, cast

import structlog
from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from shiboken6 import isValid

from shared.wire.errors import AppError

log = structlog.get_logger(__name__)
T = TypeVar("T")
WORKERS: Final = 6

Work = Coroutine[Any, Any, Any]
Refusals = Callable[[AppError], None]


class _Away:
    """A call that is to run in the pool."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call


class _Until:
    """A signal that is waited for."""

    def __init__(self, signal: SignalInstance) -> None:
        self.signal = signal


class _Wait(Generic[T]):
    """What an errand stops at; the courier sends the answer in."""

    def __init__(self, what: _Away | _Until) -> None:
        self._what = what

    def __await__(self) -> Generator[_Away | _Until, Any, T]:
        return cast("T", (yield self._what))


def away(call: Callable[..., T], *args: Any, **kwargs: Any) -> _Wait[T]:
    """Run a blocking call in the pool and wait for what it returns or raises."""
    return _Wait(_Away(partial(call, *args, **kwargs)))


def until(signal: SignalInstance) -> _Wait[Any]:
    """Wait for a signal; its first argument is the answer."""
    return _Wait(_Until(signal))


class Errand:
    """One running errand."""

    def __init__(self, work: Work, owner: QObject, refused: Refusals) -> None:
        self.work = work
        self.owner = owner
        self.refused = refused
        self.is_done = False
        self.release: Callable[[], None] | None = None
        """Lets go of a signal that is waited for."""

    def close(self) -> None:
        """End it where it stands; an answer that comes later is dropped."""
        if self.is_done:
            return
        self.is_done = True
        if self.release is not None:
            self.release()
            self.release = None
        try:
            self.work.close()
        except ValueError:
            # it ends itself: its own step closes the window it belongs to
            return


class Courier(QObject):
    """Runs errands; belongs to the thread of the windows."""

    _arrived = Signal(int)
    busy = Signal(bool)
    """Something is being asked, or nothing any more."""

    def __init__(
        self,
        refused: Refusals,
        failed: Callable[[BaseException], None],
        parent: QObject | None = None,
    ) -> None:
        """`refused` tells a refusal that an errand did not treat, `failed` a bug."""
        super().__init__(parent)
        self._refused = refused
        self._failed = failed
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="errand")
        self._lock = threading.Lock()
        self._answers: dict[int, Future[Any]] = {}
        self._waiting: dict[int, Errand] = {}
        self._lanes: dict[tuple[int, str], Errand] = {}
        self._owned: dict[int, set[Errand]] = {}
        self._serial = 0
        self._asked = 0
        self._is_closed = False
        self._arrived.connect(self._resume, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        owner: QObject,
        work: Work,
        *,
        lane: str | None = None,
        refused: Refusals | None = None,
    ) -> Errand:
        """Begin an errand of an owner; its first step runs at once."""
        errand = Errand(work, owner, refused or self._refused)
        if self._is_closed:
            # a timer of a window that is going away
            errand.close()
            return errand
        key = id(owner)
        if key not in self._owned:
            self._owned[key] = set()
            owner.destroyed.connect(partial(self._forget, key))
        self._owned[key].add(errand)
        if lane is not None:
            before = self._lanes.get((key, lane))
            if before is not None:
                before.close()
            self._lanes[key, lane] = errand
        self._step(errand, None, None)
        return errand

    def is_idle(self) -> bool:
        """No call runs in the pool."""
        return self._asked == 0

    def close(self) -> None:
        """End all errands, also those that somebody starts later; wait for calls that run."""
        self._is_closed = True
        for errands in list(self._owned.values()):
            for errand in list(errands):
                errand.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # ------------------------------------------------------------------ steps

    def _forget(self, key: int, *_: object) -> None:
        for errand in self._owned.pop(key, set()):
            errand.close()
        for lane in [one for one in self._lanes if one[0] == key]:
            del self._lanes[lane]

    def _step(self, errand: Errand, value: Any, error: BaseException | None) -> None:
        if errand.is_done:
            return
        if not isValid(errand.owner):
            errand.close()
            return
        try:
            what = errand.work.send(value) if error is None else errand.work.throw(error)
        except StopIteration:
            self._end(errand)
        except AppError as refusal:
            self._end(errand)
            errand.refused(refusal)
        except Exception as fault:
            self._end(errand)
            log.exception("an errand failed", error=type(fault).__name__)
            self._failed(fault)
        else:
            self._wait(errand, what)

    def _end(self, errand: Errand) -> None:
        errand.is_done = True
        self._owned.get(id(errand.owner), set()).discard(errand)

    def _wait(self, errand: Errand, what: _Away | _Until) -> None:
        if errand.is_done:
            return
        if isinstance(what, _Until):
            self._wait_signal(errand, what.signal)
            return
        self._serial += 1
        ticket = self._serial
        self._waiting[ticket] = errand
        self._asked += 1
        if self._asked == 1:
            self.busy.emit(True)
        future = self._pool.submit(what.call)
        future.add_done_callback(partial(self._answered, ticket))

    def _answered(self, ticket: int, future: Future[Any]) -> None:
        """In a thread of the pool: keep the answer and wake the windows."""
        with self._lock:
            self._answers[ticket] = future
        if isValid(self):
            self._arrived.emit(ticket)

    def _resume(self, ticket: int) -> None:
        with self._lock:
            future = self._answers.pop(ticket)
        errand = self._waiting.pop(ticket)
        self._asked -= 1
        if self._asked == 0:
            self.busy.emit(False)
        if errand.is_done or future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._step(errand, None, error)
        else:
            self._step(errand, future.result(), None)

    def _wait_signal(self, errand: Errand, signal: SignalInstance) -> None:
        def heard(*args: object) -> None:
            release()
            errand.release = None
            # after the sender has finished: the errand may delete it
            QTimer.singleShot(0, self, lambda: self._step(errand, args[0] if args else None, None))

        def release() -> None:
            try:
                signal.disconnect(heard)
            except RuntimeError:
                return

        signal.connect(heard)
        errand.release = release
