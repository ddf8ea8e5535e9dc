"""The model's shop: what a TransactionsEx call must come to (domain 2.9, 3.2, 3.3, 3.10)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.helpers.model import (
    BONUS,
    DEBIT,
    DISCOUNT,
    EARN,
    FUNDS,
    NO_SALE,
    PAY,
    ROLLED_BACK,
    SPEND,
    SPENT,
    TAKE_OFF,
    TOO_BIG,
    TOP_UP,
    WRONG_STATE,
    Attempt,
    Done,
    Keys,
    Line,
    Lot,
    Policy,
    Purse,
    Refusal,
    take_from,
    undo,
)

PAYMENT_KIND, DISCOUNT_KIND, BONUS_KIND, SPENT_KIND = range(4)
UNDER_ORDER = (PAYMENT_KIND, BONUS_KIND, SPENT_KIND, DISCOUNT_KIND)
SERVED = {
    PAYMENT_KIND: (PAY,),
    BONUS_KIND: (EARN, TOP_UP),
    SPENT_KIND: (SPEND,),
    DISCOUNT_KIND: (TAKE_OFF,),
}
"""What a return's line of a kind gives or takes back."""
SALE, SALE_BACK, RETURN, RETURN_BACK = 1, 2, 3, 4
FULL = 10_000
EARN_BP = 300


@dataclass
class Sent:
    """One call as the till makes it: one list of (kind, kopecks) a card."""

    chmode: int
    order: str
    check_no: int
    stamp: str
    parts: list[tuple[int, list[tuple[int, int]]]]
    occurred: datetime | None = None

    def key(self, card: int, lines: Sequence[tuple[int, int]]) -> object:
        kinds = ",".join(str(k) for k in sorted(k for k, _ in lines))
        return (self.order, self.check_no, self.chmode, card, kinds)


@dataclass
class Terms:
    """How a bonus lot lives: made from the moment of the credit."""

    available: Callable[[datetime], datetime]
    ends: Callable[[datetime], datetime | None]


def day_end(moment: datetime, days: int = 0) -> datetime:
    """The end of the business day `days` on: four in the morning of Moscow, without summer time."""
    business = (moment.astimezone(UTC) - timedelta(hours=1)).date() + timedelta(days=days + 1)
    return datetime(business.year, business.month, business.day, 1, tzinfo=UTC)


@dataclass
class ModelShop:
    """All holders, all keys, all orders."""

    policy: Policy
    terms: Terms
    crm: bool = False
    depth: int = 0
    purses: dict[tuple[int, int], Purse] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    orders: dict[tuple[str, int], list[tuple[int, int, Done]]] = field(default_factory=dict)
    """(order, card) -> (check number, chmode, operation), oldest first."""
    waiting: list[tuple[str, int, int, int, str]] = field(default_factory=list)
    """Roll-backs without a target: order, check number, card, chmode, stamp."""

    def purse(self, card: int, type_id: int) -> Purse:
        found = self.purses.get((card, type_id))
        if found is None:
            lots = type_id == BONUS
            found = Purse(type_id, uses_lots=lots, depth=self.depth if lots else 0)
            self.purses[card, type_id] = found
        return found

    # ------------------------------------------------------------------ calls

    def expect(self, sent: Sent, now: datetime) -> str:
        """`ok`, `repeat`, or the family of the refusal; the model moves on when it is ok."""
        asked = self._ask(sent)
        if isinstance(asked, str):
            return asked
        saved = _Saved(self)
        fresh = False
        for (card, lines), prior in zip(sent.parts, asked, strict=True):
            if prior is not None:
                continue
            fresh = True
            key, content = sent.key(card, lines), sorted(lines)
            try:
                done = self._act(sent, card, lines, now)
            except Refusal as refusal:
                saved.restore(self)
                if refusal.why != ROLLED_BACK:
                    self.keys.store(key, Attempt(False, content, sent.stamp, why=refusal.why))
                return refusal.why
            self.keys.store(key, Attempt(True, content, sent.stamp, done))
        return "ok" if fresh else "repeat"

    def _ask(self, sent: Sent) -> str | list[Attempt | None]:
        """What stands under the keys of all cards, before anything is done (2.9)."""
        undoing = sent.chmode in (SALE_BACK, RETURN_BACK)
        found: list[Attempt | None] = []
        for card, lines in sent.parts:
            try:
                prior = self.keys.ask(
                    sent.key(card, lines), sorted(lines), sent.stamp, undoing=undoing
                )
            except Refusal as refusal:
                return refusal.why
            if prior is not None and not prior.accepted:
                return prior.why
            found.append(prior)
        return found

    def _act(
        self, sent: Sent, card: int, lines: Sequence[tuple[int, int]], now: datetime
    ) -> list[Done]:
        if sent.chmode in (SALE_BACK, RETURN_BACK):
            return self._roll_back(sent, card, now)
        for order, check_no, who, chmode, stamp in self.waiting:
            same = order == sent.order and who == card and chmode == sent.chmode + 1
            if same and check_no in (0, sent.check_no) and sent.stamp <= stamp:
                raise Refusal(ROLLED_BACK)
        for (who, _), purse in self.purses.items():
            if who == card and purse.uses_lots:
                purse.settle(now)
        done = self._sell if sent.chmode == SALE else self._return
        made = done(sent, card, lines, now)
        made.recorded = now
        self.orders.setdefault((sent.order, card), []).append((sent.check_no, sent.chmode, made))
        return [made]

    # ------------------------------------------------------------------ sale

    def _sell(self, sent: Sent, card: int, lines: Sequence[tuple[int, int]], now: datetime) -> Done:
        net = sum(amount for kind, amount in lines if kind == SPENT_KIND)
        done = Done("sale", net=net)
        points = 0
        for kind, amount in lines:
            if kind == PAYMENT_KIND and amount < 0:
                points += self._pay(done, card, -amount, net, now)
            elif kind == PAYMENT_KIND and amount > 0:
                self._credit(done, card, TOP_UP, DEBIT, amount, now, None)
        for kind, amount in lines:
            if kind == DISCOUNT_KIND and amount:
                purse = self.purse(card, DISCOUNT)
                debt = purse.debit(abs(amount), now)
                done.lines.append(Line(TAKE_OFF, purse, abs(amount), is_debit=True, debt=debt))
        self._earn(done, card, lines, points, min(sent.occurred or now, now), now)
        for kind, amount in lines:
            if kind == SPENT_KIND and amount:
                self._credit(done, card, SPEND, SPENT, amount, now, None)
        return done

    def _earn(
        self,
        done: Done,
        card: int,
        lines: Sequence[tuple[int, int]],
        points: int,
        at: datetime,
        now: datetime,
    ) -> None:
        net = done.net
        if self.crm:
            earned = (2 * max(0, net - points) * EARN_BP + FULL) // (2 * FULL)
            if earned:
                self._credit(done, card, EARN, BONUS, earned, now, at)
        else:
            for kind, amount in lines:
                if kind == BONUS_KIND and amount:
                    self._credit(done, card, EARN, BONUS, amount, now, at)

    def _pay(self, done: Done, card: int, amount: int, net: int, now: datetime) -> int:
        """Money first, then points up to their cap of the cheque; returns what points paid."""
        points = 0
        for type_id, cap_bp in ((DEBIT, FULL), (BONUS, self.policy.cap_bp)):
            purse = self.purse(card, type_id)
            before = sum(one.amount for one in done.lines if one.what == PAY and one.purse is purse)
            cap = net * cap_bp // FULL - before
            part = max(0, min(amount, purse.spendable(now), cap))
            if part:
                debt = purse.debit(part, now)
                done.lines.append(Line(PAY, purse, part, is_debit=True, debt=debt))
                amount -= part
                points += part if type_id == BONUS else 0
        if amount:
            raise Refusal(FUNDS)
        return points

    def _credit(
        self,
        done: Done,
        card: int,
        what: str,
        type_id: int,
        amount: int,
        now: datetime,
        at: datetime | None,
    ) -> None:
        purse = self.purse(card, type_id)
        lot = None
        if at is not None:
            available = self.terms.available(at)
            lot = Lot(amount, available, self.terms.ends(available))
        made = purse.credit(amount, lot, now)
        done.lines.append(
            Line(what, purse, amount, is_debit=False, own=[made] if made is not None else [])
        )

    # ------------------------------------------------------------------ return

    def _return(
        self, sent: Sent, card: int, lines: Sequence[tuple[int, int]], now: datetime
    ) -> Done:
        sales = [
            done
            for check_no, chmode, done in self.orders.get((sent.order, card), [])
            if chmode == SALE and not done.undone and check_no == sent.check_no
        ]
        done = Done("refund", recorded=now)
        totals = {
            kind: sum(abs(amount) for one, amount in lines if one == kind) for kind in UNDER_ORDER
        }
        done.net = totals[SPENT_KIND]
        if not sales:
            if self.crm:
                raise Refusal(NO_SALE)
            self._unmatched(done, card, totals, now)
            return done
        sale = next((one for one in sales if any(line.rest > 0 for line in one.lines)), sales[0])
        done.target = sale
        before = sum(one.net for one in sale.refunds)
        if 0 < sale.net < before + done.net:
            raise Refusal(TOO_BIG)
        for kind in UNDER_ORDER:
            lines_of = [line for line in sale.lines if line.what in SERVED[kind]]
            if self.crm and sale.net and done.net and kind != DISCOUNT_KIND:
                self._to_target(done, sale, lines_of, before + done.net, now)
            elif totals[kind] and (lines_of or kind == PAYMENT_KIND):
                self._as_sent(done, lines_of, totals[kind], now)
        sale.refunds.append(done)
        return done

    def _to_target(
        self, done: Done, sale: Done, lines: list[Line], refunded: int, now: datetime
    ) -> None:
        """Each account's share of the refunded net, whatever the number of parts."""
        for purse in dict.fromkeys(line.purse for line in lines):
            mine = [line for line in lines if line.purse is purse]
            total = sum(line.amount for line in mine if not line.again)
            back = total - sum(line.rest for line in mine)
            target = (2 * total * refunded + sale.net) // (2 * sale.net)
            left = max(0, target - back)
            for line in reversed(mine):
                part = min(left, line.rest)
                left -= max(0, part)
                self._reverse(done, line, part, now)

    def _as_sent(self, done: Done, lines: list[Line], total: int, now: datetime) -> None:
        for line in reversed(lines):
            part = min(total, line.rest)
            total -= max(0, part)
            self._reverse(done, line, part, now)
        if total:
            raise Refusal(TOO_BIG)

    def _reverse(self, done: Done, line: Line, part: int, now: datetime) -> None:
        if part <= 0:
            return
        if line.is_debit:
            self._give(done, line, part, now)
            return
        asked = line.amount - line.rest
        due = max(0, asked + part - line.burnt) - (asked - line.skipped)
        due = min(part, max(0, due))
        policy = self.policy.refund_earned
        taken, debt = take_from(line.purse, due, policy, now, line)
        self._ask_for(done, line, part - taken, part - due)
        line.gone += taken
        if taken:
            done.lines.append(Line(line.what, line.purse, taken, True, debt=debt, of=line))

    @staticmethod
    def _ask_for(done: Done, line: Line, unposted: int, skipped: int) -> None:
        line.unposted += unposted
        line.skipped += skipped
        done.asked.append((line, unposted, skipped))

    def _give(self, done: Done, line: Line, part: int, now: datetime) -> None:
        policy = self.policy.refund_burned if line.purse.type_id == BONUS else 1
        if policy == 3:
            self._ask_for(done, line, part, 0)
            return
        assert line.debt is not None
        keep = day_end(now, 7) if policy == 2 else None
        filled = line.purse.give_back(line.debt, part, now, keep)
        line.gone += part
        done.lines.append(Line(line.what, line.purse, part, False, own=filled, of=line))

    def _unmatched(self, done: Done, card: int, totals: dict[int, int], now: datetime) -> None:
        """Spent and earned go back as sent, points paid do not."""
        for kind, what, type_id in ((BONUS_KIND, EARN, BONUS), (SPENT_KIND, SPEND, SPENT)):
            purse = self.purse(card, type_id)
            taken, debt = take_from(purse, totals[kind], self.policy.refund_earned, now)
            if taken:
                done.lines.append(Line(what, purse, taken, is_debit=True, debt=debt))
        if totals[DISCOUNT_KIND]:
            self._credit(done, card, TAKE_OFF, DISCOUNT, totals[DISCOUNT_KIND], now, None)

    # ------------------------------------------------------------------ roll-back

    def _roll_back(self, sent: Sent, card: int, now: datetime) -> list[Done]:
        chmode = sent.chmode - 1
        targets = [
            done
            for check_no, mode, done in self.orders.get((sent.order, card), [])
            if mode == chmode and not done.undone and sent.check_no in (0, check_no)
        ]
        if not targets:
            self.waiting.append((sent.order, sent.check_no, card, sent.chmode, sent.stamp))
            return [Done("undo", recorded=now)]
        made = []
        for target in targets:
            old = now - target.recorded > timedelta(hours=self.policy.rollback_hours)
            if old or target.refunds:
                raise Refusal(WRONG_STATE)
            made.append(undo(target, now, day_end(now, 1)))
        return made


class _Saved:
    """A deep copy of the model's money, to come back to when a call is refused."""

    def __init__(self, shop: ModelShop) -> None:
        state = (shop.purses, shop.keys, shop.orders, shop.waiting)
        self._state = copy.deepcopy(state)

    def restore(self, shop: ModelShop) -> None:
        shop.purses, shop.keys, shop.orders, shop.waiting = self._state
