"""The undo of a batch, as a job in pieces from its last row to its first (domain 3.14).

What the batch made and nobody used since is taken back: balances by the opposite operation, new
cards and guests are marked as deleted. What is in use, or was changed rather than made, is kept and
listed with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from card_server.exchange import repository
from card_server.exchange.drafting import fault_of
from card_server.exchange.guest_undo import take_back
from card_server.exchange.records import Fault
from card_server.exchange.repository import Line, Mark
from card_server.exchange.works import Params
from card_server.jobs.running import Pass, Piece, RunContext
from card_server.ledger.manual import Header, UndoTransfer
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

UNDO: Final = "import.undo"
ROWS: Final = 25
"""Rows of a piece: tills wait no longer than one takes."""
LAST: Final = (1 << 31) - 1


def undo_rows(context: RunContext) -> None:
    """Take back what a batch made."""
    params = context.params(Params)
    batch = context.desk.read(lambda c: repository.find_batch(c, params.batch_id))
    if batch.state not in (wire.UNDOING, wire.UNDONE):
        raise AppError(
            ErrorCode.WRONG_STATE, event="undo", object=batch.file_name, state=str(batch.state)
        )
    counts = context.desk.read(lambda c: repository.counts_of(c, params.batch_id))
    context.tell_total(context.processed + counts.get(wire.IMPORTED, 0))
    while lines := context.desk.read(lambda c: _imported(c, params.batch_id)):
        if batch.kind == wire.OPENING:
            _undo_balances(context, batch, params, lines)
        else:
            context.piece(lambda how, lines=lines: _undo_guests(how, context, batch, lines))  # type: ignore[misc]
    context.piece(lambda how: _undone(how, params.batch_id))
    counts = context.desk.read(lambda c: repository.counts_of(c, params.batch_id))
    context.tell_outcome(
        {"undone": counts.get(wire.TAKEN_BACK, 0), "kept": counts.get(wire.KEPT, 0)}
    )


def _imported(connection: Connection, batch_id: int) -> list[Line]:
    return repository.lines_of(
        connection, batch_id, after=LAST, limit=ROWS, states=[wire.IMPORTED], backwards=True
    )


def _undone(how: Pass, batch_id: int) -> Piece:
    repository.write_batch(how.log, batch_id, state=wire.UNDONE)
    return Piece(resume_at=None, processed=0)


def _marked(how: Pass, batch_id: int, marks: Sequence[Mark]) -> Piece:
    repository.mark_rows(how.connection, batch_id, marks)
    kept = sum(mark.state == wire.KEPT for mark in marks)
    return Piece(resume_at=str(marks[-1].row_no), processed=len(marks), failed=kept)


def _mark(line: Line, faults: list[Fault]) -> Mark:
    state = wire.KEPT if faults else wire.TAKEN_BACK
    return Mark(
        row_no=line.row_no, state=state, faults=faults, made=line.made, holder_id=line.holder_id
    )


# ---------------------------------------------------------------------- opening balances


def _undo_balances(context: RunContext, batch: Any, params: Params, lines: list[Line]) -> None:
    """The opposite of each operation; one whose value was used is refused by the ledger."""
    context.check_stop()
    postings = [
        (
            line.row_no,
            UndoTransfer(
                header=Header(
                    key=f"iu:{batch.batch_id}:{operation_id}",
                    division_id=batch.division_id,
                    user_id=context.user_id,
                    batch_id=batch.batch_id,
                    reason_id=params.reason_id,
                    remarks=f"import {batch.batch_id}, {line.row_no}",
                ),
                operation_id=operation_id,
            ),
        )
        for line in lines
        for operation_id in (line.made.operations if line.made else [])
    ]
    outcomes = context.book_all([posting for _, posting in postings])
    refused: dict[int, list[Fault]] = {}
    for (row_no, _), outcome in zip(postings, outcomes, strict=True):
        error = outcome if isinstance(outcome, AppError) else outcome.error
        if error is not None:
            refused.setdefault(row_no, []).append(fault_of(error))
    marks = [_mark(line, refused.get(line.row_no, [])) for line in lines]
    context.piece(lambda how: _marked(how, batch.batch_id, marks))


# ---------------------------------------------------------------------- guests and cards


def _undo_guests(how: Pass, context: RunContext, batch: Any, lines: list[Line]) -> Piece:
    kept = take_back(how, batch.batch_id, context.user_id, lines)
    return _marked(how, batch.batch_id, [_mark(line, kept[line.row_no]) for line in lines])
