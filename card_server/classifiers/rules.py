"""What the matrix lets a classifier do, and which accounts serve a kind of a till's line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from card_server.accounts.records import UNIT_MONEY, AccountType
from card_server.classifiers.records import DEFAULT_PRIORITY, Classifier, MatrixRow
from shared.wire.errors import AppError, ErrorCode

KIND_BITS: Final = {0: 1, 1: 2, 2: 4, 3: 8}
"""Kind of a relay line -> bit of `pos_kinds`."""


def need_right(classifier: Classifier, right: str) -> None:
    """Refuse a call whose classifier lacks the right (crm-xml 4.2)."""
    if right not in classifier.rights:
        raise AppError(ErrorCode.NO_API_RIGHT, right=right, name=classifier.name)


def serving(
    classifier: Classifier, types: dict[int, AccountType], kind: int, *, debit: bool
) -> list[MatrixRow]:
    """Rows that serve a kind with the right of that side: by priority, money first, type id."""
    bit = KIND_BITS[kind]
    rows = [
        row
        for row in classifier.matrix.values()
        if row.pos_kinds & bit
        and (row.debit_allowed if debit else row.credit_allowed)
        and row.account_type_id in types
    ]
    rows.sort(key=lambda row: _order(row, types, debit=debit))
    return rows


def serves_at_all(
    classifier: Classifier, types: dict[int, AccountType], kind: int
) -> list[MatrixRow]:
    """Rows that serve a kind, whatever their rights."""
    bit = KIND_BITS[kind]
    return [
        row
        for row in classifier.matrix.values()
        if row.pos_kinds & bit and row.account_type_id in types
    ]


def _order(row: MatrixRow, types: dict[int, AccountType], *, debit: bool) -> tuple[int, bool, int]:
    priority = row.debit_priority if debit else row.credit_priority
    kind = types[row.account_type_id]
    return (
        DEFAULT_PRIORITY if priority is None else priority,
        kind.value_unit != UNIT_MONEY,
        row.account_type_id,
    )


def forbidden(kind: AccountType, *, debit: bool, classifier: Classifier) -> AppError:
    """The refusal for a missing right of the matrix."""
    code = ErrorCode.DEBIT_FORBIDDEN if debit else ErrorCode.CREDIT_FORBIDDEN
    return AppError(code, type=kind.name, classifier=classifier.name)


@lru_cache(maxsize=1024)
def sorted_kinds(kinds: tuple[int, ...]) -> str:
    """Kinds of a card's lines with doubles: `0,0,2,3`."""
    return ",".join(str(kind) for kind in sorted(kinds))


def sign_pattern(amounts: Iterable[int]) -> str:
    """One of `-`, `0`, `+` for each amount."""
    return "".join("-" if a < 0 else "+" if a > 0 else "0" for a in amounts)
