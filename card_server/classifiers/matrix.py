"""The matrix of programs and account types: read as one, changed all or nothing (domain 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import (
    CLASS_BONUS,
    CLASS_CERTIFICATE,
    CLASS_DEBIT,
    CLASS_DISCOUNT,
    CLASS_SPENT,
)
from card_server.classifiers import tables
from card_server.classifiers.records import MODE_POS
from card_server.classifiers.service import CLASSIFIERS
from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.db.editing import check_reference, check_texts, row_of, sent
from card_server.dictionaries.editor import defaults_of
from card_server.dictionaries.parts import check_ranges, write
from card_server.http.routes import Editing, Reading
from shared.wire import classifiers as wire
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

MOST_CELLS: Final = 500
LARGEST_K: Final = 100_000_000
"""Ten thousand account units for a unit of POS money."""
PAYS: Final = frozenset({CLASS_BONUS, CLASS_DEBIT, CLASS_CERTIFICATE})
POS_KINDS: Final = {
    CLASS_BONUS: 5,
    CLASS_DISCOUNT: 2,
    CLASS_DEBIT: 1,
    CLASS_SPENT: 8,
    CLASS_CERTIFICATE: 1,
}
"""Kinds that a new cell serves, by the class of its type."""
RANGES: Final = {
    "debit_priority": (0, 1_000_000),
    "credit_priority": (0, 1_000_000),
    "debit_k_bp": (1, LARGEST_K),
    "credit_k_bp": (1, LARGEST_K),
    "max_pay_bp": (0, 10_000),
    "min_pay": (0, 10**15),
    "keep_rest": (0, 10**15),
    "sum_slot": (1, 8),
    "pos_kinds": (0, 15),
}
REFERENCES: Final = {
    "debit_time_id": "time_set",
    "credit_time_id": "time_set",
    "scheme_id": "scheme",
}
LARGEST_DISCOUNT: Final = 10_000
_CELL: Final = tables.classifier_account_type
_TYPE: Final = account_tables.account_type
_FIELDS: Final = wire.CellFields.__struct_fields__

CellKey = tuple[int, int]


def get_matrix(_asked: object, reading: Reading) -> wire.Matrix:
    """All programs, all account types, all cells; also what stands now, for a stale edit."""
    connection = reading.connection
    types = connection.execute(
        select(_TYPE).where(_TYPE.c.deleted_at.is_(None)).order_by(_TYPE.c.sort_no, _types_key())
    ).mappings()
    programs = tables.classifier
    rows = connection.execute(
        select(programs)
        .where(programs.c.deleted_at.is_(None), programs.c.classifier_id > 0)
        .order_by(programs.c.sort_no, programs.c.classifier_id)
    ).mappings()
    found = wire.Matrix(
        classifiers=[CLASSIFIERS.record_of(row) for row in rows],
        account_types=[_type_record(row) for row in types],
        cells=[],
    )
    shown = {one.classifier_id for one in found.classifiers}
    lines = {one.account_type_id for one in found.account_types}
    names = wire.Cell.__struct_fields__
    cells = connection.execute(
        select(*(_CELL.c[name] for name in names))
        .where(_CELL.c.deleted_at.is_(None))
        .order_by(_CELL.c.classifier_id, _CELL.c.account_type_id)
    )
    for row in cells:
        cell = wire.Cell(**dict(zip(names, row, strict=True)))
        if cell.classifier_id in shown and cell.account_type_id in lines:
            found.cells.append(cell)
    return found


def _types_key() -> Any:
    return _TYPE.c.account_type_id


def _type_record(row: Any) -> wire.MatrixType:
    return wire.MatrixType(
        account_type_id=row["account_type_id"],
        name=row["name"],
        account_class=row["class"],
        value_unit=row["value_unit"],
        is_active=row["is_active"],
    )


# ---------------------------------------------------------------------- changing


def edit_matrix(asked: wire.EditMatrix, editing: Editing) -> wire.MatrixChanged:
    """Change some cells; one that is refused refuses all."""
    if len(asked.cells) > MOST_CELLS:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(asked.cells), limit=MOST_CELLS)
    seen: set[CellKey] = set()
    plans: list[tuple[CellKey, Any, dict[str, Any], Action]] = []
    notices: list[Notice] = []
    for place, cell in enumerate(asked.cells):
        key = (cell.classifier_id, cell.account_type_id)
        try:
            if key in seen:
                raise AppError(ErrorCode.FIELD_BAD, field="account_type_id", value=str(key[1]))  # noqa: TRY301 - the place is told below
            program, kind, row = _rows_of(editing.connection, key)
            _check_version(cell, row)
            values, action = _plan(editing.connection, cell, row, kind)
        except AppError as error:
            _tell_place(error, place)
            raise
        seen.add(key)
        plans.append((key, row, values, action))
        if action is not Action.DELETE:
            before: dict[str, Any] = {} if row is None else dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
            notices += _notices(editing.connection, program, kind, {**before, **values})
    _park(editing, plans)
    for key, row, values, action in plans:
        _write(editing, key, row, values, action)
    return wire.MatrixChanged(
        cells=[_version(editing.connection, key) for key in (plan[0] for plan in plans)],
        notices=notices,
    )


def _tell_place(error: AppError, place: int) -> None:
    field = error.facts.get("field")
    if field is not None:
        error.facts["field"] = f"cells[{place}].{field}"


def _rows_of(connection: Connection, key: CellKey) -> tuple[Any, Any, Row[Any] | None]:
    """The program, the account type, and the cell's row: live, deleted, or none."""
    if key[0] <= 0:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="classifier", id=str(key[0]))
    program = row_of(connection, tables.classifier, {"classifier_id": key[0]})
    kind = row_of(connection, _TYPE, {"account_type_id": key[1]})
    return program, kind, connection.execute(select(_CELL).where(*_where(key))).one_or_none()


def _where(key: CellKey) -> list[Any]:
    return [_CELL.c.classifier_id == key[0], _CELL.c.account_type_id == key[1]]


def _check_version(cell: wire.CellEdit, row: Any) -> None:
    """The cell stands as the editor saw it, or is not there as he saw."""
    stands = row.version if row is not None and row.deleted_at is None else None
    if cell.version != stands:
        user, when = (row.updated_by, row.updated_at.isoformat()) if row is not None else (None, "")
        raise AppError(ErrorCode.STALE_EDIT, user=user, time=when)


def _plan(
    connection: Connection, cell: wire.CellEdit, row: Any, kind: Any
) -> tuple[dict[str, Any], Action]:
    """What is to be written for a cell, and what this is to the journal."""
    if cell.remove:
        if cell.version is None:
            raise AppError(ErrorCode.ROW_NOT_FOUND, what="classifier_account_type", id="-")
        return {"sum_slot": None}, Action.DELETE
    values = sent(cell.fields)
    check_texts(_CELL, values)
    check_ranges(values, RANGES)
    for field, table in REFERENCES.items():
        target = metadata.tables[PREFIX + table]
        check_reference(connection, target, field, values.get(field))
    account_class = kind._mapping["class"]  # noqa: SLF001 - SQLAlchemy's public name
    if values.get("scheme_id") is not None:
        check_scheme(connection, values["scheme_id"], account_class)
    if cell.version is not None:
        return values, Action.UPDATE
    defaults = {name: defaults_of(_CELL)[name] for name in _FIELDS}
    defaults["pos_kinds"] = POS_KINDS.get(account_class, 0)
    return {**defaults, **values}, Action.INSERT if row is None else Action.RESTORE


def check_scheme(connection: Connection, scheme_id: int, account_class: int) -> None:
    """A discount scheme gives at most everything away (domain 1.5)."""
    if account_class != CLASS_DISCOUNT:
        return
    highest = highest_rate(connection, scheme_id)
    if highest > LARGEST_DISCOUNT:
        raise AppError(ErrorCode.FIELD_BAD, field="scheme_id", value=f"{scheme_id}: {highest}")


def highest_rate(connection: Connection, scheme_id: int) -> int:
    """The highest rate that a scheme can give."""
    scheme, param = metadata.tables[PREFIX + "scheme"], metadata.tables[PREFIX + "scheme_param"]
    base = connection.execute(
        select(scheme.c.base_rate).where(scheme.c.scheme_id == scheme_id)
    ).scalar()
    most = connection.execute(
        select(func.max(param.c.rate)).where(
            param.c.scheme_id == scheme_id, param.c.deleted_at.is_(None)
        )
    ).scalar()
    return max(base or 0, most or 0)


def _park(editing: Editing, plans: list[tuple[CellKey, Any, dict[str, Any], Action]]) -> None:
    """Slots that move are freed first, so that two cells may exchange theirs."""
    for key, row, values, _ in plans:
        if row is not None and "sum_slot" in values and row.sum_slot != values["sum_slot"]:
            editing.connection.execute(update(_CELL).where(*_where(key)).values(sum_slot=None))


def _write(
    editing: Editing, key: CellKey, row: Any, values: dict[str, Any], action: Action
) -> None:
    row_key = {"classifier_id": key[0], "account_type_id": key[1]}
    if action is Action.INSERT:
        _refuse_taken(editing.connection, key, values.get("sum_slot"))
        editing.log.insert(_CELL, {**row_key, **values})
        return
    if action is not Action.UPDATE:
        gone = editing.now if action is Action.DELETE else None
        values = {**values, "deleted_at": gone}
    before = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
    changes = {name: value for name, value in values.items() if before[name] != value}
    if changes:
        _refuse_taken(editing.connection, key, changes.get("sum_slot"))
        write(editing, _CELL, row_key, before, changes, action)


def _refuse_taken(connection: Connection, key: CellKey, slot: int | None) -> None:
    """Two cells of a program on one slot (`VALUE_TAKEN`), before the index refuses them."""
    if slot is None:
        return
    taken = connection.execute(
        select(_CELL.c.account_type_id).where(
            _CELL.c.classifier_id == key[0],
            _CELL.c.account_type_id != key[1],
            _CELL.c.sum_slot == slot,
            _CELL.c.deleted_at.is_(None),
        )
    ).first()
    if taken is not None:
        raise AppError(ErrorCode.VALUE_TAKEN, field="sum_slot", value=str(slot))


def _version(connection: Connection, key: CellKey) -> wire.CellVersion:
    row = connection.execute(select(_CELL.c.version, _CELL.c.deleted_at).where(*_where(key))).one()
    version = row.version if row.deleted_at is None else None
    return wire.CellVersion(classifier_id=key[0], account_type_id=key[1], version=version)


def _notices(
    connection: Connection, program: Any, kind: Any, after: Mapping[str, Any]
) -> list[Notice]:
    """Credit without debit; rates where the till counts (domain 7)."""
    found: list[Notice] = []
    facts: dict[str, str | int | None] = {"type": kind.name, "classifier": program.name}
    half = after["credit_allowed"] and not after["debit_allowed"]
    if half and kind._mapping["class"] in PAYS:  # noqa: SLF001 - SQLAlchemy's public name
        found.append(Notice(code=ErrorCode.MATRIX_HALF.value, facts=facts))
    scheme_id = after["scheme_id"]
    rated = scheme_id is not None and highest_rate(connection, scheme_id) > 0
    if rated and program.calc_mode == MODE_POS:
        found.append(Notice(code=ErrorCode.MODE_WARNING.value, facts=facts))
    return found
