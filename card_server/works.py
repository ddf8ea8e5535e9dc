"""What each job of this server does, by its code: the works of all subjects in one table.

The registry stands below the subjects, so that ordering a run can be refused where nobody would
work it off; this room knows them all and fills it.
"""

from __future__ import annotations

from typing import Final

from card_server.cards import batches
from card_server.jobs.registry import WORKS
from card_server.jobs.running import Work
from card_server.ledger.card_issue import issue_cards
from card_server.ledger.card_undo import undo_issue

ORDERED: Final[dict[str, Work]] = {
    batches.ISSUE: issue_cards,
    batches.UNDO: undo_issue,
}
"""Jobs that only people order."""


def enter_works() -> None:
    """Fill the registry; a second time changes nothing."""
    WORKS.update(ORDERED)
