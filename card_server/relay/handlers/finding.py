"""FindEmail and GetCardImageEx (farcards.md 9, 10)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from card_server.cards import tables as card_tables
from card_server.classifiers.rules import need_right
from card_server.holders import tables as holder_tables
from card_server.relay.exchange import Answer
from card_server.relay.farcards_reader import read_card_query
from card_server.relay.farcards_writer import found_email, refused
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context, Done
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode

PHONE_DIGITS = 10


def normal_contact(value: str) -> str:
    """A contact as it is compared: e-mail in lower case, a phone by its digits (8 is 7)."""
    plain = value.strip()
    if "@" in plain:
        return plain.lower()
    digits = "".join(c for c in plain if c.isascii() and c.isdigit())
    if len(digits) == PHONE_DIGITS + 1 and digits.startswith("8"):
        digits = "7" + digits[1:]
    return digits


def find_email(root: Node, context: Context, done: Done) -> None:
    """The account and first active card behind an e-mail or a phone."""
    need_right(context.classifier, "holder.read")
    query = root.child("qry") or root
    wanted = normal_contact(query.get("email"))

    def work(connection: Connection) -> bytes:
        contact, holder = holder_tables.contact, holder_tables.holder
        person, card = holder_tables.person, card_tables.card
        rows = connection.execute(
            select(holder.c.holder_id, holder.c.pos_number, person.c.full_name)
            .join(contact, contact.c.holder_id == holder.c.holder_id)
            .outerjoin(person, person.c.holder_id == holder.c.holder_id)
            .where(contact.c.value_norm == wanted, contact.c.deleted_at.is_(None))
            .where(holder.c.deleted_at.is_(None))
            .distinct()
        ).all()
        if not rows or not wanted:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        if len(rows) > 1:
            raise AppError(ErrorCode.HOLDERS_MANY, count=len(rows))
        code = connection.execute(
            select(card.c.card_code)
            .where(card.c.holder_id == rows[0].holder_id, card.c.state == 1)
            .order_by(card.c.card_code)
            .limit(1)
        ).scalar()
        if code is None:
            raise AppError(ErrorCode.CARD_UNBOUND, card="")
        return found_email(rows[0].pos_number, code, rows[0].full_name or "")

    context.desk.read(work, _finish("findemail", context, done))


def find_image(root: Node, context: Context, done: Done) -> None:
    """The small picture of a card's holder."""
    need_right(context.classifier, "holder.image")
    query = read_card_query(root)
    code = maybe_number(query.card)

    def work(connection: Connection) -> Answer:
        card, photo = card_tables.card, holder_tables.person_photo
        holder_id = connection.execute(
            select(card.c.holder_id).where(card.c.card_code == (code or -1))
        ).scalar()
        thumb = connection.execute(
            select(photo.c.thumb).where(photo.c.holder_id == (holder_id or -1))
        ).scalar()
        if thumb is None:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        return Answer(bytes(thumb), content_type="image/jpeg")

    context.desk.read(work, _finish("getcardimageex", context, done))


def _finish(function: str, context: Context, done: Done) -> Any:
    def finish(found: bytes | Answer | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(refused(function, found, context.language)))
        else:
            done(found if isinstance(found, Answer) else Answer(found))

    return finish
