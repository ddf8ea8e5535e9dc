"""Properties and PIN of a card (domain 1.3, 1.4)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import update

from card_server.cards import tables
from card_server.cards.card_reading import card_row
from card_server.cards.records import CARD_VOIDED
from card_server.cards.service import STATES
from card_server.cards.states import leave_event
from card_server.db.editing import row_of
from card_server.holders.properties import OWNER_CARD, write_properties
from card_server.http.routes import Editing
from card_server.users.passwords import hash_password
from shared.wire import cards
from shared.wire import details as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

PIN_SET: Final = 11
PIN_DIGITS: Final = 4
DIGITS: Final = frozenset("0123456789")


def hash_of_pin(asked: wire.SetCardPin) -> str | None:
    """The hash to be kept; made before the transaction begins, since it takes its time."""
    if not asked.pin:
        return None
    if len(asked.pin) != PIN_DIGITS or not DIGITS.issuperset(asked.pin):
        raise AppError(ErrorCode.FIELD_BAD, field="pin", value="*" * min(len(asked.pin), 20))
    return hash_password(asked.pin)


def set_pin(asked: wire.SetCardPin, editing: Editing) -> Done:
    """A new PIN or none; the wrong tries so far are forgotten."""
    _living(asked, editing, "Set PIN")
    key = {"card_code": asked.card_code}
    changes = {"pin_hash": editing.prepared, "pin_fails": 0}
    editing.log.edit(tables.card, key, changes, expected_version=asked.version)
    leave_event(editing, asked.card_code, PIN_SET)
    return Done(version=row_of(editing.connection, tables.card, key).version)


def set_card_properties(asked: wire.SetCardProperties, editing: Editing) -> Done:
    """Set or take away properties of a card of the user's divisions."""
    _living(asked, editing, "Set properties")
    card, key = tables.card, {"card_code": asked.card_code}
    editing.log.edit(card, key, {}, expected_version=asked.version)
    if write_properties(editing, OWNER_CARD, asked.card_code, asked.properties):
        editing.connection.execute(
            update(card)
            .where(card.c.card_code == asked.card_code)
            .values(version=card.c.version + 1, updated_at=editing.now)
        )
    return Done(version=row_of(editing.connection, card, key).version)


def _living(asked: cards.CardCommand, editing: Editing, event: str) -> Any:
    row = card_row(editing.connection, editing.actor, asked.card_code)
    if row.state == CARD_VOIDED:
        raise AppError(
            ErrorCode.WRONG_STATE,
            event=event,
            object=f"{row.card_code}",
            state=STATES[row.state],
        )
    return row
