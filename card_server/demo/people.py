"""Who the guests are: names, birthdays, contacts, consents, pure functions of their number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from card_server.demo.cases import CASE_CARDS
from card_server.demo.draws import Draws
from card_server.demo.names import (
    FATHERS,
    FEMALE,
    LAST,
    MALE,
    UNUSUAL,
    last_name,
    long_full_name,
    patronymic,
)

FIRST_CARD: Final = 10_001
YOUNGEST_DAYS, AGES_DAYS = 18 * 365, 60 * 365
LEAP_DAYS: Final = (1964, 1972, 1980, 1988, 1996, 2004)
DUPLICATE_REACH: Final = 40
EMOJI: Final = "постоянный гость 🎂, любит 🍣; просил стол у окна 👨‍👩‍👧"
MALE_SEX, FEMALE_SEX = 1, 2


class Guest(msgspec.Struct):
    """One holder's cards, or (number -1) a card without a holder."""

    number: int
    cards: list[int]


class Profile(msgspec.Struct, kw_only=True):
    """What is known of one guest as a person."""

    l_name: str | None
    f_name: str | None
    m_name: str | None
    full_name: str
    birth: date | None
    gender: int
    phone: str | None
    email: str | None
    marketing: bool
    remarks: str | None


def guests(count: int, draws: Draws) -> Iterator[Guest]:
    """Cards in rising numbers after the fixed cases: one to three for a holder, 3 % unbound."""
    code = FIRST_CARD + CASE_CARDS
    end = FIRST_CARD + count
    number = 0
    while code < end:
        if draws.chance("card", code, "unbound", 3):
            yield Guest(-1, [code])
            code += 1
            continue
        roll = draws.number("holder", number, "cards", 100)
        several = 1 if roll < 92 else 2 if roll < 99 else 3  # noqa: PLR2004 - domain 6.3
        mine = list(range(code, min(end, code + several)))
        yield Guest(number, mine)
        number += 1
        code += len(mine)


def phone_digits(number: int) -> str:
    """A number under +7 000, a code that does not exist."""
    return f"7000{number:07d}"


def phone_text(number: int, style: int = 0) -> str:
    """The same number as people type it."""
    d = phone_digits(number)
    if style == 1:
        return f"8 (000) {d[4:7]} {d[7:9]} {d[9:]}"
    if style == 2:  # noqa: PLR2004 - the third spelling
        return f"+{d}"
    return f"+7 000 {d[4:7]}-{d[7:9]}-{d[9:]}"


def profile(number: int, draws: Draws, as_of: date) -> Profile:
    """A guest; two of a hundred are somebody else once more, typed a little differently."""
    if number > DUPLICATE_REACH and draws.chance("person", number, "duplicate", 2):
        back = 1 + draws.number("person", number, "of", DUPLICATE_REACH)
        return _typed_again(number, _plain(number - back, draws, as_of), number - back, draws)
    return _plain(number, draws, as_of)


def _plain(number: int, draws: Draws, as_of: date) -> Profile:
    female = draws.chance("person", number, "gender", 50)
    first_names = FEMALE if female else MALE
    first: str | None = first_names[draws.number("person", number, "first", len(first_names))]
    last: str | None = last_name(
        LAST[draws.number("person", number, "last", len(LAST))], female=female
    )
    middle: str | None = None
    if draws.chance("person", number, "father", 60):
        stem = FATHERS[draws.number("person", number, "father name", len(FATHERS))]
        middle = patronymic(stem, female=female)
    row, place = divmod(number, 997)
    if place < len(UNUSUAL):
        last, first, middle = (part or None for part in UNUSUAL[(place + row) % len(UNUSUAL)])
    full = " ".join(part for part in (last, first, middle) if part)
    if place == len(UNUSUAL):
        full = long_full_name(full)
    has_phone = draws.chance("contact", number, "phone", 88)
    has_email = draws.chance("contact", number, "email", 35)
    return Profile(
        l_name=last,
        f_name=first,
        m_name=middle,
        full_name=full,
        birth=_birth(number, draws, as_of),
        gender=FEMALE_SEX if female else MALE_SEX,
        phone=phone_text(number) if has_phone else None,
        email=f"guest{number}@example.com" if has_email else None,
        marketing=draws.chance("consent", number, "marketing", 60),
        remarks=EMOJI if place % 97 == 5 else None,  # noqa: PLR2004 - one guest in a hundred
    )


def _birth(number: int, draws: Draws, as_of: date) -> date | None:
    if not draws.chance("person", number, "has birth", 80):
        return None
    if draws.number("person", number, "leap", 1461) == 0:
        return date(LEAP_DAYS[draws.number("person", number, "leap year", len(LEAP_DAYS))], 2, 29)
    days = YOUNGEST_DAYS + draws.number("person", number, "birth", AGES_DAYS)
    return as_of - timedelta(days=days)


def _typed_again(number: int, twin: Profile, twin_number: int, draws: Draws) -> Profile:
    """The same person: by phone, spelled another way, or by name and birthday."""
    way = draws.number("person", number, "way", 3)
    first = (twin.f_name or "").replace("ё", "е").upper() or None
    last = twin.l_name.replace("ё", "е") if twin.l_name else None
    if way == 0:
        phone = phone_text(twin_number, style=1)
    elif way == 1:
        phone = phone_text(twin_number, style=2)
    else:
        phone = phone_text(number)
    return msgspec.structs.replace(
        twin,
        l_name=last,
        f_name=first,
        m_name=None,
        full_name=" ".join(part for part in (first, last) if part) or twin.full_name,
        birth=twin.birth if way else None,
        phone=phone,
        email=f"Guest{twin_number}@Example.com" if way == 1 else None,
        remarks=None,
    )
