"""Tables of imports (domain 1.11)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    big,
    crm_table,
    id32,
    id64,
    index,
    key_text,
    long_text,
    moment,
    number,
    raw,
    small,
    words,
)

import_batch = crm_table(
    "import_batch",
    id64("batch_id", pk=True),
    small("kind"),
    id32("division_id", "division.division_id"),
    words("file_name", 255),
    number("size", default=0),
    key_text("sha256", 64, null=True),
    long_text("shape", null=True),
    long_text("mapping"),
    small("state", default=1),
    number("rows_total", default=0),
    number("rows_ok", default=0),
    number("rows_bad", default=0),
    long_text("control", null=True),
    long_text("found", null=True),
    id64("run_id", null=True),
    id32("user_id"),
    moment("created_at"),
    moment("posted_at", null=True),
    number("version", default=1),
)

import_piece = crm_table(
    "import_piece",
    id64("batch_id", "import_batch.batch_id"),
    number("piece_no"),
    number("size"),
    raw("body"),
    PrimaryKeyConstraint("batch_id", "piece_no"),
)

import_row = crm_table(
    "import_row",
    id64("batch_id", "import_batch.batch_id"),
    number("row_no"),
    long_text("payload"),
    small("state", default=0),
    key_text("error_code", 40, null=True),
    long_text("errors", null=True),
    big("object_id", null=True),
    long_text("made", null=True),
    id64("holder_id", null=True),
    PrimaryKeyConstraint("batch_id", "row_no"),
    index("import_row", "batch_id", "state", "row_no"),
    index("import_row", "object_id", where="object_id IS NOT NULL"),
    index("import_row", "holder_id", where="holder_id IS NOT NULL"),
)
