"""Payments from accounts: one account after the other, each within its caps (domain 3.7).

Holds of the same order are captured first, whatever the order of priority (3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from card_server.accounts.records import Account
from card_server.classifiers.records import MatrixRow
from card_server.ledger.book import Book, Draft
from card_server.ledger.card_limits import CardLimits
from card_server.ledger.dating import Dated
from card_server.ledger.holding import capture_hold, holds_of_order, rest_of
from card_server.ledger.limits import Payer, count_payment, refusal_of
from card_server.ledger.permitting import check_time
from card_server.ledger.records import Entry, Hold, Purpose
from card_server.ledger.spending import (
    Worth,
    check_account,
    debit,
    held_elsewhere,
    insufficient,
    money,
    pending_only,
    worth,
)
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, scaled


class Share(msgspec.Struct, kw_only=True):
    """What one account gives: POS money and account units; out of a hold, or free."""

    account: Account
    row: MatrixRow
    pos_amount: int
    amount: int
    hold: Hold | None = None


class Wish(msgspec.Struct, kw_only=True):
    """A payment to be planned: of how much, in which cheque, by whom."""

    book: Book
    draft: Draft
    holder_id: int
    dated: Dated
    net: int | None = None
    """Net total of the cheque in POS money, for caps; None if it is not known."""
    card: CardLimits | None = None
    order: str | None = None
    """The order whose holds are captured first."""


def cap_of(wish: Wish, row: MatrixRow, account: Account) -> int | None:
    """The largest POS money the account may give to this cheque still; None without a cap."""
    if wish.net is None:
        return None
    whole = max(0, wish.net) * row.max_pay_bp // FULL_BP
    return max(0, whole - paid_money(wish.draft, account))


def paid_money(draft: Draft, account: Account) -> int:
    """POS money that the cheque has paid from the account so far."""
    return sum(
        abs(entry.pos_amount or entry.amount)
        for entry in draft.entries
        if entry.account_id == account.account_id and entry.purpose == Purpose.PAY
    )


def plan_payment(wish: Wish, rows: Sequence[MatrixRow], amount: int) -> list[Share]:
    """Split a payment of `amount` > 0 POS money over the accounts that serve it.

    Raises the reason if they cannot pay all.
    """
    shares = captures(wish, rows, amount)
    left = amount - sum(share.pos_amount for share in shares)
    why = _Why(amount=left)
    for row in rows:
        if left == 0:
            break
        account = wish.book.account_of_type(wish.holder_id, row.account_type_id)
        if account is None or (wish.card and not wish.card.allows(account.account_id)):
            continue
        part = _part(wish, row, account, left, why, shares)
        if part > 0:
            kind = wish.book.type_of(account)
            units = scaled(part, row.debit_k_bp, kind.round_step, kind.round_mode)
            if units == 0:  # less than half a step: nothing that could be taken pays nothing
                continue
            shares.append(Share(account=account, row=row, pos_amount=part, amount=units))
            left -= part
    if left:
        raise why.refusal()
    return shares


class _Why(msgspec.Struct):
    """Why accounts give less than is wanted; the most telling reason is told."""

    amount: int
    available: int = 0
    forbidden: AppError | None = None
    bound: AppError | None = None
    held: AppError | None = None
    held_sum: int = 0
    pending: AppError | None = None
    pending_sum: int = 0

    def refusal(self) -> AppError:
        """Forbidden accounts, then caps and limits, then holds and pending value, then funds."""
        if self.available >= self.amount and self.bound is not None:
            return self.bound
        if self.available < self.amount:
            if self.forbidden is not None:
                return self.forbidden
            if self.held is not None and self.available + self.held_sum >= self.amount:
                return self.held
            nothing_else = self.available == 0 and self.pending is not None
            if self.pending is not None and nothing_else and self.pending_sum >= self.amount:
                return self.pending
        return insufficient(self.available, self.amount)


def captures(wish: Wish, rows: Sequence[MatrixRow], amount: int) -> list[Share]:
    """Open holds of the order give first, in the order of the accounts."""
    shares: list[Share] = []
    left = amount
    for row in rows:
        account = wish.book.account_of_type(wish.holder_id, row.account_type_id)
        if account is None or account.held <= 0:
            continue
        classifier_id = wish.draft.operation.classifier_id
        kind = wish.book.type_of(account)
        for hold in holds_of_order(wish.book, account, classifier_id, wish.order):
            kept = rest_of(hold)
            part = min(left, kept * FULL_BP // max(1, row.debit_k_bp))
            if part <= 0:
                continue
            units = scaled(part, row.debit_k_bp, kind.round_step, kind.round_mode)
            if units == 0:
                continue
            shares.append(
                Share(
                    account=account,
                    row=row,
                    pos_amount=part,
                    amount=min(units, kept),
                    hold=hold,
                )
            )
            left -= part
    return shares


def _part(
    wish: Wish, row: MatrixRow, account: Account, left: int, why: _Why, shares: Sequence[Share]
) -> int:
    """What one account gives of what is left, within funds, caps and limits."""
    book, kind = wish.book, wish.book.type_of(account)
    try:
        check_account(book, account)
        check_time(book, kind, row.debit_time_id, wish.dated)
    except AppError as refusal:
        why.forbidden = why.forbidden or refusal
        return 0
    figures = worth(book, account)
    spendable = figures.spendable
    if wish.card is not None:
        spendable = min(spendable, wish.card.room(book, wish.draft, account))
    funds = money_within(max(0, spendable), row, kind.round_step)
    _note_funds(why, book, account, figures, funds)
    taken = sum(share.pos_amount for share in shares if share.account is account)
    cap = cap_of(wish, row, account)
    part = within(left, funds, cap if cap is None else max(0, cap - taken), row)
    if part < min(left, funds) and why.bound is None:
        why.bound = cap_exceeded(row, part if cap is None else cap)
    planned = sum(share.amount for share in shares if share.account is account)
    return _within_limits(wish, row, account, part, planned, why)


def _within_limits(
    wish: Wish, row: MatrixRow, account: Account, part: int, planned: int, why: _Why
) -> int:
    """Spend limits of the period may leave less; the payer learns which."""
    if part <= 0 or not wish.book.rules.limits:
        return part
    kind = wish.book.type_of(account)
    units = scaled(part, row.debit_k_bp, kind.round_step, kind.round_mode)
    payer = Payer.of(wish.draft.operation)
    room, refusal = refusal_of(wish.book, account, payer, units, wish.draft, planned)
    if refusal is None:
        return part
    why.bound = refusal
    return min(part, money_within(max(0, room), row, kind.round_step))


def money_within(units: int, row: MatrixRow, step: int) -> int:
    """POS money that account units cover; whole steps only, for a payment is rounded to them."""
    return (units - units % max(1, step)) * FULL_BP // max(1, row.debit_k_bp)


def _note_funds(why: _Why, book: Book, account: Account, figures: Worth, funds: int) -> None:
    why.available += funds
    if figures.held > 0:
        why.held = why.held or held_elsewhere(book, account)
        why.held_sum += figures.held
    if figures.pending > 0:
        why.pending = why.pending or pending_only(account, figures)
        why.pending_sum += figures.pending


def within(left: int, funds: int, cap: int | None, row: MatrixRow) -> int:
    """What one account may give of what is left, by cap, smallest payment and rest to keep."""
    part = min(left, funds) if cap is None else min(left, funds, cap)
    if part < row.min_pay:
        return 0
    if row.keep_rest and funds - part < row.keep_rest and part != funds:
        part = max(0, funds - row.keep_rest)
    return part


def cap_exceeded(row: MatrixRow, cap: int) -> AppError:
    """The refusal that says how much of the cheque the account may pay."""
    return AppError(ErrorCode.CAP_EXCEEDED, percent=f"{row.max_pay_bp / 100:g}%", sum=money(cap))


def check_caps(wish: Wish, row: MatrixRow, account: Account, money_wanted: int) -> None:
    """Refuse a named payment that the account's caps do not allow in full."""
    cap = cap_of(wish, row, account)
    funds = max(0, worth(wish.book, account).spendable) * FULL_BP // max(1, row.debit_k_bp)
    allowed = within(money_wanted, max(funds, money_wanted), cap, row)
    if allowed < money_wanted:
        raise cap_exceeded(row, allowed if cap is None else cap)


def pay(book: Book, draft: Draft, shares: Sequence[Share]) -> list[Entry]:
    """Post the debits of a planned payment."""
    entries = []
    for share in shares:
        facts: dict[str, Any] = {
            "pos_amount": share.pos_amount,
            "k_bp": share.row.debit_k_bp,
            "level_id": share.account.level_id,
        }
        if share.hold is not None:
            entry = capture_hold(book, draft, share.hold, share.amount, **facts)
        else:
            entry = debit(book, draft, share.account, share.amount, Purpose.PAY, **facts)
            count_payment(book, draft, share.account, share.amount)
        entries.append(entry)
        draft.operation.paid_accounts += share.pos_amount
    return entries
