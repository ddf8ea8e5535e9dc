"""The Transaction message as a posting: items grouped into operations, all or nothing (9.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from card_server.cards.rules import check_usable
from card_server.classifiers.records import UNMATCHED_ACCEPT, Classifier
from card_server.ledger.book import Book, Draft
from card_server.ledger.card_limits import limits_of
from card_server.ledger.dating import Dated, check_dates, date_operation, is_late
from card_server.ledger.facts import ExtKey, Facts, History, Wants
from card_server.ledger.idempotency import (
    Refused,
    Repeat,
    decide_attempt,
    stored_refusal,
)
from card_server.ledger.limits import Payer, wanted
from card_server.ledger.records import (
    ACCEPTED,
    Operation,
    OperationKind,
)
from card_server.ledger.settling import settle
from card_server.ledger.sliding import slides
from card_server.receipts.accepting import accept
from card_server.receipts.keys import DIRECT, RETURN, SALE, iso_day, item_fingerprint, item_key
from card_server.receipts.records import XmlAnswer, XmlCall, XmlItem, XmlOutcome
from card_server.receipts.xml_booking import book_items, return_items
from card_server.receipts.xml_coupons import (
    book_coupons,
    find_coupon,
    guest_in,
    pseudo_account,
    with_return,
)
from card_server.receipts.xml_items import Placed, find_account, give_directions, shown_number
from card_server.receipts.xml_rows import item_row, operation_row, stamp_text, write_items
from shared.wire.errors import NOT_STORED, AppError, ErrorCode

RETURNABLE: Final = (
    OperationKind.SALE,
    OperationKind.TOP_UP,
    OperationKind.DIRECT_CREDIT,
    OperationKind.DIRECT_DEBIT,
    OperationKind.COUPON_USE,
)
"""What an item with Transaction_Parent may return."""


class Spot(Exception):  # noqa: N818 - carries which item was refused, for its stored refusal
    """The refusal of one item."""

    def __init__(self, placed: Placed, error: AppError) -> None:
        super().__init__(error.code)
        self.placed = placed
        self.error = error


class XmlPosting:
    """One Transaction message of the XML API."""

    def __init__(self, call: XmlCall, classifier: Classifier) -> None:
        self._call = call
        self._classifier = classifier
        who = classifier.classifier_id
        self.exclusive = frozenset(f"{who}:x:{i.ext_id}" for i in call.items if i.ext_id)

    def wants(self) -> Wants:
        """Accounts and cards named, sales of the same outside identity, parents."""
        who = self._classifier.classifier_id
        wants = Wants()
        for item in self._call.items:
            if item.coupon_code is not None:
                wants.coupons.add(item.coupon_code)
            elif item.account_id is not None:
                wants.accounts.add(item.account_id)
            elif item.card_code is not None:
                wants.cards.add(item.card_code)
            if item.card_text and item.account_id is None:
                wants.carriers.add(item.card_text)
            if item.ext_id:
                wants.ext_keys.add(ExtKey(who, item.ext_id, iso_day(item.ext_date)))
            if item.parent is not None:
                wants.transactions.add(item.parent)
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """Earlier attempts of the items, lots to be debited, histories of sales to be returned."""
        wants = Wants()
        placed = self._place(facts, book)
        for one in placed:
            returning = one.direction == RETURN
            if one.key:
                wants.item_keys.add((self._classifier.classifier_id, one.key))
            debit = one.item.amount < 0 or returning
            for account in book.accounts_of(one.account.holder_id or 0):
                mine = account.account_id == one.account.account_id
                moved = (debit and mine) or (one.direction == SALE and slides(book, account))
                moved = moved or is_late(self._dated(book, one.item), book.now)
                if book.lots_needed(account, debit=moved):
                    wants.lots.add(account.account_id)
            if debit and not returning and book.rules.limits and one.coupon is None:
                wants.counters |= wanted(book, one.account, self._payer(one, book))
            if returning:
                wants.histories |= {row.operation_id for row in self._sales(one, facts)}
            if returning or one.coupon is not None:
                wants.coupon_operations |= {row.operation_id for row in self._earlier(one, facts)}
        return wants

    def _payer(self, one: Placed, book: Book) -> Payer:
        day = self._dated(book, one.item).business_date
        return Payer(self._classifier.classifier_id, one.item.card_code, day)

    def _place(self, facts: Facts, book: Book) -> list[Placed]:
        placed = [
            Placed(
                position=i,
                item=item,
                account=find_account(item, facts, book, self._classifier),
            )
            for i, item in enumerate(self._call.items)
            if item.coupon_code is None
        ]
        for i, item in enumerate(self._call.items):
            if item.coupon_code is not None:
                coupon = find_coupon(item, facts, book)
                account = pseudo_account(coupon, guest_in(item, placed), book.now)
                placed.append(Placed(position=i, item=item, account=account, coupon=coupon))
        placed.sort(key=lambda one: one.position)
        give_directions(placed, book)
        for one in placed:
            if one.item.ext_id:
                one.key = item_key(
                    one.item, one.account.account_id, one.direction, self._classifier.xml_key
                )
        return placed

    def _earlier(self, one: Placed, facts: Facts) -> list[Operation]:
        """Operations in which a use that is given back may stand: parent, or same identity."""
        if one.item.parent is not None:
            return self._sales(one, facts)
        key = ExtKey(
            self._classifier.classifier_id, one.item.ext_id or "", iso_day(one.item.ext_date)
        )
        return facts.ext_keys.get(key, [])

    def _sales(self, one: Placed, facts: Facts) -> list[Operation]:
        """The sale a return means: its parent, else the same outside identity (9.4)."""
        if one.item.parent is not None:
            operation_id = facts.transactions.get(one.item.parent)
            found = facts.operations.get(operation_id) if operation_id is not None else None
            usable = (
                found is not None
                and found.status == ACCEPTED
                and found.kind in RETURNABLE
                and found.operation_id not in facts.rolled_back
                and (one.coupon is not None or found.holder_id == one.account.holder_id)
            )
            return [found] if found is not None and usable else []
        key = ExtKey(
            self._classifier.classifier_id, one.item.ext_id or "", iso_day(one.item.ext_date)
        )
        rows = [
            row
            for row in facts.ext_keys.get(key, [])
            if row.kind == OperationKind.SALE
            and row.holder_id == one.account.holder_id
            and row.operation_id not in facts.rolled_back
        ]
        rows.sort(key=lambda row: (row.ext_index != one.item.ext_index, row.operation_id))
        return rows

    # ------------------------------------------------------------------ deciding

    def decide(self, facts: Facts, book: Book) -> XmlOutcome:
        """Every item of the message, or the refusal of the first that fails."""
        placed = self._place(facts, book)
        keys = [one.key for one in placed if one.key]
        if len(keys) != len(set(keys)):
            raise AppError(ErrorCode.KEY_TWICE)
        mark = book.mark()
        try:
            self._decide_items(placed, facts, book)
        except Spot as spot:
            book.rewind(mark)
            if spot.error.code not in NOT_STORED and not spot.error.unstored:
                self._store_refusal(spot.placed, spot.error, facts, book)
            return XmlOutcome(error=spot.error)
        return XmlOutcome(
            answers=[
                XmlAnswer(
                    account_text=shown_number(book, one.account),
                    transaction_id=one.transaction_id,
                )
                for one in placed
            ]
        )

    def _decide_items(self, placed: Sequence[Placed], facts: Facts, book: Book) -> None:
        fresh: dict[tuple[object, ...], list[Placed]] = {}
        for one in placed:
            try:
                if self._is_new(one, facts):
                    fresh.setdefault(self._group_of(one, facts), []).append(one)
            except AppError as error:
                raise Spot(one, error) from error
        for group in fresh.values():
            self._book_group(group, facts, book)

    def _group_of(self, one: Placed, facts: Facts) -> tuple[object, ...]:
        """Items of one operation; items that name parents are one for each sale they return."""
        if one.item.parent is None or one.coupon is not None:
            return one.group
        sales = self._sales(one, facts)
        return (*one.group, sales[0].operation_id if sales else 0)

    def _is_new(self, one: Placed, facts: Facts) -> bool:
        """Whether the item is to be booked; a repeat gets its first id."""
        if not one.key:
            return True
        pairs = facts.item_keys.get((self._classifier.classifier_id, one.key), [])
        prior = [
            msgspec.structs.replace(
                operation, fingerprint=item.fingerprint, attempt_no=item.attempt_no
            )
            for item, operation in pairs
        ]
        decision = decide_attempt(
            prior,
            facts.rolled_back,
            item_fingerprint(one.item),
            stamp_text(one.item.time),
            caller_made=False,
        )
        if isinstance(decision, Refused):
            error = decision.error
            if error.code == ErrorCode.KEY_CONFLICT:
                error = AppError(ErrorCode.KEY_CONFLICT, id=pairs[-1][0].transaction_id)
            error.unstored = True
            raise error
        if isinstance(decision, Repeat):
            if decision.operation.status != ACCEPTED:
                refusal = stored_refusal(decision.operation)
                refusal.unstored = True
                raise refusal
            one.transaction_id = pairs[-1][0].transaction_id
            return False
        one.attempt_no = decision.attempt_no
        return True

    def _book_group(self, group: list[Placed], facts: Facts, book: Book) -> None:
        first = group[0]
        try:
            dated = self._dated(book, first.item)
            operation = self._operation(group, dated, book)
            self._check(group, dated, facts, book)
        except AppError as error:
            raise Spot(first, error) from error
        for account in book.accounts_of(first.account.holder_id or 0):
            if account.held > 0 or book.lots_needed(account):
                settle(book, account)
        draft = book.begin(operation)
        ordinary = [one for one in group if one.coupon is None]
        coupons = [one for one in group if one.coupon is not None]
        if ordinary:
            self._book_ordinary(ordinary, coupons, draft, dated, facts, book)
        for one in coupons:
            try:
                earlier = self._earlier(one, facts)
                book_coupons(facts, book, draft, self._classifier, [one], dated, earlier)
            except AppError as error:
                raise Spot(one, error) from error
        write_items(group, operation, book)
        accept(book, draft)

    def _book_ordinary(
        self,
        group: list[Placed],
        coupons: list[Placed],
        draft: Draft,
        dated: Dated,
        facts: Facts,
        book: Book,
    ) -> None:
        first = current = group[0]
        try:
            if first.direction == RETURN:
                sales = [
                    facts.histories[row.operation_id]
                    for row in self._sales(first, facts)
                    if row.operation_id in facts.histories
                ]
                self._need_sale(first, sales)
                sale = return_items(book, draft, self._classifier, group, dated, sales)
                with_return(facts, book, draft, [sale] if sale is not None else [], coupons)
            else:
                cards = {
                    one.position: limits_of(
                        facts.cards.get(one.item.card_code or 0), facts.card_accounts
                    )
                    for one in group
                }
                for one in book_items(book, draft, self._classifier, group, dated, cards):
                    current = one
        except AppError as error:
            raise Spot(current, error) from error

    def _need_sale(self, first: Placed, sales: Sequence[History]) -> None:
        if not sales and self._classifier.refund_unmatched != UNMATCHED_ACCEPT:
            raise AppError(ErrorCode.SALE_NOT_FOUND, ext=first.item.ext_id or "")

    def _check(self, group: list[Placed], dated: Dated, facts: Facts, book: Book) -> None:
        division = book.rules.divisions.get(self._call.division_id)
        check_dates(book, self._classifier, dated, division)
        for one in group:
            card = facts.cards.get(one.item.card_code or 0)
            if card is not None and one.direction != RETURN:
                served = facts.card_classifiers.get(card.card_code)
                check_usable(card, dated.business_date, self._classifier, served)

    def _dated(self, book: Book, item: XmlItem) -> Dated:
        return date_operation(book, self._classifier, item.time, item.ext_date, item.time_off)

    def _operation(self, group: list[Placed], dated: Dated, book: Book) -> Operation:
        return operation_row(self._call, self._classifier.classifier_id, group, dated, book)

    def _store_refusal(self, one: Placed, refusal: AppError, facts: Facts, book: Book) -> None:
        if not one.key:
            return
        pairs = facts.item_keys.get((self._classifier.classifier_id, one.key), [])
        one.attempt_no = pairs[-1][0].attempt_no + 1 if pairs else 1
        operation = self._operation([one], self._dated(book, one.item), book)
        one.transaction_id = book.ids.take("entry")
        book.refuse(operation, refusal)
        book.rows.operation_items.append(item_row(one, operation, 1))


__all__ = ["DIRECT", "XmlPosting"]
