"""Users and roles as the User Manager edits them (domain 1.11, 5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Made, Query, Record
from shared.wire.users import SessionRow

UNSET = msgspec.UNSET


class UserRow(Record, frozen=True, kw_only=True):
    """A user in the list."""

    user_id: int
    login: str
    full_name: str
    is_blocked: bool
    must_change: bool
    password_at: datetime | None
    expires_on: date | None
    locked_until: datetime | None
    all_divisions: bool
    email: str | None
    phone: str | None
    remarks: str | None
    version: int


class User(Record, frozen=True, kw_only=True):
    """A user with what he belongs to."""

    row: UserRow
    card_code: int | None
    roles: list[int]
    divisions: list[int]
    has_password: bool
    two_factor: bool


class ListUsers(ListQuery[UserRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users."""

    right: ClassVar[str] = "user.edit"


class GetUser(Query[User], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One user."""

    right: ClassVar[str] = "user.edit"
    user_id: int


class UserFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a user can be edited; a field that is not sent stays as it is."""

    login: str | msgspec.UnsetType = UNSET
    full_name: str | msgspec.UnsetType = UNSET
    expires_on: date | msgspec.UnsetType | None = UNSET
    card_code: int | msgspec.UnsetType | None = UNSET
    email: str | msgspec.UnsetType | None = UNSET
    phone: str | msgspec.UnsetType | None = UNSET
    remarks: str | msgspec.UnsetType | None = UNSET
    is_blocked: bool | msgspec.UnsetType = UNSET
    all_divisions: bool | msgspec.UnsetType = UNSET


class AddUser(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user; the first password must be changed at the first sign-in."""

    right: ClassVar[str] = "user.edit"
    secrets: ClassVar[tuple[str, ...]] = ("password",)
    fields: UserFields
    password: str
    roles: list[int] = msgspec.field(default_factory=list)
    divisions: list[int] = msgspec.field(default_factory=list)


class EditUser(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a user; roles and divisions are replaced where they are sent."""

    right: ClassVar[str] = "user.edit"
    user_id: int
    version: int
    fields: UserFields = UserFields()
    roles: list[int] | None = None
    divisions: list[int] | None = None


class DeleteUser(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a user as deleted and end his sessions; the last administrator stays."""

    right: ClassVar[str] = "user.edit"
    user_id: int
    version: int


class SetPassword(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a user a password that he must change at the next sign-in; his sessions end."""

    right: ClassVar[str] = "user.edit"
    secrets: ClassVar[tuple[str, ...]] = ("password",)
    user_id: int
    password: str


class UnlockUser(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End a lock-out before its time."""

    right: ClassVar[str] = "user.edit"
    user_id: int


class RemoveTwoFactor(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the two-factor code off a user who lost his telephone."""

    right: ClassVar[str] = "user.edit"
    user_id: int


class Secret(Record, frozen=True, kw_only=True):
    """A new two-factor secret, shown once: base32 and the address that a QR code carries."""

    secret: str
    uri: str


class StartTwoFactor(Command[Secret], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make a secret for one's own sign-in; it works after `ConfirmTwoFactor`."""

    right: ClassVar[str] = SIGNED_IN
    password: str


class ConfirmTwoFactor(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show that the authenticator has the secret."""

    right: ClassVar[str] = SIGNED_IN
    code: str


class Role(Record, frozen=True, kw_only=True):
    """A role with its rights."""

    role_id: int
    name: str
    is_builtin: bool
    amount_limit: int | None
    unmask_per_day: int
    sort_no: int
    is_active: bool
    version: int
    rights: list[str]
    users: int
    """How many live users have it."""


class RoleList(Record, frozen=True, kw_only=True):
    """All roles."""

    roles: list[Role]


class ListRoles(Query[RoleList], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All roles with their rights."""

    right: ClassVar[str] = "user.edit"


class GetRole(Query[Role], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One role."""

    right: ClassVar[str] = "user.edit"
    role_id: int


class RoleFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a role can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    amount_limit: int | msgspec.UnsetType | None = UNSET
    unmask_per_day: int | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddRole(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new role; nobody may grant a right that he lacks."""

    right: ClassVar[str] = "role.edit"
    fields: RoleFields
    rights: list[str]


class EditRole(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a role; rights are replaced where they are sent."""

    right: ClassVar[str] = "role.edit"
    role_id: int
    version: int
    fields: RoleFields = RoleFields()
    rights: list[str] | None = None


class DeleteRole(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a role as deleted; one that is built in or in use is refused."""

    right: ClassVar[str] = "role.edit"
    role_id: int
    version: int


class ListSessions(ListQuery[SessionRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sessions, running and ended."""

    right: ClassVar[str] = "user.edit"


class EndSession(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End a session of anybody."""

    right: ClassVar[str] = "user.edit"
    session_id: str


class Activity(Record, frozen=True, kw_only=True):
    """A line of the access journal."""

    user_activity_id: int
    at: datetime
    user_id: int | None
    login: str | None
    what: str
    host: str | None
    application: str | None
    details: str | None


class ListActivity(ListQuery[Activity], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The access journal: sign-ins, failures, refusals for lack of a right, exports."""

    right: ClassVar[str] = "journal.view"


class ChangeRow(Record, frozen=True, kw_only=True):
    """A change set of the journal of edits."""

    change_id: int
    at: datetime
    user_id: int | None
    classifier_id: int | None
    host: str | None
    application: str | None
    table_name: str
    row_key: str
    action: int
    reason: str | None
    batch_id: int | None


class ChangedField(Record, frozen=True, kw_only=True):
    """One field of a change set; personal values are masked for who may not see contacts."""

    field_name: str
    old_value: str | None
    new_value: str | None
    is_personal: bool
    erased_at: datetime | None


class ListJournal(ListQuery[ChangeRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The journal of edits of all tables."""

    right: ClassVar[str] = "journal.view"


class RowHistory(Record, frozen=True, kw_only=True):
    """The changes of one row, newest first."""

    changes: list[ChangeRow]
    fields: dict[int, list[ChangedField]]
    """By change id."""


class GetHistory(Query[RowHistory], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who changed a row, when, from what to what; the newest 200 changes."""

    right: ClassVar[str] = SIGNED_IN
    table_name: str
    row_key: str
