"""Calls that wait for their answer: each gets exactly one, late or not (crm-xml.md 12).

A handler that answers twice is heard once; one that never answers is answered for after
`limits.request_s`, so that no caller waits longer than its own patience lasts.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from card_server.relay.exchange import Answer, Call, Done
from card_server.relay.farcards_forms import XML_FORM, Form
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)

LOOKS: Final = 20
"""How often within the time limit the clock is looked at."""

LONGEST_PAUSE_S: Final = 1.0


class Waiting:
    """One call until it is answered; it is itself what takes the answer."""

    __slots__ = ("_done", "call", "form", "function", "language", "windows_1251")

    def __init__(self, call: Call, done: Done) -> None:
        self.call = call
        self._done: Done | None = done
        self.function: str | None = None
        """The Farcards function; None for the XML API."""
        self.form: Form = XML_FORM
        """How a Farcards function is answered."""
        self.language = "ru"
        self.windows_1251 = False

    @property
    def is_answered(self) -> bool:
        """The caller has its answer."""
        return self._done is None

    def __call__(self, answer: Answer) -> None:
        """Hand the answer on; only the first counts."""
        done, self._done = self._done, None
        if done is None:
            log.info("an answer came after the caller was answered", peer=self.call.peer)
            return
        if self.windows_1251:
            answer = msgspec.structs.replace(answer, windows_1251=True)
        done(answer)


class WaitingRoom:
    """All calls that wait, oldest first."""

    def __init__(
        self,
        limit_s: float,
        loop: asyncio.AbstractEventLoop,
        refuse: Callable[[Waiting, AppError], None],
    ) -> None:
        self._limit_s = limit_s
        self._loop = loop
        self._refuse = refuse
        self._row: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(not waiting.is_answered for waiting in self._row)

    def enter(self, call: Call, done: Done) -> Waiting:
        """A call was taken."""
        waiting = Waiting(call, done)
        self._row.append(waiting)
        if self._timer is None:
            self._arm()
        return waiting

    def give_up(self, error: AppError) -> None:
        """Answer every call that waits with a refusal."""
        while self._row:
            waiting = self._row.popleft()
            if not waiting.is_answered:
                self._refuse(waiting, error)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        pause_s = min(LONGEST_PAUSE_S, self._limit_s / LOOKS)
        self._timer = self._loop.call_later(pause_s, self._look)

    def _look(self) -> None:
        self._timer = None
        oldest = time.monotonic() - self._limit_s
        while self._row and (self._row[0].is_answered or self._row[0].call.received_at < oldest):
            waiting = self._row.popleft()
            if not waiting.is_answered:
                log.warning("processing took too long", peer=waiting.call.peer)
                self._refuse(waiting, AppError(ErrorCode.PROCESSING_TIMEOUT))
        if self._row:
            self._arm()
