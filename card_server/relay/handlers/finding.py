"""FindEmail and GetCardImageEx (farcards.md 9, 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select

from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_ACTIVE
from card_server.classifiers.rules import need_right
from card_server.holders import tables as holder_tables
from card_server.holders.rules import EMAIL, PHONE, digits_of, normal_value
from card_server.relay.exchange import Answer
from card_server.relay.farcards_forms import Form
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import Seen, SeenCoupon, TillInquiry
from shared.settings.house import COUNTRY
from shared.wire.errors import AppError, ErrorCode

PHONE_DIGITS: Final = 10
LIVING: Final = 1


def contact_sought(value: str, country: str) -> tuple[str, int] | None:
    """(normal form, class) of what is looked for; None for what is neither e-mail nor phone."""
    if "@" in value:
        return normal_value(value, EMAIL), EMAIL
    if len(digits_of(value)) >= PHONE_DIGITS:
        return normal_value(value, PHONE, country), PHONE
    return None


def find_email(email: str, context: Context, form: Form, done: Done) -> None:
    """The account and first active card behind an e-mail or a phone."""
    need_right(context.classifier, "holder.read")
    country = context.rules.value(COUNTRY)
    sought = contact_sought(email.strip(), country)

    def work(connection: Connection) -> Answer:
        if sought is None:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        account, name, code = _found(connection, *sought)
        return form.found_email(account, code, name)

    context.desk.read(work, _finish("findemail", context, form, done))


def _found(connection: Connection, value: str, contact_class: int) -> tuple[int, str, int]:
    contact, kind = holder_tables.contact, holder_tables.contact_type
    holder, person, card = holder_tables.holder, holder_tables.person, card_tables.card
    rows = connection.execute(
        select(holder.c.holder_id, holder.c.pos_number, person.c.full_name)
        .join(contact, contact.c.holder_id == holder.c.holder_id)
        .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
        .outerjoin(person, person.c.holder_id == holder.c.holder_id)
        .where(
            contact.c.value_norm == value,
            contact.c.deleted_at.is_(None),
            kind.c["class"] == contact_class,
            holder.c.deleted_at.is_(None),
            holder.c.state == LIVING,
        )
        .distinct()
    ).all()
    if not rows:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    if len(rows) > 1:
        raise AppError(ErrorCode.HOLDERS_MANY, count=len(rows))
    code = connection.execute(
        select(card.c.card_code)
        .where(
            card.c.holder_id == rows[0].holder_id,
            card.c.state == CARD_ACTIVE,
            card.c.deleted_at.is_(None),
        )
        .order_by(card.c.card_code)
        .limit(1)
    ).scalar()
    if code is None:
        raise AppError(ErrorCode.CARD_UNBOUND, card="")
    return rows[0].pos_number, rows[0].full_name or "", code


def find_image(code: str, context: Context, form: Form, done: Done, country: str) -> None:
    """The small picture of a card's holder; the card is found as in the card window."""
    need_right(context.classifier, "holder.image")
    look = TillInquiry(code, context.classifier, phone_country=country, coupons=False)
    finish = _finish("getcardimageex", context, form, done)

    def looked(found: Seen | SeenCoupon | AppError) -> None:
        if isinstance(found, AppError):
            finish(found)
            return
        holder_id = found.card.holder_id if isinstance(found, Seen) else None
        if holder_id is None:
            done(form.no_picture(context.language))
            return

        def work(connection: Connection) -> Answer:
            photo = holder_tables.person_photo
            thumb = connection.execute(
                select(photo.c.thumb).where(photo.c.holder_id == holder_id)
            ).scalar()
            if thumb is None:
                return form.no_picture(context.language)
            return Answer(bytes(thumb), content_type="image/jpeg")

        context.desk.read(work, finish)

    context.desk.ask(look, looked)


def _finish(
    function: str, context: Context, form: Form, done: Done
) -> Callable[[Answer | AppError], None]:
    def finish(found: Answer | AppError) -> None:
        if isinstance(found, AppError):
            done(form.refused(function, found, context.language))
        else:
            done(found)

    return finish
