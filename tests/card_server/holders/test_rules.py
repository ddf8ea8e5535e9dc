"""Names, birthdays, contacts and addresses as they are compared (domain 1.3)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.holders import rules
from card_server.holders.rules import EMAIL, PHONE
from shared.wire.errors import AppError, ErrorCode

TODAY = date(2026, 3, 2)


def test_names_are_compared_in_lower_case_with_single_blanks_and_e_for_yo() -> None:
    assert rules.search_name("  Семёнов   ПЁТР ") == "семенов петр"
    assert rules.search_last("Ёлкина") == "елкина"
    assert rules.search_last("") is None


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = rules.fold(text)
    assert rules.fold(once) == once or once.lower() != once


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("+7 (900) 000-00-12", "79000000012"),
        ("89000000012", "79000000012"),
        ("9000000012", "79000000012"),
        ("+49 30 1234567", "49301234567"),
        ("+4930123456", "4930123456"),
    ],
)
def test_a_russian_phone_has_its_country_code(typed: str, compared: str) -> None:
    assert rules.normal_phone(typed) == compared


def test_elsewhere_an_eight_stays_an_eight() -> None:
    assert rules.normal_phone("89000000012", "BY") == "89000000012"


@given(st.from_regex(r"[+]?[0-9 ()-]{5,30}", fullmatch=True))
def test_the_normal_form_of_a_phone_is_its_own_normal_form(text: str) -> None:
    once = rules.normal_phone(text)
    if len(once) != 10:
        assert rules.normal_phone(once) == once


@pytest.mark.parametrize("value", ["12345", "900 CALL 00012", "1" * 16, ""])
def test_what_is_no_phone_is_refused_with_its_value(value: str) -> None:
    with pytest.raises(AppError) as caught:
        rules.check_contact(value, PHONE)
    assert caught.value.code is ErrorCode.PHONE_BAD
    assert caught.value.facts["value"] == value


@pytest.mark.parametrize("value", ["anna", "anna@", "a b@mail.example", "anna@mail", "@x.example"])
def test_what_is_no_mail_address_is_refused(value: str) -> None:
    with pytest.raises(AppError) as caught:
        rules.check_contact(value, EMAIL)
    assert caught.value.code is ErrorCode.EMAIL_BAD


def test_a_mail_address_is_compared_in_lower_case() -> None:
    assert rules.check_contact(" Anna@Mail.Example ", EMAIL) == "anna@mail.example"


def test_a_contact_without_a_type_is_guessed_from_its_value() -> None:
    assert rules.guess_class("a@b.example") == EMAIL
    assert rules.guess_class("+7 900") is None
    assert rules.guess_class("900-00") == PHONE


@pytest.mark.parametrize(
    "birth", [None, date(1899, 12, 30), date(1899, 12, 31), date(2026, 3, 3), date(9999, 1, 1)]
)
def test_a_birthday_outside_its_bounds_is_not_set(birth: date | None) -> None:
    assert rules.good_birth(birth, TODAY) is None


def test_a_birthday_inside_its_bounds_is_kept_with_month_and_day() -> None:
    assert rules.good_birth(TODAY, TODAY) == TODAY
    assert rules.month_day(date(1990, 2, 11)) == 211
    assert rules.month_day(None) is None


def test_masks_are_those_of_the_protocol() -> None:
    assert rules.mask("79000000000", PHONE) == "7900*****00"
    assert rules.mask("+7 (900) 000-00-00", PHONE) == "7900*****00"
    assert rules.mask("anna@b.example", EMAIL) == "a***@b.example"
    assert rules.mask("12345", PHONE) == "*****"


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("+7 (912) 345-67-45", PHONE, "+7 9** ***-**-45"),
        ("8 912 345 67 45", PHONE, "+7 9** ***-**-45"),
        ("+375 29 123-45-67", PHONE, "+37********67"),
        ("12345", PHONE, "***"),
        ("petr@example.ru", EMAIL, "p***@e***.ru"),
        ("a@mail.example.com", EMAIL, "a***@m***.com"),
        ("a@b", EMAIL, "a***@b***"),
        ("petrov.live", 3, "p***"),
        ("", 3, "***"),
    ],
)
def test_masks_of_windows_are_those_of_the_specification(value: str, kind: int, shown: str) -> None:
    assert rules.window_mask(value, kind) == shown
    assert rules.is_masked(shown, value, kind)
    assert rules.is_masked(rules.mask(value, kind), value, kind)


@given(st.text(alphabet="0123456789 +-()", min_size=1, max_size=30))
def test_no_mask_of_a_phone_shows_more_than_five_digits(value: str) -> None:
    shown = rules.digits_of(rules.window_mask(value, PHONE))
    assert len(shown) <= 4


def test_addresses_are_equal_without_case_and_blanks() -> None:
    first = rules.address_key(["Россия", "Нижний Новгород", "ул. Мира", "5"])
    assert first == rules.address_key(["россия", "нижний  новгород", "Ул.Мира", " 5"])
    assert first != rules.address_key(["россия", "нижний новгород", "ул. Мира", "", "5"])
    assert len(first) == 16


def test_a_full_name_is_joined_from_what_is_there() -> None:
    assert rules.joined_name("Петрова", None, "Ивановна") == "Петрова Ивановна"
