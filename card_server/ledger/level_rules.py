"""Which level a measure gives, and when an account may leave the level it has (domain 3.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from card_server.accounts.records import Account, AccountType
from card_server.ledger.calendar import add_months
from card_server.schemes.records import Level

(
    ALL_TIME,
    LAST_DAYS,
    LAST_MONTHS,
    THIS_MONTH,
    THIS_QUARTER,
    THIS_YEAR,
    PREVIOUS_MONTH,
    PREVIOUS_YEAR,
) = range(8)
"""Kinds of the window that is measured (`level.range_kind`)."""

CAUSE_THRESHOLD, CAUSE_HAND, CAUSE_GROUP, CAUSE_DOWN, CAUSE_REFUND, CAUSE_MIGRATION = range(1, 7)
"""Why a level changed (`level_history.cause`)."""

UP, UP_AND_DOWN = 1, 2
"""`account_type.level_change`; 0 is by hand."""
ONE_STEP: Final = 2
"""`account_type.level_down`; 1 is to the measured level."""


class Step(msgspec.Struct, frozen=True):
    """A change of level that is due."""

    level: Level
    cause: int
    measure: int


def window(level: Level, today: date) -> tuple[date | None, date]:
    """First and last business date that count on `today`; no first day means all time."""
    kind, value = level.range_kind, level.range_value
    month = today.replace(day=1)
    yesterday = month - timedelta(days=1)
    begins: dict[int, date] = {
        LAST_DAYS: today - timedelta(days=max(0, value - 1)),
        LAST_MONTHS: add_months(today, -value) + timedelta(days=1),
        THIS_MONTH: month,
        THIS_QUARTER: month.replace(month=(today.month - 1) // 3 * 3 + 1),
        THIS_YEAR: month.replace(month=1),
        PREVIOUS_MONTH: yesterday.replace(day=1),
        PREVIOUS_YEAR: date(today.year - 1, 1, 1),
    }
    ends = {PREVIOUS_MONTH: yesterday, PREVIOUS_YEAR: date(today.year - 1, 12, 31)}
    return begins.get(kind), ends.get(kind, today)


def ladder_of(levels: Mapping[int, Level], account_type_id: int) -> list[Level]:
    """The rungs of a type, lowest first."""
    mine = [level for level in levels.values() if level.account_type_id == account_type_id]
    return sorted(mine, key=lambda level: level.level_no)


def measured_level(ladder: Sequence[Level], measures: Mapping[int, int]) -> Level | None:
    """The highest rung whose threshold is reached (equal is enough); the lowest if none is.

    Rungs given by hand only are skipped. `measures` is by measured account type.
    """
    rungs = [level for level in ladder if not level.manual_only]
    reached = [one for one in rungs if one.threshold <= measures.get(one.threshold_type_id, 0)]
    return reached[-1] if reached else (rungs[0] if rungs else None)


def next_step(
    account: Account,
    kind: AccountType,
    ladder: Sequence[Level],
    measures: Mapping[int, int],
    today: date,
) -> Step | None:
    """The change of level that is due today, if any: up at once, down by the type's rule."""
    if kind.level_change not in (UP, UP_AND_DOWN) or not account.auto_change_levels:
        return None
    target = measured_level(ladder, measures)
    if target is None or target.level_id == account.level_id:
        return None
    measure = measures.get(target.threshold_type_id, 0)
    present = next((one for one in ladder if one.level_id == account.level_id), None)
    if present is None or target.level_no > present.level_no:
        return Step(target, CAUSE_THRESHOLD, measure)
    kept = account.level_keep_until
    if kind.level_change != UP_AND_DOWN or (kept is not None and today <= kept):
        return None
    if kind.level_down == ONE_STEP:
        target = _one_below(ladder, present, target)
    return Step(target, CAUSE_DOWN, measure)


def _one_below(ladder: Sequence[Level], present: Level, floor: Level) -> Level:
    """The rung under the present one, but never under what was measured."""
    between = [
        one
        for one in ladder
        if floor.level_no <= one.level_no < present.level_no and not one.manual_only
    ]
    return between[-1] if between else floor
