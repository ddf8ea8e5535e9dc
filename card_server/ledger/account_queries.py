"""Accounts of a holder as they stand at this moment, without waiting for a job (domain 1.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.db.editing import row_of
from card_server.holders import tables as holder_tables
from card_server.http.routes import Actor, Reading
from card_server.ledger import tables
from card_server.ledger.lot_reading import OPEN_HOLDS, WITH_A_REST
from card_server.ledger.operation_queries import records_of
from card_server.ledger.reading import OPEN_ACCOUNTS
from shared.wire import holder_accounts as wire
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import account_number
from shared.wire.operations import LotRow

SOON: Final = timedelta(days=30)
"""How far ahead burning is told (domain 3.18)."""


class Kept(msgspec.Struct):
    """Lots and holds of one account."""

    lots: list[Any] = msgspec.field(default_factory=list)
    holds: list[Any] = msgspec.field(default_factory=list)
    pinned: dict[int, int] = msgspec.field(default_factory=dict)
    """Lot -> what holds that still run keep of it."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is not simply a column."""

    pending: int
    burnt: int
    held: int
    burning: list[wire.BurningValue]


def list_accounts(asked: wire.ListAccounts, reading: Reading) -> wire.HolderAccounts:
    """Accounts of a holder of the user's divisions, by type."""
    connection, account = reading.connection, account_tables.account
    holder_division(connection, reading.actor, asked.holder_id)
    rows = connection.execute(
        select(account)
        .where(account.c.holder_id == asked.holder_id, OPEN_ACCOUNTS)
        .order_by(account.c.account_type_id, account.c.account_id)
    ).all()
    kept = _kept(connection, [row.account_id for row in rows], reading.now)
    kinds = _kinds(connection)
    accounts = [_account(row, kinds, kept[row.account_id], reading.now) for row in rows]
    return wire.HolderAccounts(holder_id=asked.holder_id, accounts=accounts)


def get_account(asked: wire.GetAccount, reading: Reading) -> wire.AccountDetail:
    """One account with its lots and holds."""
    connection = reading.connection
    row = holder_account(connection, reading.actor, asked.account_id)
    kept = _kept(connection, [row.account_id], reading.now)[row.account_id]
    names = wire.HoldRow.__struct_fields__
    return wire.AccountDetail(
        holder_id=row.holder_id,
        account=_account(row, _kinds(connection), kept, reading.now),
        lots=kept.lots,
        holds=[wire.HoldRow(**{name: getattr(one, name) for name in names}) for one in kept.holds],
    )


def holder_division(connection: Connection, actor: Actor, holder_id: int) -> int:
    """The division of a holder, which must be one of the user's."""
    row = row_of(connection, holder_tables.holder, {"holder_id": holder_id})
    actor.need_division(row.division_id)
    return int(row.division_id)


def holder_account(connection: Connection, actor: Actor, account_id: int) -> Any:
    """The row of an account of a holder of the user's divisions; others are not shown here."""
    row = row_of(connection, account_tables.account, {"account_id": account_id})
    if row.holder_id is None:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=account_id, number=account_id)
    owner = select(holder_tables.holder.c.division_id).where(
        holder_tables.holder.c.holder_id == row.holder_id
    )
    actor.need_division(connection.execute(owner).scalar_one())
    return row


def _kinds(connection: Connection) -> dict[int, Any]:
    table = account_tables.account_type
    return {row.account_type_id: row for row in connection.execute(select(table))}


def _kept(connection: Connection, ids: Sequence[int], now: datetime) -> dict[int, Kept]:
    """Lots with a rest and open holds of accounts."""
    found: dict[int, Kept] = defaultdict(Kept)
    lot, hold, pin = tables.lot, tables.hold, tables.hold_lot
    for row in records_of(connection, LotRow, lot, lot.c.account_id.in_(ids), WITH_A_REST):
        found[row.account_id].lots.append(row)
    holds = connection.execute(
        select(hold).where(hold.c.account_id.in_(ids), OPEN_HOLDS).order_by(hold.c.hold_id)
    ).all()
    running = {row.hold_id: row.account_id for row in holds if row.expires_at > now}
    for row in holds:
        if row.hold_id in running:
            found[row.account_id].holds.append(row)
    if not running:
        return found
    for row in connection.execute(select(pin).where(pin.c.hold_id.in_(list(running)))):
        pinned = found[running[row.hold_id]].pinned
        pinned[row.lot_id] = pinned.get(row.lot_id, 0) + row.amount
    return found


def _figures(kept: Kept, now: datetime) -> Figures:
    """What lots and holds say at this moment; a hold past its end keeps nothing."""
    pending = burnt = 0
    burning: dict[date, int] = defaultdict(int)
    for lot in kept.lots:
        if lot.expires_at is not None and lot.expires_at <= now:
            burnt += lot.remaining - kept.pinned.get(lot.lot_id, 0)
            continue
        if lot.available_at > now:
            pending += lot.remaining
        if lot.expires_at is not None and lot.expires_at <= now + SOON:
            burning[lot.expires_on] += lot.remaining
    return Figures(
        pending=pending,
        burnt=burnt,
        held=sum(hold.amount - hold.captured for hold in kept.holds),
        burning=[wire.BurningValue(day=day, amount=burning[day]) for day in sorted(burning)],
    )


def _account(row: Any, kinds: dict[int, Any], kept: Kept, now: datetime) -> wire.AccountRow:
    kind = kinds[row.account_type_id]
    figures = _figures(kept, now)
    balance = row.balance or 0
    floor = 0 if row.credit_depth else kind.min_balance
    free = balance - figures.pending - figures.burnt - figures.held
    computed = {
        "number": account_number(kind._mapping["class"], row.account_type_id, row.account_id),  # noqa: SLF001 - SQLAlchemy's public name
        "balance": balance,
        "spendable": free + row.credit_depth - floor,
        **{name: getattr(figures, name) for name in Figures.__struct_fields__},
    }
    names = set(wire.AccountRow.__struct_fields__) - computed.keys()
    return wire.AccountRow(**{name: getattr(row, name) for name in names}, **computed)
