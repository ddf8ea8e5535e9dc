"""What looks wrong in a TransactionsEx call and is booked all the same: notes in the trace."""

from __future__ import annotations

from typing import Final

from card_server.cards.records import Card
from card_server.receipts.records import (
    BONUS,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    CardCall,
)
from card_server.receipts.selling import Till

SIGNS: Final = {PAYMENT: -1, DISCOUNT: -1, BONUS: 1, SPENDING: 1}
"""Signs of a sale by kind (farcards.md 3.2); a return has the opposite ones."""


def note_doubts(till: Till, part: CardCall, card: Card | None, *, returning: bool) -> None:
    """Signs against the table, a card and a PersonID of different holders."""
    for line in part.lines:
        sign = SIGNS.get(line.kind)
        if sign is None or not line.amount or (line.kind == PAYMENT and not returning):
            continue  # a positive payment outside a return is a top-up
        if (line.amount * sign < 0) != returning:
            till.warn("sign contradicts the kind", kind=line.kind, amount=line.amount)
    holder_id = card.holder_id if card is not None else None
    if holder_id is not None and part.person_id not in (0, holder_id):
        till.warn("card and holder differ", card=part.card, person=part.person_id)
