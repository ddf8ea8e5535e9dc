"""Kills the server under load, again and again, and compares every answer with the store."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.judging import (
    Store,
    after_the_crash,
    after_the_resend,
    once_everything_is_told,
)
from tests.faults.served import Served, card_server, prepare
from tests.faults.tills import load, resend

TILLS = 24
CARDS = 40
EARLIEST_S, LATEST_S = 0.3, 2.0


@dataclass
class Round:
    """What one round came to."""

    number: int
    durability: str
    killed_after_s: float
    calls: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    found_booked: int = 0
    """Unanswered calls that were booked all the same: the till learns it by its repeat."""
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def kill_rounds(rounds: int, durability: str, seed: int) -> list[Round]:
    """So many kills; `both` takes turns."""
    done = []
    with tempfile.TemporaryDirectory(prefix="kartoteka-kill-") as root:
        template = Path(root) / "template"
        facts = prepare(template, "auto")
        for number in range(1, rounds + 1):
            how = ("inline", "pipelined")[number % 2] if durability == "both" else durability
            folder = Path(root) / f"round-{number}"
            shutil.copytree(template, folder)
            (folder / "server.toml").write_text(f'[server]\ndurability = "{how}"\n', "utf-8")
            done.append(one_round(folder, facts, number, how, seed + number))
            shutil.rmtree(folder, ignore_errors=True)
            print(line(done[-1]), flush=True)
    return done


def one_round(folder: Path, facts: dict[str, Any], number: int, how: str, seed: int) -> Round:
    """Load, kill, look, restart, send everything again, look, prove."""
    started = time.monotonic()
    draw = random.Random(seed)  # noqa: S311 - when to kill
    code = facts["classifiers"][0]["code"]
    before = Store(folder)
    cards = usable_cards(folder, CARDS)
    after_s = draw.uniform(EARLIEST_S, LATEST_S)
    result = Round(number, how, round(after_s, 2))
    server = Served(folder)
    killer = threading.Timer(after_s, server.process.kill)
    killer.start()
    journal = asyncio.run(load(server.port, code, cards, TILLS, after_s + 5, seed))
    killer.join()
    server.kill()
    calls = list(journal.calls())
    crashed = Store(folder)
    result.calls = len(calls)
    result.acknowledged = sum(sent.acknowledged for sent in calls)
    silent = [sent for sent in calls if not sent.answers]
    result.unanswered = len(silent)
    result.found_booked = sum(crashed.accepted[sent.key] == 1 for sent in silent)
    result.wrong += after_the_crash(journal, crashed)
    result.wrong += prove(folder)
    server = Served(folder)
    try:
        asyncio.run(resend(server.port, code, silent))
        first = asyncio.run(resend(server.port, code, calls))
        second = asyncio.run(resend(server.port, code, calls))
        result.wrong += after_the_resend(journal, calls, first, second)
    finally:
        if server.stop() != 0:
            result.wrong.append("the server did not stop as it was asked to")
    result.wrong += once_everything_is_told(journal, before, Store(folder), cards)
    result.wrong += prove(folder)
    if not result.acknowledged:
        result.wrong.append("nothing was acknowledged: the round proves nothing")
    result.seconds = round(time.monotonic() - started, 1)
    return result


def prove(folder: Path) -> list[str]:
    """`verify --full` must be clean."""
    done = card_server("verify", "--full", "--quiet", folder=folder)
    return [] if done.returncode == 0 else [f"verify: {done.stdout.decode()}{done.stderr.decode()}"]


def usable_cards(folder: Path, count: int) -> list[int]:
    """Cards of the demo that a till may use, each of another guest."""
    import sqlite3  # noqa: PLC0415 - only here
    from contextlib import closing  # noqa: PLC0415 - only here

    location = f"{(folder / 'kartoteka.db').absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(location, uri=True)) as connection:
        rows = connection.execute(
            "SELECT min(c.card_code) FROM crm_card c JOIN crm_holder h ON h.holder_id = c.holder_id"
            " WHERE c.state = 1 AND h.state = 1 AND c.valid_to IS NULL AND c.limited_accounts = 0"
            " AND c.card_code > 10024 GROUP BY c.holder_id ORDER BY 1 LIMIT ?",
            (count,),
        ).fetchall()
    return [row[0] for row in rows]


HEAD = "round  durability  killed at   calls  acknowledged  unanswered  found booked  result"


def line(one: Round) -> str:
    """One row of the table."""
    verdict = "ok" if not one.wrong else f"{len(one.wrong)} WRONG: {one.wrong[0][:120]}"
    return (
        f"{one.number:5d}  {one.durability:10s}  {one.killed_after_s:7.2f} s  {one.calls:6d}"
        f"  {one.acknowledged:12d}  {one.unanswered:10d}  {one.found_booked:12d}  {verdict}"
    )
