"""P1, P3, P4: the card server beside the bare echo server, the ORM stack and pgbench."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.benchmarks.arithmetic import Goal
from tests.benchmarks.databases import Prepared
from tests.benchmarks.options import Options
from tests.benchmarks.peers import tpcb
from tests.benchmarks.processes import Served, card_server, started
from tests.benchmarks.report import Rounds, Table

HOT_CARDS: Final = 100
"""Cards of the cached reading."""
SCALE, QUICK_SCALE = 64, 16
"""Branches of TPC-B: not fewer than clients, or it measures waits for a row (pgbench's manual)."""
NAMES: Final = {
    "till": "(A) card read of a till",
    "read": "(A) card read, XML API",
    "sale": "(B) posting",
}


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:
    """All contenders in turn; returns how many of our requests failed."""
    rounds = Rounds()
    hot = _hot_cards(folder, ours)
    with ExitStack() as stack:
        server = stack.enter_context(card_server(ours.folder))
        echo = stack.enter_context(started("tests.benchmarks.peers.echo", []))
        orm = stack.enter_context(
            started("tests.benchmarks.peers.orm", [str(peer.folder / "peer.db")])
        )
        scale = QUICK_SCALE if options.quick else SCALE
        pgbench = stack.enter_context(tpcb.running(folder / "postgresql", scale))
        best = pgbench.best_clients(options.seconds / 2) if pgbench is not None else 0
        for number in range(options.rounds):
            print(f"round {number + 1}")
            seed = number + 1
            for kind in NAMES:
                rounds.add(f"ours {kind}", server.under(options.load(kind, ours, seed)))
                rounds.add(f"ORM {kind}", orm.under(options.load(kind, peer, seed)))
                if kind != "till":
                    rounds.add(f"echo {kind}", echo.under(options.load(kind, ours, seed)))
            rounds.add("ours cached", server.under(options.load("till", hot, seed)))
            _one_connection(options, rounds, server, orm, ours, peer, seed)
            if pgbench is not None:
                clients = options.connections
                rounds.add_number("pgbench", pgbench.rate(clients, options.seconds))
                rounds.add_number("pgbench best", pgbench.rate(best, options.seconds))
    _tell(rounds, table, options, best)
    return rounds.failures()


def _hot_cards(folder: Path, ours: Prepared) -> Prepared:
    path = folder / "hot.bin"
    path.write_bytes(ours.cards.read_bytes()[: HOT_CARDS * 8])
    return Prepared(ours.folder, ours.code, path, HOT_CARDS)


def _one_connection(
    options: Options,
    rounds: Rounds,
    server: Served,
    orm: Served,
    ours: Prepared,
    peer: Prepared,
    seed: int,
) -> None:
    for kind in ("till", "sale"):
        rounds.add(f"ours {kind}, one", server.under(options.load(kind, ours, seed + 1000, 1)))
        rounds.add(f"ORM {kind}, one", orm.under(options.load(kind, peer, seed + 1000, 1)))


def _tell(rounds: Rounds, table: Table, options: Options, best: int) -> None:
    many = options.connections
    if rounds.rates("pgbench"):
        against = rounds.ratio("ours sale", "pgbench")
        table.row("now", f"(B) x pgbench TPC-B, {many} clients, same disk", against, Goal(1.2))
        table.row("P1", f"(B) x pgbench TPC-B, {many} clients, same disk", against, Goal(4))
        what = f"(B) x pgbench TPC-B, its best client count ({best})"
        table.row("P1", what, rounds.ratio("ours sale", "pgbench best"), Goal(1.5))
    else:
        table.note("P1", tpcb.NOT_INSTALLED)
    for kind, now in (("till", 30), ("read", 30), ("sale", 20)):
        against = rounds.ratio(f"ours {kind}", f"ORM {kind}")
        what = f"{NAMES[kind]} x FastAPI + ORM, {many} connections"
        table.row("now", what, against, Goal(now))
        table.row("P4", what, against, Goal(60))
    for kind in ("till", "sale"):
        against = rounds.ratio(f"ours {kind}, one", f"ORM {kind}, one")
        table.row("P4", f"{NAMES[kind]} x FastAPI + ORM, 1 connection", against, Goal(15))
    ours_p99 = rounds.middle("ours sale", lambda f: f.p99_ms)
    orm_p99 = rounds.middle("ORM sale", lambda f: f.p99_ms)
    share = ours_p99 / orm_p99 if ours_p99 is not None and orm_p99 else None
    table.row("P4", "p99 of (B) / p99 of FastAPI + ORM", share, Goal(0.01, at_most=True))
    for what, name, echo, bound in (
        ("cached card read of a till", "ours cached", "echo read", 2),
        ("(A) card read of a till, any card", "ours till", "echo read", 4),
        ("(A) card read, XML API, any card (5 KB of XML)", "ours read", "echo read", 4),
        ("(B) posting", "ours sale", "echo sale", 6),
    ):
        used = rounds.cpu_ratio(name, echo)
        table.row("P3", f"CPU of {what} x bare echo server", used, Goal(bound, at_most=True))
    for name in ("echo read", "echo sale", "ours cached", "ours till", "ours read", "ours sale"):
        table.row("P3", f"CPU us per request, {name}", rounds.middle(name, lambda f: f.cpu_us))
    for name in ("ORM till", "ORM sale"):
        table.row("P3", f"CPU us per request, {name}", rounds.middle(name, lambda f: f.cpu_us))
    for kind in NAMES:
        rate = rounds.middle(f"ours {kind}", lambda f: f.rate)
        table.row("", f"{NAMES[kind]}: requests a second on this machine now", rate)
