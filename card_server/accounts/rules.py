"""What an account type may be: by its class, its terms and its policies (domain 1.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from card_server.accounts.records import (
    CLASS_BONUS,
    CLASS_CERTIFICATE,
    CLASS_COUNTER,
    CLASS_DEBIT,
    CLASS_DISCOUNT,
    CLASS_RECEIVABLE,
    CLASS_SPENT,
    UNIT_COUNT,
    UNIT_MONEY,
    UNIT_POINTS,
)
from shared.wire.errors import AppError, ErrorCode

CLASSES: Final = frozenset(
    {
        CLASS_BONUS,
        CLASS_DISCOUNT,
        CLASS_DEBIT,
        CLASS_SPENT,
        CLASS_CERTIFICATE,
        CLASS_RECEIVABLE,
        CLASS_COUNTER,
    }
)
ALWAYS_LOTS: Final = frozenset({CLASS_BONUS, CLASS_CERTIFICATE})
LADDERS: Final = frozenset({CLASS_BONUS, CLASS_DISCOUNT})
"""Classes that have levels."""
FROZEN: Final = ("class", "value_unit", "uses_lots")
"""Columns that stay once an entry exists: the lots of what is booked depend on them."""
LIFE: Final[dict[int, tuple[int, int]]] = {
    0: (0, 0),
    1: (1, 36_500),
    2: (1, 1_200),
    3: (0, 1_200),
    4: (101, 1231),
    5: (1, 36_500),
}
"""Life kind -> bounds of its value."""
DELAY: Final[dict[int, tuple[int, int]]] = {
    0: (0, 0),
    1: (1, 525_600),
    2: (1, 8_760),
    3: (1, 3_650),
}
LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NOTICE: Final = re.compile(r"[0-9]{1,3}(,[0-9]{1,3})*")
RECEIVABLE_POLICY: Final = 4


def defaults_by_class(account_class: int) -> dict[str, Any]:
    """What a new type gets where the form says nothing."""
    unit = {CLASS_BONUS: UNIT_POINTS, CLASS_COUNTER: UNIT_COUNT}.get(account_class, UNIT_MONEY)
    return {"value_unit": unit, "uses_lots": account_class in ALWAYS_LOTS}


def _bad(value: object, field: str) -> AppError:
    return AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])


def check_type(row: Mapping[str, Any]) -> None:
    """Refuse a whole row that contradicts itself."""
    account_class = row["class"]
    if account_class not in CLASSES:
        raise _bad(account_class, "class")
    lots = row["uses_lots"]
    if account_class != CLASS_DEBIT and lots != (account_class in ALWAYS_LOTS):
        raise _bad(int(lots), "uses_lots")
    _check_span("life", row, LIFE)
    _check_span("delay", row, DELAY)
    for field in ("life_kind", "delay_kind"):
        if row[field] and not lots:
            raise _bad(row[field], field)
    if row["life_kind"] == 4:  # noqa: PLR2004 - to a day of the year, domain 1.5
        month, day = divmod(row["life_value"], 100)
        if not 1 <= day <= LENGTHS[month - 1]:
            raise _bad(row["life_value"], "life_value")
    _check_levels_and_refunds(row)
    days = row["notice_days"]
    if days and NOTICE.fullmatch(days.replace(" ", "")) is None:
        raise _bad(days, "notice_days")
    start, end = row["active_from"], row["active_to"]
    if start is not None and end is not None and start > end:
        raise _bad(end, "active_to")


def _check_levels_and_refunds(row: Mapping[str, Any]) -> None:
    if row["level_change"] and row["class"] not in LADDERS:
        raise _bad(row["level_change"], "level_change")
    if row["refund_earned"] == RECEIVABLE_POLICY and row["receivable_type_id"] is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="receivable_type_id")


def _check_span(name: str, row: Mapping[str, Any], bounds: Mapping[int, tuple[int, int]]) -> None:
    kind, value = row[f"{name}_kind"], row[f"{name}_value"]
    if kind not in bounds:
        raise _bad(kind, f"{name}_kind")
    least, most = bounds[kind]
    if not least <= value <= most:
        raise _bad(value, f"{name}_value")
