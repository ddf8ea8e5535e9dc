"""Get card info and Get cards info (crm-xml.md 8.1)."""

from __future__ import annotations

from typing import Any

from card_server.cards.records import CARD_VOIDED
from card_server.classifiers.rules import need_right
from card_server.classifiers.signing_in import card_of_virtual_code
from card_server.ledger.lens import Lens
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.crm_xml_writer import card, cards
from card_server.relay.exchange import Answer
from card_server.relay.formats import read_flag
from card_server.relay.handlers.account_views import account_block
from card_server.relay.handlers.card_views import card_view
from card_server.relay.handlers.card_window import phone_country
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.holder_blocks import (
    NOTHING_MORE,
    Asked,
    Extras,
    SeenHolder,
    asked_of,
    holder_block,
    read_extras,
)
from card_server.relay.handlers.looking import CardInquiry, Seen
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode


def get_cards(envelope: Envelope, context: Context, done: Done, *, several: bool) -> None:
    """One card, or several of which unknown and voided ones are left out."""
    need_right(context.classifier, "card.read")
    root = envelope.root
    codes = [node.text.strip() for node in root.all("Card_Code") if node.text.strip()]
    if not codes:
        raise AppError(ErrorCode.FIELD_MISSING, field="Card_Code")
    asked = asked_of(root, context)
    if asked.holder:
        need_right(context.classifier, "holder.read")
        asked.check_rights(context)
    if not several:
        codes = codes[:1]

    def finish(found: Any) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
            return
        seen, extras = found if isinstance(found, tuple) else (found, NOTHING_MORE)
        done(written(seen, extras, asked, context, several=several))

    is_virtual = read_flag(root.text_of("Is_Virtual_Card")) is True
    if not asked.wide and not is_virtual:
        context.desk.ask(_inquiry(codes, asked, context, several=several), finish)
        return

    def look(lens: Lens) -> tuple[list[Seen], Extras]:
        shown = [_real_code(lens, code) for code in codes] if is_virtual else codes
        seen = lens.ask(_inquiry(shown, asked, context, several=several))
        ids = {one.card.holder_id for one in seen if one.card.holder_id is not None}
        return seen, read_extras(lens, ids, asked, context) if asked.wide else NOTHING_MORE

    context.desk.look(look, finish)


def _real_code(lens: Lens, shown: str) -> str:
    """The card that a code on a guest's phone stands for; unknown codes stay what they are."""
    found = card_of_virtual_code(lens.connection, shown, lens.now)
    if found is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=shown)
    return str(found)


def _inquiry(codes: list[str], asked: Asked, context: Context, *, several: bool) -> CardInquiry:
    return CardInquiry(
        codes,
        context.classifier,
        contacts="holder_contact" in asked.words,
        counts=asked.holder and asked.counts,
        accounts=asked.holder or asked.accounts,
        skip_unknown=several,
        phone_country=phone_country(context),
    )


def written(
    found: list[Seen], extras: Extras, asked: Asked, context: Context, *, several: bool
) -> Answer:
    """The reply; one voided card is a refusal, among several it is left out."""
    blocks = []
    for seen in found:
        if seen.card.state == CARD_VOIDED:
            if several:
                continue
            error = AppError(ErrorCode.CARD_DELETED, card=seen.card.card_code)
            return Answer(failure(error, context.message_id, context.language), is_error=True)
        inner = _holders(seen, extras, asked, context) if asked.holder else ""
        if asked.accounts:
            inner += account_block(seen.accounts, asked.words, context, asked.filters)
        blocks.append(card(card_view(seen.card, context), inner))
    return Answer(cards(blocks, context.message_id))


def _holders(seen: Seen, extras: Extras, asked: Asked, context: Context) -> str:
    """`Holders` under a card; empty for a card without one."""
    if seen.person is None:
        return "<Holders></Holders>"
    one = SeenHolder(person=seen.person, accounts=seen.accounts)
    block = holder_block(one, extras, asked, context, accounts_inside=False)
    return f"<Holders>{block}</Holders>"
