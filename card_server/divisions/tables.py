"""Tables of divisions, units, stations, writers, counters and settings (domain 1.1, 1.11)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    big,
    crm_table,
    day,
    dict_columns,
    flag,
    id32,
    key_text,
    keyed_table,
    live_unique,
    moment,
    number,
    raw,
    small,
    std,
    words,
)

setting = crm_table(
    "setting",
    key_text("setting_key", 80),
    small("scope"),
    number("scope_id", default=0),
    words("value", 2000),
    *std(),
    PrimaryKeyConstraint("setting_key", "scope", "scope_id"),
)


schema_version = crm_table(
    "schema_version",
    id32("schema_version_id", pk=True),
    number("major"),
    number("minor"),
    words("product", 40),
    moment("applied_at"),
)


id_counter = keyed_table(
    "id_counter",
    number("prefix"),
    key_text("kind", 20),
    big("next_value"),
    PrimaryKeyConstraint("prefix", "kind"),
)


division = crm_table(
    "division",
    id32("division_id", pk=True),
    id32("parent_id", "division.division_id", null=True),
    number("id_prefix"),
    words("full_name", 120, null=True),
    flag("is_main"),
    words("server_host", 60, null=True),
    words("inn", 12, null=True),
    day("books_closed_until", null=True),
    *dict_columns(),
    live_unique("division", "id_prefix"),
    live_unique("division", "name"),
)


writer = crm_table(
    "writer",
    id32("writer_id", pk=True),
    id32("division_id", "division.division_id"),
    words("name", 60),
    moment("started_at", null=True),
    big("next_chain_no"),
    raw("head_hash", 32),
)


unit = crm_table(
    "unit",
    id32("unit_id", pk=True),
    id32("division_id", "division.division_id"),
    words("pos_code", 20, null=True),
    number("pos_number", null=True),
    id32("classifier_id", "classifier.classifier_id", null=True),
    small("state", default=1),
    words("address", 200, null=True),
    words("phone", 40, null=True),
    *dict_columns(),
    live_unique("unit", "pos_code", null="pos_code"),
    live_unique("unit", "pos_number", null="pos_number"),
    live_unique("unit", "name"),
)


station = crm_table(
    "station",
    id32("unit_id", "unit.unit_id"),
    number("station_no"),
    words("name", 60, null=True),
    moment("last_seen_at", null=True),
    PrimaryKeyConstraint("unit_id", "station_no"),
)
