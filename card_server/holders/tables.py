"""Tables of holders and their personal data (domain 1.3)."""

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
    std,
    unique_per_parent,
    unique_where,
    words,
)

holder_group = crm_table(
    "holder_group",
    id32("group_id", pk=True),
    id32("parent_id", "holder_group.group_id", null=True),
    *dict_columns(),
    live_unique("holder_group", "name"),
)

group_account_default = keyed_table(
    "group_account_default",
    id32("group_id"),
    id32("account_type_id", "account_type.account_type_id"),
    id32("level_id", "level.level_id", null=True),
    amt("credit_depth", null=True),
    PrimaryKeyConstraint("group_id", "account_type_id"),
)

non_payer_type = crm_table(
    "non_payer_type",
    id32("non_payer_type_id", pk=True),
    number("external_id", null=True),
    id32("parent_id", "non_payer_type.non_payer_type_id", null=True),
    flag("forbid_order"),
    flag("forbid_topup"),
    words("notes", 500, null=True),
    *dict_columns(),
    live_unique("non_payer_type", "name"),
)

contact_type = crm_table(
    "contact_type",
    id32("contact_type_id", pk=True),
    small("class"),
    key_text("external_code", 40, null=True),
    flag("dispatch"),
    small("max_holders", null=True, default=1),
    *dict_columns(),
    live_unique("contact_type", "name"),
)

address_type = crm_table(
    "address_type",
    id32("address_type_id", pk=True),
    *dict_columns(),
    live_unique("address_type", "name"),
)

country = crm_table(
    "country",
    id32("country_id", pk=True),
    words("name", 40),
    key_text("name_key", 40),
    UniqueConstraint("name_key"),
)

city = crm_table(
    "city",
    id32("city_id", pk=True),
    id32("country_id", "country.country_id", null=True),
    words("name", 60),
    key_text("name_key", 60),
    *unique_per_parent("city", "country_id", "name_key"),
)

street = crm_table(
    "street",
    id32("street_id", pk=True),
    id32("city_id", "city.city_id", null=True),
    words("name", 100),
    key_text("name_key", 100),
    *unique_per_parent("street", "city_id", "name_key"),
)

metro_station = crm_table(
    "metro_station",
    id32("metro_station_id", pk=True),
    id32("city_id", "city.city_id", null=True),
    words("name", 60),
    key_text("name_key", 60),
    *unique_per_parent("metro_station", "city_id", "name_key"),
)

property_ = crm_table(
    "property",
    id32("property_id", pk=True),
    small("property_type"),
    key_text("code_name", 40),
    number("applies_to"),
    flag("required"),
    flag("is_personal"),
    *dict_columns(),
    live_unique("property", "code_name"),
    live_unique("property", "name"),
)

property_value = crm_table(
    "property_value",
    id32("property_value_id", pk=True),
    id32("property_id", "property.property_id"),
    words("name", 60),
    words("value", 450, null=True),
    index("property_value", "property_id"),
)

property_link = crm_table(
    "property_link",
    small("owner_kind"),
    big("owner_id"),
    id32("property_id", "property.property_id"),
    id32("property_value_id", "property_value.property_value_id", null=True),
    words("value_text", 450, null=True),
    big("value_num", null=True),
    day("value_date", null=True),
    PrimaryKeyConstraint("owner_kind", "owner_id", "property_id"),
)

holder = crm_table(
    "holder",
    id64("holder_id", pk=True),
    number("pos_number"),
    id32("division_id", "division.division_id"),
    id32("group_id", "holder_group.group_id", null=True),
    id32("non_payer_type_id", "non_payer_type.non_payer_type_id", null=True),
    key_text("external_code", 60, null=True),
    key_text("source_system", 20, null=True),
    flag("is_anonymous"),
    flag("verified"),
    small("state", default=1),
    id64("merged_into", "holder.holder_id", null=True),
    moment("registered_at"),
    id32("registered_unit_id", null=True),
    moment("last_operation_at", null=True),
    *std(),
    UniqueConstraint("pos_number"),
    unique_where(
        "holder",
        "source_system",
        "external_code",
        where="deleted_at IS NULL AND source_system IS NOT NULL AND external_code IS NOT NULL",
    ),
    index("holder", "external_code", where="external_code IS NOT NULL"),
    index("holder", "merged_into", where="merged_into IS NOT NULL"),
    index("holder", "state", where="state <> 1"),
    index("holder", "deleted_at", where="deleted_at IS NOT NULL"),
)

person = crm_table(
    "person",
    id64("holder_id", "holder.holder_id", pk=True),
    words("l_name", 60, null=True),
    words("f_name", 40, null=True),
    words("m_name", 40, null=True),
    words("full_name", 140),
    key_text("search_name", 200),
    key_text("search_last", 60, null=True),
    key_text("search_first", 40, null=True),
    key_text("search_middle", 40, null=True),
    key_text("search_rest", 200, null=True),
    day("birth_date", null=True),
    small("birth_md", null=True),
    small("gender", default=0),
    small("marital", default=0),
    flag("smokes"),
    number("language", default=1049),
    words("source", 120, null=True),
    words("remarks", 500, null=True),
    words("inn", 25, null=True),
    words("login", 60, null=True),
    words("password_hash", 200, null=True),
    index("person", "search_name"),
    index("person", "search_last", where="search_last IS NOT NULL"),
    index("person", "search_first", where="search_first IS NOT NULL"),
    index("person", "search_middle", where="search_middle IS NOT NULL"),
    index("person", "search_rest", where="search_rest IS NOT NULL"),
    index("person", "birth_date", where="birth_date IS NOT NULL"),
    index("person", "birth_md", where="birth_md IS NOT NULL"),
    live_unique("person", "login", null="login", live=False),
)

person_photo = crm_table(
    "person_photo",
    id64("holder_id", "holder.holder_id", pk=True),
    words("mime", 30),
    raw("bytes"),
    raw("thumb"),
)

contact = crm_table(
    "contact",
    id64("contact_id", pk=True),
    id64("holder_id", "holder.holder_id"),
    id32("contact_type_id", "contact_type.contact_type_id"),
    words("value", 128),
    key_text("value_norm", 128),
    key_text("value_tail", 4, null=True),
    words("value_ext", 128, null=True),
    flag("dispatch", 1),
    flag("is_main"),
    moment("confirmed_at", null=True),
    number("bounce_count", default=0),
    words("notes", 500, null=True),
    *std(),
    live_unique("contact", "holder_id", "contact_type_id", "value_norm"),
    index("contact", "value_norm", "contact_type_id"),
    index("contact", "value_tail", "contact_type_id", where="value_tail IS NOT NULL"),
)

address = crm_table(
    "address",
    id64("address_id", pk=True),
    id64("holder_id", "holder.holder_id"),
    id32("address_type_id", "address_type.address_type_id"),
    id32("country_id", "country.country_id", null=True),
    id32("city_id", "city.city_id", null=True),
    id32("street_id", "street.street_id", null=True),
    id32("metro_station_id", "metro_station.metro_station_id", null=True),
    words("zip", 40, null=True),
    words("region_code", 10, null=True),
    words("region", 40, null=True),
    words("house", 10, null=True),
    words("building", 10, null=True),
    words("entry", 10, null=True),
    words("floor", 10, null=True),
    words("apartment", 10, null=True),
    words("entry_code", 10, null=True),
    words("extended", 500, null=True),
    number("lat", null=True),
    number("lng", null=True),
    raw("dup_key", 16),
    *std(),
    live_unique("address", "holder_id", "dup_key"),
)

consent = crm_table(
    "consent",
    id64("consent_id", pk=True),
    id64("holder_id", "holder.holder_id"),
    small("purpose"),
    small("channel", null=True),
    flag("granted"),
    moment("at"),
    small("source"),
    words("evidence", 500, null=True),
    words("text_version", 40, null=True),
    id32("user_id", null=True),
    id32("classifier_id", null=True),
    index("consent", "holder_id", "purpose"),
)

erasure = crm_table(
    "erasure",
    id64("holder_id", pk=True),
    moment("requested_at"),
    moment("done_at", null=True),
    words("reason", 255),
    id32("user_id"),
    long_text("counts", null=True),
)

holder_merge = crm_table(
    "holder_merge",
    id64("merge_id", pk=True),
    id64("survivor_id", "holder.holder_id"),
    id64("duplicate_id", "holder.holder_id"),
    moment("at"),
    id32("user_id"),
    id64("operation_id", null=True),
    id64("undone_operation_id", null=True),
    small("state", default=2),
    key_text("command_key", 60, null=True),
    words("reason", 255, null=True),
    id32("reason_id", null=True),
    moment("undone_at", null=True),
    id32("undone_by", null=True),
    key_text("undo_key", 60, null=True),
    unique_where("holder_merge", "duplicate_id", where="undone_at IS NULL"),
    index("holder_merge", "survivor_id"),
)
"""A merge; `state`: 1 balances are being moved, 2 done, 3 being undone, 4 undone.

The keys are those under which the ledger moves the balances, so that a merge that was cut short is
ended once."""

holder_merge_item = keyed_table(
    "holder_merge_item",
    id64("merge_id", "holder_merge.merge_id"),
    key_text("kind", 20),
    big("object_id"),
    big("old_owner_id", null=True),
    PrimaryKeyConstraint("merge_id", "kind", "object_id"),
)

duplicate_candidate = crm_table(
    "duplicate_candidate",
    id64("holder_a", "holder.holder_id"),
    id64("holder_b", "holder.holder_id"),
    small("score"),
    long_text("reasons"),
    small("state", default=1),
    id64("pair_no"),
    PrimaryKeyConstraint("holder_a", "holder_b"),
    UniqueConstraint("pair_no"),
    CheckConstraint("holder_a < holder_b", name="order"),
)
