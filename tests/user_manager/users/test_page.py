"""Users: added with a first password, given roles, blocked, unlocked, deleted."""

from __future__ import annotations

from typing import Any

from shared.wire.roles import AddUser, GetUser, ListRoles, ListUsers, User, UserFields
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window

PASSWORD = "Надёжный-пароль-1"


def role_of(office: Office, name: str) -> int:
    return next(one.role_id for one in office.ask(ListRoles()).roles if one.name == name)


def add(office: Office, login: str, **fields: Any) -> int:
    asked = AddUser(
        operation_id=new_operation_id(),
        fields=UserFields(login=login, full_name=f"{login} полностью", **fields),
        password=PASSWORD,
        roles=[office.ask(ListRoles()).roles[1].role_id],
    )
    return office.ask(asked).key


def user(office: Office, login: str) -> User:
    rows = office.ask(ListUsers()).rows
    key = next(row.user_id for row in rows if row.login == login)
    return office.ask(GetUser(user_id=key))


def test_a_new_user_gets_a_first_password_roles_and_divisions(window: Window) -> None:
    role = window.office.ask(ListRoles()).roles[1]
    page = window.list_page("users")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill(
        {
            "login": "олег",
            "full_name": "Олег Кассиров",
            "password": PASSWORD,
            "roles": (role.role_id,),
            "divisions": (1,),
        }
    )
    window.picture("user_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: "олег" in window.texts(page, "login"))
    found = user(window.office, "олег")
    assert (found.roles, found.divisions, found.row.must_change) == ([role.role_id], [1], True)
    place = window.texts(page, "login").index("олег")
    assert window.texts(page, "state")[place] == "Ждёт смены пароля"


def test_a_weak_first_password_is_told_beside_its_field(window: Window) -> None:
    page = window.list_page("users")
    window.press(page, "add")
    dialog = window.dialog()
    dialog.editor.form.fill({"login": "олег", "full_name": "Олег", "password": "1"})
    dialog.editor.save()
    window.until(lambda: bool(dialog.editor.form._told) or dialog.editor.notice.isVisible())
    assert dialog.isVisible()
    dialog.editor.form.load({})
    dialog.reject()


def test_roles_are_changed_and_the_rest_stays(window: Window) -> None:
    key = add(window.office, "анна")
    roles = window.office.ask(ListRoles()).roles
    page = window.list_page("users")
    window.choose(page, window.texts(page, "login").index("анна"))
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    window.picture("user", dialog)
    dialog.editor.form.fill({"roles": (roles[1].role_id, roles[2].role_id)})
    dialog.editor.save()
    window.expect("Сохранено")
    found = window.office.ask(GetUser(user_id=key))
    assert found.roles == sorted((roles[1].role_id, roles[2].role_id))
    assert found.row.full_name == "анна полностью"


def test_a_password_is_set_twice_or_not_at_all(window: Window) -> None:
    add(window.office, "анна")
    page = window.list_page("users")
    window.choose(page, window.texts(page, "login").index("анна"))
    window.press(page, "password")
    dialog = window.fill(password="Другой-пароль-22", repeat="Другой-пароль-23")
    dialog.save()
    window.until(dialog.notice.isVisible)
    window.save(password="Другой-пароль-22", repeat="Другой-пароль-22")
    window.expect("Пароль задан")
    assert user(window.office, "анна").row.must_change


def test_a_blocked_user_is_shown_as_such(window: Window) -> None:
    add(window.office, "анна", is_blocked=True)
    page = window.list_page("users")
    place = window.texts(page, "login").index("анна")
    assert window.texts(page, "state")[place] == "Заблокирован"
    window.picture("users")


def test_the_last_administrator_cannot_be_deleted(window: Window) -> None:
    page = window.list_page("users")
    window.choose(page, 0)
    window.press(page, "delete")
    window.answer("yes")
    window.until(lambda: window.said != [])
    assert "администратор" in window.said[-1][0].lower()
    window.said.clear()


def test_a_user_is_found_by_a_part_of_the_name(window: Window) -> None:
    add(window.office, "анна")
    add(window.office, "борис")
    page = window.list_page("users")
    page.search.setText("борис пол")
    window.settle()
    window.until(lambda: window.texts(page, "login") == ["борис"])


def test_a_user_is_deleted_after_a_question(window: Window) -> None:
    add(window.office, "анна")
    page = window.list_page("users")
    window.choose(page, window.texts(page, "login").index("анна"))
    window.press(page, "delete")
    window.answer("yes")
    window.expect("Удалено: 1 запись")
    window.until(lambda: "анна" not in window.texts(page, "login"))
