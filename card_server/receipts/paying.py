"""Payments from accounts: one account after the other, each within its caps (domain 3.7)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from card_server.accounts.records import Account, AccountType
from card_server.classifiers.records import MatrixRow
from card_server.ledger.book import Book, Draft
from card_server.ledger.records import Entry, Purpose
from card_server.ledger.spending import check_account, debit, insufficient, money, worth
from card_server.receipts.dating import Dated
from card_server.schemes.rules import matches
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, scaled


class Share(msgspec.Struct, kw_only=True):
    """What one account gives: POS money and account units."""

    account: Account
    row: MatrixRow
    pos_amount: int
    amount: int


def check_time(book: Book, kind: AccountType, time_id: int | None, dated: Dated) -> None:
    """Refuse a side of the matrix whose time set does not match now."""
    if time_id is None:
        return
    time_set = book.rules.time_sets.get(time_id)
    local = dated.zone.local(dated.occurred_at)
    if time_set is None or not matches(time_set, local, dated.business_date):
        raise AppError(ErrorCode.TIME_FORBIDDEN, type=kind.name, time="")


def plan_payment(
    book: Book,
    holder_id: int,
    rows: Sequence[MatrixRow],
    amount: int,
    net: int | None,
    dated: Dated,
    allowed: frozenset[int] | None,
) -> list[Share]:
    """Split a payment of `amount` > 0 POS money over the accounts that serve it.

    `allowed` narrows the accounts of a limited card. Raises the reason if they cannot pay all.
    """
    left, available = amount, 0
    first_refusal: AppError | None = None
    capped: tuple[MatrixRow, int] | None = None
    shares: list[Share] = []
    for row in rows:
        if left == 0:
            break
        account = book.account_of_type(holder_id, row.account_type_id)
        if account is None or (allowed is not None and account.account_id not in allowed):
            continue
        kind = book.type_of(account)
        try:
            check_account(book, account)
            check_time(book, kind, row.debit_time_id, dated)
        except AppError as refusal:
            first_refusal = first_refusal or refusal
            continue
        funds = max(0, worth(book, account).spendable) * FULL_BP // max(1, row.debit_k_bp)
        available += funds
        cap = net * row.max_pay_bp // FULL_BP if net is not None else amount
        part = _within(left, funds, cap, row)
        if part < min(left, funds):
            capped = capped or (row, cap)
        if part > 0:
            units = scaled(part, row.debit_k_bp, kind.round_step, kind.round_mode)
            shares.append(Share(account=account, row=row, pos_amount=part, amount=units))
            left -= part
    if left == 0:
        return shares
    raise _why_short(first_refusal, capped, available, amount)


def _within(left: int, funds: int, cap: int, row: MatrixRow) -> int:
    """What one account may give of what is left, by cap, smallest payment and rest to keep."""
    part = min(left, funds, cap)
    if part < row.min_pay:
        return 0
    if row.keep_rest and funds - part < row.keep_rest and part != funds:
        part = max(0, funds - row.keep_rest)
    return part


def _why_short(
    refusal: AppError | None,
    capped: tuple[MatrixRow, int] | None,
    available: int,
    amount: int,
) -> AppError:
    if refusal is not None and available < amount:
        return refusal
    if capped is not None and available >= amount:
        row, cap = capped
        percent = f"{row.max_pay_bp / 100:g}%"
        return AppError(ErrorCode.CAP_EXCEEDED, percent=percent, sum=money(cap))
    return insufficient(available, amount)


def pay(book: Book, draft: Draft, shares: Sequence[Share]) -> list[Entry]:
    """Post the debits of a planned payment."""
    entries = []
    for share in shares:
        entries.append(
            debit(
                book,
                draft,
                share.account,
                share.amount,
                Purpose.PAY,
                pos_amount=share.pos_amount,
                k_bp=share.row.debit_k_bp,
                level_id=share.account.level_id,
            )
        )
        draft.operation.paid_accounts += share.pos_amount
    return entries
