"""One group of requests from reading to commit, on the writer's connection."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, cast

import msgspec
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from card_server.db.hot import Cursor
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, IdSource, Wants
from card_server.ledger.lens import Lens
from card_server.ledger.posting_port import Posting
from card_server.ledger.reading import FactsReader
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.sealing import seal_rows
from card_server.ledger.writing import BookWriter, WriterHead
from shared.wire.errors import AppError, ErrorCode

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
log = structlog.get_logger(__name__)

TRIES: Final = 3
"""How often a group is decided anew after the database refused it for a passing reason."""


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


class Group(msgspec.Struct):
    """The requests of one turn and their outcomes, in the same order."""

    items: list[Item] = msgspec.field(default_factory=list)
    outcomes: list[Any] = msgspec.field(default_factory=list)
    wrote: bool = False
    operations: int = 0
    replays: int = 0


class GroupFailed(Exception):  # noqa: N818 - it is an outcome, told to every caller of the group
    """The database could not take the group; nothing of it was booked."""

    def __init__(self, refusal: AppError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class BlockSource(IdSource, Protocol):
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
        explain: Callable[[DBAPIError], AppError | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self.ids: IdSource = ids
        self._blocks = ids
        self._load_rules = load_rules
        self._load_head = load_head
        self._explain = explain
        self._clock = clock
        ids.bind(self._begin)
        self._head: WriterHead | None = None
        self._rules: RuleSet | None = None

    @property
    def rules(self) -> RuleSet:
        """The dictionaries in force; read again after an edit of them."""
        if self._rules is None:
            self._rules = self._load_rules(self._connection)
            self._connection.rollback()
        return self._rules

    def forget_rules(self) -> None:
        """The next group reads the dictionaries again."""
        self._rules = None

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

    def run(self, group: Group) -> None:
        """Decide, write and commit a group; outcomes stand in the group afterwards."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._wrapped_errors():
                    self._run_once(group)
            except IntegrityError as error:
                self._roll_back()
                group.replays += 1
                log.warning("group decided anew after a key was taken", error=str(error.orig))
                if attempt > 1 and len(group.items) > 1:
                    self._run_singly(group)
                    return
            except DBAPIError as error:
                self._roll_back()
                refusal = self._explain(error)
                if refusal is None or attempt == TRIES:
                    raise GroupFailed(refusal or _incident(error)) from error
                group.replays += 1
                time.sleep(0.02 * attempt)
            except Exception as error:
                self._roll_back()
                raise GroupFailed(_incident(error)) from error
            else:
                return
        raise GroupFailed(_incident(None))

    @contextmanager
    def _wrapped_errors(self) -> Iterator[None]:
        """Errors of the driver's own cursor as SQLAlchemy's, so that one place explains them."""
        dbapi = self._connection.dialect.dbapi
        base = dbapi.Error if dbapi is not None else DBAPIError
        try:
            yield
        except base as error:
            wrapped = DBAPIError.instance(None, None, error, base, dialect=self._connection.dialect)
            raise wrapped from error

    def _run_singly(self, group: Group) -> None:
        """Each request as a group of its own, so that one bad row spoils only itself."""
        outcomes = []
        for item in group.items:
            one = Group(items=[item])
            try:
                self.run(one)
                outcomes.append(one.outcomes[0])
            except GroupFailed as failed:
                outcomes.append(failed.refusal)
            group.wrote = group.wrote or one.wrote
            group.operations += one.operations
        group.outcomes = outcomes

    def _roll_back(self) -> None:
        self._head = None
        self._rules = None
        self._blocks.forget()
        try:
            self._connection.rollback()
        except DBAPIError:
            self._connection.invalidate()

    # ------------------------------------------------------------------ one try

    def _run_once(self, group: Group) -> None:
        rules = self.rules
        now = self._clock()
        group.outcomes = [None] * len(group.items)
        group.wrote = False
        edits = [i for i, item in enumerate(group.items) if item.edit is not None]
        if edits:
            self._begin()
            for i in edits:
                group.outcomes[i] = self._run_edit(group.items[i], now)
            group.wrote = True
        book = Book(rules, self.ids, now)
        postings = [(i, item.posting) for i, item in enumerate(group.items) if item.posting]
        if postings:
            self._decide(group, postings, book)
        self._commit(group, book, now)

    def _begin(self) -> Connection:
        if not self._connection.in_transaction():
            self._connection.begin()
        return self._connection

    def _run_edit(self, item: Item, now: datetime) -> Any:
        edit = item.edit
        if edit is None:
            return None
        savepoint = self._connection.begin_nested()
        outcome = self.guarded(lambda: edit(self._connection, now))
        if isinstance(outcome, AppError):
            savepoint.rollback()
            self._blocks.forget()
        else:
            savepoint.commit()
        return outcome

    def _decide(self, group: Group, postings: list[tuple[int, Posting[Any]]], book: Book) -> None:
        cursor = self._cursor()
        facts = Facts()
        wants = Wants()
        ready = []
        for i, posting in postings:
            asked = self.guarded(posting.wants)
            if isinstance(asked, AppError):
                group.outcomes[i] = asked
                continue
            wants.add(asked)
            ready.append((i, posting))
        self._reader.read(cursor, wants, facts, book)
        second = Wants()
        for i, posting in ready:
            asked = self.guarded(lambda posting=posting: posting.more(facts, book))  # type: ignore[misc]
            if isinstance(asked, AppError):
                group.outcomes[i] = asked
            else:
                second.add(asked)
        if not second.is_empty():
            self._reader.read(cursor, second, facts, book)
        for i, posting in ready:
            if group.outcomes[i] is None:
                group.outcomes[i] = self._decide_one(posting, facts, book)

    def _decide_one(self, posting: Posting[Any], facts: Facts, book: Book) -> Any:
        mark = book.mark()
        outcome = self.guarded(lambda: posting.decide(facts, book))
        if isinstance(outcome, AppError):
            book.rewind(mark)
        return outcome

    def _commit(self, group: Group, book: Book, now: datetime) -> None:
        if book.rows.operations:
            group.wrote = True
            group.operations = len(book.rows.operations)
            self._begin()
            head = self._head or self._load_head(self._connection)
            sealed = seal_rows(book.rows, head)
            self._writer.write(self._cursor(), book, sealed, now)
            self._connection.commit()
            self._head = sealed
        elif self._connection.in_transaction():
            self._connection.commit()

    def _cursor(self) -> Cursor:
        return cast("Cursor", self._connection.connection.cursor())


def _incident(error: BaseException | None) -> AppError:
    """A bug: the log gets everything, the other side only a number."""
    reference = secrets.token_hex(4).upper()
    log.error("internal error", reference=reference, exc_info=error)
    return AppError(ErrorCode.INTERNAL, ref=reference)
