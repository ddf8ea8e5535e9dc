"""The start bonus of a card that a program or a guest had issued, booked by a run (domain 1.4).

The run was ordered in the transaction that made the card, so neither is there without the other.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED, CLASS_BONUS
from card_server.cards.issuing import BonusOrder
from card_server.jobs.running import RunContext
from card_server.ledger.manual import DirectCredit, Header
from shared.wire.errors import AppError, ErrorCode


def book_bonus(context: RunContext) -> None:
    """Book it on the only bonus account that the card may use; else tell how many there are."""
    order = context.params(BonusOrder)
    fitting = context.desk.read(lambda connection: _bonus_types(connection, order))
    if len(fitting) != 1:
        raise AppError(ErrorCode.BONUS_TYPE, n=len(fitting))
    outcome = context.book(
        DirectCredit(
            header=Header(
                key=f"issue:{context.run_id}:{order.card_code}",
                division_id=order.division_id,
                unit_id=order.unit_id,
                user_id=context.user_id,
                card_code=order.card_code,
                batch_id=context.run_id,
            ),
            holder_id=order.holder_id,
            account_type_id=fitting[0],
            amount=order.amount,
        )
    )
    if outcome.error is not None:
        raise outcome.error
    context.note(processed=1, resume_at=None)


def _bonus_types(connection: Connection, order: BonusOrder) -> list[int]:
    """Types of the holder's open bonus accounts, as far as the card may use them."""
    account, kind = account_tables.account, account_tables.account_type
    terms = [
        account.c.holder_id == order.holder_id,
        account.c.state != ACCOUNT_CLOSED,
        kind.c["class"] == CLASS_BONUS,
    ]
    if order.account_types:
        terms.append(kind.c.account_type_id.in_(order.account_types))
    statement = (
        select(kind.c.account_type_id)
        .join(account, account.c.account_type_id == kind.c.account_type_id)
        .where(*terms)
        .order_by(kind.c.account_type_id)
    )
    return list(connection.execute(statement).scalars())
