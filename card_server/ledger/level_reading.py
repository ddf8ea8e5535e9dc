"""Measures what levels hang on: sums of entries in a window, merged accounts included (3.11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED, CLASS_DISCOUNT, CLASS_SPENT, OWNER, Account
from card_server.ledger import tables
from card_server.ledger.level_rules import UP, UP_AND_DOWN, ladder_of, next_step, window
from card_server.ledger.levels import Measured, Seen
from card_server.ledger.records import REVERSAL, Purpose
from card_server.ledger.rule_set import RuleSet
from card_server.schemes.records import Level

SPENT_COUNTS: Final = frozenset(
    {Purpose.SPENT, Purpose.SPENT + REVERSAL, Purpose.OPENING, Purpose.ADJUST}
)
"""What counts on a spent account."""
IN_LIST: Final = 500
"""Values in one IN list at most, for every database."""
Ladders = Mapping[int, Sequence[Level]]


def ladders_of(rules: RuleSet) -> dict[int, list[Level]]:
    """The rungs of every account type whose levels change by themselves."""
    found = {
        kind.account_type_id: ladder_of(rules.levels, kind.account_type_id)
        for kind in rules.account_types.values()
        if kind.level_change in (UP, UP_AND_DOWN)
    }
    return {type_id: ladder for type_id, ladder in found.items() if ladder}


def laddered_accounts(
    connection: Connection, ladders: Ladders, after: int, limit: int
) -> list[int]:
    """The next open accounts whose level changes by itself, by id."""
    account = account_tables.account
    statement = (
        select(account.c.account_id)
        .where(
            account.c.account_id > after,
            account.c.account_type_id.in_(sorted(ladders)),
            account.c.owner_kind == OWNER,
            account.c.state != ACCOUNT_CLOSED,
            account.c.auto_change_levels,
        )
        .order_by(account.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def measure(
    connection: Connection, rules: RuleSet, account_ids: Sequence[int], today: date
) -> list[Measured]:
    """What each of these accounts is measured by on `today`."""
    account, ladders = account_tables.account, ladders_of(rules)
    names = ("account_id", "holder_id", "account_type_id", "level_id")
    columns = [account.c[name] for name in names]
    rows = _rows(connection, columns, account.c.account_id, account_ids)
    looked_at = {level.threshold_type_id for ladder in ladders.values() for level in ladder}
    standing = _standing(connection, {row.holder_id for row in rows}, looked_at)
    sources = _with_merged(connection, [one.account_id for one in standing.values()])
    reached = _reached(connection, account_ids)
    sums: dict[tuple[date | None, date], dict[int, int]] = {}
    found = []
    for row in sorted(rows, key=lambda one: one.account_id):
        ladder = ladders.get(row.account_type_id, ())
        if not ladder:
            continue
        span = window(ladder[0], today)
        if span not in sums:
            sums[span] = _sums(connection, rules, sources, span)
        types = {level.threshold_type_id for level in ladder}
        mine = {i: standing[(row.holder_id, i)] for i in types if (row.holder_id, i) in standing}
        found.append(
            Measured(
                account_id=row.account_id,
                level_id=row.level_id,
                measures={i: sums[span].get(one.account_id, 0) for i, one in mine.items()},
                seen=tuple(mine[i] for i in sorted(mine)),
                reached=frozenset(reached.get(row.account_id, ())),
            )
        )
    return found


def due_changes(
    connection: Connection, rules: RuleSet, account_ids: Sequence[int], today: date
) -> list[Measured]:
    """Those of the accounts whose level is not the one their measure gives today."""
    account, ladders = account_tables.account, ladders_of(rules)
    names = ("account_id", "account_type_id", "level_id", "level_keep_until", "opened_at")
    columns = [account.c[name] for name in names]
    rows = _rows(connection, columns, account.c.account_id, account_ids)
    accounts = {row.account_id: Account(**row._mapping) for row in rows}  # noqa: SLF001 - SQLAlchemy's public name
    due = []
    for one in measure(connection, rules, account_ids, today):
        mine = accounts[one.account_id]
        kind, ladder = rules.account_types[mine.account_type_id], ladders[mine.account_type_id]
        if next_step(mine, kind, ladder, one.measures, today) is not None:
            due.append(one)
    return due


def _standing(
    connection: Connection, holders: Iterable[int], types: set[int]
) -> dict[tuple[int, int], Seen]:
    """The accounts to be measured, by guest and type."""
    account = account_tables.account
    names = ("account_id", "holder_id", "account_type_id", "balance", "last_operation_at", "state")
    columns = [account.c[name] for name in names]
    rows = _rows(connection, columns, account.c.holder_id, holders)
    return {
        (row.holder_id, row.account_type_id): Seen(
            row.account_id, row.balance or 0, row.last_operation_at
        )
        for row in rows
        if row.account_type_id in types and row.state != ACCOUNT_CLOSED
    }


def _with_merged(connection: Connection, account_ids: Iterable[int]) -> dict[int, int]:
    """Account -> the account it counts for: itself, or the one it was merged into at last."""
    account = account_tables.account
    found = {account_id: account_id for account_id in account_ids}
    fresh = list(found)
    while fresh:
        columns = [account.c.account_id, account.c.merged_into]
        rows = _rows(connection, columns, account.c.merged_into, fresh)
        fresh = [row.account_id for row in rows if row.account_id not in found]
        found |= {row.account_id: found[row.merged_into] for row in rows}
    return found


def _sums(
    connection: Connection,
    rules: RuleSet,
    sources: Mapping[int, int],
    span: tuple[date | None, date],
) -> dict[int, int]:
    """Account -> what counts of its entries in the window."""
    entry, (first, last) = tables.entry, span
    within = [entry.c.business_date <= last]
    if first is not None:
        within.append(entry.c.business_date >= first)
    found: dict[int, int] = defaultdict(int)
    for part in _parts(sources):
        rows = connection.execute(
            select(
                entry.c.account_id,
                entry.c.account_type_id,
                entry.c.purpose,
                func.sum(case((entry.c.amount > 0, entry.c.amount), else_=0)).label("plus"),
                func.sum(case((entry.c.amount < 0, entry.c.amount), else_=0)).label("minus"),
            )
            .where(entry.c.account_id.in_(part), *within)
            .group_by(entry.c.account_id, entry.c.account_type_id, entry.c.purpose)
        )
        for row in rows:
            kind = rules.account_types.get(row.account_type_id)
            counted = _counted(
                kind.account_class if kind else 0, row.purpose, int(row.plus), int(row.minus)
            )
            found[sources[row.account_id]] += counted
    return found


def _counted(account_class: int, purpose: int, plus: int, minus: int) -> int:
    """Spent counts with its sign; elsewhere what was given, less what was taken back of it.

    A discount account records what it gave as debits, so its sign is turned (domain 1.5).
    """
    if purpose % REVERSAL == Purpose.TRANSFER:
        return 0
    if account_class == CLASS_SPENT:
        return plus + minus if purpose in SPENT_COUNTS else 0
    if account_class == CLASS_DISCOUNT:
        plus, minus = -minus, -plus
    return minus if purpose >= REVERSAL else plus


def _reached(connection: Connection, account_ids: Iterable[int]) -> dict[int, set[int]]:
    history = tables.level_history
    columns = [history.c.account_id, history.c.new_level_id]
    found: dict[int, set[int]] = defaultdict(set)
    for row in _rows(connection, columns, history.c.account_id, account_ids):
        found[row.account_id].add(row.new_level_id)
    return found


def _parts(values: Iterable[int]) -> Iterator[list[int]]:
    all_of_them = sorted(values)
    for start in range(0, len(all_of_them), IN_LIST):
        yield all_of_them[start : start + IN_LIST]


def _rows(
    connection: Connection, columns: Sequence[Any], key: Any, values: Iterable[int | None]
) -> list[Any]:
    found: list[Any] = []
    for part in _parts({one for one in values if one is not None}):
        found += connection.execute(select(*columns).where(key.in_(part)))
    return found
