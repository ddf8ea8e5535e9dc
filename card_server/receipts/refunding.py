"""Returns: finding the sale, what goes back to whom, and the exact undo of a roll-back (3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from card_server.classifiers.records import MODE_CRM
from card_server.ledger.book import Book, Draft
from card_server.ledger.facts import History
from card_server.ledger.records import Entry, OperationKind, Purpose
from card_server.ledger.reversing import (
    MAY_GO_NEGATIVE,
    NOT_GIVEN_BACK,
    SAME_LOTS,
    SAME_LOTS_WITH_GRACE,
    give_back,
    reversed_so_far,
    take_back,
)
from card_server.receipts.records import BONUS, DISCOUNT, PAYMENT, SPENDING, RelayLine
from card_server.receipts.selling import Till
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, divide, scaled

PURPOSES: Final = {
    PAYMENT: Purpose.PAY,
    DISCOUNT: Purpose.DISCOUNT,
    BONUS: Purpose.EARN,
    SPENDING: Purpose.SPENT,
}
ORDER: Final = (PAYMENT, BONUS, SPENDING, DISCOUNT)
"""Inside a return: give back what was paid, take back earned, then spent, then discount."""


def rest_of(history: History, entry: Entry) -> int:
    """How much of an entry can still be reversed."""
    return abs(entry.amount) - reversed_so_far(history, entry)


def refund(till: Till, histories: Sequence[History], lines: Sequence[RelayLine]) -> list[Entry]:
    """Book a return against its sale; in mode *pos* the sums sent, in *crm* our own targets."""
    if till.classifier.calc_mode == MODE_CRM:
        lines = _with_own_targets(histories, lines)
    made: list[Entry] = []
    for kind in ORDER:
        total = sum(abs(line.amount) for line in lines if line.kind == kind)
        if total:
            made += _refund_kind(till, histories, kind, total)
    spent = sum(abs(line.amount) for line in lines if line.kind == SPENDING)
    till.draft.operation.check_total = -spent
    return made


def _with_own_targets(histories: Sequence[History], lines: Sequence[RelayLine]) -> list[RelayLine]:
    """Earned points go back in the proportion of the refunded net total, never twice."""
    kept = [line for line in lines if line.kind != BONUS]
    now = sum(abs(line.amount) for line in lines if line.kind == SPENDING)
    net = sum(history.operation.check_total for history in histories)
    before = sum(
        -row.check_total
        for history in histories
        for row in history.reversing
        if row.kind == OperationKind.REFUND
    )
    if net <= 0 or now <= 0:
        return kept
    for history in histories:
        for entry in history.entries:
            if entry.purpose == Purpose.EARN:
                target = divide(entry.amount * min(net, before + now), net)
                amount = max(0, target - reversed_so_far(history, entry))
                k = entry.k_bp or FULL_BP
                line = RelayLine(card=0, person_id=0, kind=BONUS, amount=scaled(amount, k))
                kept.append(line)
    return kept


def _refund_kind(till: Till, histories: Sequence[History], kind: int, total: int) -> list[Entry]:
    """Spread a kind's sum over the sale's entries: the last first, each up to its rest."""
    purpose = PURPOSES[kind]
    open_entries = [
        (history, entry)
        for history in reversed(histories)
        for entry in reversed(history.entries)
        if entry.purpose == purpose and rest_of(history, entry) > 0
    ]
    left = total
    made: list[Entry] = []
    for history, entry in open_entries:
        if left == 0:
            break
        rest = rest_of(history, entry)
        sale_money = abs(entry.pos_amount or entry.amount)
        k = entry.k_bp or FULL_BP
        money_rest = divide(rest * sale_money, abs(entry.amount)) if entry.amount else 0
        part = min(left, money_rest)
        whole = part == money_rest
        account_kind = till.book.rules.account_types[entry.account_type_id]
        units = rest if whole else scaled(part, k, account_kind.round_step, account_kind.round_mode)
        made += _reverse(till, history, entry, min(units, rest))
        left -= part
    if left > 0:
        raise AppError(ErrorCode.REFUND_TOO_BIG, rest=total - left, total=total)
    return made


def _reverse(till: Till, history: History, entry: Entry, units: int) -> list[Entry]:
    if units <= 0:
        return []
    kind = till.book.rules.account_types[entry.account_type_id]
    if entry.amount < 0:
        policy = kind.refund_burned if entry.purpose == Purpose.PAY else SAME_LOTS
        keep = None
        if policy == SAME_LOTS_WITH_GRACE:
            today = till.dated.zone.business_date(till.book.now)
            keep = till.dated.zone.day_end(today + timedelta(days=kind.refund_grace_days))
        back = give_back(
            till.book, till.draft, history, entry, units, policy=policy, keep_until=keep
        )
        if policy == NOT_GIVEN_BACK:
            till.warn("not given back", amount=units)
        return _remember(history, [back] if back is not None else [])
    policy = kind.refund_earned if entry.purpose == Purpose.EARN else MAY_GO_NEGATIVE
    taken = take_back(till.book, till.draft, history, entry, units, policy=policy)
    if taken.forgiven or taken.receivable:
        till.draft.trace.setdefault("refund", {}).update(
            forgiven=taken.forgiven, receivable=taken.receivable
        )
    return _remember(history, [taken.entry] if taken.entry is not None else [])


def _remember(history: History, made: list[Entry]) -> list[Entry]:
    history.reversing_entries.extend(made)
    return made


def undo(book: Book, draft: Draft, history: History) -> list[Entry]:
    """Exactly undo every entry of an operation, whatever the policies (roll-back)."""
    made: list[Entry] = []
    zone = book.zone(draft.operation.classifier_id)
    tomorrow_end = zone.day_end(zone.business_date(book.now) + timedelta(days=1))
    for entry in reversed(history.entries):
        rest = rest_of(history, entry)
        if rest <= 0:
            continue
        if entry.amount < 0:
            dead = any(
                lot.expires_at is not None and lot.expires_at <= book.now
                for lot in history.touched_lots
            )
            until = tomorrow_end if dead else None
            back = give_back(book, draft, history, entry, rest, keep_until=until)
            if back is not None:
                made.append(back)
        else:
            taken = take_back(book, draft, history, entry, rest)
            if taken.entry is not None:
                made.append(taken.entry)
    return made
