"""Tills against a small model: sales, returns, roll-backs, repeats, clocks and crashes.

After every step all laws that the tables can prove are recomputed by the tests' own code
(tests/helpers/laws.py), and every lot is compared with the model's.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.helpers.databases import Databases
from tests.helpers.ledger_machine import CARDS, LIVES, Counter, Setup, folder
from tests.helpers.model import Policy
from tests.helpers.model_shop import RETURN, RETURN_BACK, SALE, SALE_BACK, Sent
from tests.helpers.profiles import tries

MONEY = st.sampled_from([1, 33, 100, 250, 999, 1000, 2000, 2999])
NET = st.sampled_from([1, 100, 999, 1000, 3333, 5000, 10000])
STAMP = "%Y-%m-%dT%H:%M:%S.%f"
setups = st.builds(
    Setup,
    life=st.sampled_from(LIVES),
    policy=st.builds(
        Policy,
        refund_earned=st.sampled_from([1, 2, 3]),
        refund_burned=st.sampled_from([1, 2, 3]),
        cap_bp=st.sampled_from([5000, 10000, 3333]),
    ),
    crm=st.booleans(),
    depth=st.sampled_from([0, 0, 5000]),
)


class Tills(RuleBasedStateMachine):
    """Calls of several cards and orders; see the module."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.folder = folder()
        self.counter: Counter | None = None
        self.sent: list[Sent] = []
        self.queue: list[Sent] = []
        self.serial = 0

    @initialize(setup=setups)
    def open(self, setup: Setup) -> None:
        self.address = self.databases.fresh(Path(self.folder.name))
        self.counter = Counter(self.address, setup)

    def teardown(self) -> None:
        try:
            self.flush()
            if self.counter is not None:
                self.counter.finish()
        finally:
            if self.counter is not None:
                self.counter.close()
                self.databases.drop(self.address)
            self.folder.cleanup()

    @property
    def shop(self) -> Counter:
        assert self.counter is not None
        return self.counter

    def stamp(self, minutes: int = 0) -> str:
        self.serial += 1
        moment = self.shop.now + timedelta(minutes=minutes, milliseconds=self.serial)
        return moment.strftime(STAMP)[:23]

    def put(self, sent: Sent) -> None:
        """Queue a call; calls leave as groups of up to five."""
        self.sent.append(sent)
        self.queue.append(sent)

    def flush(self) -> None:
        queue, self.queue = self.queue, []
        if queue and self.counter is not None:
            self.shop.send(queue)

    @rule()
    def close_group(self) -> None:
        self.flush()

    # ------------------------------------------------------------------ calls

    @rule(card=st.sampled_from(CARDS), amount=MONEY, back=st.integers(0, 2900))
    def earn(self, card: int, amount: int, back: int) -> None:
        lines = [(2, amount), (3, amount * 10)]
        occurred = self.shop.now - timedelta(minutes=back) if back % 3 == 0 else None
        self._sale([(card, lines)], occurred)

    @rule(card=st.sampled_from(CARDS), amount=MONEY)
    def top_up(self, card: int, amount: int) -> None:
        self._sale([(card, [(0, amount), (3, 1)])])

    @rule(
        cards=st.lists(st.sampled_from(CARDS), min_size=1, max_size=2, unique=True),
        pays=st.lists(MONEY, max_size=2),
        net=NET,
        bonus=st.sampled_from([0, 50, 310]),
        discount=st.sampled_from([0, 0, -70]),
    )
    def sale(self, cards: list[int], pays: list[int], net: int, bonus: int, discount: int) -> None:
        lines = [*((0, -pay) for pay in pays), (1, discount), (2, bonus), (3, net)]
        self._sale([(card, lines) for card in cards])

    def _sale(self, parts: list[tuple[int, list[tuple[int, int]]]], occurred: Any = None) -> None:
        order = f"order-{len(self.sent)}"
        self.put(Sent(SALE, order, 1, self.stamp(), parts, occurred))

    @rule(data=st.data(), share=st.sampled_from([1, 2, 3]), extra=st.integers(0, 3))
    def give_back(self, data: st.DataObject, share: int, extra: int) -> None:
        """A return of a whole, a half or a third; zero lines make its key its own."""
        sale = self._one(data, SALE)
        if sale is None:
            return
        parts = [
            (
                card,
                [
                    *((kind, -amount // share) for kind, amount in lines if amount > 0),
                    *((kind, -amount // share) for kind, amount in lines if amount < 0),
                    *([(1, 0)] * extra),
                ],
            )
            for card, lines in sale.parts
        ]
        self.put(Sent(RETURN, sale.order, sale.check_no, self.stamp(), parts))

    @rule(data=st.data(), whole_order=st.booleans(), older=st.booleans())
    def roll_back(self, data: st.DataObject, whole_order: bool, older: bool) -> None:
        target = self._one(data, SALE, RETURN)
        if target is None:
            return
        chmode = SALE_BACK if target.chmode == SALE else RETURN_BACK
        check_no = 0 if whole_order else target.check_no
        stamp = self.stamp(-10 if older else 0)
        self.put(Sent(chmode, target.order, check_no, stamp, target.parts))

    @rule(card=st.sampled_from(CARDS), older=st.booleans())
    def overtake(self, card: int, older: bool) -> None:
        """A roll-back that comes before its sale, which is older or newer."""
        order = f"order-{len(self.sent)}"
        lines = [(2, 40), (3, 400)]
        before, after = self.stamp(), self.stamp()
        stamp = after if older else before
        self.put(Sent(SALE_BACK, order, 1, stamp, [(card, lines)]))
        self.put(Sent(SALE, order, 1, before if older else after, [(card, lines)]))

    @rule(data=st.data(), how=st.sampled_from(["same", "newer", "older", "other"]))
    def again(self, data: st.DataObject, how: str) -> None:
        """A call that was sent before: as it was, with another stamp, or with other content."""
        old = self._one(data, SALE, RETURN, SALE_BACK, RETURN_BACK)
        if old is None:
            return
        stamp = {"newer": self.stamp(), "older": "2026-01-01T00:00:00.000"}.get(how, old.stamp)
        parts = old.parts
        if how == "other":
            parts = [
                (card, [(k, a + (3 if k == 3 else 0)) for k, a in lines]) for card, lines in parts
            ]
        self.put(Sent(old.chmode, old.order, old.check_no, stamp, parts, old.occurred))

    def _one(self, data: st.DataObject, *modes: int) -> Sent | None:
        known = [one for one in self.sent if one.chmode in modes]
        return data.draw(st.sampled_from(known[-8:])) if known else None

    # ------------------------------------------------------------------ the world

    @rule(minutes=st.sampled_from([1, 29, 31, 119, 600, 1440, 4000, 9000]))
    def pass_time(self, minutes: int) -> None:
        self.flush()
        self.shop.shop.pass_time(minutes=minutes)

    @rule(beside=st.sampled_from([-1, 0, 1]))
    def pass_to_a_moment(self, beside: int) -> None:
        """Just before, exactly at, or just after a lot becomes available or burns."""
        self.flush()
        moments = self.shop.moments()
        if moments:
            gap = moments[0] - self.shop.now + timedelta(milliseconds=beside)
            self.shop.shop.pass_time(seconds=max(0.0, gap.total_seconds()))

    @rule()
    def crash(self) -> None:
        self.flush()
        self.shop.reopen()


def test_tills_agree_with_the_model(databases: Databases) -> None:
    Tills.databases = databases
    run_state_machine_as_test(Tills, settings=tries(40, steps=24))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_each_life_of_points(databases: Databases, life: Any) -> None:
    """The same with the life fixed, so that no run leaves one out."""

    class OneLife(Tills):
        @initialize(setup=setups)
        def open(self, setup: Setup) -> None:
            setup = Setup(life, setup.policy, setup.crm, setup.depth)
            self.address = self.databases.fresh(Path(self.folder.name))
            self.counter = Counter(self.address, setup)

    Tills.databases = databases
    run_state_machine_as_test(OneLife, settings=tries(8, steps=24))
