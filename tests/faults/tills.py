"""Many tills at once: sales, payments, returns, roll-backs and repeats, each call remembered.

Every till works one order after the other and waits for its answers; what it sent and what it was
told is all that the judge knows of the world.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SALE, SALE_BACK, RETURN = 1, 2, 3
MOSCOW: Final = ZoneInfo("Europe/Moscow")
GOOD: Final = b'Result="0"'
CHECK: Final = (
    '<INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="{chmode}" '
    'generateddatetime="{stamp}"><CHECKDATA checknum="{number}" orderguid="{{{order}}}">'
    '<CHECKLINES count="1"><LINE code="201" name="Lunch" uni="1" type="dish" price="{total}" '
    'quantity="1" sum="{total}"/></CHECKLINES></CHECKDATA></CHECK></INPBUF>'
)


@dataclass(eq=False)
class Sent:
    """One call and everything that was answered to it."""

    order: str
    chmode: int
    card: int
    lines: list[tuple[int, int]]
    body: bytes
    answers: list[bytes] = field(default_factory=list)
    """The whole answers before the crash; a till that got none does not know."""

    @property
    def key(self) -> str:
        """The operation key as farcards.md 5.2 makes it."""
        kinds = ",".join(str(kind) for kind in sorted(kind for kind, _ in self.lines))
        return f"f:{self.order},1,{self.chmode},{self.card},{kinds}"

    @property
    def acknowledged(self) -> bool:
        """The till was told that it is done."""
        return any(GOOD in answer for answer in self.answers)

    @property
    def refused(self) -> bool:
        """The till was told that it is not done."""
        return bool(self.answers) and not self.acknowledged


@dataclass
class Journal:
    """Calls by order, each list in the order of sending."""

    orders: dict[str, list[Sent]] = field(default_factory=dict)

    def add(self, sent: Sent) -> Sent:
        """Remember a call before it is sent."""
        self.orders.setdefault(sent.order, []).append(sent)
        return sent

    def calls(self) -> Iterable[Sent]:
        """All calls, order by order."""
        for calls in self.orders.values():
            yield from calls


class Clock:
    """Stamps of tills: the wall clock of Moscow, always rising."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def stamp(self) -> str:
        """The next stamp, to the millisecond."""
        now = datetime.now(UTC)  # noqa: TID251 - a till has a clock
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last.astimezone(MOSCOW).isoformat("T", "milliseconds")[:23]


def call(
    clock: Clock, order: str, chmode: int, card: int, lines: Sequence[tuple[int, int]]
) -> Sent:
    """A TransactionsEx call as bytes."""
    items = "".join(
        f'<TransactionsEx Card="{card}" Kind="{kind}" Summa="{amount}" Restaurant="1" RKUni="1" '
        f'RKCheck="1"/>'
        for kind, amount in lines
    )
    total = abs(sum(amount for kind, amount in lines if kind == 3))
    check = CHECK.format(
        chmode=chmode,
        stamp=clock.stamp(),
        number=1,
        order=order,
        total=f"{total // 100}.{total % 100:02d}",
    )
    body = f"<ROOT><Transactions>{items}</Transactions>{check}</ROOT>".encode()
    return Sent(order, chmode, card, list(lines), body)


class Wire:
    """One keep-alive connection of a till."""

    def __init__(self, port: int, code: str) -> None:
        self._port = port
        self._path = f"/transactionsex.php?qualifier={code}"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, body: bytes) -> bytes | None:
        """The whole answer, or None if the connection broke first."""
        try:
            if self._writer is None or self._reader is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            head = (
                f"POST {self._path} HTTP/1.1\r\nHost: till\r\nContent-Type: text/xml\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            self._writer.write(head.encode() + body)
            await self._writer.drain()
            head_bytes = await self._reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head_bytes.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            return await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, StopIteration):
            self.close()
            return None

    def close(self) -> None:
        """Give the connection up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


class Till:
    """Works orders until the server is gone or time is up."""

    def __init__(
        self, wire: Wire, cards: Sequence[int], seed: int, journal: Journal, clock: Clock
    ) -> None:
        self._wire = wire
        self._cards = cards
        self._draw = random.Random(seed)  # noqa: S311 - a workload
        self._journal = journal
        self._clock = clock

    async def work(self, until: float) -> None:
        """One order after the other."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            if not await self._order():
                break
        self._wire.close()

    async def _order(self) -> bool:
        draw = self._draw
        card, order = draw.choice(self._cards), str(uuid.UUID(int=draw.getrandbits(128)))
        net = draw.choice([1000, 12400, 24800, 99900])
        lines = [(2, net // 20), (3, net)]
        if draw.random() < 0.3:
            lines.insert(0, (0, -draw.choice([100, 500, net // 2])))
        sale = self._journal.add(call(self._clock, order, SALE, card, lines))
        if not await self._send(sale):
            return False
        if not sale.acknowledged:
            return True
        fate = draw.random()
        if fate < 0.25:
            part = draw.choice([1, 2])
            back = [(kind, -amount // part) for kind, amount in lines if amount > 0]
            back += [(kind, -amount // part) for kind, amount in lines if amount < 0]
            return await self._send(self._journal.add(call(self._clock, order, RETURN, card, back)))
        if fate < 0.4:
            return await self._send(
                self._journal.add(call(self._clock, order, SALE_BACK, card, lines))
            )
        return True

    async def _send(self, sent: Sent) -> bool:
        """Send once, sometimes twice or three times; False when the server is gone."""
        for _ in range(self._draw.choice([1, 1, 1, 2, 3])):
            answer = await self._wire.ask(sent.body)
            if answer is None:
                return False
            sent.answers.append(answer)
        return True


async def load(
    port: int, code: str, cards: Sequence[int], tills: int, seconds: float, seed: int
) -> Journal:
    """So many tills at once for so long."""
    journal, clock = Journal(), Clock()
    until = asyncio.get_running_loop().time() + seconds
    workers = [
        Till(Wire(port, code), cards, seed * 1000 + number, journal, clock).work(until)
        for number in range(tills)
    ]
    await asyncio.gather(*workers)
    return journal


async def resend(
    port: int, code: str, calls: Iterable[Sent], tills: int = 16
) -> list[bytes | None]:
    """Send calls again, those of one order after each other; answers in the order of the calls."""
    wanted = list(calls)
    answers: list[bytes | None] = [None] * len(wanted)
    by_order: dict[str, list[int]] = {}
    for i, sent in enumerate(wanted):
        by_order.setdefault(sent.order, []).append(i)
    queue = list(by_order.values())

    async def work() -> None:
        wire = Wire(port, code)
        while queue:
            for i in queue.pop():
                answers[i] = await wire.ask(wanted[i].body)
        wire.close()

    await asyncio.gather(*(work() for _ in range(tills)))
    return answers
