"""What a bill earns and allows by the running campaigns, and why not more (domain 3.9, 3.16).

`Program` is made once for a version of the rules; a sale only runs its closures. Sums are exact,
whole numbers of `SCALE`, until the one rounding of each lot. No clock, no database: the counters
of limits are asked through `Used`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from card_server.campaigns.conditions import Test, compiled
from card_server.campaigns.records import (
    ALL_APPLY,
    APPLIED,
    CUT,
    FIRST,
    LEAST,
    QUOTE_ONLY,
    REJECTED,
    RUNNING,
    SALE,
    SCALE,
    TEST,
    WOULD,
    Bill,
    Campaign,
    Decision,
    Given,
    Limit,
    StackingGroup,
    Verdict,
)
from shared.wire import campaign_rules as wire
from shared.wire.money import FULL_BP, round_to_step, share

BASIC: Final = 0
"""Stands for the basic rate where a part says which version gave it."""


class Used(Protocol):
    """What the period of a limit has seen so far."""

    def __call__(self, campaign: Campaign, limit: Limit, bill: Bill) -> tuple[int, int]:
        """Amount and count."""


def nothing_used(campaign: Campaign, limit: Limit, bill: Bill) -> tuple[int, int]:
    """For a look without limits in use."""
    del campaign, limit, bill
    return 0, 0


class Ready(msgspec.Struct, frozen=True):
    """A version with its closures and its effects sorted out."""

    campaign: Campaign
    test: Test
    earning: tuple[wire.Effect, ...]
    life: wire.LotLife | None


class Program(msgspec.Struct, frozen=True):
    """The campaigns of one version of the rules, group after group, and those in test."""

    groups: tuple[tuple[StackingGroup, tuple[Ready, ...]], ...]
    testing: tuple[Ready, ...]


def program_of(campaigns: Iterable[Campaign]) -> Program:
    """Groups by their lowest priority, inside by priority, then number (3.16)."""
    groups: dict[int, list[Ready]] = {}
    testing: list[Ready] = []
    for one in sorted(campaigns, key=lambda c: (c.priority, c.campaign_id, c.version_id)):
        if one.state == TEST:
            testing.append(_ready(one))
        elif one.state == RUNNING:
            groups.setdefault(one.group.stacking_group_id, []).append(_ready(one))
    parts = ((mine[0].campaign.group, tuple(mine)) for mine in groups.values())
    return Program(tuple(parts), tuple(testing))


def _ready(campaign: Campaign) -> Ready:
    effects = campaign.effects.effects
    return Ready(
        campaign,
        compiled(campaign.conditions.when),
        tuple(one for one in effects if isinstance(one, wire.EARNING)),
        next((one for one in effects if isinstance(one, wire.LotLife)), None),
    )


# ---------------------------------------------------------------------- deciding


def decide(
    bill: Bill, program: Program, used: Used = nothing_used, *, quote: bool = False
) -> Decision:
    """The accrual with its parts, what else is allowed, and a verdict on every campaign."""
    basic = max(0, bill.base) * bill.rate_bp * bill.k_bp * FULL_BP
    decision = Decision(basic=basic, verdicts=[], given=[])
    chosen: list[Ready] = []
    closed = ""
    for group, members in program.groups:
        mine = _group(bill, decision, group, members, used, closed, taken=bool(chosen), quote=quote)
        chosen += mine
        if mine and group.exclusive:
            closed = "exclusive"
    for ready in program.testing:
        verdict = _judge(bill, decision, ready, used, quote=quote)
        if verdict.result != REJECTED:
            verdict.units = _rounded(bill, max(0, verdict.exact))
            verdict.result = WOULD
    _give(bill, decision, chosen)
    _allow(bill, decision, chosen)
    return decision


def _group(
    bill: Bill,
    decision: Decision,
    group: StackingGroup,
    members: Sequence[Ready],
    used: Used,
    closed: str,
    *,
    taken: bool,
    quote: bool,
) -> list[Ready]:
    """The campaigns of one group that apply; the verdicts of the others say why not."""
    if group.exclusive and taken:
        closed = "other_group"
    able: list[tuple[Ready, Verdict]] = []
    for ready in members:
        verdict = _judge(bill, decision, ready, used, quote=quote)
        if verdict.result == REJECTED:
            continue
        if closed:
            verdict.result, verdict.why = REJECTED, closed
        else:
            able.append((ready, verdict))
    mode = group.mode
    if mode not in (ALL_APPLY, FIRST):
        able.sort(key=lambda one: worth(bill, one[0], one[1].exact), reverse=mode != LEAST)
    most = group.max_applied if mode == ALL_APPLY else 1
    winners = able if most is None else able[:most]
    for _, verdict in able[len(winners) :]:
        verdict.result, verdict.why = REJECTED, "stacking"
    return [ready for ready, _ in winners]


def _judge(bill: Bill, decision: Decision, ready: Ready, used: Used, *, quote: bool) -> Verdict:
    """May it apply, and how much would it give within its limits?"""
    campaign = ready.campaign
    verdict = Verdict(version_id=campaign.version_id, result=APPLIED)
    decision.verdicts.append(verdict)
    verdict.why = _outside(bill, campaign, quote=quote)
    if not verdict.why:
        truth = ready.test(bill)
        verdict.why = "" if truth else "unknown" if truth is None else "conditions"
    if verdict.why:
        verdict.result = REJECTED
        return verdict
    verdict.exact = _exact(bill, decision.basic, ready.earning)
    verdict.room = _room(bill, campaign, used)
    if verdict.room is not None and verdict.exact > verdict.room * SCALE:
        verdict.why, verdict.result = "limit", CUT
        if campaign.effects.all_or_nothing or verdict.room <= 0:
            verdict.result, verdict.exact = REJECTED, 0
        else:
            verdict.exact = verdict.room * SCALE
    elif verdict.room == _SPENT:
        verdict.why, verdict.result = "limit", REJECTED
    return verdict


_SPENT: Final = -1
"""The room of a campaign that may not apply once more, whatever it gives."""


def _outside(bill: Bill, campaign: Campaign, *, quote: bool) -> str:
    """Why a campaign is no candidate: trigger, dates, time, unit, program, segment."""
    day, last = bill.business_date, campaign.valid_to
    checks = (
        ("trigger", campaign.trigger == SALE or (quote and campaign.trigger == QUOTE_ONLY)),
        ("dates", campaign.valid_from <= day and (last is None or day <= last)),
        ("time", campaign.time_id is None or campaign.time_id in bill.time_sets),
        ("unit", not campaign.units or bill.unit_id in campaign.units),
        ("classifier", not campaign.classifiers or bill.classifier_id in campaign.classifiers),
        ("segment", campaign.segment_id is None or campaign.segment_id in bill.segments),
    )
    return next((why for why, holds in checks if not holds), "")


def _exact(bill: Bill, basic: int, earning: Sequence[wire.Effect]) -> int:
    """Account units of the effects that earn, before any rounding, in parts of `SCALE`."""
    total = 0
    for effect in earning:
        if isinstance(effect, wire.EarnPercent):
            total += max(0, bill.base) * effect.rate_bp * bill.k_bp * FULL_BP
        elif isinstance(effect, wire.EarnFixed):
            total += effect.amount * SCALE
        elif isinstance(effect, wire.EarnMultiply):
            total += basic // FULL_BP * (effect.factor_bp - FULL_BP)
        elif isinstance(effect, wire.EarnPerStep):
            total += effect.amount * (max(0, bill.net) // effect.step) * SCALE
    return total


def _room(bill: Bill, campaign: Campaign, used: Used) -> int | None:
    """What all limits still allow, in whole steps of the account; None without one on amounts."""
    room: int | None = None
    for limit in campaign.limits:
        amount, count = used(campaign, limit, bill)
        if limit.max_count is not None and count >= limit.max_count:
            return _SPENT
        if limit.max_amount is not None:
            left = max(0, limit.max_amount - amount)
            left -= left % max(1, bill.step)
            room = left if room is None else min(room, left)
    return room


def worth(bill: Bill, ready: Ready, exact: int) -> int:
    """Money value for the guest, in parts of `SCALE`: a point is one unit of money (3.16)."""
    value = exact
    for effect in ready.campaign.effects.effects:
        if isinstance(effect, wire.DiscountPercent):
            value += max(0, bill.net) * effect.rate_bp * (SCALE // FULL_BP)
    return value


# ---------------------------------------------------------------------- one rounding a lot


def _rounded(bill: Bill, exact: int) -> int:
    return round_to_step(exact, SCALE, bill.step, bill.rounding)


def _give(bill: Bill, decision: Decision, chosen: Sequence[Ready]) -> None:
    """Add up what shares a life, round once, and share the result out to who gave it."""
    verdicts = {one.version_id: one for one in decision.verdicts}
    basic = decision.basic
    lots: dict[wire.LotLife | None, list[Verdict]] = {}
    for ready in chosen:
        verdict = verdicts[ready.campaign.version_id]
        if verdict.exact < 0:  # a factor under one takes from the basic accrual
            less = max(-basic, verdict.exact)
            verdict.units = -_rounded(bill, -less)
            basic += less
        elif verdict.exact > 0:
            lots.setdefault(ready.life, []).append(verdict)
    lots.setdefault(None, [])
    for life, mine in lots.items():
        parts = [one.exact for one in mine]
        if life is None:
            parts.append(basic)
        for index, units in enumerate(_split(bill, parts)):
            part = Given(version_id=BASIC, units=units, life=life)
            if index < len(mine):
                verdict = mine[index]
                verdict.units = _bounded(bill, verdict, units)
                part = Given(version_id=verdict.version_id, units=verdict.units, life=life)
            if part.units:
                decision.given.append(part)


def _split(bill: Bill, parts: list[int]) -> list[int]:
    """Round the sum once; whole steps to each part by largest remainder (3.9)."""
    if not any(parts):
        return []
    step = max(1, bill.step)
    return [units * step for units in share(_rounded(bill, sum(parts)) // step, parts)]


def _bounded(bill: Bill, verdict: Verdict, units: int) -> int:
    """Rounding never gives more than a limit allows (I-34)."""
    room = verdict.room
    if room is None or units <= room:
        return units
    verdict.result, verdict.why = CUT, "limit"
    return room - room % max(1, bill.step)


# ---------------------------------------------------------------------- what else is allowed


def _allow(bill: Bill, decision: Decision, chosen: Sequence[Ready]) -> None:
    """Discounts in their order on the sum that is left; caps, coupons, counters, texts."""
    left = max(0, bill.net)
    for ready in chosen:
        for effect in ready.campaign.effects.effects:
            if isinstance(effect, wire.DiscountPercent):
                off = left * effect.rate_bp // FULL_BP
                decision.discount += off
                left -= off
            else:
                hand_out = _HANDING.get(type(effect))
                if hand_out is not None:
                    hand_out(decision, effect)


def _code(decision: Decision, effect: wire.DiscountCode) -> None:
    decision.discount_codes.append(effect.code)


def _cap(decision: Decision, effect: wire.MaxPay) -> None:
    """The first campaign in order decides."""
    if decision.max_pay_bp is None:
        decision.max_pay_bp = effect.max_bp


def _coupon(decision: Decision, effect: wire.IssueCoupon) -> None:
    decision.coupons.append(effect.coupon_type_id)


def _counter(decision: Decision, effect: wire.AddCounter) -> None:
    key = effect.account_type_id
    decision.counters[key] = decision.counters.get(key, 0) + effect.amount


def _level(decision: Decision, effect: wire.SetLevel) -> None:
    decision.levels.setdefault(effect.account_type_id, effect.level_id)


def _message(decision: Decision, effect: wire.Message) -> None:
    decision.messages.append(effect.text)


def _property(decision: Decision, effect: wire.SetProperty) -> None:
    decision.properties.setdefault(effect.property_id, effect.value)


_HANDING: Final[dict[type, Callable[[Decision, Any], None]]] = {
    wire.DiscountCode: _code,
    wire.MaxPay: _cap,
    wire.IssueCoupon: _coupon,
    wire.AddCounter: _counter,
    wire.SetLevel: _level,
    wire.Message: _message,
    wire.SetProperty: _property,
}
