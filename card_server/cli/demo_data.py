"""`demo-data`: fill an empty database with guests, cards, visits and classifiers for trying out."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say

AS_OF = "2026-03-31"
LARGEST_SEED = 2**63 - 1
MOST_MONTHS = 60
FIRST_YEAR, LAST_YEAR = 2016, 2100
"""Moscow keeps one time all the year round since 2014."""


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--size", type=_size, default="small", help="small (300 cards), 1e5, 1e6 or a number"
    )
    parser.add_argument("--seed", type=_seed, default=7, help="another seed, other guests")
    parser.add_argument(
        "--as-of", type=_day, default=AS_OF, help=f"the day the demo is about (default {AS_OF})"
    )
    parser.add_argument(
        "--months", type=_months, default=18, help="how many months of visits before that day"
    )
    parser.add_argument(
        "--mode",
        choices=("bulk", "engine"),
        default="bulk",
        help="bulk: in memory, fast; engine: every call through the server's ledger; the rows are"
        " the same",
    )


def _size(text: str) -> str:
    from card_server.demo.sizes import cards_of  # noqa: PLC0415 - quick --help

    try:
        cards_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
        message = f"{text!r} is not a whole number from {low} to {high}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED)


def _months(text: str) -> int:
    return _whole(text, 1, MOST_MONTHS)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not a day: write YYYY-MM-DD"
        raise argparse.ArgumentTypeError(message) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        message = f"{text} is out of range: {FIRST_YEAR} to {LAST_YEAR}"
        raise argparse.ArgumentTypeError(message)
    return found


def run(options: argparse.Namespace) -> int:
    """Generate and tell what was made."""
    from card_server.db.finding import find_database  # noqa: PLC0415 - quick --help
    from card_server.demo.generator import Wish, generate  # noqa: PLC0415 - quick --help

    data = Path(options.data)
    address = find_database(options.database, data, make_folder=True)
    wish = Wish(
        size=options.size,
        seed=options.seed,
        as_of=options.as_of,
        months=options.months,
        mode=options.mode,
    )
    made = generate(address, wish, progress_on(sys.stderr.write))
    sys.stderr.write("\n")
    lines = [
        f"{made.cards} cards, {made.holders} holders, {made.operations} operations",
        *(f"classifier {row.name} ({row.mode}): {row.code}" for row in made.classifiers),
        *(f"user {row.login} ({row.role}): {row.password}" for row in made.users),
        f"dump hash {made.dump_hash}",
    ]
    say(msgspec.to_builtins(made), as_json=options.json, text="\n".join(lines))
    return OK


def progress_on(
    write: Callable[[str], object], clock: Callable[[], float] = time.monotonic
) -> Callable[[str, int, int], None]:
    """One line that is written over: the stage, how far, how fast, how long still."""
    began: dict[str, float] = {}

    def tell(stage: str, done: int, total: int) -> None:
        now = clock()
        start = began.setdefault(stage, now)
        seconds = now - start
        rate = done / seconds if seconds > 0 and done > 0 else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate else ""
        shown = f"{stage}: {done} of {total}" + (f", {rate:.0f}/s{left}" if rate else "")
        write(f"\r{shown:<70}")

    return tell
