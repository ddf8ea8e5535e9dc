"""A restaurant for tests: the real ledger on a real database, with a clock to be set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import Account
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.composition import open_ledger
from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.divisions.repository import bump_rules_version
from card_server.holders import tables as holder_tables
from card_server.holders.rules import name_keys
from card_server.ledger import tables
from card_server.ledger.group import Group, Item, Ledger
from card_server.ledger.manual import Header, Opening, OpeningLot
from card_server.ledger.posting_port import Posting
from card_server.presets.rk7 import apply_rk7_preset
from card_server.receipts.records import (
    Cheque,
    RelayCall,
    RelayLine,
    RelayOutcome,
    XmlCall,
    XmlItem,
)
from card_server.receipts.relay_posting import RelayPosting
from card_server.receipts.xml_posting import XmlPosting

CODE = "12345678901234567890"
BONUS, DISCOUNT, DEBIT, SPENT = 1, 2, 3, 5


class Shop:
    """The ledger, one classifier, and short words for what tests do."""

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        clock: list[datetime],
        engine: Engine | None = None,
    ) -> None:
        self._engine = engine
        self.ledger = ledger
        self.connection = connection
        self._clock = clock
        self.classifier_id = 0
        self._serial = 0

    @property
    def now(self) -> datetime:
        """The shop's clock."""
        return self._clock[0]

    def pass_time(self, **span: float) -> None:
        """Move the clock forward."""
        self._clock[0] += timedelta(**span)

    # ------------------------------------------------------------------ set-up

    def equip(self, calc_mode: int = 1) -> None:
        """The preset and its classifier."""
        with self.connection.begin():
            self.classifier_id = apply_rk7_preset(
                self.connection, code=CODE, name="RK7", now=self.now, calc_mode=calc_mode
            )
        self.ledger.forget_rules()

    def change(self, table: Any, key: Any, **values: Any) -> None:
        """Edit a dictionary row and read the rules again."""
        with self.connection.begin():
            self.connection.execute(update(table).where(key).values(**values))
            bump_rules_version(self.connection, self.now)
        self.ledger.forget_rules()

    def type_of(self, type_id: int, **values: Any) -> None:
        """Change an account type of the preset."""
        table = account_tables.account_type
        self.change(table, table.c.account_type_id == type_id, **values)

    def link(self, type_id: int, **values: Any) -> None:
        """Change a row of the matrix."""
        table = classifier_tables.classifier_account_type
        key = (table.c.classifier_id == self.classifier_id) & (table.c.account_type_id == type_id)
        self.change(table, key, **values)

    def program(self, **values: Any) -> None:
        """Change the classifier."""
        table = classifier_tables.classifier
        self.change(table, table.c.classifier_id == self.classifier_id, **values)

    def add(self, table: Any, **values: Any) -> None:
        """A further dictionary row; the rules are read again."""
        std = {"created_at": self.now, "updated_at": self.now} if "version" in table.c else {}
        with self.connection.begin():
            self.connection.execute(insert(table).values(**std, **values))
            bump_rules_version(self.connection, self.now)
        self.ledger.forget_rules()

    def issue(self, code: int, *, state: int = 1, name: str = "", **card: Any) -> int:
        """A holder with the four accounts and one card; returns the holder's id."""
        std = {"created_at": self.now, "updated_at": self.now}
        full = name or f"Гость {code}"
        with self.connection.begin():
            ids = self.ledger.ids
            holder_id = ids.take("holder")
            self.connection.execute(
                insert(holder_tables.holder).values(
                    holder_id=holder_id,
                    pos_number=ids.take("pos_number"),
                    division_id=1,
                    group_id=1,
                    registered_at=self.now,
                    **std,
                )
            )
            self.connection.execute(
                insert(holder_tables.person).values(
                    holder_id=holder_id, full_name=full, **name_keys(full, None, None, None)
                )
            )
            for type_id in (BONUS, DISCOUNT, DEBIT, SPENT):
                self.connection.execute(
                    insert(account_tables.account).values(
                        account_id=ids.take("account"),
                        owner_kind=1,
                        holder_id=holder_id,
                        account_type_id=type_id,
                        opened_at=self.now,
                        **std,
                    )
                )
            self.connection.execute(
                insert(card_tables.card).values(
                    card_code=code, holder_id=holder_id, state=state, **card, **std
                )
            )
        return int(holder_id)

    def reopen(self) -> None:
        """Lose everything that is only in memory, as a crash does, and start again."""
        assert self._engine is not None
        self.connection.close()
        self.ledger, self.connection = open_ledger(self._engine, lambda: self._clock[0])

    # ------------------------------------------------------------------ doing

    def run(self, *postings: Posting[Any]) -> list[Any]:
        """Run postings as one group."""
        group = Group(
            items=[
                Item(posting=p, edit=None, done=lambda _: None, queued_at=time.monotonic())
                for p in postings
            ]
        )
        self.ledger.run(group)
        return group.outcomes

    def call(self, card: int, lines: list[tuple[int, int]], chmode: int = 1, **facts: Any) -> Any:
        """A TransactionsEx call of one card; lines are (kind, kopecks)."""
        self._serial += 1
        facts.setdefault("order_guid", f"order-{self._serial}")
        facts.setdefault("check_no", 1)
        facts.setdefault("stamp", self.now.isoformat("T", "milliseconds")[:23])
        call = RelayCall(
            classifier_id=self.classifier_id,
            chmode=chmode,
            lines=[RelayLine(card=card, person_id=0, kind=k, amount=a) for k, a in lines],
            **facts,
        )
        return RelayPosting(call, self.ledger.rules.classifiers[self.classifier_id], None)

    def till(self, card: int, lines: list[tuple[int, int]], chmode: int = 1, **facts: Any) -> Any:
        """Post one call and give back its outcome."""
        (outcome,) = self.run(self.call(card, lines, chmode, **facts))
        return outcome

    def ok(self, card: int, lines: list[tuple[int, int]], chmode: int = 1, **facts: Any) -> None:
        """Post one call that must succeed."""
        outcome = self.till(card, lines, chmode, **facts)
        assert isinstance(outcome, RelayOutcome), outcome
        assert outcome.error is None, outcome.error

    def grant(self, holder_id: int, type_id: int, amount: int, *, days: int | None = None) -> None:
        """A balance by hand; with `days`, points that end so many days from now."""
        self._serial += 1
        ends = (self.now + timedelta(days=days)).date() if days is not None else None
        lots = (OpeningLot(amount=amount, expires_on=ends),) if days is not None else ()
        posting = Opening(
            header=Header(key=f"grant-{self._serial}"),
            holder_id=holder_id,
            account_type_id=type_id,
            amount=amount,
            lots=lots,
        )
        (outcome,) = self.run(posting)
        assert outcome.error is None, outcome.error

    def message(self, *items: XmlItem, **facts: Any) -> XmlPosting:
        """A Transaction message of the XML API."""
        call = XmlCall(classifier_id=self.classifier_id, items=list(items), **facts)
        return XmlPosting(call, self.ledger.rules.classifiers[self.classifier_id])

    def book(self, *items: XmlItem, **facts: Any) -> Any:
        """Post one message and give back its outcome."""
        (outcome,) = self.run(self.message(*items, **facts))
        return outcome

    # ------------------------------------------------------------------ looking

    def holder(self, card: int) -> int:
        """The holder of a card."""
        table = card_tables.card
        found = self.connection.execute(
            select(table.c.holder_id).where(table.c.card_code == card)
        ).scalar_one()
        self.connection.rollback()
        return int(found)

    def account(self, holder_id: int, type_id: int) -> Account:
        """A holder's account as stored."""
        table = account_tables.account
        columns = [table.c[name] for name in Account.__struct_fields__]
        row = self.connection.execute(
            select(*columns).where(
                table.c.holder_id == holder_id, table.c.account_type_id == type_id
            )
        ).one()
        self.connection.rollback()
        return Account(**row._mapping)

    def balance(self, holder_id: int, type_id: int) -> int:
        """A holder's balance of a type."""
        return self.account(holder_id, type_id).balance

    def lots(self, holder_id: int) -> list[tuple[int, int]]:
        """(amount, remaining) of the bonus lots, oldest first."""
        account_id = self.account(holder_id, BONUS).account_id
        rows = self.connection.execute(
            select(tables.lot.c.amount, tables.lot.c.remaining)
            .where(tables.lot.c.account_id == account_id)
            .order_by(tables.lot.c.lot_id)
        ).all()
        self.connection.rollback()
        return [(row.amount, row.remaining) for row in rows]

    def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows of a table in the order of its key."""
        statement = select(table).where(*where).order_by(*table.primary_key.columns)
        found = list(self.connection.execute(statement).all())
        self.connection.rollback()
        return found

    def count(self, table: Any) -> int:
        """Rows of a table."""
        found = len(self.connection.execute(select(*table.primary_key.columns)).all())
        self.connection.rollback()
        return found


@contextmanager
def open_shop(where: Path | DatabaseAddress, start: datetime, calc_mode: int = 1) -> Iterator[Shop]:
    """A shop on a migrated database, or on the embedded one of a data folder."""
    clock = [start]
    address = address_of(None, where) if isinstance(where, Path) else where
    engine = make_engine(address)
    ledger, connection = open_ledger(engine, lambda: clock[0])
    shop = Shop(ledger, connection, clock, engine)
    shop.equip(calc_mode)
    yield shop
    shop.connection.close()
    engine.dispose()


__all__ = ["Cheque", "Shop", "open_shop"]
