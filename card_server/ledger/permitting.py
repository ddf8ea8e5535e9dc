"""May this classifier move this account in this direction now? (domain 1.2, the matrix)."""

from __future__ import annotations

from card_server.accounts.records import Account, AccountType
from card_server.classifiers.records import Classifier, MatrixRow
from card_server.classifiers.rules import forbidden
from card_server.ledger.book import Book
from card_server.ledger.dating import Dated
from card_server.schemes.rules import matches
from shared.wire.errors import AppError, ErrorCode


def need_side(classifier: Classifier, kind: AccountType, *, debit: bool) -> MatrixRow:
    """The matrix row that allows the direction, or the refusal."""
    row = classifier.matrix.get(kind.account_type_id)
    if row is None or not (row.debit_allowed if debit else row.credit_allowed):
        raise forbidden(kind, debit=debit, classifier=classifier)
    return row


def check_time(book: Book, kind: AccountType, time_id: int | None, dated: Dated) -> None:
    """Refuse a side of the matrix whose time set does not match now."""
    if time_id is None:
        return
    time_set = book.rules.time_sets.get(time_id)
    local = dated.zone.local(dated.occurred_at)
    if time_set is None or not matches(time_set, local, dated.business_date):
        raise AppError(ErrorCode.TIME_FORBIDDEN, type=kind.name, time="")


def check_side(
    book: Book, classifier: Classifier, account: Account, dated: Dated, *, debit: bool
) -> MatrixRow:
    """Right and time set of one direction together."""
    kind = book.type_of(account)
    row = need_side(classifier, kind, debit=debit)
    check_time(book, kind, row.debit_time_id if debit else row.credit_time_id, dated)
    return row
