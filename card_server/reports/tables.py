"""Tables of report forms and their runs."""

from __future__ import annotations

from card_server.db.base import (
    crm_table,
    dict_columns,
    id32,
    id64,
    key_text,
    live_unique,
    long_text,
    moment,
    number,
    small,
)

report_form = crm_table(
    "report_form",
    id32("report_form_id", pk=True),
    key_text("code", 40),
    long_text("definition"),
    *dict_columns(120),
    live_unique("report_form", "code"),
)

report_run = crm_table(
    "report_run",
    id64("report_run_id", pk=True),
    id32("report_form_id", "report_form.report_form_id"),
    id32("user_id", null=True),
    moment("started_at"),
    moment("ended_at", null=True),
    long_text("params"),
    small("state"),
    number("row_count", null=True),
)
