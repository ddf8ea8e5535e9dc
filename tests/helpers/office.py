"""A back office for tests: the management side over the shop's real ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar
from zlib import crc32

import msgspec
from sqlalchemy import delete, insert, update

from card_server.db.engine import DatabaseAddress, make_engine
from card_server.http.app import ManagementServer
from card_server.http.change_feed import ChangeFeed
from card_server.http.desk import PipelineDesk, Readers
from card_server.http.dispatch import Asked, Dispatcher, Replied
from card_server.ledger.durability import InlineDurability
from card_server.ledger.posting import Pipeline
from card_server.management import make_dispatcher
from card_server.users import tables
from card_server.users.passwords import hash_password
from shared.client.client import Client, Refused, new_operation_id
from shared.client.connection import Server
from shared.wire.base import Problem, Request, reply_type
from shared.wire.errors import AppError
from shared.wire.rights import RIGHTS
from shared.wire.users import SignedIn, SignIn
from tests.helpers.shop import Shop

R = TypeVar("R")
PASSWORD = "a-long-enough-password"
HASHED = hash_password(PASSWORD)
ADMINISTRATOR = "Администратор"


class Office:
    """The management side of a shop; `ask` goes through the dispatcher, `client` over loopback."""

    def __init__(
        self,
        shop: Shop,
        pipeline: Pipeline,
        loop: asyncio.AbstractEventLoop,
        readers: Readers,
    ) -> None:
        self.shop = shop
        self.pipeline = pipeline
        self.desk = PipelineDesk(pipeline, loop, readers)
        self.feed = ChangeFeed(self.desk)
        pipeline.follow(self.feed)
        self.dispatcher: Dispatcher = make_dispatcher(self.desk, lambda: shop.now)
        self.token = ""
        self._server: ManagementServer | None = None
        self._port = 0
        self._clients: list[Client] = []

    # ------------------------------------------------------------------ asking

    def send(self, name: str, body: bytes = b"{}", token: str | None = None) -> Replied:
        """A request by its name and bytes."""
        mine = self.token if token is None else token
        return self.dispatcher.answer(Asked(name=name, body=body, token=mine, host="10.0.0.7"))

    def ask(self, request: Request[R], token: str | None = None) -> R:
        """The reply to a request; raises its refusal."""
        replied = self.send(type(request).__name__, msgspec.json.encode(request), token)
        if replied.status != 200:
            raise self.refusal_of(replied)
        reply: R = msgspec.json.decode(replied.body, type=reply_type(type(request)))
        return reply

    @staticmethod
    def refusal_of(replied: Replied) -> AppError:
        """The refusal in a reply."""
        return Refused(msgspec.json.decode(replied.body, type=Problem), replied.status)

    def refused(self, request: Request[Any], token: str | None = None) -> str:
        """The code of a request that must be refused."""
        replied = self.send(type(request).__name__, msgspec.json.encode(request), token)
        assert replied.status != 200, replied.body
        return str(self.refusal_of(replied))

    # ------------------------------------------------------------------ people

    def sign_in(self, login: str = ADMINISTRATOR, password: str = PASSWORD) -> str:
        """A session; returns its token and keeps it for `ask`."""
        signed: SignedIn = self.ask(SignIn(login=login, password=password, application="test"), "")
        self.token = signed.token
        return signed.token

    def reset_administrator(self) -> None:
        """The administrator's password is the known one, whatever happened to it."""
        user, totp = tables.user, tables.user_totp
        with self.shop.connection.begin():
            self.shop.connection.execute(
                update(user)
                .where(user.c.user_id == 1)
                .values(
                    login=ADMINISTRATOR,
                    password_hash=HASHED,
                    must_change=False,
                    is_blocked=False,
                    expires_on=None,
                    locked_until=None,
                )
            )
            self.shop.connection.execute(delete(totp).where(totp.c.user_id == 1))

    def add_user(
        self,
        login: str,
        *rights: str,
        divisions: tuple[int, ...] | None = None,
        amount_limit: int | None = None,
    ) -> int:
        """A user with a role of just these rights."""
        now = self.shop.now
        std = {"created_at": now, "updated_at": now}
        with self.shop.connection.begin():
            connection = self.shop.connection
            number = number_of(login)
            connection.execute(
                insert(tables.user).values(
                    user_id=number,
                    login=login,
                    full_name=login,
                    password_hash=HASHED,
                    must_change=False,
                    all_divisions=divisions is None,
                    **std,
                )
            )
            connection.execute(
                insert(tables.role).values(
                    role_id=number, name=login, amount_limit=amount_limit, **std
                )
            )
            connection.execute(insert(tables.user_role).values(user_id=number, role_id=number))
            for right in rights:
                connection.execute(
                    insert(tables.role_right).values(role_id=number, right_code=right)
                )
            for division_id in divisions or ():
                connection.execute(
                    insert(tables.user_division).values(user_id=number, division_id=division_id)
                )
        return number

    def take_right(self, login: str, right: str) -> None:
        """Take a right away from a user made by `add_user`."""
        number = number_of(login)
        table = tables.role_right
        with self.shop.connection.begin():
            self.shop.connection.execute(
                delete(table).where(table.c.role_id == number, table.c.right_code == right)
            )

    def everyone_but(self, right: str) -> tuple[str, ...]:
        """All rights save one, for the test that lacks it."""
        return tuple(one for one in RIGHTS if one != right)

    # ------------------------------------------------------------------ sockets

    def open(self) -> Server:
        """The management port on loopback."""
        if self._server is None:
            self._server = ManagementServer(self.dispatcher, self.feed, lambda: {"state": "test"})
            self._port = self._server.open("127.0.0.1", 0)
        return Server(port=self._port)

    def client(self, login: str = ADMINISTRATOR) -> Client:
        """A signed-in client over loopback."""
        client = Client(self.open(), application="test")
        self._clients.append(client)
        client.sign_in(login, PASSWORD)
        return client

    def leave(self) -> None:
        """Close every client."""
        while self._clients:
            self._clients.pop().close()

    def close(self) -> None:
        """Close the port if it is open."""
        if self._server is not None:
            self._server.close()
            self._server = None


def number_of(login: str) -> int:
    """The id of a user (and role) made by `add_user`."""
    return 1000 + crc32(login.encode()) % 1_000_000


@contextmanager
def open_office(shop: Shop, address: DatabaseAddress) -> Iterator[Office]:
    """The office with its pipeline on a loop thread; the administrator's password is set."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="office")
    thread.start()
    engine = make_engine(address, read_only=True)
    executor = ThreadPoolExecutor(1)
    readers = Readers(engine)
    pipeline = Pipeline(
        shop.ledger,
        loop=loop,
        durability=InlineDurability(),
        readers=executor,
        read_connection=engine.connect,
    )
    office = Office(shop, pipeline, loop, readers)
    office.reset_administrator()
    try:
        yield office
    finally:
        office.leave()
        office.close()
        asyncio.run_coroutine_threadsafe(pipeline.drain(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
        executor.shutdown()
        readers.close()
        engine.dispose()


__all__ = ["ADMINISTRATOR", "PASSWORD", "Office", "new_operation_id", "open_office"]
