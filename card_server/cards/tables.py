"""Tables of cards, their links, ranges, groups and events (domain 1.4)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

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
    small,
    std,
    words,
)

card_group = crm_table(
    "card_group",
    id32("group_id", pk=True),
    id32("parent_id", "card_group.group_id", null=True),
    *dict_columns(),
    live_unique("card_group", "name"),
)

card_range = crm_table(
    "card_range",
    id32("range_id", pk=True),
    big("start_code"),
    big("end_code"),
    big("current_code"),
    id32("division_id", "division.division_id"),
    id32("card_group_id", "card_group.group_id", null=True),
    id32("holder_group_id", "holder_group.group_id", null=True),
    long_text("account_types", null=True),
    amt("start_bonus", default=0),
    number("valid_months", null=True),
    small("digits", null=True),
    flag("make_anonymous"),
    *dict_columns(),
    live_unique("card_range", "name"),
)

card = crm_table(
    "card",
    big("card_code", pk=True),
    id64("holder_id", "holder.holder_id", null=True),
    id64("owner_holder_id", "holder.holder_id", null=True),
    small("state", default=1),
    words("block_reason", 255, null=True),
    flag("seize"),
    flag("confirm_manager"),
    id32("group_id", "card_group.group_id", null=True),
    id32("range_id", "card_range.range_id", null=True),
    small("kind", default=1),
    day("valid_from", null=True),
    day("valid_to", null=True),
    key_text("carrier_data", 200, null=True),
    words("pin_hash", 200, null=True),
    small("pin_fails", default=0),
    flag("limited_accounts"),
    big("replaced_by", "card.card_code", null=True),
    moment("issued_at", null=True),
    id32("issued_unit_id", null=True),
    id32("issued_by", null=True),
    id64("batch_id", null=True),
    *std(),
    index("card", "holder_id", where="holder_id IS NOT NULL"),
    live_unique("card", "carrier_data", null="carrier_data"),
)

card_account = keyed_table(
    "card_account",
    id64("card_code", "card.card_code"),
    id64("account_id", "account.account_id"),
    amt("credit_depth", null=True),
    amt("credit_limit", null=True),
    PrimaryKeyConstraint("card_code", "account_id"),
)

card_classifier = keyed_table(
    "card_classifier",
    id64("card_code", "card.card_code"),
    id32("classifier_id", "classifier.classifier_id"),
    PrimaryKeyConstraint("card_code", "classifier_id"),
)

card_event = crm_table(
    "card_event",
    id64("card_event_id", pk=True),
    id64("card_code", "card.card_code"),
    moment("at"),
    small("event"),
    id32("user_id", null=True),
    id32("classifier_id", null=True),
    id32("unit_id", null=True),
    words("reason", 255, null=True),
    id64("old_holder_id", null=True),
    id64("new_holder_id", null=True),
    index("card_event", "card_code", "at"),
)
