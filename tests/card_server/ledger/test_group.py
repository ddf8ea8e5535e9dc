"""Groups when something stands in the way: a second writer, a lost answer, a lost connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from card_server.accounts import tables as account_tables
from card_server.composition import open_ledger
from card_server.db.engine import DatabaseAddress, make_engine
from card_server.ledger import tables
from card_server.ledger.group import Group, GroupFailed, Item
from card_server.ledger.verify import verify
from card_server.ledger.writer_connection import WriterConnection
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.shop import BONUS, DEBIT, Shop

CARD = 10007
EARN = [(2, 100), (3, 1000)]


@pytest.fixture
def neighbour(shop: Shop, address: DatabaseAddress) -> Iterator[Shop]:
    """A second process with the same writer on the same database."""
    engine = make_engine(address)
    ledger, connection = open_ledger(engine, lambda: shop.now)
    other = Shop(ledger, connection, shop._clock)
    other.classifier_id = shop.classifier_id
    other._serial = 1000
    yield other
    connection.close()
    engine.dispose()


@pytest.fixture
def onlooker(address: DatabaseAddress) -> Iterator[Engine]:
    """A connection that has nothing to do with the ledger."""
    engine = make_engine(address)
    yield engine
    engine.dispose()


class Interrupted:
    """A posting during whose decision something else happens, the first time only."""

    def __init__(self, posting: Any, happens: Callable[[], None]) -> None:
        self._posting = posting
        self._happens = happens
        self.decisions = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._posting, name)

    def decide(self, facts: Any, book: Any) -> Any:
        """Decide after the interruption, on facts that were read before it."""
        self.decisions += 1
        if self.decisions == 1:
            self._happens()
        return self._posting.decide(facts, book)


def is_sound(shop: Shop) -> bool:
    """The whole ledger agrees with itself."""
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.findings == []
    return report.ok


def test_two_processes_take_turns_on_one_chain(shop: Shop, neighbour: Shop) -> None:
    holder = shop.issue(CARD)
    for _ in range(3):
        shop.ok(CARD, EARN)
        neighbour.ok(CARD, EARN)
    assert shop.balance(holder, BONUS) == 600
    assert shop.count(tables.operation) == 6
    assert is_sound(shop)


def test_what_another_process_booked_is_a_repeat_here(shop: Shop, neighbour: Shop) -> None:
    holder = shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "one", "stamp": "2026-03-02T12:00:00.000"}
    shop.ok(CARD, EARN)
    neighbour.ok(CARD, EARN, **order)
    shop.ok(CARD, EARN, **order)
    assert shop.balance(holder, BONUS) == 200
    assert shop.count(tables.operation) == 2


@pytest.mark.parametrize("is_fresh", [True, False], ids=["first group", "later group"])
def test_nobody_decides_on_facts_that_another_process_changed(
    shop: Shop, neighbour: Shop, *, is_fresh: bool
) -> None:
    """Both want to pay with the same 50.00; whoever commits first has them."""
    holder = shop.issue(CARD)
    shop.ok(CARD, [(0, 5000)])
    if not is_fresh:
        neighbour.ok(CARD, EARN)
    posting = Interrupted(
        neighbour.call(CARD, [(0, -5000)]), lambda: shop.ok(CARD, [(0, -5000), (3, 5000)])
    )
    (outcome,) = neighbour.run(posting)
    assert posting.decisions == 2
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    assert shop.balance(holder, DEBIT) == 0
    assert is_sound(shop)


def test_two_processes_at_full_speed_lose_nothing(shop: Shop, neighbour: Shop) -> None:
    holder = shop.issue(CARD)
    failed: list[Any] = []

    def work(one: Shop) -> None:
        for _ in range(15):
            outcome = one.till(CARD, EARN)
            if getattr(outcome, "error", outcome) is not None:
                failed.append(outcome)

    threads = [threading.Thread(target=work, args=(one,)) for one in (shop, neighbour)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert shop.balance(holder, BONUS) == 3000
    assert shop.count(tables.operation) == 30
    assert is_sound(shop)


# ------------------------------------------------------------------ answers that are lost


class Unsure(WriterConnection):
    """A connection whose COMMIT ends in an error once, stored or not."""

    def __init__(self, shop: Shop, *, is_stored: bool, breaks: Callable[[], None]) -> None:
        super().__init__(shop.connection)
        self._is_stored = is_stored
        self._breaks = breaks
        self.commits = 0
        shop.ledger._wire = self
        shop.ledger.ids.bind(self.begin)  # type: ignore[attr-defined]

    def end(self) -> None:
        """The first COMMIT of a written group is the one that goes wrong."""
        self.commits += 1
        if self.commits > 1:
            super().end()
            return
        if self._is_stored:
            super().end()
        self._breaks()
        self.cursor().execute("SELECT 1")


def _fails(shop: Shop) -> Callable[[], None]:
    def fail() -> None:
        dbapi = shop.connection.dialect.dbapi
        assert dbapi is not None
        message = "the disk did not answer"
        raise dbapi.OperationalError(message)

    return fail


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("order", ["one", None], ids=["with a key", "without a key"])
def test_a_commit_without_an_answer_is_looked_up_and_never_done_twice(
    shop: Shop, order: str | None, *, is_stored: bool
) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, EARN)
    call = shop.call(CARD, EARN, order_guid=order, check_no=0)
    unsure = Unsure(shop, is_stored=is_stored, breaks=_fails(shop))
    try:
        outcomes = shop.run(call)
    except GroupFailed as failed:
        outcomes = [failed.refusal]
    if is_stored:
        assert outcomes[0].error is None
        assert unsure.commits == 1
    stored = 2 if getattr(outcomes[0], "error", outcomes[0]) is None else 1
    assert shop.count(tables.operation) == stored
    shop.ok(CARD, EARN)
    assert shop.balance(holder, BONUS) == 100 * (stored + 1)
    assert is_sound(shop)


# ------------------------------------------------------------------ connections that are lost


def _pid(shop: Shop) -> int:
    pid = int(shop.connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    shop.connection.rollback()
    return pid


def _cut(onlooker: Engine, pid: int) -> None:
    """End the ledger's session on the server, and wait until it is gone."""
    with onlooker.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        while connection.execute(alive, {"pid": pid}).scalar_one():
            time.sleep(0.01)


@pytest.mark.postgresql
def test_a_connection_cut_between_groups_is_opened_again(shop: Shop, onlooker: Engine) -> None:
    holder = shop.issue(CARD)
    for _ in range(3):
        posting = shop.call(CARD, EARN)
        _cut(onlooker, _pid(shop))
        (outcome,) = shop.run(posting)
        assert outcome.error is None
    assert shop.balance(holder, BONUS) == 300
    assert is_sound(shop)


@pytest.mark.postgresql
def test_a_connection_cut_inside_a_group_books_it_once(shop: Shop, onlooker: Engine) -> None:
    holder = shop.issue(CARD)
    pid = _pid(shop)
    posting = Interrupted(shop.call(CARD, EARN), lambda: _cut(onlooker, pid))
    (outcome,) = shop.run(posting)
    assert outcome.error is None
    assert posting.decisions == 2
    assert shop.balance(holder, BONUS) == 100
    assert shop.count(tables.operation) == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("order", ["one", None], ids=["with a key", "without a key"])
def test_a_connection_cut_at_commit_books_it_once(
    shop: Shop, onlooker: Engine, order: str | None, *, is_stored: bool
) -> None:
    holder = shop.issue(CARD)
    pid = _pid(shop)
    call = shop.call(CARD, EARN, order_guid=order, check_no=0)
    unsure = Unsure(shop, is_stored=is_stored, breaks=lambda: _cut(onlooker, pid))
    (outcome,) = shop.run(call)
    assert outcome.error is None
    assert unsure.commits == (1 if is_stored else 2)
    assert shop.balance(holder, BONUS) == 100
    assert is_sound(shop)


def _block(account_id: int) -> Callable[[Connection, Any], int]:
    def edit(connection: Connection, _now: Any) -> int:
        table = account_tables.account
        return connection.execute(
            table.update().where(table.c.account_id == account_id).values(state=2)
        ).rowcount

    return edit


@pytest.mark.postgresql
def test_an_edit_whose_commit_was_cut_is_not_repeated_blindly(shop: Shop, onlooker: Engine) -> None:
    holder = shop.issue(CARD)
    account_id = shop.account(holder, BONUS).account_id
    pid = _pid(shop)
    Unsure(shop, is_stored=True, breaks=lambda: _cut(onlooker, pid))
    item = Item(
        posting=None, edit=_block(account_id), done=lambda _: None, queued_at=time.monotonic()
    )
    with pytest.raises(GroupFailed) as failed:
        shop.ledger.run(Group(items=[item]))
    assert failed.value.refusal.code == ErrorCode.DB_UNREACHABLE
    assert failed.value.refusal.facts["fault"] == "CONNECTION_LOST"
    assert shop.account(holder, BONUS).state == 2


@pytest.mark.postgresql
def test_looking_leaves_no_transaction_open_on_the_server(shop: Shop, onlooker: Engine) -> None:
    shop.issue(CARD)
    pid = _pid(shop)

    class Look(Interrupted):
        def decide(self, facts: Any, book: Any) -> Any:
            return len(facts.cards) + len(book.rows.operations)

    assert shop.run(Look(shop.call(CARD, EARN), lambda: None)) == [1]
    with onlooker.connect() as connection:
        state = connection.execute(
            text("SELECT state FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}
        ).scalar_one()
    assert state == "idle"


def test_a_posting_that_breaks_spoils_only_itself(shop: Shop) -> None:
    """A row that the database refuses is found by deciding each request alone."""
    holder = shop.issue(CARD)
    good, bad = shop.call(CARD, EARN), shop.call(CARD, EARN, order_guid="taken", pos_user="x")

    class Doubled(Interrupted):
        def decide(self, facts: Any, book: Any) -> Any:
            outcome = super().decide(facts, book)
            book.rows.entries.append(book.rows.entries[-1])  # the same key twice
            return outcome

    outcomes = shop.run(Doubled(bad, lambda: None), good)
    assert isinstance(outcomes[0], AppError)
    assert outcomes[0].code == ErrorCode.INTERNAL
    assert outcomes[1].error is None
    assert shop.balance(holder, BONUS) == 100
    shop.pass_time(seconds=timedelta(days=1).total_seconds())
    assert is_sound(shop)
