"""What a bill earns by its campaigns: worked examples, and the laws (I-34, I-39 .. I-41, I-51)."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.campaigns.records import (
    APPLIED,
    CUT,
    REJECTED,
    SCALE,
    WOULD,
    Bill,
    Campaign,
    Limit,
    StackingGroup,
)
from card_server.campaigns.rules import decide, program_of
from shared.wire.campaign_rules import (
    DiscountCode,
    DiscountPercent,
    EarnFixed,
    EarnMultiply,
    EarnPercent,
    IssueCoupon,
    LotLife,
    MaxPay,
    Message,
)
from tests.helpers.campaign_examples import ALONE, EXAMPLES, PLAIN, Example, campaign

ROWS = 120


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.name)
def test_the_example_gives_its_points(row: Example) -> None:
    bill = msgspec.structs.replace(PLAIN, **row.bill)
    assert decide(bill, program_of(row.campaigns)).units == row.points


def test_the_table_is_long_and_its_names_are_unique() -> None:
    names = [row.name for row in EXAMPLES]
    assert len(names) >= ROWS
    assert len(set(names)) == len(names)


def test_every_alternative_has_a_verdict_with_its_reason() -> None:
    best = StackingGroup(stacking_group_id=2, mode=2)
    program = program_of(
        [
            campaign(EarnFixed(amount=10_00), number=1, group=best),
            campaign(EarnFixed(amount=30_00), number=2, group=best),
            campaign(EarnFixed(amount=1_00), number=3, units=frozenset({5})),
            campaign(EarnFixed(amount=40_00), number=4, state=2),
            campaign(EarnFixed(amount=9_00), number=5, limits=(Limit(per=1, max_amount=4_00),)),
        ]
    )
    found = {one.version_id: one for one in decide(PLAIN, program).verdicts}
    told = {number: (one.result, one.why, one.units) for number, one in found.items()}
    assert told == {
        1: (REJECTED, "stacking", 0),
        2: (APPLIED, "", 30_00),
        3: (REJECTED, "unit", 0),
        4: (WOULD, "", 40_00),
        5: (CUT, "limit", 4_00),
    }


def test_what_has_a_life_of_its_own_is_a_lot_of_its_own() -> None:
    life = LotLife(life_kind=1, life_value=7)
    made = decide(PLAIN, program_of([campaign(EarnFixed(amount=7_00), life)])).given
    assert [(one.version_id, one.units, one.life) for one in made] == [
        (1, 7_00, life),
        (0, 50_00, None),
    ]


def test_discounts_apply_in_order_to_what_is_left() -> None:
    program = program_of(
        [
            campaign(DiscountPercent(rate_bp=1_000), number=1),
            campaign(DiscountPercent(rate_bp=1_000), DiscountCode(code=7), number=2),
            campaign(
                MaxPay(max_bp=3_000), Message(text="!"), IssueCoupon(coupon_type_id=4), number=3
            ),
        ]
    )
    made = decide(PLAIN, program)
    assert (made.discount, made.discount_codes) == (190_00, [7])
    assert (made.max_pay_bp, made.messages, made.coupons) == (3_000, ["!"], [4])


def test_a_quote_shows_campaigns_that_are_for_quotes_only() -> None:
    program = program_of([campaign(EarnFixed(amount=1_00), trigger=2)])
    assert decide(PLAIN, program, quote=True).units == 51_00


_amounts = st.integers(0, 10_000_00)
_effects = st.one_of(
    st.builds(EarnPercent, rate_bp=st.integers(0, 20_000)),
    st.builds(EarnFixed, amount=st.integers(0, 500_00)),
    st.builds(EarnMultiply, factor_bp=st.integers(0, 50_000)),
)
_limits = st.lists(
    st.builds(Limit, per=st.just(1), max_amount=st.integers(0, 300_00)), max_size=2
).map(tuple)
_groups = st.builds(
    StackingGroup,
    stacking_group_id=st.integers(1, 3),
    mode=st.integers(1, 4),
    exclusive=st.booleans(),
)


@st.composite
def _campaigns(draw: st.DrawFn) -> list[Campaign]:
    groups = {one.stacking_group_id: one for one in draw(st.lists(_groups, max_size=3))}
    return [
        campaign(
            *draw(st.lists(_effects, min_size=1, max_size=2)),
            number=number,
            group=draw(st.sampled_from([ALONE, *groups.values()])),
            priority=draw(st.integers(1, 3)),
            limits=draw(_limits),
            all_or_nothing=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(0, 5)) + 1)
    ]


@st.composite
def _bills(draw: st.DrawFn) -> Bill:
    net = draw(_amounts)
    return msgspec.structs.replace(
        PLAIN,
        net=net,
        base=draw(st.integers(0, net)),
        rate_bp=draw(st.integers(0, 3_000)),
        k_bp=draw(st.sampled_from([10_000, 5_000, 3_333])),
        step=draw(st.sampled_from([1, 10, 100])),
        rounding=draw(st.integers(1, 3)),
    )


@given(bill=_bills(), campaigns=_campaigns(), spent=st.integers(0, 400_00))
def test_i34_no_version_gives_more_than_its_limits_leave(
    bill: Bill, campaigns: list[Campaign], spent: int
) -> None:
    made = decide(bill, program_of(campaigns), lambda _c, _l, _b: (spent, 0))
    by_version = {one.version_id: one for one in campaigns}
    for part in made.given:
        assert part.units > 0
        for limit in by_version[part.version_id].limits if part.version_id else ():
            assert limit.max_amount is not None
            assert part.units <= max(0, limit.max_amount - spent)


@given(bill=_bills(), campaigns=_campaigns())
def test_i39_i40_one_rounding_a_lot_and_parts_add_up(bill: Bill, campaigns: list[Campaign]) -> None:
    free = [msgspec.structs.replace(one, limits=()) for one in campaigns]
    made = decide(bill, program_of(free))
    applied = sum(one.exact for one in made.verdicts if one.result == APPLIED)
    exact = Fraction(made.basic + applied, SCALE)
    if all(one.exact >= 0 for one in made.verdicts if one.result == APPLIED):
        assert abs(made.units - exact) < bill.step
        assert made.units % bill.step == 0
    assert made.units >= 0


@given(bill=_bills(), campaigns=_campaigns())
def test_i41_nothing_comes_of_nothing(bill: Bill, campaigns: list[Campaign]) -> None:
    only_rates = [
        msgspec.structs.replace(
            one,
            effects=msgspec.structs.replace(
                one.effects, effects=(EarnPercent(rate_bp=700), EarnMultiply(factor_bp=30_000))
            ),
        )
        for one in campaigns
    ]
    empty = msgspec.structs.replace(bill, base=0)
    assert decide(empty, program_of(only_rates)).given == []


@given(bill=_bills(), campaigns=_campaigns())
def test_i51_the_order_of_reading_does_not_matter_and_a_second_look_agrees(
    bill: Bill, campaigns: list[Campaign]
) -> None:
    made = decide(bill, program_of(campaigns))
    again = decide(bill, program_of(list(reversed(campaigns))), quote=True)
    assert (made.units, made.given) == (again.units, again.given)
