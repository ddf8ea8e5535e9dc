"""What every page is given: client, user and rights, errands, news, memory, messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from shared.client.client import Client
from shared.i18n.error_texts import window_text
from shared.i18n.formats import local
from shared.i18n.texts import Text, language, tr
from shared.ui.courier import Courier, Errand, Refusals, Work, away
from shared.ui.live import Live
from shared.ui.memory import Memory
from shared.ui.names import Names
from shared.ui.theme import Tone
from shared.wire.base import Request
from shared.wire.errors import AppError, ErrorCode
from shared.wire.users import Me

R = TypeVar("R")
BUG = tr(
    "Ошибка в программе: {kind}. Введённое осталось на месте; сообщите об этом в поддержку",
    "A fault in the program: {kind}. What you typed is still there; please tell support",
)


def sentence(error: AppError) -> str:
    """A refusal as its reader reads it."""
    return window_text(error.code, language(), error.facts)


def system_now() -> datetime:
    """The moment by the computer's clock."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock of the windows


class Workplace(QObject):
    """One signed-in person at one server."""

    said = Signal(str, object)
    """A message for the person, with its `Tone`."""
    me_changed = Signal()
    """Rights or the user changed: what may not be done any more disappears."""

    def __init__(
        self,
        client: Client,
        memory: Memory,
        *,
        clock: Callable[[], datetime] = system_now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.client = client
        self.memory = memory
        self.clock = clock
        self.courier = Courier(self.refuse, self.bug, self)
        self.live = Live(self)
        self.names = Names(self)
        self.sign_in_again: Callable[[], Awaitable[object]] | None = None
        """Waits until the person has signed in again; set by the frame."""

    @property
    def me(self) -> Me:
        """Who is signed in."""
        if self.client.me is None:
            raise AppError(ErrorCode.SESSION_LOST)
        return self.client.me

    @property
    def today(self) -> date:
        """The day on the wall."""
        return local(self.clock()).date()

    def may(self, right: str) -> bool:
        """The user has the right."""
        return right in ("", "public", "signed_in") or right in self.me.rights

    # ------------------------------------------------------------------ asking

    async def ask(self, request: Request[R]) -> R:
        """The reply of the server; after a lost session the person signs in and it goes on."""
        while True:
            try:
                return await away(self.client.ask, request)
            except AppError as error:
                if error.code is not ErrorCode.SESSION_LOST or self.sign_in_again is None:
                    raise
            await self.sign_in_again()

    def start(
        self,
        owner: QObject,
        work: Work,
        *,
        lane: str | None = None,
        refused: Refusals | None = None,
    ) -> Errand:
        """Begin an errand (see `Courier.start`)."""
        return self.courier.start(owner, work, lane=lane, refused=refused)

    # ------------------------------------------------------------------ telling

    def say(self, text: Text | str, tone: Tone = Tone.GOOD) -> None:
        """Tell the person something."""
        self.said.emit(str(text), tone)

    def refuse(self, error: AppError) -> None:
        """Tell a refusal that nobody else shows."""
        self.said.emit(sentence(error), Tone.BAD)

    def bug(self, error: BaseException) -> None:
        """Tell that the program has a fault."""
        self.said.emit(BUG.of(kind=type(error).__name__), Tone.BAD)

    def close(self) -> None:
        """Stop following and asking."""
        self.live.stop()
        self.courier.close()
        self.client.close()
