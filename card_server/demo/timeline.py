"""What happens at the tills in the demo's months: visits, returns, roll-backs, repeats, in order.

The plan of a guest is a pure function of the guest's number; it keeps a careful count of the
points that the guest surely has, so that a payment is refused only where the plan wants it.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Final

import msgspec

from card_server.classifiers.records import MODE_POS
from card_server.demo.draws import Draws
from card_server.demo.organisation import Place

MOSCOW_S: Final = 3 * 3600
"""Moscow has been three hours ahead of UTC all the time since 2014."""

DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60
WEEKDAYS: Final = (8, 9, 10, 11, 16, 26, 20)
HOURS: Final = (2, 3, 9, 13, 10, 5, 3, 3, 6, 10, 14, 11, 6, 4, 2, 1, 1)
"""Weights of the hours from 10 to 26: lunch, dinner, and a little after midnight."""

FIRST_HOUR: Final = 10
MEDIAN: Final = 1_450_00
POS_RATE_BP: Final = 500
DISCOUNT_BP: Final = 300
LEAST_PAYMENT: Final = 50_00
SAFE_DAYS: Final = 350
"""Points live 365 days; what is older may burn before the guest comes."""

CALLS_PER_VISIT: Final = 1_038
"""Operations that a thousand visits leave, with returns, roll-backs and refusals."""

RETURNED, ROLLED_BACK, SENT_AGAIN, REFUSED_FIRST, CORRECTED = 1_500, 1_700, 2_200, 3_200, 3_300
"""Of a hundred thousand visits so many end in a return, then so many more in a roll-back, ..."""

LATE_FROM: Final = 99_500
"""The last five in a thousand reach the server a day or two late."""

VISITS: Final = 10_000
"""Room for the visits of one guest in the row numbers of the draws."""


class Act(IntEnum):
    """What a row of the timeline does."""

    REFUSED = 1
    """The cashier asks for more points than may be paid; nothing is booked but the refusal."""
    SALE = 2
    REPLAY = 3
    """The till sends the sale once more; nothing may change."""
    ROLLBACK = 4
    REFUND = 5
    PART_REFUND = 6
    ADJUST = 7
    """A manager gives points for a complaint."""


class Row(msgspec.Struct, gc=False):
    """One call of a till (or a correction by hand)."""

    at: int
    """Seconds since 1970 UTC: when the server gets it."""
    guest: int
    visit: int
    act: int
    net: int
    earned: int
    paid: int
    discount: int
    late_s: int
    """How long before `at` it happened."""
    place: int
    """Index of the restaurant."""
    kept: bool
    """Later rows speak of the same order."""


class Timeline:
    """Rows of all guests in columns, because there may be millions."""

    WIDTH: Final = 10

    def __init__(self) -> None:
        self._columns = [array("q") for _ in range(self.WIDTH)]
        self._kept = array("b")

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, row: Row) -> None:
        """Append a row."""
        values = (row.at, row.guest, row.visit, row.act, row.net, row.earned, row.paid)
        more = (row.discount, row.late_s, row.place)
        for column, value in zip(self._columns, (*values, *more), strict=True):
            column.append(value)
        self._kept.append(row.kept)

    def in_order(self) -> Iterator[Row]:
        """All rows by their moment; what was planned first comes first within a second."""
        at, guest, visit, act, net, earned, paid, discount, late, place = self._columns
        kept = self._kept
        for i in sorted(range(len(at)), key=at.__getitem__):
            yield Row(
                *(at[i], guest[i], visit[i], act[i], net[i], earned[i]),
                *(paid[i], discount[i], late[i], place[i]),
                kept=kept[i] != 0,
            )


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The months of the demo."""

    start: date
    as_of: date

    @property
    def begin_s(self) -> int:
        """Local midnight at the start, in seconds since 1970 UTC."""
        return seconds_of(self.start)

    @property
    def end_s(self) -> int:
        """Local midnight of the as-of date."""
        return seconds_of(self.as_of)


def seconds_of(day: date) -> int:
    """Local midnight as seconds since 1970 UTC."""
    return (day - date(1970, 1, 1)).days * DAY_S - MOSCOW_S


def moment_of(seconds: int) -> datetime:
    """Seconds since 1970 as an aware moment."""
    return datetime.fromtimestamp(seconds, UTC)


def registered_s(number: int, draws: Draws, period: Period) -> int:
    """When a guest got the first card: four of ten came before the demo's months."""
    if draws.chance("holder", number, "early", 40):
        back = 1 + draws.number("holder", number, "early by", 600)
        return period.begin_s - back * DAY_S + 12 * HOUR_S
    span = (period.end_s - period.begin_s) // DAY_S - 3
    day = draws.number("holder", number, "registered", max(1, span))
    return period.begin_s + day * DAY_S + 12 * HOUR_S


class _Purse:
    """Points that a guest surely has, oldest first."""

    def __init__(self) -> None:
        self._lots: deque[list[int]] = deque()
        self._debt = 0

    def earn(self, at: int, amount: int) -> None:
        part = min(self._debt, amount)
        self._debt -= part
        if amount > part:
            self._lots.append([at, amount - part])

    def spend(self, amount: int) -> None:
        while amount and self._lots:
            part = min(amount, self._lots[0][1])
            self._lots[0][1] -= part
            amount -= part
            if not self._lots[0][1]:
                self._lots.popleft()
        self._debt += amount

    def worth(self, at: int) -> int:
        while self._lots and self._lots[0][0] < at - SAFE_DAYS * DAY_S:
            self._lots.popleft()
        return sum(amount for _, amount in self._lots) - self._debt


class Planner:
    """Makes the rows of guests."""

    def __init__(self, draws: Draws, period: Period, places: list[Place], per_card: int) -> None:
        self._draws = draws
        self._period = period
        self._places = places
        self._per_card = per_card * 1000 // CALLS_PER_VISIT

    def _place(self, guest: int, visit: int) -> int:
        """Where a visit is: mostly in the guest's usual restaurant."""
        draws, count = self._draws, len(self._places)
        if draws.chance("visit", guest * VISITS + visit, "away", 25):
            return draws.number("visit", guest * VISITS + visit, "place", count)
        return draws.number("holder", guest, "home", count)

    def rows(self, guest: int, cards: int) -> Iterator[Row]:
        """Everything one guest does, visit after visit."""
        moments = self._moments(guest, cards)
        purse = _Purse()
        for visit, at in enumerate(moments):
            yield from self._visit(guest, visit, at, purse)

    def _moments(self, guest: int, cards: int) -> list[int]:
        draws = self._draws
        mean = self._per_card * cards * draws.gamma("holder", guest, "rate")
        count, rest = divmod(mean, 1_000_000)
        count += draws.number("holder", guest, "one more", 1_000_000) < rest
        first = max(self._period.begin_s, registered_s(guest, draws, self._period) - 12 * HOUR_S)
        days = (self._period.end_s - first) // DAY_S
        found = []
        for visit in range(min(count, VISITS - 1)):
            row = guest * VISITS + visit
            week = draws.number("visit", row, "week", max(1, days // 7)) * 7
            begin = first + week * DAY_S
            # day numbers since 1970, a Thursday: 0 is Monday after adding 3
            weekday_of_begin = ((begin + MOSCOW_S) // DAY_S + 3) % 7
            weekday = draws.weighted("visit", row, "weekday", WEEKDAYS)
            day = begin + (weekday - weekday_of_begin) % 7 * DAY_S
            hour = FIRST_HOUR + draws.weighted("visit", row, "hour", HOURS)
            at = day + hour * HOUR_S + draws.number("visit", row, "second", HOUR_S)
            if day < self._period.end_s:
                found.append(at)
        return sorted(found)

    def _visit(self, guest: int, visit: int, at: int, purse: _Purse) -> Iterator[Row]:
        draws, row = self._draws, guest * VISITS + visit
        gross = max(10_00, MEDIAN * draws.lognormal("visit", row, "sum") // 1000)
        if not draws.chance("visit", row, "kopecks", 30):
            gross -= gross % 100
        place = self._place(guest, visit)
        by_till = self._places[place].mode == MODE_POS
        discount = 0
        if draws.chance("visit", row, "discount", 20):
            discount = gross * DISCOUNT_BP // 10_000
        net = gross - discount
        fate = draws.number("visit", row, "fate", 100_000)
        late = 0
        if fate >= LATE_FROM:
            late = (26 + draws.number("visit", row, "late", 24)) * HOUR_S
        paid = 0
        worth = purse.worth(at)
        if not late and worth >= LEAST_PAYMENT and draws.chance("visit", row, "points", 15):
            paid = min(worth, net // 2)
            paid -= paid % 100
        earned = (net - paid) * POS_RATE_BP // 10_000 if by_till else 0
        plain = Row(at, guest, visit, Act.SALE, net, earned, paid, discount, 0, place, kept=False)
        yield from self._told(plain, fate, late, purse)

    def _told(self, sale: Row, fate: int, late: int, purse: _Purse) -> Iterator[Row]:
        """The sale and what else comes of it; `fate` is one of a hundred thousand."""
        replace = msgspec.structs.replace
        limit = self._period.end_s
        purse.spend(sale.paid)
        if fate < RETURNED:  # a return, a third of them partial
            row = sale.guest * VISITS + sale.visit
            wait = HOUR_S + self._draws.number("visit", row, "return", 7 * DAY_S)
            part = fate % 3 == 0
            if sale.at + wait < limit:
                act = Act.PART_REFUND if part else Act.REFUND
                yield replace(sale, kept=True)
                yield replace(sale, at=sale.at + wait, act=act)
                purse.earn(sale.at, 0 if part else sale.paid)
                return
        elif fate < ROLLED_BACK:
            yield replace(sale, kept=True)
            yield replace(sale, at=sale.at + 150 + fate % 400, act=Act.ROLLBACK)
            purse.earn(sale.at, sale.paid)
            return
        elif fate < SENT_AGAIN:
            yield replace(sale, kept=True)
            yield replace(sale, at=sale.at + 45, act=Act.REPLAY, late_s=45)
            purse.earn(sale.at, sale.earned)
            return
        elif fate < REFUSED_FIRST:
            yield replace(sale, at=sale.at - 90, act=Act.REFUSED, kept=True)
        elif fate < CORRECTED and sale.at + HOUR_S < limit:
            yield replace(sale, at=sale.at + HOUR_S, act=Act.ADJUST)
        if late and sale.at + late < limit:
            yield replace(sale, at=sale.at + late, late_s=late)
        else:
            yield sale
        if not late:
            purse.earn(sale.at, sale.earned)
