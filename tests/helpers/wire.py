"""The relay's listener on a loopback port, in a thread of its own, with an answerer to be set."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from card_server.classifiers.records import Classifier
from card_server.ledger.rule_set import RuleSet
from card_server.relay.dispatch import Dispatch
from card_server.relay.exchange import Answer, Answerer, Call, Done
from card_server.relay.limits import Limits
from card_server.relay.listener import Listener
from shared.wire.errors import AppError, ErrorCode

CLOCK = datetime(2024, 3, 5, 18, 40, 11)  # noqa: DTZ001 - the wall clock of the reply header
CODE = "QA7DEMO0000000000001"
PATIENCE_S = 10.0
QUICK = Limits(sweep_s=0.02, raw_quiet_s=0.05, drain_s=0.2)


LOOP_VARIABLE = "CRM_TEST_LOOP"
"""`asyncio` for the loop that Windows has; else the one the server takes on this machine."""


def new_loop() -> asyncio.AbstractEventLoop:
    """The loop that the server runs on here."""
    if os.environ.get(LOOP_VARIABLE) != "asyncio":
        with contextlib.suppress(ImportError):
            loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
            return loop
    return asyncio.new_event_loop()


class Scribe:
    """An answerer that notes every call; answers at once unless told otherwise."""

    def __init__(self, answer: Callable[[Call, Done], None] | None = None) -> None:
        self.calls: list[Call] = []
        self.stopped = False
        self._answer = answer or (lambda call, done: done(Answer(b"<R>" + call.body + b"</R>")))

    def submit(self, call: Call, done: Done) -> None:
        """Note the call, answer it."""
        self.calls.append(call)
        self._answer(call, done)

    def stop(self) -> None:
        """Note that the server stops."""
        self.stopped = True

    def give_up(self) -> None:
        """Nothing waits here."""


class FakeDesk:
    """A pipeline that answers when and as often as a test wants: `act` is given every request."""

    def __init__(self, act: Callable[[Callable[[Any], None]], None], **classifier: Any) -> None:
        self.act = act
        self.queued: list[Callable[[Any], None]] = []
        rights = frozenset({"dict.read", "card.read", "relay", "txn.write"})
        known = Classifier(
            **{
                "classifier_id": 7,
                "code": CODE,
                "name": "POS",
                "api_visible": True,
                "rights": rights,
                **classifier,
            }
        )
        self.rules = RuleSet(
            version=1,
            account_types={},
            classifiers={7: known},
            classifier_codes={known.code: 7},
            levels={},
            schemes={},
            time_sets={},
            divisions={},
            units={},
            settings={},
        )

    @property
    def ids(self) -> Any:
        """No edits here."""
        raise NotImplementedError

    def read(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """A question: `act` decides about its answer."""
        del work
        self.act(done)

    def post(self, posting: Any, done: Callable[[Any], None]) -> None:
        """A booking: the same."""
        del posting
        self.act(done)

    ask = edit = post
    look = read

    def lens(self, connection: Any, rules: RuleSet) -> Any:
        """No edits here."""
        raise NotImplementedError

    def refuse_queued(self) -> None:
        """Answer what a test queued."""
        for done in self.queued:
            done(AppError(ErrorCode.STOPPING))
        self.queued.clear()


class Reply(msgspec.Struct):
    """An HTTP reply as a client reads it."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A running listener and the words of a client."""

    def __init__(self, loop: asyncio.AbstractEventLoop, listener: Listener, port: int) -> None:
        self.loop = loop
        self.listener = listener
        self.port = port
        self._open: list[socket.socket] = []

    def connect(self, tls: ssl.SSLContext | None = None) -> socket.socket:
        """A new connection."""
        sock = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_hostname="localhost")
        self._open.append(sock)
        return sock

    def send(self, data: bytes) -> socket.socket:
        """A new connection on which bytes were sent."""
        sock = self.connect()
        sock.sendall(data)
        return sock

    def ask(self, data: bytes) -> bytes:
        """Send and read until the server closes."""
        return rest(self.send(data))

    def http(self, data: bytes) -> Reply:
        """Send one HTTP request and read one reply."""
        return read_reply(self.send(data))

    def run(self, work: Callable[[], Any]) -> Any:
        """Do something on the loop's thread."""

        async def there() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(PATIENCE_S)

    def stop(self, grace_s: float) -> None:
        """Stop the listener."""
        stopping = self.listener.stop(grace_s)
        asyncio.run_coroutine_threadsafe(stopping, self.loop).result(PATIENCE_S + grace_s)

    def close(self) -> None:
        """Close what tests opened."""
        for sock in self._open:
            sock.close()


def rest(sock: socket.socket) -> bytes:
    """Everything until the other side closes; a reset ends it too."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := sock.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def read_reply(sock: socket.socket, *, head_only: bool = False) -> Reply:
    """One HTTP reply, not a byte more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            message = f"connection closed after {head!r}"
            raise ConnectionError(message)
        head += byte
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    missing = 0 if head_only else int(headers.get("content-length", "0"))
    body = b""
    while len(body) < missing:
        part = sock.recv(missing - len(body))
        if not part:
            break
        body += part
    return Reply(int(first.split(" ")[1]), headers, body)


def post(body: bytes, *lines: str, path: str = "/", length: int | None = None) -> bytes:
    """An HTTP request."""
    size = len(body) if length is None else length
    head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {size}", *lines])
    return head.encode() + b"\r\n\r\n" + body


@contextmanager
def open_wire(
    answerer: Answerer | None = None,
    limits: Limits = QUICK,
    *,
    desk: FakeDesk | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Wire]:
    """A listener on a free port; with a desk the real dispatch stands behind it."""
    loop = new_loop()
    if desk is not None:
        answerer = Dispatch(desk, limits, loop)
    listener = Listener(answerer or Scribe(), limits, wall_clock=lambda: CLOCK)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = listener.open("127.0.0.1", 0, tls)
    port = asyncio.run_coroutine_threadsafe(opening, loop).result(PATIENCE_S)
    wire = Wire(loop, listener, port)
    try:
        yield wire
    finally:
        wire.close()
        wire.stop(0)
        time.sleep(0.005)  # what was accepted in the last moment
        wire.stop(0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


def until(done: Callable[[], bool], limit_s: float = PATIENCE_S) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > deadline:
            message = "it did not come true in time"
            raise TimeoutError(message)
        time.sleep(0.005)
