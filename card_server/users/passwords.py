"""Passwords: Argon2id hashes, what a new one must be, one-time codes (domain 1.11, 6.1).

Hashing takes tens of milliseconds by design, so it is done in worker threads, never inside a
transaction.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.wire.errors import AppError, ErrorCode

UNSET: Final = "!"
"""The stored hash of a user whose password was never set; nothing verifies against it."""
SHORTEST: Final = 10
LONGEST: Final = 200
STEP_S: Final = 30
CODE_DIGITS: Final = 6
DRIFT_STEPS: Final = 1
"""How many steps the clock of a telephone may be off, either way."""

# fmt: off
COMMON: Final = frozenset((
    "1234567890", "12345678910", "0123456789", "0987654321", "1111111111", "1q2w3e4r5t",
    "qwertyuiop", "qwerty12345", "password12", "password123", "passw0rd12", "administrator",
    "administrator1", "adminadmin", "admin12345", "iloveyou12", "letmein123", "welcome123",
    "qazwsxedcrfv", "1qaz2wsx3edc", "zaq12wsxcde", "abcdefghij", "aaaaaaaaaa", "asdfghjkl1",
    "zxcvbnm123", "football12", "basketball", "monkey12345", "dragon12345", "superman12",
    "1234512345", "123123123123", "123456123456", "qwertyqwerty", "rkeeper123", "restaurant",
    "restoran123", "kartoteka1", "kassir1234", "q1w2e3r4t5", "1q2w3e4r5t6y", "zxcvbnmasd",
    "7777777777", "9876543210", "0000000000", "йцукенгшщз", "йцукен12345", "пароль12345",
    "парольпароль", "администратор", "администратор1", "ресторан123",
))
# fmt: on
"""Passwords of at least ten characters that guessers try first."""

_HASHER: Final = PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that costs what a real one costs; made when first needed, not at every start."""
    return _HASHER.hash("a password that nobody has")


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return _HASHER.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """The password is the stored one; without a user the same time is spent for nothing."""
    try:
        return _HASHER.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def check_new_password(password: str, *, login: str, old: str | None = None) -> None:
    """Refuse a weak new password: `PASSWORD_WEAK` with the rule it breaks."""
    plain = password.strip().casefold()
    if len(password) < SHORTEST:
        raise AppError(ErrorCode.PASSWORD_WEAK, why="short", limit=SHORTEST)
    if len(password) > LONGEST:
        raise AppError(ErrorCode.PASSWORD_WEAK, why="long", limit=LONGEST)
    if plain in COMMON or len(set(plain)) <= 2:  # noqa: PLR2004 - one or two letters repeated
        raise AppError(ErrorCode.PASSWORD_WEAK, why="common", limit=SHORTEST)
    if login.casefold() in plain and len(plain) - len(login) < 4:  # noqa: PLR2004 - a name with a few digits
        raise AppError(ErrorCode.PASSWORD_WEAK, why="login", limit=SHORTEST)
    if old is not None and old == password:
        raise AppError(ErrorCode.PASSWORD_WEAK, why="same", limit=SHORTEST)


def one_time_code(secret: bytes, step: int) -> str:
    """The six digits of RFC 6238 (SHA-1) for one step of 30 seconds."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def step_of_code(secret: bytes, code: str, unix_time: float, last_step: int) -> int | None:
    """The step a code is for, if it fits now and was not used before; else None."""
    now = int(unix_time) // STEP_S
    typed = "".join(code.split())
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if step > last_step and hmac.compare_digest(one_time_code(secret, step), typed):
            return step
    return None
