"""Which scheme and rate an account has at a moment (domain 3.5), and when a time set matches."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from card_server.accounts.records import Account, AccountType
from card_server.classifiers.records import Classifier
from card_server.schemes.records import Level, Scheme, TimePeriod, TimeSet

PERSONAL, CLASSIFIER_LEVEL, LEVEL, MATRIX, TYPE_DEFAULT = 1, 2, 3, 4, 5
LARGEST_POS_CODE: Final = 65_535


class Rate(msgspec.Struct, frozen=True):
    """A rate in basis points with its POS code and where it came from."""

    rate_bp: int = 0
    pos_code: int = 0
    scheme_id: int | None = None
    source: int = 0
    param_id: int | None = None


NO_RATE: Final = Rate()


def scheme_of(
    account: Account,
    kind: AccountType,
    classifier: Classifier,
    levels: dict[int, Level],
) -> tuple[int | None, int]:
    """The scheme of an account for a classifier and the number of the source that gave it."""
    if account.scheme_id is not None:
        return account.scheme_id, PERSONAL
    level_id = account.level_id
    if level_id is not None:
        if level_id in classifier.level_schemes:
            return classifier.level_schemes[level_id], CLASSIFIER_LEVEL
        if level_id in levels:
            return levels[level_id].scheme_id, LEVEL
    row = classifier.matrix.get(account.account_type_id)
    if row is not None and row.scheme_id is not None:
        return row.scheme_id, MATRIX
    return kind.default_scheme_id, TYPE_DEFAULT


def rate_of(
    scheme: Scheme | None,
    source: int,
    time_sets: dict[int, TimeSet],
    local: datetime,
    business_day: date,
) -> Rate:
    """The rate of a scheme at a local time: highest priority, then the higher rate, else base."""
    if scheme is None:
        return NO_RATE
    best = None
    for param in scheme.params:
        time_set = time_sets.get(param.time_id)
        if time_set is None or not matches(time_set, local, business_day):
            continue
        if best is None or (param.priority, param.rate) > (best.priority, best.rate):
            best = param
    if best is None:
        return Rate(scheme.base_rate, scheme.external_id or 0, scheme.scheme_id, source)
    code = best.external_id if best.external_id is not None else scheme.external_id
    return Rate(best.rate, code or 0, scheme.scheme_id, source, best.scheme_param_id)


def matches(time_set: TimeSet, local: datetime, business_day: date) -> bool:
    """A time set is the union of its active periods."""
    return any(
        period.is_active and _period_matches(period, local, business_day)
        for period in time_set.periods
    )


def _period_matches(period: TimePeriod, local: datetime, business_day: date) -> bool:
    minute = local.hour * 60 + local.minute
    day = local.date()
    start, end = period.time_from, period.time_to
    if start is not None and end is not None and start != end:
        if start < end:
            if not start <= minute < end:
                return False
        else:
            if end <= minute < start:
                return False
            if minute < end:
                day -= timedelta(days=1)
    elif (start is None) != (end is None):
        if start is not None and minute < start:
            return False
        if end is not None and minute >= end:
            return False
    if period.segment_id is not None:
        return False
    return _date_matches(period, day if start is not None else business_day)


def _date_matches(period: TimePeriod, day: date) -> bool:
    if period.date_start is not None and day < period.date_start:
        return False
    if period.date_end is not None and day > period.date_end:
        return False
    if period.months and not period.months >> (day.month - 1) & 1:
        return False
    if period.weekdays and not period.weekdays >> day.weekday() & 1:
        return False
    return not period.days or bool(period.days >> (day.day - 1) & 1)
