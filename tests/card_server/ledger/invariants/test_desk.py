"""Everything that moves value at once: by hand, by programs, by tills, by jobs, by the clock.

There is no model here: the laws of the tables are the judge, after every group; repeats must be
answered as the first time and leave no row; at the end the product's own proof must agree and
counting anew must change nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.manual import (
    Adjust,
    CaptureHold,
    Correction,
    DirectCredit,
    DirectDebit,
    Expire,
    ExtendHold,
    ExtendLots,
    Header,
    HoldPart,
    HoldShare,
    ManualOutcome,
    OpenHold,
    Opening,
    Reinstate,
    RollBack,
    TopUp,
    Transfer,
    UndoTransfer,
    VoidHold,
    Withdraw,
)
from card_server.ledger.standing import ExpireHolds, ExpireLots
from card_server.receipts.records import XmlCall, XmlItem
from card_server.receipts.xml_posting import XmlPosting
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.databases import Databases
from tests.helpers.ledger_machine import CARDS, LIVES, Counter, Setup, folder
from tests.helpers.model import Policy
from tests.helpers.model_shop import RETURN, RETURN_BACK, SALE, SALE_BACK, Sent
from tests.helpers.profiles import tries
from tests.helpers.shop import BONUS, DEBIT, SPENT

OWED = 82
AMOUNT = st.sampled_from([1, 40, 333, 1000, 2500])
TYPE = st.sampled_from([BONUS, BONUS, DEBIT])
CARD = st.sampled_from(CARDS)
setups = st.builds(
    Setup,
    life=st.sampled_from(LIVES),
    policy=st.builds(
        Policy,
        refund_earned=st.sampled_from([1, 2, 3, 4, 4]),
        refund_burned=st.sampled_from([1, 2, 3]),
        cap_bp=st.just(10000),
    ),
    crm=st.booleans(),
    depth=st.sampled_from([0, 0, 3000]),
)


GIFTS = st.sampled_from([DirectCredit, Opening, Adjust])


def posting_of(make: Any) -> Any:
    """What was posted, for the message of a failure."""
    made = make()
    return getattr(made, "_call", made)


def plain(outcome: ManualOutcome) -> Any:
    """What is answered, as the wire would say it."""
    entries = msgspec.json.encode(outcome.entries)
    return str(outcome.error), outcome.operation_id, entries, sorted(outcome.hold_ids)


class Desk(RuleBasedStateMachine):
    """Queues postings of every kind; a group leaves when the queue is closed."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.folder = folder()
        self.counter: Counter | None = None
        self.queue: list[tuple[Any, Any]] = []
        self.done: list[tuple[Any, Any]] = []
        self.serial = 0

    @initialize(
        setup=setups, step=st.sampled_from([1, 1, 1, 100]), k_bp=st.sampled_from([10000, 3333])
    )
    def open(self, setup: Setup, step: int, k_bp: int) -> None:
        self.counter = Counter(self.databases.fresh(Path(self.folder.name)), setup)
        shop, kind = self.counter.shop, account_tables.account_type
        house = {"account_id": OWED, "owner_kind": 9, "opened_at": shop.now, "balance": None}
        shop.add(kind, account_type_id=OWED, name="Долг", **{"class": OWED}, value_unit=2)
        shop.add(account_tables.account, account_type_id=OWED, **house)
        shop.change(kind, kind.c.account_type_id == BONUS, receivable_type_id=OWED, round_step=step)
        self.counter.set_coefficient(k_bp)

    def teardown(self) -> None:
        try:
            self.flush()
            if self.counter is not None:
                self.counter.finish(model=False)
        finally:
            if self.counter is not None:
                self.counter.close()
            self.folder.cleanup()

    # ------------------------------------------------------------------ running

    @property
    def desk(self) -> Counter:
        assert self.counter is not None
        return self.counter

    def put(self, make: Any) -> None:
        """Queue a posting; `make` makes it anew, as a repeat of the request would."""
        self.queue.append((make, make()))

    def flush(self) -> None:
        """Run what is queued as groups in which no two share an identity."""
        while self.queue:
            group: list[tuple[Any, Any]] = []
            later: list[tuple[Any, Any]] = []
            taken: set[str] = set()
            for make, posting in self.queue:
                names = posting.exclusive
                (group if taken.isdisjoint(names) else later).append((make, posting))
                taken |= names
            self.queue = later
            outcomes = self.desk.shop.run(*(posting for _, posting in group))
            for (make, _), outcome in zip(group, outcomes, strict=True):
                error = (
                    outcome if isinstance(outcome, AppError) else getattr(outcome, "error", None)
                )
                is_bug = isinstance(error, AppError) and error.code == ErrorCode.INTERNAL
                assert not is_bug, (posting_of(make), error)
                self.done.append((make, outcome))
            self.desk.check(model=False)

    @rule()
    def close_group(self) -> None:
        self.flush()

    def header(self, **facts: Any) -> Header:
        self.serial += 1
        given = {"key": f"key-{self.serial}", "user_id": 1, "reason_id": 1, **facts}
        return Header(**given)

    def account(self, card: int, type_id: int) -> int:
        return self.desk.shop.account(self.desk.holders[card], type_id).account_id

    def by_hand(self, kind: Any, **facts: Any) -> None:
        header = facts.pop("header", None) or self.header()
        self.put(lambda: kind(header=header, **facts))

    def some(self, data: st.DataObject, column: Any, *where: Any) -> int | None:
        connection = self.desk.shop.connection
        found = connection.execute(select(column).where(*where).order_by(column)).scalars().all()
        connection.rollback()
        return data.draw(st.sampled_from(found[-10:])) if found else None

    # ------------------------------------------------------------------ by hand

    @rule(
        card=CARD, type_id=TYPE, amount=AMOUNT, how=st.sampled_from([DirectCredit, Opening, Adjust])
    )
    def give(self, card: int, type_id: int, amount: int, how: Any) -> None:
        self.by_hand(how, account_id=self.account(card, type_id), amount=amount)

    @rule(card=CARD, amount=AMOUNT, how=st.sampled_from([TopUp, Withdraw]))
    def cash(self, card: int, amount: int, how: Any) -> None:
        self.by_hand(how, account_id=self.account(card, DEBIT), amount=amount)

    @rule(card=CARD, type_id=TYPE, amount=AMOUNT, below=st.booleans())
    def take(self, card: int, type_id: int, amount: int, below: bool) -> None:
        account_id = self.account(card, type_id)
        if below:
            self.by_hand(Adjust, account_id=account_id, amount=-amount, allow_negative=True)
        else:
            self.by_hand(DirectDebit, account_id=account_id, amount=amount)

    @rule(one=CARD, other=CARD, type_id=TYPE, amount=st.one_of(st.none(), AMOUNT))
    def transfer(self, one: int, other: int, type_id: int, amount: int | None) -> None:
        accounts = self.account(one, type_id), self.account(other, type_id)
        self.by_hand(
            Transfer, from_account_id=accounts[0], to_account_id=accounts[1], amount=amount
        )

    @rule(data=st.data(), how=st.sampled_from([UndoTransfer, RollBack, Correction]))
    def undo(self, data: st.DataObject, how: Any) -> None:
        self.flush()
        kinds = [15] if how is UndoTransfer else [1, 2, 10, 12, 13, 14]
        column = tables.operation.c.operation_id
        found = self.some(data, column, tables.operation.c.kind.in_(kinds))
        if found is not None:
            self.by_hand(how, operation_id=found)

    # ------------------------------------------------------------------ lots and holds

    @rule(card=CARD, days=st.integers(1, 9), how=st.sampled_from([ExtendLots, Expire, Reinstate]))
    def terms(self, card: int, days: int, how: Any) -> None:
        facts: dict[str, Any] = {"account_id": self.account(card, BONUS)}
        if how is ExtendLots:
            facts["expires_on"] = date(2026, 3, 2) + timedelta(days=days)
        self.by_hand(how, **facts)

    @rule(card=CARD, points=AMOUNT, money=AMOUNT, minutes=st.sampled_from([1, 60]))
    def hold(self, card: int, points: int, money: int, minutes: int) -> None:
        parts = (
            HoldPart(account_id=self.account(card, BONUS), amount=points),
            HoldPart(account_id=self.account(card, DEBIT), amount=money),
        )
        header = self.header(
            classifier_id=self.desk.shop.classifier_id, order_guid=f"order-{self.serial % 5}"
        )
        self.by_hand(OpenHold, header=header, parts=parts[self.serial % 2 :], minutes=minutes)

    @rule(data=st.data(), amount=st.one_of(st.none(), AMOUNT), final=st.booleans())
    def capture(self, data: st.DataObject, amount: int | None, final: bool) -> None:
        self.flush()
        found = self.some(data, tables.hold.c.hold_id)
        if found is not None:
            header = self.header(classifier_id=self.desk.shop.classifier_id)
            shares = (HoldShare(hold_id=found, amount=amount),)
            self.by_hand(CaptureHold, header=header, shares=shares, final=final)

    @rule(data=st.data(), extend=st.booleans())
    def end_hold(self, data: st.DataObject, extend: bool) -> None:
        self.flush()
        found = self.some(data, tables.hold.c.hold_id)
        if found is not None and extend:
            later = self.desk.now + timedelta(hours=5)
            self.by_hand(ExtendHold, ids=(found,), expires_at=later)
        elif found is not None:
            self.by_hand(VoidHold, ids=(found,))

    @rule(cards=st.lists(CARD, min_size=1, max_size=3, unique=True))
    def jobs(self, cards: list[int]) -> None:
        accounts = tuple(self.account(card, BONUS) for card in cards)
        self.put(lambda: ExpireLots(account_ids=accounts))
        holds = self.open_holds()
        self.put(lambda: ExpireHolds(hold_ids=holds))

    def open_holds(self) -> tuple[int, ...]:
        hold, connection = tables.hold, self.desk.shop.connection
        found = connection.execute(select(hold.c.hold_id).where(hold.c.state.in_([1, 2])))
        numbers = tuple(found.scalars().all())
        connection.rollback()
        return numbers

    # ------------------------------------------------------------------ tills and programs

    @rule(
        card=CARD,
        order=st.integers(0, 4),
        pay=AMOUNT,
        net=st.sampled_from([100, 5000]),
        chmode=st.sampled_from([SALE, SALE, SALE, RETURN, RETURN, SALE_BACK, RETURN_BACK]),
        share=st.sampled_from([1, 2]),
    )
    def till(self, card: int, order: int, pay: int, net: int, chmode: int, share: int) -> None:
        self.serial += 1
        sign = -1 if chmode in (RETURN, SALE_BACK) else 1
        lines = [(0, -pay * sign // share), (2, 90 * sign // share), (3, net * sign // share)]
        stamp = f"2026-03-02T12:00:00.{self.serial:03d}"
        sent = Sent(chmode, f"order-{order}", 1, stamp, [(card, lines)])
        self.put(lambda: self.desk.posting(sent))

    @rule(
        card=CARD,
        ext_id=st.sampled_from(["7", "8", None]),
        pay=AMOUNT,
        sign=st.sampled_from([1, 1, -1]),
        spent=st.booleans(),
        index=st.integers(1, 2),
    )
    def program(
        self, card: int, ext_id: str | None, pay: int, sign: int, spent: bool, index: int
    ) -> None:
        rows = [(BONUS, -pay * sign), (BONUS, 50 * sign)] + ([(SPENT, 900 * sign)] if spent else [])
        items = [
            XmlItem(
                account_id=self.account(card, type_id),
                amount=amount,
                ext_id=ext_id,
                ext_index=index,
                time=self.desk.now,
            )
            for type_id, amount in rows
        ]
        shop = self.desk.shop

        def make() -> XmlPosting:
            classifier = shop.ledger.rules.classifiers[shop.classifier_id]
            call = XmlCall(classifier_id=shop.classifier_id, items=items)
            return XmlPosting(call, classifier)

        self.put(make)

    # ------------------------------------------------------------------ the world

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A request by hand comes again: the same outcome, and not one row more (I-25, I-26)."""
        self.flush()
        known = [one for one in self.done if isinstance(one[1], ManualOutcome)]
        if not known:
            return
        make, outcome = data.draw(st.sampled_from(known[-8:]))
        shop = self.desk.shop
        before = shop.count(tables.operation)
        (repeated,) = shop.run(make())
        assert repeated.repeated, repeated
        assert plain(repeated) == plain(outcome)
        assert shop.count(tables.operation) == before

    @rule(minutes=st.sampled_from([1, 31, 61, 600, 1440, 6000]))
    def pass_time(self, minutes: int) -> None:
        self.flush()
        self.desk.shop.pass_time(minutes=minutes)

    @rule()
    def crash(self) -> None:
        self.flush()
        self.desk.reopen()


def test_whatever_is_posted_the_laws_hold(databases: Databases) -> None:
    Desk.databases = databases
    run_state_machine_as_test(Desk, settings=tries(40, steps=25))
