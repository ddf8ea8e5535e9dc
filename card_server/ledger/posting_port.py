"""What the posting pipeline runs: a posting that asks, asks again, and decides.

`receipts`, the ledger's own manual operations and the jobs make postings; the pipeline
(`posting.py`) reads for a whole group at once, lets each decide in order, seals the hash chain,
writes, commits, and answers when the group is durable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from card_server.ledger.book import Book
    from card_server.ledger.facts import Facts, Wants

R_co = TypeVar("R_co", covariant=True)


class Posting(Protocol, Generic[R_co]):
    """One request to the ledger; `R_co` is the outcome its caller turns into an answer."""

    @property
    def exclusive(self) -> frozenset[str]:
        """Identities that no other posting of the same group may share (order, keys, ext id).

        A second posting with a common identity waits for the next group, so `Facts` read at the
        start of a group never miss what the group itself writes under that identity.
        """
        ...

    def wants(self) -> Wants:
        """First round: what is known from the message alone."""
        ...

    def more(self, facts: Facts, book: Book) -> Wants:
        """Second round: what the first one made known (lots, histories); may be empty."""
        ...

    def decide(self, facts: Facts, book: Book) -> R_co:
        """Pure decision: reads facts, changes the book, returns the outcome.

        A refusal that is to be stored under its key is booked by the posting itself
        (`book.rewind(mark)`, then `book.refuse(...)`) and comes back inside the outcome. An
        `AppError` that escapes leaves nothing behind: the pipeline rewinds the book.
        """
        ...
