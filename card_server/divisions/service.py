"""Divisions and units: what happens to them, and how they are listed (domain 1.1)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Table, select

from card_server.db.base import PREFIX, metadata
from card_server.db.editing import (
    check_reference,
    check_texts,
    check_unique,
    check_unused,
    need,
    row_of,
    sent,
)
from card_server.db.listing import Listing, list_rows
from card_server.divisions import tables
from card_server.divisions.repository import next_dictionary_id
from card_server.divisions.rules import (
    check_inn,
    check_pos_number,
    check_prefix,
    check_unit_state,
)
from card_server.http.routes import Actor, Editing, Reading
from shared.wire import divisions as wire
from shared.wire.base import Done, Made, Page
from shared.wire.errors import AppError, ErrorCode

DEEPEST: Final = 5


def _fields(table: Table, record: Any) -> dict[str, Any]:
    return {name: table.c[name] for name in record.__struct_fields__}


DIVISIONS: Final = Listing(
    source=tables.division,
    key=tables.division.c.division_id,
    fields=_fields(tables.division, wire.Division),
    columns=list(_fields(tables.division, wire.Division).values()),
    default_sort="sort_no",
    deleted_at=tables.division.c.deleted_at,
)
UNITS: Final = Listing(
    source=tables.unit,
    key=tables.unit.c.unit_id,
    fields=_fields(tables.unit, wire.Unit),
    columns=list(_fields(tables.unit, wire.Unit).values()),
    default_sort="sort_no",
    deleted_at=tables.unit.c.deleted_at,
)


def _mine(actor: Actor, column: Any) -> list[Any]:
    return [] if actor.divisions is None else [column.in_(sorted(actor.divisions))]


def list_divisions(asked: wire.ListDivisions, reading: Reading) -> Page[wire.Division]:
    """Divisions that the user sees."""
    mine = _mine(reading.actor, tables.division.c.division_id)
    found = list_rows(reading.connection, DIVISIONS, asked, *mine)
    rows = [_record(wire.Division, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def list_units(asked: wire.ListUnits, reading: Reading) -> Page[wire.Unit]:
    """Units of the divisions that the user sees."""
    mine = _mine(reading.actor, tables.unit.c.division_id)
    found = list_rows(reading.connection, UNITS, asked, *mine)
    rows = [_record(wire.Unit, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def _record(record: Any, row: Any) -> Any:
    return record(**dict(zip(record.__struct_fields__, row, strict=True)))


def get_unit(asked: wire.GetUnit, reading: Reading) -> wire.Unit:
    """One unit of the user's divisions."""
    return _unit(reading.connection, reading.actor, asked.unit_id)


def _unit(connection: Connection, actor: Actor, unit_id: int) -> wire.Unit:
    row = row_of(connection, tables.unit, {"unit_id": unit_id})
    actor.need_division(row.division_id)
    names = wire.Unit.__struct_fields__
    return wire.Unit(**{name: getattr(row, name) for name in names})


# ---------------------------------------------------------------------- units


def _check_unit(editing: Editing, values: dict[str, Any], unit_id: int | None) -> None:
    connection = editing.connection
    check_texts(tables.unit, values)
    but = None if unit_id is None else {"unit_id": unit_id}
    for field in ("name", "pos_code", "pos_number"):
        if field in values:
            check_unique(connection, tables.unit, field, values[field] or None, but=but)
    if values.get("division_id") is not None:
        check_reference(connection, tables.division, "division_id", values["division_id"])
        editing.actor.need_division(values["division_id"])
    classifier = metadata.tables[PREFIX + "classifier"]
    check_reference(connection, classifier, "classifier_id", values.get("classifier_id"))
    check_unit_state(values.get("state"))
    check_pos_number(values.get("pos_number"))


def add_unit(asked: wire.AddUnit, editing: Editing) -> Made:
    """A new unit; it starts in the test state unless told otherwise."""
    values = sent(asked.fields)
    need(values, "name", "division_id")
    _check_unit(editing, values, None)
    unit_id = next_dictionary_id(editing.connection, tables.unit)
    editing.log.insert(tables.unit, {"unit_id": unit_id, **values})
    return Made(key=unit_id)


def edit_unit(asked: wire.EditUnit, editing: Editing) -> Done:
    """Change a unit."""
    _unit(editing.connection, editing.actor, asked.unit_id)
    values = sent(asked.fields)
    _check_unit(editing, values, asked.unit_id)
    key = {"unit_id": asked.unit_id}
    editing.log.edit(tables.unit, key, values, expected_version=asked.version)
    return Done(version=row_of(editing.connection, tables.unit, key).version)


def delete_unit(asked: wire.DeleteUnit, editing: Editing) -> Done:
    """Mark a unit as deleted, if nothing was ever sold there."""
    _unit(editing.connection, editing.actor, asked.unit_id)
    references = [metadata.tables[PREFIX + "operation"].c.unit_id, tables.station.c.unit_id]
    check_unused(editing.connection, asked.unit_id, references)
    key = {"unit_id": asked.unit_id}
    editing.log.delete(tables.unit, key, expected_version=asked.version)
    return Done()


def present_unit(asked: wire.EditUnit | wire.DeleteUnit, reading: Reading) -> wire.Unit:
    """The unit as it stands, for who edited an older version."""
    return _unit(reading.connection, reading.actor, asked.unit_id)


# ---------------------------------------------------------------------- divisions


def _check_division(editing: Editing, values: dict[str, Any], division_id: int | None) -> None:
    connection = editing.connection
    check_texts(tables.division, values)
    but = None if division_id is None else {"division_id": division_id}
    for field in ("name", "id_prefix"):
        if field in values:
            check_unique(connection, tables.division, field, values[field], but=but)
    check_prefix(values.get("id_prefix"))
    check_inn(values.get("inn"))
    if values.get("parent_id") is not None:
        check_reference(connection, tables.division, "parent_id", values["parent_id"])
        _check_tree(connection, division_id, values["parent_id"])


def _check_tree(connection: Connection, division_id: int | None, parent_id: int) -> None:
    """No division under itself, and no more than five storeys."""
    table = tables.division
    rows = connection.execute(select(table.c.division_id, table.c.parent_id))
    parents = {row.division_id: row.parent_id for row in rows}
    at: int | None = parent_id
    depth = 1
    while at is not None:
        depth += 1
        if at == division_id or depth > DEEPEST:
            raise AppError(ErrorCode.FIELD_BAD, field="parent_id", value=str(parent_id))
        at = parents.get(at)


def add_division(asked: wire.AddDivision, editing: Editing) -> Made:
    """A new division."""
    values = sent(asked.fields)
    need(values, "name", "id_prefix")
    if editing.actor.divisions is not None:
        raise AppError(ErrorCode.DIVISION_FOREIGN, division=0)
    _check_division(editing, values, None)
    division_id = next_dictionary_id(editing.connection, tables.division)
    editing.log.insert(tables.division, {"division_id": division_id, **values})
    return Made(key=division_id)


def edit_division(asked: wire.EditDivision, editing: Editing) -> Done:
    """Change a division; its prefix only while no row carries it."""
    connection, key = editing.connection, {"division_id": asked.division_id}
    editing.actor.need_division(asked.division_id)
    row = row_of(connection, tables.division, key)
    values = sent(asked.fields)
    _check_division(editing, values, asked.division_id)
    if values.get("id_prefix", row.id_prefix) != row.id_prefix:
        check_unused(connection, row.id_prefix, [tables.id_counter.c.prefix])
    editing.log.edit(tables.division, key, values, expected_version=asked.version)
    return Done(version=row_of(connection, tables.division, key).version)


def close_books(asked: wire.CloseBooks, editing: Editing) -> Done:
    """Nothing may be booked up to that day; a reason is needed, the journal keeps it."""
    if len(asked.reason.strip()) < 5:  # noqa: PLR2004 - the shortest reason, domain 1.11
        raise AppError(ErrorCode.REASON_NEEDED)
    editing.actor.need_division(asked.division_id)
    if asked.until is not None and asked.until >= editing.now.date():
        raise AppError(ErrorCode.FIELD_BAD, field="until", value=asked.until.isoformat())
    key = {"division_id": asked.division_id}
    row_of(editing.connection, tables.division, key)
    changes = {"books_closed_until": asked.until}
    editing.log.edit(tables.division, key, changes, expected_version=asked.version)
    return Done(version=row_of(editing.connection, tables.division, key).version)


def present_division(asked: wire.EditDivision | wire.CloseBooks, reading: Reading) -> wire.Division:
    """The division as it stands."""
    reading.actor.need_division(asked.division_id)
    key = {"division_id": asked.division_id}
    row = row_of(reading.connection, tables.division, key)
    names = wire.Division.__struct_fields__
    return wire.Division(**{name: getattr(row, name) for name in names})
