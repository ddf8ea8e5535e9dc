"""The whole MetaData against the rules of mssql.md and domain 0.1, 1.12."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Table,
    Unicode,
    UnicodeText,
    UniqueConstraint,
)
from sqlalchemy.dialects import mssql
from sqlalchemy.dialects.mssql.base import RESERVED_WORDS as MSSQL_WORDS
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS as POSTGRESQL_WORDS
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlfluff.core import FluffConfig, Linter

from card_server.db.base import PREFIX, KeyText, Moment
from card_server.db.migrate import configuration
from card_server.schema import SUBJECTS, metadata

TABLES: Final = list(metadata.sorted_tables)
SNAPSHOT: Final = Path(__file__).parents[1] / "snapshots" / "mssql_schema.sql"
UPDATE_VARIABLE: Final = "CRM_UPDATE_SNAPSHOTS"
LONGEST_NAME: Final = 63
"""PostgreSQL cuts longer names off."""

LARGEST_KEY: Final = 900
NEVER_REUSED: Final = {
    "crm_approval": {"operation_id"},
    "crm_holder": {"pos_number"},
    "crm_licence": {"number"},
}
"""Keys of editable tables that stay taken after a soft deletion."""

OWNERS: Final = {
    "users": "user role role_right user_role user_division user_session user_activity user_totp"
    " command_result approval"
    " person_access change_set change_value",
    "divisions": "division unit station writer id_counter setting schema_version",
    "classifiers": "classifier classifier_right classifier_account_type classifier_level"
    " holder_session auth_code",
    "holders": "holder person person_photo contact_type contact address_type country city street"
    " metro_station address holder_group group_account_default non_payer_type property"
    " property_value property_link consent erasure holder_merge holder_merge_item"
    " duplicate_candidate",
    "segments": "segment segment_member rfm_profile rfm_score",
    "accounts": "account_type account spend_limit spend_counter refill_rule",
    "schemes": "level scheme scheme_param time_set time_period",
    "cards": "card card_account card_classifier card_range card_group card_event",
    "coupons": "coupon_type coupon_type_classifier coupon_type_detail coupon_release coupon"
    " coupon_classifier coupon_use certificate_type certificate",
    "campaigns": "stacking_group campaign campaign_version campaign_unit campaign_classifier"
    " campaign_limit campaign_counter",
    "ledger": "operation operation_item entry lot allocation lot_term hold hold_lot hold_event"
    " operation_trace reason level_history chain_head",
    "receipts": "operation_document",
    "messages": "channel message_template mailing test_contact message",
    "exchange": "import_batch import_piece import_row",
    "jobs": "job job_run job_item_error",
    "reports": "report_form report_run",
    "licences": "licence licence_count",
}
"""Domain 1.12."""

IMMUTABLE: Final = [
    "operation",
    "operation_item",
    "entry",
    "lot",
    "allocation",
    "lot_term",
    "level_history",
    "hold_event",
]

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def test_each_table_belongs_to_the_subject_of_the_specification() -> None:
    found = {
        module.__name__.split(".")[1]: {
            value.name.removeprefix(PREFIX)
            for value in vars(module).values()
            if isinstance(value, Table)
        }
        for module in SUBJECTS
    }
    assert found == {subject: set(names.split()) for subject, names in OWNERS.items()}


def test_tables_are_found_under_their_own_name() -> None:
    for module in SUBJECTS:
        for name, value in vars(module).items():
            if isinstance(value, Table):
                assert value.name == PREFIX + name.rstrip("_")


def _filter(index: Index) -> str:
    filters = {str(index.dialect_options[d]["where"]) for d in ("mssql", "postgresql", "sqlite")}
    assert len(filters) == 1, f"{index.name} is not the same index on every database"
    return filters.pop()


def _keys(table: Table) -> Iterator[tuple[str, list[Column[Any]], str]]:
    """Name, columns and condition of everything that is a b-tree."""
    yield str(table.primary_key.name), list(table.primary_key.columns), "None"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), list(constraint.columns), "None"
    for index in table.indexes:
        yield str(index.name), list(index.columns), _filter(index)


@each_table
def test_every_constraint_has_a_name_that_says_what_it_is(table: Table) -> None:
    kinds = {"PrimaryKeyConstraint": "pk", "UniqueConstraint": "uq", "ForeignKeyConstraint": "fk"}
    for constraint in table.constraints:
        kind = kinds.get(type(constraint).__name__, "ck")
        assert str(constraint.name).startswith(f"{kind}_{table.name}")
        assert len(str(constraint.name)) <= LONGEST_NAME
    for index in table.indexes:
        assert str(index.name).startswith(f"{'uq' if index.unique else 'ix'}_{table.name}_")
        assert len(str(index.name)) <= LONGEST_NAME
    for column in table.columns:
        assert len(f"df_{table.name}_{column.name}") <= LONGEST_NAME


@each_table
def test_names_are_no_reserved_words(table: Table) -> None:
    for name in (table.name, *table.columns.keys()):
        assert name not in MSSQL_WORDS, "T-SQL"
        assert name not in POSTGRESQL_WORDS, "PostgreSQL"
        # SQLite takes many of its keywords as names, so it decides by itself
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"CREATE TABLE t ({name} INTEGER, CHECK ({name} > 0))")


@each_table
def test_foreign_keys_never_cascade(table: Table) -> None:
    for constraint in table.foreign_key_constraints:
        assert constraint.ondelete is None
        assert constraint.onupdate is None


def _bytes(column: Column[Any]) -> int:
    kind = column.type
    if isinstance(kind, (KeyText, Unicode)) and kind.length:
        return 2 * kind.length
    if isinstance(kind, LargeBinary) and kind.length:
        return kind.length
    sizes = {Moment: 7, Date: 3, Boolean: 1, SmallInteger: 2, BigInteger: 8, Integer: 4}
    return next((size for base, size in sizes.items() if isinstance(kind, base)), LARGEST_KEY + 1)


@each_table
def test_keys_fit_900_bytes(table: Table) -> None:
    for name, columns, _ in _keys(table):
        assert sum(map(_bytes, columns)) <= LARGEST_KEY, name


@each_table
def test_two_keys_never_do_the_same_work(table: Table) -> None:
    """A key whose columns begin another key with the same condition is a tree for nothing."""
    known = [([c.name for c in columns], where, name) for name, columns, where in _keys(table)]
    for columns, where, name in known:
        for other, other_where, other_name in known:
            if name != other_name and where == other_where and name.startswith("ix_"):
                assert columns != other[: len(columns)], f"{name} repeats {other_name}"


@each_table
def test_text_is_unicode_and_amounts_are_whole(table: Table) -> None:
    for column in table.columns:
        kind = column.type
        assert not isinstance(kind, (Numeric, Float)), column
        if isinstance(kind, String):
            assert isinstance(kind, (Unicode, UnicodeText)), column


@each_table
def test_nothing_counts_up_by_itself(table: Table) -> None:
    for column in table.primary_key.columns:
        assert column.autoincrement is False
    assert table.autoincrement_column is None


@each_table
def test_nullable_columns_are_unique_only_among_filled_ones(table: Table) -> None:
    """MS SQL takes two NULLs as equal, SQLite and PostgreSQL do not."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert not any(column.nullable for column in constraint.columns), constraint.name
    for index in table.indexes:
        for column in index.columns:
            if index.unique and column.nullable:
                condition = _filter(index)
                filled = f"{column.name} IS NOT NULL" in condition
                follows = column.name == "ext_classifier_id" and "ext_id IS NOT NULL" in condition
                same = condition == "kind IN (3, 4) AND status = 1"  # a roll-back has a target
                assert filled or follows or same, index.name


@each_table
def test_unique_means_unique_among_rows_that_are_not_deleted(table: Table) -> None:
    if "deleted_at" not in table.columns:
        return
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert set(constraint.columns.keys()) <= NEVER_REUSED.get(table.name, set())
    for index in table.indexes:
        if index.unique:
            assert "deleted_at IS NULL" in _filter(index), index.name


def test_ledger_tables_have_no_standard_columns() -> None:
    for name in IMMUTABLE:
        columns = metadata.tables[PREFIX + name].columns.keys()
        assert not {"created_at", "updated_at", "version", "deleted_at"} & set(columns)


def test_flags_have_a_default_and_are_never_unknown() -> None:
    for table in TABLES:
        for column in table.columns:
            if isinstance(column.type, Boolean):
                assert not column.nullable, column
                assert column.server_default is not None, column


def test_checks_are_few_and_named() -> None:
    checks = {
        str(constraint.name): str(constraint.sqltext)
        for table in TABLES
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == {
        "ck_crm_entry_amount": "amount <> 0",
        "ck_crm_lot_amount": "amount > 0",
        "ck_crm_allocation_amount": "amount <> 0",
        "ck_crm_duplicate_candidate_order": "holder_a < holder_b",
    }


@cache
def _mssql_ddl() -> str:
    dialect = mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]
    statements = []
    for table in TABLES:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements.extend(str(CreateIndex(index).compile(dialect=dialect)) for index in indexes)
    lines = ";\n".join(statement.strip() for statement in statements).splitlines()
    return "\n".join(line.rstrip() for line in lines) + ";\n"


def test_the_structure_on_ms_sql_is_the_one_that_was_read_by_a_person() -> None:
    """`CRM_UPDATE_SNAPSHOTS=1` writes the snapshot anew; read its difference before you keep it."""
    if os.environ.get(UPDATE_VARIABLE):
        SNAPSHOT.write_text(_mssql_ddl(), encoding="utf-8", newline="\n")
    assert SNAPSHOT.read_text(encoding="utf-8") == _mssql_ddl()


def test_the_structure_on_ms_sql_is_t_sql() -> None:
    # the parser takes `definition` for a reserved word, which Microsoft's list does not have
    text = SNAPSHOT.read_text(encoding="utf-8").replace("\tdefinition ", "\t[definition] ")
    parsed = Linter(config=FluffConfig(overrides={"dialect": "tsql"})).parse_string(text)
    assert parsed.violations == []
    assert parsed.tree is not None
    assert text.count("CREATE TABLE") == len(TABLES)


def _statements(ddl: str) -> set[tuple[str, ...]]:
    """Each statement as its lines, in no order."""
    clean = (statement.strip() for statement in ddl.replace("\nGO\n", "\n").split(";\n"))
    return {
        tuple(sorted(line.strip().rstrip(",") for line in statement.splitlines() if line.strip()))
        for statement in clean
        if statement
    }


def test_the_first_migration_makes_the_same_structure_on_ms_sql() -> None:
    script = ScriptDirectory.from_config(configuration()).get_revision("0001")
    buffer = io.StringIO()
    dialect = mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]
    options = {"as_sql": True, "output_buffer": buffer}
    context = MigrationContext.configure(dialect=dialect, opts=options)
    with Operations.context(context):
        script.module.upgrade()
    late = "ALTER TABLE crm_account ADD CONSTRAINT fk_crm_account_certificate_id FOREIGN KEY"
    migrated, declared = _statements(buffer.getvalue()), _statements(_mssql_ddl())
    assert declared <= migrated
    assert [statement[0].startswith(late) for statement in migrated - declared] == [True]


def test_every_default_has_a_name_on_ms_sql() -> None:
    ddl = _mssql_ddl()
    defaults = sum(
        column.server_default is not None for table in TABLES for column in table.columns
    )
    assert ddl.count(" DEFAULT ") == ddl.count(" CONSTRAINT df_") == defaults
    assert " NTEXT" not in ddl
    assert " IMAGE" not in ddl
    assert " IDENTITY" not in ddl
