"""What levels and periods may be (domain 1.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.wire.errors import AppError, ErrorCode

COUNTED: Final = frozenset({1, 2})
"""Kinds of range that have a number: the last N days or months."""
LONGEST_RANGE: Final = 3_650


def _bad(value: object, field: str) -> AppError:
    return AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])


def check_level(row: Mapping[str, Any]) -> None:
    """Refuse a rung whose fields contradict each other."""
    counted = row["range_kind"] in COUNTED
    least, most = (1, LONGEST_RANGE) if counted else (0, 0)
    if not least <= row["range_value"] <= most:
        raise _bad(row["range_value"], "range_value")
    if row["reward"] and row["reward_type_id"] is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="reward_type_id")


def check_ladder(rungs: Sequence[Mapping[str, Any]]) -> None:
    """Thresholds strictly rise with the number, the first is 0, one kind of range.

    `rungs` are in the order of their numbers. Raises `LEVEL_ORDER` with the number of the rung.
    """
    before = None
    for rung in rungs:
        number, threshold = rung["level_no"], rung["threshold"]
        if number == 1 and threshold:
            raise AppError(ErrorCode.LEVEL_ORDER, n=number)
        if before is not None and threshold <= before:
            raise AppError(ErrorCode.LEVEL_ORDER, n=number)
        before = threshold
    if len({rung["range_kind"] for rung in rungs}) > 1:
        raise _bad(", ".join(str(rung["range_kind"]) for rung in rungs), "range_kind")


def check_period(row: Mapping[str, Any]) -> None:
    """Refuse a period that ends before it begins."""
    start, end = row["date_start"], row["date_end"]
    if start is not None and end is not None and start > end:
        raise _bad(end, "date_end")
