"""TransactionsEx as a posting: sale, return and roll-backs of one call, all cards or none."""

from __future__ import annotations

from card_server.accounts.records import Account
from card_server.cards.records import Card
from card_server.cards.rules import check_usable, find_card, holder_of
from card_server.classifiers.records import MODE_CRM, UNMATCHED_ACCEPT, Classifier
from card_server.holders.rules import normal_phone
from card_server.ledger.book import Book
from card_server.ledger.card_limits import limits_of
from card_server.ledger.dating import Dated, check_dates, date_operation, is_late
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.idempotency import (
    Refused,
    Repeat,
    decide_attempt,
    decide_rollback,
    stored_refusal,
)
from card_server.ledger.limits import Payer, wanted
from card_server.ledger.records import ACCEPTED, Entry, Operation, OperationKind
from card_server.ledger.settling import settle
from card_server.ledger.sliding import slides
from card_server.receipts.accepting import accept
from card_server.receipts.documents import Sealed
from card_server.receipts.keys import (
    relay_is_repeatable,
    relay_key,
)
from card_server.receipts.records import (
    CHMODE_RETURN_ROLLBACK,
    CHMODE_SALE_ROLLBACK,
    PAYMENT,
    CardCall,
    RelayCall,
    RelayOutcome,
)
from card_server.receipts.refunding import backs_of, has_rest, refund, unmatched
from card_server.receipts.relay_coupons import RelayCoupons
from card_server.receipts.relay_lines import details_of
from card_server.receipts.relay_parts import (
    RowMaker,
    attach,
    by_card,
    check_overtaken,
    ext_key,
    is_of,
    is_return,
    kind_of,
    long_names,
    order_operations,
    resolve_names,
    spent_of,
    unstored,
)
from card_server.receipts.relay_warnings import note_doubts
from card_server.receipts.rolling_back import open_targets, roll_back_one
from card_server.receipts.selling import Till, sell
from shared.settings.house import ROLLBACK_HOURS
from shared.wire.errors import NOT_STORED, AppError, ErrorCode

ROLLBACKS = (CHMODE_SALE_ROLLBACK, CHMODE_RETURN_ROLLBACK)
LARGEST_KIND = 3


class RelayPosting:
    """One TransactionsEx call that books (chmode 0 to 4)."""

    def __init__(self, call: RelayCall, classifier: Classifier, document: Sealed | None) -> None:
        self._call = call
        self._classifier = classifier
        self._document = document
        self._cards = by_card(call.lines)
        self._coupons = RelayCoupons(call, classifier, self._cards)
        self._keys = [relay_key(call, c.card, c.lines, 0, c.person_id) for c in self._cards]
        identity = call.order_guid or f"{call.restaurant}/{call.rk_uni}/{call.rk_check}"
        self.exclusive = (
            frozenset({f"{classifier.classifier_id}:{identity}"})
            if relay_is_repeatable(call)
            else frozenset()
        )

    # ------------------------------------------------------------------ asking

    def wants(self) -> Wants:
        """Cards, holders by number, earlier attempts, the other operations of the order."""
        call, who = self._call, self._classifier.classifier_id
        wants = Wants(
            cards={c.card for c in self._cards if c.card > 0},
            holders={c.person_id for c in self._cards if c.person_id > 0},
        )
        names = long_names(self._cards)
        wants.carriers = set(names.values())
        if call.phone_country:
            wants.phones = {normal_phone(name, call.phone_country) for name in names.values()}
        if relay_is_repeatable(call):
            wants.keys = {(who, key) for key in self._keys}
        if call.order_guid is not None:
            wants.orders = {(who, call.order_guid)}
        elif call.rk_check:
            wants.ext_keys = {ext_key(call, who)}
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """Lots of the accounts that will be debited, histories of what is to be undone."""
        call = self._call
        resolve_names(call, self._cards, facts)
        undoing = call.chmode in ROLLBACKS or is_return(call)
        rows = self._order_operations(facts) if undoing else []
        wants = self._coupons.more(facts, rows)
        if undoing:
            wants.histories = {
                row.operation_id for row in rows if row.operation_id not in facts.rolled_back
            }
        if self._call.details:
            wants.histories |= self._stored(facts)
        late = is_late(self._dated(book), book.now)
        for part in self._cards:
            holder_id = self._holder_of(part, facts)
            for account in book.accounts_of(holder_id) if holder_id is not None else ():
                debits = undoing or self._debits(part, account)
                if book.lots_needed(account, debit=debits or late or slides(book, account)):
                    wants.lots.add(account.account_id)
                if debits and not undoing and book.rules.limits:
                    wants.counters |= wanted(book, account, self._payer(part, book))
        return wants

    def _payer(self, part: CardCall, book: Book) -> Payer:
        day = self._dated(book).business_date
        return Payer(self._classifier.classifier_id, part.card or None, day)

    def _stored(self, facts: Facts) -> set[int]:
        """Operations that a repeat is answered from, entry by entry."""
        who = self._classifier.classifier_id
        return {
            row.operation_id
            for key in self._keys
            for row in facts.keys.get((who, key), ())[-1:]
            if row.status == ACCEPTED
        }

    def _debits(self, part: CardCall, account: Account) -> bool:
        row = self._classifier.matrix.get(account.account_type_id)
        if row is None or not row.pos_kinds & 1:
            return False
        return any(line.kind == PAYMENT and line.amount < 0 for line in part.lines)

    def _holder_of(self, part: CardCall, facts: Facts) -> int | None:
        card = facts.cards.get(part.card)
        if card is not None:
            return card.holder_id
        return part.person_id if part.person_id in facts.holders else None

    def _order_operations(self, facts: Facts) -> list[Operation]:
        return order_operations(self._call, self._classifier.classifier_id, facts)

    # ------------------------------------------------------------------ deciding

    def decide(self, facts: Facts, book: Book) -> RelayOutcome:
        """All cards or none; a refusal is stored under the key of the card that caused it."""
        outcome = RelayOutcome(operations=[], booked=[])
        mark = book.mark()
        for part, key in self._in_order(facts, book):
            stored_key = key if relay_is_repeatable(self._call) else ""
            try:
                self._decide_card(facts, book, part, stored_key, outcome)
            except AppError as refusal:
                book.rewind(mark)
                if refusal.code not in NOT_STORED and not refusal.unstored:
                    self._store_refusal(facts, book, part, stored_key, refusal)
                return RelayOutcome(error=refusal)
        return outcome

    def quote(self, facts: Facts, book: Book) -> RelayOutcome:
        """What the sale would book, whatever was booked under its key; the caller rewinds."""
        outcome = RelayOutcome(operations=[], booked=[])
        try:
            for part, _ in self._in_order(facts, book):
                rows = self._rows(book, part, "", 1)
                is_coupon = self._coupons.coupon_of(part, facts, book) is not None
                act = self._book_coupon if is_coupon else self._book
                act(facts, book, part, rows, outcome)
        except AppError as refusal:
            return RelayOutcome(error=refusal)
        return outcome

    def _in_order(self, facts: Facts, book: Book) -> list[tuple[CardCall, str]]:
        """Cards first: a coupon comes back only when the cheque has come back."""
        pairs = list(zip(self._cards, self._keys, strict=True))
        pairs.sort(key=lambda pair: self._coupons.coupon_of(pair[0], facts, book) is not None)
        return pairs

    def _decide_card(
        self, facts: Facts, book: Book, part: CardCall, key: str, outcome: RelayOutcome
    ) -> None:
        chmode = self._call.chmode
        prior = facts.keys.get((self._classifier.classifier_id, key), []) if key else []
        if chmode in ROLLBACKS:
            decision = decide_rollback(prior, self._call.stamp)
        else:
            decision = decide_attempt(
                prior, facts.rolled_back, part.fingerprint, self._call.stamp, caller_made=False
            )
        if isinstance(decision, Refused):
            raise unstored(decision.error)
        if isinstance(decision, Repeat):
            if decision.operation.status != ACCEPTED:
                raise unstored(stored_refusal(decision.operation))
            outcome.operations.append(decision.operation.operation_id)
            stored = facts.histories.get(decision.operation.operation_id)
            if self._call.details and stored is not None and chmode not in ROLLBACKS:
                outcome.booked.extend(details_of(part, decision.operation, stored.entries))
            return
        for line in part.lines:
            if line.kind > LARGEST_KIND and line.amount:
                raise AppError(ErrorCode.KIND_UNKNOWN, kind=line.kind)
        act = self._roll_back if chmode in ROLLBACKS else self._book
        if act == self._book and self._coupons.coupon_of(part, facts, book) is not None:
            act = self._book_coupon
        act(facts, book, part, self._rows(book, part, key, decision.attempt_no), outcome)

    def _rows(self, book: Book, part: CardCall, key: str, attempt_no: int) -> RowMaker:
        return RowMaker(
            call=self._call,
            classifier=self._classifier,
            part=part,
            dated=self._dated(book),
            key=key,
            fingerprint=part.fingerprint,
            attempt_no=attempt_no,
        )

    def _dated(self, book: Book) -> Dated:
        call = self._call
        day = call.shift_date or call.rk_date
        return date_operation(book, self._classifier, call.occurred_at, day, call.occurred_off)

    def _book(
        self,
        facts: Facts,
        book: Book,
        part: CardCall,
        rows: RowMaker,
        outcome: RelayOutcome,
    ) -> None:
        dated = rows.dated
        card = self._card(facts, part)
        returning = is_return(self._call)
        self._check_overtaken(facts, part, returning=returning)
        check_dates(book, self._classifier, dated, book.rules.divisions.get(self._call.division_id))
        if returning:
            holder_id = holder_of(card) if card is not None else part.person_id
        else:
            holder_id = self._usable(facts, card, part, dated)
        for account in book.accounts_of(holder_id):
            if account.held > 0 or book.lots_needed(account):
                settle(book, account)
        operation = rows.make(book, kind_of(self._call, part, returning=returning), holder_id)
        till = Till(
            book=book,
            draft=book.begin(operation),
            classifier=self._classifier,
            holder_id=holder_id,
            dated=dated,
            card=None if returning else limits_of(card, facts.card_accounts),
            order=self._call.order_guid,
            strict=self._call.strict,
        )
        note_doubts(till, part, card, returning=returning)
        if returning:
            self._return(facts, till, part)
        else:
            sell(till, part.lines, self._call.cheque)
            self._coupons.use_discounts(facts, book, operation, part, dated)
        attach(book, operation, self._document)
        accept(book, till.draft)
        outcome.operations.append(operation.operation_id)
        outcome.booked.extend(details_of(part, operation, till.draft.entries))

    def _book_coupon(
        self,
        facts: Facts,
        book: Book,
        part: CardCall,
        rows: RowMaker,
        outcome: RelayOutcome,
    ) -> None:
        """An item whose Card is a coupon moves no account."""
        coupon = self._coupons.coupon_of(part, facts, book)
        if coupon is None:
            return
        dated = rows.dated
        returning = is_return(self._call)
        self._check_overtaken(facts, part, returning=returning)
        check_dates(book, self._classifier, dated, book.rules.divisions.get(self._call.division_id))
        operation = rows.make(book, kind_of(self._call, part, returning=returning), None)
        if returning:
            orders = self._order_operations(facts)
            self._coupons.return_item(facts, book, coupon, operation, orders)
        else:
            self._coupons.use_item(facts, book, coupon, operation, dated)
        attach(book, operation, self._document)
        book.accept(book.begin(operation))
        outcome.operations.append(operation.operation_id)

    def _card(self, facts: Facts, part: CardCall) -> Card | None:
        if part.card in facts.cards:
            return facts.cards[part.card]
        if part.person_id in facts.holders:
            return None
        return find_card(facts.cards, part.card)

    def _usable(self, facts: Facts, card: Card | None, part: CardCall, dated: Dated) -> int:
        if card is None:
            return part.person_id
        served = facts.card_classifiers.get(card.card_code)
        return check_usable(card, dated.business_date, self._classifier, served)

    def _check_overtaken(self, facts: Facts, part: CardCall, *, returning: bool) -> None:
        orders, holder_id = self._order_operations(facts), self._holder_of(part, facts)
        check_overtaken(self._call, part, orders, holder_id, returning=returning)

    def _return(self, facts: Facts, till: Till, part: CardCall) -> list[Entry]:
        call = self._call
        sales = [
            facts.histories[row.operation_id]
            for row in self._order_operations(facts)
            if row.kind == OperationKind.SALE
            and row.operation_id in facts.histories
            and is_of(part, row, till.holder_id)
            and (not call.check_no or row.check_no in (None, call.check_no))
        ]
        backs = backs_of(part.lines)
        net = spent_of(part.lines)
        if not net and self._classifier.calc_mode == MODE_CRM and call.cheque is not None:
            net = abs(call.cheque.net)
        if not sales:
            if self._classifier.refund_unmatched != UNMATCHED_ACCEPT:
                raise AppError(ErrorCode.SALE_NOT_FOUND, ext=call.order_guid or call.rk_check)
            return unmatched(till, backs, net)
        sale = next((sale for sale in sales if has_rest(till, sale)), sales[0])
        till.draft.operation.reverses_id = sale.operation.operation_id
        made = refund(till, sale, backs, net)
        orders = self._order_operations(facts)
        self._coupons.with_refund(facts, till.book, till.draft.operation, sale, orders)
        return made

    def _roll_back(
        self,
        facts: Facts,
        book: Book,
        part: CardCall,
        rows: RowMaker,
        outcome: RelayOutcome,
    ) -> None:
        sale_side = self._call.chmode == CHMODE_SALE_ROLLBACK
        kind = OperationKind.SALE_ROLLBACK if sale_side else OperationKind.REFUND_ROLLBACK
        holder_id = self._holder_of(part, facts)
        targets = open_targets(
            [row for row in self._order_operations(facts) if is_of(part, row, holder_id)],
            facts.rolled_back,
            check_no=self._call.check_no,
            sale_side=sale_side,
        )
        if sale_side and self._coupons.coupon_of(part, facts, book) is None:
            targets += self._coupons.left_targets(targets, self._order_operations(facts), facts)
        hours = book.rules.value(ROLLBACK_HOURS)
        if not targets:
            operation = rows.make(book, kind, holder_id)
            book.accept(book.begin(operation))
            outcome.operations.append(operation.operation_id)
        for number, target in enumerate(targets, start=1):
            suffix = "" if number == 1 else f":{number}"
            operation = rows.make(book, kind, target.holder_id, suffix)
            history = facts.histories[target.operation_id]
            sale = facts.histories.get(target.reverses_id or 0)
            roll_back_one(book, operation, history, hours, sale)
            orders = self._order_operations(facts)
            self._coupons.rolled_back(facts, book, operation, target, orders)
            facts.rolled_back[target.operation_id] = operation
            outcome.operations.append(operation.operation_id)

    def _store_refusal(
        self, facts: Facts, book: Book, part: CardCall, key: str, refusal: AppError
    ) -> None:
        prior = facts.keys.get((self._classifier.classifier_id, key), []) if key else []
        attempt = prior[-1].attempt_no + 1 if prior else 1
        rows = self._rows(book, part, key, attempt)
        kind = kind_of(self._call, part, returning=is_return(self._call))
        if self._call.chmode in ROLLBACKS:
            sale_side = self._call.chmode == CHMODE_SALE_ROLLBACK
            kind = OperationKind.SALE_ROLLBACK if sale_side else OperationKind.REFUND_ROLLBACK
        book.refuse(rows.make(book, kind, self._holder_of(part, facts)), refusal)
