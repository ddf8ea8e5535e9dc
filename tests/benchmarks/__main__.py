"""`python -m tests.benchmarks`: what the card server reaches, beside its peers, in one run.

Contenders run in turn (A B A B ...), medians are compared. Absolute rates are those of a machine
and a minute; ratios inside one run, and CPU time per request, are what counts (performance.md).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks import fairness, flush_runs, following, peers_runs, scale_runs, searching
from tests.benchmarks.databases import prepare, prepare_peer
from tests.benchmarks.options import Options
from tests.benchmarks.report import Table

SECTIONS: Final = {
    "P1": peers_runs.run,
    "P3": peers_runs.run,
    "P4": peers_runs.run,
    "P2": flush_runs.run,
    "P5": scale_runs.run,
    "P6": searching.run,
    "FAIR": fairness.run,
    "FOLLOW": following.run,
    "LOADBAR": fairness.load_bar,
    "DATABASE": scale_runs.server_database,
}
"""Sections in the order in which they run; those of one program run once."""
USUAL: Final = ("P1", "P3", "P4", "P2", "P5", "P6", "FAIR")


def main() -> int:
    """Measure what was asked for; 0 unless requests failed."""
    options = read_options()
    table = Table()
    folder = options.work or Path(tempfile.mkdtemp(prefix="kartoteka-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # PostgreSQL runs under an account of its own
    try:
        cores = os.cpu_count()
        print(f"{options.cards} cards, {options.connections} connections, {cores} cores, {folder}")
        ours = prepare(folder / f"cards-{options.cards}", options.cards)
        peer = prepare_peer(folder / f"peer-{options.cards}", ours)
        done = []
        failures = 0
        for name in options.only:
            section = SECTIONS[name]
            if section not in done:
                done.append(section)
                failures += section(options, folder, ours, peer, table)
        table.show()
        if failures:
            print(f"\n{failures} requests failed: the figures above prove nothing")
        return 1 if failures else 0
    finally:
        if options.work is None:
            shutil.rmtree(folder, ignore_errors=True)


def read_options() -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, 10 000 cards")
    parser.add_argument("--cards", type=int, help="cards of the database (1 000 000; quick 10 000)")
    parser.add_argument("--only", default="", help=f"sections: {', '.join(SECTIONS)}")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, help="rounds of each contender (5; quick 2)")
    parser.add_argument("--seconds", type=float, help="length of one measurement (6; quick 2)")
    parser.add_argument("--database", help="SQLAlchemy URL of an empty server database")
    parser.add_argument("--work", type=Path, help="folder to keep filled databases in")
    given = parser.parse_args()
    only = tuple(word.strip().upper() for word in given.only.split(",") if word.strip()) or USUAL
    unknown = [name for name in only if name not in SECTIONS]
    if unknown:
        parser.error(f"unknown section {unknown[0]}; there are {', '.join(SECTIONS)}")
    if given.database and "DATABASE" not in only:
        only = (*only, "DATABASE")
    return Options(
        quick=given.quick,
        cards=given.cards or (10_000 if given.quick else 1_000_000),
        only=only,
        connections=given.connections,
        rounds=given.rounds or (2 if given.quick else 5),
        seconds=given.seconds or (2.0 if given.quick else 6.0),
        database=given.database,
        work=given.work,
    )


if __name__ == "__main__":
    sys.exit(main())
