"""Walks a writer's hash chain link by link, with bounded memory (domain 3.15, I-22 to I-24)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Table, func, select
from sqlalchemy.engine import Dialect

from card_server.classifiers import tables as classifier_tables
from card_server.coupons import tables as coupon_tables
from card_server.db.hot import GROUP_SIZES, HotSelect
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
from card_server.ledger.record_rows import columns_of, make
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

PAGE: Final = GROUP_SIZES[-1]
KEY: Final = BigInteger()
NOTHING: Final = Parts([], [], [], [], [], [], [])
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


Linked = tuple[Operation, Parts, Details]
"""An operation with its rows and the details of its page."""


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
    reader = _Reader(connection, 0, documents)
    entry = tables.entry
    mine = select(entry.c.operation_id).distinct().where(entry.c.account_id == account_id)
    count = 0
    last = -1
    while True:
        statement = mine.where(entry.c.operation_id > last).order_by(entry.c.operation_id)
        ids = list(connection.execute(statement.limit(PAGE)).scalars())
        if not ids:
            return count
        for row, parts, details in reader.ids(ids):
            count += 1
            _check_hash(found, row, parts, row.prev_hash)
            judge.look_at(row, parts, details)
        last = ids[-1]


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


class _Reader:
    """Pages of operations with their rows; the statements are prepared once."""

    def __init__(self, connection: Connection, writer_id: int, documents: Table) -> None:
        self._connection = connection
        dialect, operation, trace = connection.dialect, tables.operation, tables.operation_trace
        columns = [operation.c[name] for name in columns_of(Operation).values()]

        def operations(key: Any, order: Any, *conditions: Any) -> HotSelect[Operation]:
            return HotSelect(
                dialect,
                lambda keys: select(*columns).where(key.in_(keys), *conditions).order_by(order),
                make(Operation),
                KEY,
            )

        def parts(table: Table, record: Any, order: str) -> HotSelect[Any]:
            found = [table.c[name] for name in columns_of(record).values()]
            key = table.c.operation_id
            return HotSelect(
                dialect,
                lambda keys: select(*found).where(key.in_(keys)).order_by(table.c[order]),
                make(record),
                KEY,
            )

        number, mine = operation.c.chain_no, operation.c.writer_id == writer_id
        self._by_number = operations(number, number, mine)
        self._by_id = operations(operation.c.operation_id, operation.c.operation_id)
        self._parts = {
            "entries": parts(tables.entry, Entry, "line_no"),
            "allocations": parts(tables.allocation, Allocation, "allocation_id"),
            "terms": parts(tables.lot_term, LotTerm, "lot_id"),
            "hold_events": parts(tables.hold_event, HoldEvent, "hold_id"),
            "levels": parts(tables.level_history, LevelHistory, "account_id"),
            "coupon_uses": parts(coupon_tables.coupon_use, CouponUse, "coupon_use_id"),
        }
        # lots have no index by operation: they come by the entries that made them
        entry, lot = tables.entry, tables.lot
        columns_of_lot = [lot.c[name] for name in columns_of(Lot).values()]
        self._lots = HotSelect(
            dialect,
            lambda keys: (
                select(*columns_of_lot)
                .join(entry, entry.c.entry_id == lot.c.entry_id)
                .where(entry.c.operation_id.in_(keys))
                .order_by(lot.c.lot_id)
            ),
            make(Lot),
            KEY,
        )
        self._traces = _texts(dialect, trace.c.operation_id, trace.c.trace)
        self._documents = _texts(
            dialect, documents.c.operation_id, documents.c.salt, documents.c.body
        )

    def numbers(self, first: int, last: int) -> list[Linked]:
        """Operations by their numbers in the chain, a page at most."""
        cursor: Any = self._connection.connection.cursor()
        return self._filled(cursor, self._by_number.rows(cursor, range(first, last + 1)))

    def ids(self, ids: list[int]) -> list[Linked]:
        """Operations by their ids, a page at most."""
        cursor: Any = self._connection.connection.cursor()
        return self._filled(cursor, self._by_id.rows(cursor, ids))

    def _filled(self, cursor: Any, page: list[Operation]) -> list[Linked]:
        ids = [operation.operation_id for operation in page]
        rows = {name: statement.rows(cursor, ids) for name, statement in self._parts.items()}
        parts = parts_by_operation(**rows)
        owners = {entry.entry_id: entry.operation_id for entry in rows["entries"]}
        for lot in self._lots.rows(cursor, ids):
            # a lot that names another operation than its entry breaks the link of its entry
            parts[owners[lot.entry_id]].lots.append(lot)
        details = Details(
            dict(self._traces.rows(cursor, ids)),
            {
                number: (bytes(salt or b""), bytes(body))
                for number, salt, body in self._documents.rows(cursor, ids)
                if body is not None
            },
        )
        cursor.close()
        return [(row, parts.get(row.operation_id, NOTHING), details) for row in page]


def _texts(dialect: Dialect, key: Any, *columns: Any) -> HotSelect[tuple[Any, ...]]:
    """The key with some columns."""
    return HotSelect(dialect, lambda keys: select(key, *columns).where(key.in_(keys)), _row, KEY)


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def _links(connection: Connection, scope: Scope, documents: Table) -> Iterator[Linked]:
    """Operations of a writer in chain order with the rows that belong to them."""
    reader = _Reader(connection, scope.writer_id, documents)
    start = scope.first
    while start <= scope.last:
        end = min(start + PAGE - 1, scope.last)
        page = reader.numbers(start, end)
        yield from page
        start = end + 1
        if not page:  # a hole, or the end: on to the next number that there is
            following = _next_number(connection, scope, start)
            if following is None:
                return
            start = following


def _next_number(connection: Connection, scope: Scope, start: int) -> int | None:
    table = tables.operation
    return connection.execute(
        select(func.min(table.c.chain_no)).where(
            table.c.writer_id == scope.writer_id,
            table.c.chain_no >= start,
            table.c.chain_no <= scope.last,
        )
    ).scalar()


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
