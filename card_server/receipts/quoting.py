"""The quote: the computation of a sale without a trace in the books (domain 3.3, I-51)."""

from __future__ import annotations

import msgspec

from card_server.classifiers.records import Classifier
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.receipts.records import CHMODE_SALE, RelayCall, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting


class Throwaway:
    """Ids for rows that are never written: a quote takes no number out of a counter."""

    def __init__(self) -> None:
        self._last = 0

    def take(self, kind: str) -> int:
        """The next number below zero, whatever the kind."""
        del kind
        self._last -= 1
        return self._last


class RelayQuote:
    """What a sale with these lines would book now; needs no key and leaves nothing behind."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, call: RelayCall, classifier: Classifier) -> None:
        self._sale = RelayPosting(
            msgspec.structs.replace(call, chmode=CHMODE_SALE), classifier, None
        )

    def wants(self) -> Wants:
        """What the sale wants, without its keys."""
        wants = self._sale.wants()
        wants.keys = set()
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """What the sale wants."""
        return self._sale.more(facts, book)

    def decide(self, facts: Facts, book: Book) -> RelayOutcome:
        """Decide as for a sale, then take everything back."""
        mark, ids = book.mark(), book.ids
        book.ids = Throwaway()
        try:
            return self._sale.quote(facts, book)
        finally:
            book.rewind(mark)
            book.ids = ids
