"""Users and roles: who may do what, and the bounds of giving rights away (domain 1.11, 5)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete

from card_server.db.base import PREFIX, metadata
from card_server.db.editing import (
    check_reference,
    check_texts,
    check_unique,
    need,
    row_of,
    sent,
)
from card_server.db.listing import list_rows
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Actor, Editing, Reading
from card_server.users import repository, tables
from card_server.users.passwords import UNSET, check_new_password, hash_password
from card_server.users.sessions import (
    ENDED_BY_OTHER,
    PASSWORD_CHANGED,
    USER_BLOCKED,
    end_sessions,
)
from card_server.users.signing_in import note
from shared.wire import roles as wire
from shared.wire.base import Done, Made, Page
from shared.wire.errors import AppError, ErrorCode
from shared.wire.rights import ALL_RIGHTS
from shared.wire.users import SessionRow

ADMINISTRATOR_ROLE: Final = 1
SESSION_ID_HEX: Final = 32


def list_users(asked: wire.ListUsers, reading: Reading) -> Page[wire.UserRow]:
    """Users."""
    found = list_rows(reading.connection, repository.USERS, asked)
    rows = [repository.record_of(wire.UserRow, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def get_user(asked: wire.GetUser, reading: Reading) -> wire.User:
    """One user."""
    return user_record(reading, asked.user_id)


def user_record(reading: Reading | Editing, user_id: int) -> wire.User:
    """A user with roles, divisions and the state of his sign-in."""
    connection = reading.connection
    row = row_of(connection, tables.user, {"user_id": user_id})
    link, totp = tables.user_division, tables.user_totp
    divisions = connection.execute(
        link.select().with_only_columns(link.c.division_id).where(link.c.user_id == user_id)
    ).scalars()
    confirmed = connection.execute(
        totp.select()
        .with_only_columns(totp.c.user_id)
        .where(totp.c.user_id == user_id, totp.c.confirmed_at.is_not(None))
    ).scalar()
    names = wire.UserRow.__struct_fields__
    return wire.User(
        row=wire.UserRow(**{name: getattr(row, name) for name in names}),
        card_code=row.card_code,
        roles=repository.roles_of(connection, user_id),
        divisions=sorted(divisions),
        has_password=row.password_hash != UNSET,
        two_factor=confirmed is not None,
    )


def present_user(asked: wire.EditUser | wire.DeleteUser, reading: Reading) -> wire.User:
    """The user as he stands."""
    return user_record(reading, asked.user_id)


# ---------------------------------------------------------------------- bounds


def check_grant(actor: Actor, rights: set[str]) -> None:
    """Nobody grants a right he lacks; `FIELD_BAD` for one that does not exist."""
    unknown = rights - ALL_RIGHTS
    if unknown:
        raise AppError(ErrorCode.FIELD_BAD, field="rights", value=min(unknown)[:60])
    lacked = rights - actor.rights
    if lacked:
        raise AppError(ErrorCode.RIGHT_LACKED, right=min(lacked))


def _check_roles(editing: Editing, role_ids: list[int]) -> None:
    """Roles exist, and the actor has every right that they carry.

    The built-in administrator role is the exception of domain 5: who has it may give any role.
    """
    for role_id in role_ids:
        check_reference(editing.connection, tables.role, "roles", role_id)
    mine = repository.roles_of(editing.connection, editing.actor.user_id)
    if ADMINISTRATOR_ROLE not in mine:
        check_grant(editing.actor, repository.rights_of_roles(editing.connection, role_ids))


def _check_above(editing: Editing, user_id: int) -> None:
    """Nobody edits a user who may do more than himself."""
    mine = repository.roles_of(editing.connection, editing.actor.user_id)
    if ADMINISTRATOR_ROLE in mine or user_id == editing.actor.user_id:
        return
    theirs = repository.roles_of(editing.connection, user_id)
    check_grant(editing.actor, repository.rights_of_roles(editing.connection, theirs))


def _check_last_administrator(editing: Editing) -> None:
    """After the change there must be an administrator who can sign in."""
    if not repository.administrators(editing.connection, ADMINISTRATOR_ROLE):
        raise AppError(ErrorCode.LAST_ADMINISTRATOR)


def _check_user(editing: Editing, values: dict[str, Any], user_id: int | None) -> None:
    check_texts(tables.user, values)
    but = None if user_id is None else {"user_id": user_id}
    for field in ("login", "card_code"):
        if field in values:
            check_unique(editing.connection, tables.user, field, values[field], but=but)
    if values.get("card_code") is not None:
        card = metadata.tables[PREFIX + "card"]
        check_reference(editing.connection, card, "card_code", values["card_code"])


# ---------------------------------------------------------------------- users


def hash_first(asked: wire.AddUser | wire.SetPassword) -> str:
    """The hash of a given password, made before the transaction."""
    login = asked.fields.login if isinstance(asked, wire.AddUser) else ""
    check_new_password(asked.password, login=login if isinstance(login, str) and login else "\0")
    return hash_password(asked.password)


def add_user(asked: wire.AddUser, editing: Editing) -> Made:
    """A new user with a password that must be changed."""
    values = sent(asked.fields)
    need(values, "login", "full_name")
    _check_user(editing, values, None)
    _check_roles(editing, asked.roles)
    user_id = next_dictionary_id(editing.connection, tables.user)
    editing.log.insert(
        tables.user,
        {
            "user_id": user_id,
            **values,
            "password_hash": editing.prepared,
            "password_at": editing.now,
            "must_change": True,
        },
    )
    _write_links(editing, user_id, asked.roles, asked.divisions)
    return Made(key=user_id)


def edit_user(asked: wire.EditUser, editing: Editing) -> Done:
    """Change a user; blocking ends his sessions."""
    connection, key = editing.connection, {"user_id": asked.user_id}
    row_of(connection, tables.user, key)
    _check_above(editing, asked.user_id)
    values = sent(asked.fields)
    _check_user(editing, values, asked.user_id)
    editing.log.edit(tables.user, key, values, expected_version=asked.version)
    if asked.roles is not None:
        _check_roles(editing, asked.roles)
    _write_links(editing, asked.user_id, asked.roles, asked.divisions)
    if values.get("is_blocked"):
        mine = tables.user_session.c.user_id == asked.user_id
        end_sessions(connection, editing.now, USER_BLOCKED, mine)
    _check_last_administrator(editing)
    return Done(version=row_of(connection, tables.user, key).version)


def _write_links(
    editing: Editing, user_id: int, roles: list[int] | None, divisions: list[int] | None
) -> None:
    owner = ("user_id", user_id)
    if roles is not None:
        repository.replace_links(editing.connection, tables.user_role, owner, "role_id", roles)
    if divisions is not None:
        division = metadata.tables[PREFIX + "division"]
        for division_id in divisions:
            check_reference(editing.connection, division, "divisions", division_id)
        repository.replace_links(
            editing.connection, tables.user_division, owner, "division_id", divisions
        )


def delete_user(asked: wire.DeleteUser, editing: Editing) -> Done:
    """Mark a user as deleted."""
    key = {"user_id": asked.user_id}
    row_of(editing.connection, tables.user, key)
    _check_above(editing, asked.user_id)
    editing.log.delete(tables.user, key, expected_version=asked.version)
    mine = tables.user_session.c.user_id == asked.user_id
    end_sessions(editing.connection, editing.now, USER_BLOCKED, mine)
    _check_last_administrator(editing)
    return Done()


def set_password(asked: wire.SetPassword, editing: Editing) -> Done:
    """Give a user a password for his next sign-in."""
    key = {"user_id": asked.user_id}
    row_of(editing.connection, tables.user, key)
    _check_above(editing, asked.user_id)
    editing.log.edit(
        tables.user,
        key,
        {
            "password_hash": editing.prepared,
            "password_at": editing.now,
            "must_change": True,
            "failed_count": 0,
            "locked_until": None,
        },
    )
    mine = tables.user_session.c.user_id == asked.user_id
    end_sessions(editing.connection, editing.now, PASSWORD_CHANGED, mine)
    return Done()


def unlock_user(asked: wire.UnlockUser, editing: Editing) -> Done:
    """End a lock-out."""
    key = {"user_id": asked.user_id}
    row_of(editing.connection, tables.user, key)
    editing.log.edit(tables.user, key, {"failed_count": 0, "locked_until": None})
    return Done()


def remove_two_factor(asked: wire.RemoveTwoFactor, editing: Editing) -> Done:
    """Take the two-factor code off a user."""
    row_of(editing.connection, tables.user, {"user_id": asked.user_id})
    _check_above(editing, asked.user_id)
    totp = tables.user_totp
    editing.connection.execute(delete(totp).where(totp.c.user_id == asked.user_id))
    _note(editing, "two_factor_removed", asked.user_id)
    return Done()


def _note(editing: Editing, what: str, user_id: int, details: str = "") -> None:
    actor = editing.actor
    note(
        editing.connection,
        editing.ids,
        editing.now,
        what,
        user_id=user_id,
        login=actor.login,
        host=actor.host,
        application=actor.application,
        details=details,
    )


# ---------------------------------------------------------------------- roles


def list_roles(_asked: wire.ListRoles, reading: Reading) -> wire.RoleList:
    """All roles."""
    return wire.RoleList(roles=repository.all_roles(reading.connection))


def get_role(asked: wire.GetRole, reading: Reading) -> wire.Role:
    """One role."""
    return _role(asked.role_id, reading)


def _check_role(editing: Editing, values: dict[str, Any], role_id: int | None) -> None:
    check_texts(tables.role, values)
    if "name" in values:
        but = None if role_id is None else {"role_id": role_id}
        check_unique(editing.connection, tables.role, "name", values["name"], but=but)
    for field in ("amount_limit", "unmask_per_day"):
        value = values.get(field)
        if value is not None and value < 0:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=str(value))


def add_role(asked: wire.AddRole, editing: Editing) -> Made:
    """A new role with rights that the actor has himself."""
    values = sent(asked.fields)
    need(values, "name")
    _check_role(editing, values, None)
    check_grant(editing.actor, set(asked.rights))
    role_id = next_dictionary_id(editing.connection, tables.role)
    editing.log.insert(tables.role, {"role_id": role_id, **values})
    repository.replace_links(
        editing.connection, tables.role_right, ("role_id", role_id), "right_code", asked.rights
    )
    return Made(key=role_id)


def edit_role(asked: wire.EditRole, editing: Editing) -> Done:
    """Change a role; the administrator role keeps all its rights."""
    connection, key = editing.connection, {"role_id": asked.role_id}
    row_of(connection, tables.role, key)
    values = sent(asked.fields)
    _check_role(editing, values, asked.role_id)
    if asked.role_id == ADMINISTRATOR_ROLE and (asked.rights is not None or "is_active" in values):
        raise AppError(ErrorCode.LAST_ADMINISTRATOR)
    before = repository.rights_of_roles(connection, [asked.role_id])
    editing.log.edit(tables.role, key, values, expected_version=asked.version)
    if asked.rights is not None:
        check_grant(editing.actor, set(asked.rights) - before)
        repository.replace_links(
            connection, tables.role_right, ("role_id", asked.role_id), "right_code", asked.rights
        )
        given, taken = set(asked.rights) - before, before - set(asked.rights)
        details = " ".join([*(f"+{c}" for c in sorted(given)), *(f"-{c}" for c in sorted(taken))])
        _note(editing, "role_rights", editing.actor.user_id, f"{asked.role_id}: {details}")
    return Done(version=row_of(connection, tables.role, key).version)


def delete_role(asked: wire.DeleteRole, editing: Editing) -> Done:
    """Mark a role as deleted."""
    key = {"role_id": asked.role_id}
    row = row_of(editing.connection, tables.role, key)
    if row.is_builtin:
        raise AppError(ErrorCode.IN_USE, where="role", n=1)
    users = [r.users for r in repository.all_roles(editing.connection) if r.role_id == row.role_id]
    if users and users[0]:
        raise AppError(ErrorCode.IN_USE, where="user", n=users[0])
    editing.log.delete(tables.role, key, expected_version=asked.version)
    return Done()


def present_role(asked: wire.EditRole | wire.DeleteRole, reading: Reading) -> wire.Role:
    """The role as it stands."""
    return _role(asked.role_id, reading)


def _role(role_id: int, reading: Reading) -> wire.Role:
    for role in repository.all_roles(reading.connection):
        if role.role_id == role_id:
            return role
    raise AppError(ErrorCode.ROW_NOT_FOUND, what="role", id=str(role_id))


# ---------------------------------------------------------------------- sessions


def list_sessions(asked: wire.ListSessions, reading: Reading) -> Page[SessionRow]:
    """Sessions, running and ended."""
    found = list_rows(reading.connection, repository.SESSIONS, asked)
    rows = [repository.session_record(row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def end_session(asked: wire.EndSession, editing: Editing) -> Done:
    """End a session of anybody; one that has ended already is a success."""
    text = asked.session_id
    if len(text) != SESSION_ID_HEX or not set(text) <= set("0123456789abcdef"):
        raise AppError(ErrorCode.FIELD_BAD, field="session_id", value=text[:60])
    session = tables.user_session
    mine = session.c.session_id == bytes.fromhex(text)
    end_sessions(editing.connection, editing.now, ENDED_BY_OTHER, mine)
    return Done()
