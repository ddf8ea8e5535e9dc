"""The typed client: an instance of a request class goes in, its reply comes out, or a refusal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar, cast

import msgspec

from shared.client.connection import ANSWER_S, Connections, Server, Unreachable
from shared.wire.base import Command, ListQuery, Page, Problem, Request, reply_type
from shared.wire.errors import AppError, ErrorCode
from shared.wire.users import Me, SignedIn, SignIn

R = TypeVar("R")
Row = TypeVar("Row")
PAUSES_S: Final = (0.2, 0.5, 1.0)
OK: Final = 200


def new_operation_id() -> str:
    """A key for a command: made when the form opens, kept across retries."""
    return str(uuid.uuid4())


class Refused(AppError):  # noqa: N818 - it is a refusal with a code, not a bug
    """A refusal of the server, with the row as it stands where the edit was stale."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(code_of(problem.code), **problem.facts)
        self.status = status
        self.field = problem.field
        self._present = problem.present

    def present(self, record: type[R]) -> R | None:
        """The row as it stands now, for `STALE_EDIT`."""
        if self._present is None:
            return None
        return msgspec.convert(self._present, type=record)


def code_of(text: str) -> ErrorCode:
    """A code by its name; one that this program does not know yet is an internal error to it."""
    try:
        return ErrorCode(text)
    except ValueError:
        return ErrorCode.INTERNAL


class Client:
    """Asks one server in the name of one session; safe for threads."""

    def __init__(
        self,
        server: Server,
        *,
        application: str,
        language: str = "ru",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self._application = application
        self._language = language
        self._sleep = sleep
        self._token = ""
        self._connections = Connections(server)
        self._decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
        self.me: Me | None = None

    def sign_in(self, login: str, password: str, code: str | None = None) -> Me:
        """Open a session; later requests go out in its name."""
        request = SignIn(login=login, password=password, code=code, application=self._application)
        signed: SignedIn = self.ask(request)
        self._token = signed.token
        self.me = signed.me
        return signed.me

    def twin(self) -> Client:
        """A second client of the same session, for a request that waits."""
        twin = Client(
            self.server,
            application=self._application,
            language=self._language,
            sleep=self._sleep,
        )
        twin._token = self._token
        twin.me = self.me
        return twin

    def ask(self, request: Request[R], *, timeout_s: float = ANSWER_S) -> R:
        """The reply to a request; raises `Refused`, or `Unreachable` when nobody answers.

        A command is sent again when the connection broke: its operation id makes that harmless.
        """
        body = msgspec.json.encode(request)
        path = f"/v1/{type(request).__name__}"
        headers = {
            "Content-Type": "application/json",
            "Accept-Language": self._language,
            "Authorization": f"Bearer {self._token}",
        }
        status, found = self._send(request, path, body, headers, timeout_s)
        if status != OK:
            raise self._refusal(status, found)
        try:
            return cast("R", self._decoder(type(request)).decode(found))
        except msgspec.DecodeError as error:
            raise AppError(
                ErrorCode.SERVER_UNREACHABLE, server=self.server.shown, why=str(error)[:120]
            ) from error

    def _send(
        self,
        request: Request[Any],
        path: str,
        body: bytes,
        headers: dict[str, str],
        timeout_s: float,
    ) -> tuple[int, bytes]:
        pauses = PAUSES_S if isinstance(request, Command) else PAUSES_S[:1]
        for pause in pauses:
            try:
                return self._connections.post(path, body, headers, timeout_s)
            except Unreachable as error:
                if not error.sent:
                    raise
            self._sleep(pause)
        return self._connections.post(path, body, headers, timeout_s)

    def _refusal(self, status: int, body: bytes) -> AppError:
        try:
            return Refused(msgspec.json.decode(body, type=Problem), status)
        except msgspec.DecodeError:
            why = f"HTTP {status}"
            return AppError(ErrorCode.SERVER_UNREACHABLE, server=self.server.shown, why=why)

    def _decoder(self, request: type[Request[Any]]) -> msgspec.json.Decoder[Any]:
        found = self._decoders.get(request)
        if found is None:
            found = self._decoders[request] = msgspec.json.Decoder(reply_type(request))
        return found

    def pages(self, query: ListQuery[Row]) -> Iterator[Page[Row]]:
        """All pages of a list, one after the other."""
        while True:
            page: Page[Row] = self.ask(query)
            yield page
            if page.next is None:
                return
            query = msgspec.structs.replace(query, after=page.next, count=False)

    def close(self) -> None:
        """Close the connections; the session on the server goes on until it is idle."""
        self._connections.close()
