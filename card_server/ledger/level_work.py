"""The daily recalculation of levels: measured page by page, changed account by account (3.12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from card_server.jobs.running import RunContext
from card_server.ledger.head_checking import system_zone
from card_server.ledger.level_reading import Ladders, due_changes, laddered_accounts, ladders_of
from card_server.ledger.levels import ChangeLevels, Measured
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.rule_set import RuleSet

PAGE: Final = 500
"""Accounts measured by one look; only those whose level changes are posted."""
POSTED: Final = 50
"""Accounts in one posting: tills have their turn between two."""
LOOKS: Final = 3
"""How often an account that sells all the time is measured; then it waits for the next run."""


def recalculate_levels(context: RunContext) -> None:
    """Bring every account to the level of its measure, or leave it while its time runs."""
    rules = context.desk.read(load_rules)
    today = context.desk.read(system_zone).business_date(context.begun_at)
    ladders = ladders_of(rules)
    if not ladders:
        return
    while True:
        ids = _page(context, ladders)
        if not ids:
            return
        _bring(context, rules, ids, today)
        context.note(processed=len(ids), resume_at=str(ids[-1]))


def _page(context: RunContext, ladders: Ladders) -> list[int]:
    after = int(context.resume_at or 0)
    return context.desk.read(lambda connection: laddered_accounts(connection, ladders, after, PAGE))


def _bring(context: RunContext, rules: RuleSet, ids: Sequence[int], today: date) -> None:
    """Measure, change what is due, and measure again what moved meanwhile."""
    left = list(ids)
    for _ in range(LOOKS):
        due = _due(context, rules, left, today)
        left = []
        for start in range(0, len(due), POSTED):
            part = tuple(due[start : start + POSTED])
            left += context.book(ChangeLevels(measured=part, today=today)).moved
        if not left:
            return


def _due(context: RunContext, rules: RuleSet, ids: Sequence[int], today: date) -> list[Measured]:
    """Those of the accounts whose level is not that of their measure."""

    def look(connection: Connection) -> list[Measured]:
        return due_changes(connection, rules, ids, today)

    return context.desk.read(look)
