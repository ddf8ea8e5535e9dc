"""Runs jobs one after the other on a thread of the server, in pieces (domain 2.8).

A piece of work and the place where to go on are written in one transaction: after a restart, a
kill or a cancel every subject was worked off once or not at all. Between pieces the tills have
their turn; a piece should take a few milliseconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from threading import Event, Lock, Thread
from typing import Any, Final, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from card_server.db.change_log import Editor
from card_server.db.gathered_log import GatheredLog
from card_server.http.routes import Desk, Ids
from card_server.jobs import repository
from card_server.jobs.repository import Due
from shared.wire import jobs as wire
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
Params = TypeVar("Params")
LOOK_S: Final = 2.0
PASSING: Final = frozenset({ErrorCode.BUSY, ErrorCode.DB_UNREACHABLE, ErrorCode.PROCESSING_TIMEOUT})
"""Refusals that say nothing of the work: the piece is tried again."""
PATIENCE: Final = 30


class Stopped(Exception):  # noqa: N818 - a way out, not a failure
    """The run is to stop: it was cancelled, or the server stops."""

    def __init__(self, *, cancelled: bool) -> None:
        super().__init__()
        self.cancelled = cancelled


class Piece(msgspec.Struct, kw_only=True):
    """What one piece of work came to; it is written with the work itself."""

    resume_at: str | None
    """Where the next piece begins; None when the run is complete."""
    processed: int
    failed: int = 0
    errors: list[tuple[str, AppError]] = msgspec.field(default_factory=list)


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of work is given."""

    connection: Connection
    ids: Ids
    now: datetime
    log: GatheredLog
    """Journals what the piece changes; written at its end."""
    resume_at: str | None


class RunContext:
    """A run as its work sees it."""

    def __init__(
        self, desk: Desk, due: Due, stop: Event, editor: Editor, begun_at: datetime
    ) -> None:
        self.desk = desk
        self.begun_at = begun_at
        """When this go began; works that follow the clock look at what is due by then."""
        self.run_id = due.run_id
        self.resume_at = due.resume_at
        self.processed = due.processed
        self.failed = due.failed
        self._params = due.params
        self.user_id = due.ordered_by
        """Who ordered the run; None for one that a schedule started."""
        self._stop = stop
        self._editor = editor

    def params(self, kind: type[Params]) -> Params:
        """What the run was ordered with."""
        return msgspec.json.decode(self._params, type=kind)

    def tell_total(self, total: int) -> None:
        """How many subjects there are, once it is known."""
        self._write(lambda c, _now, _ids: repository.write_run(c, self.run_id, total=total))

    def tell_outcome(self, outcome: Any) -> None:
        """What the run came to, as JSON for the window that ordered it."""
        text = msgspec.json.encode(outcome).decode()
        self._write(lambda c, _now, _ids: repository.write_run(c, self.run_id, outcome=text))

    def piece(self, work: Callable[[Pass], Piece]) -> bool:
        """Work one piece off and write where to go on; False when the run is complete.

        Raises `Stopped` before the piece when the run is to stop. A refusal that says nothing of
        the work (the database is busy) is waited out and the piece tried again.
        """
        self.check_stop()
        done: Piece = self._write(lambda c, now, ids: self._piece(c, now, ids, work))
        self.resume_at = done.resume_at
        self.processed += done.processed
        self.failed += done.failed
        return done.resume_at is not None

    def tell_errors(self, errors: list[tuple[str, AppError]]) -> None:
        """Subjects of work booked elsewhere that were refused; each counts once."""

        def tell(connection: Connection, _now: datetime, _ids: Ids) -> int:
            failed = repository.keep_errors(connection, self.run_id, errors)
            repository.write_run(connection, self.run_id, failed=self.failed + failed)
            return failed

        if errors:
            self.failed += self._write(tell)

    def book(self, posting: Any) -> Any:
        """Have the ledger book; a refusal that says nothing of the work is waited out.

        The posting has its own keys, so one whose answer was lost may be sent again.
        """
        return self._patiently(lambda: self.desk.book(posting))

    def book_all(self, postings: Sequence[Any]) -> list[Any]:
        """Have the ledger book many at once; what was too busy is sent again under its key."""
        outcomes: list[Any] = [AppError(ErrorCode.BUSY)] * len(postings)
        for _ in range(PATIENCE):
            waiting = [i for i, outcome in enumerate(outcomes) if _is_passing(outcome)]
            if not waiting:
                return outcomes
            asked = [postings[i] for i in waiting]
            found = self._patiently(partial(self.desk.book_all, asked))
            for i, outcome in zip(waiting, found, strict=True):
                outcomes[i] = outcome
            if any(map(_is_passing, outcomes)) and self._stop.wait(1.0):
                raise Stopped(cancelled=False)
        raise AppError(ErrorCode.BUSY)

    def tell_progress(self, processed: int, total: int) -> None:
        """How far work is that changes nothing and begins anew after a restart."""
        self.check_stop()
        self.processed = processed
        self._write(
            lambda c, _now, _ids: repository.write_run(
                c, self.run_id, processed=processed, total=total
            )
        )

    def note(self, *, processed: int, failed: int = 0, resume_at: str | None) -> None:
        """Progress of work that was booked elsewhere (postings have their own keys)."""
        self.check_stop()
        self.processed += processed
        self.failed += failed
        self.resume_at = resume_at
        self._write(self._progress)

    def check_stop(self) -> None:
        """Leave the work when the run was cancelled or the server stops."""
        if self._stop.is_set():
            raise Stopped(cancelled=False)
        if self.desk.read(lambda c: repository.is_cancel_asked(c, self.run_id)):
            raise Stopped(cancelled=True)

    def _progress(self, connection: Connection, _now: datetime, _ids: Ids) -> None:
        repository.write_run(
            connection,
            self.run_id,
            processed=self.processed,
            failed=self.failed,
            resume_at=self.resume_at,
        )

    def _piece(
        self, connection: Connection, now: datetime, ids: Ids, work: Callable[[Pass], Piece]
    ) -> Piece:
        resume_at, processed, failed = repository.progress_of(connection, self.run_id)
        if (resume_at, processed, failed) != (self.resume_at, self.processed, self.failed):
            # the piece was written, only its answer was late: it is not done a second time
            return Piece(
                resume_at=resume_at,
                processed=processed - self.processed,
                failed=failed - self.failed,
            )
        log = GatheredLog(connection, ids, self._editor, now, names_new=True)
        how = Pass(connection=connection, ids=ids, now=now, log=log, resume_at=self.resume_at)
        done = work(how)
        log.write()
        repository.write_run(
            connection,
            self.run_id,
            processed=self.processed + done.processed,
            failed=self.failed + done.failed,
            resume_at=done.resume_at,
        )
        if done.errors:
            repository.keep_errors(connection, self.run_id, done.errors)
        return done

    def _write(self, work: Callable[[Connection, datetime, Ids], Any]) -> Any:
        return self._patiently(lambda: self.desk.edit(work))

    def _patiently(self, work: Callable[[], Any]) -> Any:
        for _ in range(PATIENCE):
            try:
                return work()
            except AppError as error:
                if error.code not in PASSING:
                    raise
                if self._stop.wait(1.0):
                    raise Stopped(cancelled=False) from error
        raise AppError(ErrorCode.BUSY)


def _is_passing(outcome: Any) -> bool:
    return isinstance(outcome, AppError) and outcome.code in PASSING


class Work(Protocol):
    """The work of a job."""

    def __call__(self, context: RunContext, /) -> None:
        """Do it in pieces, going on at `context.resume_at`."""


class Lane(msgspec.Struct, frozen=True):
    """A thread of the runner, and what wakes it."""

    thread: Thread
    wake: Event


class JobRunner:
    """Takes up planned runs, oldest first, one at a time; quick ones have a thread of their own.

    A start bonus and the end of a hold do not wait until an import of an hour has ended.
    """

    def __init__(
        self,
        desk: Desk,
        works: Mapping[str, Work],
        changed: Callable[[], None] = lambda: None,
        *,
        first: Callable[[], None] = lambda: None,
        quick: Collection[str] = (),
    ) -> None:
        """`changed` is told of every run that begins or ends; `first` is done before any run."""
        self._first = first
        self._desk = desk
        self._works = works
        self._changed = changed
        self._stop = Event()
        self._gate = Lock()
        self._is_planned = False
        self._quick = frozenset(quick)
        self._lanes = [self._lane(is_quick=False)]
        if quick:
            self._lanes.append(self._lane(is_quick=True))

    def _lane(self, *, is_quick: bool) -> Lane:
        wake, name = Event(), "jobs-quick" if is_quick else "jobs"
        run = Thread(target=self._loop, args=(wake, is_quick), name=name, daemon=True)
        return Lane(run, wake)

    def start(self) -> None:
        """Go on with what was interrupted, then with what is planned."""
        for lane in self._lanes:
            lane.thread.start()

    def wake(self) -> None:
        """A run was ordered."""
        for lane in self._lanes:
            lane.wake.set()

    def stop(self, wait_s: float = 10.0) -> None:
        """Stop after the piece at hand; the run goes on after the next start."""
        self._stop.set()
        self.wake()
        for lane in self._lanes:
            if lane.thread.is_alive():
                lane.thread.join(wait_s)

    def _loop(self, wake: Event, is_quick: bool) -> None:  # noqa: FBT001 - a thread's argument
        while not self._stop.is_set():
            try:
                self._plan_interrupted()
                for due in self._desk.read(repository.due_runs):
                    if self._stop.is_set():
                        return
                    if due.code in self._works and (due.code in self._quick) == is_quick:
                        self.run(due)
            except AppError as error:
                log.warning("jobs wait for the database", code=error.code.value)
            wake.wait(LOOK_S)
            wake.clear()

    def _plan_interrupted(self) -> None:
        """Once, before any lane runs anything: what the last process left behind goes on."""
        with self._gate:
            if not self._is_planned:
                self._first()
                self._desk.edit(lambda c, _now, _ids: repository.plan_interrupted(c))
                self._is_planned = True

    def run(self, due: Due) -> None:
        """Work one run off, and write how it ended."""
        editor = Editor(
            user_id=due.ordered_by, application=f"job {due.code}"[:30], batch_id=due.run_id
        )
        begun_at = self._begin(due)
        if begun_at is None:
            return
        context = RunContext(self._desk, due, self._stop, editor, begun_at)
        state, message = wire.DONE, None
        try:
            self._works[due.code](context)
            if context.failed:
                state = wire.DONE_WITH_ERRORS
        except Stopped as stopped:
            state = wire.CANCELLED if stopped.cancelled else wire.INTERRUPTED
        except AppError as error:
            state = wire.FAILED
            message = f"{error.code.value} {msgspec.json.encode(error.facts).decode()}"
        except Exception as error:
            reference = secrets.token_hex(4).upper()
            log.exception(
                "a job failed", job=due.code, reference=reference, error=type(error).__name__
            )
            state, message = wire.FAILED, f"INTERNAL {reference}"
        self._end(due.run_id, state, message)

    def _begin(self, due: Due) -> datetime | None:
        """A run that was cancelled before its first piece never begins.

        One that was interrupted begins, so that its work may finish what hangs between two rooms;
        it stops before its next piece.
        """

        def begin(connection: Connection, now: datetime, _ids: Ids) -> datetime | None:
            if due.resume_at is None and repository.is_cancel_asked(connection, due.run_id):
                repository.write_run(connection, due.run_id, state=wire.CANCELLED, ended_at=now)
                return None
            repository.write_run(connection, due.run_id, state=wire.RUNNING, started_at=now)
            return now

        begun = self._desk.edit(begin)
        self._changed()
        return begun

    def _end(self, run_id: int, state: int, message: str | None) -> None:
        def end(connection: Connection, now: datetime, _ids: Ids) -> None:
            ended_at = now if state in wire.ENDED else None
            repository.write_run(
                connection, run_id, state=state, message=message, ended_at=ended_at
            )

        for _ in range(PATIENCE):
            try:
                self._desk.edit(end)
                break
            except AppError as error:
                if error.code not in PASSING or self._stop.wait(1.0):
                    raise
        self._changed()
