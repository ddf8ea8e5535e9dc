"""The job that issues cards from a range: cards in pieces, start bonuses in the ledger (1.4, 3.18).

A piece makes cards and remembers from which number on the bonus is not booked yet; then the bonus
of each card is booked under a key of its own (run, number). After a restart the bonuses of the
piece at hand are asked for again, which books what is missing and nothing twice.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from card_server.cards import tables as card_tables
from card_server.cards.batch_making import PIECE, make_piece
from card_server.cards.batch_plan import IssueOrder, check_room
from card_server.jobs.running import Pass, Piece, RunContext
from card_server.ledger.manual import DirectCredit, Header
from card_server.ledger.manual_batch import ManualBatch, refusal_of

FROM: Final = "+"


class Place(msgspec.Struct, frozen=True):
    """Where an issue stands: the next number, and the first one whose bonus may be missing."""

    next_code: int
    unbooked_from: int | None = None

    def text(self) -> str:
        """As the run keeps it."""
        start = "" if self.unbooked_from is None else f"{FROM}{self.unbooked_from}"
        return f"{self.next_code}{start}"


def place_of(resume_at: str | None, first_code: int) -> Place:
    """The place that a run kept; the beginning for a new one."""
    if resume_at is None:
        return Place(first_code)
    following, _, start = resume_at.partition(FROM)
    return Place(int(following), int(start) if start else None)


def issue_cards(context: RunContext) -> None:
    """Work the order off; every number is made once or told why it is not."""
    order = context.params(IssueOrder)
    if context.resume_at is None:
        cards = context.desk.read(lambda connection: check_room(connection, order))
        context.tell_outcome({"planned": cards})
    place = place_of(context.resume_at, order.first_code)
    _book_bonuses(context, order, place)
    while place.next_code <= order.last_code:
        context.piece(lambda how: _piece(context, order, how))
        place = place_of(context.resume_at, order.first_code)
        _book_bonuses(context, order, place)
    made = context.desk.read(lambda connection: _count(connection, order, context.run_id))
    context.tell_outcome({"made": made, "first": order.first_code, "last": order.last_code})


def _piece(context: RunContext, order: IssueOrder, how: Pass) -> Piece:
    start = place_of(how.resume_at, order.first_code).next_code
    errors = make_piece(how, order, context.run_id, context.user_id, start)
    following = min(start + PIECE, order.last_code + 1)
    unbooked = start if order.start_bonus and order.bonus_type_id is not None else None
    return Piece(
        resume_at=Place(following, unbooked).text(),
        processed=following - start,
        failed=len(errors),
        errors=errors,
    )


def _book_bonuses(context: RunContext, order: IssueOrder, place: Place) -> None:
    start = place.unbooked_from
    if start is None or order.bonus_type_id is None:
        return
    made = context.desk.read(
        lambda connection: _made(connection, context.run_id, start, place.next_code - 1)
    )
    postings = tuple(
        DirectCredit(
            header=Header(
                key=f"issue:{context.run_id}:{code}",
                division_id=order.division_id,
                user_id=context.user_id,
                card_code=code,
                batch_id=context.run_id,
            ),
            holder_id=holder_id,
            account_type_id=order.bonus_type_id,
            amount=order.start_bonus,
        )
        for code, holder_id in made
    )
    if not postings:
        return
    outcomes = context.book(ManualBatch(postings=postings))
    refusals = [
        (str(code), refusal)
        for (code, _), outcome in zip(made, outcomes, strict=True)
        if (refusal := refusal_of(outcome)) is not None
    ]
    context.tell_errors(refusals)


def _made(connection: Connection, run_id: int, start: int, end: int) -> list[tuple[int, int]]:
    """Cards of the run among these numbers, with their holders."""
    card = card_tables.card
    rows = connection.execute(
        select(card.c.card_code, card.c.holder_id)
        .where(
            card.c.card_code.between(start, end),
            card.c.batch_id == run_id,
            card.c.holder_id.is_not(None),
        )
        .order_by(card.c.card_code)
    )
    return [(code, holder_id) for code, holder_id in rows]


def _count(connection: Connection, order: IssueOrder, run_id: int) -> int:
    card = card_tables.card
    return int(
        connection.execute(
            select(func.count())
            .select_from(card)
            .where(
                card.c.card_code.between(order.first_code, order.last_code),
                card.c.batch_id == run_id,
                card.c.deleted_at.is_(None),
            )
        ).scalar_one()
    )
