"""Whatever guests did, a merge and its undoing leave a ledger that proves itself (3.13, I-2)."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from card_server.ledger import tables
from tests.helpers.office import Office
from tests.helpers.pair import Pair
from tests.helpers.shop import BONUS, DEBIT

LIVES = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["points", "debt", "money", "credit", "sale"]),
        st.integers(1, 3_000),
        st.integers(1, 40),
    ),
    max_size=6,
)


def live(pair: Pair, holders: tuple[int, int], steps: list[tuple[int, str, int, int]]) -> None:
    """Points that end, points that are owed, money and debts of money, sales."""
    for who, what, amount, days in steps:
        if what == "points":
            pair.shop.grant(holders[who], BONUS, amount, days=days)
        elif what == "debt":
            pair.shop.grant(holders[who], BONUS, -amount)
        elif what == "money":
            pair.shop.grant(holders[who], DEBIT, amount)
        elif what == "credit":
            pair.shop.grant(holders[who], DEBIT, -amount)
        else:
            pair.shop.till(pair.cards[who], [(3, amount), (2, amount // 10)])


def totals(pair: Pair) -> dict[int, int]:
    """By type, what both have together."""
    found: dict[int, int] = {}
    for holder_id in (pair.one, pair.two):
        for type_id, balance in pair.balances(holder_id).items():
            found[type_id] = found.get(type_id, 0) + balance
    return {type_id: balance for type_id, balance in found.items() if balance}


def owes(pair: Pair) -> bool:
    """The survivor owes something: what comes over pays it at once, so it is spent."""
    accounts = (pair.shop.account(pair.one, type_id) for type_id in (BONUS, DEBIT))
    return any(one.balance < 0 or one.uncovered > 0 for one in accounts)


def sums_of_transfers(pair: Pair) -> list[Any]:
    """Operations of kind 15 whose entries do not add up to nothing, by type."""
    operation, entry = tables.operation, tables.entry
    with pair.shop.connection.begin():
        rows = pair.shop.connection.execute(
            select(entry.c.operation_id, entry.c.account_type_id, func.sum(entry.c.amount))
            .join(operation, operation.c.operation_id == entry.c.operation_id)
            .where(operation.c.kind == 15)
            .group_by(entry.c.operation_id, entry.c.account_type_id)
        ).all()
    return [row for row in rows if row[2] != 0]


@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(before=LIVES, after=LIVES, days=st.integers(0, 25))
def test_a_merge_and_its_undoing_keep_every_law(
    office: Office, before: list[Any], after: list[Any], days: int
) -> None:
    """Each example goes on with the guests of a new pair of cards on the same books."""
    office.sign_in()
    pair = Pair.anew(office)
    live(pair, (pair.one, pair.two), before)
    pair.shop.pass_time(days=days)
    office.sign_in()
    together, picture, owed = totals(pair), pair.picture(), owes(pair)
    merged = pair.merge()
    assert pair.balances(pair.two) == {}
    if not days:
        assert totals(pair) == together
    pair.verified()
    if after:
        live(pair, (pair.one, pair.one), after)
        pair.verified()
    refused = pair.try_undo(merged.merge_id)
    assert refused in (None, "WRONG_STATE")
    if not after and not owed:
        assert refused is None
        assert days or pair.picture() == picture
    assert sums_of_transfers(pair) == []
    pair.verified()
