"""What all postings by hand share: keys, stored refusals, headers (domain 2.9)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.manual import Adjust, Header, TopUp, Transfer, Withdraw
from card_server.ledger.manual_base import ManualOutcome
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.shop import BONUS, DEBIT, Shop


def _purse(shop: Shop) -> tuple[int, int]:
    holder = shop.issue(1)
    return holder, shop.account(holder, DEBIT).account_id


def _header(key: str = "key", **facts: Any) -> Header:
    return Header(key=key, **facts)


def _run(shop: Shop, posting: Any) -> Any:
    (outcome,) = shop.run(posting)
    return outcome


def test_the_same_key_and_content_is_answered_as_the_first_time(shop: Shop) -> None:
    holder, purse = _purse(shop)
    first = _run(shop, TopUp(header=_header(user_id=1), account_id=purse, amount=500))
    again = _run(shop, TopUp(header=_header(user_id=2), account_id=purse, amount=500))
    assert (first.repeated, again.repeated) == (False, True)
    assert again.operation_id == first.operation_id
    assert [_values(e) for e in again.entries] == [_values(e) for e in first.entries]
    assert shop.balance(holder, DEBIT) == 500


def test_two_with_one_key_in_one_group_book_once(shop: Shop) -> None:
    """The pipeline keeps them in different groups; here the names say that it must."""
    _, purse = _purse(shop)
    one = TopUp(header=_header(), account_id=purse, amount=500)
    two = TopUp(header=_header(), account_id=purse, amount=900)
    assert one.exclusive & two.exclusive


def test_the_same_key_with_other_content_is_a_conflict_and_is_not_stored(shop: Shop) -> None:
    _, purse = _purse(shop)
    _run(shop, TopUp(header=_header(), account_id=purse, amount=500))
    outcome = _run(shop, TopUp(header=_header(), account_id=purse, amount=501))
    assert isinstance(outcome, AppError)
    assert outcome.code == ErrorCode.KEY_CONFLICT
    assert len(shop.rows(tables.operation)) == 1


def test_another_class_under_the_same_key_is_a_conflict_too(shop: Shop) -> None:
    _, purse = _purse(shop)
    _run(shop, TopUp(header=_header(), account_id=purse, amount=500))
    outcome = _run(shop, Withdraw(header=_header(), account_id=purse, amount=500))
    assert outcome.code == ErrorCode.KEY_CONFLICT


def test_a_refusal_stays_refused_under_its_key_whatever_comes(shop: Shop) -> None:
    """I-26: a new try needs a new key."""
    holder, purse = _purse(shop)
    first = _run(shop, Withdraw(header=_header(), account_id=purse, amount=500))
    assert first.error.code == ErrorCode.INSUFFICIENT
    shop.grant(holder, DEBIT, 5_000)
    again = _run(shop, Withdraw(header=_header(), account_id=purse, amount=10))
    assert (again.error.code, again.repeated) == (ErrorCode.INSUFFICIENT, True)
    assert again.error.facts == first.error.facts
    fresh = _run(shop, Withdraw(header=_header("other"), account_id=purse, amount=10))
    assert fresh.error is None


def test_a_refused_posting_leaves_its_operation_and_nothing_else(shop: Shop) -> None:
    holder, purse = _purse(shop)
    outcome = _run(shop, Withdraw(header=_header(user_id=9), account_id=purse, amount=500))
    (row,) = shop.rows(tables.operation)
    assert (row.status, row.refusal_code, row.user_id) == (2, "INSUFFICIENT", 9)
    assert row.operation_id == outcome.operation_id
    assert row.holder_id == holder
    assert shop.rows(tables.entry) == []


def test_the_header_is_kept(shop: Shop) -> None:
    _, purse = _purse(shop)
    header = _header(
        user_id=9,
        unit_id=1,
        station_no=4,
        reason_id=3,
        remarks="r" * 300,
        card_code=1,
        order_guid="table",
        ext_id="X1",
        ext_index=2,
        ext_date=date(2026, 3, 1),
        batch_id=77,
    )
    _run(shop, TopUp(header=header, account_id=purse, amount=500))
    (row,) = shop.rows(tables.operation)
    kept = (row.user_id, row.unit_id, row.station_no, row.reason_id, row.card_code, row.order_guid)
    assert kept == (9, 1, 4, 3, 1, "table")
    assert (row.ext_id, row.ext_index, row.ext_date, row.batch_id) == (
        "X1",
        2,
        date(2026, 3, 1),
        77,
    )
    assert row.remarks == "r" * 255
    assert row.idem_key == "m:key"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": "k" * 121}, "key"),
        ({"division_id": 99}, "division_id"),
        ({"unit_id": 99}, "unit_id"),
        ({"reason_id": 99}, "reason_id"),
    ],
)
def test_a_header_that_names_what_is_not_there_is_malformed(
    shop: Shop, facts: dict[str, Any], field: str
) -> None:
    _, purse = _purse(shop)
    header = Header(**{"key": "key", **facts})
    outcome = _run(shop, TopUp(header=header, account_id=purse, amount=500))
    assert isinstance(outcome, AppError)
    assert (outcome.code, outcome.facts["field"]) == (ErrorCode.FIELD_BAD, field)
    assert shop.rows(tables.operation) == []


def test_an_unknown_program_is_named(shop: Shop) -> None:
    _, purse = _purse(shop)
    outcome = _run(shop, TopUp(header=_header(classifier_id=77), account_id=purse, amount=5))
    assert outcome.code == ErrorCode.CLASSIFIER_UNKNOWN


def test_kinds_that_need_a_reason_say_so_and_the_key_stays_free(shop: Shop) -> None:
    _, purse = _purse(shop)
    for posting in (
        Adjust(header=_header(), account_id=purse, amount=5),
        Transfer(header=_header(), from_account_id=purse, to_account_id=2),
    ):
        assert _run(shop, posting).code == ErrorCode.REASON_NEEDED
    outcome = _run(shop, Adjust(header=_header(reason_id=1), account_id=purse, amount=5))
    assert outcome.error is None


@pytest.mark.parametrize(
    ("remarks", "code"), [(None, ErrorCode.REASON_NEEDED), ("    abc ", ErrorCode.REASON_NEEDED)]
)
def test_the_reason_other_needs_words(shop: Shop, remarks: str | None, code: ErrorCode) -> None:
    _, purse = _purse(shop)
    other = shop.rows(tables.reason, tables.reason.c.name == "другое")[0].reason_id
    header = _header(reason_id=other, remarks=remarks)
    assert _run(shop, Adjust(header=header, account_id=purse, amount=5)).code == code
    header = _header(reason_id=other, remarks="извинение")
    assert _run(shop, Adjust(header=header, account_id=purse, amount=5)).error is None


def test_a_reason_of_other_kinds_does_not_do(shop: Shop) -> None:
    _, purse = _purse(shop)
    shop.change(tables.reason, tables.reason.c.reason_id == 1, applies_to=1 << 15)
    outcome = _run(shop, Adjust(header=_header(reason_id=1), account_id=purse, amount=5))
    assert outcome.facts["field"] == "reason_id"


def test_dates_are_checked_as_everywhere(shop: Shop) -> None:
    _, purse = _purse(shop)
    far = _header(occurred_at=shop.now - timedelta(days=9))
    late = _run(shop, TopUp(header=far, account_id=purse, amount=5))
    assert isinstance(late, ManualOutcome)
    assert late.error is not None
    assert late.error.code == ErrorCode.BACKDATE
    division = division_tables.division
    shop.change(division, division.c.division_id == 1, books_closed_until=date(2026, 3, 2))
    closed = _run(shop, TopUp(header=_header("other"), account_id=purse, amount=5))
    assert closed.error.code == ErrorCode.BOOKS_CLOSED


@pytest.mark.parametrize("amount", [0, -5])
def test_sums_that_are_not_positive_are_malformed(shop: Shop, amount: int) -> None:
    _, purse = _purse(shop)
    outcome = _run(shop, TopUp(header=_header(), account_id=purse, amount=amount))
    assert outcome.facts == {"field": "amount", "value": str(amount)}


def test_an_account_that_is_not_there_is_refused_and_stored(shop: Shop) -> None:
    for facts in ({"account_id": 5}, {"holder_id": 5, "account_type_id": BONUS}):
        outcome = _run(shop, Withdraw(header=_header(str(facts)), amount=5, **facts))
        assert outcome.error.code == ErrorCode.ACCOUNT_NOT_FOUND
    assert len(shop.rows(tables.operation)) == 2


def _values(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}
