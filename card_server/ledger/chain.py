"""The hash chain: what of an operation is protected, and how it is linked (domain 3.15).

`hash = SHA-256(version | previous hash | canonical text)`. The canonical text has a fixed order
of `name=value` lines: the operation, then its entries, lots, allocations, terms, hold events,
level rows and coupon uses, then the hashes of the detachable parts. Caches, the hash itself and
texts that may be erased are not in it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

import msgspec

from card_server.ledger.chain_text import allocation_text, entry_text, lot_text, operation_text
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

CHAIN_VERSION: Final = b"kartoteka-chain-1\n"
FIRST_LINK: Final = bytes(32)
PLAIN: Final = frozenset({int, str})

OPERATION_FIELDS: Final = tuple(
    name
    for name in Operation.__struct_fields__
    if name not in ("remarks", "trace_hash", "doc_hash", "prev_hash", "hash")
)
LOT_FIELDS: Final = tuple(
    name
    for name in Lot.__struct_fields__
    if name not in ("expires_on", "expires_at", "remaining", "held", "state")
)


class Parts(msgspec.Struct):
    """The rows that belong to one operation, in the order in which they are hashed."""

    entries: list[Entry] = []
    lots: list[Lot] = []
    allocations: list[Allocation] = []
    terms: list[LotTerm] = []
    hold_events: list[HoldEvent] = []
    levels: list[LevelHistory] = []
    coupon_uses: list[CouponUse] = []


def _text(value: Any) -> Any:
    """One value of the canonical text: integers in decimal, UTC to milliseconds, NULL empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat("T", "milliseconds")[:23]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return int(value) if isinstance(value, int) else value


def formatter(name: str, fields: Sequence[str]) -> Callable[[Any], str]:
    """What writes the canonical text of a kind of record."""
    pattern = f"[{name}]\n" + "".join(f"{field}=%s\n" for field in fields)
    values = attrgetter(*fields)

    def form(row: Any) -> str:
        return pattern % tuple(
            [v if type(v) in PLAIN else "" if v is None else _text(v) for v in values(row)]
        )

    return form


_term = formatter("term", LotTerm.__struct_fields__)
_hold_event = formatter("hold_event", HoldEvent.__struct_fields__)
_level = formatter("level", LevelHistory.__struct_fields__)
_use = formatter("coupon_use", CouponUse.__struct_fields__)


def canonical(operation: Operation, parts: Parts) -> bytes:
    """Everything about an operation that no one may change afterwards."""
    pieces = [operation_text(operation)]
    pieces += map(entry_text, parts.entries)
    pieces += map(lot_text, parts.lots)
    pieces += map(allocation_text, parts.allocations)
    if parts.terms or parts.hold_events or parts.levels or parts.coupon_uses:
        pieces += map(_term, parts.terms)
        pieces += map(_hold_event, parts.hold_events)
        pieces += map(_level, parts.levels)
        pieces += map(_use, parts.coupon_uses)
    trace = operation.trace_hash.hex() if operation.trace_hash else ""
    document = operation.doc_hash.hex() if operation.doc_hash else ""
    pieces.append(f"trace_hash={trace}\ndoc_hash={document}\n")
    return "".join(pieces).encode()


def link(previous: bytes, operation: Operation, parts: Parts) -> bytes:
    """The hash of an operation that follows `previous`."""
    digest = hashlib.sha256(CHAIN_VERSION)
    digest.update(previous)
    digest.update(canonical(operation, parts))
    return digest.digest()


def parts_by_operation(
    *,
    entries: Iterable[Entry] = (),
    lots: Iterable[Lot] = (),
    allocations: Iterable[Allocation] = (),
    terms: Iterable[LotTerm] = (),
    hold_events: Iterable[HoldEvent] = (),
    levels: Iterable[LevelHistory] = (),
    coupon_uses: Iterable[CouponUse] = (),
) -> dict[int, Parts]:
    """Rows of several operations, sorted out; within one they are ordered by their numbers.

    Rows that take a number when they are made come in its order; terms, hold events and levels
    carry the number of what they are about, and are brought into its order here.
    """
    found: dict[int, Parts] = defaultdict(_empty)
    for entry in entries:
        found[entry.operation_id].entries.append(entry)
    for lot in lots:
        found[lot.operation_id].lots.append(lot)
    for allocation in allocations:
        found[allocation.operation_id].allocations.append(allocation)
    for term in terms:
        found[term.operation_id].terms.append(term)
    for event in hold_events:
        found[event.operation_id].hold_events.append(event)
    for level in levels:
        found[level.operation_id].levels.append(level)
    for use in coupon_uses:
        found[use.operation_id].coupon_uses.append(use)
    for parts in found.values():
        parts.terms.sort(key=_lot_id)
        parts.hold_events.sort(key=_hold_id)
        parts.levels.sort(key=_account_id)
    return found


def _empty() -> Parts:
    return Parts([], [], [], [], [], [], [])


def _lot_id(term: LotTerm) -> int:
    return term.lot_id


def _hold_id(event: HoldEvent) -> int:
    return event.hold_id


def _account_id(level: LevelHistory) -> int:
    return level.account_id


def document_hash(salt: bytes, body: bytes) -> bytes:
    """Hash of a detachable document; salt and body go together at erasure."""
    return hashlib.sha256(salt + body).digest()
