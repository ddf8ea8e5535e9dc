"""Tables of coupons and gift certificates (domain 1.8)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    amt,
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
    moment,
    number,
    small,
    std,
    words,
)

coupon_type = crm_table(
    "coupon_type",
    id32("coupon_type_id", pk=True),
    id32("parent_id", "coupon_type.coupon_type_id", null=True),
    small("class"),
    id32("time_id", "time_set.time_id", null=True),
    day("active_from", null=True),
    day("active_to", null=True),
    number("delay_days", default=0),
    number("valid_days", null=True),
    id32("scheme_id", "scheme.scheme_id", null=True),
    number("pos_code", null=True),
    number("rate", null=True),
    amt("fixed_sum", null=True),
    amt("discount_limit", null=True),
    flag("confirm_manager"),
    small("max_uses", default=1),
    number("per_holder", null=True),
    number("per_holder_days", null=True),
    id32("stackable_group_id", "stacking_group.stacking_group_id", null=True),
    number("pool_prefix", default=922001),
    number("pool_min", default=0),
    number("pool_step", default=0),
    flag("return_on_refund", 1),
    *dict_columns(),
    live_unique("coupon_type", "name"),
)

coupon_type_classifier = keyed_table(
    "coupon_type_classifier",
    id32("coupon_type_id", "coupon_type.coupon_type_id"),
    id32("classifier_id", "classifier.classifier_id"),
    PrimaryKeyConstraint("coupon_type_id", "classifier_id"),
)

coupon_type_detail = crm_table(
    "coupon_type_detail",
    id32("detail_id", pk=True),
    id32("coupon_type_id", "coupon_type.coupon_type_id"),
    id32("parent_id", "coupon_type_detail.detail_id", null=True),
    words("name", 60),
    words("notes", 500, null=True),
    number("max_count", default=1),
    number("priority", default=0),
    small("kind", null=True),
    amt("value", null=True),
    amt("discount_limit", null=True),
    words("external_code", 40, null=True),
    number("external_id", null=True),
    flag("auto"),
    id32("classifier_id", null=True),
    *std(),
    index("coupon_type_detail", "coupon_type_id"),
)

coupon_release = crm_table(
    "coupon_release",
    id32("release_id", pk=True),
    id32("coupon_type_id", "coupon_type.coupon_type_id"),
    words("name", 60),
    words("notes", 500, null=True),
    number("quantity"),
    id32("user_id", null=True),
    moment("created_at"),
    moment("exported_at", null=True),
)

coupon = crm_table(
    "coupon",
    id64("coupon_id", pk=True),
    key_text("code", 13),
    id32("coupon_type_id", "coupon_type.coupon_type_id"),
    id32("release_id", "coupon_release.release_id", null=True),
    id64("holder_id", "holder.holder_id", null=True),
    small("state", default=1),
    day("valid_from", null=True),
    day("valid_to", null=True),
    number("uses", default=0),
    flag("all_classifiers"),
    words("notes", 500, null=True),
    words("block_reason", 255, null=True),
    words("reserved_by", 60, null=True),
    moment("reserved_until", null=True),
    amt("value", null=True),
    id32("ext_classifier_id", null=True),
    key_text("ext_id", 40, null=True),
    *std(),
    live_unique("coupon", "code"),
    index("coupon", "holder_id", where="holder_id IS NOT NULL"),
    index("coupon", "release_id", "coupon_id", where="release_id IS NOT NULL"),
    index("coupon", "coupon_type_id", "coupon_id"),
    live_unique("coupon", "coupon_type_id", "ext_classifier_id", "ext_id", null="ext_id"),
)

coupon_classifier = keyed_table(
    "coupon_classifier",
    id64("coupon_id", "coupon.coupon_id"),
    id32("classifier_id", "classifier.classifier_id"),
    PrimaryKeyConstraint("coupon_id", "classifier_id"),
)

coupon_use = crm_table(
    "coupon_use",
    id64("coupon_use_id", pk=True),
    id64("coupon_id", "coupon.coupon_id"),
    id64("operation_id", "operation.operation_id"),
    amt("check_total", null=True),
    amt("value", null=True),
    id64("undoes_use_id", "coupon_use.coupon_use_id", null=True),
    index("coupon_use", "coupon_id"),
    index("coupon_use", "operation_id"),
)

certificate_type = crm_table(
    "certificate_type",
    id32("certificate_type_id", pk=True),
    id32("account_type_id", "account_type.account_type_id"),
    amt("nominal", null=True),
    amt("min_sum", null=True),
    amt("max_sum", null=True),
    number("valid_days", null=True),
    number("active_after_days", default=0),
    flag("part_use", 1),
    flag("underpay"),
    flag("pin_needed"),
    flag("refund_allowed"),
    flag("resell_allowed"),
    *dict_columns(),
    live_unique("certificate_type", "name"),
)

certificate = crm_table(
    "certificate",
    id64("certificate_id", pk=True),
    key_text("number", 20),
    words("pin_hash", 200, null=True),
    id32("type_id", "certificate_type.certificate_type_id"),
    id64("account_id", "account.account_id"),
    small("state", default=1),
    id64("sold_operation_id", null=True),
    id64("holder_id", "holder.holder_id", null=True),
    day("valid_to", null=True),
    *std(),
    live_unique("certificate", "number"),
    live_unique("certificate", "account_id"),
)
