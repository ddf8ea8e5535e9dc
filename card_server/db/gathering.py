"""A column of whole numbers as one text, on every database: thousands of ids in one value.

SQLite's driver goes back and forth between the interpreter and the database for every row, and
waits for its turn each time while tills post.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Unicode, cast, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class number_list(GenericFunction[str]):  # noqa: N801 - written like the SQL function it is
    """`number_list(column)`: all numbers with commas between, in any order; NULL for none."""

    type = Unicode()
    name = "number_list"
    inherit_cache = True


@compiles(number_list)
def _list(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (inner,) = element.clauses
    return compiler.process(func.string_agg(cast(inner, Unicode()), ","), **options)


@compiles(number_list, "mssql")
def _list_mssql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    """Of text without a limit: 8 000 bytes are a few hundred numbers."""
    (inner,) = element.clauses
    return f"STRING_AGG(CAST({compiler.process(inner, **options)} AS NVARCHAR(MAX)), ',')"


@compiles(number_list, "sqlite")
def _list_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


def numbers(connection: Connection, statement: Select[Any]) -> list[int]:
    """The one column of whole numbers that a statement gives, in any order."""
    rows = statement.subquery()
    text = connection.execute(select(number_list(rows.c[0]))).scalar()
    return msgspec.json.decode(f"[{text or ''}]", type=list[int])
