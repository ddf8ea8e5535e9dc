"""The hash chain: what it protects, and that the order of making does not matter (3.15, I-22)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.chain import (
    FIRST_LINK,
    OPERATION_FIELDS,
    Parts,
    canonical,
    document_hash,
    link,
    parts_by_operation,
)
from card_server.ledger.records import (
    Allocation,
    Entry,
    HoldEvent,
    LevelHistory,
    Lot,
    LotTerm,
    Operation,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPERATION = Operation(
    operation_id=1,
    kind=1,
    classifier_id=1,
    idem_key="k",
    fingerprint=b"f" * 32,
    occurred_at=AT,
    recorded_at=AT,
    business_date=date(2026, 3, 2),
)
ENTRY = Entry(
    entry_id=2,
    operation_id=1,
    line_no=1,
    account_id=3,
    account_type_id=1,
    amount=100,
    balance_after=100,
    purpose=2,
    business_date=date(2026, 3, 2),
)
LOT = Lot(
    lot_id=4,
    account_id=3,
    entry_id=2,
    operation_id=1,
    amount=100,
    origin=2,
    available_at=AT,
    remaining=100,
    state=2,
)
ALLOCATION = Allocation(allocation_id=5, lot_id=4, entry_id=2, operation_id=1, amount=100)
TERM = LotTerm(lot_id=4, operation_id=1, old_expires_at=AT, new_expires_at=AT)
EVENT = HoldEvent(hold_id=6, operation_id=1, event=1, amount=5)
LEVEL = LevelHistory(
    account_id=3,
    operation_id=1,
    old_level_id=None,
    new_level_id=1,
    cause=1,
    measure=None,
    effective_at=AT,
)


def _parts(**rows: Any) -> Parts:
    given = {
        "entries": [ENTRY],
        "lots": [LOT],
        "allocations": [ALLOCATION],
        "terms": [TERM],
        "hold_events": [EVENT],
        "levels": [LEVEL],
    }
    return Parts(**{**given, **rows})


def _other(value: Any, kind: str = "") -> Any:
    if value is None:
        return {"datetime | None": AT, "date | None": AT.date()}.get(kind, 7)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, bytes):
        return value + b"x"
    if isinstance(value, datetime):
        return value.replace(microsecond=1_000)
    return date(2030, 1, 1)


@pytest.mark.parametrize("field", OPERATION_FIELDS)
def test_every_protected_field_of_an_operation_changes_the_hash(field: str) -> None:
    other = _other(getattr(OPERATION, field), Operation.__annotations__[field])
    changed = msgspec.structs.replace(OPERATION, **{field: other})
    assert link(FIRST_LINK, changed, _parts()) != link(FIRST_LINK, OPERATION, _parts())


ROWS = {
    "entries": ENTRY,
    "lots": LOT,
    "allocations": ALLOCATION,
    "terms": TERM,
    "hold_events": EVENT,
    "levels": LEVEL,
}
CACHES = {"expires_on", "expires_at", "remaining", "held", "state"}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for name, row in ROWS.items()
        for field in row.__struct_fields__
        if name != "lots" or field not in CACHES
    ],
)
def test_every_field_of_its_rows_changes_the_hash(name: str, field: str) -> None:
    row = ROWS[name]
    kind = type(row).__annotations__[field]
    changed = msgspec.structs.replace(row, **{field: _other(getattr(row, field), kind)})
    assert canonical(OPERATION, _parts(**{name: [changed]})) != canonical(OPERATION, _parts())


@pytest.mark.parametrize("field", sorted(CACHES))
def test_caches_of_lots_are_not_protected(field: str) -> None:
    changed = msgspec.structs.replace(LOT, **{field: _other(getattr(LOT, field))})
    assert canonical(OPERATION, _parts(lots=[changed])) == canonical(OPERATION, _parts())


def test_remarks_may_be_erased_without_breaking_the_chain() -> None:
    changed = msgspec.structs.replace(OPERATION, remarks="Иванов")
    assert canonical(changed, _parts()) == canonical(OPERATION, _parts())


@pytest.mark.parametrize("field", ["trace_hash", "doc_hash"])
def test_hashes_of_the_detachable_parts_are_protected(field: str) -> None:
    changed = msgspec.structs.replace(OPERATION, **{field: b"h" * 32})
    assert canonical(changed, _parts()) != canonical(OPERATION, _parts())


@given(st.binary(min_size=32, max_size=32))
def test_a_link_depends_on_the_one_before(previous: bytes) -> None:
    same = link(previous, OPERATION, _parts()) == link(FIRST_LINK, OPERATION, _parts())
    assert same == (previous == FIRST_LINK)


@given(st.permutations(range(1, 6)))
def test_terms_events_and_levels_are_hashed_in_the_order_of_what_they_are_about(
    order: list[int],
) -> None:
    parts = parts_by_operation(
        terms=[msgspec.structs.replace(TERM, lot_id=i) for i in order],
        hold_events=[msgspec.structs.replace(EVENT, hold_id=i) for i in order],
        levels=[msgspec.structs.replace(LEVEL, account_id=i) for i in order],
    )[1]
    assert [term.lot_id for term in parts.terms] == [1, 2, 3, 4, 5]
    assert [event.hold_id for event in parts.hold_events] == [1, 2, 3, 4, 5]
    assert [level.account_id for level in parts.levels] == [1, 2, 3, 4, 5]


def test_rows_go_to_their_operation() -> None:
    second = msgspec.structs.replace(ENTRY, operation_id=9)
    parts = parts_by_operation(entries=[ENTRY, second])
    assert (parts[1].entries, parts[9].entries) == ([ENTRY], [second])


def test_a_document_without_its_salt_cannot_be_told_from_its_hash() -> None:
    assert document_hash(b"salt", b"body") != document_hash(b"other", b"body")
