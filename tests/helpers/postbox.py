"""Where one-time codes go in tests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from card_server.ledger.facts import IdSource
from card_server.messages.codes import CodeMessage


class Postbox:
    """A sender that keeps what it was given."""

    def __init__(self) -> None:
        self.messages: list[CodeMessage] = []

    def send(
        self, connection: Connection, ids: IdSource, message: CodeMessage, now: datetime
    ) -> None:
        """Keep the message."""
        assert connection.in_transaction()
        assert message.not_after > now
        assert ids is not None
        self.messages.append(message)

    @property
    def code(self) -> str:
        """The last code."""
        return self.messages[-1].code
