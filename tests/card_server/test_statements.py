"""The statements of the hot path as MS SQL Server would be given them (mssql.md 11)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import (
    BigInteger,
    ClauseElement,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import mssql
from sqlfluff.core import FluffConfig, Linter

from card_server.accounts.tables import account, account_type
from card_server.composition import prepare
from card_server.db.hot import HotSelect, HotUpdate, RowInsert
from card_server.ledger import tables
from card_server.ledger.verify_sums import STATEMENTS
from tests.helpers.tsql import faults

SNAPSHOT: Final = Path(__file__).parents[1] / "snapshots" / "mssql_statements.sql"
UPDATE_VARIABLE: Final = "CRM_UPDATE_SNAPSHOTS"
PARAMETER: Final = re.compile(r"(?<!:):(\w+)")
VARIABLE: Final = r"@\1"


def _dialect() -> Any:
    return mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]


def _hot(owner: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every prepared statement that an object keeps, by the path to it."""
    if isinstance(owner, (HotSelect, RowInsert, HotUpdate)):
        yield path, owner
    elif isinstance(owner, dict):
        for key, value in owner.items():
            yield from _hot(value, f"{path}.{key}")
    elif isinstance(owner, (list, tuple)):
        for i, value in enumerate(owner):
            name = value[0] if isinstance(value, tuple) and value else i
            yield from _hot(value, f"{path}.{name}" if isinstance(value, tuple) else path)
    elif type(owner).__module__.startswith("card_server."):
        for name, value in sorted(vars(owner).items()):
            yield from _hot(value, f"{path}.{name.lstrip('_')}")


def _prepared() -> dict[str, Any]:
    owners = prepare(_dialect())
    return {path: one for owner in owners for path, one in _hot(owner, type(owner).__name__)}


@cache
def _statements() -> dict[str, str]:
    found = {}
    for path, one in _prepared().items():
        if isinstance(one, HotSelect):
            found[path] = one._statement(1)[0]
        elif isinstance(one, RowInsert):
            found[path] = one._compile(range(len(one._names)))[0].text
        else:
            found[path] = one._compiled.text
    for _, invariant, statement in STATEMENTS:
        compiled = (
            statement()
            .limit(100)
            .compile(dialect=_dialect(), compile_kwargs={"render_postcompile": True})
        )
        found[f"verify.{invariant}"] = compiled.string
    return found


def _as_text() -> str:
    parts = [
        f"-- {path}\n{PARAMETER.sub(VARIABLE, statement).strip()};\n"
        for path, statement in sorted(_statements().items())
    ]
    lines = "\n".join(parts).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def test_the_statements_for_ms_sql_are_those_that_were_read_by_a_person() -> None:
    """`CRM_UPDATE_SNAPSHOTS=1` writes the snapshot anew; read its difference before you keep it."""
    if os.environ.get(UPDATE_VARIABLE):
        SNAPSHOT.write_text(_as_text(), encoding="utf-8", newline="\n")
    kept = SNAPSHOT.read_text(encoding="utf-8")
    assert kept == _as_text(), f"read what changed, then keep it with {UPDATE_VARIABLE}=1"


def test_the_statements_for_ms_sql_are_t_sql() -> None:
    parsed = Linter(config=FluffConfig(overrides={"dialect": "tsql"})).parse_string(_as_text())
    assert parsed.violations == []


@pytest.mark.parametrize(
    "word", ["OUTPUT", "MERGE", "RETURNING", "LIMIT", "FOR UPDATE", "NOLOCK", "HOLDLOCK"]
)
def test_no_statement_needs_what_we_do_without(word: str) -> None:
    for path, statement in _statements().items():
        assert re.search(rf"\b{word}\b", statement.upper()) is None, path


def test_no_prepared_statement_selects_a_condition() -> None:
    key = [bindparam("k0", None, type_=BigInteger())]
    for path, one in _prepared().items():
        if isinstance(one, HotSelect):
            assert faults(one._make(key)) == [], path
    for _, invariant, statement in STATEMENTS:
        assert faults(statement().limit(100)) == [], invariant


def test_every_value_of_a_bulk_insert_has_its_type_even_when_it_is_empty() -> None:
    """Otherwise pyodbc asks the server about each NULL, and may take bytes for text."""
    for path, one in _prepared().items():
        if isinstance(one, (RowInsert, HotUpdate)):
            assert one._sizes is not None, path
            assert None not in one._sizes, path


GOOD: Final = [
    select(account_type.c.name).where(account_type.c.uses_lots),
    select(account_type.c.name).where(~account_type.c.uses_lots).order_by(account_type.c.name),
    select(account_type.c.name).where(account_type.c.uses_lots == True).limit(5),  # noqa: E712
    select(func.count()).select_from(account).where(account.c.holder_id.is_(None)),
    update(account).where(exists().where(tables.entry.c.amount == 1)).values(state=2),
    insert(tables.operation_trace).values(operation_id=1, trace="{}"),
]
BAD: Final = [
    select(account_type.c.name.is_(None)),
    select(exists().where(account_type.c.name == "a").label("known")),
    select(account_type.c.name).where(account_type.c.uses_lots.is_(True)),
    select(account_type.c.name).order_by(account_type.c.name == "a"),
    select(account_type.c.name).limit(3).offset(3),
    select(func.sum(account.c.balance > 0)),
    select(func.julianday(account.c.opened_at)),
    select(account.c.account_id).where(text("state = 1 LIMIT 3")),
    select(account.c.account_id).where(account.c.account_id.in_(list(range(2101)))),
    update(account).values(state=account.c.balance > 0),
]


@pytest.mark.parametrize("statement", GOOD, ids=range(len(GOOD)))
def test_sound_statements_pass(statement: ClauseElement) -> None:
    assert faults(statement) == []


@pytest.mark.parametrize("statement", BAD, ids=range(len(BAD)))
def test_what_t_sql_refuses_is_found(statement: ClauseElement) -> None:
    assert faults(statement) != []
