"""The standing job `backup`: a checked copy of the embedded database, so many are kept (3.12)."""

from __future__ import annotations

import re
from pathlib import Path

from card_server.db.backup import backup
from card_server.db.engine import DatabaseAddress
from card_server.divisions.repository import read_value
from card_server.jobs.running import RunContext, Work
from shared.settings import house
from shared.wire.errors import AppError, ErrorCode


def backup_work(address: DatabaseAddress, folder: Path) -> Work:
    """The work for one database; a run that was interrupted makes a new copy.

    A server database is copied by its own means: the run then fails and names the program.
    """

    def work(context: RunContext) -> None:
        context.check_stop()
        made = backup(address, folder, context.begun_at)
        keep = context.desk.read(lambda connection: read_value(connection, house.BACKUP_KEEP))
        size = made.stat().st_size
        context.note(processed=1, resume_at=None)
        gone = [path.name for path in remove_old(made, keep)]
        context.tell_outcome({"file": str(made), "bytes": size, "removed": gone})

    return work


def remove_old(made: Path, keep: int) -> list[Path]:
    """Delete the oldest copies beyond `keep`, never the one just made; returns those."""
    stem = made.name.rpartition("-")[0].rpartition("-")[0]
    named = re.compile(rf"{re.escape(stem)}-\d{{8}}-\d{{6}}\.db")
    copies = sorted(path for path in made.parent.iterdir() if named.fullmatch(path.name))
    old = [path for path in copies[:-keep] if path != made]
    for path in old:
        try:
            path.unlink()
        except OSError as error:
            why = type(error).__name__
            raise AppError(ErrorCode.FOLDER_DENIED, folder=str(path), why=why) from error
    return old
