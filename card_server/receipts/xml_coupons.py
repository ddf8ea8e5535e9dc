"""Items of the Transaction message on a coupon's pseudo-account `0.0.<code>.<prefix>` (8.6).

A positive amount uses the coupon (operation 25, or inside the sale of the same message), a
negative one with the same outside identity gives the use back (26, or inside the return).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from card_server.accounts.records import Account
from card_server.classifiers.records import UNMATCHED_ACCEPT, Classifier
from card_server.coupons.records import Coupon
from card_server.ledger.book import Book, Draft
from card_server.ledger.dating import Dated
from card_server.ledger.facts import Facts, History
from card_server.ledger.records import CouponUse, Operation, OperationKind
from card_server.receipts.coupon_using import (
    check_coupon,
    give_back,
    is_fully_returned,
    open_uses,
    return_uses,
    use,
)
from card_server.receipts.records import XmlItem
from card_server.receipts.xml_items import Placed
from shared.wire.errors import AppError, ErrorCode

COUPON_TYPE_ID = 0
"""Class and type 0 of the number stand for a coupon."""


def find_coupon(item: XmlItem, facts: Facts, book: Book) -> Coupon:
    """The coupon of a pseudo-account; code and prefix must both fit."""
    coupon_id = facts.coupons.get(item.coupon_code or "")
    if coupon_id is None or coupon_id != item.account_id:
        code = item.coupon_code or ""
        raise AppError(ErrorCode.COUPON_NOT_FOUND, coupon=code, code=code)
    return book.coupon(coupon_id)


def pseudo_account(coupon: Coupon, guest: int | None, now: datetime) -> Account:
    """What stands for the coupon among accounts: it has no balance and is never stored."""
    return Account(
        account_id=coupon.coupon_id,
        owner_kind=0,
        holder_id=guest if guest is not None else coupon.holder_id,
        account_type_id=COUPON_TYPE_ID,
        opened_at=now,
    )


def guest_in(item: XmlItem, placed: Sequence[Placed]) -> int | None:
    """Whose cheque the coupon is used in: the holder of the same cheque's other items."""
    if not item.ext_id:
        return None
    for one in placed:
        same = (one.item.ext_id, one.item.ext_date) == (item.ext_id, item.ext_date)
        if same and one.coupon is None:
            return one.account.holder_id
    return None


def coupon_kind(one: Placed) -> OperationKind:
    """The kind of an operation that only uses or gives back coupons."""
    return OperationKind.COUPON_RETURN if one.item.amount < 0 else OperationKind.COUPON_USE


def book_coupons(
    facts: Facts,
    book: Book,
    draft: Draft,
    classifier: Classifier,
    coupons: Sequence[Placed],
    dated: Dated,
    earlier: Sequence[Operation],
) -> None:
    """Use or give back every coupon of an operation; `earlier` holds the operations to look in."""
    for one in coupons:
        if one.coupon is None or one.item.amount == 0:
            continue
        if one.item.amount > 0:
            row: CouponUse | None = _use(facts, book, draft, classifier, one, one.coupon, dated)
        else:
            row = _give_back(facts, book, draft, classifier, one, one.coupon, earlier)
        if row is not None:
            one.transaction_id = row.coupon_use_id


def _use(
    facts: Facts,
    book: Book,
    draft: Draft,
    classifier: Classifier,
    one: Placed,
    coupon: Coupon,
    dated: Dated,
) -> CouponUse:
    guest = one.account.holder_id
    guests = frozenset({guest}) if guest is not None else frozenset[int]()
    check_coupon(facts, book, classifier, coupon, dated, guests=guests)
    if draft.operation.kind == OperationKind.COUPON_USE:
        draft.operation.check_total = one.item.amount
    return use(facts, book, draft.operation, coupon, one.item.amount, guest)


def _give_back(
    facts: Facts,
    book: Book,
    draft: Draft,
    classifier: Classifier,
    one: Placed,
    coupon: Coupon,
    earlier: Sequence[Operation],
) -> CouponUse | None:
    found = [
        row
        for row in open_uses(facts, (operation.operation_id for operation in earlier))
        if row.coupon_id == coupon.coupon_id
    ]
    if not found:
        if classifier.refund_unmatched != UNMATCHED_ACCEPT:
            raise AppError(ErrorCode.SALE_NOT_FOUND, ext=one.item.ext_id or "")
        warning = {"what": "no use of the coupon to give back", "coupon": coupon.coupon_id}
        draft.trace.setdefault("warnings", []).append(warning)
        return None
    operation = draft.operation
    if operation.kind == OperationKind.COUPON_RETURN:
        operation.reverses_id = found[-1].operation_id
        operation.check_total = one.item.amount
    return give_back(facts, book, operation, found[-1])


def with_return(
    facts: Facts, book: Book, draft: Draft, sales: Sequence[History], coupons: Sequence[Placed]
) -> None:
    """The full return of a sale gives back the coupons inside it that the message leaves out."""
    named = {one.account.account_id for one in coupons}
    for history in sales[:1]:
        if is_fully_returned(book, history, draft.operation):
            rows = open_uses(facts, [history.operation.operation_id])
            left = [row for row in rows if row.coupon_id not in named]
            return_uses(facts, book, draft.operation, left)
