"""Which rows of a long list are in memory: pages by key, a bounded number of them. No Qt, no I/O.

The server pages by key. The key behind every page is a mark: it is learnt page by page, or for the
whole list at once. So any page can be asked for directly, and those that were not looked at for
the longest time are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

PAGE: Final = 250
KEPT: Final = 40


class RowWindow:
    """Rows by place; a row that is not in memory is None."""

    def __init__(self, page: int = PAGE, kept: int = KEPT) -> None:
        self.page = page
        self._kept = kept
        self._pages: OrderedDict[int, list[Any]] = OrderedDict()
        self._starts: dict[int, str | None] = {0: None}
        self._total = 0
        self._is_known = False

    @property
    def count(self) -> int:
        """Rows that can be reached."""
        if not self._is_known:
            return self._loaded_end()
        reach = (max(self._starts) + 1) * self.page
        return min(self._total, max(reach, self._loaded_end()))

    @property
    def total(self) -> int | None:
        """All rows of the list, once it is known."""
        return self._total if self._is_known else None

    def _loaded_end(self) -> int:
        return max((p * self.page + len(rows) for p, rows in self._pages.items()), default=0)

    def record(self, row: int) -> Any:
        """The record of a row, if it is in memory."""
        number, place = divmod(row, self.page)
        rows = self._pages.get(number)
        if rows is None or place >= len(rows):
            return None
        self._pages.move_to_end(number)
        return rows[place]

    def page_of(self, row: int) -> int:
        """The page a row is on."""
        return row // self.page

    def holds(self, page: int) -> bool:
        """The page is in memory."""
        return page in self._pages

    def loaded(self) -> list[int]:
        """Pages in memory, in their order."""
        return sorted(self._pages)

    def can_start(self, page: int) -> bool:
        """The key before the page is known."""
        return page in self._starts

    def start(self, page: int) -> str | None:
        """What to send as `after` to get the page."""
        return self._starts[page]

    def put(self, page: int, rows: Sequence[Any], following: str | None) -> None:
        """Keep a page; the key behind it is the start of the next."""
        self._pages[page] = list(rows)
        self._pages.move_to_end(page)
        if following is not None and len(rows) == self.page:
            self._starts.setdefault(page + 1, following)
        if following is None:
            self._total, self._is_known = page * self.page + len(rows), True
        while len(self._pages) > self._kept:
            self._pages.popitem(last=False)

    def measure(self, total: int, marks: Sequence[str]) -> None:
        """The length of the list and the keys behind every page of it."""
        self._total, self._is_known = total, True
        if marks:
            self._starts = {0: None, **{place + 1: mark for place, mark in enumerate(marks)}}

    def find(self, key: Any, key_of: Any) -> int | None:
        """The row of a record in memory by its key."""
        for page, rows in self._pages.items():
            for place, record in enumerate(rows):
                if key_of(record) == key:
                    return page * self.page + place
        return None
