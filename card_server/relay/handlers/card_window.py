"""GetCardInfoEx: what the till's card window shows of a card or a coupon (farcards.md 3.1, 4)."""

from __future__ import annotations

import structlog

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT
from card_server.cards.records import CARD_BLOCKED, CARD_INACTIVE, CARD_VOIDED
from card_server.classifiers.rules import need_right
from card_server.coupons.records import COUPON_MADE, COUPON_VOID
from card_server.ledger.calendar import zone_of
from card_server.relay.coupon_buffers import Buffer, content, offer
from card_server.relay.farcards_forms import Form
from card_server.relay.farcards_reader import CardQuery
from card_server.relay.farcards_writer import NO_LIMIT, PosCardView, sentence_of
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import Seen, SeenCoupon, TillInquiry, best_rate
from card_server.relay.handlers.pos_texts import is_allowed, level_of, printer_text, screen_text
from card_server.schemes.rules import LARGEST_POS_CODE
from shared.settings.house import CARD_BY_PHONE, COUNTRY
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP

log = structlog.get_logger(__name__)
NOT_ISSUED = {"ru": "Карта не выдана", "en": "Card not issued"}


def phone_country(context: Context) -> str:
    """The country whose phones stand for cards; empty while `card.virtual_by_phone` is off."""
    rules = context.rules
    by_phone = rules.value(CARD_BY_PHONE, context.classifier)
    return rules.value(COUNTRY) if by_phone else ""


def till_inquiry(code: str, context: Context) -> TillInquiry:
    """The look-up of a card by what the till sent."""
    return TillInquiry(code, context.classifier, phone_country=phone_country(context))


def get_card_info(query: CardQuery, context: Context, form: Form, done: Done) -> None:
    """Whatever state the card is in, the till decides by the flags."""
    need_right(context.classifier, "card.read")
    code = query.card or (query.phone if phone_country(context) else "")
    check = query.check
    if check is not None:
        log.info("card asked for an order", order=check.order_guid, chmode=check.chmode, card=code)

    def finish(found: Seen | SeenCoupon | AppError) -> None:
        try:
            if isinstance(found, AppError):
                raise found
            if isinstance(found, SeenCoupon):
                need_right(context.classifier, "coupon.read")
                view = coupon_view(found, context)
            else:
                view = pos_view(found, query, context)
        except AppError as error:
            done(form.refused("getcardinfoex", error, context.language))
        else:
            done(form.card_info(view))

    context.desk.ask(till_inquiry(code, context), finish)


def pos_view(seen: Seen, query: CardQuery, context: Context) -> PosCardView:
    """A card with its holder, sums, codes and texts."""
    card, person, rules = seen.card, seen.person, context.rules
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    shift = query.check.shift_date if query.check is not None else None
    today = shift or zone.business_date(seen.now)
    classes = {i: kind.account_class for i, kind in rules.account_types.items()}
    accounts = [one for one in seen.accounts if is_allowed(seen, one)]
    discount = best_rate(accounts, CLASS_DISCOUNT, classes)
    bonus = best_rate(accounts, CLASS_BONUS, classes)
    scheme = rules.schemes.get(discount.scheme_id) if discount.scheme_id is not None else None
    not_yet = card.valid_from is not None and card.valid_from > today
    why = card.block_reason or "" if card.state == CARD_BLOCKED else ""
    if card.holder_id is None:
        why = NOT_ISSUED.get(context.language, NOT_ISSUED["en"])
    payer = person.non_payer_type_id if person is not None else None
    return PosCardView(
        code=str(card.card_code),
        deleted=card.state == CARD_VOIDED,
        seize=card.seize,
        stop_date=card.valid_to is not None and card.valid_to < today,
        holy=card.state == CARD_INACTIVE or not_yet or not seen.served,
        manager=card.confirm_manager,
        locked=card.state == CARD_BLOCKED or card.holder_id is None,
        why_lock=why,
        holder=person.full_name if person is not None else "",
        person_id=card.holder_id or 0,
        account=person.pos_number if person is not None else 0,
        unpay=rules.non_payer_codes[payer][0] if payer in rules.non_payer_codes else 0,
        bonus=_pos_code(bonus.pos_code),
        discount=_pos_code(discount.pos_code),
        discount_limit=NO_LIMIT
        if scheme is None or scheme.limit_amount is None
        else scheme.limit_amount,
        sums=_sums(seen, context),
        dop_info=level_of(seen, context),
        screen=screen_text(seen, context),
        printer=printer_text(seen, context),
        buffer=coupon_buffer(seen, context),
    )


def _pos_code(code: int) -> int:
    """A code within 16 bits; what does not fit is no code."""
    return code if 0 <= code <= LARGEST_POS_CODE else 0


def _sums(seen: Seen, context: Context) -> list[int]:
    """Spendable of types that pay, in POS money; balance of the others, by `sum_slot`."""
    sums = [0] * 8
    for one in seen.accounts:
        row = one.row
        if row is None or row.sum_slot is None or not 1 <= row.sum_slot <= len(sums):
            continue
        if not is_allowed(seen, one):
            continue
        kind = context.rules.account_types[one.account.account_type_id]
        if kind.can_pay:
            amount = max(0, one.figures.spendable) * FULL_BP // max(1, row.debit_k_bp)
            if one.account.state != 1:
                amount = 0
        else:
            amount = one.figures.shown
        sums[row.sum_slot - 1] = amount
    return sums


def coupon_buffer(seen: Seen, context: Context) -> Buffer | None:
    """The coupons that the guest can use at this till now."""
    if "coupon.read" not in context.classifier.rights:
        return None
    types = context.rules.coupon_types
    pairs = [(coupon, types[coupon.coupon_type_id]) for coupon in seen.offered]
    return offer(pairs, context.classifier.classifier_id, context.language)


def coupon_view(found: SeenCoupon, context: Context) -> PosCardView:
    """A coupon as a card without a person: its type's name, no sums, its content."""
    coupon, kind, reason = found.coupon, found.kind, found.reason
    expired = reason is not None and reason.code is ErrorCode.COUPON_DATES
    made = coupon.state == COUPON_MADE
    locked = reason is not None and not expired and not made
    code = kind.pos_code if kind is not None and reason is None else None
    limit = kind.discount_limit if kind is not None else None
    return PosCardView(
        code=coupon.code,
        deleted=coupon.state == COUPON_VOID,
        stop_date=expired,
        holy=made,
        manager=kind is not None and kind.confirm_manager,
        locked=locked,
        why_lock=sentence_of(reason, context.language) if reason is not None and locked else "",
        holder=kind.name if kind is not None else "",
        discount=_pos_code(code or 0),
        discount_limit=NO_LIMIT if limit is None else limit,
        screen=kind.name if kind is not None else "",
        buffer=content(kind, context.classifier.classifier_id)
        if kind is not None and reason is None
        else None,
    )
