"""Raw TCP on a relay connection: one request, one answer, then the end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.raw_tcp import RawReader, reply
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from card_server.relay.listener import Connection

log = structlog.get_logger(__name__)


class RawConversation:
    """One raw connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reader = RawReader(connection.limits)
        self._started_at = time.monotonic()
        self._header_at = 0.0
        self._size = 0
        self._asked = False
        self._answered = False
        self._quiet_timer: asyncio.TimerHandle | None = None

    @property
    def outstanding(self) -> int:
        """1 while the request is being answered."""
        return int(self._asked and not self._answered)

    def feed(self, data: bytes) -> None:
        """Collect until the request is whole; bytes behind it are thrown away (rule 7)."""
        if self._asked or self._answered:
            return
        self._size += len(data)
        try:
            self._reader.feed(data)
        except AppError as error:
            self._refuse(error)
            return
        if self._reader.header is not None and not self._header_at:
            self._header_at = time.monotonic()
        if not self._try():
            self._wait_for_quiet()

    def ended(self) -> None:
        """The sender closed its side: take what is there (rule 6)."""
        self._try(ended=True)

    def sweep(self, now: float) -> None:
        """The limits of time for header and body."""
        if self._asked or self._answered:
            return
        limits = self._connection.limits
        if not self._header_at:
            if now - self._started_at > limits.header_s:
                log.info("raw header was not complete in time", peer=self._connection.peer)
                self._connection.abort()
            return
        took = now - self._header_at
        slow = self._size < (took - limits.body_free_s) * limits.body_bytes_per_s
        if took > limits.body_s or slow:
            self._refuse(AppError(ErrorCode.REQUEST_TIMEOUT, seconds=int(took)))

    def lost(self) -> None:
        """The connection is gone."""
        if self._quiet_timer is not None:
            self._quiet_timer.cancel()
            self._quiet_timer = None

    # ------------------------------------------------------------------ inside

    def _wait_for_quiet(self) -> None:
        """Look again when nothing has come for a while (rule 5)."""
        if self._quiet_timer is None:
            loop = asyncio.get_running_loop()
            self._quiet_timer = loop.call_later(self._connection.limits.raw_quiet_s, self._quiet)

    def _quiet(self) -> None:
        self._quiet_timer = None
        if self._asked or self._answered:
            return
        quiet_s = self._connection.limits.raw_quiet_s
        silent_s = time.monotonic() - self._connection.read_at
        if silent_s >= quiet_s:
            self._try(quiet=True)
            return
        loop = asyncio.get_running_loop()
        self._quiet_timer = loop.call_later(quiet_s - silent_s + 0.001, self._quiet)

    @property
    def _message_id(self) -> str:
        header = self._reader.header
        return header.message_id if header is not None else "0"

    def _try(self, *, quiet: bool = False, ended: bool = False) -> bool:
        if self._asked or self._answered:
            return True
        body = self._reader.complete(quiet=quiet, ended=ended)
        if body is None:
            return False
        self._asked = True
        header = self._reader.header
        call = Call(
            body=body,
            transport=Transport.RAW,
            path_segments=(),
            query={},
            headers={"terminal-type": header.terminal_type if header is not None else ""},
            received_at=time.monotonic(),
            message_id=self._message_id,
            peer=self._connection.peer,
        )
        self._connection.server.answerer.submit(call, self._answer)
        return True

    def _refuse(self, error: AppError) -> None:
        self._answer(Answer(failure(error, self._message_id, "ru"), is_error=True))

    def _answer(self, answer: Answer) -> None:
        if self._answered:
            return
        self._answered = True
        connection = self._connection
        data = reply(
            answer.body,
            self._message_id,
            is_error=answer.is_error,
            now=connection.server.wall_clock(),
            charset="cp1251" if answer.windows_1251 else "utf-8",
        )
        connection.write(data)
        connection.finish()
