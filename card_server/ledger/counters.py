"""Spend counters counted anew from entries (domain 1.6, I-32), for verify and rebuild.

A counter is what payments of its period took, less what reversals dated in the same period gave
back; a payment counts once for each operation and account, until the whole of it went back. What
the counter knew when it was kept and the rows no longer tell (a limit that was edited since, a
guest's group at the time) is left out: such counters are not certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import (
    LIMIT_ACCOUNT,
    LIMIT_CARD,
    LIMIT_GROUP,
    PERIOD_CHEQUE,
    SpendLimit,
)
from card_server.ledger import tables
from card_server.ledger.limits import COUNTED, period_key
from card_server.ledger.records import REVERSAL
from card_server.ledger.rule_set import RuleSet

PAGE: Final = 1000
Place = tuple[int, int, int]
"""Limit, subject, period."""


class Counters(msgspec.Struct, kw_only=True):
    """What counters must say, and from which period on that is certain."""

    figures: dict[Place, tuple[int, int]] = {}
    certain_from: dict[int, int] = {}
    """Limit -> first period key that lies wholly after the limit's last edit."""

    def is_certain(self, place: Place) -> bool:
        """The rows tell everything that the counter counts."""
        first = self.certain_from.get(place[0])
        return first is not None and place[2] >= first


class _Row(NamedTuple):
    """A payment, its reversal, or the reversal of that."""

    entry_id: int
    operation_id: int
    account_id: int
    amount: int
    purpose: int
    reverses_entry_id: int | None
    business_date: date
    classifier_id: int
    card_code: int | None


def stored_counters(connection: Connection) -> dict[Place, tuple[int, int]]:
    """Counters as they stand."""
    table = account_tables.spend_counter
    rows = connection.execute(
        select(
            table.c.limit_id,
            table.c.subject_id,
            table.c.period_key,
            table.c.used_amount,
            table.c.used_count,
        )
    )
    return {(a, b, c): (amount, count) for a, b, c, amount, count in rows}


def count_limits(connection: Connection, rules: RuleSet) -> Counters:
    """All counters of limits in force; without limits no statement runs."""
    limits = [limit for rows in rules.limits.values() for limit in rows]
    limits = [x for x in limits if x.period != PERIOD_CHEQUE and x.scope != LIMIT_GROUP]
    counters = Counters(figures={}, certain_from={})
    if not limits:
        return counters
    week_start = rules.settings.get("system.week_start", "Monday")
    table = account_tables.spend_limit
    rows = connection.execute(select(table.c.limit_id, table.c.updated_at)).all()
    edited: dict[int, datetime] = {row[0]: row[1] for row in rows}
    for limit in limits:
        after = edited[limit.limit_id].date() + timedelta(days=1)
        counters.certain_from[limit.limit_id] = _first_whole(limit.period, after, week_start)
        _count_one(connection, limit, week_start, counters)
    counters.figures = {k: v for k, v in counters.figures.items() if v != (0, 0)}
    return counters


def _first_whole(period: int, day: date, week_start: str) -> int:
    """The first period that begins on or after a day."""
    key = period_key(period, day, week_start)
    following = day
    while key < day.year * 10_000 + day.month * 100 + day.day:
        following += timedelta(days=1)
        key = period_key(period, following, week_start)
    return key


def _count_one(
    connection: Connection, limit: SpendLimit, week_start: str, counters: Counters
) -> None:
    counts: dict[Place, list[int]] = defaultdict(lambda: [0, 0])
    one = _OneAccount(limit, week_start, counts)
    account_id = 0
    for row in _rows(connection, limit):
        if row.account_id != account_id:
            one = _OneAccount(limit, week_start, counts)
            account_id = row.account_id
        one.take(row)
    counters.figures.update({place: (a, n) for place, (a, n) in counts.items()})


def _rows(connection: Connection, limit: SpendLimit) -> Iterator[_Row]:
    """Account after account, each in the order of posting; only one account is kept in mind."""
    entry, operation = tables.entry, tables.operation
    kinds = [*COUNTED, *(p + REVERSAL for p in COUNTED), *(p + 2 * REVERSAL for p in COUNTED)]
    statement = (
        select(
            *(entry.c[name] for name in _Row._fields[:7]),
            operation.c.classifier_id,
            operation.c.card_code,
        )
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .where(entry.c.account_type_id == limit.account_type_id, entry.c.purpose.in_(kinds))
        .order_by(entry.c.account_id, operation.c.chain_no, entry.c.line_no)
        .execution_options(yield_per=PAGE)
    )
    if limit.scope == LIMIT_ACCOUNT:
        statement = statement.where(entry.c.account_id == limit.scope_id)
    for row in connection.execute(statement):
        yield _Row._make(row)


class _OneAccount:
    """Payments of one account, what reversed them, and what stands again."""

    def __init__(self, limit: SpendLimit, week_start: str, counts: dict[Place, list[int]]) -> None:
        self._limit = limit
        self._week_start = week_start
        self._counts = counts
        self._sale_of: dict[int, _Row] = {}
        """Payment, or what stands for it again -> the sale's payment."""
        self._payment_of: dict[int, int] = {}
        """Reversal -> the payment it reverses."""
        self._rests: dict[int, int] = {}
        self._parts: dict[int, list[int]] = defaultdict(list)
        """Sale -> its payments and what stands again for them."""

    def take(self, row: _Row) -> None:
        """The next entry of the account."""
        target = row.reverses_entry_id
        if row.purpose in COUNTED and row.amount < 0:
            first = not self._parts[row.operation_id]
            self._stand(row, row)
            self._add(row, row, 1 if first else 0)
        elif target in self._sale_of and row.amount > 0:
            sale = self._sale_of[target]
            self._payment_of[row.entry_id] = target
            self._rests[target] -= row.amount
            self._add(sale, row, -1 if self._is_whole(sale) else 0)
        elif target in self._payment_of and row.amount < 0:
            sale = self._sale_of[self._payment_of[target]]
            whole = self._is_whole(sale)
            self._stand(row, sale)
            self._add(sale, row, 1 if whole else 0)

    def _stand(self, row: _Row, sale: _Row) -> None:
        self._sale_of[row.entry_id] = sale
        self._rests[row.entry_id] = -row.amount
        self._parts[sale.operation_id].append(row.entry_id)

    def _is_whole(self, sale: _Row) -> bool:
        """All of the sale's payments from the account went back."""
        return all(self._rests[part] == 0 for part in self._parts[sale.operation_id])

    def _add(self, sale: _Row, row: _Row, times: int) -> None:
        """Counts in the period of the sale, if the row is dated in it too."""
        limit = self._limit
        if limit.classifier_id is not None and limit.classifier_id != sale.classifier_id:
            return
        if limit.scope == LIMIT_CARD and sale.card_code != limit.scope_id:
            return
        subject = limit.scope_id if limit.scope == LIMIT_CARD else sale.account_id
        key = period_key(limit.period, sale.business_date, self._week_start)
        if key != period_key(limit.period, row.business_date, self._week_start):
            return
        place = self._counts[limit.limit_id, subject, key]
        place[0] -= row.amount
        place[1] += times
