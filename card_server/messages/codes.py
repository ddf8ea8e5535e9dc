"""One-time codes on their way to a guest: rows of `message`, which the channels then send."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection, insert, select

from card_server.messages import tables
from shared.wire.errors import AppError, ErrorCode

KIND_CODE: Final = 4
"""`message.kind`: mailing, expiry notice, birthday, code, operation notice, level (domain 1.10)."""

STATE_QUEUED: Final = 1
SMS, EMAIL = 1, 2
"""Kinds of channels, as in consent."""

TEMPLATE_NAME: Final = "Код подтверждения"
PLAIN_BODY: Final = "Код: {code}"


class CodeMessage(msgspec.Struct, kw_only=True, frozen=True):
    """A code, whom it goes to, and how long it is worth sending."""

    auth_code_id: bytes
    code: str
    address: str
    channel_kind: int = SMS
    holder_id: int | None = None
    contact_id: int | None = None
    not_after: datetime


class Ids(Protocol):
    """Hands out ids."""

    def take(self, kind: str) -> int:
        """The next id of a kind."""


class QueuedCodeSender:
    """Puts codes in the queue of messages; without an active channel there is no way to send."""

    def send(self, connection: Connection, ids: Ids, message: CodeMessage, now: datetime) -> None:
        """Queue one code; CODE_NOT_SENT without a channel of the right kind."""
        channel = tables.channel
        channel_id = connection.execute(
            select(channel.c.channel_id)
            .where(
                channel.c.kind == message.channel_kind,
                channel.c.is_active,
                channel.c.deleted_at.is_(None),
            )
            .order_by(channel.c.sort_no, channel.c.channel_id)
            .limit(1)
        ).scalar()
        if channel_id is None:
            raise AppError(ErrorCode.CODE_NOT_SENT)
        template_id, body = _template(connection, message.channel_kind)
        connection.execute(
            insert(tables.message).values(
                message_id=ids.take("message"),
                kind=KIND_CODE,
                holder_id=message.holder_id,
                contact_id=message.contact_id,
                channel_id=channel_id,
                template_id=template_id,
                subject=message.address,
                body=body.replace("{code}", message.code),
                not_before=now,
                not_after=message.not_after,
                state=STATE_QUEUED,
                attempts=0,
                queued_at=now,
                dedupe_key=f"code:{message.auth_code_id.hex()}",
            )
        )


def _template(connection: Connection, kind: int) -> tuple[int | None, str]:
    """The template of codes; a body without the field would hide the code, so it does not count."""
    table = tables.message_template
    row = connection.execute(
        select(table.c.template_id, table.c.body)
        .where(
            table.c.name == TEMPLATE_NAME,
            table.c.channel_kind == kind,
            table.c.is_active,
            table.c.deleted_at.is_(None),
        )
        .limit(1)
    ).one_or_none()
    if row is None or "{code}" not in row.body:
        return None, PLAIN_BODY
    return row.template_id, row.body
