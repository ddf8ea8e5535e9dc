"""The one rounding (domain 0.4, 3.9; I-39, I-40, I-41)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire.money import (
    DOWN,
    FULL_BP,
    HALF_UP,
    UP,
    amount_text,
    divide,
    round_to_step,
    scaled,
    share,
)

MODES = st.sampled_from([HALF_UP, DOWN, UP])
STEPS = st.sampled_from([1, 5, 10, 100, 1000])
SUMS = st.integers(0, 2**62)


@given(SUMS, st.integers(1, 10**9), MODES)
def test_a_quotient_is_the_nearest_whole_on_its_side(num: int, den: int, mode: int) -> None:
    found, exact = divide(num, den, mode), Fraction(num, den)
    if mode == DOWN:
        assert found <= exact < found + 1
    elif mode == UP:
        assert found - 1 < exact <= found
    else:
        assert exact - Fraction(1, 2) < found <= exact + Fraction(1, 2)


def test_a_half_goes_up() -> None:
    assert [divide(n, 2) for n in (1, 3, 5)] == [1, 2, 3]


@pytest.mark.parametrize(("num", "den"), [(-1, 2), (1, 0), (1, -2)])
def test_only_figures_that_make_sense_are_rounded(num: int, den: int) -> None:
    with pytest.raises(ValueError, match="only non-negative"):
        divide(num, den)


@given(SUMS, st.integers(1, 10**8), STEPS, MODES)
def test_a_rounded_sum_is_a_whole_number_of_steps_and_less_than_one_away(
    num: int, den: int, step: int, mode: int
) -> None:
    """I-40."""
    found = round_to_step(num, den, step, mode)
    assert found % step == 0
    assert abs(found - Fraction(num, den)) < step


@given(st.integers(0, 10**15), MODES, STEPS)
def test_nothing_times_anything_is_nothing(amount: int, mode: int, step: int) -> None:
    """I-41."""
    assert round_to_step(0, FULL_BP, step, mode) == 0
    assert round_to_step(amount * 0, FULL_BP * FULL_BP, step, mode) == 0
    assert scaled(0, 12_345, step, mode) == 0
    assert scaled(amount, 0, step, mode) == 0


@given(st.integers(-(10**15), 10**15), st.integers(0, 100_000), STEPS, MODES)
def test_a_sign_changes_nothing_but_the_sign(amount: int, k_bp: int, step: int, mode: int) -> None:
    assert scaled(-amount, k_bp, step, mode) == -scaled(amount, k_bp, step, mode)


@given(st.integers(-(10**15), 10**15), MODES)
def test_a_factor_of_one_leaves_a_sum_as_it_is(amount: int, mode: int) -> None:
    assert scaled(amount, FULL_BP, 1, mode) == amount


@given(SUMS, st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_shares_add_up_and_none_is_a_unit_away_from_its_part(
    total: int, weights: list[int]
) -> None:
    """I-39."""
    parts = share(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    whole = sum(weights)
    if whole:
        assert all(
            abs(part - Fraction(total * weight, whole)) < 1
            for part, weight in zip(parts, weights, strict=True)
        )


def test_ties_go_to_the_earlier_line() -> None:
    assert share(10, [1, 1, 1]) == [4, 3, 3]
    assert share(1, [1, 1]) == [1, 0]
    assert share(7, [0, 0]) == [7, 0]
    assert share(0, []) == []


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_parts_of_a_whole_reach_their_targets_in_any_order(earned: int, nets: list[int]) -> None:
    """I-31: cumulative targets do not depend on how many parts there were."""
    whole = sum(nets)

    def run(order: list[int]) -> list[int]:
        back, net, made = 0, 0, []
        for part in order:
            net += part
            target = divide(earned * net, whole)
            made.append(target - back)
            back = target
        return made

    assert sum(run(nets)) == sum(run(nets[::-1])) == earned
    assert all(part >= 0 for part in run(nets))


@given(st.integers(-(2**62), 2**62))
def test_an_amount_as_text_loses_no_unit(amount: int) -> None:
    text = amount_text(amount)
    whole, _, rest = text.lstrip("-").partition(".")
    assert len(rest) == 2
    assert (int(whole) * 100 + int(rest)) * (-1 if text.startswith("-") else 1) == amount
