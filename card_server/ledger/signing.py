"""Signed heads of the chain (domain 3.12 `chain.sign`, 3.15): what is signed, and by what.

A head names the last link that was recorded before a business day ended. Whoever keeps the public
key outside the database can prove later that nothing before that link was changed or left out.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

HEAD_VERSION = "kartoteka-head-1"
KEY_BYTES = 32


class Head(msgspec.Struct, frozen=True):
    """The end of a writer's chain at the end of a business day."""

    writer_id: int
    business_date: date
    chain_no: int
    hash: bytes

    def text(self) -> bytes:
        """What is signed."""
        lines = (
            HEAD_VERSION,
            f"writer_id={self.writer_id}",
            f"business_date={self.business_date.isoformat()}",
            f"chain_no={self.chain_no}",
            f"hash={self.hash.hex()}",
        )
        return ("\n".join(lines) + "\n").encode()


class Signer(Protocol):
    """Signs texts; the key stays where it is."""

    def sign(self, text: bytes) -> bytes:
        """64 bytes of an Ed25519 signature."""


class KeySigner:
    """Signs with a private key held in memory."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes by which anyone can check."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """64 bytes of an Ed25519 signature."""
        return self._key.sign(text)


def new_private_key() -> bytes:
    """32 fresh bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def is_signed(head: Head, signature: bytes, public_key: bytes) -> bool:
    """Whether the signature is of this head and by the owner of the key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, head.text())
    except (InvalidSignature, ValueError):
        return False
    return True
