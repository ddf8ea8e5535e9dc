"""Rows and files of old imports go: they are guests' data kept a second time (domain 1.3, 3.12).

What a batch came to stays in the history. An import that nobody finished is forgotten after a
month; a finished one keeps its rows as long as the journal, for its undo and its error file.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, exists, or_, select

from card_server.db.purging import AGAIN, PAGE, Gone, months_before
from card_server.divisions.repository import read_value
from card_server.exchange import repository, tables
from shared.settings import house
from shared.wire import imports as wire

ABANDONED: Final = timedelta(days=30)
UNFINISHED: Final = (wire.RECEIVING, wire.LOADED, wire.CHECKED)
_batch, _row, _piece = tables.import_batch, tables.import_row, tables.import_piece


def purge_imports(connection: Connection, now: datetime, _after: str) -> Gone:
    """Delete the next rows, then the file, of the oldest batch that is old enough."""
    kept = months_before(now, read_value(connection, house.JOURNAL_KEEP))
    is_unfinished = _batch.c.state.in_(UNFINISHED)
    old = or_(
        and_(is_unfinished, _batch.c.created_at < now - ABANDONED),
        and_(~is_unfinished, _batch.c.created_at < kept),
    )
    full = or_(
        exists().where(_row.c.batch_id == _batch.c.batch_id),
        exists().where(_piece.c.batch_id == _batch.c.batch_id),
    )
    batch_id = connection.execute(
        select(_batch.c.batch_id).where(old, full).order_by(_batch.c.batch_id).limit(1)
    ).scalar()
    if batch_id is None:
        return Gone(0)
    if not repository.drop_rows(connection, batch_id, PAGE):
        repository.drop_pieces(connection, batch_id)
    return Gone(PAGE, AGAIN)
