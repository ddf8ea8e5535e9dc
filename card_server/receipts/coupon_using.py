"""Uses of coupons inside postings: may it be used, use it, give it back, take it again (3.17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from card_server.classifiers.records import Classifier
from card_server.coupons.records import COUPON_ACTIVE, COUPON_USED, Coupon, CouponType, HolderUse
from card_server.coupons.rules import Case, refusal
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.ledger.facts import Facts, History
from card_server.ledger.records import CouponUse, Operation, OperationKind
from card_server.ledger.reversing import rest_of
from card_server.ledger.rule_set import RuleSet
from card_server.schemes.rules import matches


def in_time(rules: RuleSet, kind: CouponType, dated: Dated) -> bool:
    """The type's time set allows the moment; no time set allows every moment."""
    if kind.time_id is None:
        return True
    time_set = rules.time_sets.get(kind.time_id)
    local = dated.zone.local(dated.occurred_at)
    return time_set is not None and matches(time_set, local, dated.business_date)


def used_by(uses: Iterable[HolderUse], kind: CouponType, dated: Dated) -> int:
    """How many coupons of a type a guest has used within the type's days."""
    days = kind.per_holder_days
    since = dated.occurred_at - timedelta(days=days) if days else None
    return sum(
        use.count
        for use in uses
        if use.coupon_type_id == kind.coupon_type_id and (since is None or use.at > since)
    )


def case_for(
    rules: RuleSet,
    classifier: Classifier,
    coupon: Coupon,
    dated: Dated,
    *,
    guests: frozenset[int] = frozenset(),
    uses: Iterable[HolderUse] = (),
    dishes: frozenset[str] | None = None,
) -> Case:
    """The wish to use a coupon here and now."""
    kind = rules.coupon_types.get(coupon.coupon_type_id)
    return Case(
        now=dated.occurred_at,
        day=dated.business_date,
        issued_on=dated.zone.business_date(coupon.created_at),
        classifier_id=classifier.classifier_id,
        in_time=kind is None or in_time(rules, kind, dated),
        guests=guests,
        used_by_guest=used_by(uses, kind, dated) if kind is not None else 0,
        dishes=dishes,
    )


def check_coupon(
    facts: Facts,
    book: Book,
    classifier: Classifier,
    coupon: Coupon,
    dated: Dated,
    *,
    guests: frozenset[int] = frozenset(),
    dishes: frozenset[str] | None = None,
) -> None:
    """Refuse a coupon that may not be used; the first reason counts."""
    guest = guest_of(coupon, guests)
    known = facts.holder_uses.get(guest or 0, [])
    case = case_for(book.rules, classifier, coupon, dated, guests=guests, uses=known, dishes=dishes)
    kind = book.rules.coupon_types.get(coupon.coupon_type_id)
    reason = refusal(coupon, kind, case)
    if reason is not None:
        raise reason


def guest_of(coupon: Coupon, guests: frozenset[int]) -> int | None:
    """Who uses the coupon: its own holder, else the one guest who is served."""
    if coupon.holder_id is not None and (not guests or coupon.holder_id in guests):
        return coupon.holder_id
    return min(guests) if guests else None


def use(
    facts: Facts,
    book: Book,
    operation: Operation,
    coupon: Coupon,
    check_total: int,
    guest: int | None,
) -> CouponUse:
    """Count one use; the coupon is used up when its type allows no more."""
    kind = book.rules.coupon_types.get(coupon.coupon_type_id)
    fixed = kind.fixed_sum if kind is not None else None
    row = CouponUse(
        coupon_use_id=book.ids.take("entry"),
        coupon_id=coupon.coupon_id,
        operation_id=operation.operation_id,
        check_total=check_total,
        value=coupon.value if coupon.value is not None else fixed,
    )
    book.rows.coupon_uses.append(row)
    book.set_coupon(coupon, "uses", coupon.uses + 1)
    if coupon.uses >= (kind.max_uses if kind is not None else 1):
        book.set_coupon(coupon, "state", COUPON_USED)
    _note(facts, book, guest, coupon, operation, 1)
    return row


def give_back(facts: Facts, book: Book, operation: Operation, used: CouponUse) -> CouponUse:
    """Undo one use: the coupon can be used again."""
    coupon = book.coupon(used.coupon_id)
    row = CouponUse(
        coupon_use_id=book.ids.take("entry"),
        coupon_id=coupon.coupon_id,
        operation_id=operation.operation_id,
        check_total=used.check_total,
        value=used.value,
        undoes_use_id=used.coupon_use_id,
    )
    book.rows.coupon_uses.append(row)
    book.set_coupon(coupon, "uses", coupon.uses - 1)
    if coupon.state == COUPON_USED:
        book.set_coupon(coupon, "state", COUPON_ACTIVE)
    facts.undone_uses.add(used.coupon_use_id)
    book.remember(facts.undone_uses.discard, used.coupon_use_id)
    _note(facts, book, operation.holder_id, coupon, operation, -1)
    return row


def _note(
    facts: Facts,
    book: Book,
    guest: int | None,
    coupon: Coupon,
    operation: Operation,
    count: int,
) -> None:
    """Later postings of the group see what this one did for the guest."""
    if guest is None or guest not in facts.holder_uses:
        return
    uses = facts.holder_uses[guest]
    uses.append(HolderUse(guest, coupon.coupon_type_id, operation.occurred_at, count))
    book.remember(uses.pop)


def open_uses(facts: Facts, operations: Iterable[int]) -> list[CouponUse]:
    """Uses of the operations that nothing has undone."""
    return [
        row
        for operation_id in operations
        for row in facts.coupon_uses.get(operation_id, ())
        if row.undoes_use_id is None and row.coupon_use_id not in facts.undone_uses
    ]


def undo_uses(facts: Facts, book: Book, operation: Operation, target: int) -> None:
    """The roll-back of a sale gives back what the sale used, whatever the type says."""
    for row in open_uses(facts, [target]):
        give_back(facts, book, operation, row)


def redo_uses(facts: Facts, book: Book, operation: Operation, target: int) -> None:
    """The roll-back of a return uses again what the return had given back."""
    for row in facts.coupon_uses.get(target, ()):
        if row.undoes_use_id is not None:
            coupon = book.coupon(row.coupon_id)
            use(facts, book, operation, coupon, row.check_total or 0, operation.holder_id)


def return_uses(
    facts: Facts, book: Book, operation: Operation, uses: Sequence[CouponUse]
) -> list[CouponUse]:
    """A full return gives back the coupons whose type says so."""
    made = []
    for row in uses:
        coupon = book.coupon(row.coupon_id)
        kind = book.rules.coupon_types.get(coupon.coupon_type_id)
        if kind is None or kind.return_on_refund:
            made.append(give_back(facts, book, operation, row))
    return made


def is_fully_returned(book: Book, history: History, now: Operation | None = None) -> bool:
    """Everything the sale counted has come back, this return included."""
    sale = history.operation
    rows = [*history.reversing, *book.rows.operations, *([now] if now is not None else [])]
    back = sum(
        -row.check_total
        for row in {row.operation_id: row for row in rows}.values()
        if row.reverses_id == sale.operation_id and row.kind == OperationKind.REFUND
    )
    if sale.check_total > 0:
        return back >= sale.check_total
    return all(rest_of(book, history, entry) <= 0 for entry in history.entries)
