"""The management port: HTTP in front of the dispatcher, on a thread and loop of its own.

Requests run in worker threads, programs that follow the change feed wait on the loop and cost no
thread. No request of a manager stands in a cashier's way: the relay has another loop.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Thread
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as Path

from card_server.http.change_feed import ChangeFeed
from card_server.http.dispatch import Asked, Dispatcher
from card_server.http.openapi import openapi_document
from card_server.http.problems import problem, status_of
from shared.hosting.ports import bind
from shared.wire.changes import FollowChanges
from shared.wire.errors import AppError, ErrorCode

JSON: Final = "application/json"
WORKERS: Final = 8
LARGEST_BODY: Final = 64 << 20
FOLLOW: Final = FollowChanges.__name__
READY_S: Final = 10.0
BACKLOG: Final = 256

Health = Callable[[], dict[str, object]]


class ManagementApp:
    """The requests of the port; `asgi` is what the HTTP server runs."""

    def __init__(
        self, dispatcher: Dispatcher, feed: ChangeFeed, health: Health, workers: Executor
    ) -> None:
        self._dispatcher = dispatcher
        self._feed = feed
        self._health = health
        self._workers = workers
        self._contract: bytes | None = None
        self.asgi = Starlette(
            routes=[
                Path("/v1/openapi.json", self._show_contract, methods=["GET"]),
                Path("/v1/{name}", self._ask, methods=["POST"]),
                Path("/health", self._show_health, methods=["GET"]),
            ]
        )

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    async def _ask(self, request: Request) -> Response:
        asked = await _read(request)
        if isinstance(asked, AppError):
            return _refused(asked)
        if asked.name == FOLLOW:
            return await self._follow(asked)
        replied = await self._in_thread(lambda: self._dispatcher.answer(asked))
        return Response(replied.body, status_code=replied.status, media_type=JSON)

    async def _follow(self, asked: Asked) -> Response:
        try:
            actor = await self._in_thread(lambda: self._dispatcher.actor(FollowChanges, asked))
            follow = msgspec.json.decode(asked.body or b"{}", type=FollowChanges)
            told = await self._feed.follow(actor, follow.after, follow.wait_s, self._in_thread)
        except msgspec.DecodeError as error:
            return _refused(AppError(ErrorCode.BAD_JSON, what=str(error)[:120]))
        except AppError as error:
            return _refused(error)
        return Response(msgspec.json.encode(told), media_type=JSON)

    async def _show_health(self, _request: Request) -> Response:
        return Response(msgspec.json.encode(self._health()), media_type=JSON)

    async def _show_contract(self, _request: Request) -> Response:
        if self._contract is None:
            routes = self._dispatcher.routes.values()
            document = openapi_document([*(route.request for route in routes), FollowChanges])
            self._contract = msgspec.json.encode(document)
        return Response(self._contract, media_type=JSON)


async def _read(request: Request) -> Asked | AppError:
    """The request as the dispatcher takes it; its body within the bound of the port."""
    declared = request.headers.get("content-length", "")
    too_large = AppError(ErrorCode.REQUEST_TOO_LARGE, limit=LARGEST_BODY)
    if declared.isascii() and declared.isdigit() and int(declared) > LARGEST_BODY:
        return too_large
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BODY:
                return too_large
    except ClientDisconnect:
        return AppError(ErrorCode.REQUEST_TIMEOUT, seconds=0)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    language = request.headers.get("accept-language", "ru")[:2].lower()
    return Asked(
        name=request.path_params["name"],
        body=bytes(body),
        token=token.strip() if scheme.lower() == "bearer" else "",
        host=request.client.host if request.client is not None else "",
        language="en" if language == "en" else "ru",
    )


def _refused(error: AppError) -> Response:
    return Response(problem(error), status_code=status_of(error.code), media_type=JSON)


class ManagementServer:
    """Opens and closes the port; the server runs on a thread with a loop of its own."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        feed: ChangeFeed,
        health: Health,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._feed = feed
        self._workers = ThreadPoolExecutor(WORKERS, "management")
        self._app = ManagementApp(dispatcher, feed, health, self._workers)
        self._tls = tls
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chooses for 0. Raises as `bind` does."""
        sockets = bind(host, port)
        for listening in sockets:
            listening.listen(BACKLOG)
        config = uvicorn.Config(
            self._app.asgi,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
            loop="asyncio",
        )
        config.load()
        config.ssl = self._tls  # uvicorn would read files, and of PEM only
        self._server = uvicorn.Server(config)
        opened: int = sockets[0].getsockname()[1]
        self._thread = Thread(target=self._serve, args=(sockets,), name="management", daemon=True)
        self._thread.start()
        return opened

    def _serve(self, sockets: list[socket.socket]) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            if self._server is not None:
                await self._server.serve(sockets=sockets)

        asyncio.run(main())

    def close(self) -> None:
        """Let waiting programs go, finish what runs, close the port."""
        server, loop, thread = self._server, self._loop, self._thread
        if server is not None:
            server.should_exit = True
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._feed.close)
        if thread is not None:
            thread.join(READY_S)
        self._workers.shutdown(wait=False, cancel_futures=True)
