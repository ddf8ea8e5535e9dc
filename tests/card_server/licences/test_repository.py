"""The gate of issuing: the trial's cards, small and large licences (domain 2.10)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from card_server.cards import tables as card_tables
from card_server.licences import tables
from card_server.licences.records import CARDS, TRIAL, TRIAL_NUMBER, VALID
from card_server.licences.repository import (
    COUNTED_ALWAYS,
    card_quota,
    check_issue,
    count_now,
    keep_counts,
    last_counts,
    may_issue,
)
from shared.wire.errors import AppError
from tests.helpers.shop import Shop


def give(shop: Shop, quantity: int, state: int = VALID, number: str = "L-1") -> None:
    shop.add(
        tables.licence,
        licence_id=shop.count(tables.licence) + 1,
        number=number,
        object_code="X",
        metric=CARDS,
        quantity=quantity,
        valid_from=shop.now.date(),
        valid_to=shop.now.date(),
        file_body=b"",
        loaded_at=shop.now,
        state=state,
    )


def lay(shop: Shop, first: int, count: int, **values: Any) -> None:
    std = {"created_at": shop.now, "updated_at": shop.now}
    rows = [{"card_code": first + i, "state": 2, **values, **std} for i in range(count)]
    with shop.connection.begin():
        shop.connection.execute(insert(card_tables.card), rows)


def refused(shop: Shop, cards: int = 1) -> tuple[str, Any]:
    with pytest.raises(AppError) as caught, shop.connection.begin():
        may_issue(shop.connection, cards)
    return str(caught.value), caught.value.facts.get("n")


def allowed(shop: Shop, cards: int = 1) -> None:
    with shop.connection.begin():
        may_issue(shop.connection, cards)


def test_the_trial_gives_two_hundred_cards_and_not_one_more(shop: Shop) -> None:
    give(shop, 200, TRIAL, TRIAL_NUMBER)
    lay(shop, 1, 199)
    lay(shop, 500, 5, state=3)
    lay(shop, 600, 5, deleted_at=shop.now)
    allowed(shop)
    assert refused(shop, 2) == ("LICENCE_QUOTA", 200)
    lay(shop, 300, 1)
    assert refused(shop) == ("LICENCE_QUOTA", 200)
    with shop.connection.begin():
        check_issue(shop.connection)


def test_a_batch_beyond_the_quantity_is_refused_as_a_whole(shop: Shop) -> None:
    give(shop, COUNTED_ALWAYS + 1)
    lay(shop, 1, 10)
    allowed(shop, COUNTED_ALWAYS - 9)
    assert refused(shop, COUNTED_ALWAYS - 8) == ("LICENCE_QUOTA", COUNTED_ALWAYS + 1)
    allowed(shop)


def test_a_quantity_of_zero_is_any_number(shop: Shop) -> None:
    give(shop, 0)
    lay(shop, 1, 3)
    allowed(shop, 10**6)
    with shop.connection.begin():
        assert card_quota(shop.connection) == (None, 3)


@pytest.mark.parametrize(("state", "code"), [(5, "LICENCE_END"), (6, "LICENCE_QUOTA")])
def test_what_has_ended_or_is_exceeded_stops_cards_and_holders(
    shop: Shop, state: int, code: str
) -> None:
    give(shop, 7, state)
    assert refused(shop)[0] == code
    with pytest.raises(AppError, match=code), shop.connection.begin():
        check_issue(shop.connection)


def test_counted_are_living_cards_and_known_guests(shop: Shop) -> None:
    shop.issue(1)
    lay(shop, 10, 2)
    lay(shop, 20, 1, state=3)
    with shop.connection.begin():
        counts = count_now(shop.connection)
        assert (counts.cards, counts.holders) == (3, 1)
        assert last_counts(shop.connection) is None
        keep_counts(shop.connection, shop.now.date(), counts)
        keep_counts(shop.connection, shop.now.date(), counts)
        assert last_counts(shop.connection) == counts
