"""Keys and fingerprints of what tills send (domain 1.2.1, farcards.md 5.2, crm-xml.md 9.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from card_server.classifiers.records import KEY_AMOUNT_TIME, KEY_STRICT
from card_server.classifiers.rules import sign_pattern, sorted_kinds
from card_server.receipts.records import RelayCall, RelayLine, XmlItem

KEY_LENGTH: Final = 150
"""Of 160 that the column holds, so that a suffix fits."""
SALE, RETURN, DIRECT = "sale", "return", "direct"


def relay_key(
    call: RelayCall, card: int, lines: Sequence[RelayLine], operation_id: int, person_id: int = 0
) -> str:
    """The key of one card's operation; without anything to tell repeats by, the id itself.

    A holder who came without a card has the key `p` + holder id in the place of the card.
    """
    kinds = sorted_kinds(tuple(line.kind for line in lines))
    who = str(card) if card or not person_id else f"p{person_id}"
    if call.order_guid is not None:
        return fitting(f"f:{call.order_guid},{call.check_no},{call.chmode},{who},{kinds}")
    if call.rk_check:
        day = call.rk_date.isoformat() if call.rk_date is not None else ""
        signs = sign_pattern(line.amount for line in sorted(lines, key=lambda line: line.kind))
        return fitting(
            f"f0:{call.restaurant},{day},{call.rk_uni},{call.rk_check},{call.chmode},"
            f"{signs},{who},{kinds}"
        )
    return f"fx:{operation_id}"


def fitting(key: str) -> str:
    """A key of a call with very many lines keeps its beginning and a hash of the whole."""
    if len(key) <= KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LENGTH - len(digest) - 1]}#{digest}"


def relay_is_repeatable(call: RelayCall) -> bool:
    """The call carries something by which a repeat can be known."""
    return call.order_guid is not None or call.rk_check != 0


def relay_fingerprint(lines: Sequence[RelayLine]) -> bytes:
    """Content of one card's operation: kinds and sums of all its items."""
    content = ";".join(f"{k}={a}" for k, a in sorted((line.kind, line.amount) for line in lines))
    return hashlib.sha256(content.encode()).digest()


def item_key(item: XmlItem, account_id: int, direction: str, mode: int) -> str:
    """The key of one XML item with an External_ID."""
    sign = sign_pattern((item.amount,))
    day = item.ext_date.isoformat() if item.ext_date is not None else ""
    key = f"x:{item.ext_id}|{item.ext_index}|{day}|{account_id}|{sign}|{direction}"
    if mode == KEY_STRICT:
        return key
    key = f"{key}|{item.amount}"
    if mode == KEY_AMOUNT_TIME:
        return f"{key}|{_utc_text(item.time)}"
    return key


def item_fingerprint(item: XmlItem) -> bytes:
    """Content of one XML item, as values, not as spelled."""
    content = "|".join(
        str(value) if value is not None else ""
        for value in (
            item.amount,
            item.operation_type,
            item.life,
            _utc_text(item.delay),
            item.parent,
        )
    )
    return hashlib.sha256(content.encode()).digest()


def _utc_text(moment: datetime | None) -> str:
    """A moment as one text, whatever offset it was sent with; empty for none."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat("T", "milliseconds")[:23]


def iso_day(day: date | None) -> str:
    """ISO date, or empty for "not set"."""
    return day.isoformat() if day is not None else ""
