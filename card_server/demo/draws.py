"""The only randomness of the demo data: a hash of (seed, table, row, field) (domain 6.3).

Everything is whole-number arithmetic on the first eight bytes of the hash, and the two curves are
tables of whole numbers: no library of mathematics can make another machine's rows differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

SPAN: Final = 1 << 64
number_of = int.from_bytes

GAMMA: Final = (
    *(0, 1, 4, 8, 14, 20, 27, 35, 44, 54, 64, 75, 88, 101, 114, 129, 145, 161, 178, 196, 215, 235),
    *(256, 278, 301, 325, 350, 376, 403, 432, 462, 493, 526, 560, 596, 634, 674, 715, 758, 804),
    *(852, 903, 957, 1014, 1074, 1138, 1206, 1278, 1356, 1440, 1530, 1628, 1734, 1851, 1981, 2125),
    *(2288, 2475, 2692, 2952, 3274, 3693, 4292, 5332),
)
GAMMA_TAIL: Final = (
    *(5332, 5430, 5535, 5647, 5769, 5902, 6047, 6208, 6389, 6594, 6831, 7112, 7458, 7904, 8536),
    *(9622, 16920),
)
"""Quantiles of the gamma distribution with shape 0.6 in thousandths of its mean: 64 steps, and
the last of them in 16 finer ones. Few guests come often, many only once."""

LOGNORMAL: Final = (
    *(9, 11, 13, 15, 18, 21, 25, 30, 36, 43, 51, 61, 72, 86, 103, 122, 146, 174, 207, 247, 294),
    *(350, 417, 497, 592, 705, 839, 1000, 1191, 1419, 1690, 2014, 2399, 2858, 3404, 4055, 4831),
    *(5755, 6855, 8166, 9728, 11588, 13805, 16445, 19590, 23336),
)
"""exp(0.7 z) in thousandths for z from -6.75 to +4.5 by quarters; see `lognormal`."""

FIRST_BITS: Final = 5
"""How many bits are set in the hash at the first step of LOGNORMAL: z is (bits - 32) / 4."""


class Draws:
    """Numbers that depend on nothing but their names."""

    def __init__(self, seed: int) -> None:
        self._seed = f"{seed}\0"

    def raw(self, table: str, row: int, field: str) -> int:
        """The first eight bytes of the hash as a number."""
        text = f"{self._seed}{table}\0{row}\0{field}"
        return number_of(blake2b(text.encode()).digest()[:8], "big")

    def number(self, table: str, row: int, field: str, below: int) -> int:
        """A whole number from 0 to `below` - 1."""
        return self.raw(table, row, field) * below // SPAN

    def chance(self, table: str, row: int, field: str, percent: float) -> bool:
        """True in so many of a hundred rows."""
        return self.number(table, row, field, 100_000) < round(percent * 1000)

    def weighted(self, table: str, row: int, field: str, weights: Sequence[int]) -> int:
        """An index, each as often as its weight says."""
        left = self.number(table, row, field, sum(weights))
        for index, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return index
        return len(weights) - 1

    def gamma(self, table: str, row: int, field: str) -> int:
        """Thousandths of the mean, gamma-distributed with shape 0.6."""
        place = self.number(table, row, field, 64 * 16 * 64)
        step, rest = divmod(place, 16 * 64)
        if step < len(GAMMA) - 1:
            return GAMMA[step] + (GAMMA[step + 1] - GAMMA[step]) * rest // (16 * 64)
        fine, rest = divmod(rest, 64)
        return GAMMA_TAIL[fine] + (GAMMA_TAIL[fine + 1] - GAMMA_TAIL[fine]) * rest // 64

    def lognormal(self, table: str, row: int, field: str) -> int:
        """Thousandths of the median, with sigma 0.7.

        The number of bits set in 64 is as good as normal around 32 with deviation 4; eight bits of
        another hash lie between two steps.
        """
        bits = self.raw(table, row, field).bit_count() - FIRST_BITS
        step = min(max(bits, 0), len(LOGNORMAL) - 2)
        rest = self.number(table, row, f"{field}+", 256) - 128
        low, high = LOGNORMAL[step], LOGNORMAL[step + 1]
        return max(1, low + (high - low) * rest // 256)

    def text(self, table: str, row: int, field: str, digits: int) -> str:
        """So many decimal digits, the first not 0."""
        found = ""
        part = 0
        while len(found) < digits:
            found += f"{self.raw(table, row, f'{field}{part}'):020d}"
            part += 1
        return str(1 + int(found[-1]) % 9) + found[1:digits]
