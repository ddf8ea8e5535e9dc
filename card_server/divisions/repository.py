"""Id counters in blocks, setting rows, and the end of a writer's chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from card_server.divisions import tables
from shared.settings.declare import Setting
from shared.wire.errors import AppError
from shared.wire.ids import COUNTER_SPAN, HOUSE_PREFIX

T = TypeVar("T")

BLOCK: Final = 1000
ONE_BY_ONE: Final = frozenset({"change"})
"""Kinds without blocks: their numbers must grow in the order of commits, whichever process made
them, because the change feed goes by them. The counter's row is locked until the commit."""
POS_NUMBER: Final = "pos_number"
RULES_VERSION_KEY: Final = "rules.version"


class IdBlocks:
    """Hands out id64 numbers of one prefix from blocks kept in memory.

    A new block is reserved inside the transaction of the one who posts (`bind`), so handing out
    never waits for a second writer. After a transaction that failed, `forget` drops what it may
    have reserved: counters are never handed out twice, gaps are normal (domain 0.2).
    """

    def __init__(self, prefix: int, block: int = BLOCK) -> None:
        self._prefix = prefix
        self._block = block
        self._next: dict[str, int] = {}
        self._end: dict[str, int] = {}
        self._refill: Callable[[], Connection] | None = None

    def bind(self, connection_in_transaction: Callable[[], Connection]) -> None:
        """Where new blocks are reserved: a connection with its transaction begun."""
        self._refill = connection_in_transaction

    def take(self, kind: str) -> int:
        """The next id of a kind."""
        number = self._next.get(kind, 0)
        if number >= self._end.get(kind, 0):
            number = self._reserve(kind, 1 if kind in ONE_BY_ONE else self._block)
        self._next[kind] = number + 1
        return number

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece (imports, generators)."""
        if self._end.get(kind, 0) - self._next.get(kind, 0) < count:
            self._reserve(kind, count if kind in ONE_BY_ONE else max(count, self._block))
        first = self._next[kind]
        self._next[kind] = first + count
        return first

    def _reserve(self, kind: str, count: int) -> int:
        if self._refill is None:
            message = f"no id block is reserved for {kind!r}"
            raise LookupError(message)
        prefix = HOUSE_PREFIX if kind == POS_NUMBER else self._prefix
        start = prefix * COUNTER_SPAN + reserve(self._refill(), prefix, kind, count)
        self._next[kind], self._end[kind] = start, start + count
        return start

    def forget(self) -> None:
        """A transaction failed: what it may have reserved is not ours."""
        self._next.clear()
        self._end.clear()


def reserve(connection: Connection, prefix: int, kind: str, count: int) -> int:
    """Take `count` numbers of a counter; returns the first."""
    if not _count_up(connection, prefix, kind, count):
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(tables.id_counter).values(prefix=prefix, kind=kind, next_value=1 + count)
                )
        except IntegrityError:  # another process made the counter meanwhile
            _count_up(connection, prefix, kind, count)
        else:
            return 1
    counter = tables.id_counter
    after = connection.execute(
        select(counter.c.next_value).where(counter.c.prefix == prefix, counter.c.kind == kind)
    ).scalar_one()
    return int(after) - count


def _count_up(connection: Connection, prefix: int, kind: str, count: int) -> bool:
    """Whether the counter is there; its row is ours until the transaction ends."""
    counter = tables.id_counter
    changed = connection.execute(
        update(counter)
        .where(counter.c.prefix == prefix, counter.c.kind == kind)
        .values(next_value=counter.c.next_value + count)
    )
    return changed.rowcount > 0


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
        select(setting.c.value).where(
            setting.c.setting_key == key, setting.c.scope == 0, setting.c.deleted_at.is_(None)
        )
    ).scalar()


def read_value(connection: Connection, setting: Setting[T]) -> T:
    """A declared setting at system scope; a row that holds rubbish counts as none."""
    found = read_setting(connection, setting.key)
    try:
        return setting.default if found is None else setting.value_of(found)
    except AppError:
        return setting.default


def bump_rules_version(connection: Connection, now: datetime) -> int:
    """Every edit of a dictionary counts up; running servers see it and read the rules again."""
    version = int(read_setting(connection, RULES_VERSION_KEY) or "1") + 1
    set_setting(connection, RULES_VERSION_KEY, str(version), now)
    return version
