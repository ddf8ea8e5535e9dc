"""The import itself, as a job in pieces: rows of guests and cards, balances by the ledger.

Rows that are done leave the state they wait in, in the same transaction; balances have the key
`i:` + batch, row, type (domain 1.2.1), so a run that was killed between a booking and its mark
books nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from msgspec import structs
from sqlalchemy import Connection

from card_server.accounts.records import CLASS_DISCOUNT
from card_server.exchange import repository
from card_server.exchange.deciding import Decision
from card_server.exchange.drafting import fault_of
from card_server.exchange.guest_writing import GuestWriter
from card_server.exchange.known import read_known
from card_server.exchange.records import Draft, Fault
from card_server.exchange.repository import Line, Made, Mark
from card_server.exchange.works import Desk, Params, open_desk
from card_server.jobs.running import PASSING, Pass, Piece, RunContext
from card_server.ledger.calendar import Zone
from card_server.ledger.manual import Header, Opening, OpeningLot
from card_server.ledger.service import suite_zone
from card_server.licences.repository import card_quota
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

POST: Final = "import.post"
GUEST_ROWS: Final = 10
"""Rows of a piece: tills wait no longer than one takes, about 5 ms (measured)."""
BALANCE_ROWS: Final = 25
"""The ledger takes these in one group."""
HOPELESS: Final = frozenset({ErrorCode.LICENCE_QUOTA, ErrorCode.LICENCE_END})
"""Refusals that every further row would meet: the run stops and can go on later."""


def post_rows(context: RunContext) -> None:
    """Import the good rows of a batch."""
    params = context.params(Params)
    desk = open_desk(context, params)
    if desk.batch.state not in (wire.POSTING, wire.POSTED):
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="import",
            object=desk.batch.file_name,
            state=str(desk.batch.state),
        )
    counts = context.desk.read(lambda c: repository.counts_of(c, params.batch_id))
    context.tell_total(context.processed + counts.get(wire.GOOD, 0))
    is_balances = desk.batch.kind == wire.OPENING
    if desk.batch.kind == wire.CARDS:
        quantity, used = context.desk.read(card_quota)
        scarce = quantity is not None and used + counts.get(wire.GOOD, 0) > quantity
        desk = structs.replace(desk, counts_cards=scarce)
    size = BALANCE_ROWS if is_balances else GUEST_ROWS
    while lines := context.desk.read(lambda c: _waiting(c, params.batch_id, size)):
        if is_balances:
            Balances(context, desk).post(lines)
        else:
            _post_guests(context, desk, desk.drafts(lines))
    context.piece(lambda how: _posted(how, params.batch_id))
    counts = context.desk.read(lambda c: repository.counts_of(c, params.batch_id))
    context.tell_outcome({"imported": counts.get(wire.IMPORTED, 0), "bad": counts.get(wire.BAD, 0)})


def _waiting(connection: Connection, batch_id: int, limit: int) -> list[Line]:
    return repository.lines_of(connection, batch_id, limit=limit, states=[wire.GOOD])


def _posted(how: Pass, batch_id: int) -> Piece:
    repository.now_posted(how.connection, how.log, batch_id, how.now)
    return Piece(resume_at=None, processed=0)


# ---------------------------------------------------------------------- guests and cards


def _post_guests(context: RunContext, desk: Desk, drafts: Sequence[Draft]) -> None:
    """A piece together; if one of its rows is refused, row by row."""
    try:
        context.piece(lambda how: _write(how, context, desk, drafts))
    except AppError as error:
        if error.code in PASSING | HOPELESS:
            raise
        for draft in drafts:
            _post_alone(context, desk, draft)


def _post_alone(context: RunContext, desk: Desk, draft: Draft) -> None:
    try:
        context.piece(lambda how: _write(how, context, desk, [draft]))
    except AppError as error:
        if error.code in PASSING | HOPELESS:
            raise
        bad = Mark(row_no=draft.row_no, state=wire.BAD, faults=[fault_of(error)])
        context.piece(lambda how: _mark(how, desk.batch.batch_id, [bad]))


def _mark(how: Pass, batch_id: int, marks: Sequence[Mark]) -> Piece:
    repository.mark_rows(how.connection, batch_id, marks)
    bad = sum(bool(mark.faults) for mark in marks)
    return Piece(resume_at=str(marks[-1].row_no), processed=len(marks), failed=bad)


def _write(how: Pass, context: RunContext, desk: Desk, drafts: Sequence[Draft]) -> Piece:
    batch = desk.batch
    known = read_known(how.connection, drafts)
    writer = GuestWriter(
        how,
        desk.house,
        desk.mapping,
        batch_id=batch.batch_id,
        division_id=batch.division_id,
        user_id=context.user_id,
        counts_cards=desk.counts_cards,
    )
    marks = []
    for draft in drafts:
        faults, decision = _decided(desk, draft, known)
        if decision is None:
            marks.append(Mark(row_no=draft.row_no, state=wire.BAD, faults=faults))
        elif decision.leave_out:
            left = Mark(row_no=draft.row_no, state=wire.LEFT_OUT, holder_id=decision.holder_id)
            marks.append(left)
        else:
            made = writer.write(draft, decision)
            owner = made.holder_id or decision.holder_id
            known.learn(draft, owner, batch.division_id)
            marks.append(Mark(row_no=draft.row_no, state=wire.IMPORTED, made=made, holder_id=owner))
    writer.finish()
    return _mark(how, batch.batch_id, marks)


def _decided(desk: Desk, draft: Draft, known: Any) -> tuple[list[Fault], Decision | None]:
    """The decision on a row, else its faults; the house may have changed since the dry run."""
    if draft.faults:
        return draft.faults, None
    try:
        return [], desk.judge.decide(draft, known)
    except AppError as error:
        return [fault_of(error)], None


# ---------------------------------------------------------------------- opening balances


class Balances:
    """Books opening balances (domain 3.14): kind 16, no campaigns, no rewards, any date."""

    def __init__(self, context: RunContext, desk: Desk) -> None:
        self._context = context
        self._desk = desk
        self._zone = context.desk.read(suite_zone)

    def post(self, lines: Sequence[Line]) -> None:
        """Book the rows together and mark what became of each."""
        self._context.check_stop()
        drafts = self._desk.drafts(lines)
        known = self._context.desk.read(lambda c: read_known(c, drafts))
        decided = [(draft, *_decided(self._desk, draft, known)) for draft in drafts]
        postings: list[tuple[int, Opening]] = []
        for draft, _, decision in decided:
            if decision is not None and decision.holder_id is not None:
                found = self._postings(draft, decision.holder_id)
                postings += [(draft.row_no, posting) for posting in found]
        outcomes = self._context.book_all([posting for _, posting in postings])
        made: dict[int, Made] = {}
        refused: dict[int, list[Fault]] = {}
        for (row_no, _), outcome in zip(postings, outcomes, strict=True):
            error = outcome if isinstance(outcome, AppError) else outcome.error
            if error is None:
                made.setdefault(row_no, Made()).operations.append(outcome.operation_id)
            else:
                refused.setdefault(row_no, []).append(fault_of(error))
        marks = []
        for draft, faults, decision in decided:
            row_no = draft.row_no
            mine = [*faults, *refused.get(row_no, [])]
            if decision is not None and decision.leave_out:
                state = wire.LEFT_OUT
            else:
                state = wire.IMPORTED if row_no in made else wire.BAD
            owner = decision.holder_id if decision is not None else None
            marks.append(
                Mark(
                    row_no=row_no,
                    state=state,
                    faults=mine,
                    made=made.get(row_no),
                    holder_id=owner,
                )
            )
        self._context.piece(lambda how: _mark(how, self._desk.batch.batch_id, marks))

    def _postings(self, draft: Draft, holder_id: int) -> list[Opening]:
        batch = self._desk.batch
        postings = []
        for part in draft.balances:
            kind = self._desk.house.account_types[part.account_type_id]
            # the balance of a discount account is shown with its sign turned (domain 1.5)
            amount = -part.amount if kind.account_class == CLASS_DISCOUNT else part.amount
            postings.append(
                Opening(
                    header=Header(
                        key=f"i:{batch.batch_id}:{draft.row_no}:{part.account_type_id}",
                        division_id=batch.division_id,
                        user_id=self._context.user_id,
                        batch_id=batch.batch_id,
                        business_date=draft.business_date,
                        remarks=draft.remarks or None,
                    ),
                    holder_id=holder_id,
                    account_type_id=part.account_type_id,
                    amount=amount,
                    lots=_lots(draft, amount, self._zone),
                )
            )
        return postings


def _lots(draft: Draft, amount: int, zone: Zone) -> tuple[OpeningLot, ...]:
    """The lot with the dates of the row; without dates the type's own terms hold."""
    starts: date | None = draft.available_on
    if amount < 0 or (starts is None and draft.expires_on is None):
        return ()
    available_at = zone.day_begin(starts) if starts is not None else None
    return (OpeningLot(amount=amount, available_at=available_at, expires_on=draft.expires_on),)
