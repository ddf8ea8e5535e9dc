"""The contract's grammar: questions, commands, pages. The class of a request is its address.

`GetCard(Query[Card])` is asked with `POST /v1/GetCard`; the class names the right it needs and the
type of its reply, so contract, client, routes and rights cannot drift. Requests refuse unknown
fields, replies ignore them: an older program may talk to a newer server.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Generic, TypeVar, get_args, get_origin

import msgspec

R = TypeVar("R")
Row = TypeVar("Row")

PUBLIC: Final = "public"
"""The right of requests that nobody has to sign in for."""
SIGNED_IN: Final = "signed_in"
"""The right of requests that every signed-in user may make."""

LARGEST_BODY: Final = 1 << 20
OPERATION_ID_MAX: Final = 60


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something a reply is made of; unknown fields of a newer server are ignored."""


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program asks of the server; `R` is what it gets."""

    right: ClassVar[str]
    """The right the user must have, or `PUBLIC` or `SIGNED_IN`."""
    largest_body: ClassVar[int] = LARGEST_BODY
    """Bytes of JSON at most."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Text fields whose values are kept nowhere, not even in a fingerprint."""


class Query(Request[R], Generic[R], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question; it changes nothing and may be repeated at will."""


class Command(Request[R], Generic[R], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change. `operation_id` is made when the form opens and kept across retries.

    A command that comes again under its operation id gets its first answer and changes nothing.
    """

    operation_id: str


class Notice(Record, frozen=True, kw_only=True):
    """Something that a done command warns of: a code with the facts of its sentence."""

    code: str
    facts: dict[str, str | int | None] = {}


class Done(Record, frozen=True, kw_only=True):
    """The reply of a command that has nothing to tell but what it changed."""

    version: int | None = None
    """The row's version after the change, where one row was changed."""
    notices: list[Notice] = []


class Made(Record, frozen=True, kw_only=True):
    """The reply of a command that made one row."""

    key: int
    version: int = 1
    notices: list[Notice] = []


class Sort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order of a list: a field that the list offers, and its direction."""

    field: str
    descending: bool = False


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition on a field of a list; conditions of a filter hold together.

    `operator`: eq, ne, lt, le, gt, ge, in, contains, starts, empty, filled. `value` is a text,
    number, flag, or a list of them for `in`; moments and days as ISO text; nothing for `empty` and
    `filled`.
    """

    field: str
    operator: str = "eq"
    value: str | int | float | bool | list[str | int] | None = None


class Page(Record, Generic[Row], frozen=True, kw_only=True):
    """A piece of a list, and the key from which it goes on."""

    rows: list[Row]
    next: str | None = None
    """What to send as `after` for the rows that follow; None at the end."""
    total: int | None = None
    """All rows that fit the filter, when asked for with `count`."""
    marks: list[str] = []
    """What to send as `after` to jump: behind every so-manieth row, when asked with `marks`.

    Empty where the list is shorter than that, or too long to be measured at once.
    """


class ListQuery(
    Query[Page[Row]], Generic[Row], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A list: the server filters, sorts and pages by key."""

    where: list[Condition] = []
    sort: Sort | None = None
    after: str | None = None
    limit: int = 100
    count: bool = False
    deleted: bool = False
    """Show rows that are marked as deleted instead of the live ones."""
    marks: int = 0
    """With `count`: also tell the key behind every so-manieth row, for jumps in a long list."""


LARGEST_PAGE: Final = 1000


def reply_type(request: type[Request[Any]]) -> Any:
    """The type a request is answered with, as its class or one it is made from declares it."""
    for part in request.__mro__:
        for base in vars(part).get("__orig_bases__", ()):
            origin = get_origin(base)
            if origin is ListQuery:
                return Page[get_args(base)[0]]  # type: ignore[misc] # known at run time
            if origin in (Request, Query, Command):
                return get_args(base)[0]
    message = f"{request.__name__} names no reply"
    raise TypeError(message)


def is_command(request: type[Request[Any]]) -> bool:
    """The request changes something."""
    return issubclass(request, Command)


class Problem(Record, frozen=True, kw_only=True):
    """A refusal as it travels: the code, the facts of its sentence, what stands now.

    `present` is the row as it stands, for `STALE_EDIT`; `field` is the field of the request that
    the refusal is about, so that a form can show it there.
    """

    code: str
    facts: dict[str, str | int | None] = {}
    field: str | None = None
    present: Any = None
