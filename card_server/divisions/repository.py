"""Id counters in blocks, setting rows, and the end of a writer's chain."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Table, func, insert, select, update

from card_server.divisions import tables
from shared.wire.ids import COUNTER_SPAN

BLOCK: Final = 1000
LOW: Final = 200
MAIN_KINDS: Final = (
    "operation",
    "entry",
    "lot",
    "allocation",
    "hold",
    "account",
    "holder",
    "contact",
    "address",
    "change",
    "message",
    "certificate",
)
POS_NUMBER: Final = "pos_number"
RULES_VERSION_KEY: Final = "rules.version"


class IdBlocks:
    """Hands out id64 numbers of one prefix from blocks kept in memory.

    A block is reserved inside a transaction of the caller (`top_up`, `reserve`), so handing out
    never waits for a second writer. A block that was reserved by a transaction which then failed
    is dropped by `forget`: counters are never handed out twice, gaps are normal (domain 0.2).
    """

    def __init__(self, prefix: int, block: int = BLOCK) -> None:
        self._prefix = prefix
        self._block = block
        self._low = max(LOW, block // 5)
        self._next: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self._spare: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def take(self, kind: str) -> int:
        """The next id of a kind."""
        with self._lock:
            left = self._left.get(kind, 0)
            if left == 0:
                start, left = self._spare.pop(kind, (0, 0))
                if left == 0:
                    message = f"no id block is reserved for {kind!r}"
                    raise LookupError(message)
                self._next[kind] = start
            number = self._next[kind]
            self._next[kind] = number + 1
            self._left[kind] = left - 1
        prefix = 0 if kind == POS_NUMBER else self._prefix
        return prefix * COUNTER_SPAN + number

    def runs_low(self) -> bool:
        """A block should be reserved soon."""
        return any(
            kind not in self._spare and self._left.get(kind, 0) < self._low
            for kind in (*MAIN_KINDS, POS_NUMBER)
        )

    def top_up(self, connection: Connection) -> None:
        """Reserve a spare block for every kind that runs low."""
        for kind in (*MAIN_KINDS, POS_NUMBER):
            if kind not in self._spare and self._left.get(kind, 0) < self._low:
                start = reserve(connection, self._counter_prefix(kind), kind, self._block)
                with self._lock:
                    self._spare[kind] = (start, self._block)

    def ensure(self, connection: Connection, kind: str, count: int) -> None:
        """Make at least `count` ids of a kind available in one piece (imports, generators)."""
        if self._left.get(kind, 0) + self._spare.get(kind, (0, 0))[1] < count:
            size = max(count, self._block)
            start = reserve(connection, self._counter_prefix(kind), kind, size)
            with self._lock:
                self._next[kind], self._left[kind] = start, size
                self._spare.pop(kind, None)

    def forget(self) -> None:
        """A transaction failed: what it may have reserved is not ours."""
        with self._lock:
            self._left.clear()
            self._spare.clear()

    def _counter_prefix(self, kind: str) -> int:
        return 0 if kind == POS_NUMBER else self._prefix


def reserve(connection: Connection, prefix: int, kind: str, count: int) -> int:
    """Take `count` numbers of a counter; returns the first."""
    counter = tables.id_counter
    where = (counter.c.prefix == prefix, counter.c.kind == kind)
    changed = connection.execute(
        update(counter).where(*where).values(next_value=counter.c.next_value + count)
    )
    if changed.rowcount == 0:
        connection.execute(insert(counter).values(prefix=prefix, kind=kind, next_value=1 + count))
        return 1
    after = connection.execute(select(counter.c.next_value).where(*where)).scalar_one()
    return int(after) - count


def next_dictionary_id(connection: Connection, table: Table) -> int:
    """The next small id of a dictionary table; ids are never reused, deleted rows stay."""
    key = next(iter(table.primary_key.columns))
    highest = connection.execute(select(func.max(key))).scalar()
    return int(highest or 0) + 1


def set_setting(
    connection: Connection,
    key: str,
    value: str,
    now: datetime,
    *,
    scope: int = 0,
    scope_id: int = 0,
) -> None:
    """Write one setting row."""
    setting = tables.setting
    where = (
        setting.c.setting_key == key,
        setting.c.scope == scope,
        setting.c.scope_id == scope_id,
    )
    changed = connection.execute(
        update(setting)
        .where(*where)
        .values(value=value, updated_at=now, version=setting.c.version + 1, deleted_at=None)
    )
    if changed.rowcount == 0:
        connection.execute(
            insert(setting).values(
                setting_key=key,
                scope=scope,
                scope_id=scope_id,
                value=value,
                created_at=now,
                updated_at=now,
                version=1,
            )
        )


def read_setting(connection: Connection, key: str) -> str | None:
    """One setting at system scope."""
    setting = tables.setting
    return connection.execute(
        select(setting.c.value).where(setting.c.setting_key == key, setting.c.scope == 0)
    ).scalar()


def bump_rules_version(connection: Connection, now: datetime) -> int:
    """Every edit of a dictionary counts up; running servers see it and read the rules again."""
    version = int(read_setting(connection, RULES_VERSION_KEY) or "1") + 1
    set_setting(connection, RULES_VERSION_KEY, str(version), now)
    return version
