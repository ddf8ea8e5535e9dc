"""The written-out canonical texts say what the loop over the fields says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.chain import LOT_FIELDS, OPERATION_FIELDS, formatter
from card_server.ledger.chain_text import allocation_text, entry_text, lot_text, operation_text
from card_server.ledger.records import (
    Allocation,
    Entry,
    Lot,
    LotState,
    Operation,
    OperationKind,
    Purpose,
)

moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - a bound of the strategy
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at - timedelta(microseconds=at.microsecond % 1000))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**63), 2**63 - 1),
    "int | None": st.none() | st.integers(-(2**63), 2**63 - 1),
    "str": st.text(max_size=20),
    "str | None": st.none() | st.text(max_size=20),
    "bytes": st.binary(max_size=32),
    "bytes | None": st.none() | st.binary(max_size=32),
    "datetime": moments,
    "datetime | None": st.none() | moments,
    "date": st.dates(min_value=date(1900, 1, 1)),
    "date | None": st.none() | st.dates(min_value=date(1900, 1, 1)),
}
ENUMS = {
    "kind": st.sampled_from(OperationKind),
    "purpose": st.sampled_from(Purpose),
    "state": st.sampled_from(LotState),
    "origin": st.sampled_from(Purpose),
    "status": st.sampled_from([1, 2, True]),
}


@pytest.mark.parametrize(
    ("record", "name", "fields", "written"),
    [
        (Operation, "operation", OPERATION_FIELDS, operation_text),
        (Entry, "entry", Entry.__struct_fields__, entry_text),
        (Lot, "lot", LOT_FIELDS, lot_text),
        (Allocation, "allocation", Allocation.__struct_fields__, allocation_text),
    ],
)
def test_a_written_out_text_is_the_text_of_its_fields(
    record: Any, name: str, fields: tuple[str, ...], written: Any
) -> None:
    loop = formatter(name, fields)
    kinds = record.__annotations__
    values = {
        field: ENUMS[field] | VALUES[kinds[field]] if field in ENUMS else VALUES[kinds[field]]
        for field in record.__struct_fields__
    }

    @given(st.fixed_dictionaries(values))
    def compare(row: dict[str, Any]) -> None:
        made = record(**row)
        assert written(made) == loop(made)

    compare()
