"""One group of requests from reading to commit, on the writer's connection."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from card_server.db.errors import is_passing
from card_server.db.faults import Fault, refusal
from card_server.ledger.book import Book
from card_server.ledger.facts import EditIds, Facts, Wants
from card_server.ledger.lens import Lens
from card_server.ledger.posting_port import Posting
from card_server.ledger.reading import FactsReader
from card_server.ledger.records import Operation
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.sealing import seal_rows
from card_server.ledger.steps import Steps, advance, tried
from card_server.ledger.writer_connection import WriterConnection, is_lost
from card_server.ledger.writing import BookWriter, WriterHead, has_link
from shared.wire.errors import AppError, ErrorCode

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
log = structlog.get_logger(__name__)

TRIES: Final = 3
"""How often a group is decided anew after the database refused it for a passing reason."""

PAUSE_S: Final = 0.02
NO_LINK: Final = WriterHead(writer_id=0, next_chain_no=0, head_hash=b"")
"""Stands for the end of the chain in a group that only edits."""


class Edit(Protocol[R_co]):
    """An ordinary change inside the group's transaction."""

    def __call__(self, connection: Connection, now: datetime, /) -> R_co:
        """Do it; an AppError undoes just this change."""


class Item(msgspec.Struct, kw_only=True):
    """One queued request: a posting or an edit, and where its outcome goes."""

    posting: Posting[Any] | None
    edit: Edit[Any] | None
    done: Callable[[Any], None]
    queued_at: float
    looks: bool = False
    """It only looks: its answer acknowledges nothing and waits for no flush."""


class Group(msgspec.Struct):
    """The requests of one turn and their outcomes, in the same order."""

    items: list[Item] = msgspec.field(default_factory=list)
    outcomes: list[Any] = msgspec.field(default_factory=list)
    wrote: bool = False
    operations: int = 0
    replays: int = 0
    booked: list[Operation] = msgspec.field(default_factory=list)
    """What the group booked, in chain order."""
    remarks: list[str] = msgspec.field(default_factory=list)
    edits: int = 0
    postponed: list[int] = msgspec.field(default_factory=list)
    """Items whose histories an earlier item may change: they follow in a group of their own."""

    def take_in(self, other: Group) -> None:
        """Count what a part of the group did as the group's own."""
        self.wrote = self.wrote or other.wrote
        self.operations += other.operations
        self.booked = [*self.booked, *other.booked]
        self.remarks = [*self.remarks, *other.remarks]
        self.edits += other.edits


class GroupFailed(Exception):  # noqa: N818 - it is an outcome, told to every caller of the group
    """The database could not take the group; nothing of it was booked."""

    def __init__(self, refusal: AppError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class BlockSource(EditIds, Protocol):
    """Ids in blocks that are reserved inside the ledger's own transactions."""

    def bind(self, connection_in_transaction: Callable[[], Connection]) -> None:
        """Where new blocks are reserved."""

    def forget(self) -> None:
        """The transaction that may have reserved a block failed."""


class Ledger:
    """The writer's connection and everything that is prepared once for it."""

    def __init__(
        self,
        connection: Connection,
        *,
        reader: FactsReader,
        writer: BookWriter,
        ids: BlockSource,
        load_rules: Callable[[Connection], RuleSet],
        load_head: Callable[[Connection], WriterHead],
        lock_head: Callable[[Connection], None],
        explain: Callable[[DBAPIError], AppError | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self.ids: EditIds = ids
        self._blocks = ids
        self._load_rules = load_rules
        self._load_head = load_head
        self._lock_head = lock_head
        self._explain = explain
        self._clock = clock
        self._wire = WriterConnection(connection)
        ids.bind(self._wire.begin)
        self._head: WriterHead | None = load_head(connection)
        self._sent: WriterHead | None = None
        """The end of the chain that a COMMIT under way would leave."""
        self._are_rules_stale = False
        self._rules = load_rules(connection)
        self._wire.roll_back()

    @property
    def are_rules_stale(self) -> bool:
        """Whether `rules` would read them anew, on the ledger's connection."""
        return self._are_rules_stale

    @property
    def rules_in_force(self) -> RuleSet:
        """The dictionaries that the last group decided by; never touches the connection."""
        return self._rules

    @property
    def rules(self) -> RuleSet:
        """The dictionaries in force, read again after an edit; for who has the connection."""
        if self._are_rules_stale:
            self._rules = self._load_rules(self._connection)
            self._are_rules_stale = False
            self._wire.roll_back()
        return self._rules

    def forget_rules(self) -> None:
        """The next group reads the dictionaries again."""
        self._are_rules_stale = True

    def lens(self, connection: Connection, rules: RuleSet) -> Lens:
        """A look at this moment on a connection; `rules` are taken on the loop's thread."""
        return Lens(connection, reader=self._reader, rules=rules, ids=self.ids, now=self._clock())

    def guarded(self, work: Callable[[], R]) -> R | AppError:
        """Run work; a refusal or a bug becomes the outcome."""
        try:
            return work()
        except AppError as refusal:
            return refusal
        except DBAPIError as error:
            return self._explain(error) or _incident(error)
        except Exception as error:  # noqa: BLE001 - a bug in one request must not stop the others
            return _incident(error)

    def _judged(self, work: Callable[[], R], *, in_savepoint: bool = False) -> R | AppError:
        """As `guarded`, but a transaction that the database gave up goes to `run` (mssql.md 4).

        After an error of the database only what stands in a savepoint may go on.
        """
        try:
            return work()
        except DBAPIError as error:
            if not in_savepoint or is_passing(error):
                raise
            return self._explain(error) or _incident(error)
        except Exception as error:  # noqa: BLE001 - a bug in one request must not stop the others
            return error if isinstance(error, AppError) else _incident(error)

    def run(self, group: Group) -> None:
        """Decide, write and commit a group; outcomes stand in the group afterwards."""
        steps = self.steps(group)
        error: Exception | None = None
        while (work := advance(steps, error)) is not None:
            error = tried(work)

    def steps(self, group: Group) -> Steps:
        """As `run`, pausing where only a COMMIT is to be waited for.

        Until it is done nobody else may use the ledger's connection.

        Postings that ask for the history of an operation that an earlier one of the group may
        undo follow in a group of their own: what they read must hold what that one wrote.
        """
        yield from self._run_group(group)
        waiting = group.postponed
        while waiting:
            follow = Group(items=[group.items[i] for i in waiting])
            try:
                yield from self._run_group(follow)
            except GroupFailed as failed:
                follow.outcomes = [failed.refusal] * len(follow.items)
                follow.postponed = []
            for i, outcome in zip(waiting, follow.outcomes, strict=True):
                group.outcomes[i] = outcome
            group.take_in(follow)
            waiting = [waiting[i] for i in follow.postponed]

    def _run_group(self, group: Group) -> Steps:
        """One group without its followers.

        A second try holds the writer's row from its beginning, so that it cannot lose the race
        for the end of the chain again.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self._wire.plain_errors():
                    yield from self._run_once(group, is_locked=attempt > 1)
            except DBAPIError as error:
                sent, self._sent = self._sent, None
                self._roll_back(error)
                if sent is not None and self._was_stored(sent, group, error):
                    return
                if (yield from self._is_settled(group, error, attempt)):
                    return
            except Exception as error:
                self._roll_back(error)
                raise GroupFailed(_incident(error)) from error
            else:
                return

    def _is_settled(
        self, group: Group, error: DBAPIError, attempt: int
    ) -> Generator[Callable[[], None], None, bool]:
        """Whether the group ended some other way; False when it is to be decided anew."""
        group.replays += 1
        if isinstance(error, IntegrityError):
            log.warning("group decided anew after a key was taken", error=str(error.orig))
            if attempt > 1 and len(group.items) > 1:
                yield from self._run_singly(group)
                return True
            if attempt == TRIES:
                raise GroupFailed(_incident(error)) from error
            return False
        told = self._explain(error)
        if told is None or attempt == TRIES:
            raise GroupFailed(told or _incident(error)) from error
        time.sleep(PAUSE_S * attempt)
        return False

    def _was_stored(self, sent: WriterHead, group: Group, error: DBAPIError) -> bool:
        """Whether a COMMIT that ended in an error was one: its last link is in the chain or not.

        A group that only edited leaves no link; if its connection was lost nobody can tell, so it
        is not repeated, and its callers are told that the database is not reachable.
        """
        if not group.operations:
            if is_lost(error):
                raise GroupFailed(refusal(Fault.CONNECTION_LOST)) from error
            return False
        try:
            stored = has_link(self._wire.begin(), sent)
        except DBAPIError as unreachable:
            self._roll_back(unreachable)
            told = self._explain(unreachable) or refusal(Fault.CONNECTION_LOST)
            raise GroupFailed(told) from error
        self._wire.roll_back()
        if stored:
            self._head = sent
            log.warning("a commit was stored though its answer was lost", chain=sent.next_chain_no)
        return stored

    def _run_singly(self, group: Group) -> Steps:
        """Each request as a group of its own, so that one bad row spoils only itself."""
        outcomes = []
        for item in group.items:
            one = Group(items=[item])
            try:
                yield from self._run_group(one)
                outcomes.append(one.outcomes[0])
            except GroupFailed as failed:
                outcomes.append(failed.refusal)
            group.take_in(one)
        group.outcomes = outcomes

    def _roll_back(self, error: BaseException | None) -> None:
        self._head = None
        self._are_rules_stale = True
        self._blocks.forget()
        self._wire.roll_back(error)

    # ------------------------------------------------------------------ one try

    def _run_once(self, group: Group, *, is_locked: bool) -> Steps:
        rules = self.rules
        now = self._clock()
        group.outcomes = [None] * len(group.items)
        group.wrote = False
        group.operations = 0
        group.postponed = []
        self._wire.begin_reading()
        if is_locked:
            self._lock_head(self._wire.begin())
        edits = [i for i, item in enumerate(group.items) if item.edit is not None]
        if edits:
            self._wire.begin()
            for i in edits:
                group.outcomes[i] = self._run_edit(group.items[i], now)
            group.wrote = True
            group.edits = len(edits)
        book = Book(rules, self.ids, now)
        postings = [(i, item.posting) for i, item in enumerate(group.items) if item.posting]
        if postings:
            # before the facts: who posts after this moment takes the number we are about to use
            self._head = self._head or self._load_head(self._connection)
            self._decide(group, postings, book)
        yield from self._commit(group, book, now)

    def _run_edit(self, item: Item, now: datetime) -> Any:
        edit = item.edit
        if edit is None:
            return None
        savepoint = self._connection.begin_nested()
        outcome = self._judged(lambda: edit(self._connection, now), in_savepoint=True)
        if isinstance(outcome, AppError):
            savepoint.rollback()
            self._blocks.forget()
        else:
            savepoint.commit()
        return outcome

    def _decide(self, group: Group, postings: list[tuple[int, Posting[Any]]], book: Book) -> None:
        cursor = self._wire.cursor()
        facts = Facts()
        wants = Wants()
        ready = []
        for i, posting in postings:
            asked = self._judged(posting.wants)
            if isinstance(asked, AppError):
                group.outcomes[i] = asked
                continue
            wants.add(asked)
            ready.append((i, posting))
        self._reader.read(cursor, wants, facts, book)
        second = Wants()
        deciding = []
        for i, posting in ready:
            asked = self._judged(lambda posting=posting: posting.more(facts, book))  # type: ignore[misc]
            if isinstance(asked, AppError):
                group.outcomes[i] = asked
            elif asked.histories and not asked.histories.isdisjoint(second.histories):
                group.postponed.append(i)
            else:
                second.add(asked)
                deciding.append((i, posting))
        if not second.is_empty():
            self._reader.read(cursor, second, facts, book)
        for i, posting in deciding:
            group.outcomes[i] = self._decide_one(posting, facts, book)

    def _decide_one(self, posting: Posting[Any], facts: Facts, book: Book) -> Any:
        mark = book.mark()
        outcome = self._judged(lambda: posting.decide(facts, book))
        if isinstance(outcome, AppError):
            book.rewind(mark)
        return outcome

    def _commit(self, group: Group, book: Book, now: datetime) -> Steps:
        head = self._head
        if (book.rows.operations or book.renewed) and head is not None:
            group.wrote, group.operations = True, len(book.rows.operations)
            group.booked, group.remarks = book.rows.operations, book.rows.remarks
            self._wire.begin()
            head = seal_rows(book.rows, head)
            self._writer.write(self._wire.cursor(), book, head, now)
        self._sent = (head or NO_LINK) if group.wrote else None
        if group.wrote:
            yield self._wire.end
        else:
            self._wire.end()
        self._sent = None
        self._head = head


def _incident(error: BaseException | None) -> AppError:
    """A bug: the log gets everything, the other side only a number."""
    reference = secrets.token_hex(4).upper()
    log.error("internal error", reference=reference, exc_info=error)
    return AppError(ErrorCode.INTERNAL, ref=reference)
