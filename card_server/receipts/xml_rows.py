"""The rows that one operation of a Transaction message leaves: itself, its items, its document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.records import Operation, OperationDocument, OperationItem, OperationKind
from card_server.receipts.documents import seal_document
from card_server.receipts.keys import RETURN, SALE, item_fingerprint
from card_server.receipts.records import XmlCall
from card_server.receipts.xml_coupons import coupon_kind
from card_server.receipts.xml_items import Placed

FREE_TEXT = 3
"""Kind of a document whose form nobody prescribes."""


def operation_row(
    call: XmlCall, classifier_id: int, group: Sequence[Placed], dated: Dated, book: Book
) -> Operation:
    """The operation of the items; its key is that of the first of them."""
    first = group[0]
    item = first.item
    operation_id = book.ids.take("operation")
    remarks = next((one.item.remarks for one in group if one.item.remarks), None)
    return Operation(
        operation_id=operation_id,
        kind=_kind(group),
        classifier_id=classifier_id,
        division_id=call.division_id,
        unit_id=call.unit_id,
        pos_user=call.pos_user,
        remarks=remarks[:255] if remarks else None,
        holder_id=first.account.holder_id,
        card_code=item.card_code,
        idem_key=first.key or f"x0:{operation_id}",
        attempt_no=first.attempt_no,
        fingerprint=_fingerprint(group),
        attempt_stamp=stamp_text(item.time),
        occurred_at=dated.occurred_at,
        occurred_off=dated.occurred_off,
        recorded_at=book.now,
        business_date=dated.business_date,
        ext_id=item.ext_id,
        ext_index=item.ext_index if item.ext_id else None,
        ext_date=item.ext_date,
        rule_version=book.rules.version,
    )


def write_items(group: Sequence[Placed], operation: Operation, book: Book) -> None:
    """A row for each item; one that moved nothing gets a number of its own. And the document."""
    for number, one in enumerate(group, start=1):
        if not one.transaction_id:
            one.transaction_id = book.ids.take("entry")
        book.rows.operation_items.append(item_row(one, operation, number))
    document = next((one.item.document for one in group if one.item.document), None)
    if document:
        sealed = seal_document(document)
        operation.doc_hash = sealed.hash
        book.rows.operation_documents.append(
            OperationDocument(
                operation_id=operation.operation_id,
                doc_kind=FREE_TEXT,
                body=sealed.body,
                salt=sealed.salt,
            )
        )


def item_row(one: Placed, operation: Operation, number: int) -> OperationItem:
    """The row that guards an item's key and keeps the number it was answered with."""
    return OperationItem(
        operation_id=operation.operation_id,
        item_no=number,
        classifier_id=operation.classifier_id,
        item_key=one.key or f"x0:{operation.operation_id}:{number}",
        attempt_no=one.attempt_no,
        fingerprint=item_fingerprint(one.item),
        ext_index=one.item.ext_index,
        operation_type=one.item.operation_type,
        transaction_id=one.transaction_id,
    )


def stamp_text(moment: datetime | None) -> str | None:
    """Transaction_Time as an attempt stamp."""
    return moment.isoformat("T", "milliseconds")[:23] if moment is not None else None


def _kind(group: Sequence[Placed]) -> OperationKind:
    first = group[0]
    if all(one.coupon is not None for one in group):
        return coupon_kind(first)
    if first.direction == RETURN:
        return OperationKind.REFUND
    if first.direction == SALE:
        return OperationKind.SALE
    if first.item.amount < 0:
        return OperationKind.DIRECT_DEBIT
    return OperationKind.DIRECT_CREDIT


def _fingerprint(group: Sequence[Placed]) -> bytes:
    digest = hashlib.sha256()
    for one in group:
        digest.update(item_fingerprint(one.item))
    return digest.digest()
