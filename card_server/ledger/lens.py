"""A look at holders and cards outside the posting groups: lists, searches, replies of edits.

What a till asks a thousand times a minute looks with its group (`Pipeline.ask`). Everything wider
looks through a lens, on whatever connection it is given: a reader's in a worker thread, so that no
list stands in a cashier's way, or the writer's inside an edit that answers with what it made.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import Connection

from card_server.db.hot import Cursor
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, IdSource
from card_server.ledger.posting_port import Posting
from card_server.ledger.reading import FactsReader
from card_server.ledger.rule_set import RuleSet

R = TypeVar("R")


class Lens:
    """One connection, one moment, one rule set."""

    def __init__(
        self,
        connection: Connection,
        *,
        reader: FactsReader,
        rules: RuleSet,
        ids: IdSource,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.rules = rules
        self.now = now
        self._reader = reader
        self._ids = ids

    def ask(self, inquiry: Posting[R]) -> R:
        """What a posting that only looks finds; AppError as it decides."""
        facts, book = Facts(), Book(self.rules, self._ids, self.now)
        cursor = cast("Cursor", self.connection.connection.cursor())
        self._reader.read(cursor, inquiry.wants(), facts, book)
        second = inquiry.more(facts, book)
        if not second.is_empty():
            self._reader.read(cursor, second, facts, book)
        return inquiry.decide(facts, book)
