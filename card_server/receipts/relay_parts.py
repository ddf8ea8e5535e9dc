"""A TransactionsEx call sorted out by card, and the operation row that each card's part makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from card_server.classifiers.records import Classifier
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.records import Operation, OperationKind
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
    return list(found.values())


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
