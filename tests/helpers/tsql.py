"""What MS SQL Server would refuse of a statement, found without a server (mssql.md 11).

T-SQL has no boolean values: a comparison may not be selected, stored, ordered by or handed to a
function, and a value may not stand for a condition. SQLAlchemy compiles such statements without a
word, and a parser of text takes them, so the tree of the statement is looked at instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Final, Self

from sqlalchemy import (
    ClauseElement,
    CompoundSelect,
    Delete,
    Engine,
    Insert,
    Select,
    Table,
    Update,
    event,
)
from sqlalchemy.dialects import mssql
from sqlalchemy.exc import CompileError, SAWarning
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Case,
    ColumnElement,
    Grouping,
    Label,
    Null,
    TextClause,
    UnaryExpression,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import Exists
from sqlalchemy.sql.visitors import iterate

MOST_PARAMETERS: Final = 2100
FUNCTIONS: Final = frozenset(
    {
        "abs",
        "avg",
        "coalesce",
        "count",
        "folded",
        "number_list",
        "length",
        "lower",
        "max",
        "min",
        "substring",
        "sum",
        "upper",
    }
)
"""Functions that have the same meaning on every database; `length` is compiled to LEN."""

IS: Final = (operators.is_, operators.is_not)
FOREIGN_TEXT: Final = (" LIMIT ", "||", "RETURNING", " TRUE", " FALSE", " ILIKE ")


def faults(statement: ClauseElement) -> list[str]:
    """Everything that is wrong with a statement for MS SQL Server; empty for a sound one."""
    dialect = mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]
    options = {"render_postcompile": True}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # keys come with the execution
            compiled = statement.compile(dialect=dialect, compile_kwargs=options)
    except CompileError as error:
        return [str(error)]
    found = list(_faults_of_tree(statement))
    if len(compiled.params) > MOST_PARAMETERS:
        found.append(f"{len(compiled.params)} parameters")
    return [f"{fault}: {compiled.string}" for fault in found]


def _faults_of_tree(statement: ClauseElement) -> Iterator[str]:
    for element in iterate(statement):
        for value in _values(element):
            if is_condition(value):
                yield "a condition stands for a value"
        if (
            isinstance(element, BinaryExpression)
            and element.operator in IS
            and not isinstance(element.right, Null)
        ):
            yield "IS compares with NULL only"
        if isinstance(element, FunctionElement):
            name = str(getattr(element, "name", "?")).lower()
            if name not in FUNCTIONS:
                yield f"the function {name} is not known to be the same everywhere"
        if isinstance(element, TextClause):
            upper = f" {element.text.upper()} "
            yield from (f"{word.strip()} in a text" for word in FOREIGN_TEXT if word in upper)


def is_condition(element: Any) -> bool:
    """Something that T-SQL only takes in WHERE, HAVING, ON, CASE WHEN and the like."""
    while isinstance(element, (Label, Grouping)):
        element = element.element
    if isinstance(element, (Exists, BooleanClauseList)):
        return True
    if isinstance(element, UnaryExpression):
        return element.operator in (operators.inv, operators.exists)
    return isinstance(element, BinaryExpression) and operators.is_comparison(element.operator)


def _values(element: Any) -> Iterator[Any]:
    """The parts of an element that must be values."""
    if isinstance(element, Select):
        yield from element._raw_columns
        yield from element._order_by_clauses
        yield from element._group_by_clauses
    elif isinstance(element, (Insert, Update)):
        yield from (element._values or {}).values()
    elif isinstance(element, FunctionElement):
        yield from element.clauses
    elif isinstance(element, Case):
        yield from (result for _, result in element.whens)
        if element.else_ is not None:
            yield element.else_
    elif isinstance(element, BinaryExpression) and not isinstance(element, BooleanClauseList):
        yield from (
            side
            for side in (element.left, element.right)
            if isinstance(side, ColumnElement) and not isinstance(side, BindParameter)
        )


class StatementWatch:
    """Looks at every statement that tests run, once each, whatever database they run on."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()
        self._found: list[str] = []

    def __enter__(self) -> Self:
        """Begin to look."""
        event.listen(Engine, "before_execute", self._look)
        return self

    def __exit__(self, *_: object) -> None:
        """Look no longer."""
        event.remove(Engine, "before_execute", self._look)

    def take(self) -> list[str]:
        """What was found since the last time."""
        found, self._found = self._found, []
        return found

    def _look(self, _connection: Any, statement: Any, *_: Any) -> None:
        if not isinstance(statement, (Select, CompoundSelect, Insert, Update, Delete)):
            return
        key = statement._generate_cache_key()
        name = key.key if key is not None else str(statement)
        if name not in self._seen:
            self._seen.add(name)
            if not _is_about_the_server(statement):
                self._found += faults(statement)


def _is_about_the_server(statement: ClauseElement) -> bool:
    """SQLAlchemy's own look at the tables of one kind of server."""
    return any(isinstance(part, Table) and part.schema for part in iterate(statement))
