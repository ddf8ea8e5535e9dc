"""Levels, schemes and time sets as the rules see them (domain 1.5)."""

from __future__ import annotations

from datetime import date

import msgspec


class Level(msgspec.Struct, kw_only=True, frozen=True):
    """A rung of an account type's ladder."""

    level_id: int
    account_type_id: int
    level_no: int
    name: str
    scheme_id: int
    threshold: int
    threshold_type_id: int
    range_kind: int = 0
    range_value: int = 0
    keep_days: int = 0
    reward: int = 0
    reward_type_id: int | None = None
    manual_only: bool = False


class SchemeParam(msgspec.Struct, kw_only=True, frozen=True):
    """A rate that holds while its time set matches."""

    scheme_param_id: int
    scheme_id: int
    time_id: int
    rate: int
    external_id: int | None = None
    priority: int = 0


class Scheme(msgspec.Struct, kw_only=True, frozen=True):
    """Base rate (bp), POS code and the rates of its time periods."""

    scheme_id: int
    name: str
    base_rate: int = 0
    external_id: int | None = None
    limit_amount: int | None = None
    params: tuple[SchemeParam, ...] = ()


class TimePeriod(msgspec.Struct, kw_only=True, frozen=True):
    """One period of a time set; masks of 0 mean any (domain 1.5)."""

    time_period_id: int
    date_start: date | None = None
    date_end: date | None = None
    months: int = 0
    weekdays: int = 0
    days: int = 0
    time_from: int | None = None
    time_to: int | None = None
    segment_id: int | None = None
    is_active: bool = True


class TimeSet(msgspec.Struct, kw_only=True, frozen=True):
    """A named union of periods."""

    time_id: int
    name: str
    periods: tuple[TimePeriod, ...] = ()
