"""Farcards requests, pure: function names, QRY, Transactions, the CHECK element (farcards.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from card_server.receipts.records import Cheque, RelayLine
from card_server.relay.formats import day_number, maybe_number, read_date
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode

FUNCTIONS: Final = frozenset(
    {"getcardinfoex", "transactionsex", "findemail", "getcardimageex", "licenseinfo"}
)
SKIPPED_LINES: Final = frozenset({"modify", "combo"})
LIMITS: Final = Limits()
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
    phone: str = ""
    cheque: Cheque = msgspec.field(default_factory=Cheque)


class CardQuery(msgspec.Struct, kw_only=True):
    """GetCardInfoEx, GetCardImageEx."""

    card: str
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


def walk(node: Node) -> Iterator[Node]:
    """An element and everything below it, in document order."""
    yield node
    for child in node.children:
        yield from walk(child)


def function_of(segments: tuple[str, ...], root: Node | None) -> str:
    """The function: last path segment with or without .php, else what the root holds."""
    last = segments[-1].lower().removesuffix(".php") if segments else ""
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


def find_buffer(root: Node) -> Node | None:
    """INPBUF inside QRY or beside it."""
    return next((node for node in walk(root) if node.tag == "inpbuf"), None)


def read_check(root: Node) -> tuple[CheckFacts | None, Node | None]:
    """The CHECK of a request: nested, escaped or in CDATA."""
    buffer = find_buffer(root)
    if buffer is None:
        return None, None
    check = next((node for node in walk(buffer) if node.tag == "check"), None)
    if check is None and "<" in buffer.text:
        inner = parse(buffer.text.encode(), LIMITS, fold=True)
        check = next((node for node in walk(inner) if node.tag == "check"), None)
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
    )
    fallback = ""
    for node in walk(check):
        tag = node.tag
        if tag == "checkdata":
            facts.order_guid = _guid(node.get("orderguid"))
            facts.check_no = maybe_number(node.get("checknum")) or 0
            facts.closed = node.get("closedatetime").strip()
        elif tag == "line":
            _add_line(facts.cheque, node)
        elif tag == "item" and node.get("cardcode"):
            facts.cards.append(node.get("cardcode"))
        elif tag == "interface":
            fallback = fallback or node.get("cardcode")
        elif tag == "person":
            facts.pos_user = facts.pos_user or node.get("code") or None
        elif tag == "property" and node.get("name") == "MAIN_PHONE_NUMBER":
            facts.phone = node.get("value")
    if fallback:
        facts.cards.append(fallback)
    return facts


def _add_line(cheque: Cheque, node: Node) -> None:
    if node.get("type").lower() in SKIPPED_LINES:
        return
    cheque.lines += 1
    net = _units(node.get("sum"))
    cheque.net += net
    listed = node.get("pr_list_sum")
    cheque.gross += _units(listed) if listed else net


def _units(text: str) -> int:
    """A sum in currency units with a point as kopecks; rubbish counts nothing."""
    value = text.strip().replace(",", ".")
    sign = -1 if value.startswith("-") else 1
    whole, _, rest = value.lstrip("+-").partition(".")
    if not (whole or "0").isdigit() or (rest and not rest.isdigit()) or len(whole) > 12:  # noqa: PLR2004 - money
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
    if (maybe_number(code) or 0) == 0 and not _is_text_code(code) and check is not None:
        code = check.cards[0].strip() if check.cards else code
    return CardQuery(
        card=code,
        restaurant=maybe_number(query.get("restaurant")) or 0,
        unit_no=maybe_number(query.get("unitno")) or 0,
        check=check,
    )


def _is_text_code(code: str) -> bool:
    return bool(code) and not code.isdigit()


def read_transactions(root: Node, body: bytes) -> TransactionsCall:
    """TransactionsEx: items under Transactions or directly under the root."""
    items = [node for node in walk(root) if node.tag == "transactionsex"]
    check, _ = read_check(root)
    first = items[0] if items else Node("transactionsex", {}, [], "")
    return TransactionsCall(
        lines=[_line(node) for node in items],
        restaurant=maybe_number(first.get("restaurant")) or 0,
        rk_date=day_number(first.get("rkdate")),
        rk_uni=maybe_number(first.get("rkuni") or first.get("rkunit")) or 0,
        rk_check=maybe_number(first.get("rkcheck")) or 0,
        check=check,
        document=_check_bytes(body) if check is not None else None,
    )


def _line(node: Node) -> RelayLine:
    return RelayLine(
        card=maybe_number(node.get("card")) or 0,
        person_id=maybe_number(node.get("personid")) or 0,
        kind=maybe_number(node.get("kind")) or 0,
        amount=read_kopecks(node.get("summa"), "Summa"),
    )


def read_kopecks(text: str, field: str) -> int:
    """A whole number of kopecks; decimals only if they are zeros."""
    value = text.strip().replace(",", ".")
    whole, _, rest = value.partition(".")
    if rest.strip("0") or not whole.lstrip("+-").isdigit() or len(whole) > 16:  # noqa: PLR2004 - 64 bits
        if not value:
            return 0
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=text)
    return int(whole)


def _check_bytes(body: bytes) -> bytes | None:
    """The CHECK as it came, for the document of the operation."""
    low = body.lower()
    start, end = low.find(b"<check "), low.rfind(b"</check>")
    return body[start : end + 8] if 0 <= start < end else body
