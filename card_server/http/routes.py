"""Which request is answered by which use case: the rows of a subject's `routes.py`.

A route knows the class of its request and one function. What the function is given depends on
the kind of route: a question reads on a read-only connection of its own, an edit writes inside
the one writer's transaction with the journal at hand, a booking makes a posting for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection

from card_server.db.change_log import ChangeLog
from shared.wire.base import Command, Query
from shared.wire.errors import AppError, ErrorCode

R = TypeVar("R")
Asked = TypeVar("Asked")

NOBODY: Final = 0


class Ids(Protocol):
    """Hands out ids inside an edit."""

    def take(self, kind: str) -> int:
        """The next id of a kind (domain 0.2)."""

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece."""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a signed-in user with the rights of all roles, or nobody."""

    user_id: int = NOBODY
    login: str = ""
    session_id: bytes = b""
    rights: frozenset[str] = frozenset()
    divisions: frozenset[int] | None = frozenset()
    """Ids of the divisions the user sees and touches; None is all of them."""
    amount_limit: int | None = None
    """Largest manual operation, in minor units; None is no limit."""
    unmask_per_day: int = 0
    must_change: bool = False
    host: str = ""
    application: str = ""
    language: str = "ru"

    def need(self, right: str) -> None:
        """Refuse an act that the user has no right to."""
        if right not in self.rights:
            raise AppError(ErrorCode.NO_RIGHT, right=right)

    def need_division(self, division_id: int) -> None:
        """Refuse a row of a division that is not the user's."""
        if self.divisions is not None and division_id not in self.divisions:
            raise AppError(ErrorCode.DIVISION_FOREIGN, division=division_id)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is given."""

    connection: Connection
    actor: Actor
    now: datetime


class Editing(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit is given: the writer's transaction, and the journal that goes with it."""

    connection: Connection
    actor: Actor
    now: datetime
    ids: Ids
    log: ChangeLog
    prepared: Any = None
    """What `prepare` made before the transaction began (a password's hash, a picture's thumb)."""


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """What the maker of a posting is given."""

    actor: Actor
    now: datetime
    key: str
    """The caller's key for the ledger: the command's operation id."""


class Kind(Enum):
    """How a route is run."""

    QUESTION = "question"
    EDIT = "edit"
    BOOKING = "booking"
    FLOW = "flow"


class Desk(Protocol):
    """The database as a worker thread sees it; every call blocks until it is done."""

    def read(self, work: Callable[[Connection], R]) -> R:
        """Run a question on a read-only connection."""

    def snapshot(self, work: Callable[[Connection], R]) -> R:
        """Run a long question whose statements all see one moment, on a connection of its own."""

    def edit(self, work: Callable[[Connection, datetime, Ids], R]) -> R:
        """Run a change in the writer's transaction; returns when it is durable."""

    def book(self, posting: Any) -> Any:
        """Hand a posting to the ledger; returns its outcome when it is durable."""

    def book_all(self, postings: Sequence[Any]) -> list[Any]:
        """Hand postings over together; an outcome for each in order, refusals as they are."""


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What a route of several steps is given: it reads, thinks (a hash), writes."""

    desk: Desk
    actor: Actor
    clock: Callable[[], datetime]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what answers it."""

    request: type[Any]
    kind: Kind
    run: Callable[..., Any]
    prepare: Callable[[Any], Any] | None = None
    answer: Callable[[Any], Any] | None = None
    present: Callable[[Any, Reading], Any] | None = None
    """The row as it stands, for a refusal of a stale edit."""
    author: Callable[[Any, Reading], int | None] | None = None
    """Who made the operation behind an outcome, for a booking whose key was known."""
    changes_rules: bool = False
    """The edit touches dictionaries: running tills read them anew."""


def question(request: type[Query[R]], run: Callable[[Any, Reading], R]) -> Route:
    """A question."""
    return Route(request=request, kind=Kind.QUESTION, run=run)


def edit(
    request: type[Command[R]],
    run: Callable[[Any, Editing], R],
    *,
    prepare: Callable[[Any], Any] | None = None,
    present: Callable[[Any, Reading], Any] | None = None,
    changes_rules: bool = False,
) -> Route:
    """A change of ordinary rows."""
    return Route(
        request=request,
        kind=Kind.EDIT,
        run=run,
        prepare=prepare,
        present=present,
        changes_rules=changes_rules,
    )


def booking(
    request: type[Command[R]],
    run: Callable[[Any, Booking], Any],
    answer: Callable[[Any], R],
    *,
    author: Callable[[Any, Reading], int | None],
) -> Route:
    """A change that the ledger books; the ledger itself knows the repeats of its keys.

    A repeated outcome is told to its author only.
    """
    return Route(request=request, kind=Kind.BOOKING, run=run, answer=answer, author=author)


def flow(
    request: type[Any],
    run: Callable[[Any, Flow], Any],
    *,
    present: Callable[[Any, Reading], Any] | None = None,
) -> Route:
    """A request of several steps; it looks after its own repeats."""
    return Route(request=request, kind=Kind.FLOW, run=run, present=present)
