"""What the items of one XML operation book: sale, direct, return (crm-xml.md 8.6, 9.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from card_server.accounts.records import CLASS_DISCOUNT, CLASS_SPENT, AccountType
from card_server.classifiers.records import MODE_CRM, Classifier
from card_server.classifiers.rules import forbidden
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import LotSpec, credit, lot_terms
from card_server.ledger.facts import History
from card_server.ledger.records import Entry, Purpose
from card_server.ledger.spending import check_account, check_funds, debit
from card_server.receipts.dating import Dated
from card_server.receipts.keys import SALE
from card_server.receipts.paying import check_time
from card_server.receipts.records import (
    BONUS,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    RelayLine,
    XmlItem,
)
from card_server.receipts.refunding import refund
from card_server.receipts.selling import Till, earn, sell
from card_server.receipts.xml_items import Placed
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import scaled


def book_items(
    book: Book, draft: Draft, classifier: Classifier, group: Sequence[Placed], dated: Dated
) -> Iterator[Placed]:
    """Book the items in order; yields each before it is booked, so a refusal knows its item."""
    earned: list[Placed] = []
    for one in group:
        yield one
        if one.item.amount == 0:
            continue
        own_count = one.direction == SALE and classifier.calc_mode == MODE_CRM
        if own_count and _purpose(one, book.type_of(one.account)) == Purpose.EARN:
            earned.append(one)
            continue
        one.transaction_id = _book_item(book, draft, classifier, one, dated).entry_id
    if group[0].direction == SALE:
        spent = sum(
            one.item.amount
            for one in group
            if book.type_of(one.account).account_class == CLASS_SPENT
        )
        draft.operation.check_total = spent
        if classifier.calc_mode == MODE_CRM:
            _earn_ourselves(book, draft, classifier, group, dated, earned, spent)


def _earn_ourselves(
    book: Book,
    draft: Draft,
    classifier: Classifier,
    group: Sequence[Placed],
    dated: Dated,
    earned: list[Placed],
    net: int,
) -> None:
    """Mode *crm*: the caller's bonus credit is answered with the accrual that we made."""
    holder_id = group[0].account.holder_id
    if holder_id is None:
        return
    till = Till(book=book, draft=draft, classifier=classifier, holder_id=holder_id, dated=dated)
    for entry in earn(till, net, None):
        for one in earned:
            if one.account.account_id == entry.account_id:
                one.transaction_id = entry.entry_id


def _purpose(one: Placed, kind: AccountType) -> Purpose:
    if one.direction != SALE:
        return Purpose.DIRECT
    if kind.account_class == CLASS_SPENT:
        return Purpose.SPENT
    if kind.account_class == CLASS_DISCOUNT:
        return Purpose.DISCOUNT
    return Purpose.EARN if one.item.amount > 0 else Purpose.PAY


def _book_item(
    book: Book, draft: Draft, classifier: Classifier, one: Placed, dated: Dated
) -> Entry:
    kind = book.type_of(one.account)
    item = one.item
    row = classifier.matrix.get(kind.account_type_id)
    is_debit = item.amount < 0
    if row is None or not (row.debit_allowed if is_debit else row.credit_allowed):
        raise forbidden(kind, debit=is_debit, classifier=classifier)
    check_time(book, kind, row.debit_time_id if is_debit else row.credit_time_id, dated)
    check_account(book, one.account)
    k = row.debit_k_bp if is_debit else row.credit_k_bp
    units = scaled(abs(item.amount), k, kind.round_step, kind.round_mode)
    purpose = _purpose(one, kind)
    if is_debit:
        check_funds(book, one.account, units)
        if purpose == Purpose.PAY:
            draft.operation.paid_accounts += -item.amount
        return debit(
            book,
            draft,
            one.account,
            units,
            purpose,
            pos_amount=item.amount,
            k_bp=k,
            level_id=one.account.level_id,
        )
    lots = _lots(kind, item, units, dated) if kind.uses_lots else None
    return credit(
        book,
        draft,
        one.account,
        units,
        purpose,
        lots=lots,
        pos_amount=item.amount,
        k_bp=k,
        level_id=one.account.level_id,
    )


def _lots(kind: AccountType, item: XmlItem, units: int, dated: Dated) -> list[LotSpec] | None:
    if item.life is None and item.delay is None:
        return None
    spec = lot_terms(kind, units, dated.occurred_at, dated.zone, delay=item.delay, life=item.life)
    if spec.expires_at is not None and spec.expires_at <= spec.available_at:
        raise AppError(ErrorCode.BAD_LIFE, value=str(item.life))
    return [spec]


def return_items(
    book: Book,
    draft: Draft,
    classifier: Classifier,
    group: Sequence[Placed],
    dated: Dated,
    sales: Sequence[History],
) -> None:
    """A return is the sale's message with turned signs: it goes back by 3.10."""
    holder_id = group[0].account.holder_id or 0
    till = Till(book=book, draft=draft, classifier=classifier, holder_id=holder_id, dated=dated)
    lines = [(one, _return_line(one, book.type_of(one.account))) for one in group]
    for one, _line_of in lines:
        _need_link(classifier, one, book.type_of(one.account))
    if not sales:
        till.warn("return without its sale")
        for one, line in lines:
            if line.kind != PAYMENT and line.amount:
                made = sell(till, [line], None)
                one.transaction_id = made[-1].entry_id if made else 0
        return
    draft.operation.reverses_id = sales[0].operation.operation_id
    before = len(draft.entries)
    refund(till, sales[:1], [line for _, line in lines])
    for entry in draft.entries[before:]:
        for one, _line_of in lines:
            if one.account.account_id == entry.account_id and not one.transaction_id:
                same = (entry.amount > 0) == (one.item.amount > 0)
                one.transaction_id = entry.entry_id if same else 0


def _need_link(classifier: Classifier, one: Placed, kind: AccountType) -> None:
    """A return needs the link that its sale needed: the opposite side of its sign."""
    row = classifier.matrix.get(kind.account_type_id)
    sale_was_debit = one.item.amount > 0
    if row is None or not (row.debit_allowed if sale_was_debit else row.credit_allowed):
        raise forbidden(kind, debit=sale_was_debit, classifier=classifier)


def _return_line(one: Placed, kind: AccountType) -> RelayLine:
    if kind.account_class == CLASS_SPENT:
        return _line(SPENDING, one.item.amount)
    if kind.account_class == CLASS_DISCOUNT:
        return _line(DISCOUNT, one.item.amount)
    return _line(PAYMENT if one.item.amount > 0 else BONUS, one.item.amount)


def _line(kind: int, amount: int) -> RelayLine:
    return RelayLine(card=0, person_id=0, kind=kind, amount=amount)
