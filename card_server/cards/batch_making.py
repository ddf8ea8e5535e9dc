"""Makes the cards of an issue piece by piece: holders, accounts, cards, events (domain 2.1).

A piece is one short transaction; numbers that were taken meanwhile are left out and told. A number
whose earlier issue was undone comes back to life in its old row, with all its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from card_server.accounts.opening import AccountDesk
from card_server.cards import tables
from card_server.cards.batch_plan import IssueOrder
from card_server.cards.guests import account_types_now, rungs_now
from card_server.cards.issuing import ISSUED
from card_server.cards.records import CARD_VOIDED
from card_server.db.change_log import Action, ChangeLog
from card_server.db.gathered_log import GatheredLog
from card_server.holders import tables as holder_tables
from card_server.holders.workbench import Ids, Workbench
from card_server.jobs.running import Pass
from card_server.licences.repository import check_issue
from shared.wire.errors import AppError, ErrorCode

PIECE: Final = 25
"""Numbers in one transaction: some ten milliseconds, so that tills have their turn."""
WITHDRAWN: Final = 12
"""Event of a card: its issue was undone."""
RUSSIAN: Final = 1049
FRESH: Final[Mapping[str, Any]] = {
    "owner_holder_id": None,
    "block_reason": None,
    "seize": False,
    "confirm_manager": False,
    "carrier_data": None,
    "pin_hash": None,
    "pin_fails": 0,
    "replaced_by": None,
    "deleted_at": None,
}
"""What a number that comes back to life loses of its earlier issue."""
_card = tables.card


def bench_for(
    connection: Connection,
    ids: Ids,
    log: ChangeLog,
    now: datetime,
    *,
    division_id: int = 1,
    user_id: int | None = None,
    default_group: int | None = None,
) -> Workbench:
    """What opens accounts here."""
    return Workbench(
        connection=connection,
        ids=ids,
        log=log,
        now=now,
        today=now.date(),
        division_id=division_id,
        user_id=user_id,
        default_group=default_group,
    )


def make_piece(
    how: Pass, order: IssueOrder, run_id: int, user_id: int | None, start: int
) -> list[tuple[str, AppError]]:
    """Make the cards of the numbers from `start` on; gives back those that were taken."""
    connection = how.connection
    check_issue(connection)
    end = min(start + PIECE - 1, order.last_code)
    found = _present(connection, start, end)
    taken = [code for code, is_free in found.items() if not is_free]
    codes = [code for code in range(start, end + 1) if found.get(code, True)]
    if codes:
        bench = bench_for(
            connection, how.ids, how.log, how.now, division_id=order.division_id, user_id=user_id
        )
        _make(how, bench, order, run_id, codes, {code for code in codes if code in found})
    _move_on(connection, order, start, end)
    return [(str(code), AppError(ErrorCode.CARD_TAKEN, card=code, code=code)) for code in taken]


def _present(connection: Connection, start: int, end: int) -> dict[int, bool]:
    """Numbers that have a row, and whether they may be issued again."""
    rows = connection.execute(
        select(_card.c.card_code, _card.c.state, _card.c.deleted_at)
        .where(_card.c.card_code.between(start, end))
        .order_by(_card.c.card_code)
    )
    return {
        code: deleted_at is not None and state != CARD_VOIDED for code, state, deleted_at in rows
    }


def _make(
    how: Pass,
    bench: Workbench,
    order: IssueOrder,
    run_id: int,
    codes: Sequence[int],
    again: set[int],
) -> None:
    connection = how.connection
    holders = _holders(bench, how.log, order, len(codes)) if order.with_holders else []
    owner = dict(zip(codes, holders, strict=False))
    desk = AccountDesk(bench, account_types_now(connection), rungs_now(connection))
    accounts = desk.open_many(holders, order.account_types, order.holder_group_id)
    cards = [
        {
            "card_code": code,
            "holder_id": owner.get(code),
            "state": order.state,
            "group_id": order.card_group_id,
            "range_id": order.range_id,
            "kind": order.kind,
            "valid_from": bench.today,
            "valid_to": order.valid_to,
            "limited_accounts": bool(order.limited_to),
            "issued_at": how.now,
            "issued_by": bench.user_id,
            "batch_id": run_id,
        }
        for code in codes
    ]
    how.log.insert_many(_card, [one for one in cards if one["card_code"] not in again])
    for one in cards:
        if one["card_code"] in again:
            revive(connection, how.log, one)
    limits = [
        {"card_code": code, "account_id": accounts[(owner[code], type_id)]}
        for code in owner
        for type_id in order.limited_to
        if (owner[code], type_id) in accounts
    ]
    if limits:
        connection.execute(insert(tables.card_account), limits)
    events = [(code, ISSUED, {"new_holder_id": owner.get(code)}) for code in codes]
    leave_events(how, bench.user_id, events)


def _holders(bench: Workbench, log: GatheredLog, order: IssueOrder, count: int) -> list[int]:
    """Anonymous holders: a holder each, whose person row is empty."""
    rows: list[dict[str, Any]] = [
        {
            "holder_id": bench.ids.take("holder"),
            "pos_number": bench.ids.take("pos_number"),
            "division_id": order.division_id,
            "group_id": order.holder_group_id,
            "is_anonymous": True,
            "verified": False,
            "registered_at": bench.now,
        }
        for _ in range(count)
    ]
    log.insert_many(holder_tables.holder, rows)
    people = [
        {"holder_id": row["holder_id"], "full_name": "", "search_name": "", "language": RUSSIAN}
        for row in rows
    ]
    log.insert_rows(holder_tables.person, people)
    return [row["holder_id"] for row in rows]


def revive(connection: Connection, log: ChangeLog, values: Mapping[str, Any]) -> None:
    """A number whose issue was undone: the old row becomes the new card."""
    code = values["card_code"]
    for table in (tables.card_account, tables.card_classifier):
        connection.execute(delete(table).where(table.c.card_code == code))
    changes = {**values, **FRESH}
    del changes["card_code"]
    log.edit(_card, {"card_code": code}, changes, action=Action.RESTORE)


def leave_events(
    how: Pass, user_id: int | None, events: Sequence[tuple[int, int, Mapping[str, Any]]]
) -> None:
    """Rows of the book of cards: (card, event, facts); all with the same facts' names."""
    rows = [
        {
            "card_event_id": how.ids.take("change"),
            "card_code": code,
            "at": how.now,
            "event": event,
            "user_id": user_id,
            **facts,
        }
        for code, event, facts in events
    ]
    if rows:
        how.connection.execute(insert(tables.card_event), rows)


def _move_on(connection: Connection, order: IssueOrder, start: int, end: int) -> None:
    """The range goes on after these numbers, unless some before them were never issued."""
    span = tables.card_range
    connection.execute(
        update(span)
        .where(
            span.c.range_id == order.range_id,
            span.c.current_code >= start - 1,
            span.c.current_code < end,
        )
        .values(current_code=end)
    )
