"""The table of domain 2.9, row by row, and the order of stamps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.idempotency import (
    Decision,
    Fresh,
    Refused,
    Repeat,
    decide_attempt,
    decide_rollback,
    overtaken,
    stamp_of,
    stored_refusal,
)
from card_server.ledger.records import ACCEPTED, REFUSED, Operation, OperationKind
from shared.wire.errors import ErrorCode

AT: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SAME, OTHER = b"s" * 32, b"o" * 32
OLDER, EQUAL, NEWER = "2026-03-02T08:00:00", "2026-03-02T09:00:00", "2026-03-02T10:00:00"


def _stored(status: int = ACCEPTED, **facts: object) -> Operation:
    row = Operation(
        operation_id=1,
        kind=OperationKind.SALE,
        status=status,
        classifier_id=1,
        idem_key="k",
        fingerprint=SAME,
        attempt_stamp=EQUAL,
        occurred_at=AT,
        recorded_at=AT,
        business_date=date(2026, 3, 2),
    )
    return msgspec.structs.replace(row, **facts)


def _decide(
    row: Operation | None, fingerprint: bytes, stamp: str, *, rolled: bool, caller: bool
) -> Decision:
    prior = [row] if row is not None else []
    rolled_back = {1: _stored(operation_id=2, kind=OperationKind.SALE_ROLLBACK)} if rolled else {}
    return decide_attempt(prior, rolled_back, fingerprint, stamp, caller_made=caller)


def _name(decision: Decision) -> str:
    if isinstance(decision, Fresh):
        return f"attempt {decision.attempt_no}"
    return "stored answer" if isinstance(decision, Repeat) else decision.error.code.value


TABLE: Final = [
    # stored, rolled back, caller-made key, content, stamp -> answer
    (None, False, False, SAME, EQUAL, "attempt 1"),
    (None, False, True, SAME, EQUAL, "attempt 1"),
    (ACCEPTED, False, False, SAME, OLDER, "stored answer"),
    (ACCEPTED, False, False, SAME, EQUAL, "stored answer"),
    (ACCEPTED, False, False, SAME, NEWER, "stored answer"),
    (ACCEPTED, False, True, SAME, NEWER, "stored answer"),
    (ACCEPTED, False, False, OTHER, EQUAL, "KEY_CONFLICT"),
    (ACCEPTED, False, False, OTHER, NEWER, "KEY_CONFLICT"),
    (ACCEPTED, False, True, OTHER, EQUAL, "KEY_CONFLICT"),
    (ACCEPTED, True, False, SAME, OLDER, "ROLLED_BACK"),
    (ACCEPTED, True, False, SAME, EQUAL, "ROLLED_BACK"),
    (ACCEPTED, True, False, OTHER, EQUAL, "ROLLED_BACK"),
    (ACCEPTED, True, False, SAME, NEWER, "attempt 2"),
    (ACCEPTED, True, False, OTHER, NEWER, "attempt 2"),
    (REFUSED, False, True, SAME, EQUAL, "stored answer"),
    (REFUSED, False, True, SAME, NEWER, "stored answer"),
    (REFUSED, False, True, OTHER, NEWER, "stored answer"),
    (REFUSED, False, False, SAME, OLDER, "stored answer"),
    (REFUSED, False, False, SAME, EQUAL, "stored answer"),
    (REFUSED, False, False, SAME, NEWER, "attempt 2"),
    (REFUSED, False, False, OTHER, EQUAL, "attempt 2"),
    (REFUSED, False, False, OTHER, OLDER, "attempt 2"),
]


@pytest.mark.parametrize(("status", "rolled", "caller", "content", "stamp", "answer"), TABLE)
def test_the_table_of_what_is_stored_and_what_comes(
    status: int | None,
    rolled: bool,
    caller: bool,
    content: bytes,
    stamp: str,
    answer: str,
) -> None:
    row = _stored(status) if status is not None else None
    assert _name(_decide(row, content, stamp, rolled=rolled, caller=caller)) == answer


def test_the_last_attempt_decides() -> None:
    first = _stored(REFUSED)
    second = _stored(operation_id=5, attempt_no=2)
    decision = decide_attempt([first, second], {}, SAME, EQUAL, caller_made=False)
    assert decision == Repeat(second)


def test_a_conflict_names_the_operation_in_the_way() -> None:
    decision = _decide(_stored(), OTHER, EQUAL, rolled=False, caller=True)
    assert isinstance(decision, Refused)
    assert decision.error.facts["id"] == 1


@pytest.mark.parametrize(
    ("stamp", "answer"),
    [(OLDER, "stored answer"), (EQUAL, "stored answer"), (NEWER, "attempt 2")],
)
def test_a_roll_back_repeats_or_is_a_new_attempt_by_its_stamp(stamp: str, answer: str) -> None:
    assert _name(decide_rollback([_stored()], stamp)) == answer


def test_a_first_roll_back_is_attempt_one() -> None:
    assert decide_rollback([], EQUAL) == Fresh()


@pytest.mark.parametrize(("stamp", "result"), [(OLDER, True), (EQUAL, True), (NEWER, False)])
def test_a_roll_back_that_came_first_refuses_what_is_not_newer(
    stamp: str,
    result: bool,
) -> None:
    assert overtaken([_stored()], stamp) is result


def test_a_sale_without_a_stamp_is_older_than_every_roll_back() -> None:
    assert overtaken([_stored()], None)
    assert not overtaken([], None)


def test_a_refusal_comes_back_as_it_was_stored() -> None:
    row = _stored(REFUSED, refusal_code="INSUFFICIENT", refusal_args='{"available":"1.00"}')
    refusal = stored_refusal(row)
    assert refusal.code == ErrorCode.INSUFFICIENT
    assert refusal.facts == {"available": "1.00"}


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        (None, ""),
        ("", ""),
        ("2026-03-02T10:00:00", "2026-03-02T10:00:00.000"),
        ("2026-03-02 10:00:00", "2026-03-02T10:00:00.000"),
        ("2026-03-02T10:00:00.5", "2026-03-02T10:00:00.500"),
        ("2026-03-02T10:00:00.123456", "2026-03-02T10:00:00.123"),
        ("2026-03-02T10:00:00.25 +03:00", "2026-03-02T10:00:00.250"),
    ],
)
def test_stamps_are_brought_to_one_form(text: str | None, stamp: str) -> None:
    assert stamp_of(text) == stamp


@given(st.datetimes(), st.datetimes())
def test_stamps_compare_as_the_moments_they_name(one: datetime, two: datetime) -> None:
    one, two = (m.replace(microsecond=m.microsecond // 1000 * 1000) for m in (one, two))
    first, second = (stamp_of(m.isoformat("T", "milliseconds")) for m in (one, two))
    assert (first < second) == (one < two)
    assert first > ""
