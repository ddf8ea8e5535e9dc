"""Which level a measure gives: thresholds, windows, the way down (domain 3.11, I-35, I-37)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts.records import Account, AccountType
from card_server.ledger.level_rules import (
    CAUSE_DOWN,
    CAUSE_THRESHOLD,
    Step,
    measured_level,
    next_step,
    window,
)
from card_server.schemes.records import Level

TODAY = date(2026, 3, 31)
SPENT = 5
FULL = AccountType(account_type_id=1, name="Бонусы", account_class=1, level_change=2)


def rung(number: int, threshold: int, **facts: Any) -> Level:
    return Level(
        level_id=number * 10,
        account_type_id=1,
        level_no=number,
        name=str(number),
        scheme_id=1,
        threshold=threshold,
        threshold_type_id=SPENT,
        **facts,
    )


LADDER = [rung(1, 0), rung(2, 1_000_00), rung(3, 5_000_00)]


def step(level_id: int | None, measure: int, kind: AccountType = FULL, **facts: Any) -> Step | None:
    account = Account(
        account_id=1,
        account_type_id=1,
        level_id=level_id,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        **facts,
    )
    return next_step(account, kind, LADDER, {SPENT: measure}, TODAY)


@pytest.mark.parametrize(
    ("kind", "value", "first", "last"),
    [
        (0, 0, None, TODAY),
        (1, 1, TODAY, TODAY),
        (1, 30, date(2026, 3, 2), TODAY),
        (2, 1, date(2026, 3, 1), TODAY),
        (2, 12, date(2025, 4, 1), TODAY),
        (3, 0, date(2026, 3, 1), TODAY),
        (4, 0, date(2026, 1, 1), TODAY),
        (5, 0, date(2026, 1, 1), TODAY),
        (6, 0, date(2026, 2, 1), date(2026, 2, 28)),
        (7, 0, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_the_window_of_every_kind(kind: int, value: int, first: date | None, last: date) -> None:
    assert window(rung(1, 0, range_kind=kind, range_value=value), TODAY) == (first, last)


def test_the_previous_month_of_january_lies_in_the_old_year() -> None:
    level = rung(1, 0, range_kind=6)
    assert window(level, date(2026, 1, 15)) == (date(2025, 12, 1), date(2025, 12, 31))


def test_i35_a_threshold_reached_exactly_is_reached_and_one_unit_less_is_not() -> None:
    assert measured_level(LADDER, {SPENT: 1_000_00}) == LADDER[1]
    assert measured_level(LADDER, {SPENT: 1_000_00 - 1}) == LADDER[0]


def test_a_measure_under_zero_is_the_lowest_rung() -> None:
    assert measured_level(LADDER, {SPENT: -1}) == LADDER[0]


def test_rungs_given_by_hand_are_skipped() -> None:
    ladder = [LADDER[0], LADDER[1], msgspec.structs.replace(LADDER[2], manual_only=True)]
    assert measured_level(ladder, {SPENT: 9_000_00}) == LADDER[1]
    assert measured_level([ladder[2]], {SPENT: 9_000_00}) is None


def test_up_happens_at_once_and_over_several_rungs() -> None:
    assert step(10, 6_000_00) == Step(LADDER[2], CAUSE_THRESHOLD, 6_000_00)


def test_an_account_without_a_level_gets_the_measured_one() -> None:
    assert step(None, 0) == Step(LADDER[0], CAUSE_THRESHOLD, 0)


def test_down_goes_to_the_measured_level_or_by_one_step() -> None:
    assert step(30, 0) == Step(LADDER[0], CAUSE_DOWN, 0)
    slow = msgspec.structs.replace(FULL, level_down=2)
    assert step(30, 0, slow) == Step(LADDER[1], CAUSE_DOWN, 0)
    assert step(20, 0, slow) == Step(LADDER[0], CAUSE_DOWN, 0)


def test_down_waits_for_the_end_of_the_kept_days() -> None:
    assert step(30, 0, level_keep_until=TODAY) is None
    ended = TODAY - timedelta(days=1)
    assert step(30, 0, level_keep_until=ended) == Step(LADDER[0], CAUSE_DOWN, 0)


def test_nothing_changes_by_hand_only_up_only_or_with_the_switch_off() -> None:
    assert step(10, 6_000_00, msgspec.structs.replace(FULL, level_change=0)) is None
    assert step(30, 0, msgspec.structs.replace(FULL, level_change=1)) is None
    assert step(10, 6_000_00, auto_change_levels=False) is None


@given(
    level_id=st.sampled_from([10, 20, 30]),
    measure=st.integers(-10_000_00, 10_000_00),
    one_step=st.booleans(),
)
def test_i37_steps_end_at_the_level_of_the_measure(
    level_id: int, measure: int, *, one_step: bool
) -> None:
    kind = msgspec.structs.replace(FULL, level_down=2 if one_step else 1)
    present, taken = level_id, 0
    while (due := step(present, measure, kind)) is not None:
        present, taken = due.level.level_id, taken + 1
        assert taken <= len(LADDER)
    wanted = measured_level(LADDER, {SPENT: measure})
    assert wanted is not None
    assert present == wanted.level_id
