"""Operations by hand and the states of accounts, as users command them (domain 3.15, 3.18, 5).

What a user may do is looked at here: divisions, the limit of amounts, dates. What the ledger may
do it decides itself, once for each command, and keeps its refusal under the command's key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_ACTIVE, ACCOUNT_BLOCKED, ACCOUNT_CLOSED
from card_server.db.editing import row_of
from card_server.divisions import tables as division_tables
from card_server.http.routes import Actor, Editing, Flow, Reading
from card_server.ledger import manual, tables
from card_server.ledger.account_queries import get_account, holder_account, holder_division
from card_server.ledger.approving import (
    Size,
    Standing,
    moves,
    moves_nothing,
    settle,
    standing_of,
    undoes,
    waits,
)
from card_server.ledger.calendar import Zone, minute_of_day, zone_of
from card_server.users.approvals import Subject
from shared.settings.house import DAY_START, TIME_ZONE
from shared.wire import holder_accounts as account_wire
from shared.wire import manual_operations as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

SYSTEM: Final = 0
BACKDATE_RIGHT: Final = "operation.backdate"
CREDIT_RIGHT: Final = "account.credit"
SHORTEST_REASON: Final = 5
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Days that calendars of every database and program can count with."""

Make = Callable[[manual.Header], manual.Manual]
Find = Callable[[Connection, Actor], "Place"]


class Place(msgspec.Struct, frozen=True):
    """Where an operation belongs when the user names no unit."""

    division_id: int
    unit_id: int | None = None
    holder_id: int | None = None


# ---------------------------------------------------------------------- the common way


def _book(
    asked: wire.ManualCommand, flow: Flow, find: Find, make: Make, size: Size = moves_nothing
) -> wire.Booked:
    """Look at what the user may, book or wait for a second signature, tell."""

    def look(connection: Connection) -> tuple[Place, Standing]:
        place = _place(connection, asked, flow, find)
        subject = Subject(size(connection), place.division_id, place.holder_id)
        return place, standing_of(connection, asked, subject)

    place, standing = flow.desk.read(look)
    posting = make(_header(asked, flow, place))
    waiting = waits(flow, asked, standing, posting)
    if waiting is not None:
        return waiting
    try:
        outcome = flow.desk.book(posting)
    except AppError as refusal:
        settle(flow, standing.request, refusal)
        raise
    if outcome.repeated:
        flow.desk.read(lambda connection: _check_author(connection, outcome.operation_id, flow))
    settle(flow, standing.request, outcome.error or outcome.operation_id)
    if outcome.error is not None:
        raise outcome.error
    names = wire.BookedEntry.__struct_fields__
    return wire.Booked(
        booked_id=outcome.operation_id,
        entries=[
            wire.BookedEntry(**{name: getattr(entry, name) for name in names})
            for entry in outcome.entries
        ],
        repeated=outcome.repeated,
    )


def _check_author(connection: Connection, booked_id: int, flow: Flow) -> None:
    """An answer is repeated to the user who got it first, to nobody else."""
    row = row_of(connection, tables.operation, {"operation_id": booked_id})
    if row.user_id != flow.actor.user_id:
        raise AppError(ErrorCode.KEY_CONFLICT, id=row.idem_key)


def _place(connection: Connection, asked: wire.ManualCommand, flow: Flow, find: Find) -> Place:
    """Where it is booked; refused is what is not the user's."""
    actor = flow.actor
    _check_dates(connection, actor, asked, flow.clock())
    place = find(connection, actor)
    if asked.unit_id is None:
        return place
    unit = row_of(connection, division_tables.unit, {"unit_id": asked.unit_id})
    actor.need_division(unit.division_id)
    return Place(unit.division_id, asked.unit_id, place.holder_id)


def _header(asked: wire.ManualCommand, flow: Flow, place: Place) -> manual.Header:
    """Who, where and when."""
    return manual.Header(
        key=f"u:{asked.operation_id}",
        division_id=place.division_id,
        unit_id=place.unit_id,
        user_id=flow.actor.user_id,
        reason_id=asked.reason_id,
        remarks=asked.remarks,
        occurred_at=asked.occurred_at,
        business_date=asked.business_date,
    )


def _check_dates(
    connection: Connection, actor: Actor, asked: wire.ManualCommand, now: datetime
) -> None:
    """Every date in the command can be counted with; those before today need their right."""
    for name in asked.__struct_fields__:
        given = getattr(asked, name)
        if isinstance(given, date) and not FIRST_YEAR <= given.year <= LAST_YEAR:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=given.isoformat())
    if asked.occurred_at is None and asked.business_date is None:
        return
    zone = suite_zone(connection)
    today = zone.business_date(now)
    happened = zone.business_date(asked.occurred_at) if asked.occurred_at is not None else today
    if min(happened, asked.business_date or today) < today:
        actor.need(BACKDATE_RIGHT)


def suite_zone(connection: Connection) -> Zone:
    """Where the suite's own business day begins (domain 0.3)."""
    setting = division_tables.setting
    rows = connection.execute(
        select(setting.c.setting_key, setting.c.value).where(
            setting.c.scope == SYSTEM,
            setting.c.scope_id == 0,
            setting.c.setting_key.in_([TIME_ZONE.key, DAY_START.key]),
            setting.c.deleted_at.is_(None),
        )
    )
    found = {row.setting_key: row.value for row in rows}
    start = minute_of_day(found.get(DAY_START.key, DAY_START.default))
    return zone_of(found.get(TIME_ZONE.key, TIME_ZONE.default), start)


# ---------------------------------------------------------------------- one account


def _owner(asked: wire.AccountCommand) -> Find:
    """The division of the account's holder; one way of naming the account, not two."""
    by_account = asked.account_id is not None
    by_holder = asked.holder_id is not None and asked.account_type_id is not None
    halves = asked.holder_id is not None or asked.account_type_id is not None
    if by_account and halves:
        raise AppError(ErrorCode.FIELD_BAD, field="account_id", value=str(asked.account_id))
    if not by_account and not by_holder:
        raise AppError(ErrorCode.FIELD_MISSING, field="account_id")

    def find(connection: Connection, actor: Actor) -> Place:
        holder_id = asked.holder_id
        if asked.account_id is not None:
            holder_id = holder_account(connection, actor, asked.account_id).holder_id
        division_id = holder_division(connection, actor, holder_id or 0)
        return Place(division_id, holder_id=holder_id)

    return find


def _named(asked: wire.AccountCommand) -> dict[str, Any]:
    return {
        "account_id": asked.account_id,
        "holder_id": asked.holder_id,
        "account_type_id": asked.account_type_id,
    }


def top_up(asked: wire.TopUp, flow: Flow) -> wire.Booked:
    """Money onto an account."""
    return _book(
        asked,
        flow,
        _owner(asked),
        lambda header: manual.TopUp(header=header, amount=asked.amount, **_named(asked)),
        moves(asked.amount),
    )


def withdraw(asked: wire.Withdraw, flow: Flow) -> wire.Booked:
    """Money back."""
    return _book(
        asked,
        flow,
        _owner(asked),
        lambda header: manual.Withdraw(header=header, amount=asked.amount, **_named(asked)),
        moves(asked.amount),
    )


def adjust(asked: wire.Adjust, flow: Flow) -> wire.Booked:
    """A free amount; below the floor only by a user who may give credit."""
    if asked.allow_negative:
        flow.actor.need(CREDIT_RIGHT)
    return _book(
        asked,
        flow,
        _owner(asked),
        lambda header: manual.Adjust(
            header=header,
            amount=asked.amount,
            allow_negative=asked.allow_negative,
            available_at=asked.available_at,
            expires_on=asked.expires_on,
            **_named(asked),
        ),
        moves(asked.amount),
    )


def reinstate_lots(asked: wire.ReinstateLots, flow: Flow) -> wire.Booked:
    """Burnt value comes back; a user with a limit says how much."""
    if asked.amount is None and flow.actor.amount_limit is not None:
        raise AppError(ErrorCode.FIELD_MISSING, field="amount")
    return _book(
        asked,
        flow,
        _owner(asked),
        lambda header: manual.Reinstate(
            header=header,
            amount=asked.amount,
            expires_on=asked.expires_on,
            lot_ids=asked.lot_ids,
            **_named(asked),
        ),
        moves(asked.amount or 0),
    )


def extend_lots(asked: wire.ExtendLots, flow: Flow) -> wire.Booked:
    """Lots burn later."""
    return _book(
        asked,
        flow,
        _owner(asked),
        lambda header: manual.ExtendLots(
            header=header, expires_on=asked.expires_on, lot_ids=asked.lot_ids, **_named(asked)
        ),
    )


# ---------------------------------------------------------------------- undoing


def _target(asked: wire.RollBack | wire.Correct) -> Find:
    """Where the operation that is undone belongs; what undoes it belongs there too."""

    def find(connection: Connection, actor: Actor) -> Place:
        row = row_of(connection, tables.operation, {"operation_id": asked.target_id})
        actor.need_division(row.division_id)
        return Place(row.division_id, row.unit_id, row.holder_id)

    return find


def roll_back(asked: wire.RollBack, flow: Flow) -> wire.Booked:
    """As if the operation had not been."""
    return _book(
        asked,
        flow,
        _target(asked),
        lambda header: manual.RollBack(header=header, operation_id=asked.target_id),
        undoes(asked.target_id),
    )


def correct(asked: wire.Correct, flow: Flow) -> wire.Booked:
    """The opposite of entries."""
    return _book(
        asked,
        flow,
        _target(asked),
        lambda header: manual.Correction(
            header=header, operation_id=asked.target_id, entry_ids=asked.entry_ids
        ),
        undoes(asked.target_id, asked.entry_ids),
    )


# ---------------------------------------------------------------------- holds


def _holds(asked: wire.VoidHold | wire.ExtendHold) -> Find:
    """Every hold must be one of the user's holders; the first one's division is the place."""

    def find(connection: Connection, actor: Actor) -> Place:
        places = []
        for hold_id in asked.hold_ids:
            row = row_of(connection, tables.hold, {"hold_id": hold_id})
            account = holder_account(connection, actor, row.account_id)
            places.append(Place(holder_division(connection, actor, account.holder_id)))
        return places[0]

    return find


def void_hold(asked: wire.VoidHold, flow: Flow) -> wire.Booked:
    """Reserves are given free."""
    return _book(
        asked,
        flow,
        _holds(asked),
        lambda header: manual.VoidHold(header=header, ids=asked.hold_ids),
    )


def extend_hold(asked: wire.ExtendHold, flow: Flow) -> wire.Booked:
    """Reserves end later."""
    return _book(
        asked,
        flow,
        _holds(asked),
        lambda header: manual.ExtendHold(
            header=header, ids=asked.hold_ids, expires_at=asked.expires_at
        ),
    )


# ---------------------------------------------------------------------- the account itself

Edited = account_wire.BlockAccount | account_wire.UnblockAccount | account_wire.SetCreditDepth


def _edit(asked: Edited, editing: Editing, changes: dict[str, Any]) -> Done:
    """Change an account that is not closed; a reason is needed, the journal keeps it."""
    if len(asked.reason.strip()) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    row = holder_account(editing.connection, editing.actor, asked.account_id)
    if row.state == ACCOUNT_CLOSED:
        raise AppError(
            ErrorCode.WRONG_STATE,
            event=type(asked).__name__,
            object=f"account {asked.account_id}",
            state="closed",
        )
    key = {"account_id": asked.account_id}
    editing.log.edit(account_tables.account, key, changes, expected_version=asked.version)
    return Done(version=row_of(editing.connection, account_tables.account, key).version)


def block_account(asked: account_wire.BlockAccount, editing: Editing) -> Done:
    """Nothing is paid and nothing is earned until it is unblocked."""
    reason = asked.reason.strip()[:255]
    return _edit(asked, editing, {"state": ACCOUNT_BLOCKED, "block_reason": reason})


def unblock_account(asked: account_wire.UnblockAccount, editing: Editing) -> Done:
    """It works again."""
    return _edit(asked, editing, {"state": ACCOUNT_ACTIVE, "block_reason": None})


def set_credit_depth(asked: account_wire.SetCreditDepth, editing: Editing) -> Done:
    """How far below zero it may be spent."""
    return _edit(asked, editing, {"credit_depth": asked.credit_depth})


def present_account(asked: Edited, reading: Reading) -> account_wire.AccountRow:
    """The account as it stands, for who edited an older version."""
    found = get_account(account_wire.GetAccount(account_id=asked.account_id), reading)
    return found.account
