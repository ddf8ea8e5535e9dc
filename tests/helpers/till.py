"""A till for tests: bytes to bytes through the real dispatch, pipeline and database, no sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree as ET

from sqlalchemy import delete, insert

from card_server.classifiers import tables as classifier_tables
from card_server.db.engine import DatabaseAddress, make_engine
from card_server.divisions.repository import bump_rules_version, set_setting
from card_server.ledger.durability import InlineDurability
from card_server.ledger.posting import Pipeline
from card_server.relay.dispatch import Dispatch
from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.limits import Limits
from tests.helpers.shop import CODE, Shop

ALL_RIGHTS = [
    "card.read",
    "holder.read",
    "holder.search",
    "holder.add",
    "holder.write",
    "card.state",
    "card.issue",
    "account.block",
    "txn.write",
    "txn.read",
    "txn.read_all",
    "coupon.read",
    "coupon.issue",
    "coupon.use",
    "login",
    "person.full",
    "holder.image",
    "relay",
    "dict.read",
    "quote",
    "hold",
]
PATIENCE_S = 20.0


class Till:
    """What a program at the relay port does, with the shop behind it in process."""

    def __init__(
        self, shop: Shop, dispatch: Dispatch, pipeline: Pipeline, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.shop = shop
        self.dispatch = dispatch
        self.pipeline = pipeline
        self.loop = loop
        self.peer = "127.0.0.1"

    # ------------------------------------------------------------------ asking

    def xml(self, body: str | bytes, transport: Transport = Transport.HTTP) -> bytes:
        """One message of the XML API; gives back the reply's bytes."""
        return self.answer(body, transport=transport).body

    def farcards(
        self, function: str, body: str | bytes, query: dict[str, str] | None = None
    ) -> bytes:
        """One Farcards function, called as the till's module calls it."""
        return self.answer(body, path=(function,), query={"qualifier": CODE, **(query or {})}).body

    def answer(
        self,
        body: str | bytes,
        *,
        path: tuple[str, ...] = (),
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        transport: Transport = Transport.HTTP,
        message_id: str = "0",
    ) -> Answer:
        """Send one call and wait for its answer."""
        call = Call(
            body=body.encode() if isinstance(body, str) else body,
            transport=transport,
            path_segments=path,
            query=query or {},
            headers=headers or {},
            message_id=message_id,
            peer=self.peer,
            received_at=self.loop.time(),
        )
        return self._wait(lambda done: self.dispatch.submit(call, done))

    def _wait(self, ask: Callable[[Callable[[Answer], None]], None]) -> Answer:
        async def wait() -> Answer:
            future: asyncio.Future[Answer] = self.loop.create_future()
            ask(lambda answer: None if future.done() else future.set_result(answer))
            return await asyncio.wait_for(future, PATIENCE_S)

        return self.loop.run_until_complete(wait())

    def act(self, action: str, inner: str = "", **attributes: str) -> ET.Element:
        """An action of the XML API by its name and children; gives back the reply's root."""
        given = {"Terminal_Type": CODE, **attributes}
        names = "".join(f' {name}="{value}"' for name, value in given.items())
        message = f'<Message Action="{action}"{names}>{inner}</Message>'
        return ET.fromstring(self.xml(message))  # noqa: S314 - our own reply

    def refusal(self, action: str, inner: str = "", **attributes: str) -> str:
        """The wire code of an action that must be refused."""
        root = self.act(action, inner, **attributes)
        assert root.tag == "Data", ET.tostring(root, "unicode")
        return root.get("ErrorCode", "")

    # ------------------------------------------------------------------ set-up

    def allow(self, *rights: str) -> None:
        """Give the shop's classifier exactly these rights; none named: all of them."""
        table = classifier_tables.classifier_right
        shop = self.shop
        with shop.connection.begin():
            shop.connection.execute(
                delete(table).where(table.c.classifier_id == shop.classifier_id)
            )
            shop.connection.execute(
                insert(table),
                [
                    {"classifier_id": shop.classifier_id, "right_code": right}
                    for right in rights or ALL_RIGHTS
                ],
            )
            bump_rules_version(shop.connection, shop.now)
        shop.ledger.forget_rules()

    def set_setting(self, key: str, value: str) -> None:
        """A setting at system scope."""
        with self.shop.connection.begin():
            set_setting(self.shop.connection, key, value, self.shop.now)
            bump_rules_version(self.shop.connection, self.shop.now)
        self.shop.ledger.forget_rules()

    def forbid(self, *rights: str) -> None:
        """Give the shop's classifier all rights but these."""
        self.allow(*(right for right in ALL_RIGHTS if right not in rights))


@contextmanager
def open_till(shop: Shop, address: DatabaseAddress, **parts: Any) -> Iterator[Till]:
    """A till of the shop; `parts` are passed to the dispatch."""
    loop = asyncio.new_event_loop()
    reader_engine = make_engine(address, read_only=True)
    readers = ThreadPoolExecutor(1, "reader")
    pipeline = Pipeline(
        shop.ledger,
        loop=loop,
        durability=InlineDurability(),
        readers=readers,
        read_connection=reader_engine.connect,
    )
    till = Till(shop, Dispatch(pipeline, Limits(), loop, **parts), pipeline, loop)
    till.allow()
    yield till
    loop.run_until_complete(pipeline.drain())
    readers.shutdown()
    reader_engine.dispose()
    loop.close()
