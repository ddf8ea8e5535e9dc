"""Rows of a long list: by place, in bounded memory, whatever was looked at before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.ui.row_window import RowWindow

PAGE, KEPT = 10, 3


def served(window: RowWindow, total: int, page: int) -> None:
    """What the server would answer for a page."""
    start = window.start(page)
    first = 0 if start is None else int(start) + 1
    rows = list(range(first, min(first + PAGE, total)))
    following = str(rows[-1]) if first + PAGE < total else None
    window.put(page, rows, following)


def marks(total: int) -> list[str]:
    return [str(place - 1) for place in range(PAGE, total + 1, PAGE)]


def test_a_list_grows_page_by_page_until_its_length_is_known() -> None:
    window = RowWindow(PAGE, KEPT)
    served(window, 25, 0)
    assert (window.count, window.total) == (10, None)
    window.measure(25, [])
    assert window.count == 20, "the second page can be asked for, the third not yet"
    served(window, 25, 1)
    assert window.count == 25
    served(window, 25, 2)
    assert window.record(24) == 24
    assert window.record(25) is None


def test_with_marks_every_page_can_be_asked_for_at_once() -> None:
    window = RowWindow(PAGE, KEPT)
    served(window, 1000, 0)
    window.measure(1000, marks(1000))
    assert window.count == 1000
    served(window, 1000, 77)
    assert window.record(775) == 775
    assert window.record(500) is None


def test_a_list_that_became_shorter_is_shorter() -> None:
    window = RowWindow(PAGE, KEPT)
    served(window, 25, 0)
    window.measure(25, marks(25))
    served(window, 12, 1)
    assert window.count == 12


@given(st.integers(0, 300), st.lists(st.integers(0, 29), max_size=40))
def test_jumps_show_the_right_rows_and_memory_stays_bounded(total: int, jumps: list[int]) -> None:
    window = RowWindow(PAGE, KEPT)
    served(window, total, 0)
    window.measure(total, marks(total))
    for page in jumps:
        if window.can_start(page) and page * PAGE < total:
            served(window, total, page)
            row = page * PAGE
            assert window.record(row) == row
        assert len(window.loaded()) <= KEPT
    assert window.count == total
