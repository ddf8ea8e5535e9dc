"""Secrets in the key store of the system, of the account that uses them (architecture 7).

On Windows that is the Credential Manager, on a desktop Linux the Secret Service. A server without
one has no key store: reading then finds nothing, and storing is refused with the reason.
"""

from __future__ import annotations

import re
from typing import Any, Final

SERVICE: Final = "Kartoteka"
DATABASE: Final = "database"
"""Name of the secret with the password of the database."""

NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,59}")
LONGEST: Final = 2_000


class NoKeyStore(Exception):  # noqa: N818 - it is told to a person as a fact, not as a failure of ours
    """The system has no key store for this account, or it is locked."""


def is_name(text: str) -> bool:
    """Small Latin letters, digits, dot, dash, underscore; a letter first."""
    return NAME.fullmatch(text) is not None


def _keyring() -> Any:
    import keyring  # noqa: PLC0415 - looking for key stores takes time that most runs can spare

    return keyring


def read_secret(name: str) -> str | None:
    """The secret, or None where there is none or no key store."""
    keyring = _keyring()
    try:
        found = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001 - each key store fails in its own way, all mean: no secret
        return None
    return None if found is None else str(found)


def write_secret(name: str, value: str) -> None:
    """Store a secret, over an older one. Raises NoKeyStore."""
    keyring = _keyring()
    try:
        keyring.set_password(SERVICE, name, value)
    except Exception as error:  # each key store fails in its own way
        raise NoKeyStore(_reason(error)) from error


def delete_secret(name: str) -> bool:
    """Forget a secret; whether there was one. Raises NoKeyStore."""
    if read_secret(name) is None:
        return False
    keyring = _keyring()
    try:
        keyring.delete_password(SERVICE, name)
    except Exception as error:  # each key store fails in its own way
        raise NoKeyStore(_reason(error)) from error
    return True


def _reason(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__
