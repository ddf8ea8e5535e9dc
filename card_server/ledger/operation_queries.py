"""Operations as windows ask for them: the list, one whole, its explanation (domain 1.7, 3.15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, select

from card_server.coupons import tables as coupon_tables
from card_server.db.editing import row_of
from card_server.db.listing import Listing, list_rows
from card_server.http.routes import Reading
from card_server.ledger import tables
from card_server.ledger.records import ACCEPTED, OperationKind
from shared.wire import operations as wire
from shared.wire.base import Page, Record, Sort
from shared.wire.errors import AppError, ErrorCode

COLUMNS: Final = {name: tables.operation.c[name] for name in wire.OperationRow.__struct_fields__}
OPERATIONS: Final = Listing(
    source=tables.operation,
    key=tables.operation.c.operation_id,
    fields=COLUMNS,
    columns=list(COLUMNS.values()),
)
NEWEST_FIRST: Final = Sort(field="operation_id", descending=True)
LATEST_DAY_FIRST: Final = Sort(field="business_date", descending=True)
SORTED: Final = frozenset({"operation_id", "business_date"})
"""Orders that an index gives for a million rows."""
OWNERS: Final = frozenset({"holder_id", "card_code"})
"""Conditions under which `occurred_at` is in an index too."""
WRITTEN: Final[dict[str, tuple[type[Record], Table]]] = {
    "lots": (wire.LotRow, tables.lot),
    "allocations": (wire.AllocationRow, tables.allocation),
    "terms": (wire.TermRow, tables.lot_term),
    "hold_events": (wire.HoldEventRow, tables.hold_event),
    "levels": (wire.LevelRow, tables.level_history),
    "coupon_uses": (wire.CouponUseRow, coupon_tables.coupon_use),
}
"""What an operation writes besides its entries, by the field it is shown in."""
DEEPEST: Final = 20
"""Reversals of reversals are followed so far."""
AT_ONCE: Final = 500
ROLL_BACKS: Final = (OperationKind.SALE_ROLLBACK, OperationKind.REFUND_ROLLBACK)


def list_operations(asked: wire.ListOperations, reading: Reading) -> Page[wire.OperationRow]:
    """Operations of the user's divisions, the last one booked first."""
    operation = tables.operation
    _check_sort(asked)
    narrowed = []
    if reading.actor.divisions is not None:
        narrowed.append(operation.c.division_id.in_(sorted(reading.actor.divisions)))
    if asked.account_id is not None:
        entry = tables.entry
        mine = select(entry.c.operation_id).where(entry.c.account_id == asked.account_id)
        narrowed.append(operation.c.operation_id.in_(mine))
    query = msgspec.structs.replace(asked, sort=asked.sort or _own_order(asked))
    found = list_rows(reading.connection, OPERATIONS, query, *narrowed)
    rows = [wire.OperationRow(**dict(zip(COLUMNS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def _own_order(asked: wire.ListOperations) -> Sort:
    """Newest first; of a period by its days, so that no page sorts the whole period."""
    dated = any(one.field == "business_date" for one in asked.where)
    return LATEST_DAY_FIRST if dated else NEWEST_FIRST


def _check_sort(asked: wire.ListOperations) -> None:
    """Refuse an order that would have to be made anew for every page."""
    if asked.sort is None or asked.sort.field in SORTED:
        return
    owned = any(one.field in OWNERS and one.operator == "eq" for one in asked.where)
    if asked.sort.field != "occurred_at" or not owned:
        raise AppError(ErrorCode.FIELD_BAD, field="sort", value=asked.sort.field[:60])


def operation_of(reading: Reading, operation_id: int) -> Any:
    """The row of an operation of the user's divisions."""
    row = row_of(reading.connection, tables.operation, {"operation_id": operation_id})
    reading.actor.need_division(row.division_id)
    return row


def records_of(
    connection: Connection, record: type[Record], table: Table, *where: Any
) -> list[Any]:
    """Rows of a table as records of the contract, in the order of its key."""
    columns = [table.c[name] for name in record.__struct_fields__]
    rows = connection.execute(
        select(*columns).where(*where).order_by(*table.primary_key.columns)
    ).mappings()
    return [record(**row) for row in rows]


# ---------------------------------------------------------------------- one operation


def get_operation(asked: wire.GetOperation, reading: Reading) -> wire.OperationDetail:
    """An operation, what it wrote, and what became of it."""
    connection, key = reading.connection, asked.operation_id
    row = operation_of(reading, key)
    lines = connection.execute(
        select(tables.entry)
        .where(tables.entry.c.operation_id == key)
        .order_by(tables.entry.c.line_no)
    ).all()
    left = left_of(connection, {line.entry_id: line.amount for line in lines})
    reversed_by = _reversals(connection, key)
    return wire.OperationDetail(
        operation=wire.OperationRow(**{name: getattr(row, name) for name in COLUMNS}),
        refusal_facts=_json(row.refusal_args),
        entries=[_entry(line, left[line.entry_id]) for line in lines],
        **{field: _written(connection, field, key) for field in WRITTEN},
        reversed_by=reversed_by,
        reversal=_how_far(row, {line.entry_id: line.amount for line in lines}, left, reversed_by),
        has_trace=row.trace_hash is not None,
    )


def _written(connection: Connection, field: str, operation_id: int) -> list[Any]:
    """The operation's rows of one table; lots are found through the entries that made them."""
    record, table = WRITTEN[field]
    if table is tables.lot:
        entry = tables.entry
        made = select(entry.c.entry_id).where(entry.c.operation_id == operation_id)
        return records_of(connection, record, table, table.c.entry_id.in_(made))
    return records_of(connection, record, table, table.c.operation_id == operation_id)


def _json(text: str | None) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any]) if text else {}


def _entry(line: Any, left: int) -> wire.EntryRow:
    """The pair: what the account got, the house of the same type gave (domain 1.7)."""
    names = [name for name in wire.EntryRow.__struct_fields__ if name in tables.entry.c]
    return wire.EntryRow(
        **{name: getattr(line, name) for name in names},
        house_account_id=line.account_type_id,
        house_amount=-line.amount,
        left=left,
    )


def _reversals(connection: Connection, operation_id: int) -> list[wire.Reversal]:
    """Accepted operations that name this one, oldest first."""
    operation = tables.operation
    rows = connection.execute(
        select(
            operation.c.operation_id,
            operation.c.kind,
            operation.c.occurred_at,
            operation.c.check_total,
        )
        .where(operation.c.reverses_id == operation_id, operation.c.status == ACCEPTED)
        .order_by(operation.c.operation_id)
    ).all()
    undone = _rolled_back(connection, [row.operation_id for row in rows])
    return [
        wire.Reversal(**row._mapping, stands=row.operation_id not in undone)  # noqa: SLF001 - SQLAlchemy's public name
        for row in rows
    ]


def _rolled_back(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Which of them were undone as a whole: rolled back, or all their entries corrected."""
    operation, entry = tables.operation, tables.entry
    found: set[int] = set()
    for part in _parts(ids):
        found |= set(
            connection.execute(
                select(operation.c.reverses_id).where(
                    operation.c.reverses_id.in_(part),
                    operation.c.status == ACCEPTED,
                    operation.c.kind.in_(ROLL_BACKS),
                )
            ).scalars()
        )
        lines = connection.execute(
            select(entry.c.entry_id, entry.c.operation_id, entry.c.amount).where(
                entry.c.operation_id.in_(part)
            )
        ).all()
        left = left_of(connection, {line.entry_id: line.amount for line in lines})
        stands = {line.operation_id for line in lines if left[line.entry_id]}
        found |= {line.operation_id for line in lines} - stands
    return found


def left_of(connection: Connection, amounts: dict[int, int]) -> dict[int, int]:
    """What stands of each entry after its reversals, and theirs, to the last one."""
    entry = tables.entry
    left = dict(amounts)
    root = {entry_id: entry_id for entry_id in amounts}
    level = list(amounts)
    for _ in range(DEEPEST):
        following: list[int] = []
        for part in _parts(level):
            rows = connection.execute(
                select(entry.c.entry_id, entry.c.reverses_entry_id, entry.c.amount).where(
                    entry.c.reverses_entry_id.in_(part)
                )
            )
            for entry_id, reversed_id, amount in rows:
                root[entry_id] = root[reversed_id]
                left[root[entry_id]] += amount
                following.append(entry_id)
        level = following
        if not level:
            break
    return left


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _how_far(
    row: Any, amounts: dict[int, int], left: dict[int, int], reversals: list[wire.Reversal]
) -> int:
    """Not, in part or in full; what a full return forgave does not make it a part."""
    standing = [one for one in reversals if one.stands]
    totals: dict[int, int] = defaultdict(int)
    for one in standing:
        totals[one.kind] += one.check_total
    returned = -totals[OperationKind.REFUND]
    if any(one.kind in ROLL_BACKS for one in standing):
        return wire.FULLY_REVERSED
    if row.kind == OperationKind.SALE and 0 < row.check_total <= returned:
        return wire.FULLY_REVERSED
    if amounts and not any(left.values()):
        return wire.FULLY_REVERSED
    if not standing and left == amounts:
        return wire.NOT_REVERSED
    return wire.PARTLY_REVERSED if amounts or row.check_total else wire.FULLY_REVERSED


# ---------------------------------------------------------------------- explanation


def explain_operation(asked: wire.ExplainOperation, reading: Reading) -> wire.Explanation:
    """The stored trace."""
    row = operation_of(reading, asked.operation_id)
    trace = tables.operation_trace
    text = reading.connection.execute(
        select(trace.c.trace).where(trace.c.operation_id == asked.operation_id)
    ).scalar()
    return wire.Explanation(
        operation_id=row.operation_id,
        rule_version=row.rule_version,
        trace=_json(text) if text is not None else None,
        was_traced=row.trace_hash is not None,
    )
