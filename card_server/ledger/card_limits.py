"""What a limited card may move: only the accounts of its list, some on narrower terms (1.4, I-50).

`credit_depth` narrows how far the account may go below zero by this card; `credit_limit` bounds
what one cheque may take from the account by this card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from card_server.accounts.records import Account
from card_server.cards.records import Card, CardAccount
from card_server.ledger.book import Book, Draft
from card_server.ledger.limits import paid_from
from card_server.ledger.spending import insufficient, worth
from shared.wire.errors import AppError, ErrorCode


class CardLimits:
    """The list of a limited card."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[CardAccount]) -> None:
        self._rows: Mapping[int, CardAccount] = {row.account_id: row for row in rows}

    def allows(self, account_id: int) -> bool:
        """The account is on the list."""
        return account_id in self._rows

    def room(self, book: Book, draft: Draft | None, account: Account) -> int:
        """What the card may still take from the account in this cheque."""
        row = self._rows.get(account.account_id)
        if row is None:
            return 0
        figures = worth(book, account, depth=row.credit_depth)
        if row.credit_limit is None:
            return figures.spendable
        return min(figures.spendable, row.credit_limit - paid_from(draft, account))


def limits_of(card: Card | None, rows: Mapping[int, Sequence[CardAccount]]) -> CardLimits | None:
    """The limits of a card; None for one that may move every account."""
    if card is None or not card.limited_accounts:
        return None
    return CardLimits(rows.get(card.card_code, ()))


def check_card_limits(
    book: Book, draft: Draft | None, limits: CardLimits | None, account: Account, amount: int
) -> None:
    """Refuse what a limited card may not take from an account."""
    if limits is None:
        return
    if not limits.allows(account.account_id):
        raise not_on_card(book, account)
    room = limits.room(book, draft, account)
    if room < amount:
        raise insufficient(room, amount)


def not_on_card(book: Book, account: Account) -> AppError:
    """The account is not on the card's list."""
    kind = book.type_of(account)
    return AppError(ErrorCode.ACCOUNT_BLOCKED, account=kind.name, type=kind.name, reason="card")
