"""Open holds of a card: what keeps it from being put to rest (domain 2.1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, text

from card_server.ledger import tables
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.spending import money
from shared.wire.errors import AppError, ErrorCode

OPEN = text("crm_hold.state IN (1, 2)")
"""As the filtered indexes say it: open holds are few."""


def hold_on_card(
    connection: Connection, card_code: int, rules: RuleSet, now: datetime
) -> AppError | None:
    """The refusal that names an open hold of a card, or None."""
    hold = tables.hold
    row = connection.execute(
        select(hold)
        .where(hold.c.card_code == card_code, OPEN, hold.c.expires_at > now)
        .order_by(hold.c.expires_at.desc(), hold.c.hold_id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    unit = rules.units.get(row.unit_id or 0)
    return AppError(
        ErrorCode.HELD_ELSEWHERE,
        sum=money(row.amount - row.captured),
        order=row.order_guid or str(row.hold_id),
        unit=unit.name if unit is not None else "",
        time=row.expires_at.isoformat(" ", "minutes"),
    )
