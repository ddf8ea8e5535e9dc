"""Actions on coupons: Add coupons, Get coupon info, Coupon active, their types (8.9 to 8.11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from card_server.classifiers.rules import need_right
from card_server.coupons.records import Coupon
from card_server.coupons.rules import ID_DIGITS, code_of
from card_server.coupons.service import Issued, NewCoupon, activate_coupon, issue_coupons
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.relay.crm_xml_reader import Envelope, needed
from card_server.relay.crm_xml_writer import root
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number, read_amount, read_date, read_flag
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.coupon_blocks import coupon_block, type_block, zone_here
from card_server.relay.texts import done as done_document
from card_server.relay.texts import failure
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode

LONGEST_EXT: Final = 40
LONGEST_NOTES: Final = 500
PLACE: Final = "Terminal_Type_ID"


class CouponInquiry:
    """Looks at one coupon with the group."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, sent: str) -> None:
        self._sent = sent
        self._code = code_of(sent)

    def wants(self) -> Wants:
        """The coupon by its code."""
        return Wants(coupons={self._code} if self._code is not None else set())

    def more(self, facts: Facts, book: Book) -> Wants:
        """Nothing."""
        del facts, book
        return Wants()

    def decide(self, facts: Facts, book: Book) -> tuple[Coupon, datetime]:
        """The coupon and the moment; a 19-digit id must fit as a whole."""
        coupon_id = facts.coupons.get(self._code or "")
        whole = self._sent.strip()
        if coupon_id is None or (len(whole) == ID_DIGITS and int(whole) != coupon_id):
            raise AppError(ErrorCode.COUPON_NOT_FOUND, coupon=self._sent, code=self._sent)
        return book.coupon(coupon_id), book.now


class Moment:
    """The moment at which the group works."""

    exclusive: frozenset[str] = frozenset()

    def wants(self) -> Wants:
        """Nothing."""
        return Wants()

    def more(self, facts: Facts, book: Book) -> Wants:
        """Nothing."""
        del facts, book
        return Wants()

    def decide(self, facts: Facts, book: Book) -> datetime:
        """Now."""
        del facts
        return book.now


def get_coupon(envelope: Envelope, context: Context, done: Done) -> None:
    """One coupon by its id or code."""
    need_right(context.classifier, "coupon.read")
    sent = needed(envelope.root, "Coupon_ID")

    def finish(found: tuple[Coupon, datetime] | AppError) -> None:
        if isinstance(found, AppError):
            _refuse(found, context, done)
            return
        block = coupon_block(found[0], context, found[1])
        span = ' IndexFrom="1" IndexTo="1" Count="1"'
        done(Answer(root("Coupons", block, context.message_id, span)))

    context.desk.ask(CouponInquiry(sent), finish)


def coupons_types(envelope: Envelope, context: Context, done: Done) -> None:
    """Coupon types with discounts, programs and content, by id."""
    need_right(context.classifier, "dict.read")
    del envelope

    def finish(now: datetime | AppError) -> None:
        if isinstance(now, AppError):
            _refuse(now, context, done)
            return
        blocks = [
            type_block(kind, context, now) for _, kind in sorted(context.rules.coupon_types.items())
        ]
        done(Answer(root("Coupons_Types", "".join(blocks), context.message_id)))

    context.desk.ask(Moment(), finish)


def activate(envelope: Envelope, context: Context, done: Done) -> None:
    """Coupon active: made to active, with the value of a sum coupon."""
    need_right(context.classifier, "coupon.issue")
    sent = needed(envelope.root, "Coupon_ID")
    summ = envelope.root.text_of("Summ")
    value = read_amount(summ) if summ else None
    if value is not None and value < 0:
        raise AppError(ErrorCode.BAD_AMOUNT, value=summ)

    def work(connection: Connection, now: datetime) -> None:
        activate_coupon(
            connection,
            sent,
            value=value,
            types=context.rules.coupon_types,
            now=now,
            classifier_id=context.classifier.classifier_id,
            ids=context.desk.ids,
        )

    def finish(outcome: AppError | None) -> None:
        if isinstance(outcome, AppError):
            _refuse(outcome, context, done)
        else:
            done(Answer(done_document(context.message_id)))

    context.desk.edit(work, finish)


def add_coupons(envelope: Envelope, context: Context, done: Done) -> None:
    """Issue coupons, all or none."""
    need_right(context.classifier, "coupon.issue")
    wanted = read_coupons(envelope.root, context)

    def work(connection: Connection, now: datetime) -> list[Issued]:
        return issue_coupons(
            connection,
            wanted,
            types=context.rules.coupon_types,
            today=zone_here(context.classifier).business_date(now),
            now=now,
            classifier_id=context.classifier.classifier_id,
            ids=context.desk.ids,
        )

    def finish(found: list[Issued] | AppError) -> None:
        if isinstance(found, AppError):
            _refuse(found, context, done)
            return
        blocks = "".join(
            f"<Coupon><Coupon_ID>{one.coupon_id}</Coupon_ID>"
            f"<Coupon_Code>{one.code}</Coupon_Code></Coupon>"
            for one in found
        )
        done(Answer(root("Coupons", blocks, context.message_id)))

    context.desk.edit(work, finish)


def _refuse(error: AppError, context: Context, done: Done) -> None:
    done(Answer(failure(error, context.message_id, context.language), is_error=True))


# -------------------------------------------------------------------------- reading


def read_coupons(message: Node, context: Context) -> list[NewCoupon]:
    """The Coupon elements of Add coupons."""
    nodes = message.all("Coupon")
    if not nodes:
        raise AppError(ErrorCode.FIELD_MISSING, field="Coupon")
    limit = context.limits.coupon_items
    if len(nodes) > limit:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(nodes), limit=limit)
    return [_coupon(node, context) for node in nodes]


def _coupon(node: Node, context: Context) -> NewCoupon:
    text = needed(node, "Coupon_Type_ID")
    type_id = maybe_number(text)
    if type_id is None:
        raise AppError(ErrorCode.COUPON_TYPE, type=text)
    ext_id = node.text_of("External_ID") or None
    if ext_id is not None and len(ext_id) > LONGEST_EXT:
        raise AppError(ErrorCode.TOO_LONG, field="External_ID", limit=LONGEST_EXT)
    one = NewCoupon(
        coupon_type_id=type_id,
        is_active=_is_active(node),
        ext_id=ext_id,
        holder_id=_holder(node),
        valid_from=_date(node, "Offered"),
        valid_to=_date(node, "Expired"),
        notes=node.text_of("Notes")[:LONGEST_NOTES] or None,
    )
    if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
        raise AppError(ErrorCode.FIELD_BAD, field="Expired", value=node.text_of("Expired"))
    places = node.child("Terminals_Types")
    if places is not None:
        one.everywhere = read_flag(places.get("All")) is True
        one.classifiers = frozenset() if one.everywhere else _places(places, context)
    return one


def _is_active(node: Node) -> bool:
    status = node.text_of("Status")
    if status.lower() not in ("", "active", "inactive"):
        raise AppError(ErrorCode.FIELD_BAD, field="Status", value=status)
    return status.lower() == "active"


def _holder(node: Node) -> int | None:
    text = node.text_of("Holder_ID")
    if not text:
        return None
    number = maybe_number(text)
    if number is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    return number or None


def _date(node: Node, field: str) -> date | None:
    text = node.text_of(field)
    try:
        return read_date(text)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=text) from error


def _places(places: Node, context: Context) -> frozenset[int]:
    """Terminal_Type_ID elements, also inside Terminal_Type as replies have them."""
    nodes = places.all(PLACE)
    nodes += [inner for node in places.all("Terminal_Type") for inner in node.all(PLACE)]
    found = set()
    for node in nodes:
        number = maybe_number(node.text)
        if number not in context.rules.classifiers or number == 0:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=PLACE, value=node.text.strip())
        found.add(number)
    return frozenset(found)
