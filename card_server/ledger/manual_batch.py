"""Many postings by hand as one: a job books a page of them in one group, each under its own key.

Each keeps its own outcome; a refusal of one leaves the others as they are.
"""

from __future__ import annotations

import msgspec

from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.manual_base import Manual, ManualOutcome
from shared.wire.errors import AppError


class ManualBatch(msgspec.Struct, kw_only=True, frozen=True):
    """Postings that do not stand in each other's way: other accounts, other operations.

    The answer is a list in their order: the outcome, or the refusal that is not stored.
    """

    postings: tuple[Manual, ...]

    @property
    def exclusive(self) -> frozenset[str]:
        """Those of each."""
        return frozenset().union(*(posting.exclusive for posting in self.postings))

    def wants(self) -> Wants:
        """What each names."""
        wants = Wants()
        for posting in self.postings:
            wants.add(posting.wants())
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """What each needs."""
        wants = Wants()
        for posting in self.postings:
            wants.add(posting.more(facts, book))
        return wants

    def decide(self, facts: Facts, book: Book) -> list[ManualOutcome | AppError]:
        """One after the other."""
        outcomes: list[ManualOutcome | AppError] = []
        for posting in self.postings:
            mark = book.mark()
            try:
                outcomes.append(posting.decide(facts, book))
            except AppError as refusal:
                book.rewind(mark)
                outcomes.append(refusal)
        return outcomes


def refusal_of(outcome: ManualOutcome | AppError) -> AppError | None:
    """Why one of them was not booked."""
    return outcome if isinstance(outcome, AppError) else outcome.error
