"""Requests of the JSON variant as the elements of the XML form, pure (farcards.md 11).

One reading serves both: names lose their letter case, sums become kopecks, buffers are decoded.
"""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any, Final

import msgspec

from card_server.relay.decoding import decode
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode

SUMS: Final = frozenset({"summa"})
LARGEST: Final = Decimal(10) ** 14
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


def is_json(content_type: str) -> bool:
    """`text/json` or `application/json`, with or without a charset."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain in ("text/json", "application/json")


def read_json(body: bytes) -> Node:
    """The request as a `ROOT` element with lower-case names."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n\x00")
    if not text:
        raise AppError(ErrorCode.EMPTY_REQUEST)
    try:
        document = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AppError(ErrorCode.BAD_XML, line=1, col=_position(error)) from error
    if not isinstance(document, dict):
        raise AppError(ErrorCode.BAD_XML, line=1, col=1)
    fields = _folded(document)
    children = _buffer(fields)
    items = fields.get("transactions")
    if isinstance(items, list):
        rows = [_node("transactionsex", _folded(i)) for i in items if isinstance(i, dict)]
        children.append(Node("transactions", {}, rows, ""))
    else:
        children.append(_node("qry", fields))
    return Node("root", {}, children, "")


def _position(error: Exception) -> int:
    """The place msgspec names at the end of its sentence, from 1."""
    digits = "".join(c for c in str(error).rpartition("byte ")[2] if c.isdigit())
    return int(digits or "0") + 1


def _folded(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        found.setdefault(str(name).lower(), value)
    return found


def _node(tag: str, fields: dict[str, Any]) -> Node:
    attributes = {
        name: _sum(name, value) if name in SUMS else _text(value)
        for name, value in fields.items()
        if value is not None and not isinstance(value, (dict, list))
    }
    return Node(tag, attributes, [], "")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)


def _sum(name: str, value: Any) -> str:
    """Currency units as kopecks; more than two decimals are no money."""
    try:
        amount = Decimal(str(value)) * 100
        whole = amount.to_integral_value()
    except ArithmeticError as error:
        raise AppError(ErrorCode.FIELD_BAD, field=name.title(), value=str(value)) from error
    if isinstance(value, bool) or amount != whole or abs(whole) > LARGEST:
        raise AppError(ErrorCode.FIELD_BAD, field=name.title(), value=str(value))
    return str(int(whole))


def _buffer(fields: dict[str, Any]) -> list[Node]:
    """InpBuf: base64 of the XML bytes."""
    value = fields.get("inpbuf")
    if not isinstance(value, str) or not value.strip():
        return []
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AppError(ErrorCode.FIELD_BAD, field="InpBuf", value=value[:40]) from error
    kind = _text(fields.get("inpkind") or 1)
    return [Node("inpbuf", {"inpkind": kind}, [], decode(raw))]
