"""Requests of the XML API, pure: the envelope and the fields of each action (crm-xml.md 3, 8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

import msgspec

from card_server.receipts.records import XmlItem
from card_server.relay.formats import (
    maybe_number,
    read_amount,
    read_date,
    read_moment,
)
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import parse_account_number

SPLIT: Final = re.compile(r"[,;\s]+")
LONGEST_DOP: Final = 524_288
LONGEST_EXT: Final = 40


class Envelope(msgspec.Struct, kw_only=True):
    """The attributes of Message."""

    action: str
    terminal_type: str
    global_type: str
    unit_id: int
    user: str
    session: str
    root: Node


def read_envelope(root: Node, header_terminal: str) -> Envelope:
    """Action is trimmed, blanks joined, letter case dropped; the attribute beats the header."""
    if root.tag != "Message":
        raise AppError(ErrorCode.WRONG_ROOT)
    action = " ".join(root.get("Action").split()).lower()
    if not action:
        raise AppError(ErrorCode.ACTION_MISSING)
    unit, user = maybe_number(root.get("Unit_ID")), maybe_number(root.get("User_ID"))
    return Envelope(
        action=action,
        terminal_type=root.get("Terminal_Type").strip() or header_terminal.strip(),
        global_type=root.get("Global_Type").strip(),
        unit_id=1 if unit is None else unit,
        user=str(1 if user is None else user),
        session=_session(root.get("Session")),
        root=root,
    )


def _session(text: str) -> str:
    """A GUID without braces; the one of zeros is none (R42)."""
    value = text.strip("{} ").lower()
    return value if value.strip("0-") else ""


def includes(root: Node, limits: Limits) -> frozenset[str]:
    """Include words in lower case, from every Include element (7.4)."""
    words: set[str] = set()
    for node in root.all("Include"):
        if len(node.text.encode()) > limits.include_bytes:
            raise AppError(ErrorCode.TOO_LONG, field="Include", limit=limits.include_bytes)
        words.update(word.lower() for word in SPLIT.split(node.text) if word)
    if "holders_contact" in words:
        words.add("holder_contact")
    return frozenset(words)


def needed(root: Node, field: str) -> str:
    """Text of an obligatory element."""
    value = root.text_of(field).strip()
    if not value:
        raise AppError(ErrorCode.FIELD_MISSING, field=field)
    return value


def read_items(root: Node, limits: Limits, offset: Callable[[], int]) -> list[XmlItem]:
    """The items of a Transaction message; `offset` gives minutes for times without a zone."""
    nodes = root.all("Transaction")
    if not nodes:
        raise AppError(ErrorCode.NOTHING_TO_BOOK)
    if len(nodes) > limits.transaction_items:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(nodes), limit=limits.transaction_items)
    return [_item(node, offset) for node in nodes]


def _item(node: Node, offset: Callable[[], int]) -> XmlItem:
    amount_text = node.text_of("Amount").strip()
    if not amount_text:
        raise AppError(ErrorCode.FIELD_MISSING, field="Amount")
    item = XmlItem(amount=read_amount(amount_text))
    _target(node, item)
    item.ext_id = _ext_id(node.text_of("External_ID").strip())
    item.ext_index = maybe_number(node.text_of("External_Index")) or 0
    item.ext_date = _date(node, "External_Date", ErrorCode.FIELD_BAD)
    time_text = node.text_of("Transaction_Time").strip()
    if time_text:
        item.time, item.time_off = read_moment(time_text, offset())
    item.life = _date(node, "Transaction_Life", ErrorCode.BAD_LIFE)
    item.delay = _delay(node, offset)
    item.operation_type = maybe_number(node.text_of("Operation_Type"))
    item.parent = maybe_number(node.text_of("Transaction_Parent"))
    item.remarks = node.text_of("Remarks").strip()[:255]
    document = node.text_of("Dop_Info")
    if document.strip():
        if len(document) > LONGEST_DOP:
            raise AppError(ErrorCode.TOO_LONG, field="Dop_Info", limit=LONGEST_DOP)
        item.document = document.strip().encode()
    return item


def _target(node: Node, item: XmlItem) -> None:
    number = node.text_of("Account_Number").strip() or node.text_of("Account_ID").strip()
    card = node.text_of("Card_Code").strip()
    if number:
        item.account_text = number
        parsed = parse_account_number(number)
        bare = maybe_number(number)
        if parsed is not None and parsed.is_coupon:
            item.coupon_code = f"{parsed.counter:013d}"
            item.account_id = parsed.id64
        elif parsed is not None:
            item.account_id = parsed.id64
            item.account_class = parsed.account_class
            item.number_type = parsed.account_type_id
        elif bare is not None:
            item.account_id = bare
        else:
            raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=number, number=number)
    elif card:
        item.card_code = maybe_number(card)
        item.card_text = card
        item.account_type_id = maybe_number(node.text_of("Account_Type_ID"))
    else:
        raise AppError(ErrorCode.FIELD_MISSING, field="Account_Number")


def _ext_id(text: str) -> str | None:
    """External_ID: up to 40 characters; leading zeros of a number are dropped."""
    if not text:
        return None
    if len(text) > LONGEST_EXT:
        raise AppError(ErrorCode.TOO_LONG, field="External_ID", limit=LONGEST_EXT)
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    return text


def _date(node: Node, field: str, code: ErrorCode) -> date | None:
    text = node.text_of(field)
    try:
        return read_date(text)
    except ValueError as error:
        raise AppError(code, field=field, value=text) from error


def _delay(node: Node, offset: Callable[[], int]) -> datetime | None:
    text = node.text_of("Transaction_Delay").strip()
    if not text:
        return None
    try:
        return read_moment(text, offset())[0]
    except AppError as error:
        raise AppError(ErrorCode.BAD_LIFE, value=text) from error
