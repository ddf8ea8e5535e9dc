"""P1 and P2 at a flush of fixed length: databases on the RAM disk, flushes that only sleep."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.benchmarks.arithmetic import Goal
from tests.benchmarks.databases import Prepared
from tests.benchmarks.flush_shim import NO_COMPILER, RAM_DISK, FlushShim, build
from tests.benchmarks.options import Options
from tests.benchmarks.peers import tpcb
from tests.benchmarks.processes import card_server
from tests.benchmarks.report import Rounds, Table

SHORT_US, LONG_US = 100, 4_000
MOST_ON_RAM: Final = 4 << 30
SCALE: Final = 16


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """Both lengths in turn, pgbench beside the long one."""
    shim = build(folder)
    if shim is None:
        table.note("P2", NO_COMPILER)
        return 0
    size = sum(path.stat().st_size for path in ours.folder.iterdir())
    if size * 2 > min(MOST_ON_RAM, shutil.disk_usage(RAM_DISK).free):
        table.note("P2", f"the database is too large for the RAM disk ({size >> 20} MB)")
        return 0
    rounds, counted = Rounds(), [0, 0]
    ram = Path(tempfile.mkdtemp(prefix="kartoteka-", dir=RAM_DISK))
    ram.chmod(0o755)
    try:
        with ExitStack() as stack:
            _rounds(options, ram, ours, shim, rounds, stack, counted)
    finally:
        shutil.rmtree(ram, ignore_errors=True)
    what = "(B) x pgbench TPC-B, 64 clients, flush of 4 ms"
    table.row("P1", what, rounds.ratio("ours sale, 4 ms", "pgbench, 4 ms"), Goal(10))
    kept = rounds.ratio("ours mix, 4 ms", "ours mix, 0.1 ms")
    table.row("P2", "80/20 load: rate at a 4 ms flush / rate at 0.1 ms", kept, Goal(0.95))
    each = counted[0] / counted[1] if counted[1] else None
    table.row("P2", "flushes for each posting, 4 ms", each, Goal(0.05, at_most=True))
    return rounds.failures()


def _rounds(
    options: Options,
    ram: Path,
    ours: Prepared,
    shim: FlushShim,
    rounds: Rounds,
    stack: ExitStack,
    counted: list[int],
) -> None:
    servers = {}
    for length in (SHORT_US, LONG_US):
        data = ram / str(length)
        shutil.copytree(ours.folder, data)
        environment = shim.environment(length)
        servers[length] = stack.enter_context(card_server(data, environment=environment))
    environment = shim.environment(LONG_US)
    pgbench = stack.enter_context(tpcb.running(ram / "postgresql", SCALE, environment))
    for number in range(options.rounds):
        print(f"fixed flush, round {number + 1}")
        for length, name in ((SHORT_US, "0.1 ms"), (LONG_US, "4 ms")):
            seed = 100 + number
            mixed = servers[length].under(options.load("mix", ours, seed))
            rounds.add(f"ours mix, {name}", mixed)
            before = shim.flushes
            sold = servers[length].under(options.load("sale", ours, seed))
            rounds.add(f"ours sale, {name}", sold)
            if length == LONG_US:
                counted[0] += shim.flushes - before
                counted[1] += sold.answers
        if pgbench is not None:
            rounds.add_number("pgbench, 4 ms", pgbench.rate(64, options.seconds))
