"""How much of everything a demo database of a size has (domain 6.3)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import msgspec

SMALL: Final = 300
LEAST: Final = 60
"""The fixed cases and a handful of ordinary guests."""
MOST: Final = 5_000_000
"""Phones are seven digits after +7 000."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """The table of sizes: what is not in it lies between its columns."""

    cards: int
    units: int
    classifiers: int
    per_card: int
    """Operations of a card, mean, in thousandths."""
    coupons: int
    certificates: int
    campaigns: int
    segments: int


TABLE: Final = (
    Size(
        cards=300,
        units=3,
        classifiers=3,
        per_card=12_000,
        coupons=200,
        certificates=20,
        campaigns=6,
        segments=6,
    ),
    Size(
        cards=100_000,
        units=12,
        classifiers=4,
        per_card=6_000,
        coupons=50_000,
        certificates=1_000,
        campaigns=12,
        segments=12,
    ),
    Size(
        cards=1_000_000,
        units=40,
        classifiers=5,
        per_card=2_000,
        coupons=500_000,
        certificates=5_000,
        campaigns=20,
        segments=20,
    ),
)
COUNT: Final = re.compile(r"([0-9]{1,7})|([0-9])e([0-9])")


def cards_of(text: str) -> int:
    """`small`, `1e5`, `1e6` or a number of cards; ValueError with a sentence for anything else."""
    wanted = text.strip().lower()
    match = COUNT.fullmatch(wanted)
    if wanted != "small" and match is None:
        message = f"{text!r} is not a size: write small, 1e5, 1e6 or a number of cards"
        raise ValueError(message)
    if match is None:
        return SMALL
    count = int(match[1]) if match[1] else int(match[2]) * 10 ** int(match[3])
    if not LEAST <= count <= MOST:
        message = f"{text} cards are out of range: {LEAST} to {MOST}"
        raise ValueError(message)
    return count


def size_of(cards: int) -> Size:
    """The row of the table for a number of cards; between its columns in proportion."""
    if cards <= TABLE[0].cards:
        few = TABLE[0]
        return msgspec.structs.replace(
            few,
            cards=cards,
            coupons=max(1, few.coupons * cards // few.cards),
            certificates=max(1, few.certificates * cards // few.cards),
        )
    for low, high in pairwise(TABLE):
        if cards <= high.cards:
            part, whole = cards - low.cards, high.cards - low.cards
            between = {
                name: getattr(low, name)
                + (getattr(high, name) - getattr(low, name)) * part // whole
                for name in Size.__struct_fields__
            }
            return Size(**between)
    return msgspec.structs.replace(TABLE[-1], cards=cards)
