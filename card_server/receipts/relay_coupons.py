"""Coupons in a TransactionsEx call: as Card of an item, or by their code in CHECKDISCOUNTS.

An item whose Card is a coupon is an operation of its own (kind 25, its return 26) without
accounts; a coupon named by a discount is used inside the sale's operation (farcards.md 8,
domain 3.17). What a sale used comes back with its roll-back and its full return, also when the
till does not name the coupon again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from card_server.classifiers.records import Classifier
from card_server.classifiers.rules import need_right
from card_server.coupons.records import Coupon
from card_server.coupons.rules import code_of, refusal
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.facts import Facts, History, Wants
from card_server.ledger.records import Operation, OperationKind
from card_server.receipts.coupon_using import (
    case_for,
    check_coupon,
    guest_of,
    is_fully_returned,
    open_uses,
    redo_uses,
    return_uses,
    undo_uses,
    use,
)
from card_server.receipts.records import (
    CHMODE_SALE,
    SPENDING,
    CardCall,
    DiscountMark,
    RelayCall,
)

RIGHT = "coupon.use"


class RelayCoupons:
    """The coupon side of one call; asked by its posting."""

    def __init__(self, call: RelayCall, classifier: Classifier, cards: Sequence[CardCall]) -> None:
        self._call = call
        self._classifier = classifier
        self._cards = cards

    # ------------------------------------------------------------------ asking

    def more(self, facts: Facts, orders: Iterable[Operation]) -> Wants:
        """Codes that no card has, coupons that discounts may name, uses of the order."""
        wants = Wants()
        for part in self._cards:
            code = code_of(str(part.card)) if part.card > 0 else None
            if code is not None and part.card not in facts.cards:
                wants.coupons.add(code)
        guests = self.guests(facts)
        for mark in self._marks():
            code = code_of(mark.card)
            if code is not None and int(mark.card) not in facts.cards:
                wants.coupons.add(code)
            elif RIGHT in self._classifier.rights:
                wants.holder_coupons |= guests
        wants.coupon_guests = set(guests)
        wants.coupon_operations = {row.operation_id for row in orders}
        return wants

    def _marks(self) -> list[DiscountMark]:
        return self._call.discounts if self._call.chmode == CHMODE_SALE else []

    def guests(self, facts: Facts) -> frozenset[int]:
        """The holders who are served by this call."""
        found = set()
        for part in self._cards:
            card = facts.cards.get(part.card)
            if card is not None and card.holder_id is not None:
                found.add(card.holder_id)
            elif card is None and part.person_id in facts.holders:
                found.add(part.person_id)
        return frozenset(found)

    def coupon_of(self, part: CardCall, facts: Facts, book: Book) -> Coupon | None:
        """The coupon that an item's Card means, if it is no card."""
        if part.card <= 0 or part.card in facts.cards:
            return None
        coupon_id = facts.coupons.get(code_of(str(part.card)) or "")
        return book.coupon(coupon_id) if coupon_id is not None else None

    # ------------------------------------------------------------------ items

    def use_item(
        self, facts: Facts, book: Book, coupon: Coupon, operation: Operation, dated: Dated
    ) -> None:
        """The coupon of an item counts as used by a sale (chmode 1), after all its checks."""
        if self._call.chmode != CHMODE_SALE:
            return
        need_right(self._classifier, RIGHT)
        guests = self.guests(facts)
        check_coupon(
            facts,
            book,
            self._classifier,
            coupon,
            dated,
            guests=guests,
            dishes=self._dishes(),
        )
        operation.kind = OperationKind.COUPON_USE
        operation.holder_id = guest_of(coupon, guests)
        operation.check_total = self._total()
        use(facts, book, operation, coupon, operation.check_total, operation.holder_id)

    def return_item(
        self,
        facts: Facts,
        book: Book,
        coupon: Coupon,
        operation: Operation,
        orders: Sequence[Operation],
    ) -> None:
        """A return that names the coupon gives the use back if the whole cheque came back."""
        operation.kind = OperationKind.COUPON_RETURN
        operation.check_total = -self._total()
        used = [
            row
            for row in open_uses(facts, (row.operation_id for row in orders))
            if row.coupon_id == coupon.coupon_id
        ]
        if not used:
            return
        operation.reverses_id = used[-1].operation_id
        operation.holder_id = next(
            (row.holder_id for row in orders if row.operation_id == used[-1].operation_id), None
        )
        if self._all_returned(facts, book, orders):
            return_uses(facts, book, operation, used[-1:])

    def _all_returned(self, facts: Facts, book: Book, orders: Sequence[Operation]) -> bool:
        sales = [
            facts.histories[row.operation_id]
            for row in orders
            if row.kind == OperationKind.SALE
            and row.operation_id in facts.histories
            and self._same_check(row)
        ]
        return all(is_fully_returned(book, history) for history in sales)

    def _same_check(self, row: Operation) -> bool:
        return not self._call.check_no or (row.check_no or 0) in (0, self._call.check_no)

    def _total(self) -> int:
        """What the coupon's cheque came to: the cheque itself, else what was spent."""
        cheque = self._call.cheque
        if cheque is not None and cheque.lines:
            return cheque.net
        return sum(abs(line.amount) for line in self._call.lines if line.kind == SPENDING)

    def _dishes(self) -> frozenset[str] | None:
        cheque = self._call.cheque
        return frozenset(cheque.dishes) if cheque is not None and cheque.lines else None

    # ------------------------------------------------------------------ discounts

    def use_discounts(
        self, facts: Facts, book: Book, operation: Operation, part: CardCall, dated: Dated
    ) -> None:
        """Use the coupons that the cheque's discounts name, each once, in a card's sale."""
        items = {one.card for one in self._cards}
        first = next(one for one in self._cards if self.coupon_of(one, facts, book) is None)
        seen: set[int] = set()
        for mark in self._marks():
            coupon = self._marked(mark, facts, book, part, dated, named=part is first)
            if coupon is None or coupon.coupon_id in seen:
                continue
            if int(coupon.code) in items or coupon.coupon_id in items:
                continue
            seen.add(coupon.coupon_id)
            guests = self.guests(facts)
            need_right(self._classifier, RIGHT)
            check_coupon(
                facts,
                book,
                self._classifier,
                coupon,
                dated,
                guests=guests,
                dishes=self._dishes(),
            )
            use(facts, book, operation, coupon, self._total(), guest_of(coupon, guests))

    def _marked(
        self,
        mark: DiscountMark,
        facts: Facts,
        book: Book,
        part: CardCall,
        dated: Dated,
        *,
        named: bool,
    ) -> Coupon | None:
        """The coupon of a discount: by its own code, or the one offered with the guest's card."""
        coupon_id = facts.coupons.get(code_of(mark.card) or "")
        if coupon_id is not None:
            return book.coupon(coupon_id) if named else None
        if code_of(mark.card) is None or int(mark.card) != part.card:
            return None
        return self._offered(mark.code, facts, book, dated)

    def _offered(self, code: int, facts: Facts, book: Book, dated: Dated) -> Coupon | None:
        """The one coupon whose content the till was sent with the guest's card."""
        usable = [
            coupon
            for holder_id in self.guests(facts)
            for coupon in offered(facts, book, self._classifier, holder_id, dated)
        ]
        if len(usable) != 1:
            return None
        kind = book.rules.coupon_types[usable[0].coupon_type_id]
        own = {scheme.external_id for scheme in book.rules.schemes.values()}
        codes = kind.discount_codes(self._classifier.classifier_id) - own
        return usable[0] if code in codes else None

    # ------------------------------------------------------------------ coming back

    def with_refund(
        self,
        facts: Facts,
        book: Book,
        operation: Operation,
        sale: History,
        orders: Sequence[Operation],
    ) -> None:
        """The full return of a sale gives back what its order used (domain 3.10)."""
        if not is_fully_returned(book, sale, operation):
            return
        rows = [
            row
            for one in orders
            if self._belongs(one, sale.operation)
            for row in open_uses(facts, [one.operation_id])
        ]
        return_uses(facts, book, operation, rows)

    def _belongs(self, one: Operation, sale: Operation) -> bool:
        """The sale, a roll-back of its return, or an item that this call does not name."""
        if one.operation_id == sale.operation_id:
            return True
        if one.kind == OperationKind.REFUND_ROLLBACK:
            return one.card_code == sale.card_code and self._same_check(one)
        return self._is_left(one, {sale.holder_id, None})

    def _is_left(self, one: Operation, holders: set[int | None]) -> bool:
        """A coupon item of these guests' cheque that the call does not name."""
        return (
            one.kind == OperationKind.COUPON_USE
            and one.holder_id in holders
            and one.card_code not in {part.card for part in self._cards}
            and self._same_check(one)
        )

    def left_targets(
        self, targets: Sequence[Operation], orders: Iterable[Operation], facts: Facts
    ) -> list[Operation]:
        """Coupon items of the order that a roll-back undoes although it does not name them."""
        holders = {row.holder_id for row in targets}
        if not holders:
            return []
        return [
            row
            for row in orders
            if row.operation_id not in facts.rolled_back and self._is_left(row, holders | {None})
        ]

    @staticmethod
    def rolled_back(
        facts: Facts,
        book: Book,
        operation: Operation,
        target: Operation,
        orders: Iterable[Operation],
    ) -> None:
        """What an operation used or gave back is undone with it."""
        if operation.kind == OperationKind.REFUND_ROLLBACK:
            redo_uses(facts, book, operation, target.operation_id)
            return
        undo_uses(facts, book, operation, target.operation_id)
        for row in orders:
            if row.kind == OperationKind.REFUND_ROLLBACK and row.card_code == target.card_code:
                undo_uses(facts, book, operation, row.operation_id)


def offered(
    facts: Facts, book: Book, classifier: Classifier, holder_id: int, dated: Dated
) -> list[Coupon]:
    """Coupons of a holder that could be used here and now, by their last day, then id."""
    found = []
    for coupon_id in facts.holder_coupons.get(holder_id, ()):
        coupon = book.coupon(coupon_id)
        kind = book.rules.coupon_types.get(coupon.coupon_type_id)
        case = case_for(
            book.rules,
            classifier,
            coupon,
            dated,
            guests=frozenset({holder_id}),
            uses=facts.holder_uses.get(holder_id, ()),
        )
        if refusal(coupon, kind, case) is None:
            found.append(coupon)
    found.sort(key=lambda coupon: (coupon.valid_to is None, coupon.valid_to, coupon.coupon_id))
    return found
