"""A till that hypothesis plays with: calls on the real ledger, and the model beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from card_server.accounts import tables as account_tables
from card_server.classifiers import tables as classifier_tables
from card_server.db.engine import DatabaseAddress
from card_server.ledger.rebuild import rebuild
from card_server.ledger.verify import verify
from card_server.receipts.records import RelayCall, RelayLine, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting
from card_server.schemes import tables as scheme_tables
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.laws import broken_laws
from tests.helpers.model import (
    BONUS,
    CONFLICT,
    DEBIT,
    DISCOUNT,
    FUNDS,
    NO_SALE,
    ROLLED_BACK,
    SPENT,
    TOO_BIG,
    WRONG_STATE,
    Policy,
)
from tests.helpers.model_shop import ModelShop, Sent, Terms, day_end
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import Shop, open_shop

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BY_CLOCK: Final = {"pending", "next_lot_event_at", "state"}
CARDS: Final = (10001, 10002, 10003)
FAMILIES: Final = {
    ErrorCode.KEY_CONFLICT: CONFLICT,
    ErrorCode.ROLLED_BACK: ROLLED_BACK,
    ErrorCode.WRONG_STATE: WRONG_STATE,
    ErrorCode.REFUND_TOO_BIG: TOO_BIG,
    ErrorCode.SALE_NOT_FOUND: NO_SALE,
    ErrorCode.INSUFFICIENT: FUNDS,
    ErrorCode.PENDING_ONLY: FUNDS,
    ErrorCode.CAP_EXCEEDED: FUNDS,
    ErrorCode.HELD_ELSEWHERE: FUNDS,
}


@dataclass(frozen=True)
class Life:
    """Delay and life of bonus lots, as columns of the account type and as the model counts."""

    name: str
    columns: dict[str, int]
    terms: Terms


def _same(moment: datetime) -> datetime:
    return moment


LIVES: Final = (
    Life("for ever", {"life_kind": 0, "delay_kind": 0}, Terms(_same, lambda _at: None)),
    Life(
        "three days",
        {"life_kind": 1, "life_value": 3, "delay_kind": 0},
        Terms(_same, lambda at: day_end(at, 3)),
    ),
    Life(
        "half an hour later, five days",
        {"life_kind": 1, "life_value": 5, "delay_kind": 1, "delay_value": 30},
        Terms(lambda at: at + timedelta(minutes=30), lambda at: day_end(at, 5)),
    ),
    Life(
        "two hours later, this day only",
        {"life_kind": 1, "life_value": 0, "delay_kind": 2, "delay_value": 2},
        Terms(lambda at: at + timedelta(hours=2), day_end),
    ),
    Life(
        "from the next day, two days",
        {"life_kind": 1, "life_value": 2, "delay_kind": 3, "delay_value": 1},
        Terms(day_end, lambda at: day_end(at, 2)),
    ),
)


@dataclass(frozen=True)
class Setup:
    """What one example runs under."""

    life: Life
    policy: Policy
    crm: bool = False
    depth: int = 0


class Counter:
    """A real shop and a model of it; every answer is compared, then every law is checked."""

    def __init__(self, address: DatabaseAddress | Path, setup: Setup) -> None:
        self._stack = ExitStack()
        self._address = address
        self._setup = setup
        mode = 2 if setup.crm else 1
        self.shop: Shop = self._stack.enter_context(open_shop(address, START, mode))
        self._equip(setup)
        self.model = ModelShop(setup.policy, setup.life.terms, crm=setup.crm, depth=setup.depth)
        self.holders = {card: self.shop.issue(card) for card in CARDS}
        if setup.depth:
            table = account_tables.account
            self.shop.change(table, table.c.account_type_id == BONUS, credit_depth=setup.depth)
        self._unchanging: dict[Any, Any] = {}
        self._known: set[int] = set()
        self.check()

    def _equip(self, setup: Setup) -> None:
        table = account_tables.account_type
        policy = setup.policy
        self.shop.change(
            table,
            table.c.account_type_id == BONUS,
            refund_earned=policy.refund_earned,
            refund_burned=policy.refund_burned,
            default_credit_depth=setup.depth,
            **setup.life.columns,
        )
        if setup.crm:
            scheme = scheme_tables.scheme
            found = self.shop.connection.execute(
                select(scheme.c.scheme_id).where(scheme.c.name == "Бонус 3 %")
            ).scalar_one()
            self.shop.connection.rollback()
            self.shop.change(table, table.c.account_type_id == BONUS, default_scheme_id=found)
        classifier = classifier_tables.classifier
        self.shop.change(
            classifier,
            classifier.c.classifier_id == self.shop.classifier_id,
            refund_unmatched=1 if setup.crm else 2,
        )
        matrix = classifier_tables.classifier_account_type
        self.shop.change(matrix, matrix.c.account_type_id == BONUS, max_pay_bp=policy.cap_bp)

    def set_coefficient(self, k_bp: int) -> None:
        """Account units for one unit of the till's money, on bonus accounts."""
        matrix = classifier_tables.classifier_account_type
        key = matrix.c.account_type_id == BONUS
        self.shop.change(matrix, key, debit_k_bp=k_bp, credit_k_bp=k_bp)

    def close(self) -> None:
        """Take everything down."""
        self._stack.close()

    @property
    def now(self) -> datetime:
        return self.shop.now

    # ------------------------------------------------------------------ doing

    def send(self, calls: Sequence[Sent]) -> None:
        """Post calls as the pipeline would: one group, those of one order after each other."""
        left = list(calls)
        while left:
            group, left = self._split(left)
            outcomes = self.shop.run(*(self.posting(sent) for sent in group))
            for sent, outcome in zip(group, outcomes, strict=True):
                expected = self.model.expect(sent, self.now)
                found = self._said(outcome)
                assert found == expected, (sent, outcome, expected)
        self.check()

    def _said(self, outcome: Any) -> str:
        """The family of an outcome: `ok`, `repeat` (nothing was booked), or what was refused."""
        error = outcome if isinstance(outcome, AppError) else outcome.error
        if error is not None:
            return FAMILIES.get(error.code, str(error.code))
        assert isinstance(outcome, RelayOutcome)
        made = set(outcome.operations)
        fresh = not made <= self._known
        self._known |= made
        return "ok" if fresh else "repeat"

    @staticmethod
    def _split(calls: list[Sent]) -> tuple[list[Sent], list[Sent]]:
        group: list[Sent] = []
        later: list[Sent] = []
        for sent in calls:
            taken = {one.order for one in group} | {one.order for one in later}
            (later if sent.order in taken else group).append(sent)
        return group, later

    def posting(self, sent: Sent) -> RelayPosting:
        """The call as the relay would hand it on."""
        call = RelayCall(
            classifier_id=self.shop.classifier_id,
            chmode=sent.chmode,
            order_guid=sent.order,
            check_no=sent.check_no,
            stamp=sent.stamp,
            occurred_at=sent.occurred,
            lines=[
                RelayLine(card=card, person_id=0, kind=kind, amount=amount)
                for card, lines in sent.parts
                for kind, amount in lines
            ],
        )
        classifier = self.shop.ledger.rules.classifiers[self.shop.classifier_id]
        return RelayPosting(call, classifier, None)

    def reopen(self) -> None:
        """A crash between two groups: what was in memory is gone."""
        self.shop.reopen()

    # ------------------------------------------------------------------ looking

    def finish(self, *, model: bool = True) -> None:
        """The product's own proof agrees, and counting anew changes only what follows the clock."""
        connection = self.shop.connection
        for now in (None, self.now):
            report = verify(connection, full=True, now=now)
            assert report.ok, report.findings
            connection.rollback()
        with connection.begin():
            changes = rebuild(connection, now=self.now).changes
        assert {change.column for change in changes} <= BY_CLOCK, changes
        self.check(model=model)

    def check(self, *, model: bool = True) -> None:
        """The laws, the immutable rows, and the model's purses against the tables."""
        raw = RawLedger(self.shop.connection)
        broken = broken_laws(raw, self.now)
        assert not broken, broken
        present = raw.unchanging()
        assert self._unchanging.items() <= present.items(), "I-6: an immutable row changed"
        self._unchanging = present
        if not model:
            return
        found = self._purses(raw)
        wanted = {
            (card, type_id): (
                purse.balance,
                sum(debt.open for debt in purse.debts),
                [(lot.amount, lot.rest, lot.available, lot.ends) for lot in purse.lots],
            )
            for (card, type_id), purse in self.model.purses.items()
        }
        for place, figures in wanted.items():
            assert found[place] == figures, (place, found[place], figures)

    def _purses(self, raw: RawLedger) -> dict[tuple[int, int], tuple[int, int, list[Any]]]:
        card_of = {holder: card for card, holder in self.holders.items()}
        lots = raw.by("lot", "account_id")
        return {
            (card_of[account["holder_id"]], account["account_type_id"]): (
                account["balance"],
                account["uncovered"],
                [
                    (lot["amount"], lot["remaining"], lot["available_at"], lot["expires_at"])
                    for lot in lots.get(account["account_id"], ())
                ],
            )
            for account in raw.rows["account"]
            if account["holder_id"] in card_of
        }

    def moments(self) -> list[datetime]:
        """Coming moments at which some lot changes its worth."""
        coming = {
            moment
            for purse in self.model.purses.values()
            for lot in purse.lots
            if lot.rest
            for moment in (lot.available, lot.ends)
            if moment is not None and moment > self.now
        }
        return sorted(coming)


def folder() -> tempfile.TemporaryDirectory[str]:
    """A place for one example's database."""
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


__all__ = ["BONUS", "CARDS", "DEBIT", "DISCOUNT", "LIVES", "SPENT", "Counter", "Setup", "folder"]
