"""Keeps programs from guessing guests' passwords: a few wrong ones, then a pause."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from shared.wire.errors import AppError, ErrorCode

REMEMBERED: Final = 10_000
MINUTE_S: Final = 60.0


class PasswordGate:
    """Counts wrong passwords by name; known and unknown names alike, so neither gives a hint."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, name: str, now_s: float, limit: int, minutes: int) -> None:
        """Refuse a name with `limit` wrong passwords until `minutes` after the last of them."""
        count, last = self._wrong.get(name, (0, 0.0))
        end = last + minutes * MINUTE_S
        if count >= limit and now_s < end:
            rest = max(1, -(-int(end - now_s) // int(MINUTE_S)))
            raise AppError(ErrorCode.TRIES_EXCEEDED, minutes=rest)
        if count and now_s >= end:
            del self._wrong[name]

    def wrong(self, name: str, now_s: float) -> None:
        """Note a wrong password."""
        count, _ = self._wrong.pop(name, (0, 0.0))
        self._wrong[name] = (count + 1, now_s)
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, name: str) -> None:
        """A right password clears the name."""
        self._wrong.pop(name, None)
