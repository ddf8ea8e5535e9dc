"""Codes of classifiers: three generated forms of twenty characters (crm-xml.md 4.1)."""

from __future__ import annotations

import secrets
import string
from typing import Final

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
