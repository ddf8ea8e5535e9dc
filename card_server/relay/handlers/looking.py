"""Looking at a card: holder, accounts with rates, worth; from the group's facts (domain 3.18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT, Account
from card_server.cards.records import CARD_ACTIVE, Card
from card_server.classifiers.records import DEFAULT_PRIORITY, Classifier, MatrixRow
from card_server.coupons.records import Coupon, CouponType
from card_server.coupons.rules import code_of, refusal
from card_server.holders.people import Person
from card_server.holders.rules import normal_phone
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.spending import Worth, worth
from card_server.receipts.coupon_using import case_for
from card_server.receipts.relay_coupons import offered
from card_server.schemes.rules import NO_RATE, Rate, rate_of, scheme_of
from shared.wire.errors import AppError, ErrorCode

LONGEST_NUMBER = 18
SHORT_PHONE, LONGEST_PHONE = 10, 15
PHONE_SIGNS = frozenset("0123456789+-() .")


class SeenAccount(msgspec.Struct, kw_only=True):
    """An account with what it is worth and its rate now."""

    account: Account
    figures: Worth
    rate: Rate
    row: MatrixRow | None
    expired: bool = False


class Seen(msgspec.Struct, kw_only=True):
    """What a look at a card found."""

    card: Card
    person: Person | None
    accounts: list[SeenAccount]
    served: bool
    now: datetime
    allowed: frozenset[int] | None = None
    """Accounts of a limited card; None for all."""
    offered: list[Coupon] = []
    """Coupons of the holder that can be used here and now, if they were asked for."""


class SeenCoupon(msgspec.Struct, kw_only=True):
    """A coupon that was shown instead of a card."""

    coupon: Coupon
    kind: CouponType | None
    reason: AppError | None
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
        counts: bool = False,
        accounts: bool = True,
        skip_unknown: bool = False,
        phone_country: str = "",
        coupons: bool = False,
    ) -> None:
        self._codes = codes
        self._classifier = classifier
        self._contacts = contacts
        self._counts = counts
        self._accounts = accounts
        self._skip_unknown = skip_unknown
        self._country = phone_country
        self._coupons = coupons

    def wants(self) -> Wants:
        """Numbers as card codes, everything else (and long numbers) as carrier data."""
        wants = Wants()
        for code in self._codes:
            if code.isascii() and code.isdigit() and len(code.lstrip("0")) <= LONGEST_NUMBER:
                wants.cards.add(int(code))
                wants.shown.add(int(code))
            if code:
                wants.carriers.add(code)
            if phone := phone_of(code, self._country):
                wants.phones.add(phone)
        return wants

    def _found(self, code: str, facts: Facts) -> Card | None:
        if code.isascii() and code.isdigit() and len(code) <= LONGEST_NUMBER * 2:
            card = facts.cards.get(int(code))
            if card is not None:
                return card
        by_carrier = facts.carriers.get(code)
        if by_carrier is not None:
            return facts.cards.get(by_carrier)
        phone = phone_of(code, self._country)
        cards = [facts.cards[c] for c in facts.phones.get(phone, ()) if c in facts.cards]
        return card_of_phone(cards)

    def more(self, facts: Facts, book: Book) -> Wants:
        """Persons, contacts, and lots where the caches are out of date."""
        wants = Wants()
        for code in self._codes:
            card = self._found(code, facts)
            if card is None and self._coupons and (coupon := code_of(code)):
                wants.coupons.add(coupon)
            if card is None or card.holder_id is None:
                continue
            if self._coupons and book.rules.coupon_types:
                wants.holder_coupons.add(card.holder_id)
            if card.holder_id not in facts.people:
                wants.people.add(card.holder_id)
            if self._contacts:
                wants.contacts.add(card.holder_id)
            if self._counts:
                wants.counts.add(card.holder_id)
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
            allowed=_allowed(card, facts),
            offered=self._offered(holder_id, facts, book),
        )

    def _offered(self, holder_id: int | None, facts: Facts, book: Book) -> list[Coupon]:
        if holder_id is None or not facts.holder_coupons.get(holder_id):
            return []
        dated = dated_now(book, self._classifier)
        return offered(facts, book, self._classifier, holder_id, dated)

    def coupon_instead(self, facts: Facts, book: Book) -> SeenCoupon | None:
        """The coupon whose code was shown as a card (farcards.md 4)."""
        coupon_id = facts.coupons.get(code_of(self._codes[0]) or "")
        if coupon_id is None:
            return None
        coupon = book.coupon(coupon_id)
        kind = book.rules.coupon_types.get(coupon.coupon_type_id)
        dated = dated_now(book, self._classifier)
        uses = facts.holder_uses.get(coupon.holder_id or 0, ())
        case = case_for(book.rules, self._classifier, coupon, dated, uses=uses)
        return SeenCoupon(
            coupon=coupon, kind=kind, reason=refusal(coupon, kind, case), now=book.now
        )


class TillInquiry:
    """What a till asks: one card by any of its names, last of all a coupon."""

    exclusive: frozenset[str] = frozenset()

    def __init__(
        self, code: str, classifier: Classifier, *, phone_country: str, coupons: bool = True
    ) -> None:
        self._code = code
        self._inner = CardInquiry([code], classifier, phone_country=phone_country, coupons=coupons)

    def wants(self) -> Wants:
        """What a card wants."""
        return self._inner.wants()

    def more(self, facts: Facts, book: Book) -> Wants:
        """What a card wants, and the coupon of a code that no card has."""
        return self._inner.more(facts, book)

    def decide(self, facts: Facts, book: Book) -> Seen | SeenCoupon:
        """The card, else the coupon, else the refusal that names the code."""
        try:
            return self._inner.decide(facts, book)[0]
        except AppError as refused:
            if refused.code is not ErrorCode.CARD_NOT_FOUND:
                raise
            coupon = self._inner.coupon_instead(facts, book)
            if coupon is None:
                raise
            return coupon


def phone_of(text: str, country: str) -> str:
    """A phone as contacts are compared; empty for what is none, or without a country's rules."""
    value = text.strip()
    if not country or not value or not PHONE_SIGNS.issuperset(value):
        return ""
    digits = normal_phone(value, country)
    return digits if SHORT_PHONE <= len(digits) <= LONGEST_PHONE else ""


def card_of_phone(cards: Sequence[Card]) -> Card | None:
    """The first active card of the one holder; several holders are no answer."""
    holders = {card.holder_id for card in cards}
    if len(holders) > 1:
        raise AppError(ErrorCode.HOLDERS_MANY, count=len(holders))
    active = [card for card in cards if card.state == CARD_ACTIVE]
    return next(iter(active or cards), None)


def _allowed(card: Card, facts: Facts) -> frozenset[int] | None:
    if not card.limited_accounts:
        return None
    return frozenset(row.account_id for row in facts.card_accounts.get(card.card_code, ()))


def dated_now(book: Book, classifier: Classifier) -> Dated:
    """The group's moment as a classifier dates it."""
    zone = book.zone(classifier.classifier_id)
    return Dated(book.now, zone.offset_minutes(book.now), zone.business_date(book.now), zone)


def see_accounts(
    book: Book, accounts: Sequence[Account], classifier: Classifier
) -> list[SeenAccount]:
    """Worth and rate of each account at this moment."""
    zone = book.zone(classifier.classifier_id)
    today = book.today(classifier.classifier_id)
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
            rate = rate_of(scheme, source, rules.time_sets, local or book.now, today)
        seen.append(
            SeenAccount(
                account=account,
                figures=worth(book, account),
                rate=rate,
                row=classifier.matrix.get(account.account_type_id),
                expired=account.valid_to is not None
                and account.valid_to < zone.business_date(book.now),
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
