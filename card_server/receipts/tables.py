"""Table of the documents (cheques) behind operations; detachable at erasure (domain 1.7)."""

from __future__ import annotations

from card_server.db.base import crm_table, id64, moment, raw, small

operation_document = crm_table(
    "operation_document",
    id64("operation_id", "operation.operation_id", pk=True),
    small("doc_kind"),
    raw("body", null=True),
    raw("salt", 16, null=True),
    moment("erased_at", null=True),
)
