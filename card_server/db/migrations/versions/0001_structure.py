"""Structure: every table of the first schema (domain.md section 1).

Written once from the tables and frozen: later versions change the structure by steps of their own.
The kinds of columns (`Moment`, `KeyText`) are part of the contract and are never redefined.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from card_server.db.base import KeyText, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INT = sa.Integer()
SMALL = sa.SmallInteger()
FLAG = sa.Boolean()
DAY = sa.Date()
MOMENT = Moment()
LONG = sa.UnicodeText().with_variant(sa.Text(), "sqlite")
BYTES = sa.LargeBinary()
NO, YES = sa.false(), sa.true()


def _col(name: str, kind: Any, *, null: bool = False, default: Any = None) -> sa.Column[Any]:
    """A column; ids are made by the product, so nothing counts up by itself."""
    value = sa.text(str(default)) if isinstance(default, int) else default
    return sa.Column(name, kind, nullable=null, server_default=value, autoincrement=False)


def _pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_crm_{table}")


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_crm_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"crm_{target}"], name=name)


def _late_on_servers(constraint: sa.ForeignKeyConstraint) -> list[sa.ForeignKeyConstraint]:
    """Two tables name each other: SQLite takes the key at once, a server once both exist."""
    return [constraint] if op.get_context().dialect.name == "sqlite" else []


def _uq(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_crm_{table}_{'_'.join(columns)}")


def _ck(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_crm_{table}_{name}"))


def _std() -> list[sa.Column[Any]]:
    return [*_edited(), _col("deleted_at", MOMENT, null=True)]


def _edited() -> list[sa.Column[Any]]:
    return [
        _col("created_at", MOMENT),
        _col("created_by", INT, null=True),
        _col("updated_at", MOMENT),
        _col("updated_by", INT, null=True),
        _col("version", INT, default=1),
    ]


def _index(table: str, *columns: str, where: str | None = None, unique: bool = False) -> None:
    """An index, filtered by `where` on every database."""
    name = f"{'uq' if unique else 'ix'}_crm_{table}_{'_'.join(columns)}"
    clause = sa.text(where) if where else None
    filters: dict[str, Any] = {
        f"{name}_where": clause for name in ("sqlite", "postgresql", "mssql") if where
    }
    op.create_index(name, f"crm_{table}", list(columns), unique=unique, **filters)


def upgrade() -> None:
    """Forward only."""
    # address_type
    op.create_table(
        "crm_address_type",
        _col("address_type_id", INT),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("address_type", "address_type_id"),
    )
    _index("address_type", "name", where="deleted_at IS NULL", unique=True)
    # campaign
    op.create_table(
        "crm_campaign",
        _col("campaign_id", INT),
        _col("state", SMALL, default=1),
        _col("current_version_id", INT, null=True),
        _col("owner_user_id", INT, null=True),
        _col("remarks", sa.Unicode(500), null=True),
        _col("name", sa.Unicode(120)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("campaign", "campaign_id"),
    )
    _index("campaign", "name", where="deleted_at IS NULL", unique=True)
    # card_group
    op.create_table(
        "crm_card_group",
        _col("group_id", INT),
        _col("parent_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("card_group", "group_id"),
        _fk("card_group", "parent_id", "card_group.group_id"),
    )
    _index("card_group", "name", where="deleted_at IS NULL", unique=True)
    # change_set
    op.create_table(
        "crm_change_set",
        _col("change_id", ID64),
        _col("at", MOMENT),
        _col("user_id", INT, null=True),
        _col("classifier_id", INT, null=True),
        _col("host", sa.Unicode(60), null=True),
        _col("application", sa.Unicode(30), null=True),
        _col("table_name", KeyText(40)),
        _col("row_key", KeyText(60)),
        _col("action", SMALL),
        _col("reason", sa.Unicode(255), null=True),
        _col("batch_id", ID64, null=True),
        _pk("change_set", "change_id"),
    )
    _index("change_set", "at")
    _index("change_set", "table_name", "row_key")
    # channel
    op.create_table(
        "crm_channel",
        _col("channel_id", INT),
        _col("kind", SMALL),
        _col("provider", sa.Unicode(40)),
        _col("settings", LONG),
        _col("rate_per_minute", INT, default=60),
        _col("quiet_from", SMALL, default=1260),
        _col("quiet_to", SMALL, default=540),
        _col("quiet_weekend_to", SMALL, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("channel", "channel_id"),
    )
    _index("channel", "name", where="deleted_at IS NULL", unique=True)
    # classifier
    op.create_table(
        "crm_classifier",
        _col("classifier_id", INT),
        _col("code", KeyText(20)),
        _col("code_kind", SMALL, default=9),
        _col("client_type", sa.Unicode(15), null=True),
        _col("external_code", KeyText(100), null=True),
        _col("time_zone", sa.Unicode(64)),
        _col("day_start", SMALL, default=240),
        _col("api_visible", FLAG, default=NO),
        _col("calc_mode", SMALL, default=1),
        _col("refund_unmatched", SMALL, default=2),
        _col("xml_key", SMALL, default=2),
        _col("backdate_days", INT, default=3),
        _col("future_minutes", INT, default=10),
        _col("hold_minutes", INT, default=60),
        _col("pay_confirm", SMALL, default=0),
        _col("wire_charset", SMALL, default=1),
        _col("late_capture", FLAG, default=NO),
        _col("rate_limit", INT, default=0),
        _col("last_seen_at", MOMENT, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("classifier", "classifier_id"),
    )
    _index("classifier", "code", where="deleted_at IS NULL", unique=True)
    _index("classifier", "name", where="deleted_at IS NULL", unique=True)
    # contact_type
    op.create_table(
        "crm_contact_type",
        _col("contact_type_id", INT),
        _col("class", SMALL),
        _col("external_code", KeyText(40), null=True),
        _col("dispatch", FLAG, default=NO),
        _col("max_holders", SMALL, null=True, default=1),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("contact_type", "contact_type_id"),
    )
    _index("contact_type", "name", where="deleted_at IS NULL", unique=True)
    # country
    op.create_table(
        "crm_country",
        _col("country_id", INT),
        _col("name", sa.Unicode(40)),
        _col("name_key", KeyText(40)),
        _pk("country", "country_id"),
        _uq("country", "name_key"),
    )
    # division
    op.create_table(
        "crm_division",
        _col("division_id", INT),
        _col("parent_id", INT, null=True),
        _col("id_prefix", INT),
        _col("full_name", sa.Unicode(120), null=True),
        _col("is_main", FLAG, default=NO),
        _col("server_host", sa.Unicode(60), null=True),
        _col("inn", sa.Unicode(12), null=True),
        _col("books_closed_until", DAY, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("division", "division_id"),
        _fk("division", "parent_id", "division.division_id"),
    )
    _index("division", "id_prefix", where="deleted_at IS NULL", unique=True)
    _index("division", "name", where="deleted_at IS NULL", unique=True)
    # erasure
    op.create_table(
        "crm_erasure",
        _col("holder_id", ID64),
        _col("requested_at", MOMENT),
        _col("done_at", MOMENT, null=True),
        _col("reason", sa.Unicode(255)),
        _col("user_id", INT),
        _col("counts", LONG, null=True),
        _pk("erasure", "holder_id"),
    )
    # holder_group
    op.create_table(
        "crm_holder_group",
        _col("group_id", INT),
        _col("parent_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("holder_group", "group_id"),
        _fk("holder_group", "parent_id", "holder_group.group_id"),
    )
    _index("holder_group", "name", where="deleted_at IS NULL", unique=True)
    # id_counter
    op.create_table(
        "crm_id_counter",
        _col("prefix", INT),
        _col("kind", KeyText(20)),
        _col("next_value", ID64),
        _pk("id_counter", "prefix", "kind"),
        sqlite_with_rowid=False,
    )
    # import_batch
    op.create_table(
        "crm_import_batch",
        _col("batch_id", ID64),
        _col("kind", SMALL),
        _col("division_id", INT),
        _col("file_name", sa.Unicode(255)),
        _col("size", INT, default=0),
        _col("sha256", KeyText(64), null=True),
        _col("shape", LONG, null=True),
        _col("mapping", LONG),
        _col("state", SMALL, default=1),
        _col("rows_total", INT, default=0),
        _col("rows_ok", INT, default=0),
        _col("rows_bad", INT, default=0),
        _col("control", LONG, null=True),
        _col("found", LONG, null=True),
        _col("run_id", ID64, null=True),
        _col("user_id", INT),
        _col("created_at", MOMENT),
        _col("posted_at", MOMENT, null=True),
        _col("version", INT, default=1),
        _pk("import_batch", "batch_id"),
        _fk("import_batch", "division_id", "division.division_id"),
    )
    # job
    op.create_table(
        "crm_job",
        _col("job_id", INT),
        _col("code", KeyText(40)),
        _col("schedule", LONG),
        _col("window_from", SMALL, null=True),
        _col("window_to", SMALL, null=True),
        _col("params", LONG, null=True),
        _col("catch_up", SMALL, default=1),
        _col("time_limit_s", INT, default=3600),
        _col("last_success_date", DAY, null=True),
        _col("next_at", MOMENT, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("job", "job_id"),
    )
    _index("job", "code", where="deleted_at IS NULL", unique=True)
    _index("job", "name", where="deleted_at IS NULL", unique=True)
    # licence
    op.create_table(
        "crm_licence",
        _col("licence_id", INT),
        _col("number", KeyText(60)),
        _col("object_code", KeyText(40)),
        _col("metric", SMALL),
        _col("quantity", INT),
        _col("valid_from", DAY),
        _col("valid_to", DAY, null=True),
        _col("features", LONG, null=True),
        _col("file_body", BYTES),
        _col("loaded_at", MOMENT),
        _col("loaded_by", INT, null=True),
        _col("state", SMALL, default=0),
        _pk("licence", "licence_id"),
        _uq("licence", "number"),
    )
    # licence_count
    op.create_table(
        "crm_licence_count",
        _col("on_date", DAY),
        _col("cards", INT),
        _col("holders", INT),
        _pk("licence_count", "on_date"),
    )
    # message_template
    op.create_table(
        "crm_message_template",
        _col("template_id", INT),
        _col("channel_kind", SMALL),
        _col("purpose", SMALL),
        _col("subject", sa.Unicode(200), null=True),
        _col("body", LONG),
        _col("language", INT, default=1049),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("message_template", "template_id"),
    )
    _index("message_template", "name", where="deleted_at IS NULL", unique=True)
    # non_payer_type
    op.create_table(
        "crm_non_payer_type",
        _col("non_payer_type_id", INT),
        _col("external_id", INT, null=True),
        _col("parent_id", INT, null=True),
        _col("forbid_order", FLAG, default=NO),
        _col("forbid_topup", FLAG, default=NO),
        _col("notes", sa.Unicode(500), null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("non_payer_type", "non_payer_type_id"),
        _fk("non_payer_type", "parent_id", "non_payer_type.non_payer_type_id"),
    )
    _index("non_payer_type", "name", where="deleted_at IS NULL", unique=True)
    # property
    op.create_table(
        "crm_property",
        _col("property_id", INT),
        _col("property_type", SMALL),
        _col("code_name", KeyText(40)),
        _col("applies_to", INT),
        _col("required", FLAG, default=NO),
        _col("is_personal", FLAG, default=NO),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("property", "property_id"),
    )
    _index("property", "code_name", where="deleted_at IS NULL", unique=True)
    _index("property", "name", where="deleted_at IS NULL", unique=True)
    # reason
    op.create_table(
        "crm_reason",
        _col("reason_id", INT),
        _col("applies_to", INT, default=0),
        _col("needs_text", FLAG, default=NO),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("reason", "reason_id"),
    )
    _index("reason", "name", where="deleted_at IS NULL", unique=True)
    # report_form
    op.create_table(
        "crm_report_form",
        _col("report_form_id", INT),
        _col("code", KeyText(40)),
        _col("definition", LONG),
        _col("name", sa.Unicode(120)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("report_form", "report_form_id"),
    )
    _index("report_form", "code", where="deleted_at IS NULL", unique=True)
    # rfm_profile
    op.create_table(
        "crm_rfm_profile",
        _col("rfm_profile_id", INT),
        _col("period_days", INT, default=365),
        _col("r_bounds", LONG),
        _col("f_bounds", LONG),
        _col("m_bounds", LONG),
        _col("account_type_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("rfm_profile", "rfm_profile_id"),
    )
    _index("rfm_profile", "name", where="deleted_at IS NULL", unique=True)
    # role
    op.create_table(
        "crm_role",
        _col("role_id", INT),
        _col("is_builtin", FLAG, default=NO),
        _col("amount_limit", ID64, null=True),
        _col("unmask_per_day", INT, default=50),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("role", "role_id"),
    )
    _index("role", "name", where="deleted_at IS NULL", unique=True)
    # schema_version
    op.create_table(
        "crm_schema_version",
        _col("schema_version_id", INT),
        _col("major", INT),
        _col("minor", INT),
        _col("product", sa.Unicode(40)),
        _col("applied_at", MOMENT),
        _pk("schema_version", "schema_version_id"),
    )
    # scheme
    op.create_table(
        "crm_scheme",
        _col("scheme_id", INT),
        _col("base_rate", INT, default=0),
        _col("external_id", INT, null=True),
        _col("limit_amount", ID64, null=True),
        _col("remarks", sa.Unicode(500), null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("scheme", "scheme_id"),
    )
    _index("scheme", "name", where="deleted_at IS NULL", unique=True)
    # segment
    op.create_table(
        "crm_segment",
        _col("segment_id", INT),
        _col("kind", SMALL),
        _col("definition", LONG),
        _col("refresh", SMALL, default=1),
        _col("last_count", INT, null=True),
        _col("last_run_at", MOMENT, null=True),
        _col("remarks", sa.Unicode(500), null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("segment", "segment_id"),
    )
    _index("segment", "name", where="deleted_at IS NULL", unique=True)
    # setting
    op.create_table(
        "crm_setting",
        _col("setting_key", KeyText(80)),
        _col("scope", SMALL),
        _col("scope_id", INT, default=0),
        _col("value", sa.Unicode(2000)),
        *_std(),
        _pk("setting", "setting_key", "scope", "scope_id"),
    )
    # stacking_group
    op.create_table(
        "crm_stacking_group",
        _col("stacking_group_id", INT),
        _col("mode", SMALL),
        _col("max_applied", INT, null=True),
        _col("exclusive", FLAG, default=NO),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("stacking_group", "stacking_group_id"),
    )
    _index("stacking_group", "name", where="deleted_at IS NULL", unique=True)
    # test_contact
    op.create_table(
        "crm_test_contact",
        _col("value_norm", KeyText(128)),
        _col("note", sa.Unicode(200), null=True),
        _pk("test_contact", "value_norm"),
    )
    # time_set
    op.create_table(
        "crm_time_set",
        _col("time_id", INT),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("time_set", "time_id"),
    )
    _index("time_set", "name", where="deleted_at IS NULL", unique=True)
    # user
    op.create_table(
        "crm_user",
        _col("user_id", INT),
        _col("login", sa.Unicode(60)),
        _col("full_name", sa.Unicode(100)),
        _col("password_hash", sa.Unicode(200)),
        _col("must_change", FLAG, default=YES),
        _col("password_at", MOMENT, null=True),
        _col("expires_on", DAY, null=True),
        _col("is_blocked", FLAG, default=NO),
        _col("failed_count", SMALL, default=0),
        _col("locked_until", MOMENT, null=True),
        _col("card_code", ID64, null=True),
        _col("email", sa.Unicode(128), null=True),
        _col("phone", sa.Unicode(40), null=True),
        _col("all_divisions", FLAG, default=NO),
        _col("remarks", sa.Unicode(500), null=True),
        *_std(),
        _pk("user", "user_id"),
    )
    _index("user", "card_code", where="deleted_at IS NULL AND card_code IS NOT NULL", unique=True)
    _index("user", "login", where="deleted_at IS NULL", unique=True)
    # command_result
    op.create_table(
        "crm_command_result",
        _col("operation_id", KeyText(60)),
        _col("user_id", INT),
        _col("request", sa.Unicode(60)),
        _col("fingerprint", sa.LargeBinary(32)),
        _col("reply", LONG),
        _col("at", MOMENT),
        _pk("command_result", "operation_id"),
    )
    _index("command_result", "at")
    # user_activity
    op.create_table(
        "crm_user_activity",
        _col("user_activity_id", ID64),
        _col("at", MOMENT),
        _col("user_id", INT, null=True),
        _col("login", sa.Unicode(60), null=True),
        _col("what", sa.Unicode(40)),
        _col("host", sa.Unicode(60), null=True),
        _col("application", sa.Unicode(30), null=True),
        _col("details", sa.Unicode(500), null=True),
        _pk("user_activity", "user_activity_id"),
    )
    _index("user_activity", "at")
    _index("user_activity", "user_id", "at")
    # account_type
    op.create_table(
        "crm_account_type",
        _col("account_type_id", INT),
        _col("parent_id", INT, null=True),
        _col("class", SMALL),
        _col("value_unit", SMALL),
        _col("active_from", DAY, null=True),
        _col("active_to", DAY, null=True),
        _col("open_for_all", FLAG, default=YES),
        _col("uses_lots", FLAG, default=NO),
        _col("life_kind", SMALL, default=0),
        _col("life_value", INT, default=0),
        _col("delay_kind", SMALL, default=0),
        _col("delay_value", INT, default=0),
        _col("notice_days", sa.Unicode(20), null=True),
        _col("level_change", SMALL, default=0),
        _col("level_down", SMALL, default=1),
        _col("level_on_refund", FLAG, default=YES),
        _col("default_scheme_id", INT, null=True),
        _col("default_credit_depth", ID64, default=0),
        _col("min_balance", ID64, default=0),
        _col("round_step", ID64, default=1),
        _col("round_mode", SMALL, default=1),
        _col("earn_base", SMALL, default=1),
        _col("spent_base", SMALL, default=1),
        _col("refund_earned", SMALL, default=3),
        _col("refund_burned", SMALL, default=1),
        _col("refund_grace_days", INT, default=7),
        _col("receivable_type_id", INT, null=True),
        _col("reinstate_days", INT, default=30),
        _col("external_code", sa.Unicode(40), null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("account_type", "account_type_id"),
        _fk("account_type", "parent_id", "account_type.account_type_id"),
        _fk("account_type", "default_scheme_id", "scheme.scheme_id"),
        _fk("account_type", "receivable_type_id", "account_type.account_type_id"),
    )
    _index("account_type", "name", where="deleted_at IS NULL", unique=True)
    # auth_code
    op.create_table(
        "crm_auth_code",
        _col("auth_code_id", sa.LargeBinary(16)),
        _col("purpose", SMALL),
        _col("code_hash", sa.Unicode(200)),
        _col("value_norm", KeyText(128)),
        _col("contact_id", ID64, null=True),
        _col("card_code", ID64, null=True),
        _col("classifier_id", INT),
        _col("created_at", MOMENT),
        _col("expires_at", MOMENT),
        _col("tries", SMALL, default=0),
        _col("used_at", MOMENT, null=True),
        _col("wishes", LONG, null=True),
        _pk("auth_code", "auth_code_id"),
        _fk("auth_code", "classifier_id", "classifier.classifier_id"),
    )
    _index("auth_code", "value_norm", "created_at")
    # campaign_version
    op.create_table(
        "crm_campaign_version",
        _col("campaign_version_id", INT),
        _col("campaign_id", INT),
        _col("version_no", INT),
        _col("valid_from", DAY),
        _col("valid_to", DAY, null=True),
        _col("time_id", INT, null=True),
        _col("segment_id", INT, null=True),
        _col("priority", INT, default=100),
        _col("stacking_group_id", INT),
        _col("trigger_kind", SMALL),
        _col("conditions", LONG),
        _col("effects", LONG),
        _col("published_at", MOMENT, null=True),
        _col("published_by", INT, null=True),
        _pk("campaign_version", "campaign_version_id"),
        _fk("campaign_version", "campaign_id", "campaign.campaign_id"),
        _fk("campaign_version", "time_id", "time_set.time_id"),
        _fk("campaign_version", "segment_id", "segment.segment_id"),
        _fk("campaign_version", "stacking_group_id", "stacking_group.stacking_group_id"),
        _uq("campaign_version", "campaign_id", "version_no"),
    )
    # card_range
    op.create_table(
        "crm_card_range",
        _col("range_id", INT),
        _col("start_code", ID64),
        _col("end_code", ID64),
        _col("current_code", ID64),
        _col("division_id", INT),
        _col("card_group_id", INT, null=True),
        _col("holder_group_id", INT, null=True),
        _col("account_types", LONG, null=True),
        _col("start_bonus", ID64, default=0),
        _col("valid_months", INT, null=True),
        _col("digits", SMALL, null=True),
        _col("make_anonymous", FLAG, default=NO),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("card_range", "range_id"),
        _fk("card_range", "division_id", "division.division_id"),
        _fk("card_range", "card_group_id", "card_group.group_id"),
        _fk("card_range", "holder_group_id", "holder_group.group_id"),
    )
    _index("card_range", "name", where="deleted_at IS NULL", unique=True)
    # change_value
    op.create_table(
        "crm_change_value",
        _col("change_id", ID64),
        _col("field_name", KeyText(60)),
        _col("old_value", LONG, null=True),
        _col("new_value", LONG, null=True),
        _col("is_personal", FLAG, default=NO),
        _col("erased_at", MOMENT, null=True),
        _pk("change_value", "change_id", "field_name"),
        _fk("change_value", "change_id", "change_set.change_id"),
    )
    # city
    op.create_table(
        "crm_city",
        _col("city_id", INT),
        _col("country_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("name_key", KeyText(60)),
        _pk("city", "city_id"),
        _fk("city", "country_id", "country.country_id"),
    )
    _index("city", "country_id", "name_key", where="country_id IS NOT NULL", unique=True)
    _index("city", "name_key", where="country_id IS NULL", unique=True)
    # classifier_right
    op.create_table(
        "crm_classifier_right",
        _col("classifier_id", INT),
        _col("right_code", KeyText(30)),
        _pk("classifier_right", "classifier_id", "right_code"),
        _fk("classifier_right", "classifier_id", "classifier.classifier_id"),
        sqlite_with_rowid=False,
    )
    # coupon_type
    op.create_table(
        "crm_coupon_type",
        _col("coupon_type_id", INT),
        _col("parent_id", INT, null=True),
        _col("class", SMALL),
        _col("time_id", INT, null=True),
        _col("active_from", DAY, null=True),
        _col("active_to", DAY, null=True),
        _col("delay_days", INT, default=0),
        _col("valid_days", INT, null=True),
        _col("scheme_id", INT, null=True),
        _col("pos_code", INT, null=True),
        _col("rate", INT, null=True),
        _col("fixed_sum", ID64, null=True),
        _col("discount_limit", ID64, null=True),
        _col("confirm_manager", FLAG, default=NO),
        _col("max_uses", SMALL, default=1),
        _col("per_holder", INT, null=True),
        _col("per_holder_days", INT, null=True),
        _col("stackable_group_id", INT, null=True),
        _col("pool_prefix", INT, default=922001),
        _col("pool_min", INT, default=0),
        _col("pool_step", INT, default=0),
        _col("return_on_refund", FLAG, default=YES),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("coupon_type", "coupon_type_id"),
        _fk("coupon_type", "parent_id", "coupon_type.coupon_type_id"),
        _fk("coupon_type", "time_id", "time_set.time_id"),
        _fk("coupon_type", "scheme_id", "scheme.scheme_id"),
        _fk("coupon_type", "stackable_group_id", "stacking_group.stacking_group_id"),
    )
    _index("coupon_type", "name", where="deleted_at IS NULL", unique=True)
    # holder
    op.create_table(
        "crm_holder",
        _col("holder_id", ID64),
        _col("pos_number", INT),
        _col("division_id", INT),
        _col("group_id", INT, null=True),
        _col("non_payer_type_id", INT, null=True),
        _col("external_code", KeyText(60), null=True),
        _col("source_system", KeyText(20), null=True),
        _col("is_anonymous", FLAG, default=NO),
        _col("verified", FLAG, default=NO),
        _col("state", SMALL, default=1),
        _col("merged_into", ID64, null=True),
        _col("registered_at", MOMENT),
        _col("registered_unit_id", INT, null=True),
        _col("last_operation_at", MOMENT, null=True),
        *_std(),
        _pk("holder", "holder_id"),
        _fk("holder", "division_id", "division.division_id"),
        _fk("holder", "group_id", "holder_group.group_id"),
        _fk("holder", "non_payer_type_id", "non_payer_type.non_payer_type_id"),
        _fk("holder", "merged_into", "holder.holder_id"),
        _uq("holder", "pos_number"),
    )
    _index("holder", "external_code", where="external_code IS NOT NULL")
    _index("holder", "merged_into", where="merged_into IS NOT NULL")
    _index("holder", "state", where="state <> 1")
    _index("holder", "deleted_at", where="deleted_at IS NOT NULL")
    _index(
        "holder",
        "source_system",
        "external_code",
        where="deleted_at IS NULL AND source_system IS NOT NULL AND external_code IS NOT NULL",
        unique=True,
    )
    # import_piece
    op.create_table(
        "crm_import_piece",
        _col("batch_id", ID64),
        _col("piece_no", INT),
        _col("size", INT),
        _col("body", BYTES),
        _pk("import_piece", "batch_id", "piece_no"),
        _fk("import_piece", "batch_id", "import_batch.batch_id"),
    )
    # import_row
    op.create_table(
        "crm_import_row",
        _col("batch_id", ID64),
        _col("row_no", INT),
        _col("payload", LONG),
        _col("state", SMALL, default=0),
        _col("error_code", KeyText(40), null=True),
        _col("errors", LONG, null=True),
        _col("object_id", ID64, null=True),
        _col("made", LONG, null=True),
        _col("holder_id", ID64, null=True),
        _pk("import_row", "batch_id", "row_no"),
        _fk("import_row", "batch_id", "import_batch.batch_id"),
    )
    _index("import_row", "batch_id", "state", "row_no")
    _index("import_row", "object_id", where="object_id IS NOT NULL")
    _index("import_row", "holder_id", where="holder_id IS NOT NULL")
    # job_run
    op.create_table(
        "crm_job_run",
        _col("run_id", ID64),
        _col("job_id", INT),
        _col("business_date", DAY, null=True),
        _col("state", SMALL),
        _col("attempt", SMALL, default=1),
        _col("started_at", MOMENT, null=True),
        _col("ended_at", MOMENT, null=True),
        _col("processed", INT, default=0),
        _col("failed", INT, default=0),
        _col("resume_at", sa.Unicode(60), null=True),
        _col("message", LONG, null=True),
        _col("total", INT, null=True),
        _col("params", LONG, null=True),
        _col("outcome", LONG, null=True),
        _col("ordered_by", INT, null=True),
        _col("ordered_at", MOMENT, null=True),
        _col("cancel_asked", FLAG, default=NO),
        _pk("job_run", "run_id"),
        _fk("job_run", "job_id", "job.job_id"),
    )
    _index(
        "job_run",
        "job_id",
        "business_date",
        "attempt",
        where="business_date IS NOT NULL",
        unique=True,
    )
    # mailing
    op.create_table(
        "crm_mailing",
        _col("mailing_id", INT),
        _col("template_id", INT),
        _col("segment_id", INT),
        _col("channel_id", INT),
        _col("state", SMALL, default=1),
        _col("start_at", MOMENT, null=True),
        _col("test_only", FLAG, default=YES),
        _col("control_bp", INT, default=0),
        _col("max_per_holder_days", INT, default=0),
        _col("queued_count", INT, default=0),
        _col("sent_count", INT, default=0),
        _col("failed_count", INT, default=0),
        _col("suppressed_count", INT, default=0),
        _col("approved_by", INT, null=True),
        _col("name", sa.Unicode(120)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("mailing", "mailing_id"),
        _fk("mailing", "template_id", "message_template.template_id"),
        _fk("mailing", "segment_id", "segment.segment_id"),
        _fk("mailing", "channel_id", "channel.channel_id"),
    )
    _index("mailing", "name", where="deleted_at IS NULL", unique=True)
    # person_access
    op.create_table(
        "crm_person_access",
        _col("person_access_id", ID64),
        _col("at", MOMENT),
        _col("user_id", INT),
        _col("holder_id", ID64),
        _col("contact_id", ID64, null=True),
        _col("what", SMALL),
        _col("reason", sa.Unicode(255)),
        _col("application", sa.Unicode(30), null=True),
        _col("count", INT, default=1),
        _pk("person_access", "person_access_id"),
        _fk("person_access", "user_id", "user.user_id"),
    )
    _index("person_access", "holder_id")
    _index("person_access", "user_id", "at")
    # property_value
    op.create_table(
        "crm_property_value",
        _col("property_value_id", INT),
        _col("property_id", INT),
        _col("name", sa.Unicode(60)),
        _col("value", sa.Unicode(450), null=True),
        _pk("property_value", "property_value_id"),
        _fk("property_value", "property_id", "property.property_id"),
    )
    _index("property_value", "property_id")
    # report_run
    op.create_table(
        "crm_report_run",
        _col("report_run_id", ID64),
        _col("report_form_id", INT),
        _col("user_id", INT, null=True),
        _col("started_at", MOMENT),
        _col("ended_at", MOMENT, null=True),
        _col("params", LONG),
        _col("state", SMALL),
        _col("row_count", INT, null=True),
        _pk("report_run", "report_run_id"),
        _fk("report_run", "report_form_id", "report_form.report_form_id"),
    )
    # role_right
    op.create_table(
        "crm_role_right",
        _col("role_id", INT),
        _col("right_code", KeyText(40)),
        _pk("role_right", "role_id", "right_code"),
        _fk("role_right", "role_id", "role.role_id"),
        sqlite_with_rowid=False,
    )
    # scheme_param
    op.create_table(
        "crm_scheme_param",
        _col("scheme_param_id", INT),
        _col("scheme_id", INT),
        _col("time_id", INT),
        _col("rate", INT),
        _col("external_id", INT, null=True),
        _col("priority", SMALL, default=0),
        _col("colour", INT, null=True),
        *_std(),
        _pk("scheme_param", "scheme_param_id"),
        _fk("scheme_param", "scheme_id", "scheme.scheme_id"),
        _fk("scheme_param", "time_id", "time_set.time_id"),
    )
    _index("scheme_param", "scheme_id")
    # time_period
    op.create_table(
        "crm_time_period",
        _col("time_period_id", INT),
        _col("time_id", INT),
        _col("name", sa.Unicode(100), null=True),
        _col("date_start", DAY, null=True),
        _col("date_end", DAY, null=True),
        _col("months", INT, default=0),
        _col("weekdays", INT, default=0),
        _col("days", INT, default=0),
        _col("time_from", SMALL, null=True),
        _col("time_to", SMALL, null=True),
        _col("segment_id", INT, null=True),
        _col("is_active", FLAG, default=YES),
        _col("colour", INT, null=True),
        *_std(),
        _pk("time_period", "time_period_id"),
        _fk("time_period", "time_id", "time_set.time_id"),
    )
    _index("time_period", "time_id")
    # unit
    op.create_table(
        "crm_unit",
        _col("unit_id", INT),
        _col("division_id", INT),
        _col("pos_code", sa.Unicode(20), null=True),
        _col("pos_number", INT, null=True),
        _col("classifier_id", INT, null=True),
        _col("state", SMALL, default=1),
        _col("address", sa.Unicode(200), null=True),
        _col("phone", sa.Unicode(40), null=True),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("unit", "unit_id"),
        _fk("unit", "division_id", "division.division_id"),
        _fk("unit", "classifier_id", "classifier.classifier_id"),
    )
    _index("unit", "name", where="deleted_at IS NULL", unique=True)
    _index("unit", "pos_code", where="deleted_at IS NULL AND pos_code IS NOT NULL", unique=True)
    _index("unit", "pos_number", where="deleted_at IS NULL AND pos_number IS NOT NULL", unique=True)
    # user_division
    op.create_table(
        "crm_user_division",
        _col("user_id", INT),
        _col("division_id", INT),
        _pk("user_division", "user_id", "division_id"),
        _fk("user_division", "user_id", "user.user_id"),
        _fk("user_division", "division_id", "division.division_id"),
        sqlite_with_rowid=False,
    )
    # user_role
    op.create_table(
        "crm_user_role",
        _col("user_id", INT),
        _col("role_id", INT),
        _pk("user_role", "user_id", "role_id"),
        _fk("user_role", "user_id", "user.user_id"),
        _fk("user_role", "role_id", "role.role_id"),
        sqlite_with_rowid=False,
    )
    # user_session
    op.create_table(
        "crm_user_session",
        _col("session_id", sa.LargeBinary(16)),
        _col("user_id", INT),
        _col("started_at", MOMENT),
        _col("seen_at", MOMENT),
        _col("host", sa.Unicode(60), null=True),
        _col("application", sa.Unicode(30), null=True),
        _col("ended_at", MOMENT, null=True),
        _col("end_reason", SMALL, null=True),
        _pk("user_session", "session_id"),
        _fk("user_session", "user_id", "user.user_id"),
    )
    _index("user_session", "user_id")
    # approval
    op.create_table(
        "crm_approval",
        _col("approval_id", ID64),
        _col("operation_id", KeyText(60)),
        _col("request", sa.Unicode(60)),
        _col("command", LONG),
        _col("fingerprint", sa.LargeBinary(32)),
        _col("amount", ID64),
        _col("division_id", INT),
        _col("holder_id", ID64, null=True),
        _col("state", SMALL, default=1),
        _col("asked_by", INT),
        _col("asked_at", MOMENT),
        _col("expires_at", MOMENT),
        _col("decided_by", INT, null=True),
        _col("decided_at", MOMENT, null=True),
        _col("decided_key", KeyText(60), null=True),
        _col("decision_reason", sa.Unicode(255), null=True),
        _col("refusal_code", sa.Unicode(40), null=True),
        _col("refusal_args", LONG, null=True),
        _col("booked_id", ID64, null=True),
        *_std(),
        _pk("approval", "approval_id"),
        _fk("approval", "division_id", "division.division_id"),
        _fk("approval", "asked_by", "user.user_id"),
        _fk("approval", "decided_by", "user.user_id"),
        _uq("approval", "operation_id"),
    )
    _index("approval", "state", "division_id")
    _index("approval", "asked_by", "approval_id")
    _index("approval", "holder_id", where="holder_id IS NOT NULL")
    # user_totp
    op.create_table(
        "crm_user_totp",
        _col("user_id", INT),
        _col("secret", sa.LargeBinary(64)),
        _col("confirmed_at", MOMENT, null=True),
        _col("last_step", ID64, default=0),
        _pk("user_totp", "user_id"),
        _fk("user_totp", "user_id", "user.user_id"),
    )
    # writer
    op.create_table(
        "crm_writer",
        _col("writer_id", INT),
        _col("division_id", INT),
        _col("name", sa.Unicode(60)),
        _col("started_at", MOMENT, null=True),
        _col("next_chain_no", ID64),
        _col("head_hash", sa.LargeBinary(32)),
        _pk("writer", "writer_id"),
        _fk("writer", "division_id", "division.division_id"),
    )
    # campaign_classifier
    op.create_table(
        "crm_campaign_classifier",
        _col("version_id", INT),
        _col("classifier_id", INT),
        _pk("campaign_classifier", "version_id", "classifier_id"),
        _fk("campaign_classifier", "version_id", "campaign_version.campaign_version_id"),
        _fk("campaign_classifier", "classifier_id", "classifier.classifier_id"),
        sqlite_with_rowid=False,
    )
    # campaign_counter
    op.create_table(
        "crm_campaign_counter",
        _col("version_id", INT),
        _col("per", SMALL),
        _col("subject_id", ID64),
        _col("period_key", INT),
        _col("used_amount", ID64, default=0),
        _col("used_count", INT, default=0),
        _pk("campaign_counter", "version_id", "per", "subject_id", "period_key"),
        _fk("campaign_counter", "version_id", "campaign_version.campaign_version_id"),
        sqlite_with_rowid=False,
    )
    # campaign_limit
    op.create_table(
        "crm_campaign_limit",
        _col("campaign_limit_id", INT),
        _col("version_id", INT),
        _col("per", SMALL),
        _col("period", SMALL),
        _col("max_amount", ID64, null=True),
        _col("max_count", INT, null=True),
        _pk("campaign_limit", "campaign_limit_id"),
        _fk("campaign_limit", "version_id", "campaign_version.campaign_version_id"),
    )
    _index("campaign_limit", "version_id")
    # campaign_unit
    op.create_table(
        "crm_campaign_unit",
        _col("version_id", INT),
        _col("unit_id", INT),
        _pk("campaign_unit", "version_id", "unit_id"),
        _fk("campaign_unit", "version_id", "campaign_version.campaign_version_id"),
        _fk("campaign_unit", "unit_id", "unit.unit_id"),
        sqlite_with_rowid=False,
    )
    # card
    op.create_table(
        "crm_card",
        _col("card_code", ID64),
        _col("holder_id", ID64, null=True),
        _col("owner_holder_id", ID64, null=True),
        _col("state", SMALL, default=1),
        _col("block_reason", sa.Unicode(255), null=True),
        _col("seize", FLAG, default=NO),
        _col("confirm_manager", FLAG, default=NO),
        _col("group_id", INT, null=True),
        _col("range_id", INT, null=True),
        _col("kind", SMALL, default=1),
        _col("valid_from", DAY, null=True),
        _col("valid_to", DAY, null=True),
        _col("carrier_data", KeyText(200), null=True),
        _col("pin_hash", sa.Unicode(200), null=True),
        _col("pin_fails", SMALL, default=0),
        _col("limited_accounts", FLAG, default=NO),
        _col("replaced_by", ID64, null=True),
        _col("issued_at", MOMENT, null=True),
        _col("issued_unit_id", INT, null=True),
        _col("issued_by", INT, null=True),
        _col("batch_id", ID64, null=True),
        *_std(),
        _pk("card", "card_code"),
        _fk("card", "holder_id", "holder.holder_id"),
        _fk("card", "owner_holder_id", "holder.holder_id"),
        _fk("card", "group_id", "card_group.group_id"),
        _fk("card", "range_id", "card_range.range_id"),
        _fk("card", "replaced_by", "card.card_code"),
    )
    _index("card", "holder_id", where="holder_id IS NOT NULL")
    _index(
        "card", "carrier_data", where="deleted_at IS NULL AND carrier_data IS NOT NULL", unique=True
    )
    # certificate_type
    op.create_table(
        "crm_certificate_type",
        _col("certificate_type_id", INT),
        _col("account_type_id", INT),
        _col("nominal", ID64, null=True),
        _col("min_sum", ID64, null=True),
        _col("max_sum", ID64, null=True),
        _col("valid_days", INT, null=True),
        _col("active_after_days", INT, default=0),
        _col("part_use", FLAG, default=YES),
        _col("underpay", FLAG, default=NO),
        _col("pin_needed", FLAG, default=NO),
        _col("refund_allowed", FLAG, default=NO),
        _col("resell_allowed", FLAG, default=NO),
        _col("name", sa.Unicode(60)),
        _col("sort_no", INT, default=0),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("certificate_type", "certificate_type_id"),
        _fk("certificate_type", "account_type_id", "account_type.account_type_id"),
    )
    _index("certificate_type", "name", where="deleted_at IS NULL", unique=True)
    # chain_head
    op.create_table(
        "crm_chain_head",
        _col("writer_id", INT),
        _col("business_date", DAY),
        _col("chain_no", ID64),
        _col("hash", sa.LargeBinary(32)),
        _col("signed_at", MOMENT),
        _col("signature", sa.LargeBinary(64)),
        _pk("chain_head", "writer_id", "business_date"),
        _fk("chain_head", "writer_id", "writer.writer_id"),
    )
    # classifier_account_type
    op.create_table(
        "crm_classifier_account_type",
        _col("classifier_id", INT),
        _col("account_type_id", INT),
        _col("visible", FLAG, default=YES),
        _col("debit_allowed", FLAG, default=NO),
        _col("credit_allowed", FLAG, default=NO),
        _col("debit_priority", INT, null=True),
        _col("credit_priority", INT, null=True),
        _col("debit_k_bp", INT, default=10000),
        _col("credit_k_bp", INT, default=10000),
        _col("debit_time_id", INT, null=True),
        _col("credit_time_id", INT, null=True),
        _col("scheme_id", INT, null=True),
        _col("max_pay_bp", INT, default=10000),
        _col("min_pay", ID64, default=0),
        _col("keep_rest", ID64, default=0),
        _col("sum_slot", SMALL, null=True),
        _col("pos_kinds", INT, default=0),
        *_std(),
        _pk("classifier_account_type", "classifier_id", "account_type_id"),
        _fk("classifier_account_type", "classifier_id", "classifier.classifier_id"),
        _fk("classifier_account_type", "account_type_id", "account_type.account_type_id"),
        _fk("classifier_account_type", "debit_time_id", "time_set.time_id"),
        _fk("classifier_account_type", "credit_time_id", "time_set.time_id"),
        _fk("classifier_account_type", "scheme_id", "scheme.scheme_id"),
    )
    _index(
        "classifier_account_type",
        "classifier_id",
        "sum_slot",
        where="deleted_at IS NULL AND sum_slot IS NOT NULL",
        unique=True,
    )
    # consent
    op.create_table(
        "crm_consent",
        _col("consent_id", ID64),
        _col("holder_id", ID64),
        _col("purpose", SMALL),
        _col("channel", SMALL, null=True),
        _col("granted", FLAG, default=NO),
        _col("at", MOMENT),
        _col("source", SMALL),
        _col("evidence", sa.Unicode(500), null=True),
        _col("text_version", sa.Unicode(40), null=True),
        _col("user_id", INT, null=True),
        _col("classifier_id", INT, null=True),
        _pk("consent", "consent_id"),
        _fk("consent", "holder_id", "holder.holder_id"),
    )
    _index("consent", "holder_id", "purpose")
    # contact
    op.create_table(
        "crm_contact",
        _col("contact_id", ID64),
        _col("holder_id", ID64),
        _col("contact_type_id", INT),
        _col("value", sa.Unicode(128)),
        _col("value_norm", KeyText(128)),
        _col("value_tail", KeyText(4), null=True),
        _col("value_ext", sa.Unicode(128), null=True),
        _col("dispatch", FLAG, default=YES),
        _col("is_main", FLAG, default=NO),
        _col("confirmed_at", MOMENT, null=True),
        _col("bounce_count", INT, default=0),
        _col("notes", sa.Unicode(500), null=True),
        *_std(),
        _pk("contact", "contact_id"),
        _fk("contact", "holder_id", "holder.holder_id"),
        _fk("contact", "contact_type_id", "contact_type.contact_type_id"),
    )
    _index("contact", "value_norm", "contact_type_id")
    _index("contact", "value_tail", "contact_type_id", where="value_tail IS NOT NULL")
    _index(
        "contact",
        "holder_id",
        "contact_type_id",
        "value_norm",
        where="deleted_at IS NULL",
        unique=True,
    )
    # coupon_release
    op.create_table(
        "crm_coupon_release",
        _col("release_id", INT),
        _col("coupon_type_id", INT),
        _col("name", sa.Unicode(60)),
        _col("notes", sa.Unicode(500), null=True),
        _col("quantity", INT),
        _col("user_id", INT, null=True),
        _col("created_at", MOMENT),
        _col("exported_at", MOMENT, null=True),
        _pk("coupon_release", "release_id"),
        _fk("coupon_release", "coupon_type_id", "coupon_type.coupon_type_id"),
    )
    # coupon_type_classifier
    op.create_table(
        "crm_coupon_type_classifier",
        _col("coupon_type_id", INT),
        _col("classifier_id", INT),
        _pk("coupon_type_classifier", "coupon_type_id", "classifier_id"),
        _fk("coupon_type_classifier", "coupon_type_id", "coupon_type.coupon_type_id"),
        _fk("coupon_type_classifier", "classifier_id", "classifier.classifier_id"),
        sqlite_with_rowid=False,
    )
    # coupon_type_detail
    op.create_table(
        "crm_coupon_type_detail",
        _col("detail_id", INT),
        _col("coupon_type_id", INT),
        _col("parent_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("notes", sa.Unicode(500), null=True),
        _col("max_count", INT, default=1),
        _col("priority", INT, default=0),
        _col("kind", SMALL, null=True),
        _col("value", ID64, null=True),
        _col("discount_limit", ID64, null=True),
        _col("external_code", sa.Unicode(40), null=True),
        _col("external_id", INT, null=True),
        _col("auto", FLAG, default=NO),
        _col("classifier_id", INT, null=True),
        *_std(),
        _pk("coupon_type_detail", "detail_id"),
        _fk("coupon_type_detail", "coupon_type_id", "coupon_type.coupon_type_id"),
        _fk("coupon_type_detail", "parent_id", "coupon_type_detail.detail_id"),
    )
    _index("coupon_type_detail", "coupon_type_id")
    # duplicate_candidate
    op.create_table(
        "crm_duplicate_candidate",
        _col("holder_a", ID64),
        _col("holder_b", ID64),
        _col("score", SMALL),
        _col("reasons", LONG),
        _col("state", SMALL, default=1),
        _col("pair_no", ID64),
        _pk("duplicate_candidate", "holder_a", "holder_b"),
        _fk("duplicate_candidate", "holder_a", "holder.holder_id"),
        _fk("duplicate_candidate", "holder_b", "holder.holder_id"),
        _uq("duplicate_candidate", "pair_no"),
        _ck("duplicate_candidate", "order", "holder_a < holder_b"),
    )
    # holder_merge
    op.create_table(
        "crm_holder_merge",
        _col("merge_id", ID64),
        _col("survivor_id", ID64),
        _col("duplicate_id", ID64),
        _col("at", MOMENT),
        _col("user_id", INT),
        _col("operation_id", ID64, null=True),
        _col("undone_operation_id", ID64, null=True),
        _col("state", SMALL, default=2),
        _col("command_key", KeyText(60), null=True),
        _col("reason", sa.Unicode(255), null=True),
        _col("reason_id", INT, null=True),
        _col("undone_at", MOMENT, null=True),
        _col("undone_by", INT, null=True),
        _col("undo_key", KeyText(60), null=True),
        _pk("holder_merge", "merge_id"),
        _fk("holder_merge", "survivor_id", "holder.holder_id"),
        _fk("holder_merge", "duplicate_id", "holder.holder_id"),
    )
    _index("holder_merge", "duplicate_id", where="undone_at IS NULL", unique=True)
    _index("holder_merge", "survivor_id")
    # holder_session
    op.create_table(
        "crm_holder_session",
        _col("session_id", sa.LargeBinary(16)),
        _col("holder_id", ID64),
        _col("classifier_id", INT),
        _col("seen_at", MOMENT),
        _col("expires_at", MOMENT),
        _pk("holder_session", "session_id"),
        _fk("holder_session", "holder_id", "holder.holder_id"),
        _fk("holder_session", "classifier_id", "classifier.classifier_id"),
    )
    _index("holder_session", "holder_id")
    # job_item_error
    op.create_table(
        "crm_job_item_error",
        _col("run_id", ID64),
        _col("subject", sa.Unicode(60)),
        _col("code", KeyText(40)),
        _col("text", sa.Unicode(500), null=True),
        _pk("job_item_error", "run_id", "subject"),
        _fk("job_item_error", "run_id", "job_run.run_id"),
    )
    # level
    op.create_table(
        "crm_level",
        _col("level_id", INT),
        _col("account_type_id", INT),
        _col("level_no", SMALL),
        _col("name", sa.Unicode(60)),
        _col("scheme_id", INT),
        _col("threshold", ID64),
        _col("threshold_type_id", INT),
        _col("range_kind", SMALL, default=0),
        _col("range_value", INT, default=0),
        _col("keep_days", INT, default=0),
        _col("reward", ID64, default=0),
        _col("reward_type_id", INT, null=True),
        _col("manual_only", FLAG, default=NO),
        *_std(),
        _pk("level", "level_id"),
        _fk("level", "account_type_id", "account_type.account_type_id"),
        _fk("level", "scheme_id", "scheme.scheme_id"),
        _fk("level", "threshold_type_id", "account_type.account_type_id"),
        _fk("level", "reward_type_id", "account_type.account_type_id"),
    )
    _index("level", "account_type_id", "level_no", where="deleted_at IS NULL", unique=True)
    # message
    op.create_table(
        "crm_message",
        _col("message_id", ID64),
        _col("kind", SMALL),
        _col("holder_id", ID64, null=True),
        _col("contact_id", ID64, null=True),
        _col("channel_id", INT, null=True),
        _col("mailing_id", INT, null=True),
        _col("template_id", INT, null=True),
        _col("subject", sa.Unicode(200), null=True),
        _col("body", LONG),
        _col("not_before", MOMENT),
        _col("not_after", MOMENT, null=True),
        _col("state", SMALL),
        _col("attempts", SMALL, default=0),
        _col("provider_id", sa.Unicode(60), null=True),
        _col("error_code", KeyText(40), null=True),
        _col("queued_at", MOMENT),
        _col("sent_at", MOMENT, null=True),
        _col("delivered_at", MOMENT, null=True),
        _col("dedupe_key", KeyText(120)),
        _col("user_id", INT, null=True),
        _pk("message", "message_id"),
        _fk("message", "holder_id", "holder.holder_id"),
        _fk("message", "channel_id", "channel.channel_id"),
        _fk("message", "mailing_id", "mailing.mailing_id"),
        _fk("message", "template_id", "message_template.template_id"),
        _uq("message", "dedupe_key"),
    )
    _index("message", "holder_id", where="holder_id IS NOT NULL")
    _index("message", "state", "not_before")
    # metro_station
    op.create_table(
        "crm_metro_station",
        _col("metro_station_id", INT),
        _col("city_id", INT, null=True),
        _col("name", sa.Unicode(60)),
        _col("name_key", KeyText(60)),
        _pk("metro_station", "metro_station_id"),
        _fk("metro_station", "city_id", "city.city_id"),
    )
    _index("metro_station", "city_id", "name_key", where="city_id IS NOT NULL", unique=True)
    _index("metro_station", "name_key", where="city_id IS NULL", unique=True)
    # operation
    op.create_table(
        "crm_operation",
        _col("operation_id", ID64),
        _col("writer_id", INT),
        _col("chain_no", ID64),
        _col("kind", SMALL),
        _col("status", SMALL),
        _col("refusal_code", KeyText(20), null=True),
        _col("refusal_args", LONG, null=True),
        _col("classifier_id", INT),
        _col("division_id", INT),
        _col("unit_id", INT, null=True),
        _col("station_no", INT, null=True),
        _col("user_id", INT, null=True),
        _col("pos_user", sa.Unicode(60), null=True),
        _col("reason_id", INT, null=True),
        _col("remarks", sa.Unicode(255), null=True),
        _col("holder_id", ID64, null=True),
        _col("card_code", ID64, null=True),
        _col("idem_key", KeyText(160)),
        _col("attempt_no", SMALL, default=1),
        _col("fingerprint", sa.LargeBinary(32)),
        _col("attempt_stamp", KeyText(40), null=True),
        _col("occurred_at", MOMENT),
        _col("occurred_off", SMALL),
        _col("recorded_at", MOMENT),
        _col("business_date", DAY),
        _col("shift_date", DAY, null=True),
        _col("shift_no", INT, null=True),
        _col("ext_id", KeyText(40), null=True),
        _col("ext_index", INT, null=True),
        _col("ext_date", DAY, null=True),
        _col("order_guid", KeyText(38), null=True),
        _col("check_no", INT, null=True),
        _col("chmode", SMALL, null=True),
        _col("check_total", ID64, default=0),
        _col("check_discount", ID64, default=0),
        _col("paid_accounts", ID64, default=0),
        _col("earn_base_sum", ID64, default=0),
        _col("reverses_id", ID64, null=True),
        _col("batch_id", ID64, null=True),
        _col("rule_version", INT),
        _col("trace_hash", sa.LargeBinary(32), null=True),
        _col("doc_hash", sa.LargeBinary(32), null=True),
        _col("prev_hash", sa.LargeBinary(32)),
        _col("hash", sa.LargeBinary(32)),
        _pk("operation", "operation_id"),
        _fk("operation", "writer_id", "writer.writer_id"),
        _fk("operation", "classifier_id", "classifier.classifier_id"),
        _fk("operation", "division_id", "division.division_id"),
        _fk("operation", "unit_id", "unit.unit_id"),
        _fk("operation", "reason_id", "reason.reason_id"),
        _fk("operation", "reverses_id", "operation.operation_id"),
        _uq("operation", "idem_key", "classifier_id", "attempt_no"),
        _uq("operation", "writer_id", "chain_no"),
    )
    _index("operation", "business_date", "unit_id")
    _index("operation", "card_code", "occurred_at", where="card_code IS NOT NULL")
    _index("operation", "ext_id", "ext_date", "ext_index", where="ext_id IS NOT NULL")
    _index("operation", "holder_id", "occurred_at", where="holder_id IS NOT NULL")
    _index("operation", "order_guid", where="order_guid IS NOT NULL")
    _index("operation", "reverses_id", where="reverses_id IS NOT NULL")
    _index("operation", "reverses_id", where="kind IN (3, 4) AND status = 1", unique=True)
    # person
    op.create_table(
        "crm_person",
        _col("holder_id", ID64),
        _col("l_name", sa.Unicode(60), null=True),
        _col("f_name", sa.Unicode(40), null=True),
        _col("m_name", sa.Unicode(40), null=True),
        _col("full_name", sa.Unicode(140)),
        _col("search_name", KeyText(200)),
        _col("search_last", KeyText(60), null=True),
        _col("search_first", KeyText(40), null=True),
        _col("search_middle", KeyText(40), null=True),
        _col("search_rest", KeyText(200), null=True),
        _col("birth_date", DAY, null=True),
        _col("birth_md", SMALL, null=True),
        _col("gender", SMALL, default=0),
        _col("marital", SMALL, default=0),
        _col("smokes", FLAG, default=NO),
        _col("language", INT, default=1049),
        _col("source", sa.Unicode(120), null=True),
        _col("remarks", sa.Unicode(500), null=True),
        _col("inn", sa.Unicode(25), null=True),
        _col("login", sa.Unicode(60), null=True),
        _col("password_hash", sa.Unicode(200), null=True),
        _pk("person", "holder_id"),
        _fk("person", "holder_id", "holder.holder_id"),
    )
    _index("person", "birth_md", where="birth_md IS NOT NULL")
    _index("person", "search_name")
    _index("person", "search_last", where="search_last IS NOT NULL")
    _index("person", "search_first", where="search_first IS NOT NULL")
    _index("person", "search_middle", where="search_middle IS NOT NULL")
    _index("person", "search_rest", where="search_rest IS NOT NULL")
    _index("person", "birth_date", where="birth_date IS NOT NULL")
    _index("person", "login", where="login IS NOT NULL", unique=True)
    # person_photo
    op.create_table(
        "crm_person_photo",
        _col("holder_id", ID64),
        _col("mime", sa.Unicode(30)),
        _col("bytes", BYTES),
        _col("thumb", BYTES),
        _pk("person_photo", "holder_id"),
        _fk("person_photo", "holder_id", "holder.holder_id"),
    )
    # property_link
    op.create_table(
        "crm_property_link",
        _col("owner_kind", SMALL),
        _col("owner_id", ID64),
        _col("property_id", INT),
        _col("property_value_id", INT, null=True),
        _col("value_text", sa.Unicode(450), null=True),
        _col("value_num", ID64, null=True),
        _col("value_date", DAY, null=True),
        _pk("property_link", "owner_kind", "owner_id", "property_id"),
        _fk("property_link", "property_id", "property.property_id"),
        _fk("property_link", "property_value_id", "property_value.property_value_id"),
    )
    # refill_rule
    op.create_table(
        "crm_refill_rule",
        _col("refill_id", INT),
        _col("scope", SMALL),
        _col("scope_id", ID64),
        _col("account_type_id", INT),
        _col("classifier_id", INT, null=True),
        _col("period", SMALL),
        _col("mode", SMALL),
        _col("amount", ID64),
        _col("weekday", SMALL, null=True),
        _col("month_day", SMALL, null=True),
        _col("is_active", FLAG, default=YES),
        *_std(),
        _pk("refill_rule", "refill_id"),
        _fk("refill_rule", "account_type_id", "account_type.account_type_id"),
    )
    # rfm_score
    op.create_table(
        "crm_rfm_score",
        _col("profile_id", INT),
        _col("holder_id", ID64),
        _col("r", SMALL),
        _col("f", SMALL),
        _col("m", SMALL),
        _col("last_date", DAY, null=True),
        _col("visits", INT),
        _col("sum", ID64),
        _col("calculated_at", MOMENT),
        _pk("rfm_score", "profile_id", "holder_id"),
        _fk("rfm_score", "profile_id", "rfm_profile.rfm_profile_id"),
        _fk("rfm_score", "holder_id", "holder.holder_id"),
        sqlite_with_rowid=False,
    )
    # segment_member
    op.create_table(
        "crm_segment_member",
        _col("segment_id", INT),
        _col("holder_id", ID64),
        _col("since", MOMENT),
        _pk("segment_member", "segment_id", "holder_id"),
        _fk("segment_member", "segment_id", "segment.segment_id"),
        _fk("segment_member", "holder_id", "holder.holder_id"),
        sqlite_with_rowid=False,
    )
    _index("segment_member", "holder_id")
    # spend_limit
    op.create_table(
        "crm_spend_limit",
        _col("limit_id", INT),
        _col("scope", SMALL),
        _col("scope_id", ID64),
        _col("account_type_id", INT),
        _col("period", SMALL),
        _col("max_amount", ID64, null=True),
        _col("max_count", INT, null=True),
        _col("classifier_id", INT, null=True),
        *_std(),
        _pk("spend_limit", "limit_id"),
        _fk("spend_limit", "account_type_id", "account_type.account_type_id"),
    )
    _index("spend_limit", "account_type_id")
    # station
    op.create_table(
        "crm_station",
        _col("unit_id", INT),
        _col("station_no", INT),
        _col("name", sa.Unicode(60), null=True),
        _col("last_seen_at", MOMENT, null=True),
        _pk("station", "unit_id", "station_no"),
        _fk("station", "unit_id", "unit.unit_id"),
    )
    # street
    op.create_table(
        "crm_street",
        _col("street_id", INT),
        _col("city_id", INT, null=True),
        _col("name", sa.Unicode(100)),
        _col("name_key", KeyText(100)),
        _pk("street", "street_id"),
        _fk("street", "city_id", "city.city_id"),
    )
    _index("street", "city_id", "name_key", where="city_id IS NOT NULL", unique=True)
    _index("street", "name_key", where="city_id IS NULL", unique=True)
    # account
    op.create_table(
        "crm_account",
        _col("account_id", ID64),
        _col("owner_kind", SMALL),
        _col("holder_id", ID64, null=True),
        _col("certificate_id", ID64, null=True),
        _col("account_type_id", INT),
        _col("state", SMALL, default=1),
        _col("block_reason", sa.Unicode(255), null=True),
        _col("level_id", INT, null=True),
        _col("level_since", DAY, null=True),
        _col("level_keep_until", DAY, null=True),
        _col("auto_change_levels", FLAG, default=YES),
        _col("credit_depth", ID64, default=0),
        _col("scheme_id", INT, null=True),
        _col("opened_at", MOMENT),
        _col("valid_to", DAY, null=True),
        _col("merged_into", ID64, null=True),
        _col("balance", ID64, null=True, default=0),
        _col("pending", ID64, default=0),
        _col("held", ID64, default=0),
        _col("uncovered", ID64, default=0),
        _col("next_lot_event_at", MOMENT, null=True),
        _col("last_operation_at", MOMENT, null=True),
        *_edited(),
        _pk("account", "account_id"),
        _fk("account", "holder_id", "holder.holder_id"),
        *_late_on_servers(_fk("account", "certificate_id", "certificate.certificate_id")),
        _fk("account", "account_type_id", "account_type.account_type_id"),
        _fk("account", "level_id", "level.level_id"),
        _fk("account", "scheme_id", "scheme.scheme_id"),
        _fk("account", "merged_into", "account.account_id"),
    )
    _index("account", "certificate_id", where="certificate_id IS NOT NULL")
    _index("account", "merged_into", where="merged_into IS NOT NULL")
    _index("account", "next_lot_event_at", where="next_lot_event_at IS NOT NULL")
    _index(
        "account",
        "holder_id",
        "account_type_id",
        where="state <> 3 AND holder_id IS NOT NULL",
        unique=True,
    )
    # address
    op.create_table(
        "crm_address",
        _col("address_id", ID64),
        _col("holder_id", ID64),
        _col("address_type_id", INT),
        _col("country_id", INT, null=True),
        _col("city_id", INT, null=True),
        _col("street_id", INT, null=True),
        _col("metro_station_id", INT, null=True),
        _col("zip", sa.Unicode(40), null=True),
        _col("region_code", sa.Unicode(10), null=True),
        _col("region", sa.Unicode(40), null=True),
        _col("house", sa.Unicode(10), null=True),
        _col("building", sa.Unicode(10), null=True),
        _col("entry", sa.Unicode(10), null=True),
        _col("floor", sa.Unicode(10), null=True),
        _col("apartment", sa.Unicode(10), null=True),
        _col("entry_code", sa.Unicode(10), null=True),
        _col("extended", sa.Unicode(500), null=True),
        _col("lat", INT, null=True),
        _col("lng", INT, null=True),
        _col("dup_key", sa.LargeBinary(16)),
        *_std(),
        _pk("address", "address_id"),
        _fk("address", "holder_id", "holder.holder_id"),
        _fk("address", "address_type_id", "address_type.address_type_id"),
        _fk("address", "country_id", "country.country_id"),
        _fk("address", "city_id", "city.city_id"),
        _fk("address", "street_id", "street.street_id"),
        _fk("address", "metro_station_id", "metro_station.metro_station_id"),
    )
    _index("address", "holder_id", "dup_key", where="deleted_at IS NULL", unique=True)
    # card_classifier
    op.create_table(
        "crm_card_classifier",
        _col("card_code", ID64),
        _col("classifier_id", INT),
        _pk("card_classifier", "card_code", "classifier_id"),
        _fk("card_classifier", "card_code", "card.card_code"),
        _fk("card_classifier", "classifier_id", "classifier.classifier_id"),
        sqlite_with_rowid=False,
    )
    # card_event
    op.create_table(
        "crm_card_event",
        _col("card_event_id", ID64),
        _col("card_code", ID64),
        _col("at", MOMENT),
        _col("event", SMALL),
        _col("user_id", INT, null=True),
        _col("classifier_id", INT, null=True),
        _col("unit_id", INT, null=True),
        _col("reason", sa.Unicode(255), null=True),
        _col("old_holder_id", ID64, null=True),
        _col("new_holder_id", ID64, null=True),
        _pk("card_event", "card_event_id"),
        _fk("card_event", "card_code", "card.card_code"),
    )
    _index("card_event", "card_code", "at")
    # classifier_level
    op.create_table(
        "crm_classifier_level",
        _col("classifier_id", INT),
        _col("level_id", INT),
        _col("scheme_id", INT),
        _pk("classifier_level", "classifier_id", "level_id"),
        _fk("classifier_level", "classifier_id", "classifier.classifier_id"),
        _fk("classifier_level", "level_id", "level.level_id"),
        _fk("classifier_level", "scheme_id", "scheme.scheme_id"),
        sqlite_with_rowid=False,
    )
    # coupon
    op.create_table(
        "crm_coupon",
        _col("coupon_id", ID64),
        _col("code", KeyText(13)),
        _col("coupon_type_id", INT),
        _col("release_id", INT, null=True),
        _col("holder_id", ID64, null=True),
        _col("state", SMALL, default=1),
        _col("valid_from", DAY, null=True),
        _col("valid_to", DAY, null=True),
        _col("uses", INT, default=0),
        _col("all_classifiers", FLAG, default=NO),
        _col("notes", sa.Unicode(500), null=True),
        _col("block_reason", sa.Unicode(255), null=True),
        _col("reserved_by", sa.Unicode(60), null=True),
        _col("reserved_until", MOMENT, null=True),
        _col("value", ID64, null=True),
        _col("ext_classifier_id", INT, null=True),
        _col("ext_id", KeyText(40), null=True),
        *_std(),
        _pk("coupon", "coupon_id"),
        _fk("coupon", "coupon_type_id", "coupon_type.coupon_type_id"),
        _fk("coupon", "release_id", "coupon_release.release_id"),
        _fk("coupon", "holder_id", "holder.holder_id"),
    )
    _index("coupon", "holder_id", where="holder_id IS NOT NULL")
    _index("coupon", "release_id", "coupon_id", where="release_id IS NOT NULL")
    _index("coupon", "coupon_type_id", "coupon_id")
    _index("coupon", "code", where="deleted_at IS NULL", unique=True)
    _index(
        "coupon",
        "coupon_type_id",
        "ext_classifier_id",
        "ext_id",
        where="deleted_at IS NULL AND ext_id IS NOT NULL",
        unique=True,
    )
    # group_account_default
    op.create_table(
        "crm_group_account_default",
        _col("group_id", INT),
        _col("account_type_id", INT),
        _col("level_id", INT, null=True),
        _col("credit_depth", ID64, null=True),
        _pk("group_account_default", "group_id", "account_type_id"),
        _fk("group_account_default", "account_type_id", "account_type.account_type_id"),
        _fk("group_account_default", "level_id", "level.level_id"),
        sqlite_with_rowid=False,
    )
    # holder_merge_item
    op.create_table(
        "crm_holder_merge_item",
        _col("merge_id", ID64),
        _col("kind", KeyText(20)),
        _col("object_id", ID64),
        _col("old_owner_id", ID64, null=True),
        _pk("holder_merge_item", "merge_id", "kind", "object_id"),
        _fk("holder_merge_item", "merge_id", "holder_merge.merge_id"),
        sqlite_with_rowid=False,
    )
    # operation_document
    op.create_table(
        "crm_operation_document",
        _col("operation_id", ID64),
        _col("doc_kind", SMALL),
        _col("body", BYTES, null=True),
        _col("salt", sa.LargeBinary(16), null=True),
        _col("erased_at", MOMENT, null=True),
        _pk("operation_document", "operation_id"),
        _fk("operation_document", "operation_id", "operation.operation_id"),
    )
    # operation_item
    op.create_table(
        "crm_operation_item",
        _col("operation_id", ID64),
        _col("item_no", SMALL),
        _col("classifier_id", INT),
        _col("item_key", KeyText(160)),
        _col("attempt_no", SMALL, default=1),
        _col("fingerprint", sa.LargeBinary(32)),
        _col("ext_index", INT),
        _col("operation_type", INT, null=True),
        _col("transaction_id", ID64),
        _pk("operation_item", "operation_id", "item_no"),
        _fk("operation_item", "operation_id", "operation.operation_id"),
        _fk("operation_item", "classifier_id", "classifier.classifier_id"),
        _uq("operation_item", "item_key", "classifier_id", "attempt_no"),
        sqlite_with_rowid=False,
    )
    _index("operation_item", "transaction_id")
    # operation_trace
    op.create_table(
        "crm_operation_trace",
        _col("operation_id", ID64),
        _col("trace", LONG),
        _pk("operation_trace", "operation_id"),
        _fk("operation_trace", "operation_id", "operation.operation_id"),
    )
    # spend_counter
    op.create_table(
        "crm_spend_counter",
        _col("limit_id", INT),
        _col("subject_id", ID64),
        _col("period_key", INT),
        _col("used_amount", ID64, default=0),
        _col("used_count", INT, default=0),
        _pk("spend_counter", "limit_id", "subject_id", "period_key"),
        _fk("spend_counter", "limit_id", "spend_limit.limit_id"),
        sqlite_with_rowid=False,
    )
    # card_account
    op.create_table(
        "crm_card_account",
        _col("card_code", ID64),
        _col("account_id", ID64),
        _col("credit_depth", ID64, null=True),
        _col("credit_limit", ID64, null=True),
        _pk("card_account", "card_code", "account_id"),
        _fk("card_account", "card_code", "card.card_code"),
        _fk("card_account", "account_id", "account.account_id"),
        sqlite_with_rowid=False,
    )
    # certificate
    op.create_table(
        "crm_certificate",
        _col("certificate_id", ID64),
        _col("number", KeyText(20)),
        _col("pin_hash", sa.Unicode(200), null=True),
        _col("type_id", INT),
        _col("account_id", ID64),
        _col("state", SMALL, default=1),
        _col("sold_operation_id", ID64, null=True),
        _col("holder_id", ID64, null=True),
        _col("valid_to", DAY, null=True),
        *_std(),
        _pk("certificate", "certificate_id"),
        _fk("certificate", "type_id", "certificate_type.certificate_type_id"),
        _fk("certificate", "account_id", "account.account_id"),
        _fk("certificate", "holder_id", "holder.holder_id"),
    )
    _index("certificate", "account_id", where="deleted_at IS NULL", unique=True)
    _index("certificate", "number", where="deleted_at IS NULL", unique=True)
    # coupon_classifier
    op.create_table(
        "crm_coupon_classifier",
        _col("coupon_id", ID64),
        _col("classifier_id", INT),
        _pk("coupon_classifier", "coupon_id", "classifier_id"),
        _fk("coupon_classifier", "coupon_id", "coupon.coupon_id"),
        _fk("coupon_classifier", "classifier_id", "classifier.classifier_id"),
        sqlite_with_rowid=False,
    )
    # coupon_use
    op.create_table(
        "crm_coupon_use",
        _col("coupon_use_id", ID64),
        _col("coupon_id", ID64),
        _col("operation_id", ID64),
        _col("check_total", ID64, null=True),
        _col("value", ID64, null=True),
        _col("undoes_use_id", ID64, null=True),
        _pk("coupon_use", "coupon_use_id"),
        _fk("coupon_use", "coupon_id", "coupon.coupon_id"),
        _fk("coupon_use", "operation_id", "operation.operation_id"),
        _fk("coupon_use", "undoes_use_id", "coupon_use.coupon_use_id"),
    )
    _index("coupon_use", "coupon_id")
    _index("coupon_use", "operation_id")
    # entry
    op.create_table(
        "crm_entry",
        _col("entry_id", ID64),
        _col("operation_id", ID64),
        _col("line_no", SMALL),
        _col("account_id", ID64),
        _col("account_type_id", INT),
        _col("amount", ID64),
        _col("balance_after", ID64),
        _col("purpose", SMALL),
        _col("reverses_entry_id", ID64, null=True),
        _col("pos_amount", ID64, null=True),
        _col("k_bp", INT, null=True),
        _col("scheme_id", INT, null=True),
        _col("level_id", INT, null=True),
        _col("campaign_version_id", INT, null=True),
        _col("rate_bp", INT, null=True),
        _col("business_date", DAY),
        _pk("entry", "entry_id"),
        _fk("entry", "operation_id", "operation.operation_id"),
        _fk("entry", "account_id", "account.account_id"),
        _fk("entry", "account_type_id", "account_type.account_type_id"),
        _fk("entry", "reverses_entry_id", "entry.entry_id"),
        _uq("entry", "operation_id", "line_no"),
        _ck("entry", "amount", "amount <> 0"),
    )
    _index("entry", "account_id", "entry_id")
    _index("entry", "reverses_entry_id", where="reverses_entry_id IS NOT NULL")
    # hold
    op.create_table(
        "crm_hold",
        _col("hold_id", ID64),
        _col("account_id", ID64),
        _col("holder_id", ID64, null=True),
        _col("card_code", ID64, null=True),
        _col("classifier_id", INT),
        _col("unit_id", INT, null=True),
        _col("open_operation_id", ID64),
        _col("amount", ID64),
        _col("captured", ID64, default=0),
        _col("state", SMALL),
        _col("expires_at", MOMENT),
        _col("purpose", SMALL),
        _col("order_guid", KeyText(38), null=True),
        _pk("hold", "hold_id"),
        _fk("hold", "account_id", "account.account_id"),
        _fk("hold", "classifier_id", "classifier.classifier_id"),
        _fk("hold", "open_operation_id", "operation.operation_id"),
        _uq("hold", "open_operation_id", "account_id"),
    )
    _index("hold", "account_id", where="state IN (1, 2)")
    _index("hold", "expires_at", where="state IN (1, 2)")
    _index("hold", "order_guid", where="order_guid IS NOT NULL")
    # level_history
    op.create_table(
        "crm_level_history",
        _col("account_id", ID64),
        _col("operation_id", ID64),
        _col("old_level_id", INT, null=True),
        _col("new_level_id", INT),
        _col("cause", SMALL),
        _col("measure", ID64, null=True),
        _col("effective_at", MOMENT),
        _pk("level_history", "account_id", "operation_id"),
        _fk("level_history", "account_id", "account.account_id"),
        _fk("level_history", "operation_id", "operation.operation_id"),
        sqlite_with_rowid=False,
    )
    _index("level_history", "operation_id")
    # hold_event
    op.create_table(
        "crm_hold_event",
        _col("hold_id", ID64),
        _col("operation_id", ID64),
        _col("event", SMALL),
        _col("amount", ID64),
        _pk("hold_event", "hold_id", "operation_id"),
        _fk("hold_event", "hold_id", "hold.hold_id"),
        _fk("hold_event", "operation_id", "operation.operation_id"),
        sqlite_with_rowid=False,
    )
    _index("hold_event", "operation_id")
    # lot
    op.create_table(
        "crm_lot",
        _col("lot_id", ID64),
        _col("account_id", ID64),
        _col("entry_id", ID64),
        _col("line", SMALL, default=1),
        _col("operation_id", ID64),
        _col("amount", ID64),
        _col("origin", SMALL),
        _col("parent_lot_id", ID64, null=True),
        _col("issued_unit_id", INT, null=True),
        _col("available_at", MOMENT),
        _col("first_expires_on", DAY, null=True),
        _col("first_expires_at", MOMENT, null=True),
        _col("expires_on", DAY, null=True),
        _col("expires_at", MOMENT, null=True),
        _col("remaining", ID64),
        _col("held", ID64, default=0),
        _col("state", SMALL),
        _pk("lot", "lot_id"),
        _fk("lot", "account_id", "account.account_id"),
        _fk("lot", "entry_id", "entry.entry_id"),
        _fk("lot", "operation_id", "operation.operation_id"),
        _fk("lot", "parent_lot_id", "lot.lot_id"),
        _uq("lot", "entry_id", "line"),
        _ck("lot", "amount", "amount > 0"),
    )
    _index("lot", "account_id", "expires_at", "available_at", where="remaining > 0")
    # allocation
    op.create_table(
        "crm_allocation",
        _col("allocation_id", ID64),
        _col("lot_id", ID64),
        _col("entry_id", ID64),
        _col("operation_id", ID64),
        _col("amount", ID64),
        _col("restores_id", ID64, null=True),
        _pk("allocation", "allocation_id"),
        _fk("allocation", "lot_id", "lot.lot_id"),
        _fk("allocation", "entry_id", "entry.entry_id"),
        _fk("allocation", "operation_id", "operation.operation_id"),
        _fk("allocation", "restores_id", "allocation.allocation_id"),
        _ck("allocation", "amount", "amount <> 0"),
    )
    _index("allocation", "entry_id")
    _index("allocation", "lot_id")
    _index("allocation", "operation_id")
    # hold_lot
    op.create_table(
        "crm_hold_lot",
        _col("hold_id", ID64),
        _col("lot_id", ID64),
        _col("amount", ID64),
        _pk("hold_lot", "hold_id", "lot_id"),
        _fk("hold_lot", "hold_id", "hold.hold_id"),
        _fk("hold_lot", "lot_id", "lot.lot_id"),
        sqlite_with_rowid=False,
    )
    # lot_term
    op.create_table(
        "crm_lot_term",
        _col("lot_id", ID64),
        _col("operation_id", ID64),
        _col("old_expires_at", MOMENT, null=True),
        _col("new_expires_at", MOMENT, null=True),
        _pk("lot_term", "lot_id", "operation_id"),
        _fk("lot_term", "lot_id", "lot.lot_id"),
        _fk("lot_term", "operation_id", "operation.operation_id"),
        sqlite_with_rowid=False,
    )
    _index("lot_term", "operation_id")
    if op.get_context().dialect.name != "sqlite":
        op.create_foreign_key(
            "fk_crm_account_certificate_id",
            "crm_account",
            "crm_certificate",
            ["certificate_id"],
            ["certificate_id"],
        )
