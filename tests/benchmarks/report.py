"""The printed table: what was measured, its goal, and whether it is met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Final

from tests.benchmarks.arithmetic import Goal, ratio_of_medians, verdict
from tests.benchmarks.processes import Figures

BUSY_CLIENT: Final = 0.9
"""Above this share of a core the load generator may be what is measured."""


class Rounds:
    """Figures of every contender, round by round."""

    def __init__(self) -> None:
        self._figures: dict[str, list[Figures]] = defaultdict(list)
        self._numbers: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, found: Figures) -> None:
        """One run; it is told at once."""
        self._figures[name].append(found)
        share = found.client_cpu_share
        warning = "  THE LOAD GENERATOR IS THE BOTTLENECK" if share > BUSY_CLIENT else ""
        failed = f"  {found.failures} FAILED: {found.first_failure!r}" if found.failures else ""
        print(
            f"  {name:34} {found.rate:9.0f}/s  {found.cpu_us or 0:8.1f} us  p50 {found.p50_ms:7.2f}"
            f"  p95 {found.p95_ms:7.2f}  p99 {found.p99_ms:7.2f} ms  client {share:4.0%}"
            f"{warning}{failed}",
            flush=True,
        )

    def add_number(self, name: str, value: float) -> None:
        """One run of a peer that only tells its rate."""
        self._numbers[name].append(value)
        print(f"  {name:34} {value:9.0f}/s", flush=True)

    def rates(self, name: str) -> list[float]:
        """Rates of every round."""
        return [found.rate for found in self._figures[name]] or self._numbers[name]

    def values(self, name: str, of: Callable[[Figures], float | None]) -> list[float]:
        """One figure of every round, as far as it was measured."""
        return [value for found in self._figures[name] if (value := of(found)) is not None]

    def middle(self, name: str, of: Callable[[Figures], float | None]) -> float | None:
        """Median of a figure over the rounds."""
        values = self.values(name, of)
        return median(values) if values else None

    def ratio(self, ours: str, theirs: str) -> float | None:
        """Median rate against median rate."""
        return ratio_of_medians(self.rates(ours), self.rates(theirs))

    def cpu_ratio(self, ours: str, theirs: str) -> float | None:
        """Median CPU time of a request against the other's."""
        return ratio_of_medians(self.values(ours, cpu_us), self.values(theirs, cpu_us))

    def failures(self) -> int:
        """Failed requests of all runs."""
        return sum(found.failures for rows in self._figures.values() for found in rows)


def cpu_us(found: Figures) -> float | None:
    """CPU microseconds of one request."""
    return found.cpu_us


class Table:
    """Rows of results, printed at the end."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str, str]] = []

    def row(self, number: str, what: str, value: float | None, goal: Goal | None = None) -> None:
        """A figure with its goal; `value` None stands for "not measured"."""
        shown = "-" if value is None else f"{value:.4g}"
        self._rows.append((number, what, shown, str(goal or ""), verdict(value, goal)))

    def note(self, number: str, text: str) -> None:
        """Why something was not measured."""
        self._rows.append((number, text, "", "", ""))

    def show(self) -> None:
        """Print all rows."""
        print(f"\n{'':5}{'what':74}{'measured':>10}  {'goal':9}verdict")
        for number, what, shown, goal, told in self._rows:
            print(f"{number:5}{what:74}{shown:>10}  {goal:9}{told}")
