"""Farcards requests, pure: function names, QRY, Transactions, the CHECK element (farcards.md)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from card_server.receipts.records import Cheque, DiscountMark, RelayLine
from card_server.relay.decoding import decode
from card_server.relay.formats import day_number, maybe_number, read_date
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode

NOT_OFFERED: Final = frozenset({"findcardsl", "findaccountsbykind", "getdisclevelinfol", "anyinfo"})
"""Functions of the library interface without a known HTTP form (farcards.md 10)."""
OFFERED: Final = frozenset(
    {"getcardinfoex", "transactionsex", "findemail", "getcardimageex", "licenseinfo"}
)
KOPECKS: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
LONGEST_SUM: Final = 16
"""Characters of a sum that fits into 64 bits with room to add up."""
FUNCTIONS: Final = OFFERED | NOT_OFFERED
SKIPPED_LINES: Final = frozenset({"modify", "combo"})
NOTED: Final = frozenset(
    {"checkdata", "line", "holders", "interface", "person", "property", "checkdiscounts"}
)
"""Elements of a CHECK that say something to the rules; the rest is only stored."""
LIMITS: Final = Limits()
CHECK: Final = re.compile(rb"<check[\s/>](?:.*</check\s*>|[^>]*/?>)", re.IGNORECASE | re.DOTALL)
ZERO_GUID: Final = "00000000-0000-0000-0000-000000000000"


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


class CardQuery(msgspec.Struct, kw_only=True):
    """GetCardInfoEx, GetCardImageEx."""

    card: str
    phone: str = ""
    """Looked up when there is no code at all."""
    restaurant: int = 0
    unit_no: int = 0
    check: CheckFacts | None = None


class TransactionsCall(msgspec.Struct, kw_only=True):
    """TransactionsEx."""

    lines: list[RelayLine]
    restaurant: int = 0
    rk_date: date | None = None
    rk_uni: int = 0
    rk_check: int = 0
    check: CheckFacts | None = None
    document: bytes | None = None


def walk(node: Node) -> list[Node]:
    """An element and everything below it, in document order."""
    found = [node]
    for child in node.children:
        if child.children:
            found += walk(child)
        else:
            found.append(child)
    return found


def first(node: Node, tag: str) -> Node | None:
    """The first element of that name in document order, the node itself included."""
    if node.tag == tag:
        return node
    for child in node.children:
        found = first(child, tag)
        if found is not None:
            return found
    return None


def function_of(segments: tuple[str, ...], root: Node | None) -> str:
    """The function: last path segment with or without .php, else what the root holds."""
    last = plain_name(segments)
    if last in FUNCTIONS or root is None:
        return last
    if any(node.tag == "transactions" for node in root.children) or any(
        node.tag == "transactionsex" for node in root.children
    ):
        return "transactionsex"
    query = root.child("qry")
    if query is not None:
        if "email" in query.attributes:
            return "findemail"
        if "cardcode" in query.attributes:
            return "getcardimageex"
        if "card" in query.attributes or find_buffer(root) is not None:
            return "getcardinfoex"
    return "licenseinfo"


def plain_name(segments: tuple[str, ...]) -> str:
    """The last path segment as function names are compared."""
    return segments[-1].lower().removesuffix(".php") if segments else ""


def find_buffer(root: Node) -> Node | None:
    """INPBUF inside QRY or beside it."""
    return first(root, "inpbuf")


def read_check(root: Node) -> tuple[CheckFacts | None, Node | None]:
    """The CHECK of a request: nested, escaped or in CDATA."""
    buffer = find_buffer(root)
    if buffer is None:
        return None, None
    check = first(buffer, "check")
    if check is None and "<" in buffer.text:
        inner = parse(buffer.text.encode(), LIMITS, fold=True)
        check = first(inner, "check")
    return (facts_of(check), check) if check is not None else (None, None)


def facts_of(check: Node) -> CheckFacts:
    """The figures and identities of a CHECK element; everything may be missing."""
    facts = CheckFacts(
        chmode=maybe_number(check.get("chmode")),
        station=maybe_number(check.get("stationcode")),
        restaurant_code=check.get("restaurantcode").strip(),
        generated=check.get("generateddatetime").strip(),
        shift_date=_maybe_date(check.get("shiftdate")),
        shift_no=maybe_number(check.get("shiftnum")),
        cards=[],
        discounts=[],
    )
    interfaces: list[str] = []
    for node in walk(check):
        if node.tag in NOTED:
            _note(facts, node, interfaces)
    facts.cards += interfaces
    return facts


def _note(facts: CheckFacts, node: Node, interfaces: list[str]) -> None:
    """What one element of a CHECK says."""
    tag = node.tag
    if tag == "checkdata":
        facts.order_guid = _guid(node.get("orderguid"))
        facts.check_no = maybe_number(node.get("checknum")) or 0
        facts.closed = node.get("closedatetime").strip()
    elif tag == "line":
        _add_line(facts.cheque, node)
    elif tag == "holders":
        facts.cards += [i.get("cardcode").strip() for i in node.all("item") if i.get("cardcode")]
    elif tag == "interface" and node.get("cardcode").strip():
        interfaces.append(node.get("cardcode").strip())
    elif tag == "person":
        facts.pos_user = facts.pos_user or node.get("code").strip() or None
    elif tag == "property" and node.get("name").strip().upper() == "MAIN_PHONE_NUMBER":
        facts.phone = facts.phone or node.get("value").strip()
    elif tag == "checkdiscounts":
        for discount in node.all("discount"):
            code, card = maybe_number(discount.get("code")), discount.get("cardcode").strip()
            if code is not None and card:
                facts.discounts.append(DiscountMark(code=code, card=card))


def _add_line(cheque: Cheque, node: Node) -> None:
    if node.get("type").lower() in SKIPPED_LINES:
        return
    cheque.lines += 1
    code = node.get("code").strip()
    if code:
        cheque.dishes.append(code)
    net = _units(node.get("sum"))
    cheque.net += net
    listed = node.get("pr_list_sum")
    cheque.gross += _units(listed) if listed else net


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


def local_moment(text: str, offset: int) -> datetime | None:
    """A till's local time (`2024-03-05T18:39:58`) in UTC; None for nothing or rubbish."""
    value = text.strip()
    if not value:
        return None
    try:
        local = datetime.fromisoformat(value[:23])
    except ValueError:
        return None
    if local.tzinfo is None:
        local = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    return local.astimezone(UTC)


def read_card_query(root: Node) -> CardQuery:
    """GetCardInfoEx and GetCardImageEx."""
    query = root.child("qry") or root
    check, _ = read_check(root)
    code = (query.get("card") or query.get("cardcode")).strip()
    if not maybe_number(code):
        code = check.cards[0] if check is not None and check.cards else _no_zero(code)
    return CardQuery(
        card=code,
        phone=check.phone if check is not None else "",
        restaurant=maybe_number(query.get("restaurant")) or 0,
        unit_no=maybe_number(query.get("unitno")) or 0,
        check=check,
    )


def _no_zero(code: str) -> str:
    """Nothing for a code that says "none" by a zero."""
    return "" if maybe_number(code) == 0 else code


def read_transactions(root: Node, body: bytes) -> TransactionsCall:
    """TransactionsEx: items under Transactions or directly under the root."""
    items = [node for node in walk(root) if node.tag == "transactionsex"]
    check, _ = read_check(root)
    first = items[0] if items else Node("transactionsex", {}, [], "")
    return TransactionsCall(
        lines=[_line(node, i) for i, node in enumerate(items, start=1)],
        restaurant=maybe_number(first.get("restaurant")) or 0,
        rk_date=day_number(first.get("rkdate")),
        rk_uni=maybe_number(first.get("rkuni") or first.get("rkunit")) or 0,
        rk_check=maybe_number(first.get("rkcheck")) or 0,
        check=check,
        document=_check_bytes(body, root) if check is not None else None,
    )


def _line(node: Node, position: int) -> RelayLine:
    return RelayLine(
        card=maybe_number(node.get("card")) or 0,
        person_id=maybe_number(node.get("personid")) or 0,
        kind=_kind(node),
        amount=read_kopecks(node.get("summa"), "Summa"),
        position=position,
    )


def _kind(node: Node) -> int:
    """Rubbish is no payment: a Kind that cannot be read is refused with its value."""
    text = node.get("kind").strip()
    kind = maybe_number(text)
    if kind is None and text:
        raise AppError(ErrorCode.FIELD_BAD, field="Kind", value=text)
    return kind or 0


def read_kopecks(text: str, field: str) -> int:
    """A whole number of kopecks; decimals only if they are zeros."""
    if text.isdecimal() and text.isascii() and len(text) <= LONGEST_SUM:
        return int(text)
    value = text.strip().replace(",", ".")
    if not value:
        return 0
    found = KOPECKS.fullmatch(value)
    if found is None or len(found[1]) > LONGEST_SUM:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=text)
    return int(found[1])


def _check_bytes(body: bytes, root: Node) -> bytes | None:
    """The CHECK as it came, in UTF-8, for the document of the operation."""
    found = _cut_check(body if _is_utf8(body) else decode(body).encode())
    if found is None and (buffer := find_buffer(root)) is not None:
        found = _cut_check(buffer.text.encode())
    return found


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cut_check(text: bytes) -> bytes | None:
    found = CHECK.search(text)
    return found[0] if found is not None else None
