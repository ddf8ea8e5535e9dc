"""The states of licences day by day, and what they stop (domain 2.10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.licences.records import (
    CARDS,
    EXPIRED,
    EXPIRING,
    GRACE,
    HOLDERS,
    NONE,
    OVER_QUOTA,
    TRIAL,
    TRIAL_NUMBER,
    VALID,
    Counts,
    Terms,
)
from card_server.licences.rules import (
    GRACE_DAYS,
    TRIAL_CARDS,
    TRIAL_DAYS,
    cards_allowed,
    overall,
    refusal,
    states_on,
)

BEGIN = date(2026, 3, 1)
END = date(2026, 12, 31)
FEW = Counts(cards=10, holders=10)


def licence(key: int = 1, **fields: Any) -> Terms:
    values = {
        "metric": CARDS,
        "quantity": 100,
        "valid_from": BEGIN,
        "valid_to": END,
        **fields,
    }
    return Terms(licence_id=key, **{"number": f"L{key}", **values})


def trial() -> Terms:
    last = BEGIN + timedelta(days=TRIAL_DAYS - 1)
    return licence(9, number=TRIAL_NUMBER, quantity=TRIAL_CARDS, valid_to=last)


def counted(licences: list[Terms], today: date, counts: Counts = FEW) -> list[Terms]:
    """The licences with the states of a day."""
    states = states_on(licences, counts, today)
    return [msgspec.structs.replace(one, state=states[one.licence_id]) for one in licences]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (BEGIN - timedelta(days=1), NONE),
        (BEGIN, VALID),
        (END - timedelta(days=31), VALID),
        (END - timedelta(days=30), EXPIRING),
        (END, EXPIRING),
        (END + timedelta(days=1), GRACE),
        (END + timedelta(days=14), GRACE),
        (END + timedelta(days=15), EXPIRED),
    ],
)
def test_a_licence_goes_from_valid_over_notice_and_grace_to_its_end(
    today: date, state: int
) -> None:
    assert states_on([licence()], FEW, today) == {1: state}


def test_a_licence_without_an_end_stays_valid() -> None:
    assert states_on([licence(valid_to=None)], FEW, date(2099, 1, 1)) == {1: VALID}


@pytest.mark.parametrize(
    ("day", "state"), [(0, TRIAL), (TRIAL_DAYS - 1, TRIAL), (TRIAL_DAYS, EXPIRED)]
)
def test_a_trial_takes_sixty_days_and_has_no_grace(day: int, state: int) -> None:
    assert states_on([trial()], FEW, BEGIN + timedelta(days=day)) == {9: state}


def test_the_trial_ends_when_a_licence_begins_and_not_when_it_is_loaded() -> None:
    later = licence(valid_from=BEGIN + timedelta(days=10))
    assert states_on([trial(), later], FEW, BEGIN) == {9: TRIAL, 1: NONE}
    assert states_on([trial(), later], FEW, later.valid_from) == {9: EXPIRED, 1: VALID}


def test_licences_of_a_metric_add_up_and_are_exceeded_together() -> None:
    both = [licence(1), licence(2, quantity=50), licence(3, metric=HOLDERS, quantity=1000)]
    assert states_on(both, Counts(cards=150, holders=0), BEGIN) == {1: VALID, 2: VALID, 3: VALID}
    over = states_on(both, Counts(cards=151, holders=0), BEGIN)
    assert over == {1: OVER_QUOTA, 2: OVER_QUOTA, 3: VALID}
    free = [licence(1), licence(2, quantity=0)]
    assert states_on(free, Counts(cards=10**6, holders=0), BEGIN) == {1: VALID, 2: VALID}


def test_a_later_licence_leads_back_from_any_state() -> None:
    after = END + timedelta(days=100)
    ended = counted([licence()], after)
    assert (overall(ended), str(refusal(ended))) == (EXPIRED, "LICENCE_END")
    again = counted([licence(), licence(2, valid_from=after, valid_to=None)], after)
    assert (overall(again), refusal(again)) == (VALID, None)
    crowd = Counts(cards=101, holders=0)
    over = counted([licence()], BEGIN, crowd)
    assert (overall(over), str(refusal(over))) == (OVER_QUOTA, "LICENCE_QUOTA")
    more = counted([licence(), licence(2, quantity=1)], BEGIN, crowd)
    assert (overall(more), refusal(more)) == (VALID, None)


def test_what_is_exceeded_by_one_metric_stops_though_the_other_is_good() -> None:
    two = [licence(1), licence(2, metric=HOLDERS, quantity=5)]
    found = counted(two, BEGIN, Counts(cards=1, holders=6))
    assert (overall(found), str(refusal(found))) == (OVER_QUOTA, "LICENCE_QUOTA")


def test_in_grace_cards_are_still_issued() -> None:
    found = counted([licence()], END + timedelta(days=GRACE_DAYS))
    assert (overall(found), refusal(found), cards_allowed(found)) == (GRACE, None, 100)


def test_without_any_licence_that_has_begun_nothing_is_refused() -> None:
    assert refusal([]) is None
    assert overall([]) == NONE
    assert refusal(counted([licence(valid_from=END)], BEGIN)) is None


@given(
    days=st.integers(-100, 800),
    cards=st.integers(0, 400),
    quantities=st.lists(st.integers(0, 200), min_size=1, max_size=3),
)
def test_issue_is_refused_in_the_two_stopping_states_and_in_no_other(
    days: int, cards: int, quantities: list[int]
) -> None:
    licences = [licence(n, quantity=q) for n, q in enumerate(quantities, start=1)]
    found = counted(licences, BEGIN + timedelta(days=days), Counts(cards=cards, holders=0))
    assert (refusal(found) is not None) == (overall(found) in (EXPIRED, OVER_QUOTA))
