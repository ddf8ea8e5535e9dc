"""Nobody stands in a cashier's way: silent connections, a manager's long look, the load bar."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks.arithmetic import Goal
from tests.benchmarks.databases import Prepared
from tests.benchmarks.options import Options
from tests.benchmarks.processes import ROOT, Load, card_server
from tests.benchmarks.report import Rounds, Table

SILENT: Final = 500
BAR_RATE, BAR_CONNECTIONS, BAR_S, QUICK_BAR_S = 2_000, 256, 120, 10


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """Posting alone, with silent connections, and while a report reads all entries."""
    rounds = Rounds()
    with card_server(ours.folder) as server:
        for number in range(options.rounds):
            print(f"fairness, round {number + 1}")
            load = options.load("sale", ours, 400 + number)
            rounds.add("posting alone", server.under(load))
            load = options.load("sale", ours, 500 + number)
            noisy = msgspec.structs.replace(load, silent=SILENT)
            rounds.add("posting, 500 silent", server.under(noisy))
            report = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "tests.benchmarks.long_look", str(ours.folder)], cwd=ROOT
            )
            try:
                load = options.load("sale", ours, 600 + number)
                rounds.add("posting, long report", server.under(load))
            finally:
                report.terminate()
                report.wait()
    alone = rounds.middle("posting alone", lambda f: f.p95_ms)
    silent = rounds.middle("posting, 500 silent", lambda f: f.p95_ms)
    change = silent / alone if silent is not None and alone else None
    table.row("13", "p95 of (B) with 500 silent connections / without", change, Goal(1.2, True))
    kept = rounds.ratio("posting, long report", "posting alone")
    table.row("P6", "(B) while another program reads every entry / alone", kept, Goal(0.9))
    return rounds.failures()


def load_bar(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """2 000 requests/s of the mix over 256 connections, 500 silent ones besides (crm-xml.md 13)."""
    rounds = Rounds()
    seconds = QUICK_BAR_S if options.quick else BAR_S
    with card_server(ours.folder) as server:
        load = Load(
            kind="mix",
            code=ours.code,
            cards=ours.cards,
            connections=BAR_CONNECTIONS,
            seconds=seconds,
            silent=SILENT,
            rate=BAR_RATE,
            seed=700,
        )
        rounds.add("load bar", server.under(load))
        alone = msgspec.structs.replace(load, kind="sale", rate=1_000, seed=701)
        rounds.add("booking alone", server.under(alone))
    for number, name, wanted in (("13", "load bar", 2_000), ("13", "booking alone", 1_000)):
        reached = rounds.middle(name, lambda f: f.rate)
        table.row(number, f"{name}: requests a second", reached, Goal(0.99 * wanted))
        p95 = rounds.middle(name, lambda f: f.p95_ms)
        p99 = rounds.middle(name, lambda f: f.p99_ms)
        table.row(number, f"{name}: p95, ms", p95, Goal(100, at_most=True))
        table.row(number, f"{name}: p99, ms", p99, Goal(250, at_most=True))
    table.row("13", "failed requests", float(rounds.failures()), Goal(0, at_most=True))
    proof = verify(ours.folder)
    table.row("13", "findings of verify afterwards", float(proof), Goal(0, at_most=True))
    return rounds.failures()


def verify(folder: Path) -> int:
    """How much `card-server verify` finds wrong: sums, balances, chain."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "card_server", "verify", "--data", str(folder), "--json"],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return 1
    findings = found.get("findings", [])
    return len(findings) or done.returncode
