"""The whole server, when its database goes away and comes back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from card_server.composition import Ports, ServeOptions, serve
from card_server.db.engine import DatabaseAddress, address_of
from card_server.divisions.repository import set_setting
from card_server.ledger import tables
from card_server.ledger.verify import verify
from card_server.relay.limits import Limits
from tests.helpers.bridge import Bridge
from tests.helpers.shop import BONUS, CODE, Shop, open_shop

CARD = 10007
PATIENCE_S = 30
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SALE = (
    '<ROOT><Transactions><TransactionsEx Card="{card}" Kind="2" Summa="100" Restaurant="1" '
    'RKUni="1" RKCheck="{check}"/></Transactions>'
    '<INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="1" '
    'generateddatetime="2026-11-25T12:00:00">'
    '<CHECKDATA checknum="{check}" orderguid="{{{order}}}"/>'
    "</CHECK></INPBUF></ROOT>"
)


class Running:
    """The server in a thread of its own, and a till that calls it."""

    def __init__(self, ports: Ports) -> None:
        self._port = ports.relay_port
        self._management = ports.management_port

    def health(self) -> dict[str, Any]:
        """The self-diagnosis of the management port."""
        connection = HTTPConnection("127.0.0.1", self._management, timeout=PATIENCE_S)
        connection.request("GET", "/health")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def call(self, function: str, body: str) -> str:
        """One Farcards call."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        path = f"/{function}.php?qualifier={CODE}"
        connection.request("POST", path, body.encode(), {"Content-Type": "text/xml"})
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer

    def look(self) -> str:
        """The card window."""
        return self.call("getcardinfoex", f'<ROOT><QRY Card="{CARD}"/></ROOT>')

    def sell(self, check: int) -> str:
        """A cheque that earns one point; the same number is the same cheque."""
        return self.call("transactionsex", SALE.format(card=CARD, check=check, order=f"o-{check}"))


@contextmanager
def running(database: str | None, folder: Path, limits: Limits | None = None) -> Iterator[Running]:
    """A server that stops in order at the end."""
    found: list[Ports] = []
    is_ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def ready(ports: Ports) -> None:
        found.append(ports)
        is_ready.set()

    options = ServeOptions(
        data_dir=folder, database=database, relay_port=0, raw_port=0, management_port=0
    )
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(
            serve(options, ready=ready, stop=stop, limits=limits)
        )
    )
    thread.start()
    assert is_ready.wait(PATIENCE_S)
    try:
        yield Running(found[0])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        loop.close()


def test_the_health_page_counts_what_was_left_out(data_dir: Path) -> None:
    with open_shop(address_of(None, data_dir), START) as shop:
        shop.issue(CARD)
        shop.link(BONUS, credit_allowed=False)
    with running(None, data_dir) as server:
        before = server.health()
        assert (before["lines_not_booked"], before["sales_without_spent"]) == (0, 0)
        assert 'Result="0"' in server.sell(1)
        after = server.health()
        assert (after["lines_not_booked"], after["sales_without_spent"]) == (1, 1)
        server.sell(1)
        again = server.health()
        assert (again["lines_not_booked"], again["sales_without_spent"]) == (1, 1)


def test_the_health_page_names_a_setting_that_has_no_effect(data_dir: Path) -> None:
    with open_shop(address_of(None, data_dir), START) as shop, shop.connection.begin():
        set_setting(shop.connection, "merge.undo_days", "soon", shop.now)
    with running(None, data_dir) as server:
        deadline = time.monotonic() + PATIENCE_S
        while server.health()["idle_settings"] is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.health()["idle_settings"] == {
            "count": 1,
            "first": [{"key": "merge.undo_days", "scope": 0, "scope_id": 0, "code": "SETTING_BAD"}],
        }


def test_the_health_page_tells_how_the_licence_stands(data_dir: Path) -> None:
    with open_shop(address_of(None, data_dir), START) as shop:
        shop.issue(CARD)
    for _ in range(2):
        with running(None, data_dir) as server:
            end = time.monotonic() + PATIENCE_S
            while (licence := server.health()["licence"]) is None and time.monotonic() < end:
                time.sleep(0.05)
            assert (licence["state"], licence["stops_issue"], licence["days_left"]) == (
                1,
                False,
                59,
            )
            assert (licence["cards"], licence["cards_allowed"], licence["holders"]) == (1, 200, 1)


@pytest.fixture
def bridge(address: DatabaseAddress) -> Iterator[Bridge]:
    """The way to the database under test."""
    bridge = Bridge(str(address.url.host), int(address.url.port or 5432))
    yield bridge
    bridge.cut()


@pytest.mark.postgresql
def test_the_server_recovers_by_itself_when_the_database_comes_back(
    shop: Shop, address: DatabaseAddress, bridge: Bridge, tmp_path: Path
) -> None:
    holder = shop.issue(CARD)
    url = address.url.set(host="127.0.0.1", port=bridge.port)
    with running(url.render_as_string(hide_password=False), tmp_path) as server:
        assert 'Result="0"' in server.look()
        first = server.sell(1)
        assert 'Result="0"' in first
        for number in (2, 3):
            bridge.cut()
            refused = server.sell(number)
            assert 'Result="1"' in refused
            assert "SAC-" in refused
            assert "недоступна" in refused or "повторите" in refused
            assert 'Result="1"' in server.look()
            bridge.mend()
            assert 'Result="0"' in server.sell(number)
            assert server.sell(1) == first, "what was answered before is answered again"
            assert 'Result="0"' in server.look()
    assert shop.balance(holder, BONUS) == 300
    assert shop.count(tables.operation) == 3


@pytest.mark.postgresql
def test_two_servers_on_one_database_book_a_cheque_once(
    shop: Shop, address: DatabaseAddress, tmp_path: Path
) -> None:
    holder = shop.issue(CARD)
    database = address.url.render_as_string(hide_password=False)
    with running(database, tmp_path / "a") as one, running(database, tmp_path / "b") as other:
        for check in range(1, 6):
            first = one.sell(check)
            assert 'Result="0"' in first
            assert other.sell(check) == first
            assert 'Result="0"' in other.sell(check + 10)
    assert shop.balance(holder, BONUS) == 1000
    assert shop.count(tables.operation) == 10
    assert verify(shop.connection, full=True).ok


@contextmanager
def locked(file: Path | None) -> Iterator[None]:
    """Another program holds the embedded database."""
    other = sqlite3.connect(str(file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def later(work: Callable[[], str]) -> tuple[threading.Thread, list[str]]:
    """Do something beside the test."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def test_a_sale_waits_for_a_locked_database_and_others_are_served_meanwhile(
    shop: Shop, address: DatabaseAddress, tmp_path: Path
) -> None:
    if not address.is_embedded:
        pytest.skip("a server database has no lock on the whole of it")
    holder = shop.issue(CARD)
    with running(None, tmp_path) as server:
        server.look()
        with locked(address.file):
            thread, found = later(lambda: server.sell(1))
            time.sleep(0.2)
            began = time.monotonic()
            assert 'Result="0"' in server.look()
            assert 'ErrorCode="SAC-9201"' in server.call(
                "getcardinfoex", '<ROOT><QRY Card="99999"/></ROOT>'
            )
            assert time.monotonic() - began < 2
            assert found == []
        thread.join(PATIENCE_S)
        assert 'Result="0"' in found[0]
    assert shop.balance(holder, BONUS) == 100


def test_queue_s_a_database_locked_for_too_long_refuses_the_sale_and_books_nothing(
    shop: Shop, address: DatabaseAddress, tmp_path: Path
) -> None:
    if not address.is_embedded:
        pytest.skip("a server database has no lock on the whole of it")
    shop.issue(CARD)
    with running(None, tmp_path, Limits(queue_s=0.4)) as server:
        with locked(address.file):
            began = time.monotonic()
            assert 'ErrorCode="SAC-9902"' in server.sell(1)
            assert 0.3 < time.monotonic() - began < 4
        assert shop.count(tables.operation) == 0
        assert 'Result="0"' in server.sell(1)
    assert shop.count(tables.operation) == 1
