"""Tables of imports (domain 1.11)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    big,
    crm_table,
    id32,
    id64,
    key_text,
    long_text,
    moment,
    number,
    small,
    words,
)

import_batch = crm_table(
    "import_batch",
    id64("batch_id", pk=True),
    small("kind"),
    words("file_name", 255),
    key_text("sha256", 64),
    long_text("mapping"),
    small("state", default=1),
    number("rows_total", default=0),
    number("rows_ok", default=0),
    number("rows_bad", default=0),
    long_text("control", null=True),
    id32("user_id"),
    moment("created_at"),
)

import_row = crm_table(
    "import_row",
    id64("batch_id", "import_batch.batch_id"),
    number("row_no"),
    long_text("payload"),
    key_text("error_code", 40, null=True),
    big("object_id", null=True),
    PrimaryKeyConstraint("batch_id", "row_no"),
)
