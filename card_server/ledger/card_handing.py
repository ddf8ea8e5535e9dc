"""A card for a holder with its start bonus: the card first, then the booking, each once (1.4).

The card is made by an edit that keeps its answer under the command's operation id; the bonus has
a key made of the same id. A repeat after any interruption books what is missing and nothing twice.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from card_server.cards.batch_plan import notice
from card_server.cards.handing import Handed, hand_card
from card_server.db.change_log import ChangeLog, Editor
from card_server.db.idempotency import fingerprint_of, keep_answer, stored_answer
from card_server.http.routes import Editing, Flow, Ids
from card_server.ledger.manual import DirectCredit, Header
from shared.wire import card_batches as wire


def issue_card(asked: wire.IssueCard, flow: Flow) -> wire.CardIssued:
    """Make the card, book its bonus, tell both."""
    handed = flow.desk.edit(lambda connection, now, ids: _hand(asked, flow, connection, now, ids))
    if not handed.start_bonus or handed.bonus_type_id is None:
        return wire.CardIssued(card_code=handed.card_code, start_bonus=0, booked_id=None)
    outcome = flow.desk.book(
        DirectCredit(
            header=Header(
                key=f"issue-card:{asked.operation_id}",
                division_id=handed.division_id,
                user_id=flow.actor.user_id,
                card_code=handed.card_code,
            ),
            holder_id=asked.holder_id,
            account_type_id=handed.bonus_type_id,
            amount=handed.start_bonus,
        )
    )
    if outcome.error is not None:
        why = notice(outcome.error)
        return wire.CardIssued(
            card_code=handed.card_code, start_bonus=0, booked_id=None, notices=[why]
        )
    return wire.CardIssued(
        card_code=handed.card_code,
        start_bonus=handed.start_bonus,
        booked_id=outcome.operation_id,
    )


def _hand(
    asked: wire.IssueCard, flow: Flow, connection: Connection, now: datetime, ids: Ids
) -> Handed:
    """The card of this command: made now, or the one that its first sending made."""
    actor, name = flow.actor, type(asked).__name__
    fingerprint = fingerprint_of(name, msgspec.json.encode(asked))
    known = stored_answer(connection, asked.operation_id, actor.user_id, fingerprint)
    if known is not None:
        return msgspec.json.decode(known, type=Handed)
    editor = Editor(
        user_id=actor.user_id,
        host=actor.host[:60] or None,
        application=actor.application[:30] or None,
    )
    log = ChangeLog(connection, ids, editor, now)
    handed = hand_card(
        asked, Editing(connection=connection, actor=actor, now=now, ids=ids, log=log)
    )
    keep_answer(
        connection,
        asked.operation_id,
        actor.user_id,
        fingerprint,
        request=name,
        reply=msgspec.json.encode(handed),
        now=now,
    )
    return handed
