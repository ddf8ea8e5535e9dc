"""What a till's call says, in the ledger's words: the input and the outcome of receipts."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from shared.wire.errors import AppError

PAYMENT, DISCOUNT, BONUS, SPENDING = 0, 1, 2, 3
"""Kinds of a relay line (farcards.md 3.2)."""

CHMODE_SIMPLE, CHMODE_SALE, CHMODE_SALE_ROLLBACK, CHMODE_RETURN, CHMODE_RETURN_ROLLBACK = range(5)


class RelayLine(msgspec.Struct, kw_only=True, gc=False):
    """One item of TransactionsEx; `amount` in kopecks with the sign as sent."""

    card: int
    person_id: int
    kind: int
    amount: int
    position: int = 0
    """Place in the request, from 1."""


class CardCall(msgspec.Struct, kw_only=True):
    """The lines of one card in a call."""

    card: int
    person_id: int
    lines: list[RelayLine]
    fingerprint: bytes = b""
    """Content of the lines: by it a repeat is told from another call under the same key."""


class DiscountMark(msgspec.Struct, kw_only=True, frozen=True):
    """A discount of the cheque that may stand for a coupon: its POS code and its card."""

    code: int
    card: str


class Cheque(msgspec.Struct, kw_only=True):
    """Figures of the CHECK element that rules need, in minor units."""

    net: int = 0
    """Sum of the lines after discounts."""
    gross: int = 0
    """Before discounts."""
    lines: int = 0
    dishes: list[str] = []
    """POS codes of the lines."""

    @property
    def discount(self) -> int:
        """What the till took off."""
        return max(0, self.gross - self.net)


class RelayCall(msgspec.Struct, kw_only=True):
    """One TransactionsEx call. `order_guid` is lower case without braces, None if absent."""

    classifier_id: int
    division_id: int = 1
    unit_id: int | None = None
    station_no: int | None = None
    chmode: int = 0
    restaurant: int = 0
    rk_date: date | None = None
    rk_uni: int = 0
    rk_check: int = 0
    order_guid: str | None = None
    check_no: int = 0
    stamp: str = ""
    occurred_at: datetime | None = None
    occurred_off: int | None = None
    shift_date: date | None = None
    shift_no: int | None = None
    pos_user: str | None = None
    lines: list[RelayLine]
    cheque: Cheque | None = None
    discounts: list[DiscountMark] = []
    document: bytes | None = None
    strict: bool = False
    phone_country: str = ""
    """Whose phones stand for cards (`card.virtual_by_phone`); empty while that is off."""
    details: bool = False
    """The reply names every booking, also that of a repeat."""


class Booked(msgspec.Struct, kw_only=True):
    """One booking for the details of a reply."""

    entry_id: int
    position: int
    card: int
    amount: int


class RelayOutcome(msgspec.Struct, kw_only=True):
    """What the till is told: done, or the refusal."""

    error: AppError | None = None
    operations: list[int] = []
    booked: list[Booked] = []


class XmlItem(msgspec.Struct, kw_only=True):
    """One item of the XML Transaction message.

    The target is `account_id` (of an account number, already checked for its form), or
    `card_code` with or without `account_type_id`; `account_class` and `number_type` are what the
    account number said and must fit the stored account.
    """

    account_id: int | None = None
    account_class: int | None = None
    number_type: int | None = None
    account_text: str = ""
    coupon_code: str | None = None
    card_code: int | None = None
    card_text: str = ""
    """What was sent as Card_Code: it may be carrier data."""
    account_type_id: int | None = None
    amount: int
    ext_id: str | None = None
    ext_index: int = 0
    ext_date: date | None = None
    time: datetime | None = None
    time_off: int | None = None
    life: date | None = None
    delay: datetime | None = None
    operation_type: int | None = None
    parent: int | None = None
    remarks: str = ""
    document: bytes | None = None


class XmlCall(msgspec.Struct, kw_only=True):
    """The Transaction message."""

    classifier_id: int
    division_id: int = 1
    unit_id: int | None = None
    pos_user: str | None = None
    items: list[XmlItem]


class XmlAnswer(msgspec.Struct, kw_only=True):
    """One item of the reply."""

    account_text: str
    transaction_id: int


class XmlOutcome(msgspec.Struct, kw_only=True):
    """The reply's items, or the refusal of the whole message."""

    error: AppError | None = None
    answers: list[XmlAnswer] = []
