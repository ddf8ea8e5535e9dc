"""The change of level as an operation of its own, up with its reward and down (domain 3.11).

What was measured is read outside the ledger's group, so a command says what it saw: if an account
has moved since, nothing is changed and the account is measured anew. Every account and business
day has its key, so a page may be posted twice or in smaller pieces.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from card_server.accounts.records import ACCOUNT_ACTIVE, ACCOUNT_CLOSED, Account
from card_server.ledger.book import SUITE, Book, Draft
from card_server.ledger.crediting import credit
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.level_rules import CAUSE_THRESHOLD, Step, ladder_of, next_step
from card_server.ledger.records import LevelHistory, OperationKind, Purpose
from card_server.ledger.settling import settle, suite_draft
from card_server.schemes.records import Level

LEVELS_RECALC: Final = "levels.recalc"
REWARD_NOT_BOOKED: Final = "reward not booked"


class Seen(msgspec.Struct, frozen=True):
    """How an account stood when it was measured."""

    account_id: int
    balance: int
    last_operation_at: datetime | None


class Measured(msgspec.Struct, kw_only=True, frozen=True):
    """An account with levels and what was measured for it."""

    account_id: int
    level_id: int | None
    measures: dict[int, int]
    """By measured account type."""
    seen: tuple[Seen, ...] = ()
    """The accounts that were measured."""
    reached: frozenset[int] = frozenset()
    """Levels that the account has had; their rewards are not given again."""


class LevelOutcome(msgspec.Struct, kw_only=True):
    """What a page came to."""

    processed: int
    operations: list[int] = []
    moved: list[int] = []
    """Accounts that changed while they were measured: to be measured again."""


class ChangeLevels(msgspec.Struct, kw_only=True, frozen=True):
    """Bring these accounts to the level of their measure, each by an operation of its own."""

    measured: tuple[Measured, ...]
    today: date

    @property
    def exclusive(self) -> frozenset[str]:
        """An account is changed by one command of a group."""
        return frozenset(f"{LEVELS_RECALC}:{one.account_id}" for one in self.measured)

    def wants(self) -> Wants:
        """The accounts with those of the same guests, and the keys of the day."""
        keys = {(SUITE, self._key(one.account_id)) for one in self.measured}
        return Wants(accounts={one.account_id for one in self.measured}, keys=keys)

    def more(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Lots of accounts that may get a reward."""
        lots = set()
        types = {level.reward_type_id for level in book.rules.levels.values() if level.reward}
        for one in self.measured:
            if book.has_account(one.account_id):
                holder_id = book.account(one.account_id).holder_id or 0
                mine = book.accounts_of(holder_id)
                lots |= {each.account_id for each in mine if each.account_type_id in types}
        return Wants(lots=lots)

    def decide(self, facts: Facts, book: Book) -> LevelOutcome:
        """Change what is due; what moved meanwhile is left for another look."""
        outcome = LevelOutcome(processed=len(self.measured))
        for one in self.measured:
            if not book.has_account(one.account_id):
                continue
            account = book.account(one.account_id)
            if not _stands(book, account, one):
                outcome.moved.append(one.account_id)
                continue
            step = self._step(book, account, one)
            if step is not None:
                key = self._key(account.account_id)
                attempt = len(facts.keys.get((SUITE, key), [])) + 1
                outcome.operations.append(self._change(book, account, one, step, attempt))
        return outcome

    def _step(self, book: Book, account: Account, one: Measured) -> Step | None:
        if account.state == ACCOUNT_CLOSED:
            return None
        ladder = ladder_of(book.rules.levels, account.account_type_id)
        return next_step(account, book.type_of(account), ladder, one.measures, self.today)

    def _change(
        self, book: Book, account: Account, one: Measured, step: Step, attempt_no: int
    ) -> int:
        level = step.level
        reward = _reward_account(book, account, level) if _is_due(one, step) else None
        if reward is not None:
            settle(book, reward)
        draft = suite_draft(
            book, account, OperationKind.LEVEL_CHANGE, self._key(account.account_id)
        )
        operation = draft.operation
        operation.attempt_no = attempt_no
        draft.trace["level"] = {"id": account.level_id, "measures": _by_text(one.measures)}
        draft.trace["level_after"] = {"id": level.level_id, "cause": step.cause}
        book.rows.level_history.append(
            LevelHistory(
                account_id=account.account_id,
                operation_id=operation.operation_id,
                old_level_id=account.level_id,
                new_level_id=level.level_id,
                cause=step.cause,
                measure=step.measure,
                effective_at=book.now,
            )
        )
        kept = self.today + timedelta(days=level.keep_days) if level.keep_days else None
        book.set_account(account, "level_id", level.level_id)
        book.set_account(account, "level_since", self.today)
        book.set_account(account, "level_keep_until", kept)
        if _is_due(one, step):
            _give(book, draft, reward, level)
        book.accept(draft)
        return operation.operation_id

    def _key(self, account_id: int) -> str:
        return f"j:{LEVELS_RECALC}:{self.today.isoformat()}:{account_id}"


def _is_due(one: Measured, step: Step) -> bool:
    """The first arrival from below brings the level's reward."""
    level = step.level
    return step.cause == CAUSE_THRESHOLD and level.reward > 0 and level.level_id not in one.reached


def _reward_account(book: Book, account: Account, level: Level) -> Account | None:
    """Where the reward goes; opened if the guest has none. None if that account takes nothing."""
    kind = book.rules.account_types.get(level.reward_type_id or 0)
    if kind is None or account.holder_id is None:
        return None
    found = book.account_of_type(account.holder_id, kind.account_type_id)
    if found is None:
        return book.open_account(account.holder_id, kind)
    return found if found.state == ACCOUNT_ACTIVE else None


def _give(book: Book, draft: Draft, account: Account | None, level: Level) -> None:
    if account is None:
        note = {"what": REWARD_NOT_BOOKED, "type": level.reward_type_id, "amount": level.reward}
        draft.trace.setdefault("warnings", []).append(note)
        return
    credit(book, draft, account, level.reward, Purpose.LEVEL_REWARD, level_id=level.level_id)


def _stands(book: Book, account: Account, one: Measured) -> bool:
    """Nothing that was measured has moved since."""
    if account.level_id != one.level_id:
        return False
    for seen in one.seen:
        if not book.has_account(seen.account_id):
            return False
        now = book.account(seen.account_id)
        if (now.balance, now.last_operation_at) != (seen.balance, seen.last_operation_at):
            return False
    return True


def _by_text(measures: dict[int, int]) -> dict[str, int]:
    return {str(type_id): sum_ for type_id, sum_ in sorted(measures.items())}
