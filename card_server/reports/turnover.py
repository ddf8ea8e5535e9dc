"""Turnover by account type and unit: what was credited and debited in a period."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from card_server.accounts.tables import account_type
from card_server.divisions.tables import unit
from card_server.http.routes import Actor
from card_server.ledger.tables import entry, operation
from card_server.reports.forms import PERIOD, Column, Parameter, Piece, Report, Values
from shared.wire.reports import AMOUNT, COUNT, FLAG, TEXT

TEST_UNIT: Final = 1


def scope(actor: Actor, values: Values) -> list[Any]:
    """Conditions on operations that every report shares: period, divisions, units, test units."""
    terms: list[Any] = [
        operation.c.business_date >= values.day("date_from"),
        operation.c.business_date <= values.day("date_to"),
    ]
    if actor.divisions is not None:
        terms.append(operation.c.division_id.in_(sorted(actor.divisions)))
    if values.ids("units"):
        terms.append(operation.c.unit_id.in_(values.ids("units")))
    if not values.flag("with_test"):
        tests = select(unit.c.unit_id).where(unit.c.state == TEST_UNIT)
        terms.append((operation.c.unit_id.is_(None)) | (operation.c.unit_id.not_in(tests)))
    return terms


def run(
    connection: Connection, actor: Actor, values: Values, after: str | None, limit: int
) -> Piece:
    """One row for each unit and account type; the whole of it is one page."""
    del after, limit
    credited = func.sum(case((entry.c.amount > 0, entry.c.amount), else_=0))
    debited = func.sum(case((entry.c.amount < 0, -entry.c.amount), else_=0))
    terms = scope(actor, values)
    if values.ids("account_types"):
        terms.append(entry.c.account_type_id.in_(values.ids("account_types")))
    rows = connection.execute(
        select(
            unit.c.name,
            account_type.c.name,
            func.count(),
            credited,
            debited,
        )
        .select_from(operation)
        .join(entry, entry.c.operation_id == operation.c.operation_id)
        .join(account_type, account_type.c.account_type_id == entry.c.account_type_id)
        .outerjoin(unit, unit.c.unit_id == operation.c.unit_id)
        .where(*terms)
        .group_by(operation.c.unit_id, unit.c.name, entry.c.account_type_id, account_type.c.name)
        .order_by(unit.c.name, entry.c.account_type_id)
    )
    return Piece(
        [
            [row[0], row[1], int(row[2]), int(row[3]), int(row[4]), int(row[3]) - int(row[4])]
            for row in rows
        ]
    )


TURNOVER: Final = Report(
    code="turnover",
    parameters=(
        *PERIOD,
        Parameter(key="units", kind=COUNT, many=True),
        Parameter(key="account_types", kind=COUNT, many=True),
        Parameter(key="with_test", kind=FLAG),
    ),
    columns=(
        Column(key="unit", kind=TEXT),
        Column(key="account_type", kind=TEXT),
        Column(key="count", kind=COUNT, total=True),
        Column(key="credited", kind=AMOUNT, total=True),
        Column(key="debited", kind=AMOUNT, total=True),
        Column(key="saldo", kind=AMOUNT, total=True),
    ),
    run=run,
)
