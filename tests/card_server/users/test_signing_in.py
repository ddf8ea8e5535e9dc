"""Signing in: passwords, lock-out, codes, first password, sessions that end."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from card_server.users import tables
from card_server.users.passwords import (
    UNSET,
    check_new_password,
    fits,
    hash_password,
    one_time_code,
    step_of_code,
)
from shared.wire.divisions import ListUnits
from shared.wire.errors import AppError
from shared.wire.users import (
    ChangePassword,
    FirstPassword,
    FirstRun,
    GetMe,
    SignedIn,
    SignIn,
    SignOut,
)
from tests.helpers.office import ADMINISTRATOR, PASSWORD, Office, new_operation_id

SECRET = b"12345678901234567890"


def sign(office: Office, password: str = PASSWORD, code: str | None = None) -> SignedIn:
    return office.ask(SignIn(login="администратор", password=password, code=code), "")


def activity(office: Office) -> list[str]:
    table = tables.user_activity
    rows = office.desk.read(
        lambda connection: connection.execute(
            select(table.c.what).order_by(table.c.user_activity_id)
        ).all()
    )
    return [row.what for row in rows]


def test_the_login_is_case_blind_in_every_alphabet(office: Office) -> None:
    signed = sign(office)
    assert signed.me.login == ADMINISTRATOR
    assert "user.edit" in signed.me.rights
    assert office.ask(GetMe(), signed.token).user_id == 1


def test_wrong_name_and_wrong_password_are_told_alike(office: Office) -> None:
    assert office.refused(SignIn(login="nobody", password=PASSWORD), "") == "PASSWORD_WRONG"
    assert office.refused(SignIn(login=ADMINISTRATOR, password="?"), "") == "PASSWORD_WRONG"
    assert activity(office)[-2:] == ["sign_in_failed", "sign_in_failed"]


def test_five_failures_lock_the_sign_in_for_a_while(office: Office) -> None:
    wrong = SignIn(login=ADMINISTRATOR, password="wrong")
    for _ in range(5):
        assert office.refused(wrong, "") == "PASSWORD_WRONG"
    assert office.refused(SignIn(login=ADMINISTRATOR, password=PASSWORD), "") == "LOCKED"
    office.shop.pass_time(minutes=16)
    assert sign(office).token


def test_the_first_password_can_be_set_once(office: Office) -> None:
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(tables.user).where(tables.user.c.user_id == 1).values(password_hash=UNSET)
        )
    assert office.ask(FirstRun(), "").password_needed
    assert office.refused(SignIn(login=ADMINISTRATOR, password=""), "") == "PASSWORD_FIRST"
    weak = FirstPassword(operation_id=new_operation_id(), password="1234567890")
    assert office.refused(weak, "") == "PASSWORD_WEAK"
    good = FirstPassword(operation_id=new_operation_id(), password="зелёный чай с мятой")
    office.ask(good, "")
    assert sign(office, "зелёный чай с мятой").token
    assert office.refused(good, "") == "NO_RIGHT"
    assert not office.ask(FirstRun(), "").password_needed


def test_a_user_who_must_change_his_password_can_do_nothing_else(office: Office) -> None:
    number = office.add_user("fresh", "operation.view")
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(tables.user).where(tables.user.c.user_id == number).values(must_change=True)
        )
    token = office.sign_in("fresh")
    assert office.ask(GetMe(), token).must_change
    assert office.refused(ListUnits(), token) == "PASSWORD_FIRST"
    other = office.sign_in("fresh")
    change = ChangePassword(
        operation_id=new_operation_id(), old_password=PASSWORD, new_password="brand new secret"
    )
    office.ask(change, token)
    office.shop.pass_time(seconds=2)
    assert not office.ask(GetMe(), token).must_change
    assert office.ask(ListUnits(), token).rows
    assert office.refused(GetMe(), other) == "SESSION_LOST"


def test_changing_needs_the_old_password_and_a_new_one(office: Office) -> None:
    def change(old: str, new: str) -> ChangePassword:
        return ChangePassword(operation_id=new_operation_id(), old_password=old, new_password=new)

    assert office.refused(change("wrong", "something quite new")) == "PASSWORD_WRONG"
    assert office.refused(change(PASSWORD, PASSWORD)) == "PASSWORD_WEAK"
    assert office.refused(change(PASSWORD, "short")) == "PASSWORD_WEAK"


def test_a_session_ends_by_signing_out_and_by_idleness(office: Office) -> None:
    token = office.sign_in()
    office.ask(SignOut(operation_id=new_operation_id()), token)
    office.shop.pass_time(seconds=2)
    assert office.refused(GetMe(), token) == "SESSION_LOST"
    token = office.sign_in()
    office.shop.pass_time(minutes=29)
    office.ask(GetMe(), token)
    office.shop.pass_time(minutes=29)
    office.ask(GetMe(), token)
    office.shop.pass_time(minutes=31)
    assert office.refused(GetMe(), token) == "SESSION_LOST"


def test_a_blocked_user_is_out_at_once(office: Office) -> None:
    number = office.add_user("fired", "operation.view")
    token = office.sign_in("fired")
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(tables.user).where(tables.user.c.user_id == number).values(is_blocked=True)
        )
    office.shop.pass_time(seconds=2)
    assert office.refused(GetMe(), token) == "SESSION_LOST"
    assert office.refused(SignIn(login="fired", password=PASSWORD), "") == "USER_BLOCKED"


def test_the_second_factor_is_asked_for_and_used_once(office: Office) -> None:
    with office.shop.connection.begin():
        office.shop.connection.execute(
            insert(tables.user_totp).values(
                user_id=1, secret=SECRET, confirmed_at=office.shop.now, last_step=0
            )
        )
    ask = SignIn(login=ADMINISTRATOR, password=PASSWORD)
    assert office.refused(ask, "") == "CODE_NEEDED"
    step = int(office.shop.now.timestamp()) // 30
    code = one_time_code(SECRET, step)
    with pytest.raises(AppError) as caught:
        sign(office, code="000000" if code != "000000" else "111111")
    assert caught.value.code == "CODE_WRONG"
    assert sign(office, code=code).me.two_factor
    with pytest.raises(AppError) as caught:
        sign(office, code=code)
    assert caught.value.code == "CODE_WRONG"


@pytest.mark.parametrize(
    ("unix", "digits"), [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924")]
)
def test_codes_are_those_of_the_standard(unix: int, digits: str) -> None:
    assert one_time_code(SECRET, unix // 30) == digits[-6:]
    assert step_of_code(SECRET, digits[-6:], unix, 0) == unix // 30
    assert step_of_code(SECRET, digits[-6:], unix + 90, 0) is None


def test_a_hash_tells_nothing_and_fits_only_its_password() -> None:
    stored = hash_password("зелёный чай")
    assert "чай" not in stored
    assert fits("зелёный чай", stored)
    assert not fits("Зелёный чай", stored)
    assert not fits("anything", UNSET)
    assert not fits("a password that nobody has", None)


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "aaaaaaaaaaaa", "администратор", "Ivanov12345", "x" * 201]
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(AppError) as caught:
        check_new_password(password, login="ivanov1234")
    assert caught.value.code == "PASSWORD_WEAK"
