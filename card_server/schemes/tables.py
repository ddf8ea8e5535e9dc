"""Tables of levels, schemes and time sets (domain 1.5)."""

from __future__ import annotations

from card_server.db.base import (
    amt,
    crm_table,
    day,
    dict_columns,
    flag,
    id32,
    index,
    live_unique,
    number,
    small,
    std,
    words,
)

time_set = crm_table(
    "time_set", id32("time_id", pk=True), *dict_columns(), live_unique("time_set", "name")
)

time_period = crm_table(
    "time_period",
    id32("time_period_id", pk=True),
    id32("time_id", "time_set.time_id"),
    words("name", 100, null=True),
    day("date_start", null=True),
    day("date_end", null=True),
    number("months", default=0),
    number("weekdays", default=0),
    number("days", default=0),
    small("time_from", null=True),
    small("time_to", null=True),
    id32("segment_id", null=True),
    flag("is_active", 1),
    number("colour", null=True),
    *std(),
    index("time_period", "time_id"),
)

scheme = crm_table(
    "scheme",
    id32("scheme_id", pk=True),
    number("base_rate", default=0),
    number("external_id", null=True),
    amt("limit_amount", null=True),
    words("remarks", 500, null=True),
    *dict_columns(),
    live_unique("scheme", "name"),
)

scheme_param = crm_table(
    "scheme_param",
    id32("scheme_param_id", pk=True),
    id32("scheme_id", "scheme.scheme_id"),
    id32("time_id", "time_set.time_id"),
    number("rate"),
    number("external_id", null=True),
    small("priority", default=0),
    number("colour", null=True),
    *std(),
    index("scheme_param", "scheme_id"),
)

level = crm_table(
    "level",
    id32("level_id", pk=True),
    id32("account_type_id", "account_type.account_type_id"),
    small("level_no"),
    words("name", 60),
    id32("scheme_id", "scheme.scheme_id"),
    amt("threshold"),
    id32("threshold_type_id", "account_type.account_type_id"),
    small("range_kind", default=0),
    number("range_value", default=0),
    number("keep_days", default=0),
    amt("reward", default=0),
    id32("reward_type_id", "account_type.account_type_id", null=True),
    flag("manual_only"),
    *std(),
    live_unique("level", "account_type_id", "level_no"),
)
