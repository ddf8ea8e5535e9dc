"""Users and roles: giving rights, the last administrator, passwords, sessions, journals."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from card_server.users import tables
from card_server.users.passwords import one_time_code
from shared.wire import roles as wire
from shared.wire.base import Condition
from shared.wire.divisions import EditUnit, UnitFields
from shared.wire.errors import AppError
from shared.wire.rights import RIGHTS
from shared.wire.users import GetMe, SignIn
from tests.helpers.office import PASSWORD, Office, new_operation_id

ADMIN, MANAGER, CASHIER = 1, 2, 3
GIVEN = "first-day-password"


def key() -> str:
    return new_operation_id()


def add(office: Office, login: str, *roles: int, token: str | None = None) -> int:
    request = wire.AddUser(
        operation_id=key(),
        fields=wire.UserFields(login=login, full_name=login.title(), all_divisions=True),
        password=GIVEN,
        roles=list(roles),
    )
    return office.ask(request, token).key


def edit(office: Office, user_id: int, **changes: object) -> wire.EditUser:
    version = office.ask(wire.GetUser(user_id=user_id)).row.version
    return wire.EditUser(operation_id=key(), user_id=user_id, version=version, **changes)  # type: ignore[arg-type]


def test_a_new_user_signs_in_and_must_change_the_password(office: Office) -> None:
    user_id = add(office, "anna", MANAGER)
    signed = office.ask(SignIn(login="ANNA", password=GIVEN), "")
    assert signed.me.user_id == user_id
    assert signed.me.must_change
    assert signed.me.amount_limit == 500_000
    shown = office.ask(wire.GetUser(user_id=user_id))
    assert (shown.roles, shown.has_password, shown.two_factor) == ([MANAGER], True, False)


def test_no_password_is_stored_or_journalled(office: Office) -> None:
    add(office, "secretive")
    connection = office.shop.connection
    for table in (tables.user, tables.command_result, tables.change_value, tables.user_activity):
        for row in connection.execute(select(table)):
            assert GIVEN not in repr(row)
    connection.rollback()


def test_the_same_login_in_another_case_is_taken(office: Office) -> None:
    add(office, "Борис")
    with pytest.raises(AppError) as caught:
        add(office, "борис")
    assert (caught.value.code, caught.value.facts["field"]) == ("VALUE_TAKEN", "login")


def test_nobody_grants_a_right_he_lacks(office: Office) -> None:
    office.add_user("clerk", "user.edit", "role.edit", "holder.view")
    token = office.sign_in("clerk")
    grant = wire.AddRole(
        operation_id=key(), fields=wire.RoleFields(name="Хитрая"), rights=["account.adjust"]
    )
    assert office.refused(grant, token) == "RIGHT_LACKED"
    with pytest.raises(AppError) as caught:
        add(office, "accomplice", MANAGER, token=token)
    assert caught.value.code == "RIGHT_LACKED"
    fair = wire.AddRole(
        operation_id=key(), fields=wire.RoleFields(name="Честная"), rights=["holder.view"]
    )
    role_id = office.ask(fair, token).key
    assert add(office, "colleague", role_id, token=token)


def test_who_may_less_cannot_touch_who_may_more(office: Office) -> None:
    office.add_user("clerk", "user.edit")
    token = office.sign_in("clerk")
    reset = wire.SetPassword(operation_id=key(), user_id=1, password="a new one for you")
    assert office.refused(reset, token) == "RIGHT_LACKED"
    gone = wire.DeleteUser(operation_id=key(), user_id=1, version=1)
    assert office.refused(gone, token) == "RIGHT_LACKED"


def test_the_last_administrator_stays(office: Office) -> None:
    blocked = wire.UserFields(is_blocked=True)
    for request in (edit(office, 1, fields=blocked), edit(office, 1, roles=[MANAGER])):
        assert office.refused(request) == "LAST_ADMINISTRATOR"
    version = office.ask(wire.GetUser(user_id=1)).row.version
    gone = wire.DeleteUser(operation_id=key(), user_id=1, version=version)
    assert office.refused(gone) == "LAST_ADMINISTRATOR"
    second = add(office, "second", ADMIN)
    office.ask(edit(office, second, fields=wire.UserFields(remarks="заместитель")))
    office.ask(edit(office, 1, roles=[MANAGER, ADMIN]))
    assert office.ask(wire.GetUser(user_id=1)).roles == [ADMIN, MANAGER]


def test_blocking_and_a_new_password_end_the_sessions(office: Office) -> None:
    user_id = add(office, "victor", MANAGER)
    admin = office.token
    session = office.ask(SignIn(login="victor", password=GIVEN), "").token
    office.ask(wire.SetPassword(operation_id=key(), user_id=user_id, password="another password"))
    office.shop.pass_time(seconds=2)
    assert office.refused(GetMe(), session) == "SESSION_LOST"
    session = office.ask(SignIn(login="victor", password="another password"), "").token
    office.token = admin
    office.ask(edit(office, user_id, fields=wire.UserFields(is_blocked=True)))
    office.shop.pass_time(seconds=2)
    assert office.refused(GetMe(), session) == "SESSION_LOST"


def test_a_session_is_listed_and_ended(office: Office) -> None:
    office.add_user("guest", "holder.view")
    admin = office.token
    token = office.sign_in("guest")
    office.token = admin
    where = [Condition(field="login", value="guest"), Condition(field="ended_at", operator="empty")]
    (row,) = office.ask(wire.ListSessions(where=where)).rows
    assert (row.host, row.application) == ("10.0.0.7", "test")
    office.ask(wire.EndSession(operation_id=key(), session_id=row.session_id))
    office.shop.pass_time(seconds=2)
    assert office.refused(GetMe(), token) == "SESSION_LOST"
    wrong = wire.EndSession(operation_id=key(), session_id="zz")
    assert office.refused(wrong) == "FIELD_BAD"


def test_a_lock_out_can_be_ended(office: Office) -> None:
    user_id = add(office, "hasty")
    for _ in range(5):
        office.refused(SignIn(login="hasty", password="wrong"), "")
    assert office.refused(SignIn(login="hasty", password=GIVEN), "") == "LOCKED"
    office.ask(wire.UnlockUser(operation_id=key(), user_id=user_id))
    assert office.ask(SignIn(login="hasty", password=GIVEN), "").token


def test_the_administrator_role_keeps_its_rights_and_built_in_roles_stay(office: Office) -> None:
    roles = {role.role_id: role for role in office.ask(wire.ListRoles()).roles}
    assert set(roles[ADMIN].rights) >= set(RIGHTS) - {"person.contacts"}
    less = wire.EditRole(operation_id=key(), role_id=ADMIN, version=1, rights=["holder.view"])
    assert office.refused(less) == "LAST_ADMINISTRATOR"
    gone = wire.DeleteRole(operation_id=key(), role_id=CASHIER, version=roles[CASHIER].version)
    assert office.refused(gone) == "IN_USE"


def test_a_changed_role_is_journalled_right_by_right(office: Office) -> None:
    role = next(r for r in office.ask(wire.ListRoles()).roles if r.role_id == CASHIER)
    rights = [*(r for r in role.rights if r != "hold.manage"), "trace.view", "coupon.issue"]
    request = wire.EditRole(
        operation_id=key(), role_id=CASHIER, version=role.version, rights=rights
    )
    office.ask(request)
    line = office.ask(wire.ListActivity(where=[Condition(field="what", value="role_rights")])).rows
    assert line[-1].details == "3: +coupon.issue -hold.manage"


def test_a_role_in_use_is_not_deleted(office: Office) -> None:
    request = wire.AddRole(
        operation_id=key(), fields=wire.RoleFields(name="Временная"), rights=["holder.view"]
    )
    role_id = office.ask(request).key
    add(office, "temp", role_id)
    gone = wire.DeleteRole(operation_id=key(), role_id=role_id, version=1)
    assert office.refused(gone) == "IN_USE"


def test_a_stale_edit_of_a_user_shows_him_as_he_stands(office: Office) -> None:
    user_id = add(office, "stale")
    old = edit(office, user_id, fields=wire.UserFields(remarks="мой"))
    office.ask(edit(office, user_id, fields=wire.UserFields(remarks="чужой")))
    replied = office.send("EditUser", msgspec.json.encode(old))
    refusal = office.refusal_of(replied)
    assert refusal.code == "STALE_EDIT"
    assert refusal.present(wire.User).row.remarks == "чужой"  # type: ignore[attr-defined]


def test_two_factor_is_set_up_with_its_first_code(office: Office) -> None:
    import base64  # noqa: PLC0415 - only here

    office.add_user("careful", "holder.view")
    token = office.sign_in("careful")
    wrong = wire.StartTwoFactor(operation_id=key(), password="no")
    assert office.refused(wrong, token) == "PASSWORD_WRONG"
    secret = office.ask(wire.StartTwoFactor(operation_id=key(), password=PASSWORD), token)
    assert secret.uri.startswith("otpauth://totp/Kartoteka%3Acareful?secret=" + secret.secret)
    assert office.ask(SignIn(login="careful", password=PASSWORD), "").token
    step = int(office.shop.now.timestamp()) // 30
    code = one_time_code(base64.b32decode(secret.secret), step)
    office.ask(wire.ConfirmTwoFactor(operation_id=key(), code=code), token)
    assert office.refused(SignIn(login="careful", password=PASSWORD), "") == "CODE_NEEDED"
    again = wire.StartTwoFactor(operation_id=key(), password=PASSWORD)
    assert office.refused(again, token) == "WRONG_STATE"
    office.sign_in()
    user_id = office.ask(wire.ListUsers(where=[Condition(field="login", value="careful")])).rows[0]
    office.ask(wire.RemoveTwoFactor(operation_id=key(), user_id=user_id.user_id))
    assert office.ask(SignIn(login="careful", password=PASSWORD), "").token


def test_the_history_of_a_row_tells_field_by_field(office: Office) -> None:
    change = EditUnit(operation_id=key(), unit_id=1, version=1, fields=UnitFields(name="Новое имя"))
    office.ask(change)
    history = office.ask(wire.GetHistory(table_name="unit", row_key="1"))
    (made,) = [c for c in history.changes if c.action == 2]
    assert (made.user_id, made.host) == (1, "10.0.0.7")
    (field,) = history.fields[made.change_id]
    assert (field.field_name, field.old_value, field.new_value) == (
        "name",
        "Ресторан 1",
        "Новое имя",
    )
    office.add_user("nosy", "holder.view")
    token = office.sign_in("nosy")
    asked = wire.GetHistory(table_name="unit", row_key="1")
    assert office.refused(asked, token) == "NO_RIGHT"
    assert office.ask(wire.GetHistory(table_name="card", row_key="1"), token).changes == []
