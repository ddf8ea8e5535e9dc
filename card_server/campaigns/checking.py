"""Finds rules that contradict themselves, before a guest does (domain 1.9, 3.16).

A warning is a code with its facts; the sentence is made where the reader is. What is `wrong` can
never work and is not published; the rest is allowed, but surely not what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from card_server.campaigns.records import Campaign
from shared.wire import campaign_rules as wire

MOST_EARN_BP: Final = 100_000
MOST_DISCOUNT_BP: Final = 10_000
MOST_FACTOR_BP: Final = 1_000_000
MOST_AMOUNT: Final = 1_000_000_00
"""Points by one effect at most."""
SALE_WORDS: Final = frozenset({"ever", "day", "absence"})
MINUTES_OF_DAY: Final = 1_440
ALL_WEEKDAYS: Final = 0b1111111
DEEPEST: Final = 8
"""How deep conditions may be nested."""


class Warned(msgspec.Struct, frozen=True):
    """A finding: its code, whether it forbids publishing, what it is about."""

    code: str
    wrong: bool = False
    facts: dict[str, Any] = {}


def warnings_of(campaign: Campaign) -> list[Warned]:
    """Everything that is wrong or doubtful about a version."""
    found = [*_dates(campaign)]
    if depth_of(campaign.conditions.when) > DEEPEST:
        found.append(Warned("TOO_DEEP", wrong=True, facts={"most": DEEPEST}))
    else:
        found += _conditions(campaign.conditions.when)
    effects = campaign.effects.effects
    if not effects:
        found.append(Warned("NO_EFFECT", wrong=True))
    for effect in effects:
        found += _effect(effect)
    found += _together(campaign)
    return found


def depth_of(condition: wire.Condition) -> int:
    """How deep conditions are nested; looked at storey by storey, however many there are."""
    depth, storey = 0, [condition]
    while storey:
        depth += 1
        below: list[wire.Condition] = []
        for node in storey:
            if isinstance(node, wire.All | wire.AnyOf):
                below += node.of
            elif isinstance(node, wire.Not):
                below.append(node.of)
        storey = below
    return depth


def _dates(campaign: Campaign) -> Iterator[Warned]:
    first, last = campaign.valid_from, campaign.valid_to
    if last is not None and last < first:
        yield Warned("DATES_TURNED", wrong=True, facts={"first": first, "last": last})


# ---------------------------------------------------------------------- conditions


def _conditions(node: wire.Condition) -> Iterator[Warned]:
    if isinstance(node, wire.All | wire.AnyOf):
        yield from _siblings(node)
        for one in node.of:
            yield from _conditions(one)
    elif isinstance(node, wire.Not):
        yield from _conditions(node.of)
    else:
        yield from _leaf(node)


def _siblings(node: wire.All | wire.AnyOf) -> Iterator[Warned]:
    """A condition beside its opposite, or two that never hold together."""
    is_all = isinstance(node, wire.All)
    opposites = [one.of for one in node.of if isinstance(one, wire.Not)]
    if any(one in node.of for one in opposites):
        yield Warned("NEVER" if is_all else "ALWAYS", wrong=is_all)
    if not is_all:
        if not node.of:
            yield Warned("NEVER", wrong=True)
        return
    for kind in (wire.CheckTotal, wire.Guests, wire.Age, wire.RegisteredDays):
        spans = [one for one in node.of if isinstance(one, kind)]
        least = max((one.least for one in spans if one.least is not None), default=None)
        most = min((one.most for one in spans if one.most is not None), default=None)
        if len(spans) > 1 and least is not None and most is not None and least > most:
            yield Warned("NEVER", wrong=True, facts={"least": least, "most": most})
    genders = {one.gender for one in node.of if isinstance(one, wire.Gender)}
    if len(genders) > 1:
        yield Warned("NEVER", wrong=True)


def _leaf(node: wire.Condition) -> Iterator[Warned]:
    least, most = getattr(node, "least", None), getattr(node, "most", None)
    if least is not None and most is not None and least > most:
        yield Warned("RANGE_EMPTY", wrong=True, facts={"least": least, "most": most})
    for name in ("types", "tables", "numbers", "groups"):
        if getattr(node, name, None) == ():
            yield Warned("LIST_EMPTY", wrong=True, facts={"field": name})
    bad = _bad_value(node)
    if bad is not None:
        yield Warned("VALUE_BAD", wrong=True, facts={"field": bad, "value": getattr(node, bad)})


def _bad_value(node: wire.Condition) -> str | None:
    """The field of a condition with a value that it cannot have."""
    checks: dict[str, bool] = {}
    if isinstance(node, wire.FirstSale):
        checks = {"of": node.of in SALE_WORDS, "days": (node.of == "absence") == (node.days > 0)}
    elif isinstance(node, wire.NthVisit):
        checks = {"n": node.n > 0}
    elif isinstance(node, wire.PaidBy):
        checks = {"means": (node.means is None) != (node.account_type_id is None)}
    elif isinstance(node, wire.Birthday):
        checks = {"before": 0 <= node.before < 366, "after": 0 <= node.after < 366}  # noqa: PLR2004 - days of a year
    elif isinstance(node, wire.Gender):
        checks = {"gender": node.gender in (1, 2)}
    elif isinstance(node, wire.WeekTime):
        checks = {
            "weekdays": 0 <= node.weekdays <= ALL_WEEKDAYS,
            "time_from": 0 <= (node.time_from or 0) < MINUTES_OF_DAY,
            "time_to": 0 <= (node.time_to or 0) < MINUTES_OF_DAY,
        }
    elif isinstance(node, wire.Dishes):
        checks = {"least_quantity": node.least_quantity >= 0, "least_sum": node.least_sum >= 0}
    return next((field for field, good in checks.items() if not good), None)


# ---------------------------------------------------------------------- effects

_BOUNDS: Final[dict[type, dict[str, tuple[int, int | None]]]] = {
    wire.EarnPercent: {"rate_bp": (0, MOST_EARN_BP)},
    wire.EarnFixed: {"amount": (0, MOST_AMOUNT)},
    wire.EarnMultiply: {"factor_bp": (0, MOST_FACTOR_BP)},
    wire.EarnPerStep: {"amount": (0, MOST_AMOUNT), "step": (1, None)},
    wire.DiscountPercent: {"rate_bp": (0, MOST_DISCOUNT_BP)},
    wire.MaxPay: {"max_bp": (0, MOST_DISCOUNT_BP)},
    wire.LotLife: {
        "life_kind": (0, 5),
        "life_value": (0, None),
        "delay_kind": (0, 3),
        "delay_value": (0, None),
    },
}


def _effect(effect: wire.Effect) -> Iterator[Warned]:
    for field, (least, most) in _BOUNDS.get(type(effect), {}).items():
        value = getattr(effect, field)
        if value < least or (most is not None and value > most):
            yield Warned("VALUE_BAD", wrong=True, facts={"field": field, "value": value})


def _together(campaign: Campaign) -> Iterator[Warned]:
    """Effects and limits that do not fit each other."""
    effects = campaign.effects.effects
    earning = [one for one in effects if isinstance(one, wire.EARNING)]
    if any(isinstance(one, wire.LotLife) for one in effects) and not earning:
        yield Warned("LIFE_ALONE")
    least = sum(one.amount for one in effects if isinstance(one, wire.EarnFixed))
    amounts = [one.max_amount for one in campaign.limits if one.max_amount is not None]
    if amounts and least > min(amounts):
        wrong = campaign.effects.all_or_nothing
        facts = {"amount": least, "limit": min(amounts)}
        yield Warned("OVER_LIMIT", wrong=wrong, facts=facts)
    for limit in campaign.limits:
        figures = (limit.max_amount, limit.max_count)
        if figures == (None, None) or any(one is not None and one < 0 for one in figures):
            yield Warned("LIMIT_EMPTY", wrong=True)
    if earning and not campaign.limits:
        yield Warned("NO_LIMIT")
