"""Tables of users, roles, sessions and the journals of what people did (domain 1.11)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

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
    std,
    words,
)

user = crm_table(
    "user",
    id32("user_id", pk=True),
    words("login", 60),
    words("full_name", 100),
    words("password_hash", 200),
    flag("must_change", 1),
    moment("password_at", null=True),
    day("expires_on", null=True),
    flag("is_blocked"),
    small("failed_count", default=0),
    moment("locked_until", null=True),
    big("card_code", null=True),
    words("email", 128, null=True),
    words("phone", 40, null=True),
    flag("all_divisions"),
    words("remarks", 500, null=True),
    *std(),
    live_unique("user", "login"),
    live_unique("user", "card_code", null="card_code"),
)

role = crm_table(
    "role",
    id32("role_id", pk=True),
    flag("is_builtin"),
    amt("amount_limit", null=True),
    number("unmask_per_day", default=50),
    *dict_columns(),
    live_unique("role", "name"),
)

role_right = keyed_table(
    "role_right",
    id32("role_id", "role.role_id"),
    key_text("right_code", 40),
    PrimaryKeyConstraint("role_id", "right_code"),
)

user_role = keyed_table(
    "user_role",
    id32("user_id", "user.user_id"),
    id32("role_id", "role.role_id"),
    PrimaryKeyConstraint("user_id", "role_id"),
)

user_division = keyed_table(
    "user_division",
    id32("user_id", "user.user_id"),
    id32("division_id", "division.division_id"),
    PrimaryKeyConstraint("user_id", "division_id"),
)

user_session = crm_table(
    "user_session",
    raw("session_id", 16, pk=True),
    id32("user_id", "user.user_id"),
    moment("started_at"),
    moment("seen_at"),
    words("host", 60, null=True),
    words("application", 30, null=True),
    moment("ended_at", null=True),
    small("end_reason", null=True),
    index("user_session", "user_id"),
)

change_set = crm_table(
    "change_set",
    id64("change_id", pk=True),
    moment("at"),
    id32("user_id", null=True),
    id32("classifier_id", null=True),
    words("host", 60, null=True),
    words("application", 30, null=True),
    key_text("table_name", 40),
    key_text("row_key", 60),
    small("action"),
    words("reason", 255, null=True),
    id64("batch_id", null=True),
    index("change_set", "table_name", "row_key"),
    index("change_set", "at"),
)

change_value = crm_table(
    "change_value",
    id64("change_id", "change_set.change_id"),
    key_text("field_name", 60),
    long_text("old_value", null=True),
    long_text("new_value", null=True),
    flag("is_personal"),
    moment("erased_at", null=True),
    PrimaryKeyConstraint("change_id", "field_name"),
)

person_access = crm_table(
    "person_access",
    id64("person_access_id", pk=True),
    moment("at"),
    id32("user_id", "user.user_id"),
    id64("holder_id"),
    id64("contact_id", null=True),
    small("what"),
    words("reason", 255),
    words("application", 30, null=True),
    number("count", default=1),
    index("person_access", "holder_id"),
    index("person_access", "user_id", "at"),
)

user_activity = crm_table(
    "user_activity",
    id64("user_activity_id", pk=True),
    moment("at"),
    id32("user_id", null=True),
    words("login", 60, null=True),
    words("what", 40),
    words("host", 60, null=True),
    words("application", 30, null=True),
    words("details", 500, null=True),
    index("user_activity", "at"),
    index("user_activity", "user_id", "at"),
)

command_result = crm_table(
    "command_result",
    key_text("operation_id", 60, pk=True),
    id32("user_id"),
    words("request", 60),
    raw("fingerprint", 32),
    long_text("reply"),
    moment("at"),
    index("command_result", "at"),
)
"""First answers of commands (`db/idempotency.py`); old rows may go, see `journal.purge`."""

approval = crm_table(
    "approval",
    id64("approval_id", pk=True),
    key_text("operation_id", 60),
    words("request", 60),
    long_text("command"),
    raw("fingerprint", 32),
    amt("amount"),
    id32("division_id", "division.division_id"),
    id64("holder_id", null=True),
    small("state", default=1),
    id32("asked_by", "user.user_id"),
    moment("asked_at"),
    moment("expires_at"),
    id32("decided_by", "user.user_id", null=True),
    moment("decided_at", null=True),
    key_text("decided_key", 60, null=True),
    words("decision_reason", 255, null=True),
    words("refusal_code", 40, null=True),
    long_text("refusal_args", null=True),
    id64("booked_id", null=True),
    *std(),
    UniqueConstraint("operation_id"),
    index("approval", "state", "division_id"),
    index("approval", "asked_by", "approval_id"),
    index("approval", "holder_id", where="holder_id IS NOT NULL"),
)
"""Commands above a limit that wait for a second signature, and what became of them."""

user_totp = crm_table(
    "user_totp",
    id32("user_id", "user.user_id", pk=True),
    raw("secret", 64),
    moment("confirmed_at", null=True),
    big("last_step", default=0),
)
"""The two-factor secret of a user; `last_step` keeps a code from being used twice."""
