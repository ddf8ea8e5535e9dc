"""Money is an integer of minor units, and this is the one rounding (domain.md 0.4 and 3.9)."""

from __future__ import annotations

from typing import Final

Amount = int
"""Minor units: kopecks for money, 1/100 point for points, 1/100 for counters."""

FULL_BP: Final = 10_000
"""Basis points of 100 %, also the coefficient 1.00."""

HALF_UP: Final = 1
DOWN: Final = 2
UP: Final = 3


def divide(num: int, den: int, mode: int = HALF_UP) -> int:
    """`num / den` as an integer for `num >= 0`, `den > 0`: 1 half up, 2 down, 3 up."""
    if num < 0 or den <= 0:
        message = f"only non-negative figures are rounded: {num}/{den}"
        raise ValueError(message)
    if mode == HALF_UP:
        return (2 * num + den) // (2 * den)
    if mode == DOWN:
        return num // den
    return -(-num // den)


def round_to_step(num: int, den: int, step: int = 1, mode: int = HALF_UP) -> int:
    """The exact fraction `num / den`, brought once to a multiple of `step` minor units."""
    if step <= 1:
        return divide(num, den, mode)
    return divide(num, den * step, mode) * step


def scaled(amount: int, k_bp: int, step: int = 1, mode: int = HALF_UP) -> int:
    """`amount x k` rounded without its sign, the sign put back afterwards."""
    if k_bp == FULL_BP and step <= 1:
        return amount
    size = round_to_step(abs(amount) * k_bp, FULL_BP, step, mode)
    return size if amount >= 0 else -size


def amount_text(amount: int) -> str:
    """Minor units as decimal text with a point, as sentences and journals show them."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def share(total: int, weights: list[int]) -> list[int]:
    """Split `total` by `weights` so that the parts add up: largest remainder, ties to the earlier.

    `total` and weights are non-negative; with weights that are all zero everything goes to the
    first part.
    """
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))] if weights else []
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
