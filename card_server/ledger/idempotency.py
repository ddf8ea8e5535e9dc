"""What a key that comes again means: the table of domain 2.9 as one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from card_server.ledger.records import ACCEPTED, Operation
from shared.wire.errors import AppError, ErrorCode

STAMP_LENGTH = 23


class Fresh(msgspec.Struct, frozen=True):
    """Process the request as this attempt."""

    attempt_no: int = 1


class Repeat(msgspec.Struct, frozen=True):
    """Answer what was answered; nothing is posted."""

    operation: Operation


class Refused(msgspec.Struct, frozen=True):
    """Refuse without storing anything."""

    error: AppError


Decision = Fresh | Repeat | Refused


def stamp_of(text: str | None) -> str:
    """A stamp as compared: `YYYY-MM-DDThh:mm:ss.fff`; an empty one is older than every other."""
    if not text:
        return ""
    value = text.strip().replace(" ", "T")
    if "." not in value:
        value = f"{value}.000"
    whole, _, fraction = value.partition(".")
    digits = "".join(c for c in fraction[:3] if c.isdigit())
    return f"{whole}.{digits:0<3}"[:STAMP_LENGTH]


def stored_refusal(operation: Operation) -> AppError:
    """The refusal that an operation keeps, as it was given."""
    facts: dict[str, Any] = (
        msgspec.json.decode(operation.refusal_args) if operation.refusal_args else {}
    )
    return AppError(ErrorCode(operation.refusal_code or ErrorCode.INTERNAL), **facts)


def decide_attempt(  # noqa: PLR0911 - one return a row of the table
    prior: Sequence[Operation],
    rolled_back: Mapping[int, Operation],
    fingerprint: bytes,
    stamp: str | None,
    *,
    caller_made: bool,
) -> Decision:
    """Sale, refund and manual operations under one key; `prior` oldest first."""
    if not prior:
        return Fresh()
    last = prior[-1]
    newer = stamp_of(stamp) > stamp_of(last.attempt_stamp)
    if last.status != ACCEPTED:
        if caller_made:
            return Repeat(last)
        if last.fingerprint == fingerprint and not newer:
            return Repeat(last)
        return Fresh(last.attempt_no + 1)
    if last.operation_id in rolled_back:
        if newer:
            return Fresh(last.attempt_no + 1)
        return Refused(AppError(ErrorCode.ROLLED_BACK))
    if last.fingerprint == fingerprint:
        return Repeat(last)
    return Refused(
        AppError(
            ErrorCode.KEY_CONFLICT,
            id=last.operation_id,
            time=last.occurred_at.isoformat(" ", "seconds"),
            sum="",
        )
    )


def decide_rollback(prior: Sequence[Operation], stamp: str | None) -> Decision:
    """A roll-back under its key: same or older stamp repeats, a newer one is a new attempt."""
    if not prior:
        return Fresh()
    last = prior[-1]
    if stamp_of(stamp) > stamp_of(last.attempt_stamp):
        return Fresh(last.attempt_no + 1)
    return Repeat(last)


def overtaken(rollbacks: Sequence[Operation], stamp: str | None) -> bool:
    """A stored roll-back without a target that is not older than the sale that comes now."""
    return any(stamp_of(stamp) <= stamp_of(row.attempt_stamp) for row in rollbacks)
