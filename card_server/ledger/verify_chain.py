"""Walks a writer's hash chain link by link, with bounded memory (domain 3.15, I-22 to I-24)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, select

from card_server.classifiers import tables as classifier_tables
from card_server.coupons import tables as coupon_tables
from card_server.ledger import tables
from card_server.ledger.book import SUITE
from card_server.ledger.calendar import Zone, zone_of
from card_server.ledger.chain import (
    FIRST_LINK,
    Parts,
    document_hash,
    link,
    parts_by_operation,
)
from card_server.ledger.record_rows import columns_of
from card_server.ledger.records import (
    ACCEPTED,
    REFUSED,
    Allocation,
    CouponUse,
    Entry,
    HoldEvent,
    LevelHistory,
    Lot,
    LotTerm,
    Operation,
)
from card_server.ledger.verify_records import Findings, Progress, Scope

PAGE: Final = 500
NOTHING: Final = Parts([], [], [], [], [], [], [])
BYTES: Final = ("fingerprint", "prev_hash", "hash", "trace_hash", "doc_hash")
FAR: Final = datetime.max.replace(tzinfo=UTC)
LARGEST_SHIFT: Final = timedelta(days=2)
"""No zone and no start of day moves a business date farther from UTC than this."""


class Walked(NamedTuple):
    """How far a walk came."""

    operations: int
    last: int
    head: bytes


class Details(NamedTuple):
    """The detachable parts of one page of operations."""

    traces: dict[int, str]
    documents: dict[int, tuple[bytes, bytes]]


def walk(
    connection: Connection,
    scope: Scope,
    documents: Table,
    found: Findings,
    progress: Progress,
) -> Walked:
    """Check every link of the scope; stops at the first that is broken, for all later ones are."""
    previous = _hash_before(connection, scope)
    judge = _Judge(connection, found)
    number = scope.first
    for operation, parts, details in _links(connection, scope, documents):
        if not _is_link(found, operation, parts, number, previous):
            return Walked(number - scope.first, number - 1, previous)
        judge.look_at(operation, parts, details)
        previous = operation.hash
        number += 1
        if number % PAGE == 0:
            progress("links", number - scope.first, scope.last - scope.first + 1)
    if number - 1 != scope.last:
        expected, last = f"link {scope.last}", f"link {number - 1}"
        found.add("crm_writer", scope.writer_id, "I-22 head", expected, last)
    return Walked(number - scope.first, number - 1, previous)


def look_at_account(
    connection: Connection, account_id: int, documents: Table, found: Findings
) -> int:
    """Every operation that moved one account against its own stored link."""
    judge = _Judge(connection, found)
    entry, operation = tables.entry, tables.operation
    mine = select(entry.c.operation_id).where(entry.c.account_id == account_id)
    count = 0
    last = -1
    while True:
        where = (operation.c.operation_id.in_(mine), operation.c.operation_id > last)
        page = _operations(connection, where, operation.c.operation_id)
        if not page:
            return count
        for row, parts, details in _with_parts(connection, page, documents):
            count += 1
            _check_hash(found, row, parts, row.prev_hash)
            judge.look_at(row, parts, details)
        last = page[-1].operation_id


def _is_link(
    found: Findings, operation: Operation, parts: Parts, number: int, previous: bytes
) -> bool:
    row = operation.operation_id
    if operation.chain_no != number:
        found.add("crm_operation", row, "I-22 gap", number, operation.chain_no)
        return False
    if operation.prev_hash != previous:
        found.add("crm_operation", row, "I-22 link", previous, operation.prev_hash)
        return False
    return _check_hash(found, operation, parts, previous)


def _check_hash(found: Findings, operation: Operation, parts: Parts, previous: bytes) -> bool:
    computed = link(previous, operation, parts)
    found.check("crm_operation", operation.operation_id, "I-22 hash", computed, operation.hash)
    return computed == operation.hash


def _hash_before(connection: Connection, scope: Scope) -> bytes:
    if scope.first == 1:
        return FIRST_LINK
    table = tables.operation
    found = connection.execute(
        select(table.c.hash).where(
            table.c.writer_id == scope.writer_id, table.c.chain_no == scope.first - 1
        )
    ).scalar()
    return bytes(found) if found is not None else FIRST_LINK


def _links(
    connection: Connection, scope: Scope, documents: Table
) -> Iterator[tuple[Operation, Parts, Details]]:
    """Operations of a writer in chain order with the rows that belong to them."""
    table = tables.operation
    start = scope.first
    while start <= scope.last:
        where = (
            table.c.writer_id == scope.writer_id,
            table.c.chain_no >= start,
            table.c.chain_no <= scope.last,
        )
        page = _operations(connection, where, table.c.chain_no)
        if not page:
            return
        yield from _with_parts(connection, page, documents)
        start = page[-1].chain_no + 1


def _operations(connection: Connection, where: Any, order: Any) -> list[Operation]:
    rows = _rows(connection, tables.operation, Operation, where, order, PAGE)
    for row in rows:
        for name in BYTES:
            value = getattr(row, name)
            if value is not None:
                setattr(row, name, bytes(value))
    return rows


def _with_parts(
    connection: Connection, page: list[Operation], documents: Table
) -> Iterator[tuple[Operation, Parts, Details]]:
    ids = [operation.operation_id for operation in page]
    parts = _parts(connection, ids)
    details = _details(connection, ids, documents)
    for operation in page:
        yield operation, parts.get(operation.operation_id, NOTHING), details


def _rows(
    connection: Connection, table: Table, record: Any, where: Any, order: Any, limit: int | None
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
        where = (table.c.operation_id.in_(ids),)
        return _rows(connection, table, record, where, table.c[order], None)

    return parts_by_operation(
        entries=rows(tables.entry, Entry, "line_no"),
        lots=rows(tables.lot, Lot, "lot_id"),
        allocations=rows(tables.allocation, Allocation, "allocation_id"),
        terms=rows(tables.lot_term, LotTerm, "lot_id"),
        hold_events=rows(tables.hold_event, HoldEvent, "hold_id"),
        levels=rows(tables.level_history, LevelHistory, "account_id"),
        coupon_uses=rows(coupon_tables.coupon_use, CouponUse, "coupon_use_id"),
    )


def _details(connection: Connection, ids: list[int], documents: Table) -> Details:
    trace = tables.operation_trace
    traces = connection.execute(
        select(trace.c.operation_id, trace.c.trace).where(trace.c.operation_id.in_(ids))
    )
    bodies = connection.execute(
        select(documents.c.operation_id, documents.c.salt, documents.c.body).where(
            documents.c.operation_id.in_(ids), documents.c.body.is_not(None)
        )
    )
    return Details(
        {row[0]: row[1] for row in traces},
        {number: (bytes(salt or b""), bytes(body)) for number, salt, body in bodies},
    )


class _Judge:
    """What besides the hash must hold of a single operation and its own rows."""

    def __init__(self, connection: Connection, found: Findings) -> None:
        self._found = found
        self._zones = _zones(connection)

    def look_at(self, operation: Operation, parts: Parts, details: Details) -> None:
        self._check_refused(operation, parts)
        self._check_date(operation)
        self._check_details(operation, details)
        for entry in parts.entries:
            self._found.check(
                "crm_entry",
                entry.entry_id,
                "I-24 date",
                operation.business_date,
                entry.business_date,
            )
            if entry.amount == 0:
                self._found.add("crm_entry", entry.entry_id, "I-7 amount", "not 0", 0)

    def _check_refused(self, operation: Operation, parts: Parts) -> None:
        row, found = operation.operation_id, self._found
        if operation.status not in (ACCEPTED, REFUSED):
            found.add("crm_operation", row, "2.6 status", "1 or 2", operation.status)
        if operation.status != REFUSED:
            return
        count = sum(len(getattr(parts, name)) for name in parts.__struct_fields__)
        found.check("crm_operation", row, "I-5 refused", 0, count)

    def _check_date(self, operation: Operation) -> None:
        """Exact where the classifier has not been edited since; else by what any zone allows."""
        given = operation.ext_date or operation.shift_date
        if given is not None or operation.classifier_id == SUITE:
            # the suite's own operations take over the date of the sale they follow
            self._check_span(operation)
            return
        zone, changed_at = self._zones.get(operation.classifier_id, (None, FAR))
        if zone is None or changed_at > operation.recorded_at:
            self._check_span(operation)
            return
        self._found.check(
            "crm_operation",
            operation.operation_id,
            "I-24 business date",
            zone.business_date(operation.occurred_at),
            operation.business_date,
        )

    def _check_span(self, operation: Operation) -> None:
        if operation.ext_date is not None or operation.shift_date is not None:
            return
        day = operation.business_date
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        if abs(noon - operation.occurred_at) > LARGEST_SHIFT and operation.classifier_id != SUITE:
            self._found.add(
                "crm_operation",
                operation.operation_id,
                "I-24 business date",
                operation.occurred_at.date(),
                day,
            )

    def _check_details(self, operation: Operation, details: Details) -> None:
        row = operation.operation_id
        trace = details.traces.get(row)
        if trace is not None:
            computed = hashlib.sha256(trace.encode()).digest()
            self._found.check(
                "crm_operation_trace", row, "3.15 trace hash", operation.trace_hash, computed
            )
        document = details.documents.get(row)
        if document is not None:
            computed = document_hash(*document)
            self._found.check(
                "crm_operation_document", row, "3.15 document hash", operation.doc_hash, computed
            )


def _zones(connection: Connection) -> dict[int, tuple[Zone, datetime]]:
    table = classifier_tables.classifier
    rows = connection.execute(
        select(table.c.classifier_id, table.c.time_zone, table.c.day_start, table.c.updated_at)
    )
    return {number: (zone_of(name, start), at) for number, name, start, at in rows}


def first_link_since(connection: Connection, writer_id: int, day: date) -> int | None:
    """The first link recorded on or after a day (UTC); None if there is none."""
    table = tables.operation
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return connection.execute(
        select(table.c.chain_no)
        .where(table.c.writer_id == writer_id, table.c.recorded_at >= moment)
        .order_by(table.c.chain_no)
        .limit(1)
    ).scalar()


def last_link_at(connection: Connection, writer_id: int, moment: datetime) -> int:
    """The last link recorded at or before a moment; 0 if there is none."""
    table = tables.operation
    found = connection.execute(
        select(table.c.chain_no)
        .where(table.c.writer_id == writer_id, table.c.recorded_at <= moment)
        .order_by(table.c.chain_no.desc())
        .limit(1)
    ).scalar()
    return int(found or 0)
