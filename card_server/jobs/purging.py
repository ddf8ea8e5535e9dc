"""`journal.purge`: what has been kept long enough goes, page by page (domain 1.11, 3.12).

Every subject says itself what of its tables may go and when; ledger tables are never among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, delete, or_

from card_server.db.purging import Gone, months_before, page_of
from card_server.divisions.repository import read_value
from card_server.jobs import tables
from card_server.jobs.running import Pass, Piece, RunContext, Work
from shared.settings import house

BETWEEN: Final = ":"
STANDING_KEPT: Final = timedelta(days=90)
"""Runs that a schedule started; some jobs run every minute."""


class Purge(Protocol):
    """Deletes one page of what may go; `after` is where the last one ended."""

    def __call__(self, connection: Connection, now: datetime, after: str, /) -> Gone:
        """How many rows went, and where to go on; nowhere at the end."""


def purge_work(stages: Mapping[str, Purge]) -> Work:
    """The work that runs these purges one after the other."""
    names = list(stages)

    def piece(how: Pass) -> Piece:
        name, _, after = (how.resume_at or names[0]).partition(BETWEEN)
        gone = stages[name](how.connection, how.now, after)
        if gone.next is not None:
            return Piece(resume_at=f"{name}{BETWEEN}{gone.next}", processed=gone.rows)
        following = names.index(name) + 1
        place = names[following] if following < len(names) else None
        return Piece(resume_at=place, processed=gone.rows)

    def work(context: RunContext) -> None:
        while context.piece(piece):
            pass

    return work


def purge_runs(connection: Connection, now: datetime, _after: str) -> Gone:
    """Runs of jobs with their errors; what people ordered stays as long as the journal."""
    run, error = tables.job_run, tables.job_item_error
    kept = months_before(now, read_value(connection, house.JOURNAL_KEEP))
    old = or_(
        run.c.ended_at < kept, run.c.ordered_by.is_(None) & (run.c.ended_at < now - STANDING_KEPT)
    )
    ids = page_of(connection, run.c.run_id, old)
    if ids:
        connection.execute(delete(error).where(error.c.run_id.in_(ids)))
        connection.execute(delete(run).where(run.c.run_id.in_(ids)))
    return Gone.of(ids)
