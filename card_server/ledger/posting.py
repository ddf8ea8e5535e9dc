"""The posting pipeline: groups of requests, one reading, one commit, one flush.

Everything queued when the loop's turn comes forms a group (at most 512): edits run first, each in
a savepoint; then the facts of all postings are read by set-based SELECTs, each posting decides in
order on one shared Book, the hash chain is sealed, the rows are written and committed, and the
answers leave when the group is durable. No timer, no artificial wait: groups grow with load.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from card_server.ledger.book_parts import SALE_WITHOUT_SPENT
from card_server.ledger.durability import Durability
from card_server.ledger.facts import EditIds
from card_server.ledger.group import (
    Edit,
    Group,
    GroupFailed,
    Item,
    Ledger,
)
from card_server.ledger.lens import Lens
from card_server.ledger.overlap import WORTH, CommitThread
from card_server.ledger.posting_port import Posting
from card_server.ledger.records import Operation
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.steps import Steps, advance, tried
from shared.wire.errors import AppError, ErrorCode

R = TypeVar("R")
log = structlog.get_logger(__name__)
Done = Callable[[Any], None]

RETRY_S: Final = 0.05
"""Pause before a group is tried again that found the embedded database held by another."""

GROUP_CAP: Final = 512
"""Requests in one group at most: keeps one turn of the loop short."""


class PipelineCounts(msgspec.Struct):
    """What the pipeline did since the start; shown by the self-diagnosis and the benchmarks."""

    groups: int = 0
    requests: int = 0
    written_groups: int = 0
    operations: int = 0
    largest_group: int = 0
    replayed_groups: int = 0
    lines_not_booked: int = 0
    """Lines of tills that a missing right, a time or a block left out (domain 3.2)."""
    sales_without_spent: int = 0
    """Sales of which nobody told what was spent (domain 3.4)."""

    def note(self, remarks: list[str]) -> None:
        """Count what a group left to be told."""
        silent = remarks.count(SALE_WITHOUT_SPENT)
        self.sales_without_spent += silent
        self.lines_not_booked += len(remarks) - silent


class Follower(Protocol):
    """Who is told of groups that are durable; called on the loop's thread, must be quick."""

    def booked(self, operations: Sequence[Operation]) -> None:
        """Operations of the group, in chain order."""

    def edited(self) -> None:
        """The group held edits."""


class Pipeline:
    """Queues requests on the loop thread and runs them in groups on the writer's connection.

    On SQLite a group runs in the loop thread itself (`executor` None), but for the COMMIT of a
    larger group, which `committer` takes; on a server database in one dedicated thread, one group
    at a time.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        loop: asyncio.AbstractEventLoop,
        durability: Durability,
        readers: Executor,
        read_connection: Callable[[], Connection],
        executor: Executor | None = None,
        committer: CommitThread | None = None,
        queue_s: float = 5.0,
    ) -> None:
        self._ledger = ledger
        self._loop = loop
        self._durability = durability
        self._readers = readers
        self._read_connection = read_connection
        self._executor = executor
        self._committer = committer
        self._queue_s = queue_s
        self._queue: deque[Item] = deque()
        self._scheduled = False
        self._running = False
        self._stopping = False
        self._broken: AppError | None = None
        self._waiting_for_idle: list[asyncio.Future[None]] = []
        self._undelivered = 0
        self._follower: Follower | None = None
        self.counts = PipelineCounts()

    @property
    def rules(self) -> RuleSet:
        """The dictionaries in force; with a thread of its own, those of the ledger's last group.

        There the ledger's connection is busy in that thread and must not be touched from here.
        """
        if self._executor is not None:
            return self._ledger.rules_in_force
        if self._committer is not None and self._ledger.are_rules_stale:
            self._committer.wait()
        return self._ledger.rules

    @property
    def ids(self) -> EditIds:
        """The source of ids inside edits."""
        return self._ledger.ids

    @property
    def queued(self) -> int:
        """Requests that wait for their group."""
        return len(self._queue)

    # ------------------------------------------------------------------ entry points

    def post(self, posting: Posting[R], done: Callable[[R | AppError], None]) -> None:
        """Queue a posting; `done` gets its outcome once it is durable."""
        self._enqueue(Item(posting=posting, edit=None, done=done, queued_at=time.monotonic()))

    def ask(self, posting: Posting[R], done: Callable[[R | AppError], None]) -> None:
        """Queue a posting that only looks; it shares the reading of its group."""
        self._enqueue(
            Item(posting=posting, edit=None, done=done, queued_at=time.monotonic(), looks=True)
        )

    def edit(self, work: Edit[R], done: Callable[[R | AppError], None]) -> None:
        """Queue an ordinary change; it runs inside the group's transaction in a savepoint."""
        self._enqueue(Item(posting=None, edit=work, done=done, queued_at=time.monotonic()))

    def read(self, work: Callable[[Connection], R], done: Callable[[R | AppError], None]) -> None:
        """Run a read-only question in a worker thread, never in the way of a posting."""
        if self._stopping:
            done(AppError(ErrorCode.STOPPING))
            return
        item = Item(posting=None, edit=None, done=done, queued_at=time.monotonic())
        future = self._readers.submit(self._run_read, item, work)
        future.add_done_callback(
            lambda finished: self._loop.call_soon_threadsafe(self._tell, item, finished.result())
        )

    def look(self, work: Callable[[Lens], R], done: Callable[[R | AppError], None]) -> None:
        """Look at holders and cards in a worker thread, by the rules of this moment."""
        rules = self.rules
        self.read(lambda connection: work(self._ledger.lens(connection, rules)), done)

    def lens(self, connection: Connection, rules: RuleSet) -> Lens:
        """The same look inside an edit, on the edit's own connection."""
        return self._ledger.lens(connection, rules)

    def follow(self, follower: Follower) -> None:
        """Tell somebody of every durable group."""
        self._follower = follower

    def rules_changed(self) -> None:
        """Dictionaries were edited: a group that is queued now reads them anew.

        It is the ledger's connection that reads, so it happens in a group of its own kind and
        never beside one.
        """
        self._ledger.forget_rules()
        if not self._stopping:
            self._enqueue(
                Item(posting=None, edit=None, done=lambda _: None, queued_at=time.monotonic())
            )

    # ------------------------------------------------------------------ life

    async def drain(self) -> None:
        """Refuse what comes from now on, finish what is queued, hand out every answer."""
        self._stopping = True
        while self._queue or self._running or self._undelivered:
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiting_for_idle.append(waiter)
            await waiter

    def refuse_queued(self) -> None:
        """Answer what waits for its group with STOPPING; nothing of it was booked."""
        self._stopping = True
        while self._queue:
            self._tell(self._queue.popleft(), AppError(ErrorCode.STOPPING))

    def log_failed(self, error: OSError) -> None:
        """The write-ahead log cannot be flushed: nothing may be acknowledged any more."""
        self._broken = AppError(ErrorCode.DB_UNREACHABLE, server="", why=str(error), s=0)

    # ------------------------------------------------------------------ turns

    def _enqueue(self, item: Item) -> None:
        refusal = self._broken
        if self._stopping:
            refusal = AppError(ErrorCode.STOPPING)
        if refusal is not None:
            item.done(refusal)
            return
        self._queue.append(item)
        if not self._scheduled and not self._running:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        group = self._take_group()
        if not group.items:
            self._wake_idle()
            return
        self._running = True
        if self._executor is None:
            self._go_on(group, self._ledger.steps(group), None)
            return
        running = self._loop.run_in_executor(self._executor, self._run_group, group)
        running.add_done_callback(lambda future: self._finish(group, future.result()))

    def _take_group(self) -> Group:
        """The next requests, without two that share an identity."""
        group = Group()
        taken: set[str] = set()
        postponed: list[Item] = []
        oldest = time.monotonic() - self._queue_s
        while self._queue and len(group.items) < GROUP_CAP:
            item = self._queue.popleft()
            if item.queued_at < oldest:
                self._tell(item, AppError(ErrorCode.BUSY))
                continue
            if item.posting is not None:
                names = item.posting.exclusive
                if names and not taken.isdisjoint(names):
                    postponed.append(item)
                    continue
                taken.update(names)
            group.items.append(item)
        self._queue.extendleft(reversed(postponed))
        return group

    def _go_on(self, group: Group, steps: Steps, error: Exception | None) -> None:
        """Run a group up to its COMMIT, and on from there when that is done."""
        committer = self._committer if len(group.items) >= WORTH else None
        failed = None
        try:
            while (work := advance(steps, error)) is not None:
                if committer is not None:
                    committer.run(work, lambda error: self._go_on(group, steps, error))
                    return
                error = tried(work)
        except GroupFailed as gone:
            failed = gone
        self._finish(group, failed)

    def _run_group(self, group: Group) -> GroupFailed | None:
        try:
            self._ledger.run(group)
        except GroupFailed as failed:
            return failed
        return None

    def _finish(self, group: Group, failed: GroupFailed | None) -> None:
        self._running = False
        counts = self.counts
        counts.groups += 1
        counts.requests += len(group.items)
        counts.largest_group = max(counts.largest_group, len(group.items))
        if failed is not None and self._may_wait(failed):
            self._put_back(group)
            return
        if failed is not None:
            for item in group.items:
                self._tell(item, failed.refusal)
        elif group.wrote:
            counts.written_groups += 1
            counts.operations += group.operations
            counts.replayed_groups += group.replays
            counts.note(group.remarks)
            self._undelivered += 1
            self._durability.after_commit(lambda: self._deliver(group))
        else:
            self._answer_unwritten(group)
        if self._queue and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)
        self._wake_idle()

    def _answer_unwritten(self, group: Group) -> None:
        """Answer a group that wrote nothing; a repeat waits until what it repeats is durable."""
        waiting = Group()
        for item, outcome in zip(group.items, group.outcomes, strict=True):
            if item.looks or not self._undelivered:
                self._tell(item, outcome)
            else:
                waiting.items.append(item)
                waiting.outcomes.append(outcome)
        if waiting.items:
            self._undelivered += 1
            self._durability.after_commit(lambda: self._deliver(waiting))

    def _deliver(self, group: Group) -> None:
        self._undelivered -= 1
        for item, outcome in zip(group.items, group.outcomes, strict=True):
            self._tell(item, self._broken or outcome)
        if self._follower is not None:
            if group.booked:
                self._follower.booked(group.booked)
            if group.edits:
                self._follower.edited()
        self._wake_idle()

    def _put_back(self, group: Group) -> None:
        """Answer who only looks at once, try the others again a little later."""
        looks = [item for item in group.items if item.looks]
        others = [item for item in group.items if not item.looks]
        self._queue.extendleft(reversed(others))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_later(RETRY_S, self._turn)
        if looks and others:
            follow = Group(items=looks)
            self._finish(follow, self._run_group(follow))
        elif looks:
            self._queue.extendleft(reversed(looks))

    def _may_wait(self, failed: GroupFailed) -> bool:
        """Another program holds the embedded database: nothing was booked, so the group goes back.

        It is tried again until its requests have waited `queue_s`; between the tries the loop
        serves the other connections.
        """
        held = failed.refusal.code is ErrorCode.BUSY and self._executor is None
        return held and not self._stopping

    @staticmethod
    def _tell(item: Item, outcome: Any) -> None:
        """Hand an outcome out; a bug behind one answer must not cost the others theirs."""
        try:
            item.done(outcome)
        except Exception:  # a bug of who asked: told by its number, the group goes on
            reference = secrets.token_hex(4).upper()
            log.exception("an answer could not be made", reference=reference)
            if not isinstance(outcome, AppError):
                with suppress(Exception):
                    item.done(AppError(ErrorCode.INTERNAL, ref=reference))

    def _wake_idle(self) -> None:
        if self._queue or self._running or self._undelivered:
            return
        waiting, self._waiting_for_idle = self._waiting_for_idle, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _run_read(self, item: Item, work: Callable[[Connection], R]) -> R | AppError:
        if time.monotonic() - item.queued_at > self._queue_s:
            return AppError(ErrorCode.BUSY)

        def look() -> R:
            with self._read_connection() as connection:
                return work(connection)

        return self._ledger.guarded(look)
