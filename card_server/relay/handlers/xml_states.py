"""State actions: cards and accounts become active, inactive, blocked (crm-xml.md 8.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from card_server.accounts.service import set_account_state
from card_server.cards.service import set_card_state
from card_server.classifiers.rules import need_right
from card_server.ledger.hold_reading import hold_on_card
from card_server.relay.crm_xml_holder_reader import ENDLESS
from card_server.relay.crm_xml_reader import Envelope, needed
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number, read_date
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.enrolling import workbench
from card_server.relay.texts import done as done_document
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import parse_account_number

DEFAULT_REASON = "Заблокировано через API"


def _finish(context: Context, done: Done) -> Any:
    def finish(outcome: AppError | None) -> None:
        if isinstance(outcome, AppError):
            done(Answer(failure(outcome, context.message_id, context.language), is_error=True))
        else:
            done(Answer(done_document(context.message_id)))

    return finish


def card_state(envelope: Envelope, context: Context, done: Done, *, wanted: int) -> None:
    """Card active, Card inactive, Card block."""
    need_right(context.classifier, "card.state")
    text = needed(envelope.root, "Card_Code")
    code = maybe_number(text)
    if code is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=text)
    reason = envelope.root.text_of("Remarks").strip()[:255] or DEFAULT_REASON
    expired = envelope.root.text_of("Expired")
    try:
        until = read_date(expired)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field="Expired", value=expired) from error

    def work(connection: Connection, now: datetime) -> None:
        set_card_state(
            workbench(context, connection, now),
            code,
            wanted,
            reason=reason,
            valid_to=None if until == ENDLESS else until,
            held=hold_on_card(connection, code, context.rules, now),
        )

    context.desk.edit(work, _finish(context, done))


def account_state(envelope: Envelope, context: Context, done: Done, *, wanted: int) -> None:
    """Account block, Account active."""
    need_right(context.classifier, "account.block")
    text = needed(envelope.root, "Account_Number")
    parsed = parse_account_number(text)
    number = parsed if parsed is not None else maybe_number(text)
    if number is None:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=text, number=text)
    reason = envelope.root.text_of("Remarks").strip()[:255] or DEFAULT_REASON

    def work(connection: Connection, now: datetime) -> None:
        set_account_state(
            workbench(context, connection, now),
            number,
            wanted,
            reason=reason,
            shown=text,
            types=context.rules.account_types,
        )

    context.desk.edit(work, _finish(context, done))
