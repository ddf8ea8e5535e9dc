"""What the items of one XML operation book: sale, direct, return (crm-xml.md 8.6, 9.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from card_server.accounts.records import CLASS_DISCOUNT, CLASS_SPENT, Account, AccountType
from card_server.classifiers.records import MODE_CRM, Classifier, MatrixRow
from card_server.classifiers.rules import forbidden
from card_server.ledger.book import Book, Draft
from card_server.ledger.card_limits import CardLimits, check_card_limits
from card_server.ledger.crediting import LotSpec, credit, lot_terms
from card_server.ledger.dating import Dated
from card_server.ledger.facts import History
from card_server.ledger.limits import COUNTED, Payer, check_limits, count_payment
from card_server.ledger.permitting import check_side, check_time, need_side
from card_server.ledger.records import Entry, Purpose
from card_server.ledger.spending import check_account, check_funds, debit
from card_server.receipts.keys import SALE
from card_server.receipts.paying import Share, Wish, captures, check_caps, pay
from card_server.receipts.records import BONUS, DISCOUNT, PAYMENT, SPENDING, XmlItem
from card_server.receipts.refunding import Back, has_rest, refund, unmatched
from card_server.receipts.selling import Till, earn
from card_server.receipts.xml_items import Placed
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import scaled


def book_items(
    book: Book,
    draft: Draft,
    classifier: Classifier,
    group: Sequence[Placed],
    dated: Dated,
    cards: Mapping[int, CardLimits | None],
) -> Iterator[Placed]:
    """Book the items in order; yields each before it is booked, so a refusal knows its item.

    `cards` are the limits of the cards that items came by, by position.
    """
    earned: list[Placed] = []
    sale = group[0].direction == SALE
    net = _net_of(group, book) if sale else None
    for one in group:
        yield one
        if one.item.amount == 0:
            continue
        own_count = one.direction == SALE and classifier.calc_mode == MODE_CRM
        if own_count and _purpose(one, book.type_of(one.account)) == Purpose.EARN:
            earned.append(one)
            continue
        wish = Wish(
            book=book,
            draft=draft,
            holder_id=one.account.holder_id or 0,
            dated=dated,
            net=net,
            card=cards.get(one.position),
            order=one.item.ext_id if sale else None,
        )
        entry = _book_item(wish, classifier, one)
        one.transaction_id = entry.entry_id if entry is not None else 0
    if sale:
        draft.operation.check_total = net or 0
        if classifier.calc_mode == MODE_CRM:
            _earn_ourselves(book, draft, classifier, group, dated, earned, net or 0)


def _net_of(group: Sequence[Placed], book: Book) -> int:
    """What the cheque came to: its items on the spent account."""
    return sum(
        one.item.amount for one in group if book.type_of(one.account).account_class == CLASS_SPENT
    )


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


def _book_item(wish: Wish, classifier: Classifier, one: Placed) -> Entry | None:
    """The item's entry; None if its sum rounds to nothing, which moves nothing (I-41)."""
    book, draft, item, account = wish.book, wish.draft, one.item, one.account
    kind = book.type_of(account)
    if item.amount < 0:
        return _debit_item(wish, classifier, one, kind)
    row = check_side(book, classifier, account, wish.dated, debit=False)
    check_account(book, account)
    check_card_limits(book, draft, wish.card, account, 0)
    units = scaled(item.amount, row.credit_k_bp, kind.round_step, kind.round_mode)
    if units == 0:
        return None
    lots = _lots(book, kind, item, units, wish.dated) if kind.uses_lots else None
    return credit(
        book,
        draft,
        account,
        units,
        _purpose(one, kind),
        lots=lots,
        pos_amount=item.amount,
        k_bp=row.credit_k_bp,
        level_id=account.level_id,
    )


def _debit_item(wish: Wish, classifier: Classifier, one: Placed, kind: AccountType) -> Entry | None:
    """A payment, a discount, a direct debit: holds of the order first, then what is free."""
    book, draft, account = wish.book, wish.draft, one.account
    purpose = _purpose(one, kind)
    money = -one.item.amount
    row = need_side(classifier, kind, debit=True)
    holds = _captures(wish, row, account, money) if purpose == Purpose.PAY else []
    made = pay(book, draft, holds)
    left = money - sum(share.pos_amount for share in holds)
    if left == 0:
        return made[-1]
    check_time(book, kind, row.debit_time_id, wish.dated)
    check_account(book, account)
    units = scaled(left, row.debit_k_bp, kind.round_step, kind.round_mode)
    if units == 0:
        return made[-1] if made else None
    if purpose == Purpose.PAY:
        check_caps(wish, row, account, left)
        draft.operation.paid_accounts += left
    if purpose in COUNTED:
        check_limits(book, account, Payer.of(draft.operation), units, draft)
    if kind.has_limit:
        check_card_limits(book, draft, wish.card, account, units)
        check_funds(book, account, units)
    entry = debit(
        book,
        draft,
        account,
        units,
        purpose,
        pos_amount=-left,
        k_bp=row.debit_k_bp,
        level_id=account.level_id,
    )
    if purpose in COUNTED:
        count_payment(book, draft, account, units)
    return entry


def _captures(wish: Wish, row: MatrixRow, account: Account, money: int) -> list[Share]:
    """The named account's open holds of the order."""
    return [share for share in captures(wish, [row], money) if share.account is account]


def _lots(
    book: Book, kind: AccountType, item: XmlItem, units: int, dated: Dated
) -> list[LotSpec] | None:
    """The lot with the caller's life and delay; None leaves both to the type."""
    if item.life is None and item.delay is None:
        return None
    moment = min(dated.occurred_at, book.now)
    spec = lot_terms(kind, units, moment, dated.zone, delay=item.delay, life=item.life)
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
) -> History | None:
    """A return is the sale's message with turned signs: it goes back by 3.10.

    Gives the sale it was booked against: the first that has a rest.
    """
    holder_id = group[0].account.holder_id or 0
    till = Till(book=book, draft=draft, classifier=classifier, holder_id=holder_id, dated=dated)
    backs = [_back_of(one, book.type_of(one.account)) for one in group if one.item.amount]
    for one in group:
        _need_link(classifier, one, book.type_of(one.account))
    net = sum(back.amount for back in backs if back.kind == SPENDING)
    before = len(draft.entries)
    sale = next((sale for sale in sales if has_rest(till, sale)), sales[0] if sales else None)
    if sale is None:
        unmatched(till, backs, net)
    else:
        draft.operation.reverses_id = sale.operation.operation_id
        refund(till, sale, backs, net)
    _give_numbers(group, draft.entries[before:])
    return sale


def _give_numbers(group: Sequence[Placed], made: Sequence[Entry]) -> None:
    """Each item is answered with the entry made for it on its account, in its direction."""
    for one in group:
        for entry in made:
            same = (entry.amount > 0) == (one.item.amount > 0)
            if entry.account_id == one.account.account_id and same and one.item.amount:
                one.transaction_id = one.transaction_id or entry.entry_id


def _need_link(classifier: Classifier, one: Placed, kind: AccountType) -> None:
    """A return needs the link that its sale needed: the opposite side of its sign."""
    row = classifier.matrix.get(kind.account_type_id)
    sale_was_debit = one.item.amount > 0
    if row is None or not (row.debit_allowed if sale_was_debit else row.credit_allowed):
        raise forbidden(kind, debit=sale_was_debit, classifier=classifier)


def _back_of(one: Placed, kind: AccountType) -> Back:
    """What an item of a return asks back, of its own account."""
    item = one.item
    line = PAYMENT if item.amount > 0 else BONUS
    if kind.account_class == CLASS_SPENT:
        line = SPENDING
    elif kind.account_class == CLASS_DISCOUNT:
        line = DISCOUNT
    return Back(kind=line, amount=abs(item.amount), account_id=one.account.account_id)
