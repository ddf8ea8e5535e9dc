"""Standing commands of the ledger: burn what is due, end holds past their moment (domain 3.12).

A job asks `due_accounts` or `due_holds` for the next page, posts one `ExpireLots` or `ExpireHolds`
with it, and remembers the last id as the place to go on from. Every account and hold has its own
key (job, business date, subject), so a page may be posted twice, or in smaller pieces, and each
page is its own transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.book import SUITE, Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.records import HoldState
from card_server.ledger.settling import due_lots, end_due_holds, settle

PAGE: Final = 200
"""Accounts in one command at most: a page must not keep tills waiting."""
LOTS_EXPIRE: Final = "lots.expire"
HOLDS_EXPIRE: Final = "holds.expire"


class StandingOutcome(msgspec.Struct, kw_only=True):
    """What a page came to."""

    processed: int
    """Accounts looked at."""
    operations: list[int] = []
    """Operations made now; none where the key had done its work."""


class ExpireLots(msgspec.Struct, kw_only=True, frozen=True):
    """Burn the due lots of these accounts, one operation each, and renew all their lot caches."""

    account_ids: tuple[int, ...]

    @property
    def exclusive(self) -> frozenset[str]:
        """An account is settled by one command of a group."""
        return frozenset(f"{LOTS_EXPIRE}:{account_id}" for account_id in self.account_ids)

    def wants(self) -> Wants:
        """The accounts."""
        return Wants(accounts=set(self.account_ids))

    def more(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Their lots, and whether the business day's key is used."""
        found = {i for i in self.account_ids if book.has_account(i)}
        keys = {(SUITE, _key(book, LOTS_EXPIRE, account_id)) for account_id in found}
        return Wants(lots=found, keys=keys)

    def decide(self, facts: Facts, book: Book) -> StandingOutcome:
        """Settle every account; caches are written also where nothing burnt."""
        made: list[int] = []
        done = [i for i in self.account_ids if book.has_account(i)]
        for account_id in done:
            account = book.account(account_id)
            end_due_holds(book, account)
            key = _key(book, LOTS_EXPIRE, account_id)
            attempt = len(facts.keys.get((SUITE, key), [])) + 1
            job = key if due_lots(book, account) else ""
            operation = settle(book, account, job)
            if operation is not None:
                operation.attempt_no = attempt if job else 1
                made.append(operation.operation_id)
        book.renewed = True
        return StandingOutcome(processed=len(done), operations=made)


class ExpireHolds(msgspec.Struct, kw_only=True, frozen=True):
    """End these holds if their moment has passed; others of the same accounts too."""

    hold_ids: tuple[int, ...]

    @property
    def exclusive(self) -> frozenset[str]:
        """A hold is ended by one command of a group."""
        return frozenset(f"{HOLDS_EXPIRE}:{hold_id}" for hold_id in self.hold_ids)

    def wants(self) -> Wants:
        """The holds with their accounts."""
        return Wants(holds=set(self.hold_ids))

    def more(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Lots of the accounts, because value that was pinned may be due."""
        return Wants(lots={facts.holds[i].account_id for i in self.hold_ids if i in facts.holds})

    def decide(self, facts: Facts, book: Book) -> StandingOutcome:
        """End what is due; what a hold kept past its date burns at once."""
        made: list[int] = []
        holds = [facts.holds[i] for i in self.hold_ids if i in facts.holds]
        for account_id in dict.fromkeys(hold.account_id for hold in holds):
            account = book.account(account_id)
            ended = end_due_holds(book, account)
            made += [operation.operation_id for operation in ended]
            if ended and (burnt := settle(book, account)) is not None:
                made.append(burnt.operation_id)
        return StandingOutcome(processed=len(holds), operations=made)


def _key(book: Book, job: str, subject: int) -> str:
    day = book.zone(SUITE).business_date(book.now)
    return f"j:{job}:{day.isoformat()}:{subject}"


def due_accounts(
    connection: Connection, now: datetime, after: int = 0, limit: int = PAGE
) -> list[int]:
    """The next accounts of which a lot became available or due, by id."""
    account = account_tables.account
    statement = (
        select(account.c.account_id)
        .where(
            account.c.next_lot_event_at.is_not(None),
            account.c.next_lot_event_at <= now,
            account.c.account_id > after,
        )
        .order_by(account.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def due_holds(
    connection: Connection, now: datetime, after: int = 0, limit: int = PAGE
) -> list[int]:
    """The next open holds past their moment, by id."""
    hold = tables.hold
    statement = (
        select(hold.c.hold_id)
        .where(
            hold.c.state.in_([HoldState.OPEN, HoldState.PART_CAPTURED]),
            hold.c.expires_at <= now,
            hold.c.hold_id > after,
        )
        .order_by(hold.c.hold_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())
