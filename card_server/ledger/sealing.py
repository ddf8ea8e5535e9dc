"""Links the operations of a group to their writer's hash chain (domain 3.15)."""

from __future__ import annotations

from card_server.ledger.book import Rows
from card_server.ledger.chain import Parts, link, parts_by_operation
from card_server.ledger.writing import WriterHead

NOTHING = Parts([], [], [], [], [], [], [])


def seal_rows(rows: Rows, head: WriterHead) -> WriterHead:
    """Number and hash every operation in order; returns the new end of the chain."""
    parts = parts_by_operation(
        entries=rows.entries,
        lots=rows.lots,
        allocations=rows.allocations,
        terms=rows.lot_terms,
        hold_events=rows.hold_events,
        levels=rows.level_history,
        coupon_uses=rows.coupon_uses,
    )
    number, previous = head.next_chain_no, head.head_hash
    for operation in rows.operations:
        operation.writer_id = head.writer_id
        operation.chain_no = number
        operation.prev_hash = previous
        previous = link(previous, operation, parts.get(operation.operation_id, NOTHING))
        operation.hash = previous
        number += 1
    return WriterHead(writer_id=head.writer_id, next_chain_no=number, head_hash=previous)
