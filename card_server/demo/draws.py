"""The only randomness of the demo data: a hash of (seed, table, row, field) (domain 6.3)."""

from __future__ import annotations

from hashlib import blake2b

SPAN = 1 << 64


class Draws:
    """Numbers that depend on nothing but their names."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(8, "big")

    def number(self, table: str, row: int, field: str, below: int) -> int:
        """A whole number from 0 to `below` - 1."""
        text = f"{table}\0{row}\0{field}".encode()
        digest = blake2b(text, digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big") * below // SPAN

    def chance(self, table: str, row: int, field: str, percent: float) -> bool:
        """True in so many of a hundred rows."""
        return self.number(table, row, field, 10_000) < percent * 100
