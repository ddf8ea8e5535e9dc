"""The benchmark's own arithmetic: medians, ratios, shares; small enough to be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec


class Goal(msgspec.Struct, frozen=True):
    """A bound for a figure: at least (`at_most` False) or at most."""

    bound: float
    at_most: bool = False

    def met(self, value: float | None) -> bool:
        """A figure that is missing meets nothing."""
        if value is None or value != value:  # noqa: PLR0124 - not a number is not equal to itself
            return False
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g}"


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed; 0 for no values."""
    if not ordered:
        return 0.0
    place = -int(-len(ordered) * percent // 100) - 1
    return ordered[max(0, min(len(ordered) - 1, place))]


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Median by median; None where one side was not measured or measured nothing."""
    if not ours or not theirs:
        return None
    below = median(theirs)
    return median(ours) / below if below > 0 else None


def micros_per(cpu_s: float, count: int) -> float | None:
    """CPU microseconds for each of so many requests; None for none."""
    return cpu_s * 1e6 / count if count > 0 else None


def verdict(value: float | None, goal: Goal | None) -> str:
    """`met`, `not met`, or nothing where there is no goal or no figure."""
    if goal is None:
        return ""
    if value is None:
        return "not measured"
    return "met" if goal.met(value) else "not met"
