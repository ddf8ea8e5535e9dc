"""Which booking answers which item of a TransactionsEx call (farcards.md 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from card_server.ledger.records import REVERSAL, Entry, Operation, Purpose
from card_server.receipts.records import (
    BONUS,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    Booked,
    CardCall,
)

KIND_OF: Final[dict[int, int]] = {
    Purpose.PAY: PAYMENT,
    Purpose.TOP_UP: PAYMENT,
    Purpose.DISCOUNT: DISCOUNT,
    Purpose.EARN: BONUS,
    Purpose.SPENT: SPENDING,
}
"""Which item of the request an entry answers."""


def details_of(part: CardCall, operation: Operation, entries: Sequence[Entry]) -> list[Booked]:
    """One line a booking; its place is that of the item with the booking's kind, else 0."""
    places = {line.kind: line.position for line in reversed(part.lines)}
    mine = [entry for entry in entries if entry.operation_id == operation.operation_id]
    return [
        Booked(
            entry_id=entry.entry_id,
            position=places.get(KIND_OF.get(entry.purpose % REVERSAL, -1), 0),
            card=part.card,
            amount=entry.amount,
        )
        for entry in sorted(mine, key=lambda entry: entry.line_no)
    ]
