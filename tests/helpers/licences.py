"""The vendor's side of licences for tests: a key of his own, and files signed with it.

As a program it does for a vendor what tests do: `python -m tests.helpers.licences new-key` prints
a pair, `... sign KEY_FILE NAME < payload.json > file.lic` signs. The product holds no private key.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from card_server.licences.signed_file import FORMAT, Envelope, LicenceText, signed_bytes
from card_server.licences.vendor_keys import VENDOR_KEYS

KEY_NAME: Final = "test"


class Vendor:
    """Who makes licence files."""

    def __init__(self, private_key: bytes | None = None, name: str = KEY_NAME) -> None:
        self._name = name
        self._key = (
            Ed25519PrivateKey.generate()
            if private_key is None
            else Ed25519PrivateKey.from_private_bytes(private_key)
        )

    @property
    def public_key(self) -> bytes:
        """By which his files are believed."""
        return self._key.public_key().public_bytes_raw()

    @property
    def private_key(self) -> bytes:
        """What never leaves him."""
        return self._key.private_bytes_raw()

    @property
    def keys(self) -> dict[str, bytes]:
        """As the product would hold it."""
        return {self._name: self.public_key}

    def seal(self, payload: bytes) -> bytes:
        """A file with this payload, whatever it is."""
        signature = self._key.sign(signed_bytes(payload))
        return msgspec.json.encode(
            Envelope(format=FORMAT, key=self._name, payload=payload, signature=signature)
        )

    def file(self, **fields: Any) -> bytes:
        """A licence file; fields that are not given are those of an ordinary one."""
        values = {
            "number": "K-0001",
            "object_code": "X",
            "metric": "cards",
            "quantity": 1000,
            "valid_from": date(2026, 3, 1),
            "valid_to": date(2027, 2, 28),
            **fields,
        }
        return self.seal(msgspec.json.encode(values))


def believe(vendor: Vendor, patch: pytest.MonkeyPatch) -> Vendor:
    """The product believes this vendor for the length of a test."""
    for name, key in vendor.keys.items():
        patch.setitem(VENDOR_KEYS, name, key)
    return vendor


def main(arguments: Sequence[str]) -> int:
    """A pair of keys, or a signed file; 2 for anything else."""
    if list(arguments) == ["new-key"]:
        vendor = Vendor()
        sys.stdout.write(f"private {vendor.private_key.hex()}\npublic {vendor.public_key.hex()}\n")
        return 0
    if len(arguments) == 3 and arguments[0] == "sign":
        key = bytes.fromhex(Path(arguments[1]).read_text(encoding="ascii").strip())
        payload = sys.stdin.buffer.read()
        msgspec.json.decode(payload, type=LicenceText)
        sys.stdout.buffer.write(Vendor(key, arguments[2]).seal(payload))
        return 0
    sys.stderr.write("new-key | sign KEY_FILE NAME < payload.json > file.lic\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
