"""Templates of texts for screen, printer and slip (farcards.md 3.1, 7)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.handlers.pos_texts import fill, slip_lines

FIELDS = {"name": "Анна", "balance": "62.00"}


def test_known_names_are_filled_and_unknown_ones_stay() -> None:
    assert fill("{name}: {balance} {nobody} {} {Name}", FIELDS) == "Анна: 62.00 {nobody} {} {Name}"
    assert fill("a\\nb", {}) == "a\nb"


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert fill("{name}", {"name": "{balance}", "balance": "x"}) == "{balance}"


@given(st.text(max_size=600))
def test_a_slip_has_ten_lines_of_forty_characters_at_most(template: str) -> None:
    lines = slip_lines(template, FIELDS)
    assert 1 <= len(lines) <= 10
    assert all(len(line) <= 40 for line in lines)


def test_a_long_line_goes_on_in_the_next() -> None:
    assert slip_lines("x" * 45, {}) == ["x" * 40, "x" * 5]
