"""FOLLOW: what fifty signed-in programs that follow the change feed cost the tills.

As a program (`python -m tests.benchmarks.following PORT COUNT`) it is those fifty: each signs in,
waits at the feed by long poll, and asks again from its cursor as soon as it was told.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from shared.client.client import Client, new_operation_id
from shared.client.connection import Server
from shared.wire.changes import Changes
from shared.wire.users import FirstPassword, FirstRun, SignIn
from tests.benchmarks.arithmetic import Goal
from tests.benchmarks.databases import Prepared
from tests.benchmarks.options import Options
from tests.benchmarks.processes import ROOT, Served, card_server
from tests.benchmarks.report import Rounds, Table

FOLLOWERS: Final = 50
PASSWORD: Final = "follow-the-change-feed-1"
WAIT_S: Final = 20
READY: Final = b"follow"


def run(options: Options, folder: Path, ours: Prepared, peer: Prepared, table: Table) -> int:  # noqa: ARG001 - one shape for all sections
    """(B) as fast as it can and at half of that, each with followers and without, in turn."""
    rounds = Rounds()
    kept: list[float] = []
    with card_server(ours.folder) as server:
        for number in range(options.rounds):
            print(f"following, round {number + 1}")
            load = options.load("sale", ours, 900 + number)
            rounds.add("posting alone", server.under(load))
            rate = rounds.rates("posting alone")[-1] / 2
            half = msgspec.structs.replace(load, seed=930 + number, rate=rate)
            rounds.add("half alone", server.under(half))
            with _followed(server):
                rounds.add("posting, followed", server.under(load))
                half = msgspec.structs.replace(half, seed=960 + number)
                rounds.add("half, followed", server.under(half))
            kept.append(rounds.rates("half, followed")[-1] / rounds.rates("half alone")[-1])
    middle = sorted(kept)[len(kept) // 2]
    what = f"(B) at half its rate with {FOLLOWERS} programs at the feed / without"
    table.row("now", what, middle, Goal(0.95))
    whole = rounds.ratio("posting, followed", "posting alone")
    table.row("", f"(B) at its highest rate with {FOLLOWERS} programs at the feed", whole)
    alone = rounds.middle("half alone", lambda f: f.p95_ms)
    followed = rounds.middle("half, followed", lambda f: f.p95_ms)
    change = followed / alone if followed is not None and alone else None
    table.row("", "p95 of (B) at half its rate, followed / alone", change)
    return rounds.failures()


@contextmanager
def _followed(server: Served) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.benchmarks.following"]
    followers = subprocess.Popen(  # noqa: S603 - our own module
        [*command, str(server.management_port), str(FOLLOWERS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        line = followers.stdout.readline() if followers.stdout is not None else b""
        if not line.startswith(READY):
            message = "the followers ended before they followed"
            raise RuntimeError(message)
        yield
        if followers.poll() is not None:
            message = "the followers ended while the tills posted: nothing was measured"
            raise RuntimeError(message)
    finally:
        followers.terminate()
        followers.wait()
        if followers.stdout is not None:
            followers.stdout.close()


# ---------------------------------------------------------------------- the followers


def sign_in(port: int, count: int) -> list[str]:
    """Sessions of so many programs; the administrator's password is set where it is still open."""
    client = Client(Server(port=port), application="follow")
    state = client.ask(FirstRun())
    if state.password_needed:
        client.ask(FirstPassword(operation_id=new_operation_id(), password=PASSWORD))
    asked = SignIn(login=state.login, password=PASSWORD, application="follow")
    tokens = [client.ask(asked).token for _ in range(count)]
    client.close()
    return tokens


async def follow(port: int, token: str) -> None:
    """One program at the feed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    after: str | None = None
    while True:
        asked: dict[str, Any] = {"wait_s": WAIT_S}
        if after is not None:
            asked["after"] = after
        body = msgspec.json.encode(asked)
        writer.write(
            b"POST /v1/FollowChanges HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (token.encode(), len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            message = head.decode("latin-1")
            raise RuntimeError(message)
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        told = msgspec.json.decode(await reader.readexactly(length), type=Changes)
        after = told.cursor


async def main(port: int, count: int) -> None:
    """All of them, until the process is ended."""
    tokens = await asyncio.to_thread(sign_in, port, count)
    programs = [asyncio.ensure_future(follow(port, token)) for token in tokens]
    await asyncio.sleep(1)
    sys.stdout.write(READY.decode() + "\n")
    sys.stdout.flush()
    await asyncio.gather(*programs)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
