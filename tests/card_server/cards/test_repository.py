"""Questions about cards on a real database."""

from __future__ import annotations

from sqlalchemy import insert

from card_server.cards import repository, tables
from tests.helpers.shop import Shop


def add_range(shop: Shop, start: int, end: int, **more: object) -> None:
    values = {
        "range_id": start,
        "name": f"{start}-{end}",
        "start_code": start,
        "end_code": end,
        "current_code": start - 1,
        "division_id": 1,
        "created_at": shop.now,
        "updated_at": shop.now,
    }
    with shop.connection.begin():
        shop.connection.execute(insert(tables.card_range).values({**values, **more}))


def test_cards_of_a_holder_without_the_voided_ones(shop: Shop) -> None:
    holder = shop.issue(5)
    shop.issue(6)
    shop.change(tables.card, tables.card.c.card_code == 6, holder_id=holder, state=3)
    found = repository.cards_of_holders(shop.connection, [holder, 1])
    assert [card.card_code for card in found[holder]] == [5]
    shop.connection.rollback()


def test_a_number_lies_in_the_active_range_that_holds_it(shop: Shop) -> None:
    add_range(shop, 100, 199)
    add_range(shop, 200, 299, is_active=False)
    found = repository.range_of(shop.connection, 199)
    assert found is not None
    assert found["range_id"] == 100
    assert repository.range_of(shop.connection, 200) is None
    assert repository.range_by_id(shop.connection, 100) is not None
    assert repository.range_by_id(shop.connection, 200) is None
    shop.connection.rollback()


def test_the_first_free_number_steps_over_those_that_exist(shop: Shop) -> None:
    for code in (101, 102, 104):
        shop.issue(code, state=3 if code == 102 else 1)
    assert repository.first_free_code(shop.connection, 100, 104) == 103
    assert repository.first_free_code(shop.connection, 103, 104) is None
    assert repository.first_free_code(shop.connection, 104, 200) == 105
    assert repository.find_card_row(shop.connection, 103) is None
    row = repository.find_card_row(shop.connection, 102)
    assert row is not None
    assert row["state"] == 3
    shop.connection.rollback()
