"""The Farcards functions: card window of the till, booking of a cheque (farcards.md 4, 5, 9)."""

from __future__ import annotations

from datetime import timedelta

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT
from card_server.cards.records import CARD_BLOCKED, CARD_INACTIVE, CARD_VOIDED
from card_server.classifiers.records import MODE_CRM
from card_server.classifiers.rules import need_right
from card_server.ledger.calendar import zone_of
from card_server.receipts.documents import Sealed, seal_document
from card_server.receipts.records import RelayCall, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting
from card_server.relay.access import setting
from card_server.relay.exchange import Answer
from card_server.relay.farcards_reader import (
    CardQuery,
    TransactionsCall,
    local_moment,
    read_card_query,
    read_transactions,
)
from card_server.relay.farcards_writer import (
    NO_LIMIT,
    PosCardView,
    booked,
    card_info,
    found_email,
    refused,
)
from card_server.relay.formats import money
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import CardInquiry, Seen, best_rate
from card_server.relay.xml_tree import Node
from card_server.schemes.rules import LARGEST_POS_CODE
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP

BOOKING_MODES = range(5)
KNOWN_MODES = range(14)
NOT_ISSUED = {"ru": "Карта не выдана", "en": "Card not issued"}


def get_card_info(root: Node, context: Context, done: Done) -> None:
    """GetCardInfoEx: whatever state the card is in, the till decides by the flags."""
    need_right(context.classifier, "card.read")
    query = read_card_query(root)

    def finish(found: list[Seen] | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(refused("getcardinfoex", found, context.language)))
        else:
            done(Answer(card_info(pos_view(found[0], query, context))))

    context.desk.ask(CardInquiry([query.card], context.classifier), finish)


def pos_view(seen: Seen, query: CardQuery, context: Context) -> PosCardView:
    """What the till's card window shows."""
    card, person, rules = seen.card, seen.person, context.rules
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    shift = query.check.shift_date if query.check is not None else None
    today = shift or zone.business_date(seen.now)
    classes = {i: kind.account_class for i, kind in rules.account_types.items()}
    discount = best_rate(seen.accounts, CLASS_DISCOUNT, classes)
    bonus = best_rate(seen.accounts, CLASS_BONUS, classes)
    scheme = rules.schemes.get(discount.scheme_id) if discount.scheme_id is not None else None
    not_yet = card.valid_from is not None and card.valid_from > today
    why = card.block_reason or "" if card.state == CARD_BLOCKED else ""
    if card.holder_id is None:
        why = NOT_ISSUED[context.language]
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
        bonus=bonus.pos_code if bonus.pos_code <= LARGEST_POS_CODE else 0,
        discount=discount.pos_code if discount.pos_code <= LARGEST_POS_CODE else 0,
        discount_limit=NO_LIMIT
        if scheme is None or scheme.limit_amount is None
        else scheme.limit_amount,
        sums=_sums(seen, context),
        dop_info=_level_name(seen, context),
        screen=_screen(seen, context),
        printer=setting(rules, context.classifier, "relay.printer_text", ""),
    )


def _sums(seen: Seen, context: Context) -> list[int]:
    """Spendable of types that pay, in POS money; balance of the others, by `sum_slot`."""
    sums = [0] * 8
    for one in seen.accounts:
        row = one.row
        if row is None or row.sum_slot is None or not 1 <= row.sum_slot <= len(sums):
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


def _level_name(seen: Seen, context: Context) -> str:
    for one in seen.accounts:
        level = context.rules.levels.get(one.account.level_id or 0)
        if level is not None:
            return level.name
    return ""


def _screen(seen: Seen, context: Context) -> str:
    """First line the name, second the balances of what pays (or the classifier's own text)."""
    own = setting(context.rules, context.classifier, "relay.screen_text", "")
    if own:
        return own
    lines = [seen.person.full_name] if seen.person is not None else []
    for one in seen.accounts:
        kind = context.rules.account_types[one.account.account_type_id]
        if kind.can_pay and one.row is not None and one.row.visible:
            lines.append(f"{kind.name}: {money(one.figures.shown)}")
    return "\n".join(lines)


def transactions(root: Node, context: Context, body: bytes, done: Done) -> None:
    """TransactionsEx in every cheque mode."""
    need_right(context.classifier, "txn.write")
    message = read_transactions(root, body)
    chmode = message.check.chmode if message.check is not None else 0
    chmode = 0 if chmode is None else chmode
    if chmode not in BOOKING_MODES:
        if chmode not in KNOWN_MODES and any(line.amount for line in message.lines):
            raise AppError(ErrorCode.CHMODE_UNKNOWN, chmode=chmode)
        if chmode == 7 and context.classifier.calc_mode == MODE_CRM:  # noqa: PLR2004 - calculation
            need_right(context.classifier, "quote")
        done(Answer(booked()))
        return
    if not message.lines:
        done(Answer(booked()))
        return
    details = setting(context.rules, context.classifier, "relay.details", "0") in ("1", "on")

    def finish(outcome: RelayOutcome | AppError) -> None:
        error = outcome if isinstance(outcome, AppError) else outcome.error
        if error is not None:
            done(Answer(refused("transactionsex", error, context.language)))
        elif isinstance(outcome, RelayOutcome):
            done(Answer(booked(outcome.booked if details else ())))

    document = _sealed(message)
    call = _call(message, chmode, context)
    context.desk.post(RelayPosting(call, context.classifier, document), finish)


def _sealed(message: TransactionsCall) -> Sealed | None:
    return seal_document(message.document) if message.document else None


def _call(message: TransactionsCall, chmode: int, context: Context) -> RelayCall:
    check = message.check
    occurred = offset = None
    if check is not None:
        zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
        local = zone.zone
        stamp = check.closed or check.generated
        if stamp:
            plain = local_moment(stamp, 0)
            if plain is not None:
                guess = local.utcoffset(plain.replace(tzinfo=None)) or timedelta()
                offset = int(guess.total_seconds()) // 60
                occurred = plain - guess
    return RelayCall(
        classifier_id=context.classifier.classifier_id,
        division_id=context.division_id,
        unit_id=context.unit_id,
        station_no=check.station if check is not None and check.station else message.rk_uni or None,
        chmode=chmode,
        restaurant=message.restaurant,
        rk_date=message.rk_date,
        rk_uni=message.rk_uni,
        rk_check=message.rk_check,
        order_guid=check.order_guid if check is not None else None,
        check_no=check.check_no if check is not None else 0,
        stamp=check.generated if check is not None else "",
        occurred_at=occurred,
        occurred_off=offset,
        shift_date=check.shift_date if check is not None else None,
        shift_no=check.shift_no if check is not None else None,
        pos_user=check.pos_user if check is not None else None,
        lines=message.lines,
        cheque=check.cheque if check is not None else None,
        strict=setting(context.rules, context.classifier, "relay.strict", "0") in ("1", "on"),
    )


__all__ = ["found_email", "get_card_info", "transactions"]
