"""What each job of this server does, by its code: the works of all subjects in one table.

The registry stands below the subjects, so that ordering a run can be refused where nobody would
work it off; this room knows them all and fills it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from card_server.cards import batches
from card_server.cards.issuing import BONUS_JOB
from card_server.classifiers.purging import purge_codes, purge_holder_sessions
from card_server.coupons import release_work, releases
from card_server.coupons.standing_works import WORKS as COUPON_WORKS
from card_server.db.engine import DatabaseAddress
from card_server.exchange.purging import purge_imports
from card_server.exchange.routes import WORKS as IMPORT_WORKS
from card_server.holders.duplicates import search_all
from card_server.jobs import licence_check
from card_server.jobs.backup import backup_work
from card_server.jobs.purging import Purge, purge_runs, purge_work
from card_server.jobs.registry import RESUMABLE, WORKS
from card_server.jobs.running import Work
from card_server.ledger.card_bonus import book_bonus
from card_server.ledger.card_issue import issue_cards
from card_server.ledger.card_undo import undo_issue
from card_server.ledger.purging import purge_traces
from card_server.ledger.standing_works import WORKS as LEDGER_WORKS
from card_server.messages.purging import purge_texts
from card_server.users.purging import (
    purge_activity,
    purge_changes,
    purge_commands,
    purge_person_access,
    purge_sessions,
)

PURGES: Final[dict[str, Purge]] = {
    "sessions": purge_sessions,
    "holder_sessions": purge_holder_sessions,
    "codes": purge_codes,
    "commands": purge_commands,
    "runs": purge_runs,
    "changes": purge_changes,
    "activity": purge_activity,
    "person_access": purge_person_access,
    "traces": purge_traces,
    "messages": purge_texts,
    "imports": purge_imports,
}
"""What `journal.purge` does, in this order."""

ALL: Final[dict[str, Work]] = {
    "duplicates.find": search_all,
    batches.ISSUE: issue_cards,
    batches.UNDO: undo_issue,
    BONUS_JOB: book_bonus,
    **IMPORT_WORKS,
    **LEDGER_WORKS,
    **COUPON_WORKS,
    licence_check.CODE: licence_check.check_licences,
    "journal.purge": purge_work(PURGES),
    releases.ISSUE: release_work.issue_release,
    releases.UNDO: release_work.undo_release,
}


GOES_ON: Final[dict[str, str]] = {
    batches.ISSUE: "card.issue",
    batches.UNDO: "card.void",
    BONUS_JOB: "job.run",
}
"""Runs that may go on after they were cancelled or failed; imports have their own ways."""

QUICK: Final = frozenset({BONUS_JOB, "holds.expire", "lots.available"})
"""Guests and tills wait for these: they are worked off beside the long ones."""


def enter_works() -> None:
    """Fill the registry; a second time changes nothing."""
    WORKS.update(ALL)
    RESUMABLE.update(GOES_ON)


def enter_backup(address: DatabaseAddress, folder: Path) -> None:
    """The one work that has to know where the database lies and where copies go."""
    WORKS["backup"] = backup_work(address, folder)
