"""The key that signs the ends of the chain, in the key store of the account (domain 3.12, 3.15)."""

from __future__ import annotations

from typing import Final

from card_server.ledger.signing import KEY_BYTES, KeySigner, new_private_key
from shared.settings.secrets import read_secret, write_secret

CHAIN_KEY: Final = "chain.key"
"""Name of the secret: 32 bytes of an Ed25519 private key, in hexadecimal digits."""
HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")


class BrokenKey(Exception):  # noqa: N818 - it is told to a person as a fact, not as a failure of ours
    """What is stored under the key's name is no key."""


def private_key() -> bytes:
    """The key of the account that signs; made on first use. Raises NoKeyStore, BrokenKey.

    A stored secret that is no key is left as it is: with a new one in its place the heads that
    were signed before could not be checked any more.
    """
    stored = read_secret(CHAIN_KEY)
    if stored is not None:
        if len(stored) != 2 * KEY_BYTES or not HEX_DIGITS.issuperset(stored):
            raise BrokenKey(CHAIN_KEY)
        return bytes.fromhex(stored)
    made = new_private_key()
    write_secret(CHAIN_KEY, made.hex())
    return made


def public_key() -> bytes | None:
    """By what signed heads are checked; None where this account has signed nothing."""
    stored = read_secret(CHAIN_KEY)
    if stored is None or len(stored) != 2 * KEY_BYTES or not HEX_DIGITS.issuperset(stored):
        return None
    return KeySigner(bytes.fromhex(stored)).public_key
