"""Spans of keeping and pages of old rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.db.purging import PAGE, Gone, months_before


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 1), 36, (2023, 12, 1)),
        ((2026, 3, 2), 240, (2006, 3, 2)),
    ],
)
def test_so_many_months_ago(
    moment: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*moment, 9, tzinfo=UTC), months) == datetime(
        *before, 9, tzinfo=UTC
    )


@given(st.datetimes(datetime(2000, 1, 1), datetime(2199, 1, 1)), st.integers(1, 240))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_more_months_are_never_later(moment: datetime, months: int) -> None:
    assert months_before(moment, months + 1) < months_before(moment, months) < moment


def test_only_a_full_page_is_followed_by_another() -> None:
    assert Gone.of([1] * PAGE).next is not None
    assert Gone.of([1] * (PAGE - 1)) == Gone(PAGE - 1)
