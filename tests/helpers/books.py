"""A Book in memory for tests of the ledger's arithmetic: rules, ids, accounts, no database."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from card_server.accounts.records import (
    CLASS_BONUS,
    CLASS_DEBIT,
    CLASS_RECEIVABLE,
    CLASS_SPENT,
    UNIT_POINTS,
    Account,
    AccountType,
    SpendLimit,
)
from card_server.classifiers.records import Classifier
from card_server.divisions.records import Division
from card_server.ledger.book import Book, Draft
from card_server.ledger.facts import AccountLots
from card_server.ledger.records import Lot, LotState, Operation, OperationKind
from card_server.ledger.rule_set import RuleSet

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOLDER: Final = 1
BONUS, DEBIT, SPENT, OWED = 1, 3, 5, 82

TYPES: Final = {
    BONUS: AccountType(
        account_type_id=BONUS,
        name="Бонусы",
        account_class=CLASS_BONUS,
        value_unit=UNIT_POINTS,
        uses_lots=True,
        life_kind=1,
        life_value=30,
    ),
    DEBIT: AccountType(account_type_id=DEBIT, name="Деньги", account_class=CLASS_DEBIT),
    SPENT: AccountType(account_type_id=SPENT, name="Потрачено", account_class=CLASS_SPENT),
    OWED: AccountType(account_type_id=OWED, name="Долг", account_class=CLASS_RECEIVABLE),
}


class Counter:
    """Ids from 1 for every kind."""

    def __init__(self) -> None:
        self._next: dict[str, int] = defaultdict(int)

    def take(self, kind: str) -> int:
        """The next id of a kind."""
        self._next[kind] += 1
        return self._next[kind]


def rules_with(
    *,
    types: dict[int, AccountType] | None = None,
    limits: tuple[SpendLimit, ...] = (),
    **facts: Any,
) -> RuleSet:
    """A small rule set: one classifier, four account types."""
    by_type: dict[int, list[SpendLimit]] = defaultdict(list)
    for limit in limits:
        by_type[limit.account_type_id].append(limit)
    return RuleSet(
        version=1,
        account_types=types or TYPES,
        classifiers={1: Classifier(classifier_id=1, code="1", name="RK7")},
        classifier_codes={"1": 1},
        levels={},
        schemes={},
        time_sets={},
        divisions={1: Division(division_id=1, name="Дом", id_prefix=1)},
        units={},
        limits={type_id: tuple(found) for type_id, found in by_type.items()},
        **facts,
    )


def type_with(type_id: int, **facts: Any) -> dict[int, AccountType]:
    """The account types with one of them changed."""
    return {**TYPES, type_id: msgspec.structs.replace(TYPES[type_id], **facts)}


def book_with(rules: RuleSet | None = None, now: datetime = NOW) -> Book:
    """A book with one holder's accounts, all of them read, all of them empty."""
    book = Book(rules or rules_with(), Counter(), now)
    for type_id in (BONUS, DEBIT, SPENT):
        number = book.ids.take("account")
        book.put_account(
            Account(account_id=number, holder_id=HOLDER, account_type_id=type_id, opened_at=now)
        )
        empty = AccountLots(lots=[], uncovered=[], holds=[], hold_lots=[])
        book.put_lots(number, empty)
    return book


def account(book: Book, type_id: int) -> Account:
    """The holder's account of a type."""
    found = book.account_of_type(HOLDER, type_id)
    assert found is not None
    return found


def draft(book: Book, kind: OperationKind = OperationKind.SALE, **facts: Any) -> Draft:
    """An operation being made now."""
    operation_id = book.ids.take("operation")
    row = Operation(
        operation_id=operation_id,
        kind=kind,
        classifier_id=1,
        holder_id=HOLDER,
        idem_key=f"k{operation_id}",
        fingerprint=bytes(32),
        occurred_at=book.now,
        recorded_at=book.now,
        business_date=date(2026, 3, 2),
    )
    return book.begin(msgspec.structs.replace(row, **facts))


def put_lot(book: Book, amount: int, *, days: int | None = 30, in_days: int = 0) -> Lot:
    """A bonus lot that ends `days` from now and is usable `in_days` from now."""
    bonus = account(book, BONUS)
    ends = book.now + timedelta(days=days) if days is not None else None
    lot = Lot(
        lot_id=book.ids.take("lot"),
        account_id=bonus.account_id,
        entry_id=10_000 + amount,
        operation_id=10_000,
        amount=amount,
        origin=2,
        available_at=book.now + timedelta(days=in_days),
        expires_at=ends,
        expires_on=ends.date() if ends is not None else None,
        remaining=amount,
        state=LotState.AVAILABLE,
    )
    book.add_lot(lot)
    book.set_account(bonus, "balance", bonus.balance + amount)
    return lot


def is_sound(book: Book) -> bool:
    """I-8, I-9, I-20 on the bonus account: lots, allocations, pins and balance agree."""
    bonus = account(book, BONUS)
    shelf = book.shelf(bonus.account_id)
    lots = list(shelf.lots.values())
    pinned: dict[int, int] = defaultdict(int)
    for pins in shelf.pins.values():
        for pin in pins.values():
            pinned[pin.lot_id] += pin.amount
    return (
        bonus.balance == sum(lot.remaining for lot in lots) - bonus.uncovered
        and all(0 <= lot.held <= lot.remaining <= lot.amount for lot in lots)
        and all(lot.held == pinned[lot.lot_id] for lot in lots)
        and bonus.uncovered == sum(rest for _, rest in shelf.uncovered)
    )
