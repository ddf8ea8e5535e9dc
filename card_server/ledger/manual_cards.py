"""A posting by hand that a guest's card asks for: the card must be usable and the account its."""

from __future__ import annotations

from card_server.accounts.records import Account
from card_server.cards.rules import check_usable, find_card
from card_server.ledger.card_limits import check_card_limits, limits_of
from card_server.ledger.manual_base import Work
from shared.wire.errors import AppError, ErrorCode


def check_card(work: Work, account: Account, amount: int) -> None:
    """Refuse a payment or hold of `amount` that the header's card may not make; none asks none."""
    code = work.draft.operation.card_code
    if code is None:
        return
    facts = work.facts
    card = find_card(facts.cards, code)
    served = None if work.is_suite else facts.card_classifiers.get(code)
    holder_id = check_usable(card, work.dated.business_date, work.classifier, served)
    if account.holder_id != holder_id:
        number = account.account_id
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=number, number=number)
    limits = limits_of(card, facts.card_accounts)
    check_card_limits(work.book, work.draft, limits, account, amount)
