"""Conditions of a holder search as SQL: the same meaning as in Python, and by an index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, literal, select, text

from card_server.cards import tables as card_tables
from card_server.cards.holder_search import find_holders, item_query, order_holders
from card_server.db.engine import address_of, make_engine
from card_server.db.folding import folded
from card_server.holders import tables
from card_server.holders.rules import fold
from card_server.holders.search_language import (
    ESCAPE,
    read_births,
    read_mask,
    read_number_expr,
)
from card_server.holders.search_records import HolderItem
from card_server.holders.search_text import digit_spans, free_spans, next_text
from tests.helpers import guests
from tests.helpers.shop import Shop

CODE = "Card_Code"


def masked(value: str) -> list[Any]:
    return [read_mask(value)]


INDEXED = [
    (HolderItem(l_names=masked("петр*")), "ix_crm_person_search_last"),
    (HolderItem(l_names=masked("петр?в*")), "ix_crm_person_search_last"),
    (HolderItem(full_names=masked("петрова анна")), "ix_crm_person_search_name"),
    (HolderItem(l_names=masked("*ова")), "ix_crm_person_search_last"),
    (HolderItem(f_names=masked("анна")), "ix_crm_person_search_first"),
    (HolderItem(m_names=masked("?ван*")), "ix_crm_person_search_middle"),
    (HolderItem(full_names=masked("*ова а*")), "ix_crm_person_search_rest"),
    (HolderItem(phone_digits=["89000000012"]), "ix_crm_contact_value_norm"),
    (HolderItem(phone_digits=["0012"]), "ix_crm_contact_value_tail"),
    (HolderItem(phone_digits=["12"]), "ix_crm_contact_value_tail"),
    (HolderItem(phones=masked("*00-12")), "ix_crm_contact_value_tail"),
    (HolderItem(phones=masked("+7 900*")), "ix_crm_contact_value_norm"),
    (HolderItem(emails=masked("anna@*")), "ix_crm_contact_value_norm"),
    (HolderItem(carriers=masked(";77=*")), "uq_crm_card_carrier_data"),
    (HolderItem(external_codes=masked("0077")), "ix_crm_holder_external_code"),
    (HolderItem(births=list(read_births("0000-12-25", "0000-01-05"))), "ix_crm_person_birth_md"),
    (HolderItem(card_codes=[read_number_expr("[5..9]", CODE)]), "crm_card USING INTEGER PRIMARY"),
    (HolderItem(births=list(read_births("0000-00-07", ""))), "ix_crm_person_birth_md"),
    (HolderItem(births=list(read_births("1985-02-07", "1986-01-01"))), "ix_crm_person_birth_date"),
    (HolderItem(card_codes=[read_number_expr("12??", CODE)]), "crm_card USING INTEGER PRIMARY"),
    (HolderItem(card_codes=[read_number_expr("?2??", CODE)]), "crm_card USING INTEGER PRIMARY"),
    (HolderItem(card_codes=[read_number_expr("12*4", CODE)]), "crm_card USING INTEGER PRIMARY"),
]


@pytest.fixture
def embedded(data_dir: Path) -> Engine:
    """The embedded database, whose plans can be read."""
    return make_engine(address_of(None, data_dir))


@pytest.mark.parametrize(("item", "index"), INDEXED)
def test_what_guests_are_looked_up_by_has_an_index(
    embedded: Engine, item: HolderItem, index: str
) -> None:
    query = item_query(item).compile(embedded, compile_kwargs={"literal_binds": True})
    with embedded.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    lines = [row[3] for row in plan]
    assert any(index in line for line in lines), lines
    scanned = {"crm_person", "crm_contact", "crm_card"}
    assert not any(line.removeprefix("SCAN ").split()[0] in scanned for line in lines
                   if line.startswith("SCAN ")), lines  # fmt: skip
    embedded.dispose()


@given(st.text(alphabet="абвё%_[]!*?x", max_size=8), st.text(alphabet="абвёАЁ%_[]!x", max_size=8))
def test_a_mask_means_the_same_in_sql(mask_text: str, value: str) -> None:
    mask = read_mask(mask_text)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        found = connection.execute(
            select(literal(1)).where(literal(value).like(mask.like(), escape=ESCAPE))
        ).scalar()
    engine.dispose()
    assert (found == 1) is mask.matches(value)


def test_folding_in_sql_is_folding_in_python(shop: Shop) -> None:
    found = shop.connection.execute(select(folded(literal("ЁЖ Ab")))).scalar_one()
    empty: str | None = shop.connection.execute(select(folded(text("NULL")))).scalar()
    shop.connection.rollback()
    assert found == "еж ab"
    assert empty is None


def test_a_range_ends_behind_everything_that_starts_so() -> None:
    assert next_text("петр") == "петс"
    assert next_text("я") == "ѐ"
    assert next_text("a\U0001f600") is None


@given(
    st.from_regex(r"[1-9?][0-9?]{0,4}[*]?", fullmatch=True),
    st.integers(min_value=1, max_value=200_000),
)
def test_spans_of_a_mask_hold_exactly_what_fits_it(mask_text: str, number: int) -> None:
    mask = read_mask(mask_text)
    spans = digit_spans(mask)
    if spans is not None:
        inside = any(span.low <= number <= span.high for span in spans)
        assert inside is mask.matches(str(number))


@given(
    st.from_regex(r"[?]{1,2}[0-9]{1,3}[?]{0,2}", fullmatch=True),
    st.integers(min_value=1, max_value=200_000),
)
def test_spans_behind_free_signs_hold_exactly_what_fits(mask_text: str, number: int) -> None:
    mask = read_mask(mask_text)
    spans = free_spans(mask)
    assert spans is not None
    inside = any(span.low <= number <= span.high for span in spans)
    assert inside is mask.matches(str(number))


NUMBERS = (1, 12, 21, 112, 120, 1200, 2012, 10012, 10120, 99012)


@pytest.mark.parametrize("mask_text", ["*12", "*012", "1*2", "?2", "??12", "*1*2", "*0*", "12*"])
def test_a_mask_of_a_card_finds_what_its_signs_say(shop: Shop, mask_text: str) -> None:
    owners = {code: shop.issue(code) for code in NUMBERS}
    item = HolderItem(card_codes=[read_number_expr(mask_text, CODE)])
    mask = read_mask(mask_text)
    expected = {owner for code, owner in owners.items() if mask.matches(str(code))}
    assert find_holders(shop.connection, [item], 100) == expected
    shop.connection.rollback()


PEOPLE: tuple[tuple[str | None, str | None, str | None, str | None], ...] = (
    ("Петрова", "Анна", "Ивановна", None),
    ("Петров", "Иван", None, None),
    ("Иванова", "Анна-Мария", "Петровна", None),
    ("Нгуен", "Тхи Хоа", None, None),
    (None, "Жанна", None, None),
    ("О'Нил", None, None, None),
    ("Ёлкина", "Алёна", "Семёновна", "Алёна Ёлкина (баба Лена)"),
    ("Петров", "Пётр", None, "ООО Ромашка 100%"),
)
FIELDS = (("l_names", 0), ("f_names", 1), ("m_names", 2), ("full_names", 3))
MASKS = (
    *(
        "*",
        "*а",
        "*анна*",
        "?етр*",
        "*ова",
        "*ова а*",
        "*а*а*",
        "*тхи х*",
        "*хоа",
        "анна*",
        "?????",
    ),
    *("*ё*", "*(баба*", "*00%", "*_*", "*ромашка*", "жанна", "*нил", "? ?", "*и*", "*[*]*", "*ен*"),
)


@pytest.mark.parametrize("hops", [True, False])
def test_a_mask_of_a_name_finds_whom_it_fits(shop: Shop, *, hops: bool) -> None:
    folded_names: dict[int, list[str | None]] = {}
    for last, first, middle, full in PEOPLE:
        shown = full or " ".join(part for part in (last, first, middle) if part)
        holder_id = guests.add_person(shop, last, first, middle, shown)
        parts = (last, first, middle, shown)
        folded_names[holder_id] = [fold(part) if part else None for part in parts]
    for text_of_mask in MASKS:
        mask = read_mask(fold(text_of_mask))
        for field, place in FIELDS:
            item = HolderItem()
            setattr(item, field, [mask])
            query = item_query(item, hops=hops)
            found = set(shop.connection.execute(query).scalars()) & folded_names.keys()
            expected = {
                holder_id
                for holder_id, parts in folded_names.items()
                if (part := parts[place]) is not None and mask.matches(part)
            }
            assert found == expected, (text_of_mask, field)
    shop.connection.rollback()


@pytest.mark.parametrize("digits", ["2", "12", "012", "0012", "00012", "000000012"])
def test_the_end_of_a_phone_is_found_whatever_its_length(shop: Shop, digits: str) -> None:
    mine, other = shop.issue(1), shop.issue(2)
    guests.add_contact(shop, mine, "+7 900 000-00-12")
    guests.add_contact(shop, other, "+7 900 000-00-21")
    item = HolderItem(phone_digits=[digits])
    assert find_holders(shop.connection, [item], 10) == {mine}
    shop.connection.rollback()


def test_voided_cards_find_nobody_and_dead_holders_are_not_found(shop: Shop) -> None:
    first, second = shop.issue(101), shop.issue(102)
    item = HolderItem(card_codes=[read_number_expr("10?", CODE)])
    assert find_holders(shop.connection, [item], 10) == {first, second}
    shop.connection.rollback()
    shop.change(card_tables.card, card_tables.card.c.card_code == 101, state=3)
    shop.change(tables.holder, tables.holder.c.holder_id == second, deleted_at=shop.now)
    assert find_holders(shop.connection, [item], 10) == set()
    shop.connection.rollback()


def test_the_order_by_birthday_has_unset_ones_last(shop: Shop) -> None:
    ids = [shop.issue(code, name=name) for code, name in ((1, "Ёж"), (2, "Дом"), (3, "жук"))]
    person = tables.person
    shop.change(person, person.c.holder_id == ids[2], birth_date=shop.now.date())
    assert order_holders(shop.connection, ids, ("birth_date",)) == [ids[2], ids[0], ids[1]]
    assert order_holders(shop.connection, ids, ("full_name",)) == [ids[1], ids[0], ids[2]]
    assert order_holders(shop.connection, set(ids), ()) == ids
    shop.connection.rollback()


def test_contacts_of_another_class_do_not_count(shop: Shop) -> None:
    holder = shop.issue(1)
    guests.add_contact(shop, holder, "79000000012", kind=4)
    item = HolderItem(phone_digits=["79000000012"])
    assert find_holders(shop.connection, [item], 10) == set()
    shop.connection.rollback()
    guests.add_contact(shop, holder, "79000000012")
    assert find_holders(shop.connection, [item], 10) == {holder}
    shop.connection.rollback()
