"""Reads the facts of a whole group of postings by set-based SELECTs (architecture, section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, case, exists, select, text
from sqlalchemy.engine import Dialect

from card_server.accounts import tables as account_tables
from card_server.accounts.records import Account
from card_server.cards import tables as card_tables
from card_server.cards.records import Card, CardAccount
from card_server.db.hot import Cursor, HotSelect
from card_server.holders import tables as holder_tables
from card_server.holders.people import Person
from card_server.holders.people_reading import PeopleReader
from card_server.holders.records import Holder
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.burnt_reading import BurntReader
from card_server.ledger.counter_reading import CounterReader
from card_server.ledger.coupon_reading import CouponReader
from card_server.ledger.facts import CounterKey, Facts, Wants
from card_server.ledger.history_reading import HistoryReader
from card_server.ledger.limits import Payer, wanted
from card_server.ledger.lot_reading import LotReader
from card_server.ledger.operation_reading import OperationReader
from card_server.ledger.record_rows import columns_of, make
from card_server.ledger.records import (
    Hold,
)
from card_server.ledger.row_reading import by_key

BIG = BigInteger()
OPEN_ACCOUNTS = text("crm_account.state <> 3")
"""As the filtered index says it: with a bound value no database would use that index."""
PHONE_CLASS = 1
LONGEST_NUMBER = 36
"""Digits of a card code with as many zeros in front as anybody sends."""


class FactsReader:
    """The statements of the two reading rounds, compiled once for a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._history = HistoryReader(dialect)
        self._lots = LotReader(dialect)
        self._prepare_cards(dialect)
        self._prepare_holders(dialect)
        self._operations = OperationReader(dialect)
        hold = tables.hold
        self._holds: HotSelect[Hold] = by_key(dialect, hold, hold.c.hold_id, Hold)
        self._people = PeopleReader(dialect, card_tables.card)
        self._coupons = CouponReader(dialect)
        self._burnt = BurntReader(dialect)
        self._counters = CounterReader(dialect)

    def _prepare_cards(self, dialect: Dialect) -> None:
        card, link = card_tables.card, card_tables.card_classifier
        columns = [card.c[name] for name in columns_of(Card) if name != "has_classifiers"]
        served = exists().where(link.c.card_code == card.c.card_code)
        self._cards: HotSelect[Card] = HotSelect(
            dialect,
            lambda keys: select(
                *columns, case((served, 1), else_=0).label("has_classifiers")
            ).where(card.c.card_code.in_(keys)),
            make(Card),
            BIG,
        )
        self._carriers: HotSelect[tuple[str, int]] = HotSelect(
            dialect,
            lambda keys: select(card.c.carrier_data, card.c.card_code).where(
                card.c.carrier_data.in_(keys), card.c.deleted_at.is_(None)
            ),
            _pair,
            card.c.carrier_data.type,
        )
        contact, kind = holder_tables.contact, holder_tables.contact_type
        self._phones: HotSelect[tuple[str, int]] = HotSelect(
            dialect,
            lambda keys: (
                select(contact.c.value_norm, card.c.card_code)
                .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
                .join(card, card.c.holder_id == contact.c.holder_id)
                .where(
                    contact.c.value_norm.in_(keys),
                    kind.c["class"] == PHONE_CLASS,
                    contact.c.deleted_at.is_(None),
                )
                .order_by(card.c.card_code)
            ),
            _pair,
            contact.c.value_norm.type,
        )
        self._card_accounts = by_key(
            dialect,
            card_tables.card_account,
            card_tables.card_account.c.card_code,
            CardAccount,
        )
        self._card_classifiers: HotSelect[tuple[int, int]] = HotSelect(
            dialect,
            lambda keys: select(link.c.card_code, link.c.classifier_id).where(
                link.c.card_code.in_(keys)
            ),
            _pair,
            BIG,
        )

    def _prepare_holders(self, dialect: Dialect) -> None:
        holder, account = holder_tables.holder, account_tables.account
        columns = [holder.c[name] for name in columns_of(Holder) if name != "is_deleted"]
        self._holders: HotSelect[Holder] = HotSelect(
            dialect,
            lambda keys: select(
                *columns, case((holder.c.deleted_at.is_not(None), 1), else_=0).label("is_deleted")
            ).where(holder.c.holder_id.in_(keys)),
            make(Holder),
            BIG,
        )
        self._owners: HotSelect[tuple[int, int | None]] = HotSelect(
            dialect,
            lambda keys: select(account.c.account_id, account.c.holder_id).where(
                account.c.account_id.in_(keys)
            ),
            _pair,
            BIG,
        )
        self._accounts: HotSelect[Account] = by_key(
            dialect, account, account.c.holder_id, Account, OPEN_ACCOUNTS
        )
        self._ownerless: HotSelect[Account] = by_key(
            dialect, account, account.c.account_id, Account, OPEN_ACCOUNTS
        )

    # ------------------------------------------------------------------ reading

    def read(self, cursor: Cursor, wants: Wants, facts: Facts, book: Book) -> None:
        """One round: everything that is wanted and not known yet joins facts and book."""
        self._read_cards(cursor, wants, facts)
        if wants.holds:
            for hold in self._holds.rows(cursor, wants.holds):
                facts.holds[hold.hold_id] = hold
                wants.accounts.add(hold.account_id)
        self._read_holders(cursor, wants, facts, book)
        self._operations.read(cursor, wants, facts)
        self._read_people(cursor, wants, facts)
        if wants.lots:
            self._lots.read(cursor, wants.lots, book)
        if wants.burnt:
            self._burnt.read(cursor, wants.burnt, facts, book)
        if wants.counters:
            self._counters.read(cursor, wants.counters, book)
        if wants.histories:
            self._history.read(cursor, wants.histories, facts, book)
            self._read_touched(cursor, wants.histories, facts, book)
        if wants.coupons or wants.holder_coupons or wants.coupon_operations:
            self._coupons.read(cursor, wants, facts, book)

    def _read_people(self, cursor: Cursor, wants: Wants, facts: Facts) -> None:
        if wants.people:
            self._people.read(cursor, wants.people - facts.people.keys(), facts.people)
        if wants.contacts:
            self._people.read_contacts(cursor, wants.contacts, facts.people)
        if wants.counts:
            self._people.read_counts(cursor, wants.counts, facts.people)

    def _read_touched(
        self, cursor: Cursor, histories: Iterable[int], facts: Facts, book: Book
    ) -> None:
        """Accounts of the histories with their lots, and the counters their payments moved."""
        found = [facts.histories[i] for i in histories if i in facts.histories]
        touched = [(entry.account_id, h.operation) for h in found for entry in h.entries]
        missing = {account_id for account_id, _ in touched if not book.has_account(account_id)}
        if missing:
            self._read_holders(cursor, Wants(accounts=missing), facts, book)
        lots: set[int] = set()
        counters: set[CounterKey] = set()
        for account_id, operation in touched:
            if not book.has_account(account_id):
                continue
            account = book.account(account_id)
            if book.lots_needed(account, debit=True):
                lots.add(account_id)
            counters |= wanted(book, account, Payer.of(operation))
        self._lots.read(cursor, lots, book)
        self._counters.read(cursor, counters, book)

    def _read_cards(self, cursor: Cursor, wants: Wants, facts: Facts) -> None:
        codes = wants.cards
        if wants.phones:
            for phone, code in self._phones.rows(cursor, wants.phones):
                facts.phones.setdefault(phone, []).append(code)
                codes.add(code)
        self._read_card_rows(cursor, codes, facts)
        unknown = {carrier for carrier in wants.carriers if not _is_card(carrier, facts)}
        if unknown:
            facts.carriers.update(self._carriers.rows(cursor, unknown))
            self._read_card_rows(cursor, set(facts.carriers.values()), facts)

    def _read_card_rows(self, cursor: Cursor, wanted: set[int], facts: Facts) -> None:
        codes = wanted - facts.cards.keys()
        if not codes:
            return
        limited, narrowed = [], []
        for card in self._cards.rows(cursor, codes):
            facts.cards[card.card_code] = card
            if card.limited_accounts:
                limited.append(card.card_code)
            if card.has_classifiers:
                narrowed.append(card.card_code)
        for row in self._card_accounts.rows(cursor, limited):
            facts.card_accounts.setdefault(row.card_code, []).append(row)
        served: dict[int, set[int]] = {}
        for code, classifier_id in self._card_classifiers.rows(cursor, narrowed):
            served.setdefault(code, set()).add(classifier_id)
        facts.card_classifiers.update({code: frozenset(ids) for code, ids in served.items()})

    def _read_holders(self, cursor: Cursor, wants: Wants, facts: Facts, book: Book) -> None:
        ids = set(wants.holders)
        if wants.accounts:
            owners = self._owners.rows(cursor, wants.accounts)
            facts.account_holders.update({i: h for i, h in owners if h is not None})
            for account in self._ownerless.rows(cursor, [i for i, h in owners if h is None]):
                book.put_account(account)
            ids |= {holder_id for _, holder_id in owners if holder_id is not None}
        ids |= {c.holder_id for c in facts.cards.values() if c.holder_id is not None}
        ids -= facts.holders.keys()
        if not ids:
            return
        shown = self._read_shown(cursor, wants, facts, book) if wants.shown else set()
        for holder in self._holders.rows(cursor, ids - shown):
            facts.holders[holder.holder_id] = holder
            facts.holder_accounts.setdefault(holder.holder_id, [])
            book.groups[holder.holder_id] = holder.group_id
        found = self._accounts.rows(cursor, ids)
        found.sort(key=_type_order)
        for account in found:
            book.put_account(account)
            if account.holder_id is not None:
                facts.holder_accounts.setdefault(account.holder_id, []).append(account.account_id)

    def _read_shown(self, cursor: Cursor, wants: Wants, facts: Facts, book: Book) -> set[int]:
        """A person's row holds the holder's too: one statement for both."""
        cards = [facts.cards[code] for code in wants.shown if code in facts.cards]
        ids = {card.holder_id for card in cards if card.holder_id is not None}
        ids -= facts.holders.keys()
        self._people.read(cursor, ids - facts.people.keys(), facts.people)
        for holder_id in ids & facts.people.keys():
            holder = facts.holders[holder_id] = _holder(facts.people[holder_id])
            facts.holder_accounts.setdefault(holder_id, [])
            book.groups[holder_id] = holder.group_id
        return ids


def _is_card(carrier: str, facts: Facts) -> bool:
    """The text is the number of a card that was found: what a carrier holds does not matter."""
    return (
        carrier.isascii()
        and carrier.isdigit()
        and len(carrier) <= LONGEST_NUMBER
        and int(carrier) in facts.cards
    )


def _holder(person: Person) -> Holder:
    return Holder(
        holder_id=person.holder_id,
        pos_number=person.pos_number,
        division_id=person.division_id,
        group_id=person.group_id,
        non_payer_type_id=person.non_payer_type_id,
        state=person.state,
        merged_into=person.merged_into,
        is_deleted=person.is_deleted,
    )


def _pair(first: Any, second: Any) -> tuple[Any, Any]:
    return (first, second)


def _type_order(account: Account) -> tuple[int, int]:
    return (account.account_type_id, account.account_id)
