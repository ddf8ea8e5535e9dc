"""Compares what tills were told with what stands in the store; owes the product nothing."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.faults.tills import GOOD, RETURN, SALE, SALE_BACK, Journal, Sent

ROLLED_BACK = b"SAC-9420"
ACCEPTED = 1
SPENT, SPENT_PURPOSE = 5, 3


class Store:
    """The operations and spent balances of a database, read by plain SQL."""

    def __init__(self, folder: Path) -> None:
        location = f"{(folder / 'kartoteka.db').absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(location, uri=True)) as connection:
            rows = connection.execute(
                "SELECT o.idem_key, o.status, o.operation_id, count(e.entry_id)"
                " FROM crm_operation o"
                " LEFT JOIN crm_entry e ON e.operation_id = o.operation_id"
                " WHERE o.idem_key LIKE 'f:%' GROUP BY o.idem_key, o.status, o.operation_id"
            ).fetchall()
            self.spent: dict[int, int] = dict(
                connection.execute(
                    "SELECT c.card_code, a.balance FROM crm_card c JOIN crm_account a"
                    " ON a.holder_id = c.holder_id AND a.account_type_id = ?",
                    (SPENT,),
                ).fetchall()
            )
            self.holders: dict[int, int] = dict(
                connection.execute("SELECT card_code, holder_id FROM crm_card").fetchall()
            )
        self.accepted: Counter[str] = Counter()
        self.entries: dict[str, int] = defaultdict(int)
        for key, status, _, entries in rows:
            if status == ACCEPTED:
                self.accepted[key] += 1
                self.entries[key] += entries


def after_the_crash(journal: Journal, store: Store) -> list[str]:
    """Nothing acknowledged is lost, nothing is there twice, nothing refused was booked."""
    wrong = []
    for sent in journal.calls():
        count = store.accepted[sent.key]
        if sent.acknowledged and count != 1:
            wrong.append(f"acknowledged, booked {count} times: {sent.key}")
        if sent.acknowledged and sent.chmode == SALE and not store.entries[sent.key]:
            wrong.append(f"acknowledged, without entries: {sent.key}")
        if sent.refused and count:
            wrong.append(f"refused, but booked: {sent.key}")
        if not sent.answers and count > 1:
            wrong.append(f"unanswered, booked {count} times: {sent.key}")
        if len(set(sent.answers)) > 1:
            wrong.append(f"repeats were answered differently: {sent.key}")
    return wrong


def after_the_resend(
    journal: Journal,
    calls: Sequence[Sent],
    first: Sequence[bytes | None],
    second: Sequence[bytes | None],
) -> list[str]:
    """Each call was answered as before the crash, and as the first time after it."""
    undone = {s.order for s in journal.calls() if s.chmode == SALE_BACK}
    wrong = []
    for sent, answer, again in zip(calls, first, second, strict=True):
        if answer is None or again is None:
            wrong.append(f"no answer after the restart: {sent.key}")
            continue
        was_undone = sent.chmode == SALE and sent.order in undone
        if was_undone and ROLLED_BACK not in again:
            wrong.append(f"a sale stands again after its roll-back: {sent.key}")
        if not was_undone and answer != again:
            wrong.append(f"two answers after the restart: {sent.key}")
        if sent.answers and not was_undone and answer != sent.answers[0]:
            wrong.append(f"another answer than before the crash: {sent.key}")
        sent.answers = sent.answers or [answer]
    return wrong


def once_everything_is_told(
    journal: Journal, before: Store, after: Store, cards: Sequence[int]
) -> list[str]:
    """The spent account of every guest is what all orders together come to."""
    expected: Counter[int] = Counter()
    for calls in journal.orders.values():
        by_mode = {sent.chmode: sent for sent in calls}
        sale = by_mode[SALE]
        if not (sale.answers and GOOD in sale.answers[0]) or SALE_BACK in by_mode:
            continue
        total = _spent(sale)
        back = by_mode.get(RETURN)
        if back is not None and back.answers and GOOD in back.answers[0]:
            total -= abs(_spent(back))
        expected[after.holders[sale.card]] += total
    wrong = []
    for card in cards:
        holder = after.holders[card]
        found = after.spent[card] - before.spent[card]
        if found != expected[holder]:
            wrong.append(f"card {card}: spent moved by {found}, the orders by {expected[holder]}")
    return wrong


def _spent(sent: Sent) -> int:
    return sum(amount for kind, amount in sent.lines if kind == SPENT_PURPOSE)
