"""Get holder info (crm-xml.md 8.2), and what the actions about holders share."""

from __future__ import annotations

from typing import Any, Final

from card_server.classifiers.rules import need_right
from card_server.ledger.lens import Lens
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.crm_xml_writer import HEAD
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.guest_sessions import Guest
from card_server.relay.handlers.holder_blocks import Asked, asked_of, holder_block, see_holders
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

ONE: Final = 0


def asked_for(envelope: Envelope, context: Context) -> Asked:
    """What is to be shown; checks the rights it needs."""
    asked = asked_of(envelope.root, context)
    asked.check_rights(context)
    return asked


def answering(context: Context, done: Done) -> Any:
    """Takes written blocks, or a refusal, to the caller."""

    def finish(found: str | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
        else:
            done(Answer(f"{HEAD}{found}".encode()))

    return finish


def holder_reply(
    lens: Lens,
    holder_id: int,
    asked: Asked,
    context: Context,
    *,
    attributes: str = "",
    more: str = "",
) -> str:
    """`Holder` as the root of a reply; HOLDER_NOT_FOUND."""
    found = see_holders(lens, [holder_id], asked, context)
    if not found:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    seen, extras = found[ONE]
    root = f' Message_ID="{context.message_id}"{attributes}'
    return holder_block(seen, extras, asked, context, attributes=root, more=more)


def get_holder(envelope: Envelope, context: Context, done: Done) -> None:
    """The block of one holder; a signed-in guest sees only his own."""
    need_right(context.classifier, "holder.read")
    value = envelope.root.text_of("Holder_ID")
    if not value and not envelope.session:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder_ID")
    holder_id = maybe_number(value)
    if value and holder_id is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    asked = asked_for(envelope, context)
    guest = Guest(envelope, context)
    answer = answering(context, done)

    def look(lens: Lens) -> str:
        wanted = guest.holder_id(lens.connection, holder_id, lens.now)
        if wanted is None:
            raise AppError(ErrorCode.FIELD_MISSING, field="Holder_ID")
        return holder_reply(lens, wanted, asked, context)

    def finish(found: str | AppError) -> None:
        answer(found)
        guest.keep()

    context.desk.look(look, finish)
