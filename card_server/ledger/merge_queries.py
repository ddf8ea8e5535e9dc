"""Looking before merging, and at what was merged (domain 3.13)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, func, select

from card_server.accounts.merging import better_of, open_accounts
from card_server.cards import tables as card_tables
from card_server.coupons import tables as coupon_tables
from card_server.db.listing import Listing, list_rows
from card_server.holders import tables as holder_tables
from card_server.holders.holder_reading import rows_of
from card_server.holders.merging import default_choices
from card_server.http.routes import Actor, Reading
from card_server.ledger.merge_flow import check_obstacles, pair_of
from shared.wire import merges as wire
from shared.wire.base import Page
from shared.wire.errors import AppError

_table = holder_tables.holder_merge
_FIELDS: Final = {name: _table.c[name] for name in wire.MergeRow.__struct_fields__}
MERGES: Final = Listing(
    source=_table, key=_table.c.merge_id, fields=_FIELDS, columns=list(_FIELDS.values())
)


def preview_merge(asked: wire.PreviewMerge, reading: Reading) -> wire.MergePreview:
    """What a merge would do, and what stands against it."""
    return preview(
        reading.connection, reading.actor, reading, asked.survivor_id, asked.duplicate_id
    )


def present_merge(asked: wire.MergeHolders, reading: Reading) -> wire.MergePreview:
    """Both guests as they stand, for who saw older versions."""
    return preview(
        reading.connection, reading.actor, reading, asked.survivor_id, asked.duplicate_id
    )


def preview(
    connection: Connection, actor: Actor, reading: Reading, survivor_id: int, duplicate_id: int
) -> wire.MergePreview:
    """Two guests side by side, without their contacts."""
    survivor, duplicate = pair_of(connection, actor, survivor_id, duplicate_id)
    rows = rows_of(connection, [survivor_id, duplicate_id])
    obstacles = []
    try:
        check_obstacles(connection, duplicate_id, reading.now)
    except AppError as refusal:
        obstacles.append(refusal.code.value)
    counted = {
        name: _count(connection, table, duplicate_id)
        for name, table in (
            ("cards", card_tables.card),
            ("coupons", coupon_tables.coupon),
            ("contacts", holder_tables.contact),
            ("addresses", holder_tables.address),
        )
    }
    return wire.MergePreview(
        survivor=rows[survivor_id],
        duplicate=rows[duplicate_id],
        accounts=_accounts(connection, survivor_id, duplicate_id),
        choices=default_choices(connection, survivor, duplicate),
        obstacles=obstacles,
        **counted,
    )


def _count(connection: Connection, table: Any, holder_id: int) -> int:
    statement = select(func.count()).select_from(table).where(table.c.holder_id == holder_id)
    if "deleted_at" in table.c:
        statement = statement.where(table.c.deleted_at.is_(None))
    return int(connection.execute(statement).scalar_one())


def _accounts(
    connection: Connection, survivor_id: int, duplicate_id: int
) -> list[wire.MergedAccount]:
    mine = {row.account_type_id: row for row in open_accounts(connection, survivor_id)}
    found = []
    for row in open_accounts(connection, duplicate_id):
        target = mine.get(row.account_type_id)
        better = {} if target is None else better_of(connection, target, row)
        found.append(
            wire.MergedAccount(
                account_type_id=row.account_type_id,
                survivor=None if target is None else target.balance or 0,
                duplicate=row.balance or 0,
                pending=row.pending,
                uncovered=row.uncovered,
                credit_depth=better.get("credit_depth", row.credit_depth),
                level_id=better.get(
                    "level_id", row.level_id if target is None else target.level_id
                ),
            )
        )
    return found


def list_merges(asked: wire.ListMerges, reading: Reading) -> Page[wire.MergeRow]:
    """Merges whose survivor is of the user's divisions, newest first."""
    terms = []
    if reading.actor.divisions is not None:
        holder = holder_tables.holder
        mine = select(holder.c.holder_id).where(
            holder.c.division_id.in_(sorted(reading.actor.divisions))
        )
        terms.append(_table.c.survivor_id.in_(mine))
    found = list_rows(reading.connection, MERGES, asked, *terms)
    rows = [wire.MergeRow(**dict(zip(_FIELDS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)
