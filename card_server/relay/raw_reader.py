"""Raw TCP on a relay connection: one request, one answer, then the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.raw_tcp import RawReader, reply
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from card_server.relay.listener import Connection


class RawConversation:
    """One raw connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reader = RawReader(connection.limits)
        self._started_at = time.monotonic()
        self._sent = False
        self.outstanding = 0

    def feed(self, data: bytes) -> None:
        """Collect until the request is whole; bytes behind it are thrown away."""
        if self._sent:
            return
        try:
            self._reader.feed(data)
        except AppError as error:
            self._answer(Answer(failure(error, "0", "ru"), is_error=True))
            return
        self._try()

    def ended(self) -> None:
        """The sender closed its side: take what is there (rule 6)."""
        self._try(ended=True)

    def sweep(self, now: float) -> None:
        """Quiet after a closing tag (rule 5), and the limits of time."""
        if self._sent:
            return
        limits = self._connection.limits
        quiet = now - self._connection.read_at >= limits.raw_quiet_s
        if quiet and self._try(quiet=True):
            return
        limit = limits.header_s if self._reader.header is None else limits.body_s
        if now - self._started_at > limit:
            error = AppError(ErrorCode.REQUEST_TIMEOUT, seconds=int(limit))
            self._answer(Answer(failure(error, self._message_id(), "ru"), is_error=True))

    def _message_id(self) -> str:
        header = self._reader.header
        return header.message_id if header is not None else "0"

    def _try(self, *, quiet: bool = False, ended: bool = False) -> bool:
        if self._sent:
            return True
        body = self._reader.complete(quiet=quiet, ended=ended)
        if body is None:
            return False
        self._sent = True
        self.outstanding = 1
        header = self._reader.header
        server = self._connection.server
        if server.stopping:
            text = failure(AppError(ErrorCode.STOPPING), self._message_id(), "ru")
            self._answer(Answer(text, is_error=True))
            return True
        call = Call(
            body=body,
            transport=Transport.RAW,
            path_segments=(),
            query={},
            headers={"terminal-type": header.terminal_type if header is not None else ""},
            received_at=time.monotonic(),
            message_id=self._message_id(),
            peer=self._connection.peer,
        )
        server.answerer.submit(call, self._answer)
        return True

    def _answer(self, answer: Answer) -> None:
        self._sent = True
        self.outstanding = 0
        connection = self._connection
        connection.write(
            reply(
                answer.body,
                self._message_id(),
                is_error=answer.is_error,
                now=connection.server.wall_clock(),
                charset="cp1251" if answer.windows_1251 else "utf-8",
                limit=connection.limits.raw_reply_bytes,
            )
        )
        connection.finish()
