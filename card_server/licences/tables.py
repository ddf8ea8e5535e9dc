"""Tables of licences and their daily count (domain 1.11, 2.10)."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint

from card_server.db.base import (
    crm_table,
    day,
    id32,
    key_text,
    long_text,
    moment,
    number,
    raw,
    small,
)

licence = crm_table(
    "licence",
    id32("licence_id", pk=True),
    key_text("number", 60),
    key_text("object_code", 40),
    small("metric"),
    number("quantity"),
    day("valid_from"),
    day("valid_to", null=True),
    long_text("features", null=True),
    raw("file_body"),
    moment("loaded_at"),
    id32("loaded_by", null=True),
    small("state", default=0),
    UniqueConstraint("number"),
)

licence_count = crm_table(
    "licence_count", day("on_date", pk=True), number("cards"), number("holders")
)
