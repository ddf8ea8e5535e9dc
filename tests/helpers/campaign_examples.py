"""Worked examples of campaigns, as a marketer reads them: the bill, the rules, the points.

Unless an example says otherwise the bill is 1 000.00 on Wednesday 11 March 2026 at 13:00, the basic
rate is 5 %, and the campaign gives 100 points when its condition holds: 150 points or 50.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec

from card_server.campaigns.records import (
    BEST,
    FIRST,
    LEAST,
    PER_CAMPAIGN,
    PER_HOLDER,
    Bill,
    Campaign,
    Limit,
    Line,
    StackingGroup,
)
from shared.wire.campaign_rules import (
    Age,
    All,
    AnyOf,
    Birthday,
    CampaignConditions,
    CampaignEffects,
    CardGroup,
    CheckTotal,
    Condition,
    CouponPresent,
    Dishes,
    EarnFixed,
    EarnMultiply,
    EarnPercent,
    EarnPerStep,
    Effect,
    FirstSale,
    Gender,
    Guests,
    HolderGroup,
    InSegment,
    LevelAtLeast,
    LotLife,
    Not,
    NthVisit,
    OrderType,
    PaidBy,
    PropertyIs,
    RegisteredDays,
    Station,
    Table,
    WeekTime,
)

PLAIN: Final = Bill(
    local=datetime(2026, 3, 11, 13, 0),  # noqa: DTZ001 - the guest's wall clock
    business_date=date(2026, 3, 11),
    net=1_000_00,
    base=1_000_00,
    rate_bp=500,
)
WITH, WITHOUT = 150_00, 50_00
ALONE: Final = StackingGroup(stacking_group_id=1)


def campaign(
    *effects: Effect, when: Condition | None = None, number: int = 1, **facts: Any
) -> Campaign:
    """A running campaign of these effects; it begins on 1 January 2026."""
    facts = {"group": ALONE, "valid_from": date(2026, 1, 1), **facts}
    return Campaign(
        version_id=number,
        campaign_id=number,
        conditions=CampaignConditions(when=when or All()),
        effects=CampaignEffects(effects=effects, all_or_nothing=facts.pop("all_or_nothing", False)),
        **facts,
    )


class Example(msgspec.Struct, frozen=True):
    """One row: what it shows, what differs in the bill, the campaigns, the points expected."""

    name: str
    bill: dict[str, Any]
    campaigns: tuple[Campaign, ...]
    points: int


def case(name: str, when: Condition, points: int, **bill: Any) -> Example:
    """100 points if the condition holds."""
    return Example(name, bill, (campaign(EarnFixed(amount=100_00), when=when),), points)


def gives(name: str, *effects: Effect, points: int, **bill: Any) -> Example:
    """A campaign without a condition."""
    return Example(name, bill, (campaign(*effects),), points)


def _at(day: int, hour: int, minute: int = 0) -> dict[str, Any]:
    moment = datetime(2026, 3, day, hour, minute)  # noqa: DTZ001 - the guest's wall clock
    return {"local": moment, "business_date": moment.date()}


_PIZZA = Line(code="101", category="pizza", quantity=2_000, sum=600_00)
_BEER = Line(code="202", category="beer", quantity=1_000, sum=400_00)
_LINES = (_PIZZA, _BEER)
_LUNCH = WeekTime(time_from=12 * 60, time_to=16 * 60)
_NIGHT = WeekTime(weekdays=1 << 4, time_from=22 * 60, time_to=3 * 60)
_BORN = date(1990, 3, 11)
_LEAP = date(2000, 2, 29)

CONDITIONS: Final = (
    case("no condition at all", All(), WITH),
    case("cheque from 1 000.00: exactly", CheckTotal(least=1_000_00), WITH),
    case("cheque from 1 000.00: one kopeck short", CheckTotal(least=1_000_01), WITHOUT),
    case("cheque up to 1 000.00: exactly", CheckTotal(most=1_000_00), WITH),
    case("cheque up to 999.99", CheckTotal(most=999_99), WITHOUT),
    case("cheque from 500.00 to 2 000.00", CheckTotal(least=500_00, most=2_000_00), WITH),
    case("a pizza", Dishes(codes=("101",)), WITH, lines=_LINES),
    case("a soup", Dishes(codes=("303",)), WITHOUT, lines=_LINES),
    case("a beer by its category", Dishes(categories=("beer",)), WITH, lines=_LINES),
    case("two pizzas", Dishes(codes=("101",), least_quantity=2_000), WITH, lines=_LINES),
    case("three pizzas", Dishes(codes=("101",), least_quantity=3_000), WITHOUT, lines=_LINES),
    case("pizza for 600.00", Dishes(codes=("101",), least_sum=600_00), WITH, lines=_LINES),
    case("pizza for 600.01", Dishes(codes=("101",), least_sum=600_01), WITHOUT, lines=_LINES),
    case(
        "pizza or beer for 1 000.00",
        Dishes(codes=("101",), categories=("beer",), least_sum=1_000_00),
        WITH,
        lines=_LINES,
    ),
    case("three pieces of anything", Dishes(least_quantity=3_000), WITH, lines=_LINES),
    case("dishes that the till did not tell", Dishes(codes=("101",)), WITHOUT),
    case("dishes of an empty cheque", Dishes(codes=("101",)), WITHOUT, lines=()),
    case("paid in cash", PaidBy(means="cash"), WITH, means={"cash": 1_000_00}),
    case("paid by card, not cash", PaidBy(means="cash"), WITHOUT, means={"card": 1_000_00}),
    case("paid in parts", PaidBy(means="card"), WITH, means={"card": 1, "cash": 999_99}),
    case("paid, but nobody told how", PaidBy(means="cash"), WITHOUT),
    case("paid from the deposit", PaidBy(account_type_id=3), WITH, paid_types=frozenset({3})),
    case("not paid with points", PaidBy(account_type_id=1), WITHOUT, paid_types=frozenset({3})),
    case("nothing paid with points", Not(of=PaidBy(account_type_id=1)), WITH),
    case("delivery", OrderType(types=("delivery",)), WITH, order_type="delivery"),
    case("hall instead of delivery", OrderType(types=("delivery",)), WITHOUT, order_type="hall"),
    case("delivery or pick-up", OrderType(types=("delivery", "pickup")), WITH, order_type="pickup"),
    case("order type not told", OrderType(types=("delivery",)), WITHOUT),
    case("table 7", Table(tables=("7",)), WITH, table="7"),
    case("table 8", Table(tables=("7",)), WITHOUT, table="8"),
    case("station 2", Station(numbers=(1, 2)), WITH, station=2),
    case("station 3", Station(numbers=(1, 2)), WITHOUT, station=3),
    case("station not told", Station(numbers=(1, 2)), WITHOUT),
    case("four guests", Guests(least=4), WITH, guests=4),
    case("three guests", Guests(least=4), WITHOUT, guests=3),
    case("a couple", Guests(least=2, most=2), WITH, guests=2),
    case("guests not counted", Guests(least=1), WITHOUT),
    case("lunch at 12:00", _LUNCH, WITH, **_at(11, 12)),
    case("lunch at 11:59", _LUNCH, WITHOUT, **_at(11, 11, 59)),
    case("lunch at 15:59", _LUNCH, WITH, **_at(11, 15, 59)),
    case("lunch at 16:00", _LUNCH, WITHOUT, **_at(11, 16)),
    case("Wednesday", WeekTime(weekdays=1 << 2), WITH),
    case("Thursday", WeekTime(weekdays=1 << 3), WITHOUT),
    case("weekdays", WeekTime(weekdays=0b11111), WITH),
    case("weekend", WeekTime(weekdays=0b1100000), WITH, **_at(14, 13)),
    case("Friday night at 23:00", _NIGHT, WITH, **_at(13, 23)),
    case("Friday night at 02:00 of Saturday", _NIGHT, WITH, **_at(14, 2)),
    case("Friday night at 02:00 of Friday", _NIGHT, WITHOUT, **_at(13, 2)),
    case("Friday night at 03:00 of Saturday", _NIGHT, WITHOUT, **_at(14, 3)),
    case("the same hour twice is the whole day", WeekTime(time_from=600, time_to=600), WITH),
    case("from 13:00 on", WeekTime(time_from=13 * 60), WITH),
    case("before 13:00", WeekTime(time_to=13 * 60), WITHOUT),
    case("first sale ever", FirstSale(of="ever"), WITH, visits=0),
    case("second sale ever", FirstSale(of="ever"), WITHOUT, visits=1),
    case("number of sales not known", FirstSale(of="ever"), WITHOUT),
    case(
        "first sale of the day", FirstSale(of="day"), WITH, visits=9, last_visit=date(2026, 3, 10)
    ),
    case(
        "second sale of the day",
        FirstSale(of="day"),
        WITHOUT,
        visits=9,
        last_visit=date(2026, 3, 11),
    ),
    case("first sale ever is the day's first", FirstSale(of="day"), WITH, visits=0),
    case(
        "back after 30 days",
        FirstSale(of="absence", days=30),
        WITH,
        visits=3,
        last_visit=date(2026, 2, 9),
    ),
    case(
        "back after 29 days",
        FirstSale(of="absence", days=30),
        WITHOUT,
        visits=3,
        last_visit=date(2026, 2, 10),
    ),
    case("a new guest was never away", FirstSale(of="absence", days=30), WITHOUT, visits=0),
    case("fifth visit", NthVisit(n=5), WITH, visits=4),
    case("tenth is not the fifth", NthVisit(n=5), WITHOUT, visits=9),
    case("each fifth visit", NthVisit(n=5, each=True), WITH, visits=9),
    case("eleventh is no fifth", NthVisit(n=5, each=True), WITHOUT, visits=10),
    case("level 2 exactly", LevelAtLeast(account_type_id=1, level_no=2), WITH, levels={1: 2}),
    case("level 3 is at least 2", LevelAtLeast(account_type_id=1, level_no=2), WITH, levels={1: 3}),
    case("level 1", LevelAtLeast(account_type_id=1, level_no=2), WITHOUT, levels={1: 1}),
    case("level of another account", LevelAtLeast(account_type_id=1, level_no=2), WITHOUT),
    case("in the segment", InSegment(segment_id=4), WITH, segments=frozenset({4})),
    case("in another segment", InSegment(segment_id=4), WITHOUT, segments=frozenset({5})),
    case("not in the segment", Not(of=InSegment(segment_id=4)), WITH),
    case("group of staff", HolderGroup(groups=(1, 2)), WITH, holder_group=2),
    case("guest without a group", HolderGroup(groups=(1, 2)), WITHOUT),
    case("gold cards", CardGroup(groups=(7,)), WITH, card_group=7),
    case("plain cards", CardGroup(groups=(7,)), WITHOUT, card_group=8),
    case("birthday today", Birthday(), WITH, birthday=_BORN),
    case("birthday in three days", Birthday(before=3), WITH, birthday=date(1990, 3, 14)),
    case("birthday in four days", Birthday(before=3), WITHOUT, birthday=date(1990, 3, 15)),
    case("birthday a week ago", Birthday(after=7), WITH, birthday=date(1990, 3, 4)),
    case("birthday eight days ago", Birthday(after=7), WITHOUT, birthday=date(1990, 3, 3)),
    case("birthday not known", Birthday(before=3, after=3), WITHOUT),
    case(
        "birthday over New Year",
        Birthday(before=3),
        WITH,
        birthday=date(1990, 1, 1),
        business_date=date(2026, 12, 30),
    ),
    case(
        "born on 29 February, on the 28th of 2026",
        Birthday(),
        WITH,
        birthday=_LEAP,
        business_date=date(2026, 2, 28),
    ),
    case(
        "born on 29 February, on 1 March 2026",
        Birthday(),
        WITHOUT,
        birthday=_LEAP,
        business_date=date(2026, 3, 1),
    ),
    case("ladies", Gender(gender=2), WITH, gender=2),
    case("gentlemen", Gender(gender=2), WITHOUT, gender=1),
    case("gender not told", Gender(gender=2), WITHOUT),
    case("36 years old today", Age(least=36), WITH, birthday=_BORN),
    case("36 tomorrow", Age(least=36), WITHOUT, birthday=date(1990, 3, 12)),
    case("up to 25", Age(most=25), WITHOUT, birthday=_BORN),
    case(
        "coupon in the cheque", CouponPresent(coupon_type_id=3), WITH, coupon_types=frozenset({3})
    ),
    case("no coupon", CouponPresent(coupon_type_id=3), WITHOUT),
    case("favourite city", PropertyIs(property_id=1, value="Tver"), WITH, properties={1: "Tver"}),
    case("other city", PropertyIs(property_id=1, value="Tver"), WITHOUT, properties={1: "Omsk"}),
    case("city not told", Not(of=PropertyIs(property_id=1, value="Tver")), WITHOUT),
    case("first ten days", RegisteredDays(most=10), WITH, registered_on=date(2026, 3, 1)),
    case("eleventh day", RegisteredDays(most=10), WITHOUT, registered_on=date(2026, 2, 28)),
    case(
        "lunch for four",
        All(of=(_LUNCH, Guests(least=4))),
        WITH,
        guests=4,
    ),
    case("lunch for three", All(of=(_LUNCH, Guests(least=4))), WITHOUT, guests=3),
    case("lunch, guests not counted", All(of=(_LUNCH, Guests(least=4))), WITHOUT),
    case("lunch or four guests", AnyOf(of=(_LUNCH, Guests(least=4))), WITH),
    case("night or three guests", AnyOf(of=(_NIGHT, Guests(least=4))), WITHOUT, guests=3),
    case("any of nothing", AnyOf(), WITHOUT),
    case("not lunch", Not(of=_LUNCH), WITHOUT),
    case("not the night", Not(of=_NIGHT), WITH),
)

EFFECTS: Final = (
    Example("no campaign", {}, (), WITHOUT),
    gives("5 % more", EarnPercent(rate_bp=500), points=100_00),
    gives("0.1 % more", EarnPercent(rate_bp=10), points=51_00),
    gives("double points", EarnMultiply(factor_bp=20_000), points=100_00),
    gives("points times 1.5", EarnMultiply(factor_bp=15_000), points=75_00),
    gives("half the points", EarnMultiply(factor_bp=5_000), points=25_00),
    gives("no points today", EarnMultiply(factor_bp=0), points=0),
    gives("10 points per full 300.00", EarnPerStep(amount=10_00, step=300_00), points=80_00),
    gives("10 points per full 1 000.01", EarnPerStep(amount=10_00, step=1_000_01), points=WITHOUT),
    gives(
        "percent and fixed together",
        EarnPercent(rate_bp=500),
        EarnFixed(amount=10_00),
        points=110_00,
    ),
    gives(
        "one life of their own",
        EarnFixed(amount=1_00),
        LotLife(life_kind=1, life_value=7),
        points=51_00,
    ),
    gives("a bill of nothing", EarnPercent(rate_bp=500), points=0, net=0, base=0),
    gives("paid with points in full", EarnPercent(rate_bp=500), points=0, base=0),
    gives(
        "percent of what was paid with money", EarnPercent(rate_bp=500), points=60_00, base=600_00
    ),
    gives("half a point rounds up", EarnFixed(amount=50), points=51_00, step=100),
    gives("less than half falls away", EarnFixed(amount=49), points=50_00, step=100),
    gives("rounded down by the account", EarnFixed(amount=99), points=50_00, step=100, rounding=2),
    gives("rounded up by the account", EarnFixed(amount=1), points=51_00, step=100, rounding=3),
    gives(
        "thirds are added before they are rounded",
        EarnPercent(rate_bp=333),
        points=8_33,
        net=100_00,
        base=100_00,
    ),
    gives("account units at K 0.5", EarnPercent(rate_bp=500), points=50_00, k_bp=5_000),
)


def _many(mode: int, most: int | None = None, *, exclusive: bool = False) -> StackingGroup:
    return StackingGroup(stacking_group_id=2, mode=mode, max_applied=most, exclusive=exclusive)


def _fixed(number: int, points: int, **facts: Any) -> Campaign:
    return campaign(EarnFixed(amount=points), number=number, **facts)


def _three(group: StackingGroup) -> tuple[Campaign, ...]:
    return tuple(
        _fixed(n, points, group=group) for n, points in ((1, 10_00), (2, 30_00), (3, 20_00))
    )


_LIMITED = (Limit(per=PER_CAMPAIGN, max_amount=70_00),)
STACKING: Final = (
    Example("all three apply", {}, _three(_many(1)), 110_00),
    Example("two of them by order", {}, _three(_many(1, 2)), 90_00),
    Example("the best for the guest", {}, _three(_many(BEST)), 80_00),
    Example("the first by priority", {}, _three(_many(FIRST)), 60_00),
    Example("the least for the guest", {}, _three(_many(LEAST)), 60_00),
    Example(
        "priority before number",
        {},
        (_fixed(1, 10_00, group=_many(FIRST)), _fixed(2, 30_00, group=_many(FIRST), priority=1)),
        80_00,
    ),
    Example("two groups add up", {}, (*_three(_many(BEST)), _fixed(9, 5_00)), 85_00),
    Example(
        "an exclusive group that comes first stands alone",
        {},
        (_fixed(9, 5_00), _fixed(8, 7_00, priority=1, group=_many(1, exclusive=True))),
        57_00,
    ),
    Example(
        "an exclusive group that comes later gives way",
        {},
        (_fixed(9, 5_00, priority=1), _fixed(8, 7_00, group=_many(1, exclusive=True))),
        55_00,
    ),
    Example("ended yesterday", {}, (_fixed(1, 1_00, valid_to=date(2026, 3, 10)),), WITHOUT),
    Example("ends today", {}, (_fixed(1, 1_00, valid_to=date(2026, 3, 11)),), 51_00),
    Example("begins tomorrow", {}, (_fixed(1, 1_00, valid_from=date(2026, 3, 12)),), WITHOUT),
    Example("begins today", {}, (_fixed(1, 1_00, valid_from=date(2026, 3, 11)),), 51_00),
    Example(
        "another restaurant", {"unit_id": 2}, (_fixed(1, 1_00, units=frozenset({1})),), WITHOUT
    ),
    Example("this restaurant", {"unit_id": 1}, (_fixed(1, 1_00, units=frozenset({1})),), 51_00),
    Example(
        "another program",
        {"classifier_id": 2},
        (_fixed(1, 1_00, classifiers=frozenset({1})),),
        WITHOUT,
    ),
    Example("outside its time set", {}, (_fixed(1, 1_00, time_id=4),), WITHOUT),
    Example(
        "inside its time set", {"time_sets": frozenset({4})}, (_fixed(1, 1_00, time_id=4),), 51_00
    ),
    Example("for a segment only", {}, (_fixed(1, 1_00, segment_id=4),), WITHOUT),
    Example("in test: shown, not given", {}, (_fixed(1, 1_00, state=2),), WITHOUT),
    Example("paused", {}, (_fixed(1, 1_00, state=4),), WITHOUT),
    Example("on birthdays, not at a sale", {}, (_fixed(1, 1_00, trigger=3),), WITHOUT),
    Example("quote only", {}, (_fixed(1, 1_00, trigger=2),), WITHOUT),
    Example("cut to its budget", {}, (_fixed(1, 100_00, limits=_LIMITED),), 120_00),
    Example(
        "all or nothing over its budget",
        {},
        (_fixed(1, 100_00, limits=_LIMITED, all_or_nothing=True),),
        WITHOUT,
    ),
    Example("within its budget", {}, (_fixed(1, 70_00, limits=_LIMITED),), 120_00),
    Example(
        "a budget of whole points",
        {"step": 100},
        (_fixed(1, 100_00, limits=(Limit(per=PER_CAMPAIGN, max_amount=70_50),)),),
        120_00,
    ),
    Example(
        "no more times for this guest",
        {},
        (_fixed(1, 1_00, limits=(Limit(per=PER_HOLDER, max_count=0),)),),
        WITHOUT,
    ),
)

EXAMPLES: Final = (*CONDITIONS, *EFFECTS, *STACKING)
