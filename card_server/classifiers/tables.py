"""Tables of software classifiers, their rights, the matrix, guests' sessions (domain 1.2)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    amt,
    big,
    crm_table,
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
    std,
    words,
)

classifier = crm_table(
    "classifier",
    id32("classifier_id", pk=True),
    key_text("code", 20),
    small("code_kind", default=9),
    words("client_type", 15, null=True),
    key_text("external_code", 100, null=True),
    words("time_zone", 64),
    small("day_start", default=240),
    flag("api_visible"),
    small("calc_mode", default=1),
    small("refund_unmatched", default=2),
    small("xml_key", default=2),
    number("backdate_days", default=3),
    number("future_minutes", default=10),
    number("hold_minutes", default=60),
    small("pay_confirm", default=0),
    small("wire_charset", default=1),
    flag("late_capture"),
    number("rate_limit", default=0),
    moment("last_seen_at", null=True),
    *dict_columns(),
    live_unique("classifier", "code"),
    live_unique("classifier", "name"),
)

classifier_right = keyed_table(
    "classifier_right",
    id32("classifier_id", "classifier.classifier_id"),
    key_text("right_code", 30),
    PrimaryKeyConstraint("classifier_id", "right_code"),
)

classifier_account_type = crm_table(
    "classifier_account_type",
    id32("classifier_id", "classifier.classifier_id"),
    id32("account_type_id", "account_type.account_type_id"),
    flag("visible", 1),
    flag("debit_allowed"),
    flag("credit_allowed"),
    number("debit_priority", null=True),
    number("credit_priority", null=True),
    number("debit_k_bp", default=10000),
    number("credit_k_bp", default=10000),
    id32("debit_time_id", "time_set.time_id", null=True),
    id32("credit_time_id", "time_set.time_id", null=True),
    id32("scheme_id", "scheme.scheme_id", null=True),
    number("max_pay_bp", default=10000),
    amt("min_pay", default=0),
    amt("keep_rest", default=0),
    small("sum_slot", null=True),
    number("pos_kinds", default=0),
    *std(),
    PrimaryKeyConstraint("classifier_id", "account_type_id"),
    live_unique("classifier_account_type", "classifier_id", "sum_slot", null="sum_slot"),
)

classifier_level = keyed_table(
    "classifier_level",
    id32("classifier_id", "classifier.classifier_id"),
    id32("level_id", "level.level_id"),
    id32("scheme_id", "scheme.scheme_id"),
    PrimaryKeyConstraint("classifier_id", "level_id"),
)

holder_session = crm_table(
    "holder_session",
    raw("session_id", 16, pk=True),
    id64("holder_id", "holder.holder_id"),
    id32("classifier_id", "classifier.classifier_id"),
    moment("seen_at"),
    moment("expires_at"),
    index("holder_session", "holder_id"),
)

auth_code = crm_table(
    "auth_code",
    raw("auth_code_id", 16, pk=True),
    small("purpose"),
    words("code_hash", 200),
    key_text("value_norm", 128),
    id64("contact_id", null=True),
    big("card_code", null=True),
    id32("classifier_id", "classifier.classifier_id"),
    moment("created_at"),
    moment("expires_at"),
    small("tries", default=0),
    moment("used_at", null=True),
    long_text("wishes", null=True),
    index("auth_code", "value_norm", "created_at"),
)
