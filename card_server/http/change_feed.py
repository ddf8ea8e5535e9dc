"""The change feed: programs wait here and are told what changed (architecture 7).

The cursor is two numbers, and both grow in the order of commits: the last change set's id and the
last operation's number in the chain. So a program that was cut off goes on from its cursor and
misses nothing, whichever process made the change.

At the head the feed is served from memory: the pipeline hands over what a group booked, one tick
later everybody who waits gets the same bytes. However many programs follow, a posting pays for one
of them. Who comes from further back reads the tables once.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Table, func, select

from card_server.db.base import PREFIX, metadata
from card_server.http.routes import Actor, Desk
from shared.wire.changes import Change, Changes, OperationNote
from shared.wire.errors import AppError, ErrorCode

T = TypeVar("T")
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]

TICK_S: Final = 0.4
"""How long news are gathered before the waiting programs are told."""
LOOK_S: Final = 2.0
"""How often the tables are looked at for what another process changed."""
LONGEST_WAIT_S: Final = 60.0
KEPT: Final = 4096
MOST_TOLD: Final = 200
"""More than so many at once is told as `reload`."""
FIRST: Final = 0

PERSONAL: Final = frozenset(
    {"holder", "person", "person_photo", "contact", "address", "property_link", "consent", "card"}
)
"""Tables whose keys are told only to those who may see holders."""
GUARDED: Final = frozenset({"user", "role", "user_totp"})
"""Tables whose keys are told only to those who may edit users."""


class Booked(Protocol):
    """An operation as the pipeline booked it."""

    operation_id: int
    chain_no: int
    kind: int
    status: int
    holder_id: int | None
    card_code: int | None


class Cursor(msgspec.Struct, frozen=True):
    """How far a program has been told."""

    change_id: int
    chain_no: int

    def text(self) -> str:
        """As it travels."""
        return f"{self.change_id}.{self.chain_no}"


def read_cursor(text: str) -> Cursor:
    """A cursor as it came back; `FIELD_BAD` for anything else."""
    first, _, second = text.partition(".")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        raise AppError(ErrorCode.FIELD_BAD, field="after", value=text[:60])
    return Cursor(int(first), int(second))


def head_of(connection: Connection) -> Cursor:
    """The present end of both sequences."""
    change, operation = _table("change_set"), _table("operation")
    last = connection.execute(select(func.max(change.c.change_id))).scalar()
    number = connection.execute(select(func.max(operation.c.chain_no))).scalar()
    return Cursor(last or FIRST, number or FIRST)


def changes_after(connection: Connection, after: int) -> list[Change]:
    """Change sets behind an id, oldest first; one more than is told at most."""
    table = _table("change_set")
    rows = connection.execute(
        select(
            table.c.change_id,
            table.c.table_name,
            table.c.row_key,
            table.c.action,
            table.c.user_id,
            table.c.at,
        )
        .where(table.c.change_id > after)
        .order_by(table.c.change_id)
        .limit(MOST_TOLD + 1)
    )
    return [
        Change(change_id=row[0], table=row[1], key=row[2], action=row[3], user_id=row[4], at=row[5])
        for row in rows
    ]


def operations_after(connection: Connection, after: int) -> list[tuple[int, OperationNote]]:
    """Operations behind a chain number, oldest first; one more than is told at most."""
    table = _table("operation")
    rows = connection.execute(
        select(
            table.c.chain_no,
            table.c.operation_id,
            table.c.kind,
            table.c.status,
            table.c.holder_id,
            table.c.card_code,
        )
        .where(table.c.chain_no > after)
        .order_by(table.c.chain_no)
        .limit(MOST_TOLD + 1)
    )
    return [(row.chain_no, _note(row)) for row in rows]


def _note(row: Any) -> OperationNote:
    return OperationNote(
        operation_id=row.operation_id,
        kind=row.kind,
        status=row.status,
        holder_id=row.holder_id,
        card_code=row.card_code,
    )


def _table(name: str) -> Table:
    return metadata.tables[PREFIX + name]


class Ring(Generic[T]):
    """The latest items by growing number; knows from which number on it holds all of them."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._items: list[T] = []
        self._complete_from: int | None = None

    def start(self, number: int) -> None:
        """Everything behind `number` will be put in."""
        self._numbers.clear()
        self._items.clear()
        self._complete_from = number

    @property
    def last(self) -> int | None:
        """The number up to which it is complete."""
        return self._numbers[-1] if self._numbers else self._complete_from

    def put(self, number: int, item: T) -> None:
        """Take in the next item."""
        self._numbers.append(number)
        self._items.append(item)
        if len(self._numbers) > 2 * KEPT:
            self._complete_from = self._numbers[KEPT - 1]
            del self._numbers[:KEPT], self._items[:KEPT]

    def behind(self, after: int) -> list[T] | None:
        """All items behind a number, one more than is told at most; None if some are gone."""
        if self._complete_from is None or after < self._complete_from:
            return None
        start = bisect_right(self._numbers, after)
        return self._items[start : start + MOST_TOLD + 1]


class News(msgspec.Struct):
    """What happened behind a cursor, at most one more of each kind than is told, and the end."""

    changes: list[Change]
    operations: list[OperationNote]
    end: Cursor

    @property
    def too_many(self) -> bool:
        """More than can be told one by one."""
        return len(self.changes) > MOST_TOLD or len(self.operations) > MOST_TOLD

    @property
    def is_empty(self) -> bool:
        """Nothing happened."""
        return not (self.changes or self.operations)


def read_news(connection: Connection, cursor: Cursor) -> News:
    """News from the tables."""
    changes = changes_after(connection, cursor.change_id)
    operations = operations_after(connection, cursor.chain_no)
    news = News(
        changes,
        [note for _, note in operations],
        Cursor(
            changes[-1].change_id if changes else cursor.change_id,
            operations[-1][0] if operations else cursor.chain_no,
        ),
    )
    if news.too_many:
        news.end = head_of(connection)
    return news


class ChangeFeed:
    """Gathers news on any thread, tells them on the management port's loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inbox: deque[Sequence[Booked]] = deque()
        self._changes: Ring[Change] = Ring()
        self._operations: Ring[OperationNote] = Ring()
        self._waiting: set[asyncio.Future[None]] = set()
        self._woken = False
        self._edited = False
        self._looker: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ gathering

    def booked(self, operations: Sequence[Booked]) -> None:
        """A group is durable; called by the pipeline on its own thread."""
        if self._loop is not None:
            self._inbox.append(operations)
            self._wake()

    def edited(self) -> None:
        """Rows were edited; called from any thread once they are durable."""
        self._edited = True
        self._wake()

    def _wake(self) -> None:
        loop = self._loop
        if loop is None or self._woken or loop.is_closed():
            return
        self._woken = True
        loop.call_soon_threadsafe(loop.call_later, TICK_S, self._tick)

    def _tick(self) -> None:
        """Take in what was gathered and tell who waits."""
        self._woken = False
        while self._inbox:
            for row in self._inbox.popleft():
                if self._operations.last != row.chain_no - 1:
                    self._operations.start(row.chain_no - 1)
                self._operations.put(row.chain_no, _note(row))
        self._tell()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _look(self, in_thread: InThread) -> None:
        """Take edits into memory: ours at once, those of other processes now and then."""
        waited = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            waited += TICK_S
            if self._edited or waited >= LOOK_S:
                waited, self._edited = 0.0, False
                await self._take_edits(in_thread)

    async def _take_edits(self, in_thread: InThread) -> None:
        last = self._changes.last or FIRST
        try:
            found = await in_thread(lambda: self._desk.read(lambda c: changes_after(c, last)))
            if len(found) > MOST_TOLD:
                head = await in_thread(lambda: self._desk.read(head_of))
                self._changes.start(head.change_id)
        except AppError:
            return  # the database is away; who follows learns it from his own reading
        if len(found) <= MOST_TOLD:
            for change in found:
                self._changes.put(change.change_id, change)
        if found:
            self._tell()

    def close(self) -> None:
        """Let everybody go who waits; called on the loop on which they wait."""
        self._loop = None
        if self._looker is not None:
            self._looker.cancel()
            self._looker = None
        self._tell()

    # ------------------------------------------------------------------ following

    async def follow(
        self, actor: Actor, after: str | None, wait_s: float, in_thread: InThread
    ) -> Changes:
        """What happened behind the cursor; waits for the first of it."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            await self._start(loop, in_thread)
        if after is None:
            head: Cursor = await in_thread(lambda: self._desk.read(head_of))
            return Changes(cursor=head.text())
        cursor = read_cursor(after)
        deadline = loop.time() + max(0.0, min(wait_s, LONGEST_WAIT_S))
        while True:
            # made before the reading, so that nothing slips in between reading and waiting
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.add(future)
            try:
                news = self._remembered(cursor)
                if news is None:
                    news = await in_thread(partial(self._desk.read, _reader(cursor)))
                told = _told(news, actor)
                cursor = news.end
                rest = deadline - loop.time()
                if told is not None or rest <= 0 or self._loop is not loop:
                    return told or Changes(cursor=cursor.text())
                await asyncio.wait((future,), timeout=rest)
            finally:
                self._waiting.discard(future)

    async def _start(self, loop: asyncio.AbstractEventLoop, in_thread: InThread) -> None:
        """The first follower: from now on news are kept in memory."""
        self._loop = loop
        if self._looker is not None:
            return
        self._looker = loop.create_task(self._look(in_thread))
        head: Cursor = await in_thread(lambda: self._desk.read(head_of))
        self._changes.start(head.change_id)

    def _remembered(self, cursor: Cursor) -> News | None:
        changes = self._changes.behind(cursor.change_id)
        operations = self._operations.behind(cursor.chain_no)
        if changes is None or operations is None:
            return None
        end = Cursor(
            max(self._changes.last or FIRST, cursor.change_id),
            max(self._operations.last or FIRST, cursor.chain_no),
        )
        return News(changes, operations, end)


def _reader(cursor: Cursor) -> Callable[[Connection], News]:
    return lambda connection: read_news(connection, cursor)


def _told(news: News, actor: Actor) -> Changes | None:
    """The answer, cut to what the user may see; None when there is nothing for him."""
    if news.too_many:
        return Changes(cursor=news.end.text(), reload=True)
    changes = [one for one in news.changes if _may_see(one.table, actor)]
    operations = news.operations if "operation.view" in actor.rights else []
    if not changes and not operations:
        return None
    return Changes(cursor=news.end.text(), changes=changes, operations=operations)


def _may_see(table: str, actor: Actor) -> bool:
    if table in PERSONAL:
        return "holder.view" in actor.rights
    if table in GUARDED:
        return "user.edit" in actor.rights
    return True
