"""Rows of the timeline as the calls that a till would make."""

from __future__ import annotations

from datetime import date
from typing import Final

from card_server.accounts.records import CLASS_BONUS
from card_server.classifiers.records import Classifier
from card_server.demo.draws import Draws
from card_server.demo.organisation import STATIONS, Place
from card_server.demo.timeline import DAY_S, MOSCOW_S, VISITS, Act, Row, moment_of
from card_server.ledger.manual import Adjust, Header
from card_server.receipts.records import (
    BONUS,
    CHMODE_RETURN,
    CHMODE_SALE,
    CHMODE_SALE_ROLLBACK,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    Cheque,
    RelayCall,
    RelayLine,
)
from card_server.receipts.relay_posting import RelayPosting

FIRST_DAY: Final = date(1970, 1, 1).toordinal()
DAY_START_S: Final = 4 * 3600
CHMODES: Final = {
    Act.ROLLBACK: CHMODE_SALE_ROLLBACK,
    Act.REFUND: CHMODE_RETURN,
    Act.PART_REFUND: CHMODE_RETURN,
}
WAITERS: Final = 12
MANAGER, COMPLAINT = 2, 2
"""User of the demo, reason of the seeds."""

COMPENSATION: Final = 50_00


def order_of(row: Row, draws: Draws) -> str:
    """The order's guid."""
    number = row.guest * VISITS + row.visit
    text = f"{draws.raw('visit', number, 'order'):016x}{number:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def posting_of(
    row: Row, draws: Draws, order: str, card: int, place: Place, classifier: Classifier
) -> RelayPosting:
    """The posting that the server would make of the till's bytes."""
    number = row.guest * VISITS + row.visit
    happened = row.at - row.late_s
    day = (happened + MOSCOW_S - DAY_START_S) // DAY_S
    occurred = moment_of(happened)
    lines = _lines(row)
    who = draws.number("visit", number, "waiter", STATIONS * WAITERS)
    call = RelayCall(
        classifier_id=place.classifier_id,
        unit_id=place.unit_id,
        station_no=1 + who % STATIONS,
        chmode=CHMODES.get(Act(row.act), CHMODE_SALE),
        restaurant=place.unit_id,
        rk_uni=1,
        rk_check=1 + number % 99_999,
        order_guid=order,
        check_no=1,
        stamp=occurred.isoformat("T", "milliseconds")[:23],
        occurred_at=occurred,
        occurred_off=MOSCOW_S // 60,
        shift_date=date.fromordinal(FIRST_DAY + day),
        shift_no=1 + day % 1000,
        pos_user=str(1 + who // STATIONS),
        lines=[RelayLine(card=card, person_id=0, kind=kind, amount=sum_) for kind, sum_ in lines],
        cheque=Cheque(net=row.net, gross=row.net + row.discount, lines=1),
    )
    return RelayPosting(call, classifier, None)


def complaint_of(row: Row, order: str, holder_id: int, place: Place) -> Adjust:
    """A manager's present after a visit that went wrong."""
    header = Header(
        key=f"complaint-{order}", unit_id=place.unit_id, user_id=MANAGER, reason_id=COMPLAINT
    )
    amount = COMPENSATION * (1 + row.visit % 3)
    return Adjust(header=header, holder_id=holder_id, account_type_id=CLASS_BONUS, amount=amount)


def _lines(row: Row) -> list[tuple[int, int]]:
    """(kind, kopecks) with the signs of farcards.md 3.2."""
    paid = row.net if row.act == Act.REFUSED else row.paid
    part = 2 if row.act == Act.PART_REFUND else 1
    sums = (
        (PAYMENT, -paid // part),
        (DISCOUNT, row.discount // part),
        (BONUS, row.earned // part),
        (SPENDING, row.net // part),
    )
    sign = -1 if row.act in (Act.REFUND, Act.PART_REFUND) else 1
    return [(kind, sign * amount) for kind, amount in sums if amount]
