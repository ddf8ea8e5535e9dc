"""A group under way as steps: whoever drives it chooses the thread for each COMMIT."""

from __future__ import annotations

from collections.abc import Callable, Generator

Steps = Generator[Callable[[], None], None, None]
"""It pauses with each piece of work that only waits, and wants to hear how that ended."""


def advance(steps: Steps, error: Exception | None) -> Callable[[], None] | None:
    """The next piece of work of a group, told how the last one ended; None when it is over."""
    try:
        return next(steps) if error is None else steps.throw(error)
    except StopIteration:
        return None


def tried(work: Callable[[], None]) -> Exception | None:
    """Do a piece of work; how it failed, for `advance`."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - told to the group, which knows what it means
        return error
    return None
