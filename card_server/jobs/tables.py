"""Tables of jobs, their runs and errors (domain 1.11)."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint

from card_server.db.base import (
    crm_table,
    day,
    dict_columns,
    flag,
    id32,
    id64,
    key_text,
    live_unique,
    long_text,
    moment,
    number,
    small,
    words,
)

job = crm_table(
    "job",
    id32("job_id", pk=True),
    key_text("code", 40),
    long_text("schedule"),
    small("window_from", null=True),
    small("window_to", null=True),
    long_text("params", null=True),
    small("catch_up", default=1),
    number("time_limit_s", default=3600),
    day("last_success_date", null=True),
    moment("next_at", null=True),
    *dict_columns(),
    live_unique("job", "code"),
    live_unique("job", "name"),
)

job_run = crm_table(
    "job_run",
    id64("run_id", pk=True),
    id32("job_id", "job.job_id"),
    day("business_date", null=True),
    small("state"),
    small("attempt", default=1),
    moment("started_at", null=True),
    moment("ended_at", null=True),
    number("processed", default=0),
    number("failed", default=0),
    words("resume_at", 60, null=True),
    long_text("message", null=True),
    number("total", null=True),
    long_text("params", null=True),
    long_text("outcome", null=True),
    id32("ordered_by", null=True),
    moment("ordered_at", null=True),
    flag("cancel_asked"),
    live_unique("job_run", "job_id", "business_date", "attempt", null="business_date", live=False),
)

job_item_error = crm_table(
    "job_item_error",
    id64("run_id", "job_run.run_id"),
    words("subject", 60),
    key_text("code", 40),
    words("text", 500, null=True),
    PrimaryKeyConstraint("run_id", "subject"),
)
