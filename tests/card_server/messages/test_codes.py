"""One-time codes in the queue of messages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from card_server.messages import tables
from card_server.messages.codes import EMAIL, CodeMessage, QueuedCodeSender
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.shop import Shop


def message(shop: Shop, **more: object) -> CodeMessage:
    facts = {"auth_code_id": b"\x01" * 16, "code": "40217", "address": "79000000012"}
    return CodeMessage(**{**facts, "not_after": shop.now + timedelta(minutes=3), **more})  # type: ignore[arg-type]


def channel(shop: Shop, kind: int = 1, **more: object) -> None:
    values = {
        "channel_id": kind,
        "name": f"Channel {kind}",
        "kind": kind,
        "provider": "test",
        "settings": "{}",
        "created_at": shop.now,
        "updated_at": shop.now,
    }
    shop.connection.execute(insert(tables.channel).values({**values, **more}))


def test_a_code_waits_in_the_queue_in_the_words_of_its_template(shop: Shop) -> None:
    with shop.connection.begin():
        channel(shop)
        QueuedCodeSender().send(shop.connection, shop.ledger.ids, message(shop), shop.now)
        row = shop.connection.execute(select(tables.message)).one()
    assert (row.kind, row.state, row.channel_id, row.template_id) == (4, 1, 1, 4)
    assert row.body == "Код: 40217"
    assert row.subject == "79000000012"
    assert row.not_after == shop.now + timedelta(minutes=3)


def test_without_a_channel_nothing_is_queued(shop: Shop) -> None:
    with shop.connection.begin():
        channel(shop, is_active=False)
        channel(shop, kind=EMAIL)
        with pytest.raises(AppError) as caught:
            QueuedCodeSender().send(shop.connection, shop.ledger.ids, message(shop), shop.now)
    assert caught.value.code is ErrorCode.CODE_NOT_SENT
    assert shop.count(tables.message) == 0


def test_a_template_that_would_hide_the_code_does_not_count(shop: Shop) -> None:
    template = tables.message_template
    with shop.connection.begin():
        channel(shop)
        shop.connection.execute(
            update(template).where(template.c.template_id == 4).values(body="Здравствуйте!")
        )
        QueuedCodeSender().send(shop.connection, shop.ledger.ids, message(shop), shop.now)
        row = shop.connection.execute(select(tables.message)).one()
    assert (row.template_id, row.body) == (None, "Код: 40217")
