"""What happens to cards: state changes with their events (domain 2.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Protocol

from sqlalchemy import Connection, insert, select, update

from card_server.cards import tables
from card_server.cards.records import (
    CARD_ACTIVE,
    CARD_BLOCKED,
    CARD_INACTIVE,
    CARD_VOIDED,
)
from shared.wire.errors import AppError, ErrorCode

ACTIVATED, DEACTIVATED, BLOCKED, UNBLOCKED = 4, 5, 6, 7
MOVES: Final = {
    (CARD_INACTIVE, CARD_ACTIVE): ACTIVATED,
    (CARD_ACTIVE, CARD_INACTIVE): DEACTIVATED,
    (CARD_ACTIVE, CARD_BLOCKED): BLOCKED,
    (CARD_INACTIVE, CARD_BLOCKED): BLOCKED,
    (CARD_BLOCKED, CARD_ACTIVE): UNBLOCKED,
}
"""Transitions of domain 2.1 that a program may ask for, with the event each leaves."""
NAMES: Final = {1: "active", 2: "inactive", 3: "voided", 4: "blocked"}


class Ids(Protocol):
    """Hands out ids."""

    def take(self, kind: str) -> int:
        """The next id of a kind."""


def set_card_state(
    connection: Connection,
    code: int,
    wanted: int,
    *,
    now: datetime,
    reason: str,
    valid_to: date | None,
    classifier_id: int,
    ids: Ids,
) -> None:
    """Bring a card to a state; one it has already is a success without effect."""
    card = tables.card
    row = connection.execute(
        select(card.c.state, card.c.holder_id).where(card.c.card_code == code)
    ).one_or_none()
    if row is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=code)
    values: dict[str, object] = {}
    if valid_to is not None and wanted == CARD_ACTIVE:
        values["valid_to"] = valid_to
    if row.state != wanted:
        event = MOVES.get((row.state, wanted))
        if event is None or row.state == CARD_VOIDED:
            raise AppError(
                ErrorCode.WRONG_STATE,
                event=NAMES[wanted],
                object=f"{code}",
                state=NAMES[row.state],
            )
        if wanted == CARD_ACTIVE and row.holder_id is None:
            raise AppError(ErrorCode.CARD_UNBOUND, card=code)
        values |= {"state": wanted, "block_reason": reason if wanted == CARD_BLOCKED else None}
        connection.execute(
            insert(tables.card_event).values(
                card_event_id=ids.take("change"),
                card_code=code,
                at=now,
                event=event,
                classifier_id=classifier_id,
                reason=reason if wanted == CARD_BLOCKED else None,
            )
        )
    if values:
        connection.execute(
            update(card)
            .where(card.c.card_code == code)
            .values(**values, updated_at=now, version=card.c.version + 1)
        )
