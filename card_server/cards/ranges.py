"""Ranges of card numbers: added, changed, deleted; those of a division never overlap."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, or_, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.cards.card_reading import range_row
from card_server.cards.issuing import LARGEST_CODE
from card_server.db.editing import (
    check_reference,
    check_texts,
    check_unique,
    check_unused,
    need,
    row_of,
    sent,
)
from card_server.divisions import tables as division_tables
from card_server.divisions.repository import next_dictionary_id
from card_server.holders import tables as holder_tables
from card_server.http.routes import Editing
from shared.wire import cards as wire
from shared.wire.base import Done, Made
from shared.wire.errors import AppError, ErrorCode

NUMBERS: Final = {
    "start_code": (1, LARGEST_CODE),
    "end_code": (1, LARGEST_CODE),
    "start_bonus": (0, 99_999_999_999_999),
    "valid_months": (1, 1200),
    "digits": (1, 18),
}
MOST_TYPES: Final = 50
_span = tables.card_range


def add(asked: wire.AddCardRange, editing: Editing) -> Made:
    """A new range; nothing of it is issued yet."""
    values = sent(asked.fields)
    need(values, "name", "division_id", "start_code", "end_code")
    _check(editing, values, values, None)
    range_id = next_dictionary_id(editing.connection, _span)
    current = values["start_code"] - 1
    editing.log.insert(_span, {"range_id": range_id, "current_code": current, **values})
    return Made(key=range_id)


def edit(asked: wire.EditCardRange, editing: Editing) -> Done:
    """Change a range; cards that came from it stay inside."""
    connection, key = editing.connection, {"range_id": asked.key}
    row = range_row(connection, editing.actor, asked.key)
    values = sent(asked.fields)
    _check(editing, values, {**row._mapping, **values}, asked.key)  # noqa: SLF001 - SQLAlchemy's public name
    if not {"start_code", "end_code"}.isdisjoint(values):
        start = values.get("start_code", row.start_code)
        end = values.get("end_code", row.end_code)
        _check_issued(connection, asked.key, start, end)
        values["current_code"] = min(max(row.current_code, start - 1), end)
    editing.log.edit(_span, key, values, expected_version=asked.version)
    return Done(version=row_of(connection, _span, key).version)


def delete(asked: wire.DeleteCardRange, editing: Editing) -> Done:
    """Mark a range as deleted, if no card came from it."""
    range_row(editing.connection, editing.actor, asked.key)
    check_unused(editing.connection, asked.key, [tables.card.c.range_id])
    editing.log.delete(_span, {"range_id": asked.key}, expected_version=asked.version)
    return Done()


def _check(
    editing: Editing, values: dict[str, Any], whole: dict[str, Any], range_id: int | None
) -> None:
    connection = editing.connection
    check_texts(_span, values)
    but = None if range_id is None else {"range_id": range_id}
    if "name" in values:
        check_unique(connection, _span, "name", values["name"], but=but)
    for name, (low, high) in NUMBERS.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=str(value)[:60])
    if "division_id" in values:
        check_reference(connection, division_tables.division, "division_id", values["division_id"])
        editing.actor.need_division(values["division_id"])
    for name, table in (
        ("card_group_id", tables.card_group),
        ("holder_group_id", holder_tables.holder_group),
    ):
        check_reference(connection, table, name, values.get(name))
    _keep_types(connection, values)
    start, end = whole["start_code"], whole["end_code"]
    if start > end:
        raise AppError(ErrorCode.FIELD_BAD, field="end_code", value=str(end))
    _check_apart(connection, whole["division_id"], start, end, range_id)


def _keep_types(connection: Connection, values: dict[str, Any]) -> None:
    """The account types as the column keeps them: ascending, each once, in JSON."""
    if "account_types" not in values:
        return
    wanted = values["account_types"] or []
    if len(wanted) > MOST_TYPES:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(wanted), limit=MOST_TYPES)
    kind = account_tables.account_type
    for type_id in wanted:
        check_reference(connection, kind, "account_types", type_id)
    kept = msgspec.json.encode(sorted(set(wanted))).decode() if wanted else None
    values["account_types"] = kept


def _check_apart(
    connection: Connection, division_id: int, start: int, end: int, range_id: int | None
) -> None:
    """Ranges of one division do not overlap (domain 1.4)."""
    found = connection.execute(
        select(_span.c.name).where(
            _span.c.division_id == division_id,
            _span.c.start_code <= end,
            _span.c.end_code >= start,
            _span.c.deleted_at.is_(None),
            _span.c.range_id != (range_id or 0),
        )
    ).first()
    if found is not None:
        raise AppError(ErrorCode.VALUE_TAKEN, field="start_code", value=found.name)


def _check_issued(connection: Connection, range_id: int, start: int, end: int) -> None:
    card = tables.card
    outside = connection.execute(
        select(func.count())
        .select_from(card)
        .where(card.c.range_id == range_id, or_(card.c.card_code < start, card.c.card_code > end))
    ).scalar_one()
    if outside:
        raise AppError(ErrorCode.IN_USE, where="card", n=outside)
