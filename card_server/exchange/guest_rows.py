"""The rows of new guests and cards of one piece, gathered and written by a few statements.

An import of one hundred thousand guests would otherwise be two million statements. The journal
names every row that was made; its values stand in the row itself until somebody changes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, insert

from card_server.accounts.opening import AccountDesk
from card_server.cards import tables as card_tables
from card_server.db.change_log import Action
from card_server.exchange.records import ContactPart
from card_server.holders import service, tables
from card_server.holders.addresses import AddressEditor
from card_server.holders.records import AddressWish, PersonWish
from card_server.holders.rules import tail_of
from card_server.holders.workbench import Workbench
from card_server.http.routes import Ids

ORDER: Final[tuple[Table, ...]] = (
    tables.holder,
    tables.person,
    tables.contact,
    tables.address,
    tables.consent,
    tables.property_link,
    card_tables.card,
    card_tables.card_event,
)
"""Rows that others point at come first."""
NUMBERED: Final[Mapping[str, tuple[str, str]]] = {
    tables.holder.name: ("pos_number", "pos_number"),
    tables.consent.name: ("consent_id", "change"),
    card_tables.card_event.name: ("card_event_id", "change"),
}
"""Columns that get their numbers together, and the counter they come from."""
UNJOURNALLED: Final = frozenset({card_tables.card_event.name})


class GuestRows:
    """Rows that wait for the end of their piece."""

    def __init__(self, bench: Workbench, ids: Ids, accounts: AccountDesk) -> None:
        self._bench = bench
        self._ids = ids
        self._accounts = accounts
        self._rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in ORDER}
        self._guests: dict[int | None, list[int]] = {}
        """New guests by their group, for whom accounts are to be opened."""

    def add(self, table: Table, row: dict[str, Any]) -> None:
        """Keep a row."""
        self._rows[table.name].append(row)

    def guest(
        self, wish: PersonWish, contacts: Sequence[ContactPart], address: AddressWish | None
    ) -> int:
        """A new guest with what belongs to it; contacts were compared with others before."""
        bench = self._bench
        holder_id = bench.ids.take("holder")
        holder, person = service.new_rows(bench, holder_id, wish)
        self.add(tables.holder, holder)
        self.add(tables.person, person)
        classes: set[int] = set()
        for part in contacts:
            self.add(
                tables.contact,
                {
                    "contact_id": bench.ids.take("contact"),
                    "holder_id": holder_id,
                    "contact_type_id": part.type_id,
                    "value": part.value,
                    "value_norm": part.norm,
                    "value_tail": tail_of(part.norm),
                    "dispatch": True,
                    "is_main": part.contact_class not in classes,
                },
            )
            classes.add(part.contact_class)
        if address is not None:
            self.add(tables.address, AddressEditor(bench, holder_id).new_row(address))
        self._guests.setdefault(holder["group_id"], []).append(holder_id)
        return holder_id

    def write(self) -> None:
        """Write and journal what was kept."""
        for table in ORDER:
            rows = self._rows[table.name]
            if not rows:
                continue
            self._rows[table.name] = []
            self._number(table, rows)
            for part in _alike(rows):
                self._write(table, part)
        guests, self._guests = self._guests, {}
        types = [kind.account_type_id for kind in self._accounts.opened_types()]
        for group_id, holder_ids in guests.items():
            self._accounts.open_many(holder_ids, types, group_id)

    def _number(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if table.name in NUMBERED:
            column, kind = NUMBERED[table.name]
            first = self._ids.take_many(kind, len(rows))
            for i, row in enumerate(rows):
                row[column] = first + i

    def _write(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if table.name in UNJOURNALLED:
            self._bench.connection.execute(insert(table), rows)
            return
        log = self._bench.log
        log.insert_rows(table, rows)
        for row in rows:
            key = {column.name: row[column.name] for column in table.primary_key}
            log.record(table, key, Action.INSERT, {}, {})


def _alike(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows with the same columns together: one statement has one list of them."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row)), []).append(row)
    return list(groups.values())
