"""Guests as persons."""

from __future__ import annotations

from collections import Counter
from datetime import date

from card_server.demo.cases import CASE_CARDS
from card_server.demo.draws import Draws
from card_server.demo.people import FIRST_CARD, guests, phone_digits, profile
from card_server.holders.rules import EMAIL, PHONE, check_contact

DRAWS, AS_OF = Draws(7), date(2026, 3, 31)
PROFILES = [profile(number, DRAWS, AS_OF) for number in range(6_000)]


def test_every_card_is_given_once_and_as_often_as_the_table_says() -> None:
    found = list(guests(50_000, DRAWS))
    codes = [code for guest in found for code in guest.cards]
    assert codes == list(range(FIRST_CARD + CASE_CARDS, FIRST_CARD + 50_000))
    bound = [guest for guest in found if guest.number >= 0]
    assert [guest.number for guest in bound] == list(range(len(bound)))
    unbound = len(found) - len(bound)
    assert 0.02 < unbound / 50_000 < 0.04
    share = Counter(len(guest.cards) for guest in bound)
    assert 0.91 < share[1] / len(bound) < 0.93
    assert 0.06 < share[2] / len(bound) < 0.08
    assert 0.005 < share[3] / len(bound) < 0.015


def test_the_first_guests_are_the_same_in_every_size() -> None:
    small = list(guests(300, DRAWS))[:-1]
    assert list(guests(40_000, DRAWS))[: len(small)] == small


def test_no_contact_can_reach_a_person() -> None:
    for who in PROFILES:
        if who.phone is not None:
            assert check_contact(who.phone, PHONE).startswith("7000")
            assert len(check_contact(who.phone, PHONE)) == 11
        if who.email is not None:
            assert check_contact(who.email, EMAIL).endswith("@example.com")
    assert phone_digits(4_999_999) == "70004999999"


def test_contacts_consents_and_birthdays_are_as_frequent_as_they_should_be() -> None:
    count = len(PROFILES)
    assert 0.86 < sum(who.phone is not None for who in PROFILES) / count < 0.91
    assert 0.32 < sum(who.email is not None for who in PROFILES) / count < 0.38
    assert 0.57 < sum(who.marketing for who in PROFILES) / count < 0.63
    born = [who.birth for who in PROFILES if who.birth is not None]
    assert 0.77 < len(born) / count < 0.83
    assert any((day.month, day.day) == (2, 29) for day in born)
    assert all(day < AS_OF for day in born)


def test_names_break_programs_and_fit_their_columns() -> None:
    text = " ".join(who.full_name for who in PROFILES[:997])
    for sign in ("ё", "-", "'", '"', "ü"):
        assert sign in text
    assert any(who.remarks and "🎂" in who.remarks for who in PROFILES)
    assert max(len(who.full_name) for who in PROFILES) == 140
    for who in PROFILES:
        assert 1 <= len(who.full_name) <= 140
        assert len(who.l_name or "") <= 60
        assert len(who.f_name or "") <= 40
        assert len(who.m_name or "") <= 40


def test_some_guests_are_there_twice_spelled_another_way() -> None:
    phones = Counter(check_contact(who.phone, PHONE) for who in PROFILES if who.phone)
    twice = [phone for phone, count in phones.items() if count > 1]
    assert 20 < len(twice) < 180
