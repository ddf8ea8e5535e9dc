"""Refusals as values, for laws about rubbish: whatever comes, nothing but a refusal is raised."""

from __future__ import annotations

from collections.abc import Callable

from shared.wire.errors import AppError, ErrorCode


def refusal_of(work: Callable[[], object]) -> ErrorCode | None:
    """The code that work was refused with; None when it was done. Bugs pass through."""
    try:
        work()
    except AppError as error:
        return error.code
    return None
