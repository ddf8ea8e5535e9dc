"""Tables of the ledger (domain 1.7): inserted, never updated, but for the cache columns.

Indexes are filtered where a column is mostly empty: a posting touches as few of them as it can.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint

from card_server.db.base import (
    amt,
    big,
    crm_table,
    day,
    dict_columns,
    flag,
    id32,
    id64,
    index,
    key_text,
    keyed_table,
    live_unique,
    long_text,
    moment,
    number,
    raw,
    small,
    unique_where,
    words,
)

reason = crm_table(
    "reason",
    id32("reason_id", pk=True),
    number("applies_to", default=0),
    flag("needs_text"),
    *dict_columns(),
    live_unique("reason", "name"),
)

operation = crm_table(
    "operation",
    id64("operation_id", pk=True),
    id32("writer_id", "writer.writer_id"),
    big("chain_no"),
    small("kind"),
    small("status"),
    key_text("refusal_code", 20, null=True),
    long_text("refusal_args", null=True),
    id32("classifier_id", "classifier.classifier_id"),
    id32("division_id", "division.division_id"),
    id32("unit_id", "unit.unit_id", null=True),
    number("station_no", null=True),
    id32("user_id", null=True),
    words("pos_user", 60, null=True),
    id32("reason_id", "reason.reason_id", null=True),
    words("remarks", 255, null=True),
    id64("holder_id", null=True),
    big("card_code", null=True),
    key_text("idem_key", 160),
    small("attempt_no", default=1),
    raw("fingerprint", 32),
    key_text("attempt_stamp", 40, null=True),
    moment("occurred_at"),
    small("occurred_off"),
    moment("recorded_at"),
    day("business_date"),
    day("shift_date", null=True),
    number("shift_no", null=True),
    key_text("ext_id", 40, null=True),
    number("ext_index", null=True),
    day("ext_date", null=True),
    key_text("order_guid", 38, null=True),
    number("check_no", null=True),
    small("chmode", null=True),
    amt("check_total", default=0),
    amt("check_discount", default=0),
    amt("paid_accounts", default=0),
    amt("earn_base_sum", default=0),
    id64("reverses_id", "operation.operation_id", null=True),
    id64("batch_id", null=True),
    number("rule_version"),
    raw("trace_hash", 32, null=True),
    raw("doc_hash", 32, null=True),
    raw("prev_hash", 32),
    raw("hash", 32),
    UniqueConstraint("writer_id", "chain_no"),
    UniqueConstraint("idem_key", "classifier_id", "attempt_no"),
    unique_where("operation", "reverses_id", where="kind IN (3, 4) AND status = 1"),
    index("operation", "holder_id", "occurred_at", where="holder_id IS NOT NULL"),
    index("operation", "card_code", "occurred_at", where="card_code IS NOT NULL"),
    index("operation", "ext_id", "ext_date", "ext_index", where="ext_id IS NOT NULL"),
    index("operation", "order_guid", where="order_guid IS NOT NULL"),
    index("operation", "business_date", "unit_id"),
    index("operation", "reverses_id", where="reverses_id IS NOT NULL"),
)

entry = crm_table(
    "entry",
    id64("entry_id", pk=True),
    id64("operation_id", "operation.operation_id"),
    small("line_no"),
    id64("account_id", "account.account_id"),
    id32("account_type_id", "account_type.account_type_id"),
    amt("amount"),
    amt("balance_after"),
    small("purpose"),
    id64("reverses_entry_id", "entry.entry_id", null=True),
    amt("pos_amount", null=True),
    number("k_bp", null=True),
    id32("scheme_id", null=True),
    id32("level_id", null=True),
    id32("campaign_version_id", null=True),
    number("rate_bp", null=True),
    day("business_date"),
    UniqueConstraint("operation_id", "line_no"),
    index("entry", "account_id", "entry_id"),
    index("entry", "reverses_entry_id", where="reverses_entry_id IS NOT NULL"),
    CheckConstraint("amount <> 0", name="amount"),
)

lot = crm_table(
    "lot",
    id64("lot_id", pk=True),
    id64("account_id", "account.account_id"),
    id64("entry_id", "entry.entry_id"),
    small("line", default=1),
    id64("operation_id", "operation.operation_id"),
    amt("amount"),
    small("origin"),
    id64("parent_lot_id", "lot.lot_id", null=True),
    id32("issued_unit_id", null=True),
    moment("available_at"),
    day("first_expires_on", null=True),
    moment("first_expires_at", null=True),
    day("expires_on", null=True),
    moment("expires_at", null=True),
    amt("remaining"),
    amt("held", default=0),
    small("state"),
    UniqueConstraint("entry_id", "line"),
    index("lot", "account_id", "expires_at", "available_at", where="remaining > 0"),
    CheckConstraint("amount > 0", name="amount"),
)

allocation = crm_table(
    "allocation",
    id64("allocation_id", pk=True),
    id64("lot_id", "lot.lot_id"),
    id64("entry_id", "entry.entry_id"),
    id64("operation_id", "operation.operation_id"),
    amt("amount"),
    id64("restores_id", "allocation.allocation_id", null=True),
    index("allocation", "lot_id"),
    index("allocation", "entry_id"),
    index("allocation", "operation_id"),
    CheckConstraint("amount <> 0", name="amount"),
)

lot_term = keyed_table(
    "lot_term",
    id64("lot_id", "lot.lot_id"),
    id64("operation_id", "operation.operation_id"),
    moment("old_expires_at", null=True),
    moment("new_expires_at", null=True),
    PrimaryKeyConstraint("lot_id", "operation_id"),
    index("lot_term", "operation_id"),
)

hold = crm_table(
    "hold",
    id64("hold_id", pk=True),
    id64("account_id", "account.account_id"),
    id64("holder_id", null=True),
    big("card_code", null=True),
    id32("classifier_id", "classifier.classifier_id"),
    id32("unit_id", null=True),
    id64("open_operation_id", "operation.operation_id"),
    amt("amount"),
    amt("captured", default=0),
    small("state"),
    moment("expires_at"),
    small("purpose"),
    key_text("order_guid", 38, null=True),
    UniqueConstraint("open_operation_id", "account_id"),
    index("hold", "account_id", where="state IN (1, 2)"),
    index("hold", "order_guid", where="order_guid IS NOT NULL"),
    index("hold", "expires_at", where="state IN (1, 2)"),
)

hold_lot = keyed_table(
    "hold_lot",
    id64("hold_id", "hold.hold_id"),
    id64("lot_id", "lot.lot_id"),
    amt("amount"),
    PrimaryKeyConstraint("hold_id", "lot_id"),
)

hold_event = keyed_table(
    "hold_event",
    id64("hold_id", "hold.hold_id"),
    id64("operation_id", "operation.operation_id"),
    small("event"),
    amt("amount"),
    PrimaryKeyConstraint("hold_id", "operation_id"),
    index("hold_event", "operation_id"),
)

operation_item = keyed_table(
    "operation_item",
    id64("operation_id", "operation.operation_id"),
    small("item_no"),
    id32("classifier_id", "classifier.classifier_id"),
    key_text("item_key", 160),
    small("attempt_no", default=1),
    raw("fingerprint", 32),
    number("ext_index"),
    number("operation_type", null=True),
    id64("transaction_id"),
    PrimaryKeyConstraint("operation_id", "item_no"),
    UniqueConstraint("item_key", "classifier_id", "attempt_no"),
    index("operation_item", "transaction_id"),
)

operation_trace = crm_table(
    "operation_trace", id64("operation_id", "operation.operation_id", pk=True), long_text("trace")
)

level_history = keyed_table(
    "level_history",
    id64("account_id", "account.account_id"),
    id64("operation_id", "operation.operation_id"),
    id32("old_level_id", null=True),
    id32("new_level_id"),
    small("cause"),
    amt("measure", null=True),
    moment("effective_at"),
    PrimaryKeyConstraint("account_id", "operation_id"),
    index("level_history", "operation_id"),
)

chain_head = crm_table(
    "chain_head",
    id32("writer_id", "writer.writer_id"),
    day("business_date"),
    big("chain_no"),
    raw("hash", 32),
    moment("signed_at"),
    raw("signature", 64),
    PrimaryKeyConstraint("writer_id", "business_date"),
)
