"""The facts of the bulk generator from memory instead of the database.

It answers what the postings of the timeline ask for, exactly as `FactsReader` would: accounts and
lots stay the same objects from group to group, and an order is remembered for as long as later
rows speak of it.
"""

from __future__ import annotations

from array import array
from datetime import datetime

from card_server.accounts.records import Account
from card_server.cards.records import Card
from card_server.demo.timeline import moment_of
from card_server.holders.records import Holder
from card_server.ledger.book import Book
from card_server.ledger.facts import AccountLots, Facts, History, Wants
from card_server.ledger.records import (
    ACCEPTED,
    Allocation,
    Entry,
    Lot,
    Operation,
    OperationKind,
)

ROLLBACKS = (OperationKind.SALE_ROLLBACK, OperationKind.REFUND_ROLLBACK)


class Opened:
    """What population gave to each guest number: ids in columns, because there may be millions."""

    def __init__(self, types: tuple[int, ...], levels: dict[int, int], group_id: int) -> None:
        self.types = types
        self.levels = levels
        self.group_id = group_id
        self.holders = array("q")
        self.pos_numbers = array("q")
        self.accounts = array("q")
        """Id of the first account; those of the other types follow."""
        self.cards = array("q")
        """The first card; those of the same guest follow."""
        self.several = array("b")
        self.registered = array("q")

    def add(
        self,
        holder_id: int,
        pos_number: int,
        account_ids: list[int],
        cards: list[int],
        registered_s: int,
    ) -> None:
        """The next guest."""
        self.holders.append(holder_id)
        self.pos_numbers.append(pos_number)
        self.accounts.extend(account_ids)
        self.cards.append(cards[0])
        self.several.append(len(cards))
        self.registered.append(registered_s)

    def account_ids(self, number: int) -> array[int]:
        """The accounts of a guest, one a type."""
        width = len(self.types)
        return self.accounts[number * width : (number + 1) * width]


class _Order:
    """One order that later rows speak of."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.entries: dict[int, list[Entry]] = {}
        self.lots: dict[int, list[Lot]] = {}
        self.allocations: list[Allocation] = []
        self.touched: dict[int, Lot] = {}
        """Every lot that an allocation names."""
        self.watched: list[int] = []


class Memory:
    """Accounts and lots of the guests met so far, and the orders that are not over."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._accounts: dict[int, list[Account]] = {}
        self._cards: dict[int, Card] = {}
        self._holders: dict[int, Holder] = {}
        self._lots: dict[int, dict[int, Lot]] = {}
        self._uncovered: dict[int, list[tuple[Entry, int]]] = {}
        self._orders: dict[str, _Order] = {}
        self._number_of_card: dict[int, int] = {}
        self._number_of_holder: dict[int, int] = {}
        self._watched: dict[int, _Order] = {}
        """Entry or lot id -> the order it belongs to."""

    # ------------------------------------------------------------------ before a group

    def expect(self, cards: dict[int, int]) -> None:
        """The cards of the next group, with the numbers of their guests."""
        self._number_of_card = cards
        self._number_of_holder = {self._opened.holders[n]: n for n in cards.values()}

    @property
    def is_open(self) -> bool:
        """Some order is not over."""
        return bool(self._orders)

    def keep(self, order_guid: str) -> None:
        """Later rows speak of this order."""
        self._orders.setdefault(order_guid, _Order())

    def drop(self, order_guid: str) -> None:
        """No later row speaks of it."""
        order = self._orders.pop(order_guid, None)
        for key in order.watched if order is not None else ():
            self._watched.pop(key, None)

    # ------------------------------------------------------------------ reading

    def read(self, wants: Wants, facts: Facts, book: Book) -> None:
        """One round of reading, as `FactsReader.read` does it."""
        self._read_people(wants, facts, book)
        for who, guid in wants.orders:
            order = self._orders.get(guid)
            if order is not None and order.operations:
                self._read_order(who, guid, order, wants, facts)
        for account_id in sorted(wants.lots):
            if not book.has_lots(account_id):
                book.put_lots(account_id, self._lots_of(account_id))
        for operation_id in wants.histories - facts.histories.keys():
            history = self._history(operation_id, wants)
            if history is not None:
                facts.histories[operation_id] = history
                book.put_history(history)

    def _read_people(self, wants: Wants, facts: Facts, book: Book) -> None:
        for code in wants.cards - facts.cards.keys():
            number = self._number_of_card.get(code)
            if number is not None:
                self._read_card(number, code, facts)
                self._read_guest(number, facts, book)
        for holder_id in wants.holders - facts.holders.keys():
            number = self._number_of_holder.get(holder_id)
            if number is not None:
                self._read_guest(number, facts, book)

    @staticmethod
    def _read_order(who: int, guid: str, order: _Order, wants: Wants, facts: Facts) -> None:
        facts.orders[(who, guid)] = list(order.operations)
        for row in order.operations:
            if row.kind in ROLLBACKS and row.reverses_id is not None and row.status == ACCEPTED:
                facts.rolled_back[row.reverses_id] = row
            key = (row.classifier_id, row.idem_key)
            if key in wants.keys:
                facts.keys.setdefault(key, []).append(row)

    def _read_card(self, number: int, code: int, facts: Facts) -> None:
        card = self._cards.get(code)
        if card is None:
            card = self._cards[code] = Card(
                card_code=code,
                holder_id=self._opened.holders[number],
                group_id=CARD_GROUP,
                valid_from=moment_of(self._opened.registered[number]).date(),
            )
        facts.cards[code] = card

    def _read_guest(self, number: int, facts: Facts, book: Book) -> None:
        opened = self._opened
        holder_id = opened.holders[number]
        holder = self._holders.get(holder_id)
        if holder is None:
            holder = self._holders[holder_id] = Holder(
                holder_id=holder_id,
                pos_number=opened.pos_numbers[number],
                group_id=opened.group_id,
                non_payer_type_id=1,
            )
        facts.holders[holder_id] = holder
        accounts = self._accounts.get(number)
        if accounts is None:
            opened_at = moment_of(opened.registered[number])
            accounts = self._accounts[number] = self._open(number, holder_id, opened_at)
        for account in accounts:
            book.put_account(account)
        facts.holder_accounts[holder_id] = [account.account_id for account in accounts]

    def _open(self, number: int, holder_id: int, at: datetime) -> list[Account]:
        opened = self._opened
        return [
            Account(
                account_id=account_id,
                owner_kind=1,
                holder_id=holder_id,
                account_type_id=type_id,
                level_id=opened.levels.get(type_id),
                opened_at=at,
            )
            for type_id, account_id in zip(opened.types, opened.account_ids(number), strict=True)
        ]

    def _lots_of(self, account_id: int) -> AccountLots:
        lots = self._lots.get(account_id, {})
        return AccountLots(
            lots=[lots[lot_id] for lot_id in sorted(lots)],
            uncovered=list(self._uncovered.get(account_id, ())),
            holds=[],
            hold_lots=[],
        )

    def _history(self, operation_id: int, wants: Wants) -> History | None:
        for _, guid in wants.orders:
            order = self._orders.get(guid)
            if order is None:
                continue
            for row in order.operations:
                if row.operation_id == operation_id:
                    return self._history_in(order, row)
        return None

    def _history_in(self, order: _Order, operation: Operation) -> History:
        entries = order.entries.get(operation.operation_id, [])
        own = {entry.entry_id for entry in entries}
        lots = order.lots.get(operation.operation_id, [])
        made = {lot.lot_id for lot in lots}
        operation_id = operation.operation_id
        allocations = [
            row
            for row in order.allocations
            if row.entry_id in own or row.operation_id == operation_id
        ]
        reversing = [row for row in order.operations if row.reverses_id == operation_id]
        return History(
            operation=operation,
            entries=list(entries),
            roots={},
            lots=list(lots),
            allocations=allocations,
            touched_lots=[order.touched[i] for i in sorted({row.lot_id for row in allocations})],
            lot_allocations=[row for row in order.allocations if row.lot_id in made],
            reversing=reversing,
            reversing_entries=[
                entry for row in reversing for entry in order.entries.get(row.operation_id, [])
            ],
            terms=[],
            levels=[],
            coupon_uses=[],
            holds=[],
        )

    # ------------------------------------------------------------------ after a group

    def take_over(self, book: Book) -> None:
        """What the group left."""
        rows = book.rows
        for lots in (rows.lots, book.changed_lots()):
            for lot in lots:
                mine = self._lots.setdefault(lot.account_id, {})
                if lot.remaining > 0:
                    mine[lot.lot_id] = lot
                else:
                    mine.pop(lot.lot_id, None)
        for account in book.changed_accounts():
            key = account.account_id
            if not account.uncovered:
                self._uncovered.pop(key, None)
            elif book.has_lots(key):
                self._uncovered[key] = book.shelf(key).uncovered
        if self._orders:
            self._follow(book)

    def _follow(self, book: Book) -> None:
        """Everything that touches an order which is not over."""
        rows = book.rows
        mine: dict[int, _Order] = {}
        for operation in rows.operations:
            order = self._orders.get(operation.order_guid or "")
            if order is not None:
                order.operations.append(operation)
                mine[operation.operation_id] = order
        for entry in rows.entries:
            order = mine.get(entry.operation_id)
            if order is not None:
                order.entries.setdefault(entry.operation_id, []).append(entry)
                self._watch(entry.entry_id, order)
        for lot in rows.lots:
            order = mine.get(lot.operation_id)
            if order is not None:
                order.lots.setdefault(lot.operation_id, []).append(lot)
                self._watch(lot.lot_id, order)
        for row in rows.allocations:
            orders = {
                id(order): order
                for order in (
                    mine.get(row.operation_id),
                    self._watched.get(row.entry_id),
                    self._watched.get(row.lot_id),
                )
                if order is not None
            }
            for order in orders.values():
                order.allocations.append(row)
                order.touched[row.lot_id] = book.lot(row.lot_id)

    def _watch(self, key: int, order: _Order) -> None:
        self._watched[key] = order
        order.watched.append(key)


CARD_GROUP = 11
