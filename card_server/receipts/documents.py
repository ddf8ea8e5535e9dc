"""The detachable document of an operation: salted, hashed, a long one compressed (domain 1.7)."""

from __future__ import annotations

import secrets
import zlib

import msgspec

from card_server.ledger.chain import document_hash

SALT_BYTES = 16
SALTS = 256
"""Salts fetched from the system at once: each call of it costs as much as hashing a cheque."""
SMALL = 4_096
SMALL_WINDOW = (12, 4)
"""Window and memory for documents of at most `SMALL` bytes: the same bytes out, but a twentieth
of the memory to clear for each."""
PLAIN = 1_024
"""A document of at most so many bytes stays as it is: compressing it would save less of the disk
than it costs of a posting."""
MARKUP = b"<"
"""How a document that stayed as it is begins; no compressed one does (RFC 1950)."""
LEVEL = 1
"""Fastest compression: a cheque shrinks fourfold for a few microseconds."""


class Sealed(msgspec.Struct, frozen=True):
    """A document as it is stored, with its salt and hash."""

    body: bytes
    salt: bytes
    hash: bytes


def seal_document(text: bytes) -> Sealed:
    """Make what is stored, and the hash of it that the chain protects."""
    body = text if len(text) <= PLAIN and text.startswith(MARKUP) else _compress(text)
    salt = _salts.take()
    return Sealed(body, salt, document_hash(salt, body))


def _compress(text: bytes) -> bytes:
    if len(text) > SMALL:
        return zlib.compress(text, LEVEL)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, *SMALL_WINDOW)
    return packer.compress(text) + packer.flush()


class _Salts:
    """Random salts, each handed out once."""

    def __init__(self) -> None:
        self._left: list[bytes] = []

    def take(self) -> bytes:
        """The next one; whichever thread asks."""
        try:
            return self._left.pop()
        except IndexError:
            fresh = secrets.token_bytes(SALT_BYTES * SALTS)
            starts = range(0, len(fresh), SALT_BYTES)
            salts = [fresh[start : start + SALT_BYTES] for start in starts]
            mine = salts.pop()
            self._left = salts
            return mine


_salts = _Salts()


def open_document(body: bytes) -> bytes:
    """The document as it came."""
    return body if body.startswith(MARKUP) else zlib.decompress(body)
