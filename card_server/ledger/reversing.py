"""Undoing: giving spent value back to its lots, taking earned value back (domain 3.10)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.calendar import Zone
from card_server.ledger.crediting import cover, refresh, state_by_clock
from card_server.ledger.facts import History
from card_server.ledger.limits import COUNTED, uncount
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
from shared.wire.money import divide

SAME_LOTS: Final = 1
SAME_LOTS_WITH_GRACE: Final = 2
NOT_GIVEN_BACK: Final = 3
"""Policies of account_type.refund_burned."""

PENDING_ONLY: Final = 1
WITHIN_BALANCE: Final = 2
MAY_GO_NEGATIVE: Final = 3
RECEIVABLE: Final = 4
"""Policies of account_type.refund_earned."""


class TakenBack(msgspec.Struct, kw_only=True):
    """What a take-back came to."""

    entry: Entry | None
    taken: int
    forgiven: int = 0
    receivable: int = 0


def reversed_so_far(book: Book, history: History, entry: Entry) -> int:
    """How much of an entry is reversed, by earlier operations and inside the group."""
    wanted = entry.entry_id
    rows = {row.entry_id: row for row in history.reversing_entries}
    rows.update((row.entry_id, row) for row in book.rows.entries if row.reverses_entry_id)
    return sum(abs(row.amount) for row in rows.values() if row.reverses_entry_id == wanted)


def rest_of(book: Book, history: History, entry: Entry) -> int:
    """What of an entry may still be reversed: forgiven and burnt parts count as done (3.10)."""
    unposted = history.unposted.get(entry.entry_id, 0)
    return abs(entry.amount) - reversed_so_far(book, history, entry) - unposted


def burnt_of(book: Book, history: History, entry: Entry) -> int:
    """How much of the lots an entry made has burnt already."""
    root = history.roots.get(entry.entry_id, entry.entry_id)
    own = {lot.lot_id for lot in history.lots if lot.entry_id == root}
    now_expired = {row.entry_id for row in book.rows.entries if row.purpose == Purpose.EXPIRE}
    rows = {row.allocation_id: row for row in history.lot_allocations}
    rows.update((row.allocation_id, row) for row in book.rows.allocations if row.lot_id in own)
    return sum(
        row.amount
        for row in rows.values()
        if row.lot_id in own
        and (row.entry_id in history.expired_entries or row.entry_id in now_expired)
    )


def give_back(
    book: Book,
    draft: Draft,
    history: History,
    entry: Entry,
    amount: int,
    *,
    grace: date | None = None,
    revive: date | None = None,
    **facts: Any,
) -> Entry:
    """Return `amount` > 0 of the debit `entry`: first what no lot paid, then last lot first.

    `grace`: lots that would end earlier live through that day (policy 2). `revive`: only lots
    that died meanwhile do (roll-backs).
    """
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
    for row, rest in _open_allocations(book, history, entry):
        part = min(left, rest)
        if part <= 0:
            break
        lot = book.lot(row.lot_id)
        book.allocate(draft, lot, entry, -part, restores_id=row.allocation_id)
        dead = state_by_clock(lot, book.now) == LotState.DUE
        day = grace or (revive if dead else None)
        if day is not None:
            keep_lot(book, draft, lot, day, book.zone(draft.operation.classifier_id))
        book.set_lot(lot, "state", state_by_clock(lot, book.now))
        left -= part
    if left:
        message = f"entry {entry.entry_id}: no allocations for {left} of {amount} given back"
        raise LookupError(message)
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


def _open_allocations(book: Book, history: History, entry: Entry) -> list[tuple[Allocation, int]]:
    """Allocations of a debit that are not given back yet, last first, with their rests.

    Also those that this group wrote: a credit before us may have covered the debit.
    """
    known = {row.allocation_id: row for row in history.allocations}
    known.update((row.allocation_id, row) for row in book.rows.allocations)
    rests: dict[int, int] = {}
    for row in known.values():
        if row.entry_id == entry.entry_id:
            taken = row.restores_id if row.restores_id is not None else row.allocation_id
            rests[taken] = rests.get(taken, 0) + row.amount
    return [(known[i], rests[i]) for i in sorted(rests, reverse=True) if rests[i] > 0]


def keep_lot(book: Book, draft: Draft, lot: Lot, day: date, zone: Zone) -> bool:
    """Let a lot live to the end of a business day, never shorter than it does (I-16)."""
    until = zone.day_end(day)
    if lot.expires_at is None or lot.expires_at >= until:
        return False
    book.rows.lot_terms.append(
        LotTerm(
            lot_id=lot.lot_id,
            operation_id=draft.operation.operation_id,
            old_expires_at=lot.expires_at,
            new_expires_at=until,
        )
    )
    book.set_lot(lot, "expires_on", day)
    book.set_lot(lot, "expires_at", until)
    return True


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


def free_of(lot: Lot) -> int:
    """What of a lot no hold pins."""
    return max(0, lot.remaining - lot.held)


def take_back(
    book: Book,
    draft: Draft,
    history: History,
    entry: Entry,
    amount: int,
    *,
    policy: int = MAY_GO_NEGATIVE,
) -> TakenBack:
    """Take `amount` > 0 of the credit `entry` back: its own lots first, then by policy."""
    return take_from(
        book,
        draft,
        book.account(entry.account_id),
        amount,
        entry.purpose + REVERSAL,
        own=own_lots(book, history, entry),
        policy=policy,
        reverses_entry_id=entry.entry_id,
    )


def take_from(
    book: Book,
    draft: Draft,
    account: Account,
    amount: int,
    purpose: int,
    *,
    own: Sequence[Lot] = (),
    policy: int = MAY_GO_NEGATIVE,
    **facts: Any,
) -> TakenBack:
    """Take earned value back: pending and available own lots, then as the policy allows (3.10)."""
    pending = sum(free_of(lot) for lot in own if lot.available_at > book.now)
    if policy == MAY_GO_NEGATIVE or not book.type_of(account).has_limit:
        taken = amount
    elif policy == PENDING_ONLY:
        taken = min(amount, pending)
    else:
        figures = worth(book, account)
        taken = min(amount, pending + max(0, figures.shown - figures.held))
    made = None
    if taken > 0:
        made = book.add_entry(draft, account, -taken, purpose, **facts)
        if book.type_of(account).uses_lots:
            _empty(book, draft, account, made, own)
    forgiven = receivable = 0
    if taken < amount:
        if policy == RECEIVABLE and _owe(book, draft, account, amount - taken):
            receivable = amount - taken
        else:
            forgiven = amount - taken
    return TakenBack(entry=made, taken=taken, forgiven=forgiven, receivable=receivable)


def _empty(book: Book, draft: Draft, account: Account, made: Entry, own: Sequence[Lot]) -> None:
    """Lots pay a take-back: its own, then in burn order; the rest stays uncovered."""
    left = -made.amount
    for lot in own:
        part = min(left, free_of(lot))
        if part <= 0:
            continue
        book.allocate(draft, lot, made, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", LotState.CANCELLED)
        left -= part
    if left > 0:
        left = take_free(book, draft, account, made, left)
    if left > 0:
        rests = [*book.shelf(account.account_id).uncovered, (made, left)]
        book.set_uncovered(account, rests)
    refresh(book, account)


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


def undo(
    book: Book,
    draft: Draft,
    history: History,
    *,
    only: Collection[int] | None = None,
    sale: History | None = None,
) -> list[Entry]:
    """Exactly undo an operation's entries, or the chosen ones, whatever the policies say.

    What earlier operations reversed stays reversed; value that burnt is not taken twice; lots that
    died meanwhile live until the end of the next business day (3.10). `sale` is the sale of a
    refund that is undone, for its counters.
    """
    zone = book.zone(draft.operation.classifier_id)
    tomorrow = zone.business_date(book.now) + timedelta(days=1)
    made: list[Entry] = []
    for entry in reversed(history.entries):
        if only is not None and entry.entry_id not in only:
            continue
        rest = abs(entry.amount) - reversed_so_far(book, history, entry)
        if entry.amount > 0:
            rest = min(rest, entry.amount - burnt_of(book, history, entry))
        if rest <= 0:
            continue
        if entry.amount < 0:
            made.append(give_back(book, draft, history, entry, rest, revive=tomorrow))
            recount(book, draft, history, entry, rest)
            _as_money_of(made[-1], entry)
            continue
        taken = take_back(book, draft, history, entry, rest)
        if taken.entry is not None:
            made.append(taken.entry)
            _count_again(book, draft, sale, entry, rest)
            _as_money_of(taken.entry, entry)
    return made


def _as_money_of(made: Entry, entry: Entry) -> None:
    """What stands again for a part of a sale says for which POS money, as the sale did."""
    if entry.reverses_entry_id is None or entry.pos_amount is None:
        return
    part = divide(abs(entry.pos_amount) * abs(made.amount), abs(entry.amount))
    made.pos_amount = part if made.amount > 0 else -part
    made.k_bp = entry.k_bp


def open_payment(book: Book, history: History, account_id: int) -> int:
    """What the operation's payments from an account still come to."""
    return sum(
        -entry.amount - reversed_so_far(book, history, entry)
        for entry in history.entries
        if entry.account_id == account_id and entry.amount < 0 and entry.purpose in COUNTED
    )


def recount(book: Book, draft: Draft, history: History, entry: Entry, amount: int) -> None:
    """A payment of the history was given back by `amount`: its running periods count less."""
    if entry.purpose not in COUNTED or not book.rules.limits:
        return
    times = 0 if open_payment(book, history, entry.account_id) else 1
    account = book.account(entry.account_id)
    uncount(book, account, history.operation, draft.operation.business_date, amount, times)


def _count_again(book: Book, draft: Draft, sale: History | None, entry: Entry, amount: int) -> None:
    """The return of a payment is undone: the payment counts again."""
    if sale is None or entry.purpose - REVERSAL not in COUNTED or not book.rules.limits:
        return
    besides = open_payment(book, sale, entry.account_id) + _standing_again(book, sale, entry)
    times = 0 if besides > amount else 1
    account = book.account(entry.account_id)
    uncount(book, account, sale.operation, draft.operation.business_date, -amount, -times)


def _standing_again(book: Book, sale: History, entry: Entry) -> int:
    """What this group let stand again of the sale's payments from the entry's account."""
    returned = {
        row.entry_id
        for row in (*sale.reversing_entries, *book.rows.entries)
        if row.account_id == entry.account_id and row.amount > 0 and row.purpose >= REVERSAL
    }
    return -sum(
        row.amount
        for row in book.rows.entries
        if row.amount < 0 and row.reverses_entry_id in returned
    )
