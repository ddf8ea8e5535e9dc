"""Proves the ledger (domain 3.15): the hash chain link by link, every account step by step.

Reads only, in one transaction that sees one moment; memory is bounded whatever the size.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from card_server.accounts import tables as account_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.chain import FIRST_LINK
from card_server.ledger.counters import count_limits, stored_counters
from card_server.ledger.head_checking import check_heads
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.verify_accounts import count_accounts, pages
from card_server.ledger.verify_chain import (
    Walked,
    first_link_since,
    last_link_at,
    look_at_account,
    walk,
)
from card_server.ledger.verify_records import (
    QUICK_LINKS,
    Asked,
    Finding,
    Findings,
    Progress,
    Scope,
    VerifyReport,
)
from card_server.ledger.verify_replay import Replay, Terms, compare
from card_server.ledger.verify_sums import check_sums, totals


def _quiet(_stage: str, _done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


def verify(
    connection: Connection,
    asked: Asked | None = None,
    *,
    full: bool = False,
    now: datetime | None = None,
    public_key: bytes | None = None,
    progress: Progress = _quiet,
) -> VerifyReport:
    """Check what is asked for, or everything (`full`), or what quick means.

    `now` is for the caches that follow the clock; without it, the moment of the last link.
    """
    started = time.monotonic()
    asked = asked or Asked(full=full)
    now = now or _last_moment(connection)
    found = Findings()
    report = VerifyReport(ok=True, full=asked.full, operations=0, findings=[], seconds=0.0)
    report.notes = []
    kinds = _terms(connection)
    for writer in connection.execute(select(division_tables.writer)).mappings().all():
        scope = _scope(connection, dict(writer), asked)
        walked = _walk(connection, scope, found, progress)
        report.operations += walked.operations
        report.last_chain_no, report.head = walked.last, walked.head.hex()
        if scope.with_caches and scope.account_id is None:
            _check_head(dict(writer), walked, scope, found)
        report.accounts += _look_at_accounts(connection, scope, kinds, now, found, progress)
        check_sums(connection, scope, found, progress)
        if scope.with_caches and scope.account_id is None:
            _check_counters(connection, found, report.notes)
        if asked.account_id is None:
            report.totals = totals(connection, scope)
            report.signed_heads += check_heads(
                connection, scope.writer_id, scope.last, public_key, found, report.notes
            )
    report.findings = found.rows
    report.ok = not found.rows
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _scope(connection: Connection, writer: dict[str, Any], asked: Asked) -> Scope:
    writer_id = int(writer["writer_id"])
    last = int(writer["next_chain_no"]) - 1
    first = 1
    if asked.as_of is not None:
        last = last_link_at(connection, writer_id, asked.as_of)
    if asked.since_chain_no is not None:
        first = asked.since_chain_no
    elif asked.since is not None:
        first = first_link_since(connection, writer_id, asked.since) or last + 1
    elif not asked.full and asked.as_of is None and asked.account_id is None:
        first = last - QUICK_LINKS + 1
    return Scope(
        writer_id=writer_id,
        first=max(1, first),
        last=last,
        account_id=asked.account_id,
        with_caches=asked.as_of is None,
    )


def _last_moment(connection: Connection) -> datetime:
    found = connection.execute(select(func.max(tables.operation.c.recorded_at))).scalar()
    return found or datetime.min.replace(tzinfo=UTC)


def _documents() -> Table:
    """The table of detachable documents; the subject above the ledger writes it (1.12)."""
    return tables.operation.metadata.tables["crm_operation_document"]


def _walk(connection: Connection, scope: Scope, found: Findings, progress: Progress) -> Walked:
    documents = _documents()
    if scope.account_id is None:
        return walk(connection, scope, documents, found, progress)
    count = look_at_account(connection, scope.account_id, documents, found)
    return Walked(count, scope.last, FIRST_LINK)


def _check_head(writer: dict[str, Any], walked: Walked, scope: Scope, found: Findings) -> None:
    """The head that the writer goes on from is the last link."""
    if walked.last != scope.last:
        return  # the broken link was told already
    found.check("crm_writer", scope.writer_id, "I-22 head", walked.head, bytes(writer["head_hash"]))


def _look_at_accounts(
    connection: Connection,
    scope: Scope,
    kinds: dict[int, Terms],
    now: datetime,
    found: Findings,
    progress: Progress,
) -> int:
    of = count_accounts(connection, scope)
    done = 0
    for page in pages(connection, scope):
        for one in page:
            terms = kinds[one.account.account_type_id]
            if not one.is_untouched:
                Replay(one, terms, scope.last, found).run()
            if scope.with_caches:
                compare(one, terms.kind, now, found)
        done += len(page)
        progress("accounts", done, of)
        if found.is_full:
            break
    return done


def _check_counters(connection: Connection, found: Findings, notes: list[str]) -> None:
    """I-32: counters of spend limits; I-34 begins with the first campaign that is posted."""
    right, stored = count_limits(connection, load_rules(connection)), stored_counters(connection)
    for place in sorted(stored.keys() | right.figures.keys()):
        if right.is_certain(place):
            name = "/".join(map(str, place))
            expected, kept = right.figures.get(place, (0, 0)), stored.get(place, (0, 0))
            found.check("crm_spend_counter", name, "I-32 counter", expected, kept)
    unsure = sum(not right.is_certain(place) for place in stored)
    if unsure:
        notes.append(f"{unsure} spend counters were not counted: their limits were edited since")


def _terms(connection: Connection) -> dict[int, Terms]:
    kinds = load_rules(connection).account_types
    table = account_tables.account_type
    changed = connection.execute(select(table.c.account_type_id, table.c.updated_at))
    return {number: Terms(kinds[number], at) for number, at in changed if number in kinds}


def count_operations(connection: Connection) -> int:
    """How many operations there are."""
    return int(connection.execute(select(func.count()).select_from(tables.operation)).scalar_one())


__all__ = ["Asked", "Finding", "VerifyReport", "count_operations", "verify"]
