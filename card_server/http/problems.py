"""Refusals of the management port: the status, and the problem as it travels."""

from __future__ import annotations

from typing import Final

import msgspec

from shared.wire.base import Problem
from shared.wire.errors import AppError, ErrorCode

STATUSES: Final = {
    ErrorCode.EMPTY_REQUEST: 400,
    ErrorCode.BAD_JSON: 400,
    ErrorCode.SESSION_LOST: 401,
    ErrorCode.NO_RIGHT: 403,
    ErrorCode.DIVISION_FOREIGN: 403,
    ErrorCode.PASSWORD_FIRST: 403,
    ErrorCode.PASSWORD_WRONG: 403,
    ErrorCode.LOCKED: 403,
    ErrorCode.UNKNOWN_ACTION: 404,
    ErrorCode.ROW_NOT_FOUND: 404,
    ErrorCode.STALE_EDIT: 409,
    ErrorCode.KEY_CONFLICT: 409,
    ErrorCode.REQUEST_TOO_LARGE: 413,
    ErrorCode.INTERNAL: 500,
    ErrorCode.BUSY: 503,
    ErrorCode.STOPPING: 503,
    ErrorCode.DB_UNREACHABLE: 503,
    ErrorCode.PROCESSING_TIMEOUT: 504,
}
REFUSED: Final = 422
"""The status of every other refusal: understood, and not done."""


def status_of(code: ErrorCode) -> int:
    """The HTTP status of a refusal."""
    return STATUSES.get(code, REFUSED)


def problem(error: AppError, present: bytes | None = None) -> bytes:
    """The body of a refusal."""
    field = error.facts.get("field")
    return msgspec.json.encode(
        Problem(
            code=error.code.value,
            facts=dict(error.facts),
            field=str(field) if field is not None else None,
            present=msgspec.Raw(present) if present is not None else None,
        )
    )
