"""The standing job `licence.check`: counts, and brings licences to their states (domain 2.10)."""

from __future__ import annotations

from typing import Final

from card_server.jobs.running import Pass, Piece, RunContext
from card_server.licences.repository import count_now
from card_server.licences.service import settle

CODE: Final = "licence.check"


def check_licences(context: RunContext) -> None:
    """Twice on one day is once."""
    counts = context.desk.read(count_now)

    def piece(how: Pass) -> Piece:
        settle(how.connection, how.log, counts, how.now)
        return Piece(resume_at=None, processed=1)

    context.piece(piece)
