"""From a request to its reply: decode strictly, session, right, transaction, encode.

Synchronous and without sockets: the application runs it in a worker thread, tests call it as it
is. A bug becomes an incident number; the log has the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
import structlog
from sqlalchemy import Connection

from card_server.db.change_log import ChangeLog, Editor
from card_server.db.idempotency import fingerprint_of, keep_answer, stored_answer
from card_server.http.problems import problem, status_of
from card_server.http.routes import (
    Actor,
    Booking,
    Desk,
    Editing,
    Flow,
    Ids,
    Kind,
    Reading,
    Route,
)
from shared.wire.base import (
    OPERATION_ID_MAX,
    PUBLIC,
    SIGNED_IN,
    Command,
    Request,
    is_command,
    reply_type,
)
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
OK: Final = 200
WITHOUT_PASSWORD_CHANGE: Final = frozenset({"ChangePassword", "SignOut", "GetMe"})
"""What a user may ask for whose password must be changed first."""
SHORTEST_OPERATION_ID: Final = 8
LARGEST_NUMBER: Final = (1 << 63) - 1


class Sessions(Protocol):
    """Knows who a token belongs to."""

    def actor_of(self, token: str, now: datetime) -> Actor:
        """The user of a running session; `SESSION_LOST` for any other token."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came."""

    name: str
    body: bytes
    token: str = ""
    host: str = ""
    language: str = "ru"


class Replied(msgspec.Struct, frozen=True):
    """Status and JSON body."""

    status: int
    body: bytes


class Dispatcher:
    """The routes of all subjects and the way every request takes."""

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        desk: Desk,
        sessions: Sessions,
        clock: Callable[[], datetime],
        bump_rules: Callable[[Connection, datetime], object],
    ) -> None:
        self._desk = desk
        self._sessions = sessions
        self._clock = clock
        self._bump_rules = bump_rules
        self._routes = {route.request.__name__: route for route in routes}
        self._decoders = {
            name: msgspec.json.Decoder(route.request) for name, route in self._routes.items()
        }

    @property
    def routes(self) -> dict[str, Route]:
        """Route by the name of its request."""
        return self._routes

    def answer(self, asked: Asked) -> Replied:
        """The reply to one request, whatever happens."""
        request: Any = None
        actor = Actor(host=asked.host, language=asked.language)
        route = self._routes.get(asked.name)
        try:
            if route is None:
                raise AppError(ErrorCode.UNKNOWN_ACTION, action=asked.name[:60])  # noqa: TRY301 - every refusal is told below
            if len(asked.body) > route.request.largest_body:
                raise AppError(  # noqa: TRY301 - every refusal is told below
                    ErrorCode.REQUEST_TOO_LARGE, limit=route.request.largest_body
                )
            actor = self.actor(route.request, asked)
            request = self._decode(asked)
            return Replied(OK, self._run(route, request, actor))
        except AppError as error:
            return Replied(status_of(error.code), self._problem(error, route, request, actor))
        except Exception as error:
            reference = secrets.token_hex(4).upper()
            log.exception(
                "management request failed",
                request=asked.name,
                reference=reference,
                error=type(error).__name__,
            )
            incident = AppError(ErrorCode.INTERNAL, ref=reference)
            return Replied(status_of(incident.code), problem(incident))

    def actor(self, request: type[Request[Any]], asked: Asked) -> Actor:
        """Who asks, with the right that the request names."""
        nobody = Actor(host=asked.host, language=asked.language)
        if request.right == PUBLIC:
            return nobody
        actor = self._sessions.actor_of(asked.token, self._clock())
        actor = msgspec.structs.replace(actor, language=asked.language)
        if actor.must_change and request.__name__ not in WITHOUT_PASSWORD_CHANGE:
            raise AppError(ErrorCode.PASSWORD_FIRST)
        if request.right != SIGNED_IN:
            actor.need(request.right)
        return actor

    def _decode(self, asked: Asked) -> Any:
        try:
            asked.body.decode()
            request = self._decoders[asked.name].decode(asked.body or b"{}")
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `$")
            field = path.rstrip("`").lstrip(".") or what.rpartition("`")[0].rpartition("`")[2]
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=what) from error
        except RecursionError as error:
            raise AppError(ErrorCode.BAD_JSON, what="nested too deep") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AppError(ErrorCode.BAD_JSON, what=str(error)[:120]) from error
        check_values(request)
        if isinstance(request, Command):
            length = len(request.operation_id)
            if not SHORTEST_OPERATION_ID <= length <= OPERATION_ID_MAX:
                raise AppError(
                    ErrorCode.FIELD_BAD, field="operation_id", value=request.operation_id[:60]
                )
        return request

    # ------------------------------------------------------------------ running

    def _run(self, route: Route, request: Any, actor: Actor) -> bytes:
        if route.kind is Kind.QUESTION:
            now = self._clock()
            found = self._desk.read(
                lambda connection: route.run(
                    request, Reading(connection=connection, actor=actor, now=now)
                )
            )
            return msgspec.json.encode(found)
        if route.kind is Kind.FLOW:
            flow = Flow(desk=self._desk, actor=actor, clock=self._clock)
            return msgspec.json.encode(route.run(request, flow))
        if route.kind is Kind.BOOKING:
            return self._book(route, request, actor)
        return self._edit(route, request, actor)

    def _book(self, route: Route, request: Any, actor: Actor) -> bytes:
        """Book it; the answer of a key that was known goes to who used it first, to nobody else."""
        now = self._clock()
        outcome = self._desk.book(
            route.run(request, Booking(actor=actor, now=now, key=f"u:{request.operation_id}"))
        )
        author = route.author
        if author is not None and outcome.repeated:
            made_by = self._desk.read(
                lambda connection: author(
                    outcome, Reading(connection=connection, actor=actor, now=now)
                )
            )
            if made_by != actor.user_id:
                raise AppError(ErrorCode.KEY_CONFLICT, id=request.operation_id)
        return msgspec.json.encode(outcome if route.answer is None else route.answer(outcome))

    def _edit(self, route: Route, request: Any, actor: Actor) -> bytes:
        name = type(request).__name__
        meaning = msgspec.structs.replace(request, **dict.fromkeys(route.request.secrets, ""))
        fingerprint = fingerprint_of(name, msgspec.json.encode(meaning))
        prepared = route.prepare(request) if route.prepare is not None else None
        editor = Editor(
            user_id=actor.user_id or None,
            host=actor.host[:60] or None,
            application=actor.application[:30] or None,
            reason=(getattr(request, "reason", None) or "")[:255] or None,
        )

        def change(connection: Connection, now: datetime, ids: Ids) -> bytes:
            known = stored_answer(connection, request.operation_id, actor.user_id, fingerprint)
            if known is not None:
                return known
            how = Editing(
                connection=connection,
                actor=actor,
                now=now,
                ids=ids,
                log=ChangeLog(connection, ids, editor, now),
                prepared=prepared,
            )
            reply = msgspec.json.encode(route.run(request, how))
            if route.changes_rules:
                self._bump_rules(connection, now)
            keep_answer(
                connection,
                request.operation_id,
                actor.user_id,
                fingerprint,
                request=name,
                reply=reply,
                now=now,
            )
            return reply

        return self._desk.edit(change)

    def _problem(self, error: AppError, route: Route | None, request: Any, actor: Actor) -> bytes:
        """The refusal; a stale edit carries the row as it stands."""
        stale = error.code is ErrorCode.STALE_EDIT
        if not stale or route is None or route.present is None or request is None:
            return problem(error)
        show, now = route.present, self._clock()
        try:
            present = self._desk.read(
                lambda connection: show(
                    request, Reading(connection=connection, actor=actor, now=now)
                )
            )
        except AppError:
            return problem(error)
        return problem(error, msgspec.json.encode(present))


def check_values(value: Any, path: str = "") -> None:
    """Refuse what no database keeps: numbers of more than 64 bits, texts with a NUL."""
    if isinstance(value, int):
        if abs(value) > LARGEST_NUMBER:
            raise AppError(ErrorCode.FIELD_BAD, field=path, value=str(value)[:60])
    elif isinstance(value, str):
        if "\0" in value:
            raise AppError(ErrorCode.FIELD_BAD, field=path, value=value.replace("\0", "?")[:60])
    else:
        for name, part in _parts(value):
            check_values(part, f"{path}.{name}" if path and name else path or name)


def _parts(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        return [(name, getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, dict):
        return [("", part) for pair in value.items() for part in pair]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [("", part) for part in value]
    return []


def check_contract(routes: Iterable[Route]) -> list[str]:
    """What is wrong with a set of routes: doubles, kinds that do not fit, replies not named."""
    wrong: list[str] = []
    seen: set[str] = set()
    for route in routes:
        name = route.request.__name__
        if name in seen:
            wrong.append(f"{name} has two routes")
        seen.add(name)
        reply_type(route.request)
        command = is_command(route.request)
        if command != (route.kind is not Kind.QUESTION) and route.kind is not Kind.FLOW:
            wrong.append(f"{name} is {'a command' if command else 'a question'}")
    return wrong
