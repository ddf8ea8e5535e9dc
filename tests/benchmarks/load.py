"""A load generator: keep-alive connections, one request in flight on each, answers counted."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
import uuid
from collections.abc import Callable

CARD_INFO = (
    '<?xml version="1.0" encoding="utf-8"?><Message Action="Get card info" Terminal_Type="{code}" '
    'Unit_ID="1" User_ID="1"><Card_Code>{card}</Card_Code>'
    "<Include>Account, Holder</Include></Message>"
)
SALE = (
    "<ROOT><Transactions>"
    '<TransactionsEx Card="{card}" Kind="2" Summa="620" Restaurant="1" RKUni="1" RKCheck="1"/>'
    '<TransactionsEx Card="{card}" Kind="3" Summa="124000" Restaurant="1" RKUni="1" RKCheck="1"/>'
    '</Transactions><INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="1" '
    'generateddatetime="{stamp}"><CHECKDATA checknum="1" orderguid="{{{order}}}">'
    '<CHECKLINES count="1"><LINE code="201" name="Lunch" uni="1" type="dish" price="1240.00" '
    'quantity="1" sum="1240.00"/></CHECKLINES></CHECKDATA></CHECK></INPBUF></ROOT>'
)
STAMP_FORMAT = "%Y-%m-%dT%H:%M:%S"


class Client(asyncio.Protocol):
    """One connection; asks again as soon as it is answered."""

    def __init__(self, make: Callable[[], bytes], run: Run) -> None:
        self._make = make
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first time."""
        self._transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        if self._transport is None or self._run.over:
            return
        self._asked_at = time.perf_counter()
        self._transport.write(self._make())

    def data_received(self, data: bytes) -> None:
        """Count a whole answer and ask again."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        low = self._buffer[:head].lower()
        start = low.find(b"content-length:") + 15
        end = low.find(b"\r", start)
        length = int(low[start : end if end > 0 else None])
        if len(self._buffer) < head + 4 + length:
            return
        body = self._buffer[head + 4 : head + 4 + length]
        self._buffer = self._buffer[head + 4 + length :]
        self._run.count(time.perf_counter() - self._asked_at, body)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """A lost connection counts as a failure."""
        self._transport = None
        if not self._run.over:
            self._run.failures += 1


class Run:
    """Counts of one measurement."""

    def __init__(self) -> None:
        self.over = False
        self.measuring = False
        self.answers = 0
        self.failures = 0
        self.times: list[float] = []

    def count(self, took: float, body: bytes) -> None:
        """One answer."""
        if b"ErrorCode=" in body:
            self.failures += 1
            if self.failures == 1:
                sys.stderr.write(body.decode("utf-8", "replace")[:300] + "\n")
        if self.measuring:
            self.answers += 1
            self.times.append(took)


def request(path: str, body: str) -> bytes:
    """A whole HTTP request."""
    data = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def maker(options: argparse.Namespace) -> Callable[[], bytes]:
    """What each request is, by kind of load."""
    draw = random.Random(options.seed)  # noqa: S311 - which card, not a secret
    first, cards = options.first, options.cards
    if options.kind == "read":
        return lambda: request(
            "/", CARD_INFO.format(code=options.code, card=draw.randrange(first, first + cards))
        )
    stamp = time.strftime(STAMP_FORMAT)
    path = f"/transactionsex.php?qualifier={options.code}"

    def sale() -> bytes:
        order = uuid.UUID(int=draw.getrandbits(128))
        card = draw.randrange(first, first + cards)
        return request(path, SALE.format(card=card, stamp=stamp, order=order))

    return sale


async def measure(options: argparse.Namespace) -> dict[str, float]:
    """Warm up, measure, stop."""
    loop = asyncio.get_running_loop()
    run = Run()
    make = maker(options)
    for _ in range(options.connections):
        await loop.create_connection(lambda: Client(make, run), "127.0.0.1", options.port)
    await asyncio.sleep(options.warm)
    run.measuring = True
    started = time.perf_counter()
    await asyncio.sleep(options.seconds)
    took = time.perf_counter() - started
    run.measuring = False
    run.over = True
    times = sorted(run.times) or [0.0]
    return {
        "rate": run.answers / took,
        "answers": run.answers,
        "failures": run.failures,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kind", choices=("read", "sale"), default="read")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--code", default="")
    parser.add_argument("--first", type=int, default=10_001)
    parser.add_argument("--cards", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    try:
        import uvloop  # noqa: PLC0415 - where it exists

        found = uvloop.run(measure(options))
    except ImportError:
        found = asyncio.run(measure(options))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
