"""What the load generator asks: requests of tills and programs, made from encoded templates."""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Callable

import msgspec

CARD_INFO = (
    '<?xml version="1.0" encoding="utf-8"?><Message Action="Get card info" Terminal_Type="{code}" '
    'Unit_ID="1" User_ID="1"><Card_Code>{card}</Card_Code>'
    "<Include>Account, Holder</Include></Message>"
)
TILL = (
    '<?xml version="1.0" encoding="UTF-8"?><ROOT><QRY Card="{card}" Restaurant="1" UnitNo="1"/>'
    "</ROOT>"
)
SALE = (
    "<ROOT><Transactions>"
    '<TransactionsEx Card="{card}" Kind="2" Summa="620" Restaurant="1" RKUni="1" RKCheck="1"/>'
    '<TransactionsEx Card="{card}" Kind="3" Summa="124000" Restaurant="1" RKUni="1" RKCheck="1"/>'
    '</Transactions><INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="1" '
    'generateddatetime="{stamp}"><CHECKDATA checknum="1" orderguid="{order}">'
    '<CHECKLINES count="1"><LINE code="201" name="Lunch" uni="1" type="dish" price="1240.00" '
    'quantity="1" sum="1240.00"/></CHECKLINES></CHECKDATA></CHECK></INPBUF></ROOT>'
)
ORDER_MARK = "0" * 32
STAMP_FORMAT = "%Y-%m-%dT%H:%M:%S"


class Target(msgspec.Struct, kw_only=True):
    """Who asks about which cards."""

    code: str
    cards: array[int]
    draw: random.Random


class Template:
    """A request whose card (and order) change; the rest is encoded once."""

    def __init__(self, path: str, body: str) -> None:
        first, *rest = body.split("{card}")
        self._path = path
        self._parts = [first.encode(), *(part.encode() for part in rest)]
        self._heads: dict[int, bytes] = {}

    def fill(self, card: bytes) -> bytes:
        """The whole HTTP request for a card."""
        body = card.join(self._parts)
        head = self._heads.get(len(body))
        if head is None:
            head = self._heads[len(body)] = (
                f"POST {self._path} HTTP/1.1\r\nHost: localhost\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
        return head + body


def _reader(target: Target, path: str, body: str) -> Callable[[], bytes]:
    template, cards, draw = Template(path, body), target.cards, target.draw.random
    count = len(cards)
    return lambda: template.fill(b"%d" % cards[int(draw() * count)])


def read(target: Target) -> Callable[[], bytes]:
    """Get card info of the XML API, with holder and accounts."""
    return _reader(target, "/", CARD_INFO.replace("{code}", target.code))


def till(target: Target) -> Callable[[], bytes]:
    """GetCardInfoEx, as a till asks when a card is swiped."""
    return _reader(target, f"/getcardinfoex.php?qualifier={target.code}", TILL)


def sale(target: Target) -> Callable[[], bytes]:
    """TransactionsEx of a new order each time: points earned, money spent."""
    cards, draw = target.cards, target.draw
    count = len(cards)
    body = SALE.replace("{stamp}", time.strftime(STAMP_FORMAT)).replace("{order}", ORDER_MARK)
    template = Template(f"/transactionsex.php?qualifier={target.code}", body)
    mark, number = ORDER_MARK.encode(), draw.getrandbits(100)

    def make() -> bytes:
        nonlocal number
        number += 1
        card = b"%d" % cards[int(draw.random() * count)]
        return template.fill(card).replace(mark, b"%032x" % number)

    return make


def mix(target: Target) -> Callable[[], bytes]:
    """Four readings, half of a till's and half of programs', to one booking (crm-xml.md 13)."""
    makers = (read(target), till(target), read(target), till(target), sale(target))
    draw = target.draw.random

    def make() -> bytes:
        return makers[int(draw() * 5)]()

    return make


MAKERS: dict[str, Callable[[Target], Callable[[], bytes]]] = {
    "read": read,
    "till": till,
    "sale": sale,
    "mix": mix,
}
"""Kinds of load by name."""
