"""`demo-data`: fill an empty database with guests, cards and classifiers for trying out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--size", default="small", help="small, 1e5, 1e6 or a number of cards")
    parser.add_argument("--seed", type=int, default=7, help="another seed, other guests")


def run(options: argparse.Namespace) -> int:
    """Generate and tell what was made."""
    from card_server.db.engine import address_of  # noqa: PLC0415 - quick --help
    from card_server.demo.generator import generate  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    data.mkdir(parents=True, exist_ok=True)

    def progress(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done} / {total}")

    made = generate(
        address_of(options.database, data), size=options.size, seed=options.seed, progress=progress
    )
    sys.stderr.write("\n")
    text = "\n".join(f"{row.name} ({row.mode}): {row.code}" for row in made.classifiers)
    say(msgspec.to_builtins(made), as_json=options.json, text=f"{made.cards}\n{text}")
    return OK
