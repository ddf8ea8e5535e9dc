"""Rules that contradict themselves are named before they run."""

from __future__ import annotations

from datetime import date

import pytest

from card_server.campaigns.checking import DEEPEST, warnings_of
from card_server.campaigns.records import Campaign, Limit
from shared.wire.campaign_rules import (
    Age,
    All,
    AnyOf,
    Birthday,
    CheckTotal,
    Condition,
    DiscountPercent,
    Dishes,
    EarnFixed,
    EarnMultiply,
    EarnPercent,
    EarnPerStep,
    Effect,
    FirstSale,
    Gender,
    Guests,
    LotLife,
    MaxPay,
    Message,
    Not,
    NthVisit,
    OrderType,
    PaidBy,
    Station,
    WeekTime,
)
from tests.helpers.campaign_examples import EXAMPLES, campaign

BUDGET = (Limit(per=1, max_amount=1_000_00),)
GOOD = EarnFixed(amount=10_00)


def found(one: Campaign) -> list[tuple[str, bool]]:
    return [(each.code, each.wrong) for each in warnings_of(one)]


def deep(levels: int) -> Condition:
    node: Condition = Guests(least=2)
    for _ in range(levels):
        node = Not(of=node)
    return node


@pytest.mark.parametrize(
    ("when", "code", "wrong"),
    [
        (CheckTotal(least=2, most=1), "RANGE_EMPTY", True),
        (Age(least=30, most=20), "RANGE_EMPTY", True),
        (All(of=(CheckTotal(least=500), CheckTotal(most=400))), "NEVER", True),
        (All(of=(Gender(gender=1), Gender(gender=2))), "NEVER", True),
        (All(of=(Guests(least=2), Not(of=Guests(least=2)))), "NEVER", True),
        (AnyOf(of=(Guests(least=2), Not(of=Guests(least=2)))), "ALWAYS", False),
        (AnyOf(), "NEVER", True),
        (OrderType(types=()), "LIST_EMPTY", True),
        (Station(numbers=()), "LIST_EMPTY", True),
        (FirstSale(of="always"), "VALUE_BAD", True),
        (FirstSale(of="absence"), "VALUE_BAD", True),
        (FirstSale(of="ever", days=3), "VALUE_BAD", True),
        (NthVisit(n=0, each=True), "VALUE_BAD", True),
        (PaidBy(), "VALUE_BAD", True),
        (PaidBy(means="cash", account_type_id=1), "VALUE_BAD", True),
        (Birthday(before=-1), "VALUE_BAD", True),
        (Birthday(after=366), "VALUE_BAD", True),
        (Gender(gender=3), "VALUE_BAD", True),
        (WeekTime(weekdays=128), "VALUE_BAD", True),
        (WeekTime(time_from=1440), "VALUE_BAD", True),
        (Dishes(least_quantity=-1), "VALUE_BAD", True),
        (deep(DEEPEST), "TOO_DEEP", True),
        (deep(5_000), "TOO_DEEP", True),
        (All(of=(Not(of=NthVisit(n=0)),)), "VALUE_BAD", True),
    ],
)
def test_a_condition_that_cannot_be_meant_is_named(
    when: Condition, code: str, *, wrong: bool
) -> None:
    assert found(campaign(GOOD, when=when, limits=BUDGET)) == [(code, wrong)]


@pytest.mark.parametrize(
    "effect",
    [
        EarnPercent(rate_bp=-1),
        EarnPercent(rate_bp=100_001),
        EarnFixed(amount=-1),
        EarnMultiply(factor_bp=-1),
        EarnPerStep(amount=1, step=0),
        DiscountPercent(rate_bp=10_001),
        MaxPay(max_bp=10_001),
    ],
)
def test_a_figure_out_of_range_is_wrong(effect: Effect) -> None:
    assert found(campaign(effect, limits=BUDGET)) == [("VALUE_BAD", True)]


def test_effects_and_limits_that_do_not_fit_are_named() -> None:
    small = (Limit(per=1, max_amount=5_00),)
    assert found(campaign(limits=BUDGET)) == [("NO_EFFECT", True)]
    assert found(campaign(Message(text="!"), LotLife())) == [("LIFE_ALONE", False)]
    assert found(campaign(GOOD)) == [("NO_LIMIT", False)]
    assert found(campaign(GOOD, limits=small)) == [("OVER_LIMIT", False)]
    assert found(campaign(GOOD, limits=small, all_or_nothing=True)) == [("OVER_LIMIT", True)]
    assert found(campaign(GOOD, limits=(Limit(per=1),))) == [("LIMIT_EMPTY", True)]


def test_an_end_before_its_beginning_is_wrong() -> None:
    ended = campaign(GOOD, limits=BUDGET, valid_to=date(2025, 12, 31))
    assert found(ended) == [("DATES_TURNED", True)]


def test_the_worked_examples_are_sound_but_for_the_empty_any() -> None:
    wrong = [
        row.name
        for row in EXAMPLES
        for one in row.campaigns
        if any(each.wrong for each in warnings_of(one))
    ]
    assert wrong == ["any of nothing", "all or nothing over its budget"]
