"""What an account's caches must say, counted anew from the immutable rows (domain 1.6, 1.7).

One arithmetic for both: verify compares with it, rebuild writes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import msgspec

from card_server.ledger.records import HoldEventKind, HoldState, LotState, emptied_state
from card_server.ledger.verify_rows import (
    AllocationRow,
    EntryRow,
    EventRow,
    HoldRow,
    Ledgered,
    LotRow,
    TermRow,
)

ENDS = {
    HoldEventKind.VOID: HoldState.VOIDED,
    HoldEventKind.EXPIRE: HoldState.EXPIRED,
}


class LotFigures(msgspec.Struct, kw_only=True):
    """Caches of one lot."""

    remaining: int
    held: int
    state: int
    expires_at: datetime | None
    extended_by: int | None
    """The operation of the last extension; None means the lot lives as it was issued."""


class HoldFigures(msgspec.Struct, kw_only=True):
    """Caches of one hold."""

    captured: int
    state: int


class AccountFigures(msgspec.Struct, kw_only=True):
    """Caches of one account, with those of its lots and holds."""

    balance: int
    pending: int
    held: int
    uncovered: int
    next_lot_event_at: datetime | None
    last_operation_at: datetime | None
    lots: dict[int, LotFigures]
    holds: dict[int, HoldFigures]
    rests: dict[int, int]
    """Debit entry -> what no lot has paid, U(e); only on types with lots."""


def recount(one: Ledgered, *, uses_lots: bool, now: datetime) -> AccountFigures:
    """All figures of an account at a moment."""
    events: dict[int, list[EventRow]] = defaultdict(list)
    for event in one.events:
        events[event.hold_id].append(event)
    holds = {hold.hold_id: _hold(hold, events[hold.hold_id]) for hold in one.holds}
    lots = _lots(one, holds, now)
    rests = _rests(one.entries, one.allocations) if uses_lots else {}
    rows = [(lot, lots[lot.lot_id]) for lot in one.lots if lots[lot.lot_id].remaining > 0]
    moments = [_next_event(lot, figures, now) for lot, figures in rows]
    if sum(rests.values()) > 0:
        # value that became available and has not covered yet: the next posting shall settle it
        moments += [lot.available_at for lot, figures in rows if _is_free(lot, figures, now)]
    recorded = [one.operations[entry.operation_id].recorded_at for entry in one.entries]
    return AccountFigures(
        balance=sum(entry.amount for entry in one.entries),
        pending=sum(figures.remaining for lot, figures in rows if lot.available_at > now),
        held=sum(
            hold.amount - holds[hold.hold_id].captured
            for hold in one.holds
            if holds[hold.hold_id].state in (HoldState.OPEN, HoldState.PART_CAPTURED)
        ),
        uncovered=sum(rests.values()),
        next_lot_event_at=min((m for m in moments if m is not None), default=None),
        last_operation_at=max(recorded, default=None),
        lots=lots,
        holds=holds,
        rests=rests,
    )


def _next_event(lot: LotRow, figures: LotFigures, now: datetime) -> datetime | None:
    return lot.available_at if lot.available_at > now else figures.expires_at


def _is_free(lot: LotRow, figures: LotFigures, now: datetime) -> bool:
    alive = figures.expires_at is None or figures.expires_at > now
    return lot.available_at <= now and alive and figures.remaining > figures.held


def _rests(entries: Iterable[EntryRow], allocations: Iterable[AllocationRow]) -> dict[int, int]:
    rests = {entry.entry_id: -entry.amount for entry in entries if entry.amount < 0}
    for entry in entries:
        if entry.reverses_entry_id in rests:
            rests[entry.reverses_entry_id] -= abs(entry.amount)
    for row in allocations:
        if row.entry_id in rests:
            rests[row.entry_id] -= row.amount
    return rests


def _hold(hold: HoldRow, mine: list[EventRow]) -> HoldFigures:
    """The state that a hold's events lead to (domain 2.5)."""
    captured = sum(event.amount for event in mine if event.event == HoldEventKind.CAPTURE)
    state = HoldState.PART_CAPTURED if captured else HoldState.OPEN
    for event in mine:
        kind = HoldEventKind(event.event) if event.event in set(HoldEventKind) else None
        if kind in ENDS:
            released = kind == HoldEventKind.VOID and captured
            state = HoldState.RELEASED if released else ENDS[kind]
    if captured >= hold.amount:
        state = HoldState.CAPTURED
    return HoldFigures(captured=captured, state=state)


def _lots(one: Ledgered, holds: dict[int, HoldFigures], now: datetime) -> dict[int, LotFigures]:
    taken: dict[int, int] = defaultdict(int)
    last: dict[int, AllocationRow] = {}
    for row in one.allocations:
        taken[row.lot_id] += row.amount
        last[row.lot_id] = row
    held: dict[int, int] = defaultdict(int)
    for pin in one.pins:
        if holds[pin.hold_id].state in (HoldState.OPEN, HoldState.PART_CAPTURED):
            held[pin.lot_id] += pin.amount
    terms = _last_terms(one)
    purposes = {entry.entry_id: entry.purpose for entry in one.entries}
    figures = {}
    for lot in one.lots:
        term = terms.get(lot.lot_id)
        ends = term.new_expires_at if term is not None else lot.first_expires_at
        remaining = lot.amount - taken[lot.lot_id]
        state = _state(lot, remaining, ends, now)
        if remaining == 0 and lot.lot_id in last:
            state = emptied_state(purposes.get(last[lot.lot_id].entry_id, 0))
        figures[lot.lot_id] = LotFigures(
            remaining=remaining,
            held=held[lot.lot_id],
            state=state,
            expires_at=ends,
            extended_by=term.operation_id if term is not None else None,
        )
    return figures


def _state(lot: LotRow, remaining: int, ends: datetime | None, now: datetime) -> LotState:
    if remaining == 0:
        return LotState.SPENT
    if ends is not None and ends <= now:
        return LotState.DUE
    return LotState.PENDING if lot.available_at > now else LotState.AVAILABLE


def _last_terms(one: Ledgered) -> dict[int, TermRow]:
    last: dict[int, TermRow] = {}
    for term in sorted(one.terms, key=lambda term: one.chain_no(term.operation_id)):
        last[term.lot_id] = term
    return last
