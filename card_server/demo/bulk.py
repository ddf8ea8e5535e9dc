"""Posts the timeline by the same rules as the server, but from memory and in big batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from card_server.accounts.records import Account
from card_server.composition import load_head, prepare
from card_server.demo.memory import Memory
from card_server.divisions.repository import IdBlocks
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.posting_port import Posting
from card_server.ledger.records import Hold, Lot
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.sealing import seal_rows
from shared.wire.errors import AppError

ENOUGH: Final = 10_000
"""Operations in one writing."""


class Pile(Book):
    """The rows of many groups, to be written at once; or, at the end, the caches they left."""

    def __init__(self, rules: RuleSet, ids: IdBlocks, now: datetime) -> None:
        super().__init__(rules, ids, now)
        self._lots_met: dict[int, Lot] = {}

    def add(self, book: Book) -> None:
        """Put a group's rows on top."""
        for name in book.rows.__slots__:
            found = getattr(book.rows, name)
            if found:
                getattr(self.rows, name).extend(found)
        for lot in book.changed_lots():
            self._lots_met[lot.lot_id] = lot

    def changed_accounts(self) -> Iterable[Account]:
        """Written once, when everything is over."""
        return ()

    def changed_lots(self) -> Iterable[Lot]:
        """Written once, when everything is over; a new lot is written as it stands."""
        return ()

    def older_lots(self) -> Iterator[Lot]:
        """Lots of earlier piles that this one changed."""
        made = {lot.lot_id for lot in self.rows.lots}
        return (lot for number, lot in self._lots_met.items() if number not in made)

    def changed_holds(self) -> Iterable[Hold]:
        """The timeline holds nothing."""
        return ()


class Caches(Book):
    """Accounts and lots as the last group left them."""

    def __init__(self, rules: RuleSet, ids: IdBlocks, now: datetime) -> None:
        super().__init__(rules, ids, now)
        self.accounts: dict[int, Account] = {}
        self.lots: dict[int, Lot] = {}

    def changed_accounts(self) -> Iterable[Account]:
        """Accounts of all groups."""
        return self.accounts.values()

    def changed_lots(self) -> Iterable[Lot]:
        """Lots of all groups that changed after they were written."""
        return sorted(self.lots.values(), key=_lot_id)


def _lot_id(lot: Lot) -> int:
    return lot.lot_id


class BulkPoster:
    """The steps of a group (`ledger.group`) without a SELECT."""

    def __init__(self, connection: Connection, ids: IdBlocks, memory: Memory) -> None:
        self._connection = connection
        self._ids = ids
        self._memory = memory
        self.rules = load_rules(connection)
        connection.rollback()
        self._head = load_head(connection)
        connection.rollback()
        _, self._writer = prepare(connection.dialect)
        self._pile: Pile | None = None
        self._accounts: dict[int, Account] = {}
        self._lots: dict[int, Lot] = {}
        ids.bind(self._begin)

    def _begin(self) -> Connection:
        if not self._connection.in_transaction():
            self._connection.begin()
        return self._connection

    def post(self, now: datetime, postings: Sequence[Posting[Any]]) -> list[Any]:
        """Decide one group; its rows wait for the next writing."""
        book, facts, wants = Book(self.rules, self._ids, now), Facts(), Wants()
        for posting in postings:
            wants.add(posting.wants())
        self._memory.read(wants, facts, book)
        second = Wants()
        for posting in postings:
            second.add(posting.more(facts, book))
        if not second.is_empty():
            second.orders |= wants.orders
            self._memory.read(second, facts, book)
        outcomes = [self._decide(posting, facts, book) for posting in postings]
        if book.rows.operations:
            self._head = seal_rows(book.rows, self._head)
            self._memory.take_over(book)
            if self._pile is None:
                self._pile = Pile(self.rules, self._ids, now)
            self._pile.add(book)
            for account in book.changed_accounts():
                self._accounts[account.account_id] = account
            if len(self._pile.rows.operations) >= ENOUGH:
                self.write(now)
        return outcomes

    @staticmethod
    def _decide(posting: Posting[Any], facts: Facts, book: Book) -> Any:
        mark = book.mark()
        try:
            return posting.decide(facts, book)
        except AppError as refusal:
            book.rewind(mark)
            return refusal

    def write(self, now: datetime) -> None:
        """Write what is piled up and commit."""
        pile, self._pile = self._pile, None
        if pile is not None:
            self._write(pile, now)
            self._lots.update((lot.lot_id, lot) for lot in pile.older_lots())
        if self._connection.in_transaction():
            self._connection.commit()

    def finish(self, now: datetime) -> None:
        """The last pile, and the caches of everything that moved."""
        self.write(now)
        caches = Caches(self.rules, self._ids, now)
        caches.accounts, caches.lots = self._accounts, self._lots
        self._write(caches, now)
        self._connection.commit()

    def _write(self, book: Book, now: datetime) -> None:
        cursor: Any = self._begin().connection.cursor()
        self._writer.write(cursor, book, self._head, now)
