"""TransactionsEx in every cheque mode: booking, quote, slips, and what books nothing (5, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from card_server.classifiers.records import MODE_CRM
from card_server.classifiers.rules import need_right
from card_server.ledger.book import Book
from card_server.ledger.calendar import zone_of
from card_server.ledger.facts import Facts, Wants
from card_server.receipts.documents import Sealed, seal_document
from card_server.receipts.quoting import RelayQuote
from card_server.receipts.records import SPENDING, RelayCall, RelayLine, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting
from card_server.relay.access import setting
from card_server.relay.farcards_forms import Form
from card_server.relay.farcards_reader import TransactionsCall, local_moment
from card_server.relay.farcards_writer import Reply, Slip
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.card_window import coupon_buffer, phone_country, till_inquiry
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import Seen, SeenCoupon, TillInquiry
from card_server.relay.handlers.pos_texts import fields_of, slip_lines
from shared.settings.declare import Setting
from shared.settings.wire import RELAY_DETAILS, RELAY_SLIP, RELAY_STRICT
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)

BOOKING_MODES: Final = range(5)
KNOWN_MODES: Final = range(14)
SALE_MODE, QUOTE_MODE, SLIP_MODE = 1, 7, 10
NAME: Final = "transactionsex"


def transactions(
    message: TransactionsCall, context: Context, form: Form, done: Done, sold: Done | None = None
) -> None:
    """Answer a call by its cheque mode; `sold` is told when a sale was booked."""
    need_right(context.classifier, "txn.write")
    chmode = message.check.chmode if message.check is not None else 0
    chmode = 0 if chmode is None else chmode
    if chmode in BOOKING_MODES and message.lines:
        _book(message, chmode, context, form, done, sold)
        return
    if chmode not in KNOWN_MODES and any(line.amount for line in message.lines):
        raise AppError(ErrorCode.CHMODE_UNKNOWN, chmode=chmode)
    _journal(message, chmode)
    if chmode == QUOTE_MODE and context.classifier.calc_mode == MODE_CRM:
        _quote(message, context, form, done)
    elif chmode == SLIP_MODE:
        _slips(message, context, form, done)
    else:
        done(form.booked(Reply()))


def _journal(message: TransactionsCall, chmode: int) -> None:
    """One line for a call that books nothing."""
    check = message.check
    log.info(
        "cheque event",
        chmode=chmode,
        order=check.order_guid if check is not None else None,
        check=check.check_no if check is not None else message.rk_check,
        cards=sorted({line.card for line in message.lines}),
        sums=[(line.kind, line.amount) for line in message.lines],
    )


def _book(
    message: TransactionsCall,
    chmode: int,
    context: Context,
    form: Form,
    done: Done,
    sold: Done | None,
) -> None:
    def finish(outcome: RelayOutcome | AppError) -> None:
        error = outcome if isinstance(outcome, AppError) else outcome.error
        if error is not None:
            done(form.refused(NAME, error, context.language))
            return
        details = outcome.booked if call.details and isinstance(outcome, RelayOutcome) else ()
        answer = form.booked(Reply(details=details))
        if sold is not None and chmode == SALE_MODE:
            sold(answer)
        done(answer)

    call = relay_call(message, chmode, context)
    context.desk.post(RelayPosting(call, context.classifier, _sealed(message)), finish)


def _sealed(message: TransactionsCall) -> Sealed | None:
    return seal_document(message.document) if message.document else None


def is_on(context: Context, declared: Setting[bool]) -> bool:
    """A switch of the classifier or the system."""
    return context.rules.value(declared, context.classifier)


def relay_call(message: TransactionsCall, chmode: int, context: Context) -> RelayCall:
    """The message in the ledger's words."""
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
        station_no=station_of(message),
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
        discounts=check.discounts if check is not None else [],
        strict=is_on(context, RELAY_STRICT),
        details=is_on(context, RELAY_DETAILS),
        phone_country=phone_country(context),
    )


def station_of(message: TransactionsCall) -> int | None:
    """Stationcode of the CHECK, else RKUni."""
    check = message.check
    return (check.station if check is not None else None) or message.rk_uni or None


# -------------------------------------------------------------------------- quote


class QuoteInquiry:
    """The quote, and the look at the guest whose coupons go with it."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, quote: RelayQuote, look: TillInquiry) -> None:
        self._quote = quote
        self._look = look

    def wants(self) -> Wants:
        """What both want."""
        wants = self._quote.wants()
        wants.add(self._look.wants())
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """What both want."""
        wants = self._quote.more(facts, book)
        wants.add(self._look.more(facts, book))
        return wants

    def decide(self, facts: Facts, book: Book) -> tuple[RelayOutcome, Seen | SeenCoupon]:
        """The numbers of the sale, then the guest as before it."""
        outcome = self._quote.decide(facts, book)
        return outcome, self._look.decide(facts, book)


def _quote(message: TransactionsCall, context: Context, form: Form, done: Done) -> None:
    """Mode *crm* counts as for a sale and says what it would book (domain 3.3)."""
    need_right(context.classifier, "quote")
    lines = message.lines or _lines_of_check(message)
    if not lines:
        done(form.booked(Reply(is_quote=True)))
        return
    message = msgspec.structs.replace(message, lines=lines)
    quote = RelayQuote(relay_call(message, SALE_MODE, context), context.classifier)

    def finish(found: tuple[RelayOutcome, Seen | SeenCoupon] | AppError) -> None:
        error = found if isinstance(found, AppError) else found[0].error
        if error is not None:
            done(form.refused(NAME, error, context.language))
        elif isinstance(found, tuple):
            outcome, seen = found
            buffer = coupon_buffer(seen, context) if isinstance(seen, Seen) else None
            done(form.booked(Reply(details=outcome.booked, is_quote=True, buffer=buffer)))

    look = till_inquiry(str(lines[0].card), context)
    context.desk.ask(QuoteInquiry(quote, look), finish)


def _lines_of_check(message: TransactionsCall) -> list[RelayLine]:
    """A calculation without items: the card of the CHECK and what its lines come to."""
    check = message.check
    if check is None or not check.cards:
        return []
    card = maybe_number(check.cards[0])
    if not card:
        return []
    net = check.cheque.net
    return [RelayLine(card=card, person_id=0, kind=SPENDING, amount=net, position=0)]


# -------------------------------------------------------------------------- slips


class SlipInquiry:
    """Looks at every card of a call whose slips are to be printed."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, looks: Sequence[TillInquiry]) -> None:
        self._looks = looks

    def wants(self) -> Wants:
        """All cards."""
        wants = Wants()
        for look in self._looks:
            wants.add(look.wants())
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """Their holders."""
        wants = Wants()
        for look in self._looks:
            wants.add(look.more(facts, book))
        return wants

    def decide(self, facts: Facts, book: Book) -> list[Seen]:
        """The cards that exist."""
        found = []
        for look in self._looks:
            try:
                seen = look.decide(facts, book)
            except AppError:
                continue
            if isinstance(seen, Seen):
                found.append(seen)
        return found


def _slips(message: TransactionsCall, context: Context, form: Form, done: Done) -> None:
    """Chmode 10: the slip of every card, if the classifier has a text for it."""
    template = setting(context.rules, context.classifier, RELAY_SLIP)
    cards = list(dict.fromkeys(str(line.card) for line in message.lines if line.card))
    if not cards and message.check is not None:
        cards = list(dict.fromkeys(message.check.cards))
    if not template or not cards:
        done(form.booked(Reply()))
        return

    def finish(found: list[Seen] | AppError) -> None:
        if isinstance(found, AppError):
            done(form.refused(NAME, found, context.language))
            return
        slips = [
            Slip(
                card=str(seen.card.card_code),
                lines=slip_lines(template, fields_of(seen, context)),
            )
            for seen in found
        ]
        done(form.booked(Reply(slips=slips)))

    looks = [till_inquiry(card, context) for card in cards]
    context.desk.ask(SlipInquiry(looks), finish)
