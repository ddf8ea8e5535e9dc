"""Operations journal: every entry of a period, oldest first, in pages by key."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.accounts.tables import account_type
from card_server.classifiers.tables import classifier
from card_server.divisions.tables import unit
from card_server.http.routes import Actor
from card_server.ledger.records import OperationKind, Purpose
from card_server.ledger.tables import entry, operation
from card_server.reports.forms import PERIOD, Column, Parameter, Piece, Report, Values
from card_server.reports.turnover import scope
from shared.wire.errors import AppError, ErrorCode
from shared.wire.reports import AMOUNT, COUNT, DAY, FLAG, MOMENT, TEXT

REVERSAL: Final = 100


def run(
    connection: Connection, actor: Actor, values: Values, after: str | None, limit: int
) -> Piece:
    """Entries behind an entry's number."""
    terms = scope(actor, values)
    if values.ids("account_types"):
        terms.append(entry.c.account_type_id.in_(values.ids("account_types")))
    if after is not None:
        if not (after.isascii() and after.isdigit() and len(after) < 20):  # noqa: PLR2004 - 64 bits
            raise AppError(ErrorCode.FIELD_BAD, field="after", value=after[:60])
        terms.append(entry.c.entry_id > int(after))
    rows = connection.execute(
        select(
            entry.c.entry_id,
            operation.c.operation_id,
            operation.c.occurred_at,
            entry.c.business_date,
            operation.c.kind,
            entry.c.purpose,
            unit.c.name,
            classifier.c.name,
            operation.c.ext_id,
            operation.c.holder_id,
            operation.c.card_code,
            account_type.c.name,
            entry.c.amount,
            entry.c.balance_after,
        )
        .select_from(entry)
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .join(account_type, account_type.c.account_type_id == entry.c.account_type_id)
        .join(classifier, classifier.c.classifier_id == operation.c.classifier_id)
        .outerjoin(unit, unit.c.unit_id == operation.c.unit_id)
        .where(*terms)
        .order_by(entry.c.entry_id)
        .limit(limit + 1)
    ).all()
    following = str(rows[limit - 1].entry_id) if len(rows) > limit else None
    return Piece([_shown(row) for row in rows[:limit]], following)


def _shown(row: Any) -> list[Any]:
    found = list(row)
    found[2] = found[2].isoformat()
    found[3] = found[3].isoformat()
    found[4] = OperationKind(found[4]).name.lower()
    undone = found[5] >= REVERSAL
    found[5] = ("-" if undone else "") + Purpose(found[5] % REVERSAL).name.lower()
    for i in (0, 1, 9, 10):
        found[i] = None if found[i] is None else str(found[i])
    return found


JOURNAL: Final = Report(
    code="journal",
    parameters=(
        *PERIOD,
        Parameter(key="units", kind=COUNT, many=True),
        Parameter(key="account_types", kind=COUNT, many=True),
        Parameter(key="with_test", kind=FLAG),
    ),
    columns=(
        Column(key="entry", kind=TEXT),
        Column(key="operation", kind=TEXT),
        Column(key="occurred_at", kind=MOMENT),
        Column(key="business_date", kind=DAY),
        Column(key="kind", kind=TEXT),
        Column(key="purpose", kind=TEXT),
        Column(key="unit", kind=TEXT),
        Column(key="classifier", kind=TEXT),
        Column(key="cheque", kind=TEXT),
        Column(key="holder", kind=TEXT),
        Column(key="card", kind=TEXT),
        Column(key="account_type", kind=TEXT),
        Column(key="amount", kind=AMOUNT, total=True),
        Column(key="balance_after", kind=AMOUNT),
    ),
    run=run,
)
