"""Points liability: what guests hold in lots, by the month in which it burns."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, case, func, select

from card_server.accounts.tables import account, account_type
from card_server.holders.tables import holder
from card_server.http.routes import Actor
from card_server.ledger.tables import lot
from card_server.reports.forms import Column, Parameter, Piece, Report, Values
from shared.wire.reports import AMOUNT, COUNT, MONTH, TEXT

PENDING: Final = 1


def run(
    connection: Connection, actor: Actor, values: Values, after: str | None, limit: int
) -> Piece:
    """One row for each type and month, those that never burn last; the whole is one page."""
    del after, limit
    terms = [lot.c.remaining > 0]
    if actor.divisions is not None:
        terms.append(holder.c.division_id.in_(sorted(actor.divisions)))
    if values.ids("account_types"):
        terms.append(account.c.account_type_id.in_(values.ids("account_types")))
    pending = func.sum(case((lot.c.state == PENDING, lot.c.remaining), else_=0))
    rows = connection.execute(
        select(
            account_type.c.account_type_id,
            account_type.c.name,
            lot.c.expires_on,
            func.count(),
            func.sum(lot.c.remaining),
            pending,
        )
        .select_from(lot)
        .join(account, account.c.account_id == lot.c.account_id)
        .join(account_type, account_type.c.account_type_id == account.c.account_type_id)
        .outerjoin(holder, holder.c.holder_id == account.c.holder_id)
        .where(*terms)
        .group_by(account_type.c.account_type_id, account_type.c.name, lot.c.expires_on)
    )
    months: dict[tuple[int, str, str], list[int]] = {}
    for type_id, name, day, count, remaining, waiting in rows:
        key = (type_id, name, month_of(day))
        sums = months.setdefault(key, [0, 0, 0])
        for i, value in enumerate((count, remaining, waiting)):
            sums[i] += int(value)
    ordered = sorted(months.items(), key=lambda item: (item[0][0], item[0][2] or "9999"))
    return Piece(
        [
            [name, month or None, count, remaining, waiting, remaining - waiting]
            for (_, name, month), (count, remaining, waiting) in ordered
        ]
    )


def month_of(day: date | None) -> str:
    """`YYYY-MM`, empty for what never burns."""
    return f"{day:%Y-%m}" if day is not None else ""


LIABILITY: Final = Report(
    code="liability",
    parameters=(Parameter(key="account_types", kind=COUNT, many=True),),
    columns=(
        Column(key="account_type", kind=TEXT),
        Column(key="month", kind=MONTH),
        Column(key="lots", kind=COUNT, total=True),
        Column(key="remaining", kind=AMOUNT, total=True),
        Column(key="pending", kind=AMOUNT, total=True),
        Column(key="available", kind=AMOUNT, total=True),
    ),
    run=run,
)
