"""Settings through the contract: declarations, scopes, values, versions, taking back."""

from __future__ import annotations

import msgspec

from card_server.divisions.repository import read_setting, read_value, set_setting
from shared.settings.card_server import SETTINGS
from shared.settings.house import COUNTRY, MERGE_UNDO
from shared.wire import settings as wire
from shared.wire.roles import ListActivity
from tests.helpers.office import Office, new_operation_id

SYSTEM, DIVISION, UNIT, CLASSIFIER = 0, 1, 2, 3
RK7 = 1


def edit(*changes: wire.SettingEdit, scope: int = 0, scope_id: int = 0) -> wire.EditSettings:
    return wire.EditSettings(
        operation_id=new_operation_id(), scope=scope, scope_id=scope_id, changes=list(changes)
    )


def to(key: str, value: str | None, version: int | None = None) -> wire.SettingEdit:
    return wire.SettingEdit(key=key, value=value, version=version)


def at(office: Office, scope: int = 0, scope_id: int = 0) -> dict[str, wire.SettingValue]:
    found = office.ask(wire.GetSettings(scope=scope, scope_id=scope_id))
    return {one.key: one for one in found.values}


def test_every_declared_setting_is_shown_with_its_default(office: Office) -> None:
    found = at(office)
    assert set(found) == {setting.key for setting in SETTINGS.values()}
    undo = found["merge.undo_days"]
    assert (undo.default, undo.in_force, undo.is_broken) == ("30", "30", False)


def test_a_value_is_set_changed_taken_back_and_set_again(office: Office) -> None:
    key = MERGE_UNDO.key
    first = at(office)[key].version
    (done,) = office.ask(edit(to(key, " 45 ", first))).versions
    assert at(office)[key].value == "45"
    (gone,) = office.ask(edit(to(key, None, done.version))).versions
    assert gone.version is None
    shown = at(office)[key]
    assert (shown.value, shown.in_force, shown.version) == (None, "30", None)
    assert office.desk.read(lambda connection: read_value(connection, MERGE_UNDO)) == 30
    (back,) = office.ask(edit(to(key, "60"))).versions
    assert back.version is not None
    assert office.desk.read(lambda connection: read_value(connection, MERGE_UNDO)) == 60


def test_values_that_do_not_fit_are_refused_and_leave_all_as_it_is(office: Office) -> None:
    before = at(office)
    good = to("login.code_digits", "6", before["login.code_digits"].version)
    for key, value, code in (
        ("merge.undo_days", "-1", "SETTING_BAD"),
        ("merge.undo_days", "many", "SETTING_BAD"),
        ("system.time_zone", "Europe/Nowhere", "SETTING_BAD"),
        ("system.day_start", "24:00", "SETTING_BAD"),
        ("mailing.quiet", "21:00", "SETTING_BAD"),
        ("relay.allowed_networks", "10.0.0.0/99", "SETTING_BAD"),
        ("mailing.test_mode", "perhaps", "SETTING_BAD"),
        ("system.country", "x" * 2_001, "SETTING_BAD"),
        ("holder.default_group", "99", "DICT_VALUE_UNKNOWN"),
        ("merge.undo_day", "5", "SETTING_UNKNOWN"),
        ("rules.version", "5", "SETTING_UNKNOWN"),
    ):
        version = before[key].version if key in before else None
        assert office.refused(edit(good, to(key, value, version))) == code, key
    assert office.refused(edit(good, good)) == "FIELD_BAD"
    assert at(office) == before


def test_a_scope_has_its_own_values_and_only_its_own_keys(office: Office) -> None:
    key = "api.language"
    office.ask(edit(to(key, "en", at(office)[key].version)))
    inherited = at(office, CLASSIFIER, RK7)[key]
    assert (inherited.value, inherited.in_force) == (None, "en")
    office.ask(edit(to(key, "ru"), scope=CLASSIFIER, scope_id=RK7))
    own = at(office, CLASSIFIER, RK7)[key]
    assert (own.value, own.in_force, at(office)[key].in_force) == ("ru", "ru", "en")
    assert COUNTRY.key not in at(office, CLASSIFIER, RK7)
    foreign = edit(to(COUNTRY.key, "KZ"), scope=CLASSIFIER, scope_id=RK7)
    assert office.refused(foreign) == "FIELD_BAD"
    for scope, scope_id, code in (
        (9, 0, "FIELD_BAD"),
        (SYSTEM, 5, "FIELD_BAD"),
        (CLASSIFIER, 99, "ROW_NOT_FOUND"),
        (UNIT, 1 << 40, "ROW_NOT_FOUND"),
    ):
        assert office.refused(wire.GetSettings(scope=scope, scope_id=scope_id)) == code


def test_units_of_foreign_divisions_are_refused(office: Office) -> None:
    office.add_user("branch", "server.config", divisions=())
    token = office.sign_in("branch")
    for scope in (DIVISION, UNIT):
        asked = wire.GetSettings(scope=scope, scope_id=1)
        assert office.refused(asked, token) == "DIVISION_FOREIGN"
    change = edit(to("relay.json", "1"), scope=UNIT, scope_id=1)
    assert office.refused(change, token) == "DIVISION_FOREIGN"


def test_a_stale_edit_shows_what_stands(office: Office) -> None:
    key = MERGE_UNDO.key
    old = edit(to(key, "40", at(office)[key].version))
    office.ask(edit(to(key, "50", at(office)[key].version)))
    refusal = office.refusal_of(office.send("EditSettings", msgspec.json.encode(old)))
    assert refusal.code == "STALE_EDIT"
    present = refusal.present(wire.Settings)  # type: ignore[attr-defined]
    assert {one.key: one.value for one in present.values}[key] == "50"


def test_the_access_journal_names_what_was_set_and_by_whom(office: Office) -> None:
    key = MERGE_UNDO.key
    office.ask(edit(to(key, "40", at(office)[key].version)))
    (line,) = [one for one in office.ask(ListActivity()).rows if one.what == "settings_changed"]
    assert (line.user_id, line.details) == (1, f"system 0: {key}")
    assert office.refused(edit(to(key, "much", at(office)[key].version))) != ""
    told = [one for one in office.ask(ListActivity()).rows if one.what == "settings_changed"]
    assert told == [line]


def test_the_test_mode_of_mailings_has_its_own_right(office: Office) -> None:
    office.add_user("plumber", "server.config")
    version = at(office)["mailing.test_mode"].version
    off = edit(to("mailing.test_mode", "0", version))
    assert office.refused(off, office.sign_in("plumber")) == "NO_RIGHT"
    office.sign_in()
    office.ask(msgspec.structs.replace(off, operation_id=new_operation_id()))
    assert at(office)["mailing.test_mode"].in_force == "0"


def test_rubbish_in_a_row_is_told_and_does_not_hold(office: Office) -> None:
    with office.shop.connection.begin():
        set_setting(office.shop.connection, MERGE_UNDO.key, "soon", office.shop.now)
    shown = at(office)[MERGE_UNDO.key]
    assert (shown.value, shown.is_broken, shown.in_force) == ("soon", True, "30")
    assert office.desk.read(lambda c: read_setting(c, MERGE_UNDO.key)) == "soon"
