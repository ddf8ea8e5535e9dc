"""The Transaction action (crm-xml.md 8.6)."""

from __future__ import annotations

from datetime import UTC, datetime

from card_server.classifiers.rules import need_right
from card_server.ledger.calendar import zone_of
from card_server.receipts.records import XmlCall, XmlOutcome
from card_server.receipts.xml_posting import XmlPosting
from card_server.relay.crm_xml_reader import Envelope, read_items
from card_server.relay.crm_xml_writer import transactions
from card_server.relay.exchange import Answer
from card_server.relay.handlers.context import Context, Done
from card_server.relay.texts import failure
from shared.wire.errors import AppError

SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def transaction(envelope: Envelope, context: Context, done: Done) -> None:
    """All items or none; the answer has one transaction id per item."""
    if "coupon.use" not in context.classifier.rights:
        need_right(context.classifier, "txn.write")
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    items = read_items(envelope.root, context.limits, lambda: zone.offset_minutes(SOME_DAY))
    if any(item.coupon_code is None for item in items):
        need_right(context.classifier, "txn.write")
    if any(item.coupon_code is not None for item in items):
        need_right(context.classifier, "coupon.use")
    call = XmlCall(
        classifier_id=context.classifier.classifier_id,
        division_id=context.division_id,
        unit_id=context.unit_id,
        pos_user=envelope.user[:60],
        items=items,
    )

    def finish(outcome: XmlOutcome | AppError) -> None:
        error = outcome if isinstance(outcome, AppError) else outcome.error
        if error is not None:
            done(Answer(failure(error, context.message_id, context.language), is_error=True))
        elif isinstance(outcome, XmlOutcome):
            answers = [(row.account_text, row.transaction_id) for row in outcome.answers]
            done(Answer(transactions(answers, context.message_id)))

    context.desk.post(XmlPosting(call, context.classifier), finish)
