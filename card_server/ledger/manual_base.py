"""What every posting by hand has in common: the header, the key, the stored outcome (2.9).

A posting by hand is a record: `header` says who does it, why, when and under which key; the rest
says what. The caller makes the key (a UUID) when the form opens and keeps it across retries: the
same key with the same content is answered as the first time, also when it was refused.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import ClassVar, Final

import msgspec

from card_server.accounts.records import Account
from card_server.classifiers.records import Classifier
from card_server.ledger.book import SUITE, Book, Draft
from card_server.ledger.dating import Dated, check_dates, date_operation
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.idempotency import Refused, Repeat, decide_attempt, stored_refusal
from card_server.ledger.records import ACCEPTED, Entry, Operation, OperationKind
from card_server.ledger.settling import settle
from shared.wire.errors import NOT_STORED, AppError, ErrorCode

REASON_KINDS: Final = (
    OperationKind.ADJUST,
    OperationKind.TRANSFER,
    OperationKind.REINSTATE,
    OperationKind.CORRECTION,
)
"""Kinds that a reason must explain (domain 1.7)."""

TEXT_LETTERS: Final = 5
MASK_BITS: Final = 31
KEY_LENGTH: Final = 120


class Header(msgspec.Struct, kw_only=True, frozen=True):
    """Who posts, why, where and when; `key` is the caller's own (a UUID)."""

    key: str
    classifier_id: int = SUITE
    division_id: int = 1
    unit_id: int | None = None
    station_no: int | None = None
    user_id: int | None = None
    pos_user: str | None = None
    reason_id: int | None = None
    remarks: str | None = None
    card_code: int | None = None
    order_guid: str | None = None
    ext_id: str | None = None
    ext_index: int | None = None
    ext_date: date | None = None
    batch_id: int | None = None
    occurred_at: datetime | None = None
    """Now, if not given."""
    occurred_off: int | None = None
    business_date: date | None = None
    """By the classifier's zone and day start, if not given."""


class ManualOutcome(msgspec.Struct, kw_only=True):
    """What came of it: the operation and its entries, or the refusal that is stored."""

    operation_id: int
    error: AppError | None = None
    entries: list[Entry] = []
    hold_ids: list[int] = []
    """Holds that were opened."""
    repeated: bool = False
    """The key was known: nothing was posted now."""


class Work(msgspec.Struct):
    """What a posting by hand has at hand while it books."""

    book: Book
    facts: Facts
    draft: Draft
    classifier: Classifier
    dated: Dated

    @property
    def is_suite(self) -> bool:
        """The suite itself posts: its users' rights are the service's matter, not the matrix'."""
        return self.classifier.classifier_id == SUITE

    def settle(self, *accounts: Account) -> None:
        """Step 5 of domain 3.1 for the accounts touched; the operation is the first one's owner."""
        for account in accounts:
            settle(self.book, account)
            if self.draft.operation.holder_id is None:
                self.draft.operation.holder_id = account.holder_id


def unstored(error: AppError) -> AppError:
    """Mark a refusal that leaves no operation: the same key may be used again."""
    error.unstored = True
    return error


def bad_field(**given: object) -> AppError:
    """A request that is malformed, by one field and its value: it is not stored."""
    ((field, value),) = given.items()
    return unstored(AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)))


class Manual(msgspec.Struct, kw_only=True, frozen=True):
    """A posting by hand; the classes of `manual.py` say what they need and what they book."""

    header: Header
    kind: ClassVar[OperationKind]
    any_date: ClassVar[bool] = False
    """Neither the window of backdating nor closed books bind it (opening balances)."""

    @property
    def key(self) -> tuple[int, str]:
        """The idempotency key under its classifier."""
        return (self.header.classifier_id, f"m:{self.header.key}")

    @property
    def exclusive(self) -> frozenset[str]:
        """Two postings with one key do not share a group."""
        classifier_id, key = self.key
        return frozenset({f"{classifier_id}:{key}", *self.alone()})

    def alone(self) -> tuple[str, ...]:
        """Further identities that no other posting of the group may share."""
        return ()

    # what every class fills in; a struct cannot be an ABC, so the base says it by raising

    def named(self) -> Wants:
        """First round: accounts, holders, operations that the posting names."""
        raise NotImplementedError

    def needed(self, facts: Facts, book: Book) -> Wants:
        """Second round: lots and histories."""
        raise NotImplementedError

    def book_it(self, work: Work) -> None:
        """Change the book; a refusal that escapes is stored under the key."""
        raise NotImplementedError

    def after(self, work: Work) -> None:
        """What follows at once as operations of their own, once this one stands."""

    def head(self, facts: Facts) -> None:
        """Refuse what is malformed before anything else; such refusals are not stored."""

    # the posting itself

    def wants(self) -> Wants:
        """What the class names, and earlier attempts under the key."""
        wants = self.named()
        wants.keys.add(self.key)
        return wants

    def more(self, facts: Facts, book: Book) -> Wants:
        """What the class needs; of a repeat only what its answer is made from."""
        prior = facts.keys.get(self.key)
        if prior:
            stored = {row.operation_id for row in prior if row.status == ACCEPTED}
            return Wants(histories=stored)
        return self.needed(facts, book)

    def decide(self, facts: Facts, book: Book) -> ManualOutcome:
        """Book it, answer a repeat, or store the refusal."""
        prior = facts.keys.get(self.key, [])
        decision = decide_attempt(prior, {}, self.fingerprint(), None, caller_made=True)
        if isinstance(decision, Refused):
            raise unstored(decision.error)
        if isinstance(decision, Repeat):
            return _answer_again(facts, decision.operation)
        classifier = self._check_header(book)
        self.head(facts)
        dated = self._dated(book, classifier)
        operation = self._operation(book, dated)
        mark = book.mark()
        work = Work(book, facts, book.begin(operation), classifier, dated)
        try:
            if not self.any_date:
                division = book.rules.divisions.get(self.header.division_id)
                check_dates(book, classifier, dated, division)
            self.book_it(work)
            book.accept(work.draft)
            self.after(work)
        except AppError as refusal:
            book.rewind(mark)
            if refusal.unstored or refusal.code in NOT_STORED:
                raise
            book.refuse(operation, refusal)
            return ManualOutcome(operation_id=operation.operation_id, error=refusal)
        holds = [h for h in book.rows.holds if h.open_operation_id == operation.operation_id]
        return ManualOutcome(
            operation_id=operation.operation_id,
            entries=list(work.draft.entries),
            hold_ids=[hold.hold_id for hold in holds],
        )

    def fingerprint(self) -> bytes:
        """Hash of what is asked: class and fields, not who sends it or when it is sent again."""
        header = self.header
        noise = msgspec.structs.replace(header, key="", user_id=None, remarks=None, pos_user=None)
        content = msgspec.json.encode(msgspec.structs.replace(self, header=noise))
        return hashlib.sha256(type(self).__name__.encode() + content).digest()

    def _check_header(self, book: Book) -> Classifier:
        """Every id of the header must exist, and a reason must be given where one is due."""
        header, rules = self.header, book.rules
        classifier = rules.classifiers.get(header.classifier_id)
        if classifier is None:
            raise AppError(ErrorCode.CLASSIFIER_UNKNOWN, code=str(header.classifier_id))
        if not 0 < len(header.key) <= KEY_LENGTH:
            raise bad_field(key=header.key)
        if header.division_id not in rules.divisions:
            raise bad_field(division_id=header.division_id)
        if header.unit_id is not None and header.unit_id not in rules.units:
            raise bad_field(unit_id=header.unit_id)
        self._check_reason(book)
        return classifier

    def _check_reason(self, book: Book) -> None:
        header, kind = self.header, self.kind
        if header.reason_id is None:
            if kind in REASON_KINDS:
                raise unstored(AppError(ErrorCode.REASON_NEEDED))
            return
        reason = book.rules.reasons.get(header.reason_id)
        if reason is None or not reason.is_active:
            raise bad_field(reason_id=header.reason_id)
        if reason.applies_to and kind < MASK_BITS and not reason.applies_to >> kind & 1:
            raise bad_field(reason_id=header.reason_id)
        if reason.needs_text and len((header.remarks or "").strip()) < TEXT_LETTERS:
            raise unstored(AppError(ErrorCode.REASON_NEEDED))

    def _dated(self, book: Book, classifier: Classifier) -> Dated:
        header = self.header
        return date_operation(
            book, classifier, header.occurred_at, header.business_date, header.occurred_off
        )

    def _operation(self, book: Book, dated: Dated) -> Operation:
        header = self.header
        classifier_id, key = self.key
        return Operation(
            operation_id=book.ids.take("operation"),
            kind=self.kind,
            classifier_id=classifier_id,
            division_id=header.division_id,
            unit_id=header.unit_id,
            station_no=header.station_no,
            user_id=header.user_id,
            pos_user=header.pos_user,
            reason_id=header.reason_id,
            remarks=header.remarks[:255] if header.remarks else None,
            card_code=header.card_code,
            idem_key=key,
            fingerprint=self.fingerprint(),
            occurred_at=dated.occurred_at,
            occurred_off=dated.occurred_off,
            recorded_at=book.now,
            business_date=dated.business_date,
            ext_id=header.ext_id,
            ext_index=header.ext_index,
            ext_date=header.ext_date,
            order_guid=header.order_guid,
            batch_id=header.batch_id,
            rule_version=book.rules.version,
        )


def _answer_again(facts: Facts, operation: Operation) -> ManualOutcome:
    """The stored outcome, rebuilt from what the operation wrote."""
    if operation.status != ACCEPTED:
        return ManualOutcome(
            operation_id=operation.operation_id, error=stored_refusal(operation), repeated=True
        )
    history = facts.histories[operation.operation_id]
    return ManualOutcome(
        operation_id=operation.operation_id,
        entries=[e for e in history.entries if e.operation_id == operation.operation_id],
        hold_ids=[hold.hold_id for hold in history.holds],
        repeated=True,
    )
