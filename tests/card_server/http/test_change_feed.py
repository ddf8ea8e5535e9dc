"""The change feed: nothing missed, nothing told to who may not see it, nobody waits in vain."""

from __future__ import annotations

import time
from threading import Event

import pytest

from card_server.http import change_feed
from card_server.http.app import ManagementServer
from card_server.http.change_feed import Ring, read_cursor
from shared.client.changes import Follower
from shared.client.client import Client
from shared.wire.changes import Changes, FollowChanges
from shared.wire.divisions import AddUnit, UnitFields
from shared.wire.errors import AppError
from tests.helpers.office import Office, new_operation_id


def add_unit(client: Client, name: str) -> int:
    request = AddUnit(operation_id=new_operation_id(), fields=UnitFields(name=name, division_id=1))
    return client.ask(request).key


def test_an_edit_is_told_to_who_waits(office: Office) -> None:
    client = office.client()
    cursor = client.ask(FollowChanges()).cursor
    unit_id = add_unit(client, "Видно всем")
    told = client.ask(FollowChanges(after=cursor, wait_s=10))
    tables = {(change.table, change.key, change.action) for change in told.changes}
    assert ("unit", str(unit_id), 1) in tables
    assert told.changes[0].user_id == 1


def test_a_sale_is_told_within_a_second(office: Office) -> None:
    office.shop.issue(4001)
    client = office.client()
    heard: list[Changes] = []
    arrived = Event()

    def told(changes: Changes) -> None:
        heard.append(changes)
        arrived.set()

    follower = Follower(client, told, lambda _error: None)
    follower.start()
    deadline = time.monotonic() + 10
    while follower._cursor is None and time.monotonic() < deadline:
        time.sleep(0.01)
    outcome = office.desk.book(office.shop.call(4001, [(2, 1000), (3, 20_000)]))
    assert outcome.error is None
    assert arrived.wait(5)
    follower.stop()
    note = heard[0].operations[0]
    assert (note.operation_id, note.card_code, note.kind) == (outcome.operations[0], 4001, 1)


def test_nothing_is_missed_after_an_interruption(office: Office) -> None:
    client = office.client()
    cursor = client.ask(FollowChanges()).cursor
    made = [add_unit(client, f"Точка {i}") for i in range(5)]
    office.close()
    office.feed.__init__(office.desk)  # type: ignore[misc] # a server that was started again
    again = office.client()
    keys: list[str] = []
    while len(keys) < len(made):
        told = again.ask(FollowChanges(after=cursor, wait_s=5))
        keys += [change.key for change in told.changes if change.table == "unit"]
        cursor = told.cursor
    assert keys == [str(unit_id) for unit_id in made]


def test_who_may_not_see_operations_is_not_told_of_them(office: Office) -> None:
    office.shop.issue(4002)
    office.add_user("editor", "unit.edit")
    client = office.client("editor")
    cursor = client.ask(FollowChanges()).cursor
    office.desk.book(office.shop.call(4002, [(2, 1000), (3, 20_000)]))
    told = client.ask(FollowChanges(after=cursor, wait_s=0.5))
    assert told.operations == []
    assert told.cursor != cursor


def test_too_much_at_once_is_told_as_reload(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "MOST_TOLD", 20)
    client = office.client()
    cursor = client.ask(FollowChanges()).cursor
    for i in range(22):
        office.shop.issue(5000 + i)
        office.desk.book(office.shop.call(5000 + i, [(2, 100), (3, 2000)]))
    time.sleep(1)
    told = client.ask(FollowChanges(after=cursor, wait_s=5))
    assert told.reload
    assert client.ask(FollowChanges(after=told.cursor, wait_s=0)).operations == []


def test_a_cursor_of_rubbish_is_refused(office: Office) -> None:
    client = office.client()
    with pytest.raises(AppError) as caught:
        client.ask(FollowChanges(after="yesterday"))
    assert caught.value.code == "FIELD_BAD"


@pytest.mark.parametrize("text", ["", "1", "1.", ".1", "-1.2", "1.2.3", "１.2"])
def test_only_two_plain_numbers_are_a_cursor(text: str) -> None:
    with pytest.raises(AppError):
        read_cursor(text)


def test_a_ring_knows_what_it_no_longer_has() -> None:
    ring: Ring[int] = Ring()
    assert ring.behind(0) is None
    ring.start(10)
    for number in range(11, 10_000):
        ring.put(number, number)
    assert ring.behind(10) is None
    assert ring.behind(9_990) == list(range(9_991, 10_000))
    assert ring.behind(9_999) == []


def test_a_follower_says_when_the_server_is_away_and_goes_on_afterwards(office: Office) -> None:
    client = office.client()
    lost: list[AppError | None] = []
    gone, back = Event(), Event()

    def on_lost(error: AppError | None) -> None:
        lost.append(error)
        (back if error is None else gone).set()

    follower = Follower(client, lambda _changes: None, on_lost)
    follower.start()
    time.sleep(0.3)
    port = office._port
    office.close()
    assert gone.wait(20)
    server = ManagementServer(office.dispatcher, office.feed, dict)
    assert server.open("127.0.0.1", port) == port
    assert back.wait(20)
    follower.stop()
    server.close()
