"""Returns against their sale: what goes back to whom (domain 3.10).

In mode *crm* the figures are our own: of every account the part that the refunded net total has in
the whole, so that the result does not depend on the number or order of parts. In mode *pos* the
sums sent are booked, each within the rest of the sale, and missing ones are not invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from card_server.accounts.records import AccountType
from card_server.classifiers.records import MODE_CRM
from card_server.ledger.facts import History
from card_server.ledger.permitting import need_side
from card_server.ledger.records import ACCEPTED, REVERSAL, Entry, OperationKind, Purpose
from card_server.ledger.reversing import (
    MAY_GO_NEGATIVE,
    NOT_GIVEN_BACK,
    SAME_LOTS_WITH_GRACE,
    TakenBack,
    burnt_of,
    give_back,
    recount,
    rest_of,
    take_back,
    take_from,
)
from card_server.ledger.spending import money
from card_server.receipts.records import BONUS, DISCOUNT, PAYMENT, SPENDING, RelayLine
from card_server.receipts.selling import Till, account_for, book_side, earned_at, serving_row
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, divide, scaled

ORDER: Final = (PAYMENT, BONUS, SPENDING, DISCOUNT)
"""Inside a return: give back what was paid, take back earned, then spent, then discount."""


class Back(msgspec.Struct, kw_only=True, frozen=True):
    """What a return asks back: POS money of a kind, of one account where the caller names it."""

    kind: int
    amount: int
    account_id: int | None = None


def backs_of(lines: Iterable[RelayLine]) -> list[Back]:
    """The lines of a till's return, whatever their signs."""
    return [Back(kind=line.kind, amount=abs(line.amount)) for line in lines if line.amount]


def serves(kind: int, entry: Entry) -> bool:
    """The entry of a sale that a kind of line gives or takes back; direct ones by their sign."""
    if kind == PAYMENT:
        return entry.purpose == Purpose.PAY or (
            entry.purpose == Purpose.DIRECT and entry.amount < 0
        )
    if kind == BONUS:
        return entry.purpose in (Purpose.EARN, Purpose.TOP_UP) or (
            entry.purpose == Purpose.DIRECT and entry.amount > 0
        )
    return entry.purpose == (Purpose.SPENT if kind == SPENDING else Purpose.DISCOUNT)


def has_rest(till: Till, history: History) -> bool:
    """Something of the sale can still be returned."""
    return any(rest_of(till.book, history, entry) > 0 for entry in history.entries)


def refund(till: Till, history: History, backs: Sequence[Back], net: int) -> list[Entry]:
    """Book a return of `net` POS money of the cheque against its sale."""
    operation = till.draft.operation
    before = refunded_before(till, history)
    whole = history.operation.check_total
    if 0 < whole < before + net:
        raise too_big(whole - before, whole)
    by_target = till.classifier.calc_mode == MODE_CRM and whole > 0 and net > 0
    made: list[Entry] = []
    for kind in ORDER:
        if by_target and kind != DISCOUNT:
            made += _to_target(till, history, kind, before + net, whole)
            continue
        for account_id in dict.fromkeys(b.account_id for b in backs if b.kind == kind):
            amount = sum(b.amount for b in backs if (b.kind, b.account_id) == (kind, account_id))
            made += _as_sent(till, history, kind, amount, account_id)
    operation.check_total = -net
    return made


def refunded_before(till: Till, history: History) -> int:
    """The net total that standing returns of the sale have refunded, in this group too."""
    sale_id = history.operation.operation_id
    rows = {row.operation_id: row for row in history.reversing}
    rows.update(
        (row.operation_id, row)
        for row in till.book.rows.operations
        if row.reverses_id == sale_id and row.status == ACCEPTED
    )
    return sum(-row.check_total for row in rows.values() if row.kind == OperationKind.REFUND)


def too_big(rest: int, total: int) -> AppError:
    """More than the rest of the sale."""
    return AppError(ErrorCode.REFUND_TOO_BIG, rest=money(max(0, rest)), total=money(total))


def _to_target(till: Till, history: History, kind: int, refunded: int, whole: int) -> list[Entry]:
    """Bring every account of the sale to its share of what is refunded so far."""
    book, sale_id = till.book, history.operation.operation_id
    entries = [entry for entry in history.entries if serves(kind, entry)]
    made: list[Entry] = []
    for account_id in dict.fromkeys(entry.account_id for entry in entries):
        mine = [entry for entry in entries if entry.account_id == account_id]
        total = sum(abs(entry.amount) for entry in mine if entry.operation_id == sale_id)
        rests = {entry.entry_id: rest_of(book, history, entry) for entry in mine}
        done = total - sum(rests.values())
        left = max(0, divide(total * min(refunded, whole), whole) - done)
        for entry in reversed(mine):
            part = min(left, rests[entry.entry_id])
            if part > 0:
                made += _permitted(till, history, kind, entry, part)
                left -= part
    return made


def _as_sent(
    till: Till, history: History, kind: int, total: int, account_id: int | None
) -> list[Entry]:
    """Spread a kind's sum over the sale's entries: the last first, each up to its rest."""
    entries = [
        entry
        for entry in history.entries
        if serves(kind, entry) and account_id in (None, entry.account_id)
    ]
    if not entries and kind != PAYMENT and not till.strict:
        till.warn("line not booked by the sale", kind=kind, amount=total)
        return []
    left, available = total, 0
    made: list[Entry] = []
    for entry in reversed(entries):
        rest = rest_of(till.book, history, entry)
        money_back = _money_back(till, history, entry, rest)
        money_rest = abs(entry.pos_amount or entry.amount) - money_back
        available += money_rest
        part = min(left, money_rest)
        if part <= 0:
            continue
        units = rest
        if part < money_rest:
            target = _units(till, entry, money_back + part)
            units = max(0, min(rest, target - (abs(entry.amount) - rest)))
        made += _in_money(_permitted(till, history, kind, entry, units), entry, part, units)
        left -= part
    if left > 0:
        raise too_big(available, sum(abs(e.pos_amount or e.amount) for e in entries))
    return made


def _money_back(till: Till, history: History, entry: Entry, rest: int) -> int:
    """POS money that standing returns gave back of an entry, as they were sent.

    Counted in money, not in rounded units: parts then add up to the whole whatever their number.
    What was forgiven or is of older returns counts by its share of the entry.
    """
    rows = {row.entry_id: row for row in (*history.reversing_entries, *till.book.rows.entries)}
    mine = [row for row in rows.values() if row.reverses_entry_id == entry.entry_id]
    told = [row for row in mine if row.pos_amount is not None]
    silent = abs(entry.amount) - rest - sum(abs(row.amount) for row in told)
    sale_money = abs(entry.pos_amount or entry.amount)
    by_share = divide(max(0, silent) * sale_money, abs(entry.amount))
    return min(sale_money, by_share + sum(abs(row.pos_amount or 0) for row in told))


def _in_money(made: list[Entry], entry: Entry, part: int, units: int) -> list[Entry]:
    """Entries of a return say what POS money they stand for, as those of the sale do."""
    for row in made:
        money_part = divide(part * abs(row.amount), units)
        row.pos_amount = money_part if row.amount > 0 else -money_part
        row.k_bp = entry.k_bp
    return made


def _units(till: Till, entry: Entry, part: int) -> int:
    kind = till.book.rules.account_types[entry.account_type_id]
    return scaled(part, entry.k_bp or FULL_BP, kind.round_step, kind.round_mode)


def _permitted(
    till: Till, history: History, line_kind: int, entry: Entry, units: int
) -> list[Entry]:
    """A return needs the right that its sale needed; only a payment's lack refuses (3.2)."""
    kind = till.book.rules.account_types[entry.account_type_id]
    try:
        need_side(till.classifier, kind, debit=entry.amount < 0)
    except AppError as refusal:
        if line_kind == PAYMENT or till.strict:
            raise
        till.warn("line not booked", kind=line_kind, amount=units, why=refusal.code.value)
        return []
    return _reverse(till, history, entry, kind, units)


def _reverse(
    till: Till, history: History, entry: Entry, kind: AccountType, units: int
) -> list[Entry]:
    if units <= 0:
        return []
    if entry.amount > 0:
        return _take(till, history, entry, kind, units)
    book, draft = till.book, till.draft
    policy = kind.refund_burned if kind.uses_lots else 0
    if policy == NOT_GIVEN_BACK:
        till.warn("not given back", amount=units)
        _unposted(till, history, entry, units, TakenBack(entry=None, taken=0, forgiven=units), 0)
        return []
    grace = None
    if policy == SAME_LOTS_WITH_GRACE:
        today = till.dated.zone.business_date(book.now)
        grace = today + timedelta(days=kind.refund_grace_days)
    made = give_back(book, draft, history, entry, units, grace=grace)
    recount(book, draft, history, entry, units)
    return [made]


def _take(till: Till, history: History, entry: Entry, kind: AccountType, units: int) -> list[Entry]:
    """Take earned or spent back; what burnt of the own lots is not taken twice."""
    asked_before = entry.amount - rest_of(till.book, history, entry)
    skipped_before = history.skipped.get(entry.entry_id, 0)
    burnt = burnt_of(till.book, history, entry)
    due = max(0, asked_before + units - burnt) - (asked_before - skipped_before)
    due = min(units, max(0, due))
    taken = TakenBack(entry=None, taken=0)
    if due > 0:
        policy = kind.refund_earned if kind.has_limit else MAY_GO_NEGATIVE
        taken = take_back(till.book, till.draft, history, entry, due, policy=policy)
    if taken.taken < units:
        _unposted(till, history, entry, units, taken, units - due)
    return [taken.entry] if taken.entry is not None else []


def _unposted(
    till: Till, history: History, entry: Entry, asked: int, taken: TakenBack, burnt: int
) -> None:
    """Remember what was asked back without an entry: later returns count it as done."""
    lines = till.draft.trace.setdefault("refund", {}).setdefault("lines", [])
    lines.append(
        {
            "entry": entry.entry_id,
            "asked": asked,
            "taken": taken.taken,
            "forgiven": taken.forgiven,
            "receivable": taken.receivable,
            "burnt": burnt,
        }
    )
    for known, more in ((history.unposted, asked - taken.taken), (history.skipped, burnt)):
        before = known.get(entry.entry_id, 0)
        till.book.remember(known.__setitem__, entry.entry_id, before)
        known[entry.entry_id] = before + more


def unmatched(till: Till, backs: Sequence[Back], net: int) -> list[Entry]:
    """A return without its sale: spent and earned are taken back, nothing that was paid returns.

    In mode *crm* earned goes back by today's rate of the account.
    """
    till.warn("return without its sale")
    till.draft.operation.check_total = -net
    crm = till.classifier.calc_mode == MODE_CRM
    earned = earned_at(till, net) if crm else sum(b.amount for b in backs if b.kind == BONUS)
    made: list[Entry] = []
    if earned > 0:
        made += _lenient(till, BONUS, earned, lambda: _take_unmatched(till, BONUS, earned, crm))
    if net > 0:
        made += _lenient(till, SPENDING, net, lambda: _take_unmatched(till, SPENDING, net, False))
    discount = sum(b.amount for b in backs if b.kind == DISCOUNT)
    if discount > 0:
        made += book_side(till, RelayLine(card=0, person_id=0, kind=DISCOUNT, amount=discount))
    for back in backs:
        if back.kind == PAYMENT:
            till.warn("payment of an unknown sale not given back", amount=back.amount)
    return made


def _lenient(till: Till, kind: int, amount: int, work: Callable[[], list[Entry]]) -> list[Entry]:
    """Lines that are bookkeeping only are left out with a note, unless strict (3.2)."""
    try:
        return work()
    except AppError as refusal:
        if till.strict:
            raise
        till.warn("line not booked", kind=kind, amount=amount, why=refusal.code.value)
        return []


def _take_unmatched(till: Till, kind: int, amount: int, in_units: bool) -> list[Entry]:  # noqa: FBT001 - called by the two lines above
    row = serving_row(till, kind, debit=False)
    account = account_for(till, row)
    account_kind = till.book.type_of(account)
    units = amount
    if not in_units:
        units = scaled(amount, row.credit_k_bp, account_kind.round_step, account_kind.round_mode)
    purpose = Purpose.EARN if kind == BONUS else Purpose.SPENT
    policy = account_kind.refund_earned if account_kind.has_limit else MAY_GO_NEGATIVE
    taken = take_from(
        till.book,
        till.draft,
        account,
        units,
        purpose + REVERSAL,
        policy=policy,
        pos_amount=-amount,
        k_bp=row.credit_k_bp,
    )
    if taken.taken < units:
        till.warn("forgiven", amount=taken.forgiven, receivable=taken.receivable)
    return [taken.entry] if taken.entry is not None else []
