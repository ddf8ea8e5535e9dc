"""The forms of a user: an existing one, and a new one with his first password."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.editor import EditorSpec
from shared.ui.fields import ChecksField, DayField, Field, FlagField, SecretField, TextField
from shared.ui.form import Section
from shared.wire.roles import AddUser, EditUser, GetUser, User, UserFields
from user_manager.naming import DIVISIONS, ROLES

LINKS: Final = ("roles", "divisions")
WHO: Final[tuple[Field, ...]] = (
    TextField(name="login", label=tr("Имя для входа", "Login"), needed=True, longest=60),
    TextField(name="full_name", label=tr("Полное имя", "Full name"), needed=True, longest=150),
)
CONTACTS: Final[tuple[Field, ...]] = (
    TextField(name="email", label=tr("Почта", "E-mail"), longest=150),
    TextField(name="phone", label=tr("Телефон", "Phone"), longest=40),
    DayField(
        name="expires_on",
        label=tr("Действует до", "Valid until"),
        is_last=True,
        help=tr("После этого дня войти нельзя", "After this day nobody signs in with it"),
    ),
    TextField(name="remarks", label=tr("Заметки", "Remarks"), longest=255, wide=True),
)
BLOCK: Final = FlagField(
    name="is_blocked",
    label=tr("Заблокирован: войти нельзя, сеансы завершаются", "Blocked: no sign-in, sessions end"),
    wide=True,
)
FIRST: Final = SecretField(
    name="password",
    label=tr("Первый пароль", "First password"),
    needed=True,
    help=tr(
        "При первом входе пользователь сменит его на свой",
        "The user replaces it by his own at the first sign-in",
    ),
)
REACH: Final[tuple[Field, ...]] = (
    ChecksField(
        name="roles",
        label=tr("Роли", "Roles"),
        dictionary=ROLES,
        lines=5,
        help=tr("Права ролей складываются", "The rights of all roles add up"),
    ),
    FlagField(
        name="all_divisions",
        label=tr("Все подразделения, и будущие тоже", "All divisions, future ones too"),
        wide=True,
    ),
    ChecksField(
        name="divisions",
        label=tr("Подразделения", "Divisions"),
        dictionary=DIVISIONS,
        lines=4,
        help=tr("Права действуют только в них", "The rights act in these only"),
    ),
)
RIGHTS = tr("Что может", "What he may do")


def _values(user: User) -> dict[str, Any]:
    names = [field.name for field in (*WHO, *CONTACTS, BLOCK)]
    plain = {name: getattr(user.row, name) for name in names}
    links = {name: tuple(sorted(getattr(user, name))) for name in LINKS}
    return {**plain, **links, "all_divisions": user.row.all_divisions}


def _links(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(values.pop(name)) for name in LINKS if name in values}


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> EditUser:
    plain = dict(changes)
    links = _links(plain)
    return EditUser(
        operation_id=operation_id,
        user_id=key,
        version=version,
        fields=UserFields(**plain),
        **links,
    )


def _add(operation_id: str, values: dict[str, Any]) -> AddUser:
    plain = dict(values)
    links, password = _links(plain), plain.pop("password")
    return AddUser(
        operation_id=operation_id, fields=UserFields(**plain), password=password, **links
    )


def _spec(sections: tuple[Section, ...], *, is_new: bool) -> EditorSpec:
    return EditorSpec(
        code="user",
        title=tr("Пользователь", "User"),
        title_new=tr("Новый пользователь", "New user"),
        sections=sections,
        fields=UserFields,
        own=frozenset({*LINKS, "password"}),
        right="user.edit",
        get=lambda key: GetUser(user_id=key),
        values=_values,
        version=lambda user: int(user.row.version),
        edit=_edit,
        add=_add if is_new else None,
        tables=frozenset({"user"}),
        history="user",
    )


SPEC: Final = _spec((Section(None, (*WHO, *CONTACTS, BLOCK)), Section(RIGHTS, REACH)), is_new=False)
NEW: Final = _spec((Section(None, (*WHO, FIRST, *CONTACTS)), Section(RIGHTS, REACH)), is_new=True)
