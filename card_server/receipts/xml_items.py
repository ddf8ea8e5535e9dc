"""From the items of a Transaction message to operations: targets, directions, groups (1.2.1)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from card_server.accounts.records import CLASS_SPENT, Account
from card_server.classifiers.records import Classifier
from card_server.coupons.records import Coupon
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts
from card_server.receipts.keys import DIRECT, RETURN, SALE, iso_day
from card_server.receipts.records import XmlItem
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import COUNTER_SPAN, account_number


class Placed(msgspec.Struct, kw_only=True):
    """An item whose account is found, with the direction of its cheque and its key."""

    position: int
    item: XmlItem
    account: Account
    coupon: Coupon | None = None
    """Set for an item on a coupon's pseudo-account; `account` only stands for it then."""
    direction: str = DIRECT
    key: str = ""
    attempt_no: int = 1
    transaction_id: int = 0

    @property
    def group(self) -> tuple[object, ...]:
        """Items with the same value make one operation."""
        if not self.item.ext_id:
            return ("alone", self.position)
        sign = 0
        if self.direction == DIRECT:
            sign = -1 if self.item.amount < 0 else 1
        day = iso_day(self.item.ext_date)
        if self.coupon is not None and (self.direction == DIRECT or self.item.parent is not None):
            return ("coupon", self.item.ext_id, day, sign, self.item.parent)
        return (self.account.holder_id, self.item.ext_id, day, self.direction, sign)


def shown_number(book: Book, account: Account) -> str:
    """The account number of a reply; a coupon has only class and type 0."""
    if account.account_type_id == 0:
        prefix, counter = divmod(account.account_id, COUNTER_SPAN)
        return f"0.0.{counter:013d}.{prefix}"
    kind = book.type_of(account)
    return account_number(kind.account_class, kind.account_type_id, account.account_id)


def find_account(item: XmlItem, facts: Facts, book: Book, classifier: Classifier) -> Account:
    """The account an item means, or the refusal that names what was sent."""
    lost = AppError(
        ErrorCode.ACCOUNT_NOT_FOUND, account=item.account_text, number=item.account_text
    )
    if item.account_id is not None:
        holder_of = facts.account_holders.get(item.account_id)
        if holder_of is None:
            raise lost
        account = next(
            (a for a in book.accounts_of(holder_of) if a.account_id == item.account_id), None
        )
        if account is None:
            raise lost
        kind = book.type_of(account)
        if item.number_type is not None and (
            item.number_type != account.account_type_id or item.account_class != kind.account_class
        ):
            raise lost
        return account
    return _by_card(item, facts, book, classifier, lost)


def _by_card(
    item: XmlItem, facts: Facts, book: Book, classifier: Classifier, lost: AppError
) -> Account:
    card = facts.cards.get(item.card_code or 0)
    if card is None:
        card = facts.cards.get(facts.carriers.get(item.card_text, 0))
    if card is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=item.card_text or item.card_code)
    item.card_code = card.card_code
    if card.holder_id is None:
        raise AppError(ErrorCode.CARD_UNBOUND, card=item.card_code)
    if item.account_type_id is not None:
        account = book.account_of_type(card.holder_id, item.account_type_id)
        if account is None:
            raise lost
        return account
    linked = [
        account
        for account in book.accounts_of(card.holder_id)
        if (row := classifier.matrix.get(account.account_type_id)) is not None
        and (row.debit_allowed if item.amount < 0 else row.credit_allowed)
    ]
    if len(linked) != 1:
        raise AppError(ErrorCode.ACCOUNTS_MANY) if linked else lost
    return linked[0]


def give_directions(placed: Sequence[Placed], book: Book) -> None:
    """The cheque direction of every item (crm-xml.md 9.1)."""
    spent: dict[tuple[object, ...], list[XmlItem]] = {}
    for one in placed:
        if not one.item.ext_id or one.coupon is not None:
            continue
        if book.type_of(one.account).account_class == CLASS_SPENT:
            spent.setdefault(_cheque(one), []).append(one.item)
    for one in placed:
        if one.item.parent is not None:
            one.direction = RETURN
        elif one.item.ext_id and (items := spent.get(_cheque(one))):
            one.direction = _by_spent(one.item, items)


def _cheque(one: Placed) -> tuple[object, ...]:
    return (one.account.holder_id, one.item.ext_id, one.item.ext_date)


def _by_spent(item: XmlItem, spent: Sequence[XmlItem]) -> str:
    signs = {other.amount < 0 for other in spent}
    if len(signs) == 1:
        return RETURN if signs.pop() else SALE
    for other in spent:
        if other.ext_index == item.ext_index:
            return RETURN if other.amount < 0 else SALE
    return DIRECT
