"""A version in force, a bill as its rules see it, and what came of it (domain 3.16)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from shared.wire.campaign_rules import CampaignConditions, CampaignEffects, LotLife

DRAFT, TEST, RUNNING, PAUSED, FINISHED = 1, 2, 3, 4, 5
ALL_APPLY, BEST, FIRST, LEAST = 1, 2, 3, 4
SALE, QUOTE_ONLY = 1, 2
PER_CAMPAIGN, PER_UNIT, PER_HOLDER, PER_CARD = 1, 2, 3, 4
WHOLE, DAY, WEEK, MONTH = 0, 1, 2, 3


class StackingGroup(msgspec.Struct, kw_only=True, frozen=True):
    """Which campaigns of a group apply together: 1 all, 2 best, 3 first, 4 least for the guest."""

    stacking_group_id: int
    mode: int = ALL_APPLY
    max_applied: int | None = None
    exclusive: bool = False


class Limit(msgspec.Struct, kw_only=True, frozen=True):
    """How much and how often a version may give in a period, per campaign, unit, guest or card."""

    per: int
    period: int = WHOLE
    max_amount: int | None = None
    max_count: int | None = None


class Campaign(msgspec.Struct, kw_only=True, frozen=True):
    """A version in force."""

    version_id: int
    campaign_id: int
    state: int = RUNNING
    priority: int = 100
    group: StackingGroup
    valid_from: date
    valid_to: date | None = None
    time_id: int | None = None
    segment_id: int | None = None
    trigger: int = SALE
    units: frozenset[int] = frozenset()
    classifiers: frozenset[int] = frozenset()
    conditions: CampaignConditions = CampaignConditions()
    effects: CampaignEffects = CampaignEffects()
    limits: tuple[Limit, ...] = ()


class Line(msgspec.Struct, kw_only=True, frozen=True):
    """A line of the cheque; the quantity is in thousandths, the sum after discounts."""

    code: str
    category: str = ""
    quantity: int = 1_000
    sum: int = 0


class Bill(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of a sale and its guest; None is "nobody told", and no rule holds on it."""

    local: datetime
    business_date: date
    net: int
    base: int
    """What the basic rate is applied to."""
    rate_bp: int = 0
    k_bp: int = 10_000
    step: int = 1
    rounding: int = 1
    unit_id: int | None = None
    classifier_id: int = 0
    holder_id: int | None = None
    card_code: int | None = None
    station: int | None = None
    lines: tuple[Line, ...] | None = None
    means: Mapping[str, int] | None = None
    paid_types: frozenset[int] = frozenset()
    order_type: str | None = None
    table: str | None = None
    guests: int | None = None
    visits: int | None = None
    """Sales of the guest before this one."""
    last_visit: date | None = None
    levels: Mapping[int, int] = {}
    """Account type -> number of the level."""
    segments: frozenset[int] = frozenset()
    holder_group: int | None = None
    card_group: int | None = None
    birthday: date | None = None
    gender: int | None = None
    coupon_types: frozenset[int] = frozenset()
    properties: Mapping[int, str] = {}
    registered_on: date | None = None
    time_sets: frozenset[int] = frozenset()
    """Time sets that match the moment."""


SCALE: Final = 10**12
"""Every share of a rate, a coefficient and a factor in basis points is a whole number of these."""
APPLIED: Final = "applied"
CUT: Final = "cut"
REJECTED: Final = "not"
WOULD: Final = "would"
"""A version in test: computed, shown, never posted."""


class Verdict(msgspec.Struct, kw_only=True):
    """What became of one version: its result, why, and how many units it gives."""

    version_id: int
    result: str
    why: str = ""
    exact: int = 0
    """Account units before the one rounding, in parts of `SCALE`."""
    room: int | None = None
    """What its limits still allowed; None without a limit."""
    units: int = 0
    """After the rounding."""


class Given(msgspec.Struct, kw_only=True):
    """One part of the accrual: of a version, or (0) of the basic rate; one entry and lot."""

    version_id: int
    units: int
    life: LotLife | None = None


class Decision(msgspec.Struct, kw_only=True):
    """What a bill earns and allows, and every alternative that was looked at."""

    basic: int
    """The basic accrual before its rounding, in parts of `SCALE`."""
    verdicts: list[Verdict]
    given: list[Given]
    discount: int = 0
    """Money off the cheque, by effects on discount."""
    discount_codes: list[int] = []
    max_pay_bp: int | None = None
    coupons: list[int] = []
    counters: dict[int, int] = {}
    levels: dict[int, int] = {}
    messages: list[str] = []
    properties: dict[int, str] = {}

    @property
    def units(self) -> int:
        """Everything the bill earns."""
        return sum(one.units for one in self.given)
