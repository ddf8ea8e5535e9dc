"""Keys and fingerprints of what tills and programs send (domain 1.2.1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.receipts.keys import (
    KEY_LENGTH,
    fitting,
    iso_day,
    item_fingerprint,
    item_key,
    relay_fingerprint,
    relay_is_repeatable,
    relay_key,
)
from card_server.receipts.records import RelayCall, RelayLine, XmlItem

LINES = [
    RelayLine(card=7, person_id=0, kind=3, amount=1000),
    RelayLine(card=7, person_id=0, kind=0, amount=-50),
    RelayLine(card=7, person_id=0, kind=0, amount=-20),
]
CALL = RelayCall(
    classifier_id=1,
    chmode=1,
    restaurant=2,
    rk_date=date(2026, 3, 2),
    rk_uni=4,
    rk_check=881,
    order_guid="guid",
    check_no=9,
    lines=LINES,
)
ITEM = XmlItem(
    amount=6200,
    ext_id="881",
    ext_index=3,
    ext_date=date(2026, 3, 2),
    time=datetime(2026, 3, 2, 9, tzinfo=UTC),
)


def _call(**facts: Any) -> RelayCall:
    return msgspec.structs.replace(CALL, **facts)


def test_an_order_is_known_by_guid_cheque_mode_card_and_kinds() -> None:
    assert relay_key(CALL, 7, LINES, 0) == "f:guid,9,1,7,0,0,3"


def test_without_a_guid_the_till_s_own_numbers_tell() -> None:
    key = relay_key(_call(order_guid=None), 7, LINES, 0)
    assert key == "f0:2,2026-03-02,4,881,1,--+,7,0,0,3"


def test_without_any_number_a_call_is_never_a_repeat() -> None:
    call = _call(order_guid=None, rk_check=0)
    assert relay_key(call, 7, LINES, 42) == "fx:42"
    assert not relay_is_repeatable(call)


def test_guests_without_a_card_have_keys_of_their_own() -> None:
    keys = {relay_key(CALL, 0, LINES, 0, person) for person in (10, 11)}
    assert keys == {"f:guid,9,1,p10,0,0,3", "f:guid,9,1,p11,0,0,3"}


def test_a_key_of_very_many_lines_still_fits_and_still_tells() -> None:
    long = [RelayLine(card=7, person_id=0, kind=k % 4, amount=1) for k in range(200)]
    one, two = relay_key(CALL, 7, long, 0), relay_key(CALL, 7, long[:-1], 0)
    assert len(one) <= KEY_LENGTH
    assert one != two


@given(st.text(max_size=400), st.text(max_size=400))
def test_shortened_keys_differ_where_the_keys_do(one: str, two: str) -> None:
    assert (fitting(one) == fitting(two)) == (one == two)


@given(st.permutations(LINES))
def test_the_order_of_lines_changes_neither_key_nor_content(lines: list[RelayLine]) -> None:
    assert relay_key(CALL, 7, lines, 0) == relay_key(CALL, 7, LINES, 0)
    assert relay_fingerprint(lines) == relay_fingerprint(LINES)


def test_another_sum_is_another_content() -> None:
    other = [*LINES[:2], RelayLine(card=7, person_id=0, kind=0, amount=-21)]
    assert relay_fingerprint(other) != relay_fingerprint(LINES)


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        (1, "x:881|3|2026-03-02|5|+|sale"),
        (2, "x:881|3|2026-03-02|5|+|sale|6200"),
        (3, "x:881|3|2026-03-02|5|+|sale|6200|2026-03-02T09:00:00.000"),
    ],
)
def test_the_key_of_an_item_by_mode(mode: int, key: str) -> None:
    assert item_key(ITEM, 5, "sale", mode) == key


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    """Retries may come from a program that restamps with another offset."""
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    there = at.astimezone(timezone(timedelta(hours=3)))
    keys = {
        item_key(msgspec.structs.replace(ITEM, time=moment), 5, "sale", 3) for moment in (at, there)
    }
    assert len(keys) == 1


@pytest.mark.parametrize("field", ["amount", "operation_type", "life", "delay", "parent"])
def test_content_of_an_item_by_field(field: str) -> None:
    other = {"life": date(2027, 1, 1), "delay": datetime(2026, 4, 1, tzinfo=UTC)}.get(field, 17)
    changed = msgspec.structs.replace(ITEM, **{field: other})
    assert item_fingerprint(changed) != item_fingerprint(ITEM)


@pytest.mark.parametrize("field", ["remarks", "account_text", "time"])
def test_what_retries_restamp_is_not_content(field: str) -> None:
    other = datetime(2027, 1, 1, tzinfo=UTC) if field == "time" else "other"
    changed = msgspec.structs.replace(ITEM, **{field: other})
    assert item_fingerprint(changed) == item_fingerprint(ITEM)


def test_a_date_that_is_not_set_is_empty() -> None:
    assert (iso_day(None), iso_day(date(2026, 3, 2))) == ("", "2026-03-02")
