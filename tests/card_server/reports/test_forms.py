"""Parameters of reports and the sums of their columns."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from card_server.reports.forms import read_values, totals_of
from card_server.reports.journal import JOURNAL
from card_server.reports.liability import month_of
from card_server.reports.turnover import TURNOVER


def test_values_have_their_types() -> None:
    values = read_values(
        TURNOVER,
        {"date_from": "2026-01-01", "date_to": "2026-01-31", "units": 3, "with_test": True},
    )
    assert values.day("date_to") == date(2026, 1, 31)
    assert values.ids("units") == [3]
    assert values.ids("account_types") == []
    assert values.flag("with_test")


@given(amounts=st.lists(st.integers(-(10**12), 10**12)))
def test_totals_add_up(amounts: list[int]) -> None:
    rows = [["x"] * 12 + [amount, 0] for amount in amounts]
    assert totals_of(JOURNAL, rows) == {"amount": sum(amounts)}  # type: ignore[arg-type]


def test_a_month_is_a_month() -> None:
    assert month_of(date(2026, 9, 5)) == "2026-09"
    assert month_of(None) == ""
