"""I-21: a hold that is opened and then voided or expires leaves every number as before.

Two shops have the same past. In one of them holds are opened and ended, some of them by hand and
some by their time; the other knows nothing of them. Once the same time has passed in both, no
account, lot or counter may tell which one it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.manual import Header, HoldPart, OpenHold, VoidHold
from card_server.ledger.records import HoldState
from card_server.ledger.standing import ExpireHolds, ExpireLots
from card_server.ledger.verify import verify
from tests.helpers.databases import Databases
from tests.helpers.ledger_machine import CARDS, LIVES, Counter, Setup, folder
from tests.helpers.model import Policy
from tests.helpers.profiles import tries
from tests.helpers.shop import BONUS, DEBIT

CARD = CARDS[0]
DAY, BY_TYPE = 1, 1
ACCOUNT_NUMBERS = ("balance", "pending", "held", "uncovered", "next_lot_event_at")
LOT_NUMBERS = ("amount", "remaining", "held", "state", "available_at", "expires_at", "expires_on")

PAST = st.lists(
    st.tuples(st.sampled_from(["earn", "gift", "pay", "wait"]), st.integers(1, 40)),
    min_size=1,
    max_size=6,
)
"""What happened before: the step, and how much of it (hundreds of points, hours)."""

HOLDS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(0, 3000),
        st.sampled_from([5, 60, 4000]),
        st.sampled_from(["void", "expire"]),
    ),
    min_size=1,
    max_size=4,
)
"""Points, money, minutes of life, and how it ends."""


class World:
    """One shop with a guest who has points, money and a limit a day."""

    def __init__(self, databases: Databases, place: str, life: int) -> None:
        self.counter = Counter(databases.fresh(Path(place)), Setup(LIVES[life], Policy()))
        self.shop = self.counter.shop
        self.holder = self.counter.holders[CARD]
        self.shop.grant(self.holder, DEBIT, 6_000)
        self.shop.grant(self.holder, BONUS, 2_000, days=1)
        self.points, self.money = (
            self.shop.account(self.holder, i).account_id for i in (BONUS, DEBIT)
        )
        for number, type_id in enumerate((BONUS, DEBIT), start=1):
            self.shop.add(
                account_tables.spend_limit,
                limit_id=number,
                scope=BY_TYPE,
                scope_id=type_id,
                account_type_id=type_id,
                period=DAY,
                max_amount=5_000,
            )
        self.serial = 0

    def header(self) -> Header:
        self.serial += 1
        return Header(key=f"step-{self.serial}", classifier_id=self.shop.classifier_id)

    def live(self, past: list[tuple[str, int]]) -> None:
        for number, (what, much) in enumerate(past):
            if what == "wait":
                self.shop.pass_time(hours=much)
            elif what == "gift":
                self.shop.grant(self.holder, BONUS, much * 100, days=much % 4 + 1)
            elif what == "earn":
                self.shop.ok(CARD, [(2, much * 100), (3, 50_000)], order_guid=f"past-{number}")
            else:  # more than there is to pay with is refused, in both shops
                self.shop.till(CARD, [(0, -much * 50), (3, 50_000)], order_guid=f"past-{number}")

    def hold(self, holds: list[tuple[int, int, int, str]]) -> None:
        """Open all of them, then end them: the last first, as nobody promised an order."""
        opened: list[tuple[tuple[int, ...], str]] = []
        for points, money, minutes, end in holds:
            parts = tuple(
                HoldPart(account_id=account_id, amount=amount)
                for account_id, amount in ((self.points, points), (self.money, money))
                if amount
            )
            (outcome,) = self.shop.run(OpenHold(header=self.header(), parts=parts, minutes=minutes))
            if getattr(outcome, "error", outcome) is None:
                opened.append((tuple(outcome.hold_ids), end))
        for ids, end in reversed(opened):
            if end == "void":
                (outcome,) = self.shop.run(VoidHold(header=self.header(), ids=ids))
                assert outcome.error is None, outcome.error

    def end(self) -> None:
        """Three days later everything that has a time is over."""
        self.shop.pass_time(days=3)
        open_ones = tuple(
            row.hold_id for row in self.shop.rows(tables.hold) if row.state == HoldState.OPEN
        )
        self.shop.run(ExpireHolds(hold_ids=open_ones))
        self.shop.run(ExpireLots(account_ids=(self.points, self.money)))

    def numbers(self) -> Any:
        """Every number that says what the guest has and may spend."""
        accounts = [
            (row.account_id, *(getattr(row, name) for name in ACCOUNT_NUMBERS))
            for row in self.shop.rows(account_tables.account)
        ]
        lots = [
            (row.lot_id, *(getattr(row, name) for name in LOT_NUMBERS))
            for row in self.shop.rows(tables.lot)
        ]
        counters = sorted(
            tuple(row)
            for row in self.shop.rows(account_tables.spend_counter)
            if row.used_amount or row.used_count
        )
        return sorted(accounts), sorted(lots), counters


def _plain_numbers(world: World) -> Any:
    """At this moment, before time passes."""
    world.shop.run(ExpireLots(account_ids=(world.points, world.money)))
    return world.numbers()


@given(past=PAST, holds=HOLDS, life=st.integers(0, len(LIVES) - 1))
@tries(25)
def test_holds_that_end_without_a_capture_leave_every_number_as_before(
    databases: Databases, past: list[tuple[str, int]], holds: list[Any], life: int
) -> None:
    with folder() as place, folder() as other:
        world, twin = World(databases, place, life), World(databases, other, life)
        for one in (world, twin):
            one.live(past)
        voided = [(points, money, minutes, "void") for points, money, minutes, _ in holds]
        before = _plain_numbers(world)
        world.hold(voided)
        assert world.numbers() == before, "open then void"
        _plain_numbers(twin)
        world.hold(holds)
        for one in (world, twin):
            one.end()
        assert world.numbers() == twin.numbers(), "open then void or expire"
        assert all(pin.amount == 0 for pin in world.shop.rows(tables.hold_lot))
        states = {row.state for row in world.shop.rows(tables.hold)}
        assert states <= {HoldState.VOIDED, HoldState.EXPIRED}
        report = verify(world.shop.connection, full=True, now=world.shop.now)
        world.shop.connection.rollback()
        assert report.ok, report.findings
        for one in (world, twin):
            one.counter.close()
