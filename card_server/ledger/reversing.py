"""Undoing: giving spent value back to its lots, taking earned value back (domain 3.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import cover, refresh, state_by_clock
from card_server.ledger.facts import History
from card_server.ledger.records import (
    REVERSAL,
    Allocation,
    Entry,
    Lot,
    LotState,
    LotTerm,
    Purpose,
)
from card_server.ledger.spending import take_free, worth

SAME_LOTS: Final = 1
SAME_LOTS_WITH_GRACE: Final = 2
NOT_GIVEN_BACK: Final = 3

PENDING_ONLY: Final = 1
WITHIN_BALANCE: Final = 2
MAY_GO_NEGATIVE: Final = 3
RECEIVABLE: Final = 4


class TakenBack(msgspec.Struct, kw_only=True):
    """What a take-back came to."""

    entry: Entry | None
    taken: int
    forgiven: int = 0
    receivable: int = 0


def reversed_so_far(history: History, entry: Entry) -> int:
    """How much of an entry earlier operations have reversed, as a positive amount."""
    return sum(
        abs(row.amount)
        for row in history.reversing_entries
        if row.reverses_entry_id == entry.entry_id
    )


def burnt_of(history: History, entry: Entry, expired_entries: frozenset[int]) -> int:
    """How much of the lots an entry made has burnt already."""
    own = {lot.lot_id for lot in history.lots if lot.entry_id == entry.entry_id}
    return sum(
        row.amount
        for row in history.lot_allocations
        if row.lot_id in own and row.entry_id in expired_entries
    )


def give_back(
    book: Book,
    draft: Draft,
    history: History,
    entry: Entry,
    amount: int,
    *,
    policy: int = SAME_LOTS,
    keep_until: datetime | None = None,
    **facts: Any,
) -> Entry | None:
    """Return `amount` > 0 of the debit `entry`: first what no lot paid, then last lot first.

    `keep_until` is the end of grace: lots that would end earlier live until then (policy 2 and
    roll-backs). Policy 3 gives nothing back.
    """
    if policy == NOT_GIVEN_BACK or amount <= 0:
        return None
    account = book.account(entry.account_id)
    back = book.add_entry(
        draft,
        account,
        amount,
        entry.purpose + REVERSAL,
        reverses_entry_id=entry.entry_id,
        **facts,
    )
    if not book.type_of(account).uses_lots:
        return back
    left = amount - _reduce_uncovered(book, account, entry, amount)
    for row, rest in _open_allocations(history, entry):
        part = min(left, rest)
        if part <= 0:
            break
        lot = book.lot(row.lot_id)
        restored = book.allocate(draft, lot, entry, -part, restores_id=row.allocation_id)
        history.allocations.append(restored)
        if keep_until is not None:
            _keep(book, draft, lot, keep_until)
        book.set_lot(lot, "state", state_by_clock(lot, book.now))
        left -= part
    refresh(book, account)
    cover(book, draft, account)
    return back


def _reduce_uncovered(book: Book, account: Account, entry: Entry, amount: int) -> int:
    rests: list[tuple[Entry, int]] = []
    reduced = 0
    for debit, rest in book.shelf(account.account_id).uncovered:
        if debit.entry_id == entry.entry_id:
            reduced = min(rest, amount)
            if rest > reduced:
                rests.append((debit, rest - reduced))
        else:
            rests.append((debit, rest))
    if reduced:
        book.set_uncovered(account, rests)
    return reduced


def _open_allocations(history: History, entry: Entry) -> list[tuple[Allocation, int]]:
    """Allocations of a debit that are not given back yet, last first, with their rests."""
    rests: dict[int, int] = {}
    rows: dict[int, Allocation] = {}
    for row in history.allocations:
        if row.entry_id != entry.entry_id:
            continue
        if row.restores_id is None:
            rows[row.allocation_id] = row
            rests[row.allocation_id] = rests.get(row.allocation_id, 0) + row.amount
        else:
            rests[row.restores_id] = rests.get(row.restores_id, 0) + row.amount
    order = sorted(rows, reverse=True)
    return [(rows[i], rests[i]) for i in order if rests[i] > 0]


def _keep(book: Book, draft: Draft, lot: Lot, until: datetime) -> None:
    """Move the end of a lot later, never earlier (I-16)."""
    if lot.expires_at is None or lot.expires_at >= until:
        return
    book.rows.lot_terms.append(
        LotTerm(
            lot_id=lot.lot_id,
            operation_id=draft.operation.operation_id,
            old_expires_at=lot.expires_at,
            new_expires_at=until,
        )
    )
    zone = book.zone(draft.operation.classifier_id)
    book.set_lot(lot, "expires_on", zone.business_date(until) - timedelta(days=1))
    book.set_lot(lot, "expires_at", until)


def own_lots(book: Book, history: History, entry: Entry) -> list[Lot]:
    """The lots a credit made; for a give-back, the lots it filled again."""
    root = history.roots.get(entry.entry_id, entry.entry_id)
    made = [lot for lot in history.lots if lot.entry_id == root]
    if made or entry.reverses_entry_id is None:
        return made
    filled = dict.fromkeys(
        row.lot_id
        for row in history.allocations
        if row.operation_id == history.operation.operation_id and row.amount < 0
    )
    lots = [book.lot(lot_id) for lot_id in filled]
    return [lot for lot in lots if lot.account_id == entry.account_id]


def take_back(
    book: Book,
    draft: Draft,
    history: History,
    entry: Entry,
    amount: int,
    *,
    policy: int = MAY_GO_NEGATIVE,
    **facts: Any,
) -> TakenBack:
    """Take `amount` > 0 of the credit `entry` back: its own lots first, then by policy."""
    account = book.account(entry.account_id)
    kind = book.type_of(account)
    own = own_lots(book, history, entry)
    from_own = min(amount, sum(max(0, lot.remaining - lot.held) for lot in own))
    if policy == MAY_GO_NEGATIVE or not kind.has_limit:
        taken = amount
    elif policy == PENDING_ONLY:
        still_pending = sum(
            lot.remaining - lot.held for lot in own if lot.state == LotState.PENDING
        )
        taken = min(amount, still_pending)
    else:
        figures = worth(book, account)
        rest = max(0, figures.shown - figures.held - from_own)
        taken = min(amount, from_own + rest) if kind.uses_lots else min(amount, figures.shown)
        taken = max(0, taken)
    made = None
    if taken > 0:
        made = _debit_back(book, draft, account, entry, own, taken, facts)
    forgiven = receivable = 0
    if taken < amount:
        if policy == RECEIVABLE and _owe(book, draft, account, amount - taken):
            receivable = amount - taken
        else:
            forgiven = amount - taken
    return TakenBack(entry=made, taken=taken, forgiven=forgiven, receivable=receivable)


def _debit_back(
    book: Book,
    draft: Draft,
    account: Account,
    entry: Entry,
    own: list[Lot],
    taken: int,
    facts: dict[str, Any],
) -> Entry:
    made = book.add_entry(
        draft,
        account,
        -taken,
        entry.purpose + REVERSAL,
        reverses_entry_id=entry.entry_id,
        **facts,
    )
    if not book.type_of(account).uses_lots:
        return made
    left = taken
    for lot in own:
        part = min(left, lot.remaining - lot.held)
        if part <= 0:
            continue
        book.allocate(draft, lot, made, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", LotState.CANCELLED)
        left -= part
    if left > 0:
        left = take_free(book, draft, account, made, left, LotState.CANCELLED)
    if left > 0:
        rests = [*book.shelf(account.account_id).uncovered, (made, left)]
        book.set_uncovered(account, rests)
    refresh(book, account)
    return made


def _owe(book: Book, draft: Draft, account: Account, amount: int) -> bool:
    """Debit the linked receivable account (policy 4)."""
    type_id = book.type_of(account).receivable_type_id
    kind = book.rules.account_types.get(type_id) if type_id is not None else None
    if kind is None or account.holder_id is None:
        return False
    owed = book.account_of_type(account.holder_id, kind.account_type_id)
    if owed is None:
        owed = book.open_account(account.holder_id, kind)
    book.add_entry(draft, owed, -amount, Purpose.RECEIVABLE)
    return True
