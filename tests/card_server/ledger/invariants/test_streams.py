"""I-25, I-26, I-27: real bytes through the real dispatch, repeated, interrupted, sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.writing import BookWriter
from tests.helpers.databases import Databases
from tests.helpers.laws import broken_laws
from tests.helpers.ledger_machine import START, folder
from tests.helpers.profiles import tries
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import CODE, open_shop
from tests.helpers.till import Till, open_till

CARDS = (10001, 10002)
OWN_NUMBERS = re.compile(rb"1000000000\d+")
"""Ids that a run hands out: another run may hand out others, gaps are normal (domain 0.2)."""


@st.composite
def streams(draw: Any) -> list[tuple[str, bytes]]:
    """A till's and a program's day: sales, returns, roll-backs, XML cheques, all with keys."""
    requests: list[tuple[str, bytes]] = []
    for serial in range(draw(st.integers(2, 6))):
        card = draw(st.sampled_from(CARDS))
        pay = draw(st.sampled_from([0, 50, 90000]))
        lines = [(0, -pay), (2, 200), (3, 4000)]
        chmodes = draw(st.sampled_from([[1], [1], [1, 3], [1, 2], [2, 1], [1, 2, 1], [1, 3, 4]]))
        for step, chmode in enumerate(chmodes):
            sign = -1 if chmode in (2, 3) else 1
            items = "".join(
                f'<TransactionsEx Card="{card}" Kind="{k}" Summa="{a * sign}"/>' for k, a in lines
            )
            body = (
                f'<ROOT><Transactions>{items}</Transactions><INPBUF><CHECK chmode="{chmode}" '
                f'generateddatetime="2026-03-02T11:0{serial}:{step:02d}"><CHECKDATA checknum="1" '
                f'orderguid="{{{serial}}}"/></CHECK></INPBUF></ROOT>'
            )
            requests.append(("transactionsex", body.encode()))
        if draw(st.booleans()):
            amount = draw(st.sampled_from(["7.00", "-1.00", "-900.00"]))
            body = (
                f'<Message Action="Transaction" Terminal_Type="{CODE}"><Transaction>'
                f"<Card_Code>{card}</Card_Code><Account_Type_ID>1</Account_Type_ID>"
                f"<Amount>{amount}</Amount><External_ID>x{serial}</External_ID>"
                f"<External_Index>1</External_Index></Transaction></Message>"
            )
            requests.append(("", body.encode()))
    return requests


class World:
    """A shop with a till that can lose everything in memory."""

    def __init__(self, databases: Databases, place: str) -> None:
        self._address = databases.fresh(Path(place))
        self._stack = ExitStack()
        self.shop = self._stack.enter_context(open_shop(self._address, START))
        self._tills = ExitStack()
        self.till = self._open()
        for card in CARDS:
            self.shop.issue(card)

    def _open(self) -> Till:
        return self._tills.enter_context(open_till(self.shop, self._address))

    def send(self, request: tuple[str, bytes]) -> bytes:
        """One request, its answer."""
        function, body = request
        return self.till.farcards(function, body) if function else self.till.xml(body)

    def crash(self) -> None:
        """Between two groups: all memory is gone, the database is what it is."""
        self._tills.close()
        self.shop.reopen()
        self._tills = ExitStack()
        self.till = self._open()

    def crash_while_writing(self, request: tuple[str, bytes]) -> None:
        """Inside a group, when its rows are written and not committed."""
        self.shop.ledger._writer = Dying(self.shop.ledger._writer)  # type: ignore[assignment]
        self.send(request)
        self.crash()

    def state(self) -> Any:
        """Everything that guests have, without the numbers that a run hands out."""
        raw = RawLedger(self.shop.connection)
        assert not broken_laws(raw, self.shop.now)
        balances = [
            (a["account_type_id"], a["balance"], a["uncovered"]) for a in raw.rows["account"]
        ]
        lots = [(lot["amount"], lot["remaining"]) for lot in raw.rows["lot"]]
        keys = sorted((o["idem_key"], o["attempt_no"], o["status"]) for o in raw.operations)
        return balances, lots, keys

    def close(self) -> None:
        """Take it down."""
        self._tills.close()
        self._stack.close()


class Dying:
    """Writes the rows, then the power goes."""

    def __init__(self, writer: BookWriter) -> None:
        self._writer = writer

    def write(self, *arguments: Any) -> None:
        """As the real one, and then no more."""
        self._writer.write(*arguments)
        message = "the power went"
        raise RuntimeError(message)


def _plain(answer: bytes) -> bytes:
    return OWN_NUMBERS.sub(b"#", answer)


def _is_overtaken(i: int, requests: list[tuple[str, bytes]]) -> bool:
    """A sale whose roll-back came later in the stream answers otherwise when it comes again."""
    order = re.search(rb'orderguid="([^"]*)"', requests[i][1])
    if order is None:
        return False
    mode = re.search(rb'chmode="(\d)"', requests[i][1])
    back = {b"1": b"2", b"3": b"4"}.get(mode[1] if mode else b"")
    return back is not None and any(
        order[0] in later[1] and b'chmode="' + back + b'"' in later[1]
        for later in requests[i + 1 :]
    )


@contextmanager
def world_on(databases: Databases) -> Iterator[World]:
    """A world of its own, taken down whatever happens."""
    with folder() as place:
        world = World(databases, place)
        try:
            yield world
        finally:
            world.close()


@given(data=st.data(), requests=streams())
@tries(20)
def test_repeats_change_the_store_once_and_get_the_same_bytes(
    databases: Databases, data: st.DataObject, requests: list[tuple[str, bytes]]
) -> None:
    with world_on(databases) as world:
        answers: list[bytes] = []
        for i, request in enumerate(requests):
            answers.append(world.send(request))
            settled = world.state()
            for j in data.draw(st.lists(st.integers(0, i), max_size=3), "repeats"):
                again = world.send(requests[j])
                if not _is_overtaken(j, requests[: i + 1]):
                    assert again == answers[j]
            assert world.state() == settled


@given(data=st.data(), requests=streams())
@tries(15)
def test_a_prefix_a_crash_and_a_full_resend_end_as_without_a_crash(
    databases: Databases, data: st.DataObject, requests: list[tuple[str, bytes]]
) -> None:
    with world_on(databases) as calm:
        expected = [_plain(calm.send(request)) for request in requests]
        wanted = calm.state()
    with world_on(databases) as world:
        upto = data.draw(st.integers(0, len(requests) - 1), "prefix")
        found = [_plain(world.send(request)) for request in requests[:upto]]
        assert found == expected[:upto]
        if data.draw(st.booleans(), "inside a group"):
            world.crash_while_writing(requests[upto])
        else:
            world.crash()
        for i, request in enumerate(requests):
            answer = _plain(world.send(request))
            if i >= upto or not _is_overtaken(i, requests[:upto]):
                assert answer == expected[i]
        assert world.state() == wanted
