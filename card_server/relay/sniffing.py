"""What a connection speaks, told from its first bytes, pure (crm-xml.md 1.1)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from card_server.relay.raw_tcp import NAMES

METHODS: Final = (b"POST ", b"GET ", b"HEAD ", b"OPTIONS ", b"PUT ", b"DELETE ", b"PATCH ")
TLS_HELLO: Final = b"\x16"
BOM: Final = b"\xef\xbb\xbf"
BLANKS: Final = b"\r\n \t"
MOST_LEADING: Final = 64
"""Blanks and a byte-order mark before the request that are skipped."""

DECIDED_AT: Final = 16
"""Bytes of the request after which an unknown start is no request of ours."""

LONGEST_NAME_LINE: Final = 64
"""A raw header name may have this many bytes, blanks before its colon included."""


class Speech(Enum):
    """What follows on the connection."""

    HTTP = "http"
    RAW = "raw"
    UNKNOWN = "unknown"


def leading(data: bytes) -> int:
    """How many bytes stand before the request: blanks, line ends and one byte-order mark."""
    place, marked = 0, False
    while place < len(data):
        if data[place] in BLANKS:
            place += 1
        elif not marked and data.startswith(BOM, place):
            marked = True
            place += len(BOM)
        else:
            break
    return place


def sniff(data: bytes) -> tuple[Speech, int] | None:
    """What the bytes start, and where the request begins; None while it is undecided."""
    start = leading(data)
    if start > MOST_LEADING:
        return Speech.UNKNOWN, start
    head = data[start : start + LONGEST_NAME_LINE]
    if head.startswith(METHODS):
        return Speech.HTTP, start
    if head.startswith(b"<"):
        return Speech.RAW, start
    if head.startswith(TLS_HELLO):
        return Speech.UNKNOWN, start
    named = _raw_name(head)
    if named:
        return Speech.RAW, start
    return (Speech.UNKNOWN, start) if named is False and len(head) >= DECIDED_AT else None


def _raw_name(head: bytes) -> bool | None:
    """One of the five names and a colon stand here; None while they still may."""
    name, colon, _ = head.partition(b":")
    low = name.lower()
    if colon:
        return low.rstrip(b" \t") in NAMES
    fits = any(known.startswith(low.rstrip(b" \t")) for known in NAMES)
    inside = low.rstrip(b" \t") != low and low.rstrip(b" \t") not in NAMES
    return None if fits and not inside and len(head) < LONGEST_NAME_LINE else False
