"""Farcards requests, pure: function names, QRY, Transactions, the CHECK element (farcards.md)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Generic, TypeVar

import msgspec

from card_server.receipts.records import RelayLine
from card_server.relay.decoding import decode
from card_server.relay.farcards_check import (
    CheckFacts,
    CheckLayout,
    Row,
    Take,
    facts_of,
    fill,
    lay_out,
    values_of,
    walk,
)
from card_server.relay.formats import day_number, maybe_number
from card_server.relay.limits import Limits
from card_server.relay.quoted_shapes import Getter, Quoted
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode

T = TypeVar("T")
TRANSACTIONS: Final = "transactionsex"
NOT_OFFERED: Final = frozenset({"findcardsl", "findaccountsbykind", "getdisclevelinfol", "anyinfo"})
"""Functions of the library interface without a known HTTP form (farcards.md 10)."""
OFFERED: Final = frozenset(
    {"getcardinfoex", "transactionsex", "findemail", "getcardimageex", "licenseinfo"}
)
KOPECKS: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
LONGEST_SUM: Final = 16
"""Characters of a sum that fits into 64 bits with room to add up."""
FUNCTIONS: Final = OFFERED | NOT_OFFERED
LIMITS: Final = Limits()
CHECK_BYTES: Final = re.compile(
    rb"<check[\s/>](?:.*</check\s*>|[^>]*/?>)", re.IGNORECASE | re.DOTALL
)
ITEM: Final = (
    "card",
    "personid",
    "kind",
    "summa",
    "restaurant",
    "rkdate",
    "rkuni",
    "rkunit",
    "rkcheck",
)
NO_ITEM: Final = ("",) * len(ITEM)


class CardQuery(msgspec.Struct, kw_only=True):
    """GetCardInfoEx, GetCardImageEx."""

    card: str
    phone: str = ""
    """Looked up when there is no code at all."""
    restaurant: int = 0
    unit_no: int = 0
    check: CheckFacts | None = None


class TransactionsLayout(msgspec.Struct, Generic[T]):
    """Where a TransactionsEx says what is to be booked."""

    items: list[T]
    check: CheckLayout[T] | None


class TransactionsCall(msgspec.Struct, kw_only=True):
    """TransactionsEx."""

    lines: list[RelayLine]
    restaurant: int = 0
    rk_date: date | None = None
    rk_uni: int = 0
    rk_check: int = 0
    check: CheckFacts | None = None
    document: bytes | None = None


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


def read_check(root: Node) -> CheckFacts | None:
    """The CHECK of a request: nested, escaped or in CDATA."""
    buffer = find_buffer(root)
    check = find_check(buffer) if buffer is not None else None
    return facts_of(lay_out(check, values_of)) if check is not None else None


def find_check(buffer: Node) -> Node | None:
    """The CHECK in a buffer's elements, else in its text."""
    check = first(buffer, "check")
    if check is None and "<" in buffer.text:
        check = first(parse(buffer.text.encode(), LIMITS, fold=True), "check")
    return check


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
    check = read_check(root)
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
    layout = lay_out_transactions(root, values_of)
    document = None
    buffer = find_buffer(root)
    if buffer is not None:
        if layout.check is None and (check := find_check(buffer)) is not None:
            layout.check = lay_out(check, values_of)
        if layout.check is not None:
            document = _check_bytes(body, buffer)
    return _call(layout, document)


def read_quoted(quoted: Quoted, body: bytes) -> TransactionsCall | None:
    """The same from a request whose markup is known; None where its CHECK is in a text."""
    layout = quoted.layout(_lay_out_slots)
    if layout is None:
        return None
    values = quoted.values
    items = [row(values) for row in layout.items]
    if layout.check is None:
        return _call(TransactionsLayout(items, None), None)
    check = fill(layout.check, values)
    return _call(TransactionsLayout(items, check), _cut_check(body))


def lay_out_transactions(root: Node, take: Take[T]) -> TransactionsLayout[T]:
    """Where the items stand, and the CHECK if it is in elements."""
    items = [take(node, ITEM) for node in walk(root) if node.tag == "transactionsex"]
    buffer = find_buffer(root)
    check = first(buffer, "check") if buffer is not None else None
    return TransactionsLayout(items, lay_out(check, take) if check is not None else None)


def _lay_out_slots(root: Node, take: Take[Getter]) -> TransactionsLayout[Getter] | None:
    layout = lay_out_transactions(root, take)
    buffer = find_buffer(root)
    in_text = layout.check is None and buffer is not None and "<" in buffer.text
    return None if in_text else layout


def _call(layout: TransactionsLayout[Row], document: bytes | None) -> TransactionsCall:
    item = layout.items[0] if layout.items else NO_ITEM
    _, _, _, _, restaurant, rk_date, rk_uni, rk_unit, rk_check = item
    return TransactionsCall(
        lines=[_line(row, i) for i, row in enumerate(layout.items, start=1)],
        restaurant=maybe_number(restaurant) or 0,
        rk_date=day_number(rk_date) if rk_date else None,
        rk_uni=maybe_number(rk_uni or rk_unit) or 0,
        rk_check=maybe_number(rk_check) or 0,
        check=facts_of(layout.check) if layout.check is not None else None,
        document=document,
    )


def _line(row: Row, position: int) -> RelayLine:
    card, person_id, kind, amount = row[:4]
    return RelayLine(
        card=maybe_number(card) or 0,
        person_id=maybe_number(person_id) or 0,
        kind=_kind(kind.strip()),
        amount=read_kopecks(amount, "Summa"),
        position=position,
    )


def _kind(text: str) -> int:
    """Rubbish is no payment: a Kind that cannot be read is refused with its value."""
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


def _check_bytes(body: bytes, buffer: Node) -> bytes | None:
    """The CHECK as it came, in UTF-8, for the document of the operation."""
    found = _cut_check(body if _is_utf8(body) else decode(body).encode())
    return found if found is not None else _cut_check(buffer.text.encode())


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cut_check(text: bytes) -> bytes | None:
    found = CHECK_BYTES.search(text)
    return found[0] if found is not None else None
