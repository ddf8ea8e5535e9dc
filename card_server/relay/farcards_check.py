"""The CHECK element of Farcards requests, pure: where its values stand, and what they say.

Reading takes two steps. The first looks at the names of elements and attributes only and says
where the values stand (a layout); the second reads the values. A request whose markup is known
(`quoted_shapes`) skips the first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, Generic, TypeVar

import msgspec

from card_server.receipts.records import Cheque, DiscountMark
from card_server.relay.formats import maybe_number, read_date
from card_server.relay.xml_tree import Node

T = TypeVar("T")
Row = tuple[str, ...]
Take = Callable[[Node, Row], T]
"""From an element and names of attributes to their values, or to what fetches them."""

SKIPPED_LINES: Final = frozenset({"modify", "combo"})
ZERO_GUID: Final = "00000000-0000-0000-0000-000000000000"
CHECK: Final = (
    "chmode",
    "stationcode",
    "restaurantcode",
    "generateddatetime",
    "shiftdate",
    "shiftnum",
)
DATA: Final = ("orderguid", "checknum", "closedatetime")
LINE: Final = ("type", "code", "sum", "pr_list_sum")
PROPERTY: Final = ("name", "value")
DISCOUNT: Final = ("code", "cardcode")
CARD: Final = ("cardcode",)
PERSON: Final = ("code",)
PHONE: Final = "MAIN_PHONE_NUMBER"


class CheckFacts(msgspec.Struct, kw_only=True):
    """What rules need of a CHECK, and its text for storage."""

    chmode: int | None = None
    station: int | None = None
    restaurant_code: str = ""
    generated: str = ""
    closed: str = ""
    order_guid: str | None = None
    check_no: int = 0
    shift_date: date | None = None
    shift_no: int | None = None
    pos_user: str | None = None
    cards: list[str] = []
    """Codes of HOLDERS, then of the INTERFACE itself."""
    discounts: list[DiscountMark] = []
    phone: str = ""
    cheque: Cheque = msgspec.field(default_factory=Cheque)


class CheckLayout(msgspec.Struct, Generic[T]):
    """Where a CHECK says something to the rules; the rest of it is only stored."""

    check: T
    data: list[T]
    lines: list[T]
    holders: list[T]
    interfaces: list[T]
    people: list[T]
    properties: list[T]
    discounts: list[T]


def values_of(node: Node, names: Row) -> Row:
    """The attributes themselves; empty where there is none."""
    get = node.attributes.get
    return tuple([get(name, "") for name in names])


def lay_out(check: Node, take: Take[T]) -> CheckLayout[T]:
    """The layout of a CHECK; everything may be missing."""
    found = CheckLayout(take(check, CHECK), [], [], [], [], [], [], [])
    for node in walk(check):
        tag = node.tag
        if tag == "checkdata":
            found.data.append(take(node, DATA))
        elif tag == "line":
            found.lines.append(take(node, LINE))
        elif tag == "holders":
            found.holders += [take(item, CARD) for item in node.all("item")]
        elif tag == "interface":
            found.interfaces.append(take(node, CARD))
        elif tag == "person":
            found.people.append(take(node, PERSON))
        elif tag == "property":
            found.properties.append(take(node, PROPERTY))
        elif tag == "checkdiscounts":
            found.discounts += [take(item, DISCOUNT) for item in node.all("discount")]
    return found


def fill(layout: CheckLayout[Callable[[list[str]], Row]], values: list[str]) -> CheckLayout[Row]:
    """The layout of a known markup with the values of one request."""
    return CheckLayout(
        layout.check(values),
        [row(values) for row in layout.data],
        [row(values) for row in layout.lines],
        [row(values) for row in layout.holders],
        [row(values) for row in layout.interfaces],
        [row(values) for row in layout.people],
        [row(values) for row in layout.properties],
        [row(values) for row in layout.discounts],
    )


def walk(node: Node) -> list[Node]:
    """An element and everything below it, in document order."""
    found = [node]
    for child in node.children:
        if child.children:
            found += walk(child)
        else:
            found.append(child)
    return found


def facts_of(layout: CheckLayout[Row]) -> CheckFacts:
    """The figures and identities of a CHECK."""
    chmode, station, restaurant, generated, shift_date, shift_no = layout.check
    facts = CheckFacts(
        chmode=maybe_number(chmode),
        station=maybe_number(station),
        restaurant_code=restaurant.strip(),
        generated=generated.strip(),
        shift_date=_maybe_date(shift_date),
        shift_no=maybe_number(shift_no),
        cards=[code.strip() for (code,) in layout.holders if code],
        discounts=[],
        cheque=cheque_of(layout.lines),
    )
    for guid, number, closed in layout.data:
        facts.order_guid = _guid(guid)
        facts.check_no = maybe_number(number) or 0
        facts.closed = closed.strip()
    for (code,) in layout.interfaces:
        if code := code.strip():
            facts.cards.append(code)
    for (code,) in layout.people:
        facts.pos_user = facts.pos_user or code.strip() or None
    for name, value in layout.properties:
        if name.strip().upper() == PHONE:
            facts.phone = facts.phone or value.strip()
    for pos_code, card in layout.discounts:
        found = maybe_number(pos_code)
        if found is not None and (card := card.strip()):
            facts.discounts.append(DiscountMark(code=found, card=card))
    return facts


def cheque_of(lines: list[Row]) -> Cheque:
    """What the LINE elements come to; notes to a dish and parts of a set count with it."""
    cheque = Cheque()
    for kind, code, total, listed in lines:
        if kind and kind.lower() in SKIPPED_LINES:
            continue
        cheque.lines += 1
        if dish := code.strip():
            cheque.dishes.append(dish)
        net = _units(total)
        cheque.net += net
        cheque.gross += _units(listed) if listed else net
    return cheque


def _units(text: str) -> int:
    """A sum in currency units with a point as kopecks; rubbish counts nothing."""
    value = text.strip().replace(",", ".")
    sign = -1 if value.startswith("-") else 1
    whole, _, rest = value.lstrip("+-").partition(".")
    if not (whole or "0").isdecimal() or (rest and not rest.isdecimal()) or len(whole) > 12:  # noqa: PLR2004 - money
        return 0
    return sign * (int(whole or "0") * 100 + int((rest[:2] + "00")[:2]))


def _guid(text: str) -> str | None:
    value = text.strip().strip("{}").lower()
    return None if not value or value == ZERO_GUID else value[:38]


def _maybe_date(text: str) -> date | None:
    try:
        return read_date(text)
    except ValueError:
        return None
