"""Tables of channels, templates, mailings and messages (domain 1.10)."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint

from card_server.db.base import (
    crm_table,
    dict_columns,
    flag,
    id32,
    id64,
    index,
    key_text,
    live_unique,
    long_text,
    moment,
    number,
    small,
    words,
)

channel = crm_table(
    "channel",
    id32("channel_id", pk=True),
    small("kind"),
    words("provider", 40),
    long_text("settings"),
    number("rate_per_minute", default=60),
    small("quiet_from", default=1260),
    small("quiet_to", default=540),
    small("quiet_weekend_to", null=True),
    *dict_columns(),
    live_unique("channel", "name"),
)

message_template = crm_table(
    "message_template",
    id32("template_id", pk=True),
    small("channel_kind"),
    small("purpose"),
    words("subject", 200, null=True),
    long_text("body"),
    number("language", default=1049),
    *dict_columns(),
    live_unique("message_template", "name"),
)

mailing = crm_table(
    "mailing",
    id32("mailing_id", pk=True),
    id32("template_id", "message_template.template_id"),
    id32("segment_id", "segment.segment_id"),
    id32("channel_id", "channel.channel_id"),
    small("state", default=1),
    moment("start_at", null=True),
    flag("test_only", 1),
    number("control_bp", default=0),
    number("max_per_holder_days", default=0),
    number("queued_count", default=0),
    number("sent_count", default=0),
    number("failed_count", default=0),
    number("suppressed_count", default=0),
    id32("approved_by", null=True),
    *dict_columns(120),
    live_unique("mailing", "name"),
)

test_contact = crm_table(
    "test_contact", key_text("value_norm", 128, pk=True), words("note", 200, null=True)
)

message = crm_table(
    "message",
    id64("message_id", pk=True),
    small("kind"),
    id64("holder_id", "holder.holder_id", null=True),
    id64("contact_id", null=True),
    id32("channel_id", "channel.channel_id", null=True),
    id32("mailing_id", "mailing.mailing_id", null=True),
    id32("template_id", "message_template.template_id", null=True),
    words("subject", 200, null=True),
    long_text("body"),
    moment("not_before"),
    moment("not_after", null=True),
    small("state"),
    small("attempts", default=0),
    words("provider_id", 60, null=True),
    key_text("error_code", 40, null=True),
    moment("queued_at"),
    moment("sent_at", null=True),
    moment("delivered_at", null=True),
    key_text("dedupe_key", 120),
    id32("user_id", null=True),
    UniqueConstraint("dedupe_key"),
    index("message", "state", "not_before"),
    index("message", "holder_id", where="holder_id IS NOT NULL"),
)
