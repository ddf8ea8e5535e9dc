"""Conditions compiled once into closures: true, false, or not known (domain 1.9).

A sale calls only the closures. What the till or the questionnaire did not tell is None, and
travels as None through `not`, `all` and `any`: no campaign applies on a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from card_server.campaigns.records import Bill
from shared.wire import campaign_rules as wire

Truth: TypeAlias = bool | None
Test: TypeAlias = Callable[[Bill], Truth]
MINUTES: Final = 60
FEBRUARY, LEAP_DAY = 2, 29


def compiled(condition: wire.Condition) -> Test:
    """The closure of a condition and of everything in it."""
    return _MAKERS[type(condition)](condition)


def _all(node: wire.All) -> Test:
    tests = tuple(map(compiled, node.of))

    def test(bill: Bill) -> Truth:
        known: Truth = True
        for one in tests:
            truth = one(bill)
            if truth is False:
                return False
            if truth is None:
                known = None
        return known

    return test


def _any(node: wire.AnyOf) -> Test:
    tests = tuple(map(compiled, node.of))

    def test(bill: Bill) -> Truth:
        known: Truth = False
        for one in tests:
            truth = one(bill)
            if truth:
                return True
            if truth is None:
                known = None
        return known

    return test


def _not(node: wire.Not) -> Test:
    inner = compiled(node.of)

    def test(bill: Bill) -> Truth:
        truth = inner(bill)
        return None if truth is None else not truth

    return test


def _between(value: int | None, least: int | None, most: int | None) -> Truth:
    if value is None:
        return None
    return (least is None or value >= least) and (most is None or value <= most)


def _check_total(node: wire.CheckTotal) -> Test:
    return lambda bill: _between(bill.net, node.least, node.most)


def _dishes(node: wire.Dishes) -> Test:
    codes, categories = frozenset(node.codes), frozenset(node.categories)

    def test(bill: Bill) -> Truth:
        if bill.lines is None:
            return None
        mine = [
            line
            for line in bill.lines
            if not (codes or categories) or line.code in codes or line.category in categories
        ]
        if not mine:
            return False
        pieces, money = sum(line.quantity for line in mine), sum(line.sum for line in mine)
        return pieces >= node.least_quantity and money >= node.least_sum

    return test


def _paid_by(node: wire.PaidBy) -> Test:
    def test(bill: Bill) -> Truth:
        if node.account_type_id is not None:
            return node.account_type_id in bill.paid_types
        if bill.means is None or node.means is None:
            return None
        return bill.means.get(node.means, 0) > 0

    return test


def _member(value: Any, wanted: frozenset[Any]) -> Truth:
    return None if value is None else value in wanted


def _order_type(node: wire.OrderType) -> Test:
    wanted = frozenset(node.types)
    return lambda bill: _member(bill.order_type, wanted)


def _table(node: wire.Table) -> Test:
    wanted = frozenset(node.tables)
    return lambda bill: _member(bill.table, wanted)


def _station(node: wire.Station) -> Test:
    wanted = frozenset(node.numbers)
    return lambda bill: _member(bill.station, wanted)


def _guests(node: wire.Guests) -> Test:
    return lambda bill: _between(bill.guests, node.least, node.most)


def _week_time(node: wire.WeekTime) -> Test:
    start, end, days = node.time_from, node.time_to, node.weekdays

    def test(bill: Bill) -> Truth:
        minute = bill.local.hour * MINUTES + bill.local.minute
        weekday = bill.local.weekday()
        if start is not None and end is not None and start > end:
            if end <= minute < start:
                return False
            if minute < end:  # the small hours belong to the evening before
                weekday = (weekday - 1) % 7
        elif (start is not None and minute < start) or (
            end is not None and start != end and minute >= end
        ):
            return False
        return not days or bool(days >> weekday & 1)

    return test


def _first_sale(node: wire.FirstSale) -> Test:
    def test(bill: Bill) -> Truth:
        if bill.visits is None:
            return None
        if bill.visits == 0:
            return node.of != "absence"
        if node.of == "ever":
            return False
        if bill.last_visit is None:
            return None
        passed = (bill.business_date - bill.last_visit).days
        return passed > 0 if node.of == "day" else passed >= node.days

    return test


def _nth_visit(node: wire.NthVisit) -> Test:
    def test(bill: Bill) -> Truth:
        if bill.visits is None:
            return None
        number = bill.visits + 1
        return number % node.n == 0 if node.each else number == node.n

    return test


def _level(node: wire.LevelAtLeast) -> Test:
    def test(bill: Bill) -> Truth:
        level = bill.levels.get(node.account_type_id)
        return None if level is None else level >= node.level_no

    return test


def _segment(node: wire.InSegment) -> Test:
    return lambda bill: node.segment_id in bill.segments


def _holder_group(node: wire.HolderGroup) -> Test:
    wanted = frozenset(node.groups)
    return lambda bill: bill.holder_group in wanted


def _card_group(node: wire.CardGroup) -> Test:
    wanted = frozenset(node.groups)
    return lambda bill: bill.card_group in wanted


def birthday_in(born: date, year: int) -> date:
    """The birthday of a year; who was born on 29 February has it on the 28th of other years."""
    if (born.month, born.day) == (FEBRUARY, LEAP_DAY):
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return date(year, FEBRUARY, LEAP_DAY if is_leap else LEAP_DAY - 1)
    return born.replace(year=year)


def _birthday(node: wire.Birthday) -> Test:
    def test(bill: Bill) -> Truth:
        if bill.birthday is None:
            return None
        today = bill.business_date
        days = (
            (today - birthday_in(bill.birthday, year)).days
            for year in (today.year - 1, today.year, today.year + 1)
        )
        return any(-node.before <= day <= node.after for day in days)

    return test


def _gender(node: wire.Gender) -> Test:
    return lambda bill: None if bill.gender is None else bill.gender == node.gender


def _age(node: wire.Age) -> Test:
    def test(bill: Bill) -> Truth:
        born, today = bill.birthday, bill.business_date
        if born is None:
            return None
        years = today.year - born.year - (today < birthday_in(born, today.year))
        return _between(years, node.least, node.most)

    return test


def _coupon(node: wire.CouponPresent) -> Test:
    return lambda bill: node.coupon_type_id in bill.coupon_types


def _property(node: wire.PropertyIs) -> Test:
    def test(bill: Bill) -> Truth:
        value = bill.properties.get(node.property_id)
        return None if value is None else value == node.value

    return test


def _registered(node: wire.RegisteredDays) -> Test:
    def test(bill: Bill) -> Truth:
        if bill.registered_on is None:
            return None
        return _between((bill.business_date - bill.registered_on).days, node.least, node.most)

    return test


_MAKERS: Final[Mapping[type, Callable[[Any], Test]]] = {
    wire.All: _all,
    wire.AnyOf: _any,
    wire.Not: _not,
    wire.CheckTotal: _check_total,
    wire.Dishes: _dishes,
    wire.PaidBy: _paid_by,
    wire.OrderType: _order_type,
    wire.Table: _table,
    wire.Station: _station,
    wire.Guests: _guests,
    wire.WeekTime: _week_time,
    wire.FirstSale: _first_sale,
    wire.NthVisit: _nth_visit,
    wire.LevelAtLeast: _level,
    wire.InSegment: _segment,
    wire.HolderGroup: _holder_group,
    wire.CardGroup: _card_group,
    wire.Birthday: _birthday,
    wire.Gender: _gender,
    wire.Age: _age,
    wire.CouponPresent: _coupon,
    wire.PropertyIs: _property,
    wire.RegisteredDays: _registered,
}
