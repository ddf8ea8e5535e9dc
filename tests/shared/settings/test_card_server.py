"""Tests of the declared settings against the one table of domain 6.1, typed here as data."""

from __future__ import annotations

from card_server.relay.limits import Limits
from shared.settings.card_server import SETTINGS
from shared.settings.declare import Scope
from shared.settings.server_file import LIMITS
from shared.settings.server_file import SETTINGS as FILE

TABLE = """
system.time_zone=Europe/Moscow system.day_start=04:00 system.week_start=Monday
system.currency=RUB system.country=RU
server.port=9192 server.raw_port=9191 server.manage_port=9193 server.tls=0 server.tls_port=9194
server.tls_cert=RKeeper_CRM_SSLwork.cer server.tls_key=RKeeper_CRM_SSLwork.key
server.tls_ca=RKeeper_CRM_SSLca.cer
api.page_size=50 api.page_max=10000 api.search_page_max=1000
api.search_sets=20 api.search_minutes=30 api.search_hits=200000
api.require_global_type*=0 api.language*=ru api.name_required*=0 api.allowed_networks*=
api.actions_off*= api.wrong_codes=20 api.wrong_code_delay_s=1.0
login.code_digits=5 login.code_minutes=3 login.code_tries=3 login.lock_minutes=15
login.codes_per_minute=1 login.codes_per_day=10 login.session_days=30 login.card_range*=0
relay.default_classifier= relay.allowed_networks=127.0.0.1,~::1 relay.aliases= relay.json+=0
relay.details*=0 relay.strict*=0 relay.screen_text*= relay.printer_text*= relay.slip_text*=
card.max_digits=18 card.virtual_by_phone*=0
holder.required_fields=l_name,~f_name,~phone holder.default_group*=1
contact.unique_phone=1 contact.unique_email=1 hold.max_minutes=10080 loyalty.rollback_hours=24
loyalty.birthday_before=3 loyalty.birthday_after=3 merge.undo_days=30
mailing.test_mode=1 mailing.two_persons=0 mailing.quiet=21:00-09:00
security.two_persons=0 security.idle_minutes=30 security.lock_after=5 security.lock_minutes=15
security.password_days=0 journal.tables= journal.keep_months=36 message.keep_months=12
trace.keep_months=24 backup.keep=14 books.auto_close_days=0
limits.header_bytes=16384 limits.header_lines=100 limits.raw_header_bytes=4096
limits.body_bytes=2097152 limits.transaction_items=1000 limits.coupon_items=1000
limits.holder_items=100 limits.include_bytes=4096 limits.first_byte_s=10.0 limits.header_s=10.0
limits.body_s=30.0 limits.body_bytes_per_s=1024 limits.idle_s=60.0 limits.reply_s=30.0
limits.request_s=30.0 limits.queue_s=5.0 limits.stop_s=15.0 limits.connections=2000
limits.connections_per_address=1000 limits.raw_reply_bytes=4194304
"""
"""Key, a star for a scope per classifier, a plus for one per unit, default; `~` is a blank."""

OWN = {
    "server.host",
    "server.log_level",
    "server.manage_host",
    "server.manage_tls",
    "server.manage_cert",
    "server.manage_key",
    "server.manage_plain",
    "server.log_files",
    "server.durability",
    "database.address",
}
"""Keys of the file that the table does not name."""

OWN_OF_HOUSE = {"security.approval_hours", "app_server.address"}
"""Keys in the database that the table does not name."""


def rows() -> dict[str, tuple[str, set[Scope]]]:
    """The table: key to default and scopes."""
    found = {}
    for row in TABLE.split():
        key, _, default = row.partition("=")
        scopes = {Scope.SYSTEM}
        if key.endswith("*"):
            scopes.add(Scope.CLASSIFIER)
        if key.endswith("+"):
            scopes.add(Scope.UNIT)
        found[key.rstrip("*+")] = (default.replace("~", " "), scopes)
    return found


def test_every_key_of_the_table_is_declared_with_its_default_and_scopes() -> None:
    known = {**SETTINGS, **FILE}
    for key, (default, scopes) in rows().items():
        assert key in known, key
        assert known[key].text_of(known[key].default) == default, key
        assert set(known[key].scopes) == scopes, key


def test_no_key_is_declared_that_the_table_does_not_have() -> None:
    assert set(SETTINGS) - set(rows()) == OWN_OF_HOUSE
    assert set(FILE) - set(rows()) == OWN | {"database.password"}


def test_server_and_limits_stand_in_the_file_and_the_rest_in_the_table() -> None:
    assert {key.split(".")[0] for key in FILE} == {"server", "limits", "database"}
    assert not {key.split(".")[0] for key in SETTINGS} & {"server", "limits", "database"}


def test_the_limits_of_the_relay_have_the_declared_defaults() -> None:
    limits = Limits()
    for setting in LIMITS:
        assert getattr(limits, setting.key.removeprefix("limits.")) == setting.default, setting.key
