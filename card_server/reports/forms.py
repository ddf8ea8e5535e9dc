"""What a report is made of: parameters that are checked, columns, and a run over read-only rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from card_server.http.routes import Actor
from shared.wire.errors import AppError, ErrorCode
from shared.wire.reports import AMOUNT, COUNT, DAY, FLAG, Cell

LONGEST_SPAN_DAYS: Final = 3660
MOST_IDS: Final = 500


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a report."""

    key: str
    kind: str
    needed: bool = False
    many: bool = False


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a report."""

    key: str
    kind: str
    total: bool = False


class Values(msgspec.Struct, frozen=True):
    """Parameters as they were checked."""

    by_key: dict[str, Any]

    def day(self, key: str) -> date:
        """A day that the report needs."""
        found: date = self.by_key[key]
        return found

    def ids(self, key: str) -> list[int]:
        """Ids, none if the parameter was left empty."""
        found: list[int] = self.by_key.get(key) or []
        return found

    def flag(self, key: str) -> bool:
        """A flag, off if it was left empty."""
        return bool(self.by_key.get(key))


class Piece(msgspec.Struct):
    """A page of rows and where it goes on."""

    rows: list[list[Cell]]
    next: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report: `run` gives a page behind `after` with at most `limit` rows."""

    code: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    run: Callable[[Connection, Actor, Values, str | None, int], Piece]


PERIOD: Final = (
    Parameter(key="date_from", kind=DAY, needed=True),
    Parameter(key="date_to", kind=DAY, needed=True),
)


def read_values(report: Report, given: Mapping[str, Any]) -> Values:
    """Check what was given; `FIELD_MISSING`, `FIELD_BAD` name the parameter."""
    known = {parameter.key: parameter for parameter in report.parameters}
    for key in given:
        if key not in known:
            raise AppError(ErrorCode.FIELD_BAD, field=key[:60], value=key[:60])
    found = {}
    for key, parameter in known.items():
        value = given.get(key)
        if value in (None, "", []):
            if parameter.needed:
                raise AppError(ErrorCode.FIELD_MISSING, field=key)
            continue
        found[key] = _value(parameter, value)
    first, last = found.get("date_from"), found.get("date_to")
    if first is not None and last is not None:
        span = (last - first).days
        if not 0 <= span <= LONGEST_SPAN_DAYS:
            raise AppError(ErrorCode.FIELD_BAD, field="date_to", value=last.isoformat())
    return Values(found)


def _value(parameter: Parameter, value: Any) -> Any:
    wrong = AppError(ErrorCode.FIELD_BAD, field=parameter.key, value=str(value)[:60])
    if parameter.many:
        values = value if isinstance(value, list) else [value]
        if len(values) > MOST_IDS or not all(type(one) is int for one in values):
            raise wrong
        return values
    if parameter.kind == DAY:
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise wrong from error
    if parameter.kind == FLAG:
        if not isinstance(value, bool):
            raise wrong
        return value
    if parameter.kind in (COUNT, AMOUNT):
        if type(value) is not int:
            raise wrong
        return value
    return str(value)


def totals_of(report: Report, rows: list[list[Cell]]) -> dict[str, int]:
    """Sums of the columns that add up."""
    return {
        column.key: sum(row[i] for row in rows if isinstance(row[i], int))  # type: ignore[misc] # checked beside
        for i, column in enumerate(report.columns)
        if column.total
    }
