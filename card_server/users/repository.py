"""Rows of users, roles, sessions and journals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from card_server.db.listing import Listing
from card_server.users import tables
from shared.wire import roles as wire
from shared.wire.users import SessionRow

_user, _role = tables.user, tables.role


def _listing(table: Any, record: Any, key: str, default_sort: str | None = None) -> Listing:
    fields = {name: table.c[name] for name in record.__struct_fields__}
    return Listing(
        source=table,
        key=table.c[key],
        fields=fields,
        columns=list(fields.values()),
        default_sort=default_sort,
        deleted_at=table.c.get("deleted_at"),
    )


USERS: Final = _listing(tables.user, wire.UserRow, "user_id", "login")
ACTIVITY: Final = _listing(tables.user_activity, wire.Activity, "user_activity_id")
JOURNAL: Final = _listing(tables.change_set, wire.ChangeRow, "change_id")
_session = tables.user_session
_SESSION_FIELDS: Final = {
    "session_id": _session.c.session_id,
    "user_id": _session.c.user_id,
    "login": _user.c.login,
    "started_at": _session.c.started_at,
    "seen_at": _session.c.seen_at,
    "host": _session.c.host,
    "application": _session.c.application,
    "ended_at": _session.c.ended_at,
    "end_reason": _session.c.end_reason,
}
SESSIONS: Final = Listing(
    source=_session.join(_user, _user.c.user_id == _session.c.user_id),
    key=_session.c.session_id,
    fields={k: v for k, v in _SESSION_FIELDS.items() if k != "session_id"},
    columns=list(_SESSION_FIELDS.values()),
    default_sort="started_at",
)


def session_record(row: Any) -> SessionRow:
    """A session as the contract shows it; its id is no token."""
    values = dict(zip(_SESSION_FIELDS, row, strict=True))
    values["session_id"] = bytes(values["session_id"]).hex()
    for name in ("host", "application"):
        values[name] = values[name] or ""
    return SessionRow(**values)


def record_of(record: Any, row: Any) -> Any:
    """A row in the order of the record's fields."""
    return record(**dict(zip(record.__struct_fields__, row, strict=True)))


def roles_of(connection: Connection, user_id: int) -> list[int]:
    """Ids of a user's roles."""
    link = tables.user_role
    rows = connection.execute(select(link.c.role_id).where(link.c.user_id == user_id))
    return sorted(rows.scalars())


def rights_of_roles(connection: Connection, role_ids: Iterable[int]) -> set[str]:
    """All rights of some roles."""
    table = tables.role_right
    rows = connection.execute(select(table.c.right_code).where(table.c.role_id.in_(list(role_ids))))
    return set(rows.scalars())


def replace_links(
    connection: Connection, table: Any, owner: tuple[str, int], name: str, ids: Iterable[Any]
) -> None:
    """Make the rows of a link table those of `ids`."""
    column, value = owner
    connection.execute(delete(table).where(table.c[column] == value))
    rows = [{column: value, name: one} for one in sorted(set(ids))]
    if rows:
        connection.execute(insert(table), rows)


def all_roles(connection: Connection) -> list[wire.Role]:
    """Every live role with its rights and the number of its users."""
    right, link = tables.role_right, tables.user_role
    rights: dict[int, list[str]] = {}
    for row in connection.execute(select(right.c.role_id, right.c.right_code)):
        rights.setdefault(row.role_id, []).append(row.right_code)
    counted = connection.execute(
        select(link.c.role_id, func.count())
        .join(_user, _user.c.user_id == link.c.user_id)
        .where(_user.c.deleted_at.is_(None))
        .group_by(link.c.role_id)
    )
    users = {row[0]: row[1] for row in counted}
    names = [n for n in wire.Role.__struct_fields__ if n not in ("rights", "users")]
    rows = connection.execute(
        select(*(_role.c[name] for name in names))
        .where(_role.c.deleted_at.is_(None))
        .order_by(_role.c.sort_no, _role.c.role_id)
    )
    return [
        wire.Role(
            **dict(zip(names, row, strict=True)),
            rights=sorted(rights.get(row.role_id, [])),
            users=users.get(row.role_id, 0),
        )
        for row in rows
    ]


def administrators(connection: Connection, role_id: int) -> set[int]:
    """Live, unblocked users of the administrator role."""
    link = tables.user_role
    rows = connection.execute(
        select(_user.c.user_id)
        .join(link, link.c.user_id == _user.c.user_id)
        .where(
            link.c.role_id == role_id,
            _user.c.deleted_at.is_(None),
            ~_user.c.is_blocked,
        )
    )
    return set(rows.scalars())


def changed_fields(
    connection: Connection, change_ids: list[int]
) -> dict[int, list[wire.ChangedField]]:
    """The fields of change sets, by change."""
    table = tables.change_value
    rows = connection.execute(
        select(
            table.c.change_id,
            table.c.field_name,
            table.c.old_value,
            table.c.new_value,
            table.c.is_personal,
            table.c.erased_at,
        )
        .where(table.c.change_id.in_(change_ids))
        .order_by(table.c.change_id, table.c.field_name)
    )
    found: dict[int, list[wire.ChangedField]] = {}
    for row in rows:
        found.setdefault(row.change_id, []).append(
            wire.ChangedField(
                field_name=row.field_name,
                old_value=row.old_value,
                new_value=row.new_value,
                is_personal=row.is_personal,
                erased_at=row.erased_at,
            )
        )
    return found
