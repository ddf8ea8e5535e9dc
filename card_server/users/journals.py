"""Reading the journals: who signed in, who changed what (domain 1.11)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from card_server.db.change_log import PERSONAL_TABLES
from card_server.db.listing import list_rows
from card_server.http.routes import Actor, Reading
from card_server.users import repository, tables
from shared.wire import roles as wire
from shared.wire.base import Page

MOST_CHANGES: Final = 200
MASK: Final = "***"
RIGHT_OF_TABLE: Final = {
    "holder": "holder.view",
    "person": "holder.view",
    "contact": "holder.view",
    "address": "holder.view",
    "property_link": "holder.view",
    "card": "holder.view",
    "account": "operation.view",
    "coupon": "coupon.state",
    "certificate": "certificate.sell",
    "licence": "licence.load",
    "coupon_type": "program.edit",
    "user": "user.edit",
    "role": "user.edit",
}
"""The right that shows a row also shows its history; any other table needs `journal.view`."""


def list_activity(asked: wire.ListActivity, reading: Reading) -> Page[wire.Activity]:
    """The access journal."""
    found = list_rows(reading.connection, repository.ACTIVITY, asked)
    rows = [repository.record_of(wire.Activity, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def list_journal(asked: wire.ListJournal, reading: Reading) -> Page[wire.ChangeRow]:
    """The journal of edits."""
    found = list_rows(reading.connection, repository.JOURNAL, asked)
    rows = [repository.record_of(wire.ChangeRow, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def get_history(asked: wire.GetHistory, reading: Reading) -> wire.RowHistory:
    """The changes of one row, newest first."""
    actor = reading.actor
    if "journal.view" not in actor.rights:
        actor.need(RIGHT_OF_TABLE.get(asked.table_name, "journal.view"))
    table = tables.change_set
    names = wire.ChangeRow.__struct_fields__
    rows = reading.connection.execute(
        select(*(table.c[name] for name in names))
        .where(table.c.table_name == asked.table_name, table.c.row_key == asked.row_key)
        .order_by(table.c.change_id.desc())
        .limit(MOST_CHANGES)
    ).all()
    changes = [repository.record_of(wire.ChangeRow, row) for row in rows]
    fields = repository.changed_fields(reading.connection, [row.change_id for row in changes])
    if not _sees_persons(actor, asked.table_name):
        fields = {number: [_masked(field) for field in some] for number, some in fields.items()}
    return wire.RowHistory(changes=changes, fields=fields)


def _sees_persons(actor: Actor, table: str) -> bool:
    return table not in PERSONAL_TABLES or "person.contacts" in actor.rights


def _masked(field: wire.ChangedField) -> wire.ChangedField:
    if not field.is_personal:
        return field
    return wire.ChangedField(
        field_name=field.field_name,
        old_value=MASK if field.old_value is not None else None,
        new_value=MASK if field.new_value is not None else None,
        is_personal=True,
        erased_at=field.erased_at,
    )
