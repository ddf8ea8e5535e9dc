"""Counts every cache anew from the immutable rows, never the other way (domain 3.15).

Runs in the caller's transaction, page by page of accounts. It first takes the writer's row, so
that on a server database no group can commit meanwhile; on the embedded one the caller has made
sure to be alone.
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, bindparam, func, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.classifiers import tables as classifier_tables
from card_server.coupons import tables as coupon_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.book import SUITE
from card_server.ledger.calendar import Zone, minute_of_day, zone_of
from card_server.ledger.chain import FIRST_LINK
from card_server.ledger.counters import Counters, count_limits, stored_counters
from card_server.ledger.recount import AccountFigures, recount
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.verify_accounts import count_accounts, pages
from card_server.ledger.verify_records import Progress, Scope
from card_server.ledger.verify_rows import Ledgered, LotRow

MOST_CHANGES: Final = 1000
"""Changes that the report shows one by one; all are counted."""
TICK: Final = timedelta(milliseconds=1)


class Change(msgspec.Struct, frozen=True):
    """One cache that was wrong."""

    table: str
    row_id: str
    column: str
    old: str
    new: str


class RebuildReport(msgspec.Struct, kw_only=True):
    """What was counted and what had to change."""

    accounts: int = 0
    changed: int = 0
    changes: list[Change] = []
    seconds: float = 0.0


def _quiet(_stage: str, _done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


def rebuild(connection: Connection, *, now: datetime, progress: Progress = _quiet) -> RebuildReport:
    """Bring every cache to what the immutable rows say at `now`."""
    started = time.monotonic()
    report = RebuildReport(changes=[])
    writing = _Writing(connection, report)
    _rebuild_writers(connection, writing)
    rules = load_rules(connection)
    _rebuild_house(connection, writing)
    scope = Scope(writer_id=1, last=0)
    of = count_accounts(connection, scope)
    days = _Days(connection, rules.settings)
    for page in pages(connection, scope):
        for one in page:
            kind = rules.account_types[one.account.account_type_id]
            figures = recount(one, uses_lots=kind.uses_lots, now=now)
            _set_account(writing, one, figures)
            _set_lots(writing, one, figures, days)
            _set_holds(writing, one, figures)
        writing.flush()
        report.accounts += len(page)
        progress("accounts", report.accounts, of)
    _rebuild_coupons(connection, writing)
    _rebuild_counters(connection, writing, count_limits(connection, rules))
    writing.flush()
    report.seconds = round(time.monotonic() - started, 3)
    return report


class _Writing:
    """Collects differing values table by table and writes them in bulk."""

    def __init__(self, connection: Connection, report: RebuildReport) -> None:
        self._connection = connection
        self._report = report
        self._pending: dict[tuple[str, tuple[str, ...], str], tuple[Table, list[Any]]] = {}

    def put(self, table: Table, key: dict[str, Any], column: str, old: Any, new: Any) -> None:
        """One value; nothing happens if it is right already."""
        if old == new:
            return
        report = self._report
        report.changed += 1
        if len(report.changes) < MOST_CHANGES:
            row_id = "/".join(str(value) for value in key.values())
            report.changes.append(Change(str(table.name), row_id, column, _shown(old), _shown(new)))
        place = (table.name, tuple(key), column)
        rows = self._pending.setdefault(place, (table, []))[1]
        rows.append({**{f"key_{name}": value for name, value in key.items()}, "new": new})

    def flush(self) -> None:
        """Write what was collected."""
        for (_, names, column), (table, rows) in self._pending.items():
            statement = update(table).values({column: bindparam("new")})
            for name in names:
                statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
            self._connection.execute(statement, rows)
        self._pending.clear()


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


class _Days:
    """The last usable day behind the end of an extension, under its operation's classifier."""

    def __init__(self, connection: Connection, settings: dict[str, str]) -> None:
        table = classifier_tables.classifier
        rows = connection.execute(
            select(table.c.classifier_id, table.c.time_zone, table.c.day_start)
        )
        self._zones: dict[int, Zone] = {n: zone_of(name, start) for n, name, start in rows}
        self._zones[SUITE] = zone_of(
            settings.get("system.time_zone", "Europe/Moscow"),
            minute_of_day(settings.get("system.day_start", "04:00")),
        )

    def last(self, one: Ledgered, lot: LotRow, figures: AccountFigures) -> date | None:
        """As issued, or the day that the last extension ends."""
        right = figures.lots[lot.lot_id]
        if right.extended_by is None or right.expires_at is None:
            issued: date | None = lot.first_expires_on
            return issued
        if right.expires_at == lot.expires_at and lot.expires_on is not None:
            zone = self._zone(one, right.extended_by)
            if abs(zone.business_date(right.expires_at - TICK) - lot.expires_on) <= ONE_DAY:
                kept: date = lot.expires_on
                return kept  # the extending sale's own zone is not stored, only its end
        return self._zone(one, right.extended_by).business_date(right.expires_at - TICK)

    def _zone(self, one: Ledgered, operation_id: int) -> Zone:
        classifier_id = one.operations[operation_id].classifier_id
        return self._zones.get(classifier_id, self._zones[SUITE])


ONE_DAY: Final = timedelta(days=1)


def _set_account(writing: _Writing, one: Ledgered, figures: AccountFigures) -> None:
    row = one.account
    key = {"account_id": row.account_id}
    for column in (
        "balance",
        "pending",
        "held",
        "uncovered",
        "next_lot_event_at",
        "last_operation_at",
    ):
        old, new = getattr(row, column), getattr(figures, column)
        writing.put(account_tables.account, key, column, old, new)


def _set_lots(writing: _Writing, one: Ledgered, figures: AccountFigures, days: _Days) -> None:
    for lot in one.lots:
        right = figures.lots[lot.lot_id]
        key = {"lot_id": lot.lot_id}
        for column in ("remaining", "held", "state", "expires_at"):
            writing.put(tables.lot, key, column, getattr(lot, column), getattr(right, column))
        writing.put(tables.lot, key, "expires_on", lot.expires_on, days.last(one, lot, figures))


def _set_holds(writing: _Writing, one: Ledgered, figures: AccountFigures) -> None:
    for hold in one.holds:
        right = figures.holds[hold.hold_id]
        key = {"hold_id": hold.hold_id}
        writing.put(tables.hold, key, "captured", hold.captured, right.captured)
        writing.put(tables.hold, key, "state", hold.state, int(right.state))


def _rebuild_house(connection: Connection, writing: _Writing) -> None:
    """House accounts keep no figures: theirs are derived (I-4)."""
    table = account_tables.account
    empty = {
        "balance": None,
        "pending": 0,
        "held": 0,
        "uncovered": 0,
        "next_lot_event_at": None,
        "last_operation_at": None,
    }
    rows = connection.execute(select(table).where(table.c.owner_kind == OWNER_HOUSE))
    for row in rows.mappings().all():
        for column, nothing in empty.items():
            key = {"account_id": row["account_id"]}
            writing.put(table, key, column, row[column], nothing)


def _rebuild_writers(connection: Connection, writing: _Writing) -> None:
    """The end of every chain; taking the row keeps every other writer out."""
    writer, operation = division_tables.writer, tables.operation
    connection.execute(update(writer).values(next_chain_no=writer.c.next_chain_no))
    for row in connection.execute(select(writer)).mappings().all():
        last = connection.execute(
            select(operation.c.chain_no, operation.c.hash)
            .where(operation.c.writer_id == row["writer_id"])
            .order_by(operation.c.chain_no.desc())
            .limit(1)
        ).first()
        number, head = (last.chain_no, bytes(last.hash)) if last is not None else (0, FIRST_LINK)
        key = {"writer_id": row["writer_id"]}
        writing.put(writer, key, "next_chain_no", row["next_chain_no"], number + 1)
        writing.put(writer, key, "head_hash", bytes(row["head_hash"]), head)
    writing.flush()


def _rebuild_coupons(connection: Connection, writing: _Writing) -> None:
    """Uses of a coupon less those that were undone."""
    coupon, use = coupon_tables.coupon, coupon_tables.coupon_use
    undone = use.alias("undone")
    counted = (
        select(use.c.coupon_id, func.count().label("uses"))
        .outerjoin(undone, undone.c.undoes_use_id == use.c.coupon_use_id)
        .where(use.c.undoes_use_id.is_(None), undone.c.coupon_use_id.is_(None))
        .group_by(use.c.coupon_id)
        .subquery()
    )
    uses = func.coalesce(counted.c.uses, 0)
    rows = connection.execute(
        select(coupon.c.coupon_id, coupon.c.uses, uses)
        .outerjoin(counted, counted.c.coupon_id == coupon.c.coupon_id)
        .where(coupon.c.uses != uses)
    ).all()
    for coupon_id, old, new in rows:
        writing.put(coupon, {"coupon_id": coupon_id}, "uses", old, int(new))


def _rebuild_counters(connection: Connection, writing: _Writing, right: Counters) -> None:
    table = account_tables.spend_counter
    stored = stored_counters(connection)
    for place in sorted(stored.keys() | right.figures.keys()):
        if not right.is_certain(place):
            continue
        old, new = stored.get(place), right.figures.get(place, (0, 0))
        key = dict(zip(("limit_id", "subject_id", "period_key"), place, strict=True))
        if old is None:
            _insert(connection, table, key)
            old = (0, 0)
        for column, was, now in zip(("used_amount", "used_count"), old, new, strict=True):
            writing.put(table, key, column, was, now)


def _insert(connection: Connection, table: Table, key: dict[str, Any]) -> None:
    connection.execute(table.insert().values(**key, used_amount=0, used_count=0))
