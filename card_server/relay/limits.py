"""Every number that bounds a connection, a request or a reply (crm-xml section 12, domain 6.1).

The first block holds the settings `limits.*` under their own names; the second holds figures the
protocol fixes, which are fields only so that tests can make them small. Times are in seconds,
sizes in bytes.
"""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits one listener keeps; a new object, never a changed one, after an edit."""

    header_bytes: int = 16_384
    header_lines: int = 100
    raw_header_bytes: int = 4_096
    body_bytes: int = 2_097_152
    transaction_items: int = 1_000
    coupon_items: int = 1_000
    holder_items: int = 100
    include_bytes: int = 4_096
    first_byte_s: float = 10.0
    header_s: float = 10.0
    body_s: float = 30.0
    body_bytes_per_s: int = 1_024
    idle_s: float = 60.0
    reply_s: float = 30.0
    request_s: float = 30.0
    queue_s: float = 5.0
    stop_s: float = 15.0
    connections: int = 2_000
    connections_per_address: int = 1_000
    raw_reply_bytes: int = 4_194_304

    body_free_s: float = 5.0
    """A body may be slower than `body_bytes_per_s` for this long (section 12)."""
    raw_quiet_s: float = 0.3
    """Silence after which a raw request that looks whole is whole (section 1.3, rule 5)."""
    drain_s: float = 1.0
    """How long late bytes are read away between our last byte and the close (section 1.3)."""
    sweep_s: float = 1.0
    """How often the clocks of all connections are looked at."""
    pipelined: int = 16
    """Unanswered requests of one connection above which it is not read any further."""
    xml_depth: int = 32
    """Deepest element of a request (section 2)."""
    xml_elements: int = 50_000
    """Most elements of a request (section 2)."""
