"""What happens to cards: state changes with their events (domain 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import insert

from card_server.cards import tables
from card_server.cards.records import (
    CARD_ACTIVE,
    CARD_BLOCKED,
    CARD_INACTIVE,
)
from card_server.cards.repository import find_card_row, range_of
from card_server.holders.workbench import Workbench
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
EVENTS: Final = {1: "Card active", 2: "Card inactive", 4: "Card block"}
STATES: Final = {1: "Active", 2: "Inactive", 3: "Deleted", 4: "Blocked"}
"""As programs write them: the same word in every language."""


def set_card_state(
    bench: Workbench,
    code: int,
    wanted: int,
    *,
    reason: str,
    valid_to: date | None,
    held: AppError | None = None,
) -> None:
    """Bring a card to a state; one it has already is a success without effect.

    `held` is the refusal for a card with an open hold on it, which cannot be put to rest. An
    active card gets `valid_to` if one is given, whether it was active before or not.
    """
    row = find_card_row(bench.connection, code)
    if row is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=code)
    if row["deleted_at"] is not None:
        raise AppError(ErrorCode.CARD_DELETED, card=code, code=code)
    changes: dict[str, object] = {}
    if valid_to is not None and wanted == CARD_ACTIVE:
        changes["valid_to"] = valid_to
    event = MOVES.get((row["state"], wanted))
    if row["state"] != wanted:
        if event is None:
            raise AppError(
                ErrorCode.WRONG_STATE,
                event=EVENTS[wanted],
                object=f"{code}",
                state=STATES[row["state"]],
            )
        _check_move(bench, row, wanted, held)
        changes |= {"state": wanted, "block_reason": reason if wanted == CARD_BLOCKED else None}
    if changes:
        bench.log.edit(tables.card, {"card_code": code}, changes)
    if event is not None and row["state"] != wanted:
        leave_event(bench, code, event, reason=reason if wanted == CARD_BLOCKED else None)


def _check_move(
    bench: Workbench, row: Mapping[str, Any], wanted: int, held: AppError | None
) -> None:
    if wanted == CARD_INACTIVE and held is not None:
        raise held
    if wanted == CARD_ACTIVE and row["holder_id"] is None:
        span = range_of(bench.connection, row["card_code"])
        if span is None or not span["make_anonymous"]:
            raise AppError(ErrorCode.CARD_UNBOUND, card=row["card_code"])


def leave_event(bench: Workbench, code: int, event: int, **values: Any) -> None:
    """A row of card_event: what happened to a card, by whom, when."""
    bench.connection.execute(
        insert(tables.card_event).values(
            card_event_id=bench.ids.take("change"),
            card_code=code,
            at=bench.now,
            event=event,
            user_id=bench.user_id,
            classifier_id=bench.classifier_id,
            unit_id=bench.unit_id,
            **values,
        )
    )
