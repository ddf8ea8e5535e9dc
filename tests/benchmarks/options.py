"""What the command line asks of the benchmarks."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.benchmarks.databases import Prepared
from tests.benchmarks.processes import Load


class Options(msgspec.Struct, kw_only=True, frozen=True):
    """How long, how much, what."""

    quick: bool
    cards: int
    only: tuple[str, ...]
    connections: int
    rounds: int
    seconds: float
    database: str | None = None
    work: Path | None = None

    def load(self, kind: str, on: Prepared, seed: int, connections: int | None = None) -> Load:
        """A load of this run's length; another seed, other cards and orders."""
        return Load(
            kind=kind,
            code=on.code,
            cards=on.cards,
            connections=connections or self.connections,
            seconds=self.seconds,
            seed=seed,
        )
