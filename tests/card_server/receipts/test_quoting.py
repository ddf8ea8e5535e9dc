"""A quote followed at once by the same sale gives the same numbers (I-51)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from card_server.accounts import tables as account_tables
from card_server.classifiers import tables as classifier_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.receipts.quoting import RelayQuote
from card_server.receipts.records import Cheque, RelayCall, RelayLine, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting
from card_server.schemes import tables as scheme_tables
from tests.helpers.shop import BONUS, Shop

CARD = 10007


@pytest.fixture
def crm_shop(shop: Shop) -> Shop:
    """A shop that counts itself: 5 % in points, rounded to whole points."""
    shop.issue(CARD)
    table = classifier_tables.classifier
    shop.change(table, table.c.classifier_id == shop.classifier_id, calc_mode=2)
    scheme = scheme_tables.scheme
    shop.change(scheme, scheme.c.scheme_id == 1, base_rate=537)
    types = account_tables.account_type
    shop.change(types, types.c.account_type_id == BONUS, default_scheme_id=1)
    shop.ok(CARD, [(0, 500_000), (3, 100)])
    return shop


def numbers(outcome: RelayOutcome) -> tuple[object, list[tuple[int, int]]]:
    code = outcome.error.code if outcome.error is not None else None
    return code, [(row.position, row.amount) for row in outcome.booked]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(paid=st.integers(0, 300_000), spent=st.integers(0, 400_000), number=st.integers(1))
def test_quote_and_sale_agree(crm_shop: Shop, paid: int, spent: int, number: int) -> None:
    shop = crm_shop
    lines = [
        RelayLine(card=CARD, person_id=0, kind=0, amount=-paid, position=1),
        RelayLine(card=CARD, person_id=0, kind=3, amount=spent, position=2),
    ]
    call = RelayCall(
        classifier_id=shop.classifier_id,
        chmode=1,
        order_guid=f"{number}-{shop.count(tables.operation)}",
        check_no=1,
        stamp="2026-03-02T12:00:00",
        lines=lines,
        cheque=Cheque(net=spent, gross=spent, lines=1),
    )
    who = shop.ledger.rules.classifiers[shop.classifier_id]
    before = [shop.count(tables.operation), shop.count(tables.entry), counters(shop)]
    (quote,) = shop.run(RelayQuote(call, who))
    assert [shop.count(tables.operation), shop.count(tables.entry), counters(shop)] == before
    (sale,) = shop.run(RelayPosting(call, who, None))
    assert numbers(quote) == numbers(sale)


def counters(shop: Shop) -> list[tuple[str, int]]:
    table = division_tables.id_counter
    rows = shop.connection.execute(select(table.c.kind, table.c.next_value)).all()
    shop.connection.rollback()
    return sorted((row.kind, row.next_value) for row in rows)


def test_a_quote_in_a_group_with_its_sale_changes_nothing_of_it(crm_shop: Shop) -> None:
    shop = crm_shop
    lines = [RelayLine(card=CARD, person_id=0, kind=3, amount=100_000, position=1)]
    call = RelayCall(classifier_id=shop.classifier_id, chmode=1, order_guid="a", lines=lines)
    who = shop.ledger.rules.classifiers[shop.classifier_id]
    first, sale, second = shop.run(
        RelayQuote(call, who), RelayPosting(call, who, None), RelayQuote(call, who)
    )
    assert numbers(first) == numbers(sale) == numbers(second)
