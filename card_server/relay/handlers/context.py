"""What every handler is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection

from card_server.classifiers.records import Classifier
from card_server.ledger.facts import EditIds, IdSource
from card_server.ledger.lens import Lens
from card_server.ledger.posting_port import Posting
from card_server.ledger.rule_set import RuleSet
from card_server.messages.codes import CodeMessage
from card_server.relay.exchange import Answer
from card_server.relay.handlers.password_gate import PasswordGate
from card_server.relay.handlers.search_sets import SearchSets
from card_server.relay.limits import Limits
from shared.settings.declare import Setting

Done = Callable[[Answer], None]
T = TypeVar("T")


class Desk(Protocol):
    """The pipeline as handlers see it."""

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""

    @property
    def ids(self) -> EditIds:
        """Ids inside edits."""

    def post(self, posting: Posting[Any], done: Callable[[Any], None]) -> None:
        """Book, answer when durable."""

    def ask(self, posting: Posting[Any], done: Callable[[Any], None]) -> None:
        """Look with the group."""

    def edit(
        self, work: Callable[[Connection, datetime], Any], done: Callable[[Any], None]
    ) -> None:
        """Change in the group's transaction."""

    def read(self, work: Callable[[Connection], Any], done: Callable[[Any], None]) -> None:
        """Question in a worker thread."""

    def look(self, work: Callable[[Lens], Any], done: Callable[[Any], None]) -> None:
        """Look at holders and cards in a worker thread."""

    def lens(self, connection: Connection, rules: RuleSet) -> Lens:
        """The same look inside an edit."""

    def refuse_queued(self) -> None:
        """Answer what waits for its group with STOPPING; nothing of it was booked."""


class CodeSender(Protocol):
    """Takes one-time codes to guests; composed in `composition`."""

    def send(
        self, connection: Connection, ids: IdSource, message: CodeMessage, now: datetime
    ) -> None:
        """Send, or put in the queue of messages; CODE_NOT_SENT when there is no way."""


class Services(msgspec.Struct, kw_only=True):
    """Parts of the server behind some actions, each made once."""

    searches: SearchSets = msgspec.field(default_factory=SearchSets)
    passwords: PasswordGate = msgspec.field(default_factory=PasswordGate)
    codes: CodeSender | None = None


class Context(msgspec.Struct, kw_only=True):
    """One authenticated call."""

    classifier: Classifier
    rules: RuleSet
    desk: Desk
    limits: Limits
    message_id: str
    language: str
    unit_id: int | None
    division_id: int
    user: str
    peer: str
    reply_bytes: int | None = None
    """The transport's limit for one reply: a list is cut before it, by whole items."""
    services: Services = msgspec.field(default_factory=Services)

    def value(self, setting: Setting[T]) -> T:
        """A declared setting: the classifier's own, else the system's, else its default."""
        return self.rules.value(setting, self.classifier)
