"""Which field the name of a column suggests, in Russian and English."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.exchange.fields import STATIC, fields_of, plain, proposed
from card_server.exchange.records import ContactKind, House, PropertyKind, TypeKind
from shared.wire import imports as wire

HOUSE = House(
    contact_types={
        1: ContactKind(type_id=1, contact_class=1, name="Телефон", max_holders=1),
        2: ContactKind(type_id=2, contact_class=2, name="Эл. почта", max_holders=1),
        3: ContactKind(type_id=3, contact_class=1, name="Рабочий телефон"),
    },
    properties={
        7: PropertyKind(property_id=7, property_type=6, name="Любимое вино", applies_to=1),
        8: PropertyKind(property_id=8, property_type=6, name="Цвет карты", applies_to=2),
    },
    account_types={
        1: TypeKind(account_type_id=1, account_class=1, name="Бонусы"),
        3: TypeKind(account_type_id=3, account_class=3, name="Деньги", external_code="MONEY"),
        81: TypeKind(account_type_id=81, account_class=81, name="Сертификат"),
    },
)
NAMES = [
    word for field in STATIC for word in field.words.split("|")
] + ["Телефон", "Рабочий телефон", "Любимое вино", "x", "", "12"]  # fmt: skip


def suggested(kind: int, *columns: str) -> dict[str, str]:
    fields = fields_of(kind, HOUSE)
    return {columns[use.column]: use.field for use in proposed(columns, fields)}


def test_columns_of_a_russian_export_are_recognised() -> None:
    assert suggested(
        wire.CARDS, "№ карты лояльности", "Номер карты", "Ф.И.О.", "ТЕЛЕФОН", "Рабочий телефон",
        "E-mail", "Дата рождения клиента", "Любимое вино", "Цвет карты", "Комментарий", "Чепуха",
    ) == {
        "Номер карты": "card_code",
        "Ф.И.О.": "full_name",
        "ТЕЛЕФОН": "contact.1",
        "Рабочий телефон": "contact.3",
        "E-mail": "contact.2",
        "Дата рождения клиента": "birth_date",
        "Любимое вино": "property.7",
        "Цвет карты": "property.8",
        "Комментарий": "remarks",
    }  # fmt: skip


def test_columns_of_an_english_export_are_recognised() -> None:
    assert suggested(
        wire.HOLDERS, "Last_Name", "first name", "Mobile Phone", "DOB", "City", "Newsletter"
    ) == {
        "Last_Name": "l_name",
        "first name": "f_name",
        "Mobile Phone": "contact.1",
        "DOB": "birth_date",
        "City": "address.city",
        "Newsletter": "consent.2",
    }


def test_account_types_are_recognised_by_name_and_code() -> None:
    found = suggested(wire.OPENING, "Card", "БОНУСЫ", "money", "Сертификат", "Сгорают")
    assert found == {
        "Card": "card_code", "БОНУСЫ": "amount.1", "money": "amount.3", "Сгорают": "expires_on",
    }  # fmt: skip
    assert "amount.81" not in fields_of(wire.OPENING, HOUSE)


def test_properties_of_cards_belong_to_cards_only() -> None:
    assert "property.8" not in fields_of(wire.HOLDERS, HOUSE)
    assert {"property.7", "property.8"} <= fields_of(wire.CARDS, HOUSE).keys()


@pytest.mark.parametrize("kind", wire.KINDS)
def test_a_field_found_by_its_own_word_is_that_field(kind: int) -> None:
    fields = fields_of(kind, HOUSE)
    words = Counter(word for field in fields.values() for word in field.words.split("|") if word)
    for field in fields.values():
        for word in filter(None, field.words.split("|")):
            if words[word] == 1:
                assert [use.field for use in proposed([word.upper()], fields)] == [field.code]
            assert plain(word) == word, "synonyms are written as they are compared"


@given(
    kind=st.sampled_from(wire.KINDS),
    columns=st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), max_size=12),
)
def test_no_column_goes_to_two_fields_and_no_single_field_gets_two_columns(
    kind: int, columns: list[str]
) -> None:
    fields = fields_of(kind, HOUSE)
    uses = proposed(columns, fields)
    assert [use.column for use in uses] == sorted({use.column for use in uses})
    taken = Counter(use.field for use in uses)
    assert all(count == 1 or fields[code].many for code, count in taken.items())
