"""Decisions about persons, pure: names, birthdays, contacts and addresses as they are compared."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from shared.wire.errors import AppError, ErrorCode

PHONE, EMAIL, SKYPE, SOCIAL, MESSENGER = 1, 2, 3, 4, 5
"""Classes of contacts (domain 1.3)."""

OLDEST_BIRTH: Final = date(1900, 1, 1)
RUSSIA: Final = "RU"
NATIONAL_DIGITS: Final = 10
"""Digits of a Russian number without its country code."""

SHORTEST_PHONE, LONGEST_PHONE = 10, 15
GUESSED_PHONE: Final = 5
"""From so many digits on, a value without a type is taken for a phone (crm-xml.md 8.3)."""

NORM_WIDTH: Final = 128
TAIL_WIDTH: Final = 4
SEARCH_WIDTH: Final = 200
EMAIL_FORM: Final = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+")
DUP_BYTES: Final = 16


def fold(text: str) -> str:
    """Text as it is compared in searches: lower case, e for yo, single blanks."""
    return " ".join(text.lower().replace("ё", "е").split())


def search_name(full_name: str) -> str:
    """What `person.search_name` holds; lower-casing may lengthen a text."""
    return fold(full_name)[:SEARCH_WIDTH]


def search_last(l_name: str | None) -> str | None:
    """What `person.search_last` holds."""
    return fold(l_name)[:60] if l_name else None


def search_given(name: str | None) -> str | None:
    """What `person.search_first` and `person.search_middle` hold."""
    return fold(name)[:40] if name else None


def name_keys(
    full_name: str, l_name: str | None, f_name: str | None, m_name: str | None
) -> dict[str, str | None]:
    """The columns of person that searches by name read.

    `search_rest` is the full name where it is not its parts in their order: whoever looks for a
    piece of a full name looks into the parts, of which there are few different ones, and there.
    """
    name = search_name(full_name)
    parts = (search_last(l_name), search_given(f_name), search_given(m_name))
    return {
        "search_name": name,
        "search_last": parts[0],
        "search_first": parts[1],
        "search_middle": parts[2],
        "search_rest": None if name == joined_name(*parts) else name,
    }


def tail_of(value_norm: str) -> str:
    """What `contact.value_tail` holds: the end that people name of a phone."""
    return value_norm[-TAIL_WIDTH:]


def squeezed(text: str) -> str:
    """Names of dictionaries and parts of addresses are equal without case and blanks."""
    return "".join(text.lower().split())


def joined_name(*parts: str | None) -> str:
    """Full_Name that is not given: the parts with a blank between (crm-xml.md 7.1)."""
    return " ".join(part for part in parts if part)


def good_birth(birth: date | None, today: date) -> date | None:
    """A day of birth between 1900 and today; anything else is not set (R22)."""
    return birth if birth is not None and OLDEST_BIRTH <= birth <= today else None


def month_day(birth: date | None) -> int | None:
    """What `person.birth_md` holds."""
    return None if birth is None else birth.month * 100 + birth.day


def digits_of(text: str) -> str:
    """Only the digits of a text."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def normal_phone(text: str, country: str = RUSSIA) -> str:
    """Digits with country code; in Russia a leading 8 of 11 digits is a 7, 10 digits lack it."""
    digits = digits_of(text)
    if country.upper() != RUSSIA:
        return digits
    if len(digits) == NATIONAL_DIGITS + 1 and digits.startswith("8"):
        return "7" + digits[1:]
    if len(digits) == NATIONAL_DIGITS and not text.strip().startswith("+"):
        return "7" + digits
    return digits


def normal_value(text: str, contact_class: int, country: str = RUSSIA) -> str:
    """A contact as it is compared: `contact.value_norm`."""
    if contact_class == PHONE:
        return normal_phone(text, country)[:NORM_WIDTH]
    return text.strip().lower()[:NORM_WIDTH]


def guess_class(text: str) -> int | None:
    """E-mail with an `@`, phone with at least five digits, else nothing."""
    if "@" in text:
        return EMAIL
    return PHONE if len(digits_of(text)) >= GUESSED_PHONE else None


def check_contact(text: str, contact_class: int, country: str = RUSSIA) -> str:
    """The normal form of a contact that has the form of its class; else PHONE_BAD, EMAIL_BAD."""
    normal = normal_value(text, contact_class, country)
    if contact_class == PHONE:
        letters = any(c.isalpha() for c in text)
        if letters or not SHORTEST_PHONE <= len(normal) <= LONGEST_PHONE:
            raise AppError(ErrorCode.PHONE_BAD, value=text)
    elif contact_class == EMAIL and EMAIL_FORM.fullmatch(normal) is None:
        raise AppError(ErrorCode.EMAIL_BAD, value=text)
    return normal


def mask(value: str, contact_class: int) -> str:
    """`7900*****00`, `a***@b.example` for programs that may not see a contact in full (4.3)."""
    if contact_class == EMAIL and "@" in value:
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    shown = digits_of(value) or value if contact_class == PHONE else value
    if len(shown) <= 6:  # noqa: PLR2004 - nothing would be left to hide
        return "*" * len(shown)
    return shown[:4] + "*" * (len(shown) - 6) + shown[-2:]


HIDDEN: Final = "***"
"""Stands in a window for a text that is hidden whole."""


def window_mask(value: str, contact_class: int) -> str:
    """What a user without `person.contacts` sees (domain 5): `+7 9** ***-**-45`, `p***@e***.ru`.

    Of a phone the country, the first digit and the last two; of any other contact its first
    letter.
    """
    if contact_class == EMAIL and "@" in value:
        name, _, host = value.strip().partition("@")
        site, dot, land = host.rpartition(".")
        return f"{name[:1]}{HIDDEN}@{(site or land)[:1]}{HIDDEN}" + (f".{land}" if dot else "")
    if contact_class != PHONE:
        return value.strip()[:1] + HIDDEN
    digits = digits_of(value)
    if len(digits) < SHORTEST_PHONE:
        return HIDDEN
    if len(digits) == NATIONAL_DIGITS + 1 and digits[0] in "78":
        return f"+7 {digits[1]}** ***-**-{digits[-2:]}"
    return f"+{digits[:2]}{'*' * (len(digits) - 4)}{digits[-2:]}"


def is_masked(given: str, value: str, contact_class: int) -> bool:
    """A value that was read under a mask and sent back as it was read: it changes nothing."""
    return given in (mask(value, contact_class), window_mask(value, contact_class))


def address_key(parts: Iterable[str]) -> bytes:
    """Equal for addresses whose parts are equal without case and blanks: `address.dup_key`."""
    text = "\x1f".join(squeezed(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=DUP_BYTES).digest()


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last))
