"""Posts the timeline through the ordinary ledger, group by group, with a clock that walks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from card_server.composition import open_ledger
from card_server.ledger.group import Edit, Group, Item
from card_server.ledger.posting_port import Posting
from card_server.ledger.rule_set import RuleSet
from shared.wire.errors import AppError, ErrorCode


class EnginePoster:
    """The server's own ledger on the demo's clock."""

    def __init__(self, engine: Engine, start: datetime) -> None:
        self._now = start
        self.ledger, self.connection = open_ledger(engine, lambda: self._now)
        self.ledger.guarded(lambda: self.ledger.rules)

    @property
    def rules(self) -> RuleSet:
        """The dictionaries in force."""
        return self.ledger.rules

    def post(self, now: datetime, postings: Sequence[Posting[Any]]) -> list[Any]:
        """Run one group at a moment."""
        return self._run(now, [_item(posting, None) for posting in postings])

    def edit(self, now: datetime, work: Edit[Any]) -> Any:
        """Run one ordinary change at a moment; a refusal is raised."""
        (outcome,) = self._run(now, [_item(None, work)])
        if isinstance(outcome, AppError):
            raise outcome
        return outcome

    def _run(self, now: datetime, items: list[Item]) -> list[Any]:
        self._now = now
        group = Group(items=items)
        self.ledger.run(group)
        for outcome in group.outcomes:
            if isinstance(outcome, AppError) and outcome.code is ErrorCode.INTERNAL:
                raise outcome
        return group.outcomes

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


def _item(posting: Posting[Any] | None, edit: Edit[Any] | None) -> Item:
    return Item(posting=posting, edit=edit, done=lambda _: None, queued_at=time.monotonic())
