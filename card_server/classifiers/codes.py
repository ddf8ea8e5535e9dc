"""Codes of classifiers: three generated forms of twenty characters (crm-xml.md 4.1)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Final

from shared.wire.errors import AppError, ErrorCode

DECIMAL, HEXADECIMAL, LETTERS, TYPED = 1, 2, 3, 9
LENGTH: Final = 20
ALPHABETS: Final = {
    DECIMAL: string.digits,
    HEXADECIMAL: "0123456789ABCDEF",
    LETTERS: string.ascii_uppercase + string.digits,
}


def generate_code(kind: int) -> str:
    """A new code from a secure source; the first character is never 0, so no program drops it."""
    alphabet = ALPHABETS[kind]
    first = secrets.choice(alphabet.replace("0", ""))
    return first + "".join(secrets.choice(alphabet) for _ in range(LENGTH - 1))


def check_code(code: str, known: Mapping[str, str]) -> str:
    """The code trimmed, if a classifier may get it; `known` are names by code (domain 1.2).

    Refused: more than twenty characters or none, blanks and control characters inside, and a code
    that another classifier has, also when only the case of letters differs.
    """
    trimmed = code.strip()
    if not 1 <= len(trimmed) <= LENGTH or not trimmed.isprintable() or " " in trimmed:
        shown = "".join(c if c.isprintable() else "?" for c in trimmed)
        raise AppError(ErrorCode.CODE_LENGTH, code=shown, n=len(trimmed), limit=LENGTH)
    for other, name in known.items():
        if other.casefold() == trimmed.casefold():
            raise AppError(ErrorCode.CODE_TAKEN, code=trimmed, name=name, known=other)
    return trimmed
