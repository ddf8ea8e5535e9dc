"""I-42 and I-43: only lot moments change what is spendable; jobs may run twice or in pieces."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.standing import ExpireHolds, ExpireLots
from tests.helpers.databases import Databases
from tests.helpers.ledger_machine import CARDS, LIVES, Counter, Setup, folder
from tests.helpers.model import Policy
from tests.helpers.profiles import tries
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import BONUS, Shop
from tests.helpers.till import Till

CARD = 10001


def _spendable(till: Till) -> str:
    answer = till.farcards("getcardinfoex", f'<ROOT><QRY Card="{CARD}"/></ROOT>').decode()
    return answer.partition('Sum2="')[2].partition('"')[0]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_the_clock_alone_changes_what_is_spendable_only_at_lot_moments(
    till: Till, life: Any
) -> None:
    from card_server.accounts import tables  # noqa: PLC0415 - only here

    shop = till.shop
    kind = tables.account_type
    shop.change(kind, kind.c.account_type_id == BONUS, **life.columns)
    holder = shop.issue(CARD)
    for amount in (100, 250):
        shop.ok(CARD, [(2, amount), (3, 1000)])
        shop.pass_time(minutes=7)
    raw = RawLedger(shop.connection)
    moments = {lot["available_at"] for lot in raw.rows["lot"]}
    moments |= {lot["expires_at"] for lot in raw.rows["lot"]} - {None}
    tick = timedelta(milliseconds=1)
    for moment in sorted(moments):
        if moment <= shop.now:
            continue
        last = _spendable(till)
        shop.pass_time(seconds=(moment - tick - shop.now).total_seconds())
        assert _spendable(till) == last, "nothing changes before the moment"
        shop.pass_time(seconds=tick.total_seconds())
        at_it = _spendable(till)
        assert at_it != last, "it changes exactly at the moment"
        account = shop.account(holder, BONUS)
        shop.run(ExpireLots(account_ids=(account.account_id,)))
        assert _spendable(till) == at_it, "settling books what the clock had decided"


def _state(shop: Shop) -> Any:
    raw = RawLedger(shop.connection)
    accounts = [
        {k: v for k, v in row.items() if k not in ("updated_at", "created_at")}
        for row in raw.rows["account"]
    ]
    lots = [{k: v for k, v in row.items() if k != "lot_id"} for row in raw.rows["lot"]]
    expired = sorted(
        (entry["account_id"], entry["amount"])
        for entry in raw.rows["entry"]
        if entry["purpose"] == 11
    )
    return accounts, lots, expired


@given(pieces=st.lists(st.lists(st.sampled_from(CARDS), max_size=3), max_size=5))
@tries(15)
def test_a_job_in_pieces_and_again_is_the_job_once(
    databases: Databases, pieces: list[list[int]]
) -> None:
    states = []
    for runs in ([list(CARDS)], [*pieces, list(CARDS), *pieces]):
        with folder() as place:
            setup = Setup(LIVES[1], Policy())
            counter = Counter(databases.fresh(Path(place)), setup)
            shop = counter.shop
            for card in CARDS:
                shop.ok(card, [(2, 100 + card % 10), (3, 1000)], order_guid=f"order-{card}")
            shop.pass_time(days=6)
            accounts = {c: shop.account(counter.holders[c], BONUS).account_id for c in CARDS}
            for cards in runs:
                ids = tuple(dict.fromkeys(accounts[card] for card in cards))
                shop.run(ExpireLots(account_ids=ids))
                shop.run(ExpireHolds(hold_ids=()))
            counter.check(model=False)
            states.append(_state(shop))
            counter.close()
    assert states[0] == states[1]
