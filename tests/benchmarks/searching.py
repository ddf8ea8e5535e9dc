"""P6: what a search over a million guests takes while tills post, and what it costs the tills.

Every kind of search of crm-xml.md section 10 is asked in turn, as a program does, over HTTP and
with a page of the usual length; what is looked for is drawn anew each time.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks.arithmetic import Goal, percentile
from tests.benchmarks.databases import Prepared
from tests.benchmarks.filling import EMAILS, FIRST_CARD
from tests.benchmarks.names import Named, name_of
from tests.benchmarks.options import Options
from tests.benchmarks.processes import ROOT, Load, Served, card_server
from tests.benchmarks.report import Rounds, Table

MESSAGE: Final = (
    '<?xml version="1.0" encoding="utf-8"?><Message Action="Search holders 2" '
    'Terminal_Type="{code}" Unit_ID="1" User_ID="1"><Include>Holder_Contact, Holder_Card</Include>'
    '<Count>20</Count><Index>1</Index><Item Mode="Clear"/><Item Mode="Add">{item}</Item></Message>'
)
MOST_MS: Final = 50.0
PAUSE_S: Final = 0.1
"""Between two searches of the program that searches while tills post as much as they can."""

Draw = Callable[[random.Random, int], str]


def _person(field: str, make: Callable[[Named], str]) -> Draw:
    def draw(chance: random.Random, guests: int) -> str:
        value = make(name_of(chance.randrange(guests)))
        return f'<Holders><{field} Value="{value}"/></Holders>'

    return draw


def _drawn(item: str, make: Callable[[int], str]) -> Draw:
    return lambda chance, guests: item.format(make(chance.randrange(guests)))


def _birthday(form: str) -> Draw:
    def draw(chance: random.Random, _guests: int) -> str:
        day = form.format(
            chance.randrange(1950, 2005), chance.randint(1, 12), chance.randint(1, 28)
        )
        return f'<Holders><Birth_Day Value_From="{day}" Value_To="{day}"/></Holders>'

    return draw


NUMBER: Final = '<Contacts><Phone Value="{}" IsNumber="True"/></Contacts>'
PHONE: Final = '<Contacts><Phone Value="{}"/></Contacts>'
EMAIL: Final = '<Contacts><EMail Value="{}"/></Contacts>'
CARD: Final = '<Cards><Card_Code Value="{}"/></Cards>'
KINDS: Final[dict[str, Draw]] = {
    "phone": _drawn(NUMBER, "8000{:07d}".format),
    "phone, last 4 digits": _drawn(NUMBER, lambda n: f"{n % 10_000:04d}"),
    "phone, +7000xxxx*": _drawn(PHONE, lambda n: f"+7000{n // 1000:04d}*"),
    "phone, *xxxx": _drawn(PHONE, lambda n: f"*{n % 10_000:04d}"),
    "e-mail": _drawn(EMAIL, lambda n: f"guest{n // EMAILS * EMAILS}@example.com"),
    "e-mail, x*": _drawn(EMAIL, lambda n: f"guest{n // 100}*"),
    "card": _drawn(CARD, lambda n: f"{FIRST_CARD + n}"),
    "card, [x..y]": _drawn(CARD, lambda n: f"[{FIRST_CARD + n}..{FIRST_CARD + n + 50}]"),
    "card, xxx*": _drawn(CARD, lambda n: f"{(FIRST_CARD + n) // 1000}*"),
    "card, ?xxxx?": _drawn(CARD, lambda n: f"?{str(FIRST_CARD + n)[1:-1]}?"),
    "last name": _person("L_Name", lambda n: n.last),
    "last name, xxx*": _person("L_Name", lambda n: f"{n.last[:3]}*"),
    "last name, x*": _person("L_Name", lambda n: f"{n.last[:1]}*"),
    "last name, *xxxx": _person("L_Name", lambda n: f"*{n.last[-6:]}"),
    "last name, *xxxx*": _person("L_Name", lambda n: f"*{n.last[1:6]}*"),
    "first name": _person("F_Name", lambda n: n.first),
    "first name, xxx*": _person("F_Name", lambda n: f"{n.first[:3]}*"),
    "first name, *xxx*": _person("F_Name", lambda n: f"*{n.first[1:4]}*"),
    "patronymic": _person("M_Name", lambda n: n.middle),
    "full name": _person("Full_Name", lambda n: n.full),
    "full name, *xxxx yyyy*": _person("Full_Name", lambda n: f"*{n.last[1:]} {n.first[:3]}*"),
    "birthday": _birthday("{:04d}-{:02d}-{:02d}"),
    "birthday, any year": _birthday("0000-{1:02d}-{2:02d}"),
    "birthday, month": _birthday("0000-{1:02d}-00"),
}
BY_HAND: Final = (
    "phone",
    "phone, last 4 digits",
    "card",
    "last name",
    "last name, xxx*",
    "full name",
)
"""What is looked for at a desk: phone, name or card."""


class Searcher:
    """One program that searches, one request after another."""

    def __init__(self, port: int, code: str, guests: int, seed: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._code = code
        self._guests = guests
        self._chance = random.Random(seed)  # noqa: S311 - what is looked for, not a secret
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failures = 0

    def ask(self, kind: str) -> None:
        """One search; how long it took is kept."""
        item = KINDS[kind](self._chance, self._guests)
        body = MESSAGE.format(code=self._code, item=item).encode()
        started = time.perf_counter()
        self._connection.request("POST", "/", body)
        response = self._connection.getresponse()
        answer = response.read()
        self.times[kind].append(1000 * (time.perf_counter() - started))
        if response.status != 200 or b"<Holders" not in answer:
            self.failures += 1

    def go_on(self, end: float, pause: float = 0.0) -> None:
        """All kinds in turn until a moment, and at the least once."""
        while True:
            for kind in KINDS:
                self.ask(kind)
                if pause:
                    time.sleep(pause)
            if time.monotonic() >= end:
                return


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """Every kind while (B) runs at half its rate; then (B) as fast as it can, with and without."""
    rounds = Rounds()
    times: dict[str, list[float]] = defaultdict(list)
    failures = 0
    with card_server(ours.folder) as server:
        for number in range(options.rounds):
            print(f"searching, round {number + 1}")
            load = options.load("sale", ours, 800 + number)
            rounds.add("posting alone", server.under(load))
            rate = rounds.rates("posting alone")[-1] / 2
            half = msgspec.structs.replace(load, seed=830 + number, rate=rate)
            searching = _start(server, ours, half, number, pause=0.0)
            rounds.add("posting at half its rate", server.under(half))
            failures += _finish(searching, times)
            searching = _start(server, ours, load, number, pause=PAUSE_S)
            rounds.add("posting, one program searches", server.under(load))
            failures += _finish(searching, defaultdict(list))
    for kind in KINDS:
        p95 = percentile(sorted(times[kind]), 95)
        table.row(
            "P6", f"search over {ours.count} guests: {kind}: p95, ms", p95, Goal(MOST_MS, True)
        )
    usual = sorted(value for kind in BY_HAND for value in times[kind])
    table.row("P6", "search by phone, name or card: p95, ms", percentile(usual, 95), Goal(50, True))
    every = sorted(value for values in times.values() for value in values)
    table.row("P6", "search of any kind: p95, ms", percentile(every, 95), Goal(MOST_MS, True))
    kept = rounds.ratio("posting, one program searches", "posting alone")
    table.row("P6", "(B) while one program searches / alone", kept, Goal(0.95))
    return rounds.failures() + failures


class Found(msgspec.Struct):
    """What a searching process tells at its end."""

    times: dict[str, list[float]]
    failures: int


def _start(
    server: Served, ours: Prepared, load: Load, seed: int, *, pause: float
) -> subprocess.Popen[bytes]:
    """A program that searches for as long as a load lasts."""
    seconds = load.warm + load.seconds
    numbers = (server.port, ours.count, seed, seconds, pause)
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.benchmarks.searching", ours.code, *map(str, numbers)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )


def _finish(searching: subprocess.Popen[bytes], times: dict[str, list[float]]) -> int:
    """Add what the program measured; returns how many searches failed."""
    found = msgspec.json.decode(searching.communicate()[0], type=Found)
    for kind, values in found.times.items():
        times[kind] += values
    return found.failures


def main() -> None:
    """Search for some seconds and print what it took."""
    code, port, guests, seed, seconds, pause = sys.argv[1:]
    searcher = Searcher(int(port), code, int(guests), int(seed))
    searcher.go_on(time.monotonic() + float(seconds), float(pause))
    found = Found(dict(searcher.times), searcher.failures)
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
