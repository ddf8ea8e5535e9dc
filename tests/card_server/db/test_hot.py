"""Statements of the hot path give what SQLAlchemy's own execution gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, MetaData, Table, select
from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from card_server.coupons import tables as coupon_tables
from card_server.db.base import amt, flag, id64, moment, number, raw, small, words
from card_server.db.hot import HotInsert, HotSelect, HotUpdate, RowInsert
from card_server.ledger.reading import FactsReader
from card_server.ledger.writing import BookWriter
from card_server.receipts import tables as receipt_tables

MOST_PARAMETERS = 2_100
"""Of one statement on MS SQL Server."""


MSSQL = MSDialect_pyodbc(paramstyle="qmark")  # type: ignore[no-untyped-call]


POSTGRESQL = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]


class Kind(IntEnum):
    """An enum as records carry them."""

    PLAIN = 3


class Row(msgspec.Struct):
    """A row of the probe table."""

    row_id: int
    kind: int
    amount: int | None = None
    at: datetime | None = None
    note: str | None = None
    seal: bytes | None = None
    is_open: bool = True
    version: int = 7


PROBE = Table(
    "hot_probe",
    MetaData(),
    id64("row_id", pk=True),
    small("kind"),
    amt("amount", null=True),
    moment("at", null=True),
    words("note", 40, null=True),
    raw("seal", 32, null=True),
    flag("is_open"),
    number("version", default=1),
)
FIELDS = Row.__struct_fields__


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        PROBE.metadata.create_all(connection)
        connection.commit()
        yield connection
        connection.rollback()
        PROBE.metadata.drop_all(connection)
        connection.commit()


def cursor_of(connection: Connection) -> Any:
    return connection.connection.cursor()


def rows_of(count: int) -> list[Row]:
    return [
        Row(i, Kind.PLAIN, i * 10 or None, datetime(2026, 3, 2, 9, i % 60, 0, 250_000, tzinfo=UTC))
        for i in range(count)
    ]


def insert(connection: Connection, rows: list[Row]) -> None:
    if not connection.in_transaction():
        connection.begin()
    HotInsert(connection.dialect, PROBE).run(cursor_of(connection), rows)


def stored(connection: Connection) -> list[Row]:
    found = connection.execute(select(PROBE).order_by(PROBE.c.row_id))
    return [Row(*row) for row in found]


@pytest.mark.parametrize("count", [0, 1, 2, 64, 300])
def test_what_is_inserted_is_what_is_stored(connection: Connection, count: int) -> None:
    rows = rows_of(count)
    insert(connection, rows)
    assert stored(connection) == rows


def test_a_column_empty_in_some_rows_only_is_written(connection: Connection) -> None:
    rows = [Row(1, 3), Row(2, 3, note="тест", seal=b"\x00\xff" * 16)]
    insert(connection, rows)
    assert stored(connection) == rows


def test_none_is_never_replaced_by_a_default_of_the_column(connection: Connection) -> None:
    with pytest.raises(connection.dialect.loaded_dbapi.IntegrityError):
        insert(connection, [Row(1, 3, version=None)])  # type: ignore[arg-type]


def test_many_shapes_of_rows_do_not_make_ever_more_statements(connection: Connection) -> None:
    columns = ["row_id", "kind", "amount", "at", "note", "seal", "is_open", "version"]
    statement = RowInsert(connection.dialect, PROBE, columns)
    statement._shapes = dict.fromkeys([(i,) for i in range(64)], statement._compile((0,)))
    connection.begin()
    statement.run(cursor_of(connection), [(1, 3, None, None, "a", None, True, 1)])
    assert len(statement._shapes) == 65
    assert stored(connection) == [Row(1, 3, note="a", version=1)]


@pytest.mark.parametrize("count", [0, 1, 5, 64, 70, 300])
def test_records_are_found_by_any_number_of_keys(connection: Connection, count: int) -> None:
    rows = rows_of(310)
    insert(connection, rows)
    reader = HotSelect(
        connection.dialect,
        lambda keys: select(PROBE).where(PROBE.c.row_id.in_(keys), PROBE.c.kind == Kind.PLAIN),
        Row,
        PROBE.c.row_id.type,
    )
    found = reader.rows(cursor_of(connection), [row.row_id for row in rows[:count]])
    assert sorted(found, key=lambda row: row.row_id) == rows[:count]


def test_an_update_changes_its_columns_and_no_others(connection: Connection) -> None:
    rows = rows_of(3)
    insert(connection, rows)
    update = HotUpdate(connection.dialect, PROBE, ["row_id"], ("amount", "at"))
    update.run(cursor_of(connection), [msgspec.structs.replace(rows[1], amount=5, note="x")])
    rows[1].amount = 5
    assert stored(connection) == rows


class Recorder:
    """A cursor that remembers what it was asked."""

    def __init__(self) -> None:
        self.sizes: list[Any] = []
        self.calls: list[tuple[str, Any]] = []
        self.fast_executemany = False

    def setinputsizes(self, sizes: list[Any] | None) -> None:
        self.sizes.append(sizes)

    def execute(self, text: str, parameters: Any = ()) -> None:
        self.calls.append((text, parameters))

    def executemany(self, text: str, rows: Any) -> None:
        self.calls.append((text, rows))

    def fetchall(self) -> list[Any]:
        return []


def test_on_ms_sql_a_bulk_write_names_the_type_of_every_column_it_writes() -> None:
    recorder = Recorder()
    HotInsert(MSSQL, PROBE).run(recorder, [Row(1, Kind.PLAIN, note="a")])
    ((text, rows),) = recorder.calls
    assert recorder.fast_executemany
    named, afterwards = recorder.sizes
    assert named == [(-5, 0, 0), (5, 0, 0), (-9, 40, 0), (-7, 0, 0), (4, 0, 0)]
    assert afterwards is None
    assert text.count("?") == len(named) == len(rows[0])
    assert type(rows[0][1]) is int


def test_on_ms_sql_moments_days_and_bytes_have_their_precision() -> None:
    recorder = Recorder()
    table = Table("probe", MetaData(), moment("at"), raw("seal", 32), id64("row_id", pk=True))
    RowInsert(MSSQL, table, ["at", "seal", "row_id"]).run(
        recorder, [(datetime(2026, 3, 2, tzinfo=UTC), b"x", 1)]
    )
    assert recorder.sizes[0] == [(93, 23, 3), (-3, 32, 0), (-5, 0, 0)]
    assert recorder.calls[0][1] == [(datetime(2026, 3, 2), b"x", 1)]  # noqa: DTZ001 - as stored


def test_on_postgresql_rows_go_by_position() -> None:
    recorder = Recorder()
    update = HotUpdate(POSTGRESQL, PROBE, ["row_id"], ("amount",))
    update.run(recorder, [Row(9, 3, 5)])
    ((text, rows),) = recorder.calls
    assert "%(" not in text
    assert text.count("%s") == 2
    assert rows == [(5, 9)]


def test_no_reading_of_a_group_has_more_parameters_than_ms_sql_takes() -> None:
    reader = FactsReader(MSSQL)
    selects = [value for value in vars(reader).values() if isinstance(value, HotSelect)]
    for inner in vars(reader).values():
        found = getattr(inner, "__dict__", {})
        selects += [value for value in found.values() if isinstance(value, HotSelect)]
    assert len(selects) > 20
    for statement in selects:
        text, place = statement._statement(256)
        keys: list[Any] = [date(2026, 3, 2)] * 256
        assert text.count("?") == len(place(keys)) < MOST_PARAMETERS


def test_every_write_of_a_group_is_one_statement_a_kind_on_ms_sql() -> None:
    writer = BookWriter(
        MSSQL,
        documents=receipt_tables.operation_document,
        coupon_uses=coupon_tables.coupon_use,
        coupons=coupon_tables.coupon,
    )
    for _, statement in writer._inserts:
        assert statement._sizes is not None
        assert None not in statement._sizes
