"""Questions about holders on a real database."""

from __future__ import annotations

from card_server.holders import repository, tables
from card_server.holders.rules import EMAIL, PHONE
from tests.helpers import guests
from tests.helpers.shop import Shop

MINE = "+7 900 000-00-11"
NORM = "79000000011"


def test_live_holders_are_found_by_a_live_contact_of_the_class(shop: Shop) -> None:
    first, second, gone = shop.issue(1), shop.issue(2), shop.issue(3)
    for holder in (first, second, gone):
        guests.add_contact(shop, holder, MINE)
    guests.add_contact(shop, shop.issue(4), MINE, deleted_at=shop.now)
    shop.change(tables.holder, tables.holder.c.holder_id == gone, deleted_at=shop.now)
    assert repository.holders_by_contact(shop.connection, NORM, PHONE) == [first, second]
    assert repository.holders_by_contact(shop.connection, NORM, EMAIL) == []
    assert repository.others_with_contact(shop.connection, NORM, 1, first) == 1
    assert repository.others_with_contact(shop.connection, NORM, 1, 0) == 2
    shop.connection.rollback()


def test_live_holders_are_found_by_their_outside_code_letter_by_letter(shop: Shop) -> None:
    with shop.connection.begin():
        mine = guests.bare_holder(shop, external_code="A-1")
        guests.bare_holder(shop, external_code="A-1", state=3)
        guests.bare_holder(shop, external_code="a-1")
    assert repository.holders_by_external_code(shop.connection, "A-1") == [mine]
    shop.connection.rollback()


def test_addresses_bring_the_names_of_their_dictionaries(shop: Shop) -> None:
    holder = shop.issue(1)
    number = guests.add_address(shop, holder, "Тверь", "Мира", "5")
    (row,) = repository.read_addresses(shop.connection, [holder, 99])[holder]
    assert (row.address_id, row.type_name, row.country) == (number, "Домашний", "Россия")
    assert (row.city, row.street, row.house, row.zip) == ("Тверь", "Мира", "5", "")
    shop.connection.rollback()


def test_many_keys_are_asked_in_pieces() -> None:
    pieces = [len(piece) for piece in repository.chunks(range(1200))]
    assert pieces == [500, 500, 200]
