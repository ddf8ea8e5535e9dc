"""Add holders and Edit holders (crm-xml.md 8.3, 8.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from card_server.cards.enrolling import GuestWish
from card_server.classifiers.rules import need_right
from card_server.holders.repository import holders_by_contact, holders_by_external_code
from card_server.holders.rules import PHONE, normal_phone
from card_server.ledger.lens import Lens
from card_server.relay.crm_xml_holder_reader import (
    HolderKey,
    guest_nodes,
    picture_text,
    read_guest,
    read_key,
)
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.enrolling import enrolling, prepared
from card_server.relay.handlers.guest_sessions import Guest
from card_server.relay.handlers.holder_blocks import Asked, holder_block, see_holders
from card_server.relay.handlers.xml_holders import answering, asked_for, holder_reply
from shared.settings.house import COUNTRY
from shared.wire.errors import AppError, ErrorCode

Prepared = list[tuple[GuestWish, str]]
ONE: Final = 1


def add_holders(envelope: Envelope, context: Context, done: Done) -> None:
    """One or several new guests, all of them or none."""
    need_right(context.classifier, "holder.add")
    nodes = guest_nodes(envelope.root)
    if not nodes:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder")
    limit = context.limits.holder_items
    if len(nodes) > limit:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(nodes), limit=limit)
    asked = asked_for(envelope, context)
    wishes: Prepared = [(read_guest(node, parts), picture_text(node)) for node, parts in nodes]
    answer = answering(context, done)

    def work(connection: Connection, now: datetime) -> str:
        with enrolling(context, connection, now) as desk:
            ids = [desk.add(wish) for wish, _ in wishes]
        lens = context.desk.lens(connection, context.rules)
        if len(ids) == ONE:
            return holder_reply(lens, ids[0], asked, context)
        return _several(lens, ids, asked, context)

    prepared(context, wishes, lambda: context.desk.edit(work, answer), answer)


def _several(lens: Lens, ids: list[int], asked: Asked, context: Context) -> str:
    """`Holders` around the blocks, in the order of the request."""
    found = see_holders(lens, ids, asked, context)
    blocks = "".join(holder_block(seen, extras, asked, context) for seen, extras in found)
    return f'<Holders Message_ID="{context.message_id}">{blocks}</Holders>'


def edit_holders(envelope: Envelope, context: Context, done: Done) -> None:
    """Change a guest found by id, phone or outside code; with a key alone only find him (R33)."""
    need_right(context.classifier, "holder.read")
    nodes = guest_nodes(envelope.root)
    if not nodes:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder")
    node, parts = nodes[0]
    key = read_key(node)
    if key is None and not envelope.session:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder_ID")
    asked = asked_for(envelope, context)
    wishes: Prepared = [(read_guest(node, parts, key), picture_text(node))]
    wish, picture = wishes[0]
    guest = Guest(envelope, context)
    answer = answering(context, done)

    def finish(found: str | AppError) -> None:
        answer(found)
        guest.keep()

    if not wish.changes_something and not picture:

        def look(lens: Lens) -> str:
            holder_id = _found(lens.connection, key, guest, context, lens.now)
            return holder_reply(lens, holder_id, asked, context)

        context.desk.look(look, finish)
        return
    need_right(context.classifier, "holder.write")

    def work(connection: Connection, now: datetime) -> str:
        holder_id = _found(connection, key, guest, context, now)
        with enrolling(context, connection, now) as desk:
            living = desk.edit(holder_id, wish)
        lens = context.desk.lens(connection, context.rules)
        return holder_reply(lens, living, asked, context)

    prepared(context, wishes, lambda: context.desk.edit(work, finish), answer)


def _found(
    connection: Connection, key: HolderKey | None, guest: Guest, context: Context, now: datetime
) -> int:
    """The one holder behind a key, or the signed-in guest; HOLDER_NOT_FOUND, HOLDERS_MANY."""
    wanted = None if key is None else find_holder(connection, key, context)
    holder_id = guest.holder_id(connection, wanted, now)
    if holder_id is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    return holder_id


def find_holder(connection: Connection, key: HolderKey, context: Context) -> int:
    """The one holder behind a key."""
    if key.holder_id is not None:
        return key.holder_id
    if key.phone:
        country = context.value(COUNTRY)
        norm = normal_phone(key.phone, country)
        found = holders_by_contact(connection, norm, PHONE) if norm else []
    else:
        found = holders_by_external_code(connection, key.external_code)
    if not found:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    if len(found) > ONE:
        raise AppError(ErrorCode.HOLDERS_MANY, count=len(found))
    return found[0]
