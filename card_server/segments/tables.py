"""Tables of segments and RFM scores (domain 1.9)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    amt,
    crm_table,
    day,
    dict_columns,
    id32,
    id64,
    index,
    keyed_table,
    live_unique,
    long_text,
    moment,
    number,
    small,
    words,
)

segment = crm_table(
    "segment",
    id32("segment_id", pk=True),
    small("kind"),
    long_text("definition"),
    small("refresh", default=1),
    number("last_count", null=True),
    moment("last_run_at", null=True),
    words("remarks", 500, null=True),
    *dict_columns(),
    live_unique("segment", "name"),
)

segment_member = keyed_table(
    "segment_member",
    id32("segment_id", "segment.segment_id"),
    id64("holder_id", "holder.holder_id"),
    moment("since"),
    PrimaryKeyConstraint("segment_id", "holder_id"),
    index("segment_member", "holder_id"),
)

rfm_profile = crm_table(
    "rfm_profile",
    id32("rfm_profile_id", pk=True),
    number("period_days", default=365),
    long_text("r_bounds"),
    long_text("f_bounds"),
    long_text("m_bounds"),
    id32("account_type_id", null=True),
    *dict_columns(),
    live_unique("rfm_profile", "name"),
)

rfm_score = keyed_table(
    "rfm_score",
    id32("profile_id", "rfm_profile.rfm_profile_id"),
    id64("holder_id", "holder.holder_id"),
    small("r"),
    small("f"),
    small("m"),
    day("last_date", null=True),
    number("visits"),
    amt("sum"),
    moment("calculated_at"),
    PrimaryKeyConstraint("profile_id", "holder_id"),
)
