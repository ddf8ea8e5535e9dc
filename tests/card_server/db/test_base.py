"""Column types and the names of what they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, Table, insert, select
from sqlalchemy.dialects import mssql, postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from card_server.db.base import (
    KeyText,
    Moment,
    flag,
    id64,
    live_unique,
    number,
    to_milliseconds,
    unique_per_parent,
    words,
)
from card_server.divisions import tables as division_tables
from card_server.users import tables as user_tables

MSSQL = mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]
SQLITE = sqlite.dialect()
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(-(2 * 10**15), 2 * 10**17).map(lambda n: EPOCH + timedelta(microseconds=n))
"""From 1906 to 8307, to the microsecond."""


@pytest.mark.parametrize(
    ("microsecond", "kept"),
    [(0, 0), (499, 0), (500, 1000), (1499, 1000), (1500, 2000)],
)
def test_moments_are_rounded_half_up_to_milliseconds(microsecond: int, kept: int) -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, microsecond, tzinfo=UTC)
    assert to_milliseconds(moment).microsecond == kept


def test_rounding_carries_over_the_year() -> None:
    last = datetime(2025, 12, 31, 23, 59, 59, 999_600, tzinfo=UTC)
    assert to_milliseconds(last) == datetime(2026, 1, 1, tzinfo=UTC)


@given(moments)
def test_rounding_moves_a_moment_by_half_a_millisecond_at_most(moment: datetime) -> None:
    rounded = to_milliseconds(moment)
    assert rounded.microsecond % 1000 == 0
    assert abs(rounded - moment) <= timedelta(microseconds=500)
    assert to_milliseconds(rounded) == rounded


@given(moments)
def test_a_moment_comes_back_as_it_was_stored(moment: datetime) -> None:
    kind = Moment()
    stored = kind.process_bind_param(moment, SQLITE)
    assert kind.process_result_value(stored, SQLITE) == to_milliseconds(moment)


@given(moments, moments)
def test_stored_text_sorts_as_the_moments_do(one: datetime, other: datetime) -> None:
    kind = Moment()
    first, second = (kind.process_bind_param(m, SQLITE) for m in (one, other))
    assert (first < second) == (to_milliseconds(one) < to_milliseconds(other))


def test_a_moment_of_another_zone_is_stored_in_utc() -> None:
    moscow = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=3)))
    assert Moment().process_bind_param(moscow, SQLITE) == "2026-03-02 09:00:00.000"
    stored = Moment().process_bind_param(moscow, POSTGRESQL)
    assert stored == datetime(2026, 3, 2, 9, 0, tzinfo=UTC).replace(tzinfo=None)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(EPOCH.replace(tzinfo=None), SQLITE)


def test_column_kinds_of_each_database() -> None:
    assert str(Moment().compile(MSSQL)) == "DATETIME2(3)"
    assert str(Moment().compile(POSTGRESQL)) == "TIMESTAMP(3) WITHOUT TIME ZONE"
    assert "COLLATE Latin1_General_100_BIN2" in str(KeyText(40).compile(MSSQL))
    assert 'COLLATE "C"' in str(KeyText(40).compile(POSTGRESQL))
    assert str(KeyText(40).compile(SQLITE)) == "VARCHAR(40)"


def _sample() -> Table:
    return Table(
        "crm_sample",
        MetaData(),
        id64("sample_id", pk=True),
        words("name", 60),
        number("sort_no", default=7),
        flag("is_active", 1),
    )


def test_defaults_have_names_on_ms_sql() -> None:
    ddl = str(CreateTable(_sample()).compile(dialect=MSSQL))
    assert "sort_no INTEGER NOT NULL CONSTRAINT df_crm_sample_sort_no DEFAULT 7" in ddl
    assert "is_active BIT NOT NULL CONSTRAINT df_crm_sample_is_active DEFAULT 1" in ddl
    assert "IDENTITY" not in ddl


def test_other_databases_need_no_names_for_defaults() -> None:
    assert "df_crm" not in str(CreateTable(_sample()).compile(dialect=POSTGRESQL))
    assert "SERIAL" not in str(CreateTable(_sample()).compile(dialect=POSTGRESQL))


def test_uniqueness_is_filtered_on_every_database() -> None:
    table = Table("crm_sample", MetaData(), id64("sample_id", pk=True), words("code", 20))
    table.append_column(words("deleted_at", 20, null=True))
    unique = live_unique("sample", "code", null="code")
    unique._set_parent(table)
    for dialect in (MSSQL, POSTGRESQL, SQLITE):
        ddl = str(CreateIndex(unique).compile(dialect=dialect))
        assert ddl.startswith("CREATE UNIQUE INDEX uq_crm_sample_code")
        assert ddl.endswith("WHERE deleted_at IS NULL AND code IS NOT NULL")


def test_unique_per_parent_covers_rows_without_a_parent() -> None:
    under, alone = unique_per_parent("city", "country_id", "name_key")
    assert str(under.dialect_options["mssql"]["where"]) == "country_id IS NOT NULL"
    assert str(alone.dialect_options["mssql"]["where"]) == "country_id IS NULL"


def test_keys_that_differ_in_case_are_two_keys(engine: Engine) -> None:
    counter = division_tables.id_counter
    with engine.begin() as connection:
        for kind in ("sample", "SAMPLE"):
            connection.execute(insert(counter).values(prefix=9, kind=kind, next_value=1))
        found = connection.execute(select(counter.c.kind).where(counter.c.kind == "Sample")).all()
    assert found == []


def test_a_moment_survives_the_database(engine: Engine) -> None:
    user = user_tables.user
    moment = datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(user.update().values(locked_until=moment))
        stored = connection.execute(select(user.c.locked_until)).scalar_one()
    assert stored == moment
    assert stored.utcoffset() == timedelta(0)
