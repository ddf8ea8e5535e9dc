"""The demo database: two classifiers, guests, users; a pure function of seed and size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, func, insert, select

from card_server.classifiers.records import MODE_CRM, MODE_POS
from card_server.db.engine import DatabaseAddress, make_engine
from card_server.db.migrate import upgrade
from card_server.demo.draws import Draws
from card_server.demo.population import populate
from card_server.divisions.repository import IdBlocks
from card_server.presets.rk7 import apply_rk7_preset
from card_server.schema import metadata
from card_server.schemes import tables as scheme_tables
from card_server.users import tables as user_tables

SIZES: Final = {"small": 300}
DEMO_LOGIN: Final = "demo"


class DemoClassifier(msgspec.Struct):
    """A classifier that a demo till may use."""

    name: str
    code: str
    mode: str


class DemoUser(msgspec.Struct):
    """A user of the demo only."""

    login: str
    password: str
    role: str


class Demo(msgspec.Struct, kw_only=True):
    """What was made."""

    classifiers: list[DemoClassifier]
    cards: int
    holders: int
    first_card: int
    users: list[DemoUser]
    dump_hash: str


def size_of(text: str) -> int:
    """`small`, `1e5`, `1e6` or a number of cards."""
    if text in SIZES:
        return SIZES[text]
    return int(float(text))


def generate(
    address: DatabaseAddress,
    *,
    size: str = "small",
    seed: int = 7,
    as_of: date = date(2026, 3, 31),
    progress: Callable[[int, int], None] | None = None,
) -> Demo:
    """Fill an empty database; the same seed and size give the same rows on every machine."""
    count = size_of(size)
    draws = Draws(seed)
    now = datetime.combine(as_of, time(9), tzinfo=UTC)
    engine = make_engine(address)
    upgrade(engine, address, now)
    with engine.connect() as connection, connection.begin():
        classifiers = _classifiers(connection, draws, now)
        user = _user(connection, draws, now)
        ids = IdBlocks(prefix=1)
        ids.bind(lambda: connection)
        holders = populate(
            connection,
            count,
            draws=draws,
            as_of=as_of,
            now=now,
            ids=ids,
            levels=_first_levels(connection),
            progress=progress,
        )
    with engine.connect() as connection:
        digest = dump_hash(connection) if count <= 10_000 else ""  # noqa: PLR2004 - a full dump of more takes minutes
    engine.dispose()
    return Demo(
        classifiers=classifiers,
        cards=count,
        holders=holders,
        first_card=10_001,
        users=[user],
        dump_hash=digest,
    )


def _classifiers(connection: Connection, draws: Draws, now: datetime) -> list[DemoClassifier]:
    made = []
    for number, (name, mode) in enumerate((("RK7", MODE_POS), ("RK7 CRM", MODE_CRM))):
        code = f"{1 + draws.number('classifier', number, 'code', 9)}" + "".join(
            str(draws.number("classifier", number, f"digit{i}", 10)) for i in range(19)
        )
        apply_rk7_preset(connection, code=code, name=name, now=now, calc_mode=mode)
        made.append(DemoClassifier(name, code, "pos" if mode == MODE_POS else "crm"))
    return made


def _user(connection: Connection, draws: Draws, now: datetime) -> DemoUser:
    password = f"demo-{draws.number('user', 1, 'password', 10**10):010d}"
    salt = draws.number("user", 1, "salt", 1 << 62).to_bytes(16, "big")
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()
    connection.execute(
        insert(user_tables.user).values(
            user_id=2,
            login=DEMO_LOGIN,
            full_name="Демонстрация",
            password_hash=f"scrypt:{salt.hex()}:{digest}",
            must_change=False,
            all_divisions=True,
            created_at=now,
            updated_at=now,
        )
    )
    connection.execute(insert(user_tables.user_role).values(user_id=2, role_id=2))
    return DemoUser(DEMO_LOGIN, password, "Менеджер")


def _first_levels(connection: Connection) -> dict[int, int]:
    level = scheme_tables.level
    rows = connection.execute(
        select(level.c.account_type_id, func.min(level.c.level_id)).group_by(
            level.c.account_type_id
        )
    )
    return {row[0]: row[1] for row in rows}


def dump_hash(connection: Connection) -> str:
    """SHA-256 over all rows of all tables, in the order of their keys."""
    digest = hashlib.sha256()
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        digest.update(table.name.encode())
        for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def exists(address: DatabaseAddress) -> bool:
    """The embedded file is there already."""
    return address.file is not None and Path(address.file).exists()
