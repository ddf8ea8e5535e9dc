"""Looking at a card: holder, accounts with rates, worth; from the group's facts (domain 3.18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT, Account
from card_server.cards.records import Card
from card_server.classifiers.records import DEFAULT_PRIORITY, Classifier, MatrixRow
from card_server.holders.people import Person
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.spending import Worth, worth
from card_server.schemes.rules import NO_RATE, Rate, rate_of, scheme_of
from shared.wire.errors import AppError, ErrorCode

LONGEST_NUMBER = 18


class SeenAccount(msgspec.Struct, kw_only=True):
    """An account with what it is worth and its rate now."""

    account: Account
    figures: Worth
    rate: Rate
    row: MatrixRow | None


class Seen(msgspec.Struct, kw_only=True):
    """What a look at a card found."""

    card: Card
    person: Person | None
    accounts: list[SeenAccount]
    served: bool
    now: datetime


class CardInquiry:
    """Looks up cards by what a till or a program sent; changes nothing."""

    exclusive: frozenset[str] = frozenset()

    def __init__(
        self,
        codes: Sequence[str],
        classifier: Classifier,
        *,
        contacts: bool = False,
        accounts: bool = True,
        skip_unknown: bool = False,
    ) -> None:
        self._codes = codes
        self._classifier = classifier
        self._contacts = contacts
        self._accounts = accounts
        self._skip_unknown = skip_unknown

    def wants(self) -> Wants:
        """Numbers as card codes, everything else (and long numbers) as carrier data."""
        wants = Wants()
        for code in self._codes:
            if code.isascii() and code.isdigit() and len(code.lstrip("0")) <= LONGEST_NUMBER:
                wants.cards.add(int(code))
            if code:
                wants.carriers.add(code)
        return wants

    def _found(self, code: str, facts: Facts) -> Card | None:
        if code.isascii() and code.isdigit() and len(code) <= LONGEST_NUMBER * 2:
            card = facts.cards.get(int(code))
            if card is not None:
                return card
        by_carrier = facts.carriers.get(code)
        return facts.cards.get(by_carrier) if by_carrier is not None else None

    def more(self, facts: Facts, book: Book) -> Wants:
        """Persons, contacts, and lots where the caches are out of date."""
        wants = Wants()
        for code in self._codes:
            card = self._found(code, facts)
            if card is None or card.holder_id is None:
                continue
            wants.people.add(card.holder_id)
            if self._contacts:
                wants.contacts.add(card.holder_id)
            for account in book.accounts_of(card.holder_id):
                if book.lots_needed(account):
                    wants.lots.add(account.account_id)
        return wants

    def decide(self, facts: Facts, book: Book) -> list[Seen]:
        """One finding for each code that exists."""
        found = []
        for code in self._codes:
            card = self._found(code, facts)
            if card is None:
                if self._skip_unknown:
                    continue
                raise AppError(ErrorCode.CARD_NOT_FOUND, card=code)
            found.append(self._see(card, facts, book))
        return found

    def _see(self, card: Card, facts: Facts, book: Book) -> Seen:
        served = facts.card_classifiers.get(card.card_code)
        holder_id = card.holder_id
        accounts = book.accounts_of(holder_id) if holder_id is not None else []
        return Seen(
            card=card,
            person=facts.people.get(holder_id) if holder_id is not None else None,
            accounts=see_accounts(book, accounts, self._classifier) if self._accounts else [],
            served=served is None or self._classifier.classifier_id in served,
            now=book.now,
        )


def see_accounts(
    book: Book, accounts: Sequence[Account], classifier: Classifier
) -> list[SeenAccount]:
    """Worth and rate of each account at this moment."""
    zone = book.zone(classifier.classifier_id)
    local = None
    rules = book.rules
    seen = []
    for account in accounts:
        kind = rules.account_types[account.account_type_id]
        rate = NO_RATE
        if kind.account_class in (CLASS_BONUS, CLASS_DISCOUNT) and account.state == 1:
            scheme_id, source = scheme_of(account, kind, classifier, rules.levels)
            scheme = rules.schemes.get(scheme_id) if scheme_id is not None else None
            if scheme is not None and scheme.params and local is None:
                local = zone.local(book.now)
            rate = rate_of(
                scheme, source, rules.time_sets, local or book.now, zone.business_date(book.now)
            )
        seen.append(
            SeenAccount(
                account=account,
                figures=worth(book, account),
                rate=rate,
                row=classifier.matrix.get(account.account_type_id),
            )
        )
    return seen


def best_rate(seen: Sequence[SeenAccount], account_class: int, classes: dict[int, int]) -> Rate:
    """The highest rate of a class; equal: lowest debit priority, then type id (3.5)."""
    mine = [s for s in seen if classes[s.account.account_type_id] == account_class]
    usable = [s for s in mine if s.account.state == 1]
    if not usable:
        return NO_RATE
    best = min(usable, key=_rate_order)
    return best.rate


def _rate_order(seen: SeenAccount) -> tuple[int, int, int]:
    priority = seen.row.debit_priority if seen.row is not None else None
    return (
        -seen.rate.rate_bp,
        DEFAULT_PRIORITY if priority is None else priority,
        seen.account.account_type_id,
    )
