"""Text compared without letter case and with e for yo, inside SQL on every database.

PostgreSQL and MS SQL fold by themselves. SQLite knows only the English alphabet, so its
connections get a function of ours (`engine.py`).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Unicode, cast, collate, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

SQLITE_FUNCTION: Final = "crm_fold"


def fold_text(value: object) -> str | None:
    """Lower case, e for yo; NULL stays NULL."""
    return None if value is None else str(value).lower().replace("ё", "е")


class folded(GenericFunction[str]):  # noqa: N801 - written like the SQL function it is
    """`folded(column)`: the column as `fold_text` makes it."""

    type = Unicode()
    name = "folded"
    inherit_cache = True


@compiles(folded)
def _fold(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (inner,) = element.clauses
    return compiler.process(func.replace(func.lower(inner), "ё", "е"), **options)


@compiles(folded, "postgresql")
def _fold_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    """A column compared letter by letter (`KeyText`) would fold English letters only."""
    (inner,) = element.clauses
    plain = collate(cast(inner, Unicode()), "default")
    return compiler.process(func.replace(func.lower(plain), "ё", "е"), **options)


@compiles(folded, "sqlite")
def _fold_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_FUNCTION}({compiler.process(element.clauses, **options)})"
