"""The second signature is given: the command that waited runs, once, as who asked (domain 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from card_server.db.editing import row_of
from card_server.holders import tables as holder_tables
from card_server.http.routes import Actor, Flow, Ids
from card_server.ledger import approving, service
from card_server.users import approvals
from card_server.users.approval_rows import expired
from shared.wire import approvals as wire
from shared.wire import manual_operations as manual
from shared.wire.errors import AppError

Run = Callable[[Any, Flow], manual.Booked]
RUNS: Final[dict[str, tuple[type[manual.ManualCommand], Run]]] = {
    "TopUp": (manual.TopUp, service.top_up),
    "Withdraw": (manual.Withdraw, service.withdraw),
    "Adjust": (manual.Adjust, service.adjust),
    "ReinstateLots": (manual.ReinstateLots, service.reinstate_lots),
    "RollBack": (manual.RollBack, service.roll_back),
    "Correct": (manual.Correct, service.correct),
}
"""Commands that a limit binds, by their names."""


def sign(asked: wire.SignApproval, flow: Flow) -> manual.Booked:
    """Sign and book; who asked must still have the right, the ledger looks at everything anew."""

    def decide(connection: Connection, now: datetime, ids: Ids) -> tuple[Any, Actor]:
        row = approvals.sign(connection, now, ids, flow.actor, asked)
        if row.state == wire.EXPIRED:
            return row, flow.actor
        asker = approvals.asker_of(connection, row, now)
        asker.need(RUNS[row.request][0].right)
        _check_holder(connection, flow.actor, row)
        return row, asker

    row, asker = flow.desk.edit(decide)
    if row.state == wire.EXPIRED:
        raise expired(row)
    kind, run = RUNS[row.request]
    command = msgspec.json.decode(row.command, type=kind)
    try:
        booked = run(command, Flow(desk=flow.desk, actor=asker, clock=flow.clock))
    except AppError as refusal:
        approving.settle(flow, row, refusal)
        raise
    return msgspec.structs.replace(booked, approval_id=row.approval_id)


def _check_holder(connection: Connection, actor: Actor, row: Any) -> None:
    """The guest may have come to another division since the request was made."""
    if row.holder_id is not None:
        holder = row_of(connection, holder_tables.holder, {"holder_id": row.holder_id})
        actor.need_division(holder.division_id)
