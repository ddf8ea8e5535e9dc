"""Proves the ledger: the hash chain link by link, balances and lots by sums (domain 3.15)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, func, select

from card_server.coupons import tables as coupon_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.chain import FIRST_LINK, Parts, link, parts_by_operation
from card_server.ledger.record_rows import columns_of
from card_server.ledger.records import (
    Allocation,
    CouponUse,
    Entry,
    HoldEvent,
    LevelHistory,
    Lot,
    LotTerm,
    Operation,
)
from card_server.ledger.verify_sums import sum_findings

PAGE: Final = 400
QUICK_LINKS: Final = 10_000
MOST_FINDINGS: Final = 100
NOTHING: Final = Parts([], [], [], [], [], [], [])

Progress = Callable[[int, int], None]


class Finding(msgspec.Struct, frozen=True):
    """One row that does not agree: where, which invariant, what was expected and found."""

    table: str
    row_id: str
    invariant: str
    expected: str
    found: str


class VerifyReport(msgspec.Struct, kw_only=True):
    """What a verification looked at and found; `ok` means nothing is wrong."""

    ok: bool
    full: bool
    operations: int
    findings: list[Finding]
    seconds: float


def verify(connection: Connection, *, full: bool, progress: Progress | None = None) -> VerifyReport:
    """Check every writer's chain and the sums; quick looks at the last 10 000 links."""
    started = time.monotonic()
    findings: list[Finding] = []
    checked = 0
    for writer in connection.execute(select(division_tables.writer)).mappings().all():
        count, found = _check_chain(connection, dict(writer), full=full, progress=progress)
        checked += count
        findings += found
    findings += [Finding(*row) for row in sum_findings(connection, MOST_FINDINGS)]
    return VerifyReport(
        ok=not findings,
        full=full,
        operations=checked,
        findings=findings[:MOST_FINDINGS],
        seconds=round(time.monotonic() - started, 3),
    )


def _check_chain(
    connection: Connection, writer: dict[str, Any], *, full: bool, progress: Progress | None
) -> tuple[int, list[Finding]]:
    """Numbers without gaps, hashes that recompute, a head that is the last link."""
    last = int(writer["next_chain_no"]) - 1
    first = 1 if full else max(1, last - QUICK_LINKS + 1)
    previous = FIRST_LINK if first == 1 else _hash_of(connection, writer["writer_id"], first - 1)
    number = first
    for operation, parts in _links(connection, writer["writer_id"], first):
        wrong = _check_link(operation, parts, number, previous)
        if wrong is not None:
            return number - first, [wrong]
        previous = operation.hash
        number += 1
        if progress is not None and number % PAGE == 0:
            progress(number - first, last - first + 1)
    head = bytes(writer["head_hash"])
    if number - 1 != last or previous != head:
        expected = f"{last} {head.hex()[:16]}"
        found = f"{number - 1} {previous.hex()[:16]}"
        row = str(writer["writer_id"])
        return number - first, [Finding("crm_writer", row, "I-22 head", expected, found)]
    return number - first, []


def _check_link(operation: Operation, parts: Parts, number: int, previous: bytes) -> Finding | None:
    row = str(operation.operation_id)
    if operation.chain_no != number:
        return Finding("crm_operation", row, "I-22 gap", str(number), str(operation.chain_no))
    if operation.prev_hash != previous:
        return Finding(
            "crm_operation", row, "I-22 link", previous.hex()[:16], operation.prev_hash.hex()[:16]
        )
    computed = link(previous, operation, parts)
    if computed != operation.hash:
        return Finding(
            "crm_operation", row, "I-22 hash", computed.hex()[:16], operation.hash.hex()[:16]
        )
    return None


def _hash_of(connection: Connection, writer_id: int, chain_no: int) -> bytes:
    table = tables.operation
    found = connection.execute(
        select(table.c.hash).where(table.c.writer_id == writer_id, table.c.chain_no == chain_no)
    ).scalar()
    return bytes(found) if found is not None else FIRST_LINK


def _links(connection: Connection, writer_id: int, first: int) -> Iterator[tuple[Operation, Parts]]:
    """Operations of a writer in chain order with the rows that belong to them."""
    table = tables.operation
    start = first
    while True:
        operations = [
            _bytes_kept(row)
            for row in _rows(
                connection,
                table,
                Operation,
                (table.c.writer_id == writer_id, table.c.chain_no >= start),
                table.c.chain_no,
                PAGE,
            )
        ]
        if not operations:
            return
        parts = _parts(connection, [operation.operation_id for operation in operations])
        for operation in operations:
            yield operation, parts.get(operation.operation_id, NOTHING)
        start = operations[-1].chain_no + 1


def _bytes_kept(operation: Operation) -> Operation:
    for name in ("fingerprint", "prev_hash", "hash", "trace_hash", "doc_hash"):
        value = getattr(operation, name)
        if value is not None:
            setattr(operation, name, bytes(value))
    return operation


def _rows(
    connection: Connection,
    table: Table,
    record: Any,
    where: Iterable[Any],
    order: Any,
    limit: int | None = None,
) -> list[Any]:
    names = columns_of(record)
    statement = select(*(table.c[column] for column in names.values())).where(*where)
    statement = statement.order_by(order)
    if limit is not None:
        statement = statement.limit(limit)
    keys = tuple(names)
    return [record(**dict(zip(keys, row, strict=True))) for row in connection.execute(statement)]


def _parts(connection: Connection, ids: list[int]) -> dict[int, Parts]:
    def rows(table: Table, record: Any, order: str) -> list[Any]:
        return _rows(connection, table, record, (table.c.operation_id.in_(ids),), table.c[order])

    entries = rows(tables.entry, Entry, "line_no")
    return parts_by_operation(
        entries=entries,
        lots=_lots(connection, [entry.entry_id for entry in entries]),
        allocations=rows(tables.allocation, Allocation, "allocation_id"),
        terms=rows(tables.lot_term, LotTerm, "lot_id"),
        hold_events=rows(tables.hold_event, HoldEvent, "hold_id"),
        levels=rows(tables.level_history, LevelHistory, "account_id"),
        coupon_uses=rows(coupon_tables.coupon_use, CouponUse, "coupon_use_id"),
    )


def _lots(connection: Connection, entry_ids: list[int]) -> list[Lot]:
    """Lots by the credits that made them: there is an index for that, and none by operation."""
    table = tables.lot
    found: list[Lot] = []
    for start in range(0, len(entry_ids), PAGE):
        where = (table.c.entry_id.in_(entry_ids[start : start + PAGE]),)
        found += _rows(connection, table, Lot, where, table.c.lot_id)
    return sorted(found, key=_lot_id)


def _lot_id(lot: Lot) -> int:
    return lot.lot_id


def count_operations(connection: Connection) -> int:
    """How many operations there are."""
    return int(connection.execute(select(func.count()).select_from(tables.operation)).scalar_one())
