"""The undo of a batch, as a job in pieces from its last row to its first (domain 3.14).

What the batch made and nobody used since is taken back: balances by the opposite operation, new
cards and guests are marked as deleted. What is in use, or was changed rather than made, is kept and
listed with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.cards import tables as card_tables
from card_server.cards.issuing import UNBOUND
from card_server.cards.records import CARD_VOIDED
from card_server.cards.service import leave_event
from card_server.exchange import repository
from card_server.exchange.drafting import fault_of
from card_server.exchange.records import Fault
from card_server.exchange.repository import Line, Mark
from card_server.exchange.works import Params
from card_server.holders import tables as holder_tables
from card_server.holders.repository import chunks
from card_server.holders.workbench import Workbench
from card_server.jobs.running import Pass, Piece, RunContext
from card_server.ledger import tables as ledger_tables
from card_server.ledger.manual import Header, UndoTransfer
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

UNDO: Final = "import.undo"
ROWS: Final = 10
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
    undo = GuestUndo(how, context.user_id, lines)
    marks = [_mark(line, undo.row(line)) for line in lines]
    return _marked(how, batch.batch_id, marks)


class GuestUndo:
    """Takes back the rows of one piece; what is in use was read for all of them at once."""

    def __init__(self, how: Pass, user_id: int | None, lines: Sequence[Line]) -> None:
        self._bench = Workbench(
            connection=how.connection,
            ids=how.ids,
            log=how.log,
            now=how.now,
            today=how.now.date(),
            user_id=user_id,
        )
        made = [line.made for line in lines if line.made is not None]
        codes = {code for one in made for code in (one.card_code, one.bound_code) if code}
        holders = {one.holder_id for one in made if one.holder_id}
        operation = ledger_tables.operation
        self._used_cards = self._named(operation.c.card_code, codes)
        self._used_holders = self._named(operation.c.holder_id, holders)
        self._used_holders |= self._named(holder_tables.holder_merge.c.survivor_id, holders)

    def _named(self, column: Any, keys: set[int]) -> set[int]:
        found: set[int] = set()
        for part in chunks(keys):
            rows = self._bench.connection.execute(select(column).where(column.in_(part)).distinct())
            found.update(rows.scalars())
        return found

    def row(self, line: Line) -> list[Fault]:
        """Take back a row; gives back why what is left was kept."""
        made, faults = line.made, list[Fault]()
        if made is None:
            return faults
        for code in (made.card_code, made.bound_code):
            if code is not None and not self._take_card(code, is_new=code == made.card_code):
                faults.append(_kept("card", code))
        if made.holder_id is not None and not self._take_guest(made.holder_id):
            faults.append(_kept("holder", made.holder_id))
        if made.changed_code is not None and made.changed_code != made.card_code:
            faults.append(_kept("card", made.changed_code))
        if made.changed_holder_id is not None:
            faults.append(_kept("holder", made.changed_holder_id))
        return faults

    def _take_card(self, code: int, *, is_new: bool) -> bool:
        card, bench = card_tables.card, self._bench
        row = bench.connection.execute(select(card).where(card.c.card_code == code)).one_or_none()
        if row is None or row.deleted_at is not None:
            return True
        if code in self._used_cards or row.state == CARD_VOIDED:
            return False
        key = {"card_code": code}
        if row.holder_id is not None:
            bench.log.edit(card, key, {"holder_id": None})
            leave_event(bench, code, UNBOUND, old_holder_id=row.holder_id)
        if is_new:
            bench.log.delete(card, key)
        return True

    def _take_guest(self, holder_id: int) -> bool:
        holder, card, bench = holder_tables.holder, card_tables.card, self._bench
        row = bench.connection.execute(
            select(holder.c.deleted_at, holder.c.merged_into).where(holder.c.holder_id == holder_id)
        ).one_or_none()
        if row is None or row.deleted_at is not None:
            return True
        owned = bench.connection.execute(
            select(card.c.card_code)
            .where(
                card.c.holder_id == holder_id,
                card.c.deleted_at.is_(None),
                card.c.state != CARD_VOIDED,
            )
            .limit(1)
        ).first()
        is_used = holder_id in self._used_holders or row.merged_into is not None
        if is_used or owned is not None:
            return False
        bench.log.delete(holder, {"holder_id": holder_id})
        return True


def _kept(what: str, number: int) -> Fault:
    return Fault(
        code=ErrorCode.IMPORT_KEPT.value,
        field=what,
        value=str(number),
        facts={"what": what, "id": number},
    )
