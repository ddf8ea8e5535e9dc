"""Signing in, sessions, passwords (domain 1.11, 5); the lists of users and roles stand beside."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from shared.wire.base import PUBLIC, SIGNED_IN, Command, Done, Query, Record, Request


class Me(Record, frozen=True, kw_only=True):
    """The signed-in user as his own programs see him."""

    user_id: int
    login: str
    full_name: str
    rights: list[str]
    divisions: list[int] | None
    """None is every division."""
    amount_limit: int | None
    must_change: bool
    """The password must be changed before anything else works."""
    two_factor: bool = False


class SignedIn(Record, frozen=True, kw_only=True):
    """A session: its token goes into the `Authorization` header of every request."""

    token: str
    me: Me
    idle_minutes: int
    """The session ends after so long without a request."""


class SignIn(Request[SignedIn], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign in by login and password, and the two-factor code where the user has one."""

    right: ClassVar[str] = PUBLIC
    login: str
    password: str
    code: str | None = None
    application: str = ""


class FirstPassword(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The administrator's password on the very first run: no default password exists anywhere."""

    right: ClassVar[str] = PUBLIC
    password: str


class FirstRunState(Record, frozen=True, kw_only=True):
    """Whether `FirstPassword` is waited for, and under which login it will stand."""

    password_needed: bool
    login: str


class FirstRun(Query[FirstRunState], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks whether the administrator's password is still to be set."""

    right: ClassVar[str] = PUBLIC


class ChangePassword(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user changes his own password; his other sessions end."""

    right: ClassVar[str] = SIGNED_IN
    old_password: str
    new_password: str


class SignOut(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End one's own session."""

    right: ClassVar[str] = SIGNED_IN


class GetMe(Query[Me], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is signed in, with the rights as they stand now."""

    right: ClassVar[str] = SIGNED_IN


class SessionRow(Record, frozen=True, kw_only=True):
    """A running or ended session."""

    session_id: str
    user_id: int
    login: str
    started_at: datetime
    seen_at: datetime
    host: str
    application: str
    ended_at: datetime | None
    end_reason: int | None
