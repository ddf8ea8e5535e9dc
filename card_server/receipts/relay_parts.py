"""A TransactionsEx call sorted out by card, and the operation row that each card's part makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from card_server.cards.records import CARD_ACTIVE
from card_server.classifiers.records import Classifier
from card_server.holders.rules import normal_phone
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.facts import ExtKey, Facts
from card_server.ledger.idempotency import overtaken
from card_server.ledger.records import ACCEPTED, Operation, OperationDocument, OperationKind
from card_server.receipts.documents import Sealed
from card_server.receipts.keys import iso_day, relay_fingerprint
from card_server.receipts.records import (
    CHMODE_RETURN,
    CHMODE_SALE,
    CHMODE_SIMPLE,
    PAYMENT,
    SPENDING,
    CardCall,
    RelayCall,
    RelayLine,
)
from shared.wire.errors import AppError, ErrorCode

SHORTEST_NAME = 10**9
CHEQUE = 1
"""`operation_document.doc_kind` of a cheque."""


def is_of(part: CardCall, operation: Operation, holder_id: int | None) -> bool:
    """The operation is of the same card; without a card, of the same holder."""
    if part.card:
        return operation.card_code == part.card
    return operation.card_code is None and operation.holder_id == holder_id


def by_card(lines: Sequence[RelayLine]) -> list[CardCall]:
    """Lines sorted out by card, in the order of first appearance."""
    found: dict[tuple[int, int], CardCall] = {}
    for line in lines:
        who = (line.card, 0 if line.card else line.person_id)
        if who not in found:
            found[who] = CardCall(card=line.card, person_id=line.person_id, lines=[])
        found[who].lines.append(line)
    parts = list(found.values())
    for part in parts:
        part.fingerprint = relay_fingerprint(part.lines)
    return parts


class RowMaker(msgspec.Struct, kw_only=True):
    """Makes the operation rows of one card's part; what differs by kind is given when called."""

    call: RelayCall
    classifier: Classifier
    part: CardCall
    dated: Dated
    key: str
    """Empty if nothing tells repeats by."""
    fingerprint: bytes
    attempt_no: int

    def make(
        self, book: Book, kind: OperationKind, holder_id: int | None, suffix: str = ""
    ) -> Operation:
        """A row; `suffix` tells the keys of further roll-backs apart."""
        call, dated = self.call, self.dated
        operation_id = book.ids.take("operation")
        return Operation(
            operation_id=operation_id,
            kind=kind,
            classifier_id=self.classifier.classifier_id,
            division_id=call.division_id,
            unit_id=call.unit_id,
            station_no=call.station_no,
            pos_user=call.pos_user,
            holder_id=holder_id,
            card_code=self.part.card or None,
            idem_key=(self.key or f"fx:{operation_id}") + suffix,
            attempt_no=self.attempt_no,
            fingerprint=self.fingerprint,
            attempt_stamp=call.stamp or None,
            occurred_at=dated.occurred_at,
            occurred_off=dated.occurred_off,
            recorded_at=book.now,
            business_date=dated.business_date,
            shift_date=call.shift_date,
            shift_no=call.shift_no,
            ext_id=str(call.rk_check) if call.rk_check else None,
            ext_index=call.rk_uni if call.rk_check else None,
            ext_date=call.shift_date or call.rk_date,
            order_guid=call.order_guid,
            check_no=call.check_no or None,
            chmode=call.chmode,
            rule_version=book.rules.version,
        )


def kind_of(call: RelayCall, part: CardCall, *, returning: bool) -> OperationKind:
    """What one card's part is (farcards.md 5)."""
    if returning:
        return OperationKind.REFUND
    kinds = {line.kind for line in part.lines if line.amount}
    if call.chmode == CHMODE_SALE or SPENDING in kinds:
        return OperationKind.SALE
    amounts = [line.amount for line in part.lines if line.kind == PAYMENT]
    if any(amount > 0 for amount in amounts):
        return OperationKind.TOP_UP
    total = sum(line.amount for line in part.lines)
    return OperationKind.DIRECT_DEBIT if total < 0 else OperationKind.DIRECT_CREDIT


def is_return(call: RelayCall) -> bool:
    """A return by its mode, or outside cheques by the sign of what was spent."""
    if call.chmode == CHMODE_RETURN:
        return True
    spent = [line.amount for line in call.lines if line.kind == SPENDING]
    return call.chmode == CHMODE_SIMPLE and bool(spent) and sum(spent) < 0


def spent_of(lines: Iterable[RelayLine]) -> int:
    """What the lines say was spent, whatever the signs."""
    return sum(abs(line.amount) for line in lines if line.kind == SPENDING)


def ext_key(call: RelayCall, classifier_id: int) -> ExtKey:
    """The outside identity of a call without an order."""
    day = call.shift_date or call.rk_date
    return ExtKey(classifier_id, str(call.rk_check), iso_day(day))


def order_operations(call: RelayCall, classifier_id: int, facts: Facts) -> list[Operation]:
    """Accepted operations of the same order, or of the same till cheque."""
    if call.order_guid is not None:
        rows = facts.orders.get((classifier_id, call.order_guid), [])
    elif call.rk_check:
        rows = [
            row
            for row in facts.ext_keys.get(ext_key(call, classifier_id), [])
            if row.ext_index == call.rk_uni and row.order_guid is None
        ]
    else:
        rows = []
    return [row for row in rows if row.status == ACCEPTED]


def attach(book: Book, operation: Operation, document: Sealed | None) -> None:
    """Keep the cheque with its operation."""
    if document is None:
        return
    operation.doc_hash = document.hash
    book.rows.operation_documents.append(
        OperationDocument(
            operation_id=operation.operation_id,
            doc_kind=CHEQUE,
            body=document.body,
            salt=document.salt,
        )
    )


def long_names(parts: Sequence[CardCall]) -> dict[int, str]:
    """Numbers long enough to be carrier data or a phone; short ones are cards and cost nothing."""
    return {part.card: str(part.card) for part in parts if part.card >= SHORTEST_NAME}


def resolve_names(call: RelayCall, parts: Sequence[CardCall], facts: Facts) -> None:
    """An item's Card that is no card code may be carrier data, or the phone of one holder.

    The key keeps what was sent, so that a repeat is known before anything is looked up.
    """
    for part in parts:
        if part.card in facts.cards or part.card < SHORTEST_NAME:
            continue
        name = str(part.card)
        found = facts.carriers.get(name)
        if found is None and call.phone_country:
            codes = facts.phones.get(normal_phone(name, call.phone_country), ())
            cards = [facts.cards[code] for code in codes if code in facts.cards]
            if len({card.holder_id for card in cards}) == 1:
                active = [card for card in cards if card.state == CARD_ACTIVE]
                found = (active or cards)[0].card_code
        if found is not None:
            part.card = found


def check_overtaken(
    call: RelayCall,
    part: CardCall,
    orders: Iterable[Operation],
    holder_id: int | None,
    *,
    returning: bool,
) -> None:
    """A roll-back that came before its sale refuses the sale (2.9)."""
    kind = OperationKind.REFUND_ROLLBACK if returning else OperationKind.SALE_ROLLBACK
    waiting = [
        row
        for row in orders
        if row.kind == kind
        and row.reverses_id is None
        and is_of(part, row, holder_id)
        and (row.check_no or 0) in (0, call.check_no)
    ]
    if overtaken(waiting, call.stamp):
        raise unstored(AppError(ErrorCode.ROLLED_BACK))


def unstored(error: AppError) -> AppError:
    """Mark a refusal that comes from what is stored already: it leaves no new row."""
    error.unstored = True
    return error
