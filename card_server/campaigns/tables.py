"""Tables of campaigns, their versions, limits and stacking (domain 1.9)."""

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
    index,
    keyed_table,
    live_unique,
    long_text,
    moment,
    number,
    small,
    words,
)

stacking_group = crm_table(
    "stacking_group",
    id32("stacking_group_id", pk=True),
    small("mode"),
    number("max_applied", null=True),
    flag("exclusive"),
    *dict_columns(),
    live_unique("stacking_group", "name"),
)

campaign = crm_table(
    "campaign",
    id32("campaign_id", pk=True),
    small("state", default=1),
    id32("current_version_id", null=True),
    id32("owner_user_id", null=True),
    words("remarks", 500, null=True),
    *dict_columns(120),
    live_unique("campaign", "name"),
)

campaign_version = crm_table(
    "campaign_version",
    id32("campaign_version_id", pk=True),
    id32("campaign_id", "campaign.campaign_id"),
    number("version_no"),
    day("valid_from"),
    day("valid_to", null=True),
    id32("time_id", "time_set.time_id", null=True),
    id32("segment_id", "segment.segment_id", null=True),
    number("priority", default=100),
    id32("stacking_group_id", "stacking_group.stacking_group_id"),
    small("trigger_kind"),
    long_text("conditions"),
    long_text("effects"),
    moment("published_at", null=True),
    id32("published_by", null=True),
    UniqueConstraint("campaign_id", "version_no"),
)

campaign_unit = keyed_table(
    "campaign_unit",
    id32("version_id", "campaign_version.campaign_version_id"),
    id32("unit_id", "unit.unit_id"),
    PrimaryKeyConstraint("version_id", "unit_id"),
)

campaign_classifier = keyed_table(
    "campaign_classifier",
    id32("version_id", "campaign_version.campaign_version_id"),
    id32("classifier_id", "classifier.classifier_id"),
    PrimaryKeyConstraint("version_id", "classifier_id"),
)

campaign_limit = crm_table(
    "campaign_limit",
    id32("campaign_limit_id", pk=True),
    id32("version_id", "campaign_version.campaign_version_id"),
    small("per"),
    small("period"),
    amt("max_amount", null=True),
    number("max_count", null=True),
    index("campaign_limit", "version_id"),
)

campaign_counter = keyed_table(
    "campaign_counter",
    id32("version_id", "campaign_version.campaign_version_id"),
    small("per"),
    big("subject_id"),
    number("period_key"),
    amt("used_amount", default=0),
    number("used_count", default=0),
    PrimaryKeyConstraint("version_id", "per", "subject_id", "period_key"),
)
