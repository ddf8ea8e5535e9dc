"""A model of the ledger in plain Python: purses of lots, sales, keys (domain 2.9, 3.6-3.10).

It is told what a till sent and says what must come of it. It knows one pipeline of money only:
coefficient 1.00, no rounding steps; the laws alone judge the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

BONUS, DISCOUNT, DEBIT, SPENT = 1, 2, 3, 5
PAY, EARN, SPEND, TAKE_OFF, TOP_UP = "pay", "earn", "spent", "discount", "top up"
FUNDS: Final = "funds"
ROLLED_BACK: Final = "rolled back"
CONFLICT: Final = "conflict"
WRONG_STATE: Final = "wrong state"
TOO_BIG: Final = "too big"
NO_SALE: Final = "no sale"
"""Families of refusals."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Refusal(Exception):  # noqa: N818 - an outcome
    """The model refuses; `why` is a family of codes."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(eq=False)
class Lot:
    """Value with a term."""

    amount: int
    available: datetime
    ends: datetime | None
    rest: int = 0
    burnt: int = 0

    def usable(self, now: datetime) -> bool:
        return self.rest > 0 and self.available <= now and (self.ends is None or self.ends > now)


@dataclass(eq=False)
class Debt:
    """A debit: which lots paid it, and what none has paid."""

    paid: list[tuple[Lot, int]] = field(default_factory=list)
    open: int = 0
    own: list[Lot] = field(default_factory=list)
    """Lots of the credit that it takes back: they cover it first, even while pending."""


@dataclass(eq=False)
class Purse:
    """One holder's account of one type."""

    type_id: int
    uses_lots: bool = False
    balance: int = 0
    depth: int = 0
    floor: int = 0
    lots: list[Lot] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)

    def burn_order(self, now: datetime) -> list[Lot]:
        lots = [(i, lot) for i, lot in enumerate(self.lots) if lot.usable(now)]
        lots.sort(key=lambda one: (one[1].ends is None, one[1].ends, one[1].available, one[0]))
        return [lot for _, lot in lots]

    def spendable(self, now: datetime) -> int:
        waiting = sum(lot.rest for lot in self.lots if lot.rest and not lot.usable(now))
        return self.balance - waiting + self.depth - (self.floor if self.depth == 0 else 0)

    def settle(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.ends is not None and lot.ends <= now and lot.rest:
                self.balance -= lot.rest
                lot.burnt += lot.rest
                lot.rest = 0
        self.cover(now)

    def cover(self, now: datetime) -> None:
        for debt in self.debts:
            own = [lot for lot in debt.own if lot.ends is None or lot.ends > now]
            for lot in [*own, *self.burn_order(now)]:
                part = min(debt.open, lot.rest)
                if part:
                    lot.rest -= part
                    debt.open -= part
                    debt.paid.append((lot, part))

    def credit(self, amount: int, lot: Lot | None, now: datetime) -> Lot | None:
        self.balance += amount
        if not self.uses_lots or lot is None:
            return None
        lot.rest = amount
        self.lots.append(lot)
        self.cover(now)
        return lot

    def debit(self, amount: int, now: datetime, first: list[Lot] | None = None) -> Debt:
        self.balance -= amount
        debt = Debt()
        if not self.uses_lots:
            return debt
        for lot in [*(first or []), *self.burn_order(now)]:
            part = min(amount, lot.rest)
            if part:
                lot.rest -= part
                amount -= part
                debt.paid.append((lot, part))
        debt.open = amount
        self.debts.append(debt)
        return debt

    def give_back(
        self,
        debt: Debt,
        amount: int,
        now: datetime,
        keep: datetime | None = None,
        *,
        dead_only: bool = False,
    ) -> list[Lot]:
        """Undo a debit from its last allocation; returns the lots that were filled again.

        `keep` is the earliest end that filled lots get, or only those that died meanwhile.
        """
        self.balance += amount
        if not self.uses_lots:
            return []
        part = min(debt.open, amount)
        debt.open -= part
        amount -= part
        filled = []
        while amount:
            lot, paid = debt.paid.pop()
            part = min(amount, paid)
            lot.rest += part
            amount -= part
            if paid > part:
                debt.paid.append((lot, paid - part))
            if keep is not None and lot.ends is not None and lot.ends < keep:
                lot.ends = keep if not dead_only or lot.ends <= now else lot.ends
            filled.append(lot)
        self.cover(now)
        return list(dict.fromkeys(filled))


@dataclass(eq=False)
class Line:
    """One entry of an operation."""

    what: str
    purse: Purse
    amount: int
    """Without its sign."""
    is_debit: bool
    debt: Debt | None = None
    own: list[Lot] = field(default_factory=list)
    gone: int = 0
    """How much of it later operations took or gave back."""
    unposted: int = 0
    """Asked back without being posted: forgiven, burnt, not given back."""
    skipped: int = 0
    """The burnt part of that."""
    of: Line | None = None
    """The line it reverses."""
    again: bool = False
    """It stands again for what an undone return had reversed."""

    @property
    def rest(self) -> int:
        """What may still be returned."""
        return self.amount - self.gone - self.unposted

    @property
    def burnt(self) -> int:
        return 0 if self.of is not None else sum(lot.burnt for lot in self.own)


@dataclass(eq=False)
class Done:
    """An accepted operation."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    target: Done | None = None
    refunds: list[Done] = field(default_factory=list)
    undone: bool = False
    recorded: datetime = NEVER
    net: int = 0
    asked: list[tuple[Line, int, int]] = field(default_factory=list)
    """What this return asked back without posting it: line, sum, burnt part."""


@dataclass
class Attempt:
    """What stands under a key."""

    accepted: bool
    content: object
    stamp: str
    done: list[Done] = field(default_factory=list)
    why: str = ""


@dataclass
class Policy:
    """The rules in force, as far as the model knows them."""

    refund_earned: int = 3
    refund_burned: int = 1
    cap_bp: int = 5000
    rollback_hours: int = 24


class Keys:
    """The table of domain 2.9, told a second time."""

    def __init__(self) -> None:
        self.attempts: dict[object, list[Attempt]] = {}

    def ask(self, key: object, content: object, stamp: str, *, undoing: bool) -> Attempt | None:
        """The attempt that is repeated, None for a new one; raises what is refused unstored."""
        if key not in self.attempts:
            return None
        last = self.attempts[key][-1]
        newer = stamp > last.stamp
        if undoing:
            return None if newer else last
        if not last.accepted:
            return last if last.content == content and not newer else None
        if last.done[0].undone:
            if newer:
                return None
            raise Refusal(ROLLED_BACK)
        if last.content == content:
            return last
        raise Refusal(CONFLICT)

    def store(self, key: object, attempt: Attempt) -> None:
        self.attempts.setdefault(key, []).append(attempt)


def take_from(
    purse: Purse, amount: int, policy: int, now: datetime, line: Line | None = None
) -> tuple[int, Debt | None]:
    """Take earned value: its own lots first, then by policy (3.10); what was taken."""
    own = line.own if line is not None else []
    waiting = sum(lot.rest for lot in own if lot.available > now)
    taken = amount
    if purse.type_id == BONUS and policy == 1:
        taken = min(amount, waiting)
    elif purse.type_id == BONUS and policy == 2:
        unusable = sum(lot.rest for lot in purse.lots if lot.rest and not lot.usable(now))
        taken = min(amount, waiting + max(0, purse.balance - unusable))
    if taken <= 0:
        return 0, None
    debt = purse.debit(taken, now, [lot for lot in own if lot.rest])
    if line is not None and line.of is None and not line.again:
        debt.own = own
    return taken, debt


def undo(done: Done, now: datetime, keep: datetime) -> Done:
    """The exact undo of an operation; a return that is undone stands in its sale again."""
    back = Done("undo", target=done, recorded=now)
    for line in reversed(done.lines):
        rest = line.amount - line.gone
        if not line.is_debit:
            rest = min(rest, line.amount - line.burnt)
        if rest <= 0:
            continue
        line.gone += rest
        if line.is_debit:
            assert line.debt is not None
            filled = line.purse.give_back(line.debt, rest, now, keep, dead_only=True)
            made = Line(line.what, line.purse, rest, is_debit=False, own=filled, of=line)
        else:
            _, debt = take_from(line.purse, rest, 3, now, line)
            made = Line(line.what, line.purse, rest, is_debit=True, debt=debt, of=line)
        back.lines.append(made)
    done.undone = True
    if done.kind == "refund" and done.target is not None:
        _stand_again(done, done.target, back)
    return back


def _stand_again(done: Done, sale: Done, back: Done) -> None:
    sale.refunds.remove(done)
    for line, unposted, skipped in done.asked:
        line.unposted -= unposted
        line.skipped -= skipped
    for line in back.lines:
        if line.of is not None and line.of.of is not None:
            root = line.of.of
            copy = Line(line.what, line.purse, line.amount, line.is_debit, line.debt, again=True)
            copy.own = [] if line.is_debit else root.own
            sale.lines.append(copy)
