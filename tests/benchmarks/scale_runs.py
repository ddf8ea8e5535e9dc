"""P5: the same server with few cards and with many; and the posting rate on a server database."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.benchmarks.arithmetic import Goal
from tests.benchmarks.databases import Prepared, prepare
from tests.benchmarks.options import Options
from tests.benchmarks.processes import card_server
from tests.benchmarks.report import Rounds, Table

FEW: Final = 10_000
WITHIN: Final = 0.85
"""What a hundred times the cards may leave of the rate."""
SERVER_CARDS: Final = 10_000


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """Rates at 10 000 cards and at as many as the run has."""
    if options.cards <= FEW:
        table.note("P5", f"needs more than {FEW} cards (--cards 1000000)")
        return 0
    small = prepare(folder / f"cards-{FEW}", FEW)
    rounds = Rounds()
    with ExitStack() as stack:
        few = stack.enter_context(card_server(small.folder))
        many = stack.enter_context(card_server(ours.folder))
        for number in range(options.rounds):
            print(f"few and many cards, round {number + 1}")
            for kind in ("till", "read", "sale"):
                seed = 200 + number
                rounds.add(f"few {kind}", few.under(options.load(kind, small, seed)))
                rounds.add(f"many {kind}", many.under(options.load(kind, ours, seed)))
    for kind, what in (("till", "till's card read"), ("read", "card read"), ("sale", "posting")):
        ratio = rounds.ratio(f"many {kind}", f"few {kind}")
        table.row("P5", f"{what}: rate at {options.cards} cards / at {FEW}", ratio, Goal(WITHIN))
    return rounds.failures()


def server_database(
    options: Options,
    folder: Path,
    ours: Prepared,  # noqa: ARG001 - one shape for all sections
    peer: Prepared,  # noqa: ARG001 - one shape for all sections
    table: Table,
) -> int:
    """The posting rate on a server database, as information."""
    if options.database is None:
        table.note("", "give --database URL for the rates on a server database")
        return 0
    prepared = prepare(folder / "server", SERVER_CARDS, options.database)
    rounds = Rounds()
    with card_server(prepared.folder, database=options.database) as server:
        for number in range(options.rounds):
            for kind in ("till", "sale"):
                load = options.load(kind, prepared, 300 + number)
                rounds.add(f"server database {kind}", server.under(load))
    for kind in ("till", "sale"):
        rate = rounds.middle(f"server database {kind}", lambda f: f.rate)
        table.row("", f"requests a second on the server database, {kind}", rate)
    return rounds.failures()
