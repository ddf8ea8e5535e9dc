"""The demo's only randomness."""

from __future__ import annotations

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from card_server.demo.draws import GAMMA, GAMMA_TAIL, LOGNORMAL, Draws

DRAWS = Draws(7)


def test_a_draw_is_the_first_eight_bytes_of_the_hash_of_its_names() -> None:
    expected = int.from_bytes(blake2b(b"7\0person\x0042\0first").digest()[:8], "big")
    assert DRAWS.raw("person", 42, "first") == expected


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_number_stays_below_its_bound(row: int, below: int) -> None:
    assert 0 <= DRAWS.number("t", row, "f", below) < below


@given(st.integers(0, 10**9), st.lists(st.integers(0, 50), min_size=1, max_size=9))
def test_weights_choose_only_what_has_weight(row: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights[0] = 1
    assert weights[DRAWS.weighted("t", row, "f", weights)] > 0


def test_chance_is_as_often_as_it_says() -> None:
    hits = sum(DRAWS.chance("t", row, "f", 1.5) for row in range(20_000))
    assert 230 < hits < 370


def test_gamma_has_its_mean_and_many_small_values() -> None:
    found = [DRAWS.gamma("t", row, "g") for row in range(20_000)]
    assert 950 < sum(found) / len(found) < 1050
    assert sum(1 for value in found if value < 100) > 3_800
    assert max(found) > 5_332
    assert GAMMA[-1] == GAMMA_TAIL[0]
    assert list(GAMMA) == sorted(GAMMA)
    assert list(GAMMA_TAIL) == sorted(GAMMA_TAIL)


def test_lognormal_has_its_median_and_spread() -> None:
    found = sorted(DRAWS.lognormal("t", row, "l") for row in range(20_000))
    assert 950 < found[10_000] < 1050
    assert 1_900 < found[16_827] < 2_150, "one sigma up is exp(0.7)"
    assert list(LOGNORMAL) == sorted(LOGNORMAL)


def test_text_has_its_digits_and_no_leading_zero() -> None:
    found = {DRAWS.text("classifier", row, "code", 20) for row in range(500)}
    assert len(found) == 500
    assert all(len(text) == 20 and text.isdigit() and text[0] != "0" for text in found)
