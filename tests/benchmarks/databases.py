"""The databases that are measured, each with a file of the cards that may be asked for."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import msgspec
from sqlalchemy import select

from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_ACTIVE
from card_server.db.engine import address_of, make_engine
from tests.benchmarks.filling import fill
from tests.benchmarks.peers import orm

MOST_PEER_CARDS = 100_000
"""The ORM peer gets a smaller database at most, which favours it."""


class Prepared(msgspec.Struct, frozen=True):
    """A filled database: its folder, the code of a classifier, a file of 64-bit card numbers."""

    folder: Path
    code: str
    cards: Path
    count: int


def prepare(folder: Path, cards: int, database: str | None = None) -> Prepared:
    """Fill a database with guests, or take the one that lies there from before."""
    known = folder / "prepared.json"
    if known.exists():
        code, count = msgspec.json.decode(known.read_bytes(), type=tuple[str, int])
        return Prepared(folder, code, folder / "cards.bin", count)
    folder.mkdir(parents=True, exist_ok=True)
    address = address_of(database, folder)
    code = fill(address, cards)
    engine = make_engine(address)
    table = card_tables.card
    with engine.connect() as connection:
        rows = connection.execute(
            select(table.c.card_code).where(
                table.c.holder_id.is_not(None), table.c.state == CARD_ACTIVE
            )
        )
        codes = array("Q", sorted(row[0] for row in rows))
    engine.dispose()
    path = folder / "cards.bin"
    path.write_bytes(codes.tobytes())
    prepared = Prepared(folder, code, path, len(codes))
    known.write_bytes(msgspec.json.encode([code, len(codes)]))
    return prepared


def prepare_peer(folder: Path, ours: Prepared) -> Prepared:
    """The ORM peer's database with the same cards, at most 100 000 of them."""
    codes = array("Q")
    codes.frombytes(ours.cards.read_bytes())
    chosen = list(codes)
    if len(chosen) > MOST_PEER_CARDS:
        chosen = sorted(random.Random(1).sample(chosen, MOST_PEER_CARDS))  # noqa: S311 - no secret
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cards.bin"
    path.write_bytes(array("Q", chosen).tobytes())
    if not (folder / "peer.db").exists():
        orm.fill(folder / "peer.db", chosen)
    return Prepared(folder, ours.code, path, len(chosen))
