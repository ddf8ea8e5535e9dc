"""In which state licences are on a day, and what that stops, pure (domain 2.10).

Licences of one metric add up. Sales, refunds, burning, reports and export ask nothing here: a
till is never cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from card_server.licences.records import (
    CARDS,
    EXPIRED,
    EXPIRING,
    GRACE,
    NONE,
    OVER_QUOTA,
    TRIAL,
    VALID,
    Counts,
    Terms,
)
from shared.wire.errors import AppError, ErrorCode

TRIAL_DAYS: Final = 60
TRIAL_CARDS: Final = 200
NOTICE_DAYS: Final = 30
"""So many days before its end a licence is called expiring."""
GRACE_DAYS: Final = 14
ALLOWING: Final = (VALID, EXPIRING, GRACE, TRIAL)
"""States in which cards are issued, the best one first."""


def states_on(licences: Sequence[Terms], counts: Counts, today: date) -> dict[int, int]:
    """The state of each licence on a day; the trial is over once a licence has begun."""
    begun = any(not one.is_trial and one.valid_from <= today for one in licences)
    states = {one.licence_id: _by_dates(one, today, has_licence=begun) for one in licences}
    for metric in sorted({one.metric for one in licences}):
        mine = [one for one in licences if one.metric == metric and not one.is_trial]
        in_force = [one for one in mine if states[one.licence_id] in (VALID, EXPIRING, GRACE)]
        allowed = quantity_of(in_force)
        if allowed is not None and counts.of(metric) > allowed:
            states |= {one.licence_id: OVER_QUOTA for one in in_force}
    return states


def _by_dates(licence: Terms, today: date, *, has_licence: bool) -> int:
    if today < licence.valid_from:
        return NONE
    left = (licence.valid_to - today).days if licence.valid_to is not None else None
    if licence.is_trial:
        return EXPIRED if has_licence or (left is not None and left < 0) else TRIAL
    if left is None or left > NOTICE_DAYS:
        return VALID
    if left >= 0:
        return EXPIRING
    return GRACE if -left <= GRACE_DAYS else EXPIRED


def quantity_of(in_force: Sequence[Terms]) -> int | None:
    """How many licences in force allow together; None for no limit."""
    if not in_force or any(one.quantity == 0 for one in in_force):
        return None
    return sum(one.quantity for one in in_force)


def cards_allowed(licences: Sequence[Terms]) -> int | None:
    """How many cards the licences allow, by their stored states; None for no limit."""
    return quantity_of([o for o in licences if o.metric == CARDS and o.state in ALLOWING])


def overall(licences: Sequence[Terms]) -> int:
    """The state of the installation: over quota beats all, then the best of its licences."""
    found = {one.state for one in licences}
    if exceeded(licences) is not None:
        return OVER_QUOTA
    for state in (*ALLOWING, OVER_QUOTA, EXPIRED):
        if state in found:
            return state
    return NONE


def exceeded(licences: Sequence[Terms]) -> Terms | None:
    """A licence whose quantity is exceeded, and that no other one of its metric makes good."""
    good = {one.metric for one in licences if one.state in ALLOWING}
    over = [one for one in licences if one.state == OVER_QUOTA and one.metric not in good]
    return max(over, key=lambda one: one.licence_id) if over else None


def refusal(licences: Sequence[Terms]) -> AppError | None:
    """Why no card and no holder may be made; None while they may.

    An installation whose server has never run has no row at all, and nothing is refused.
    """
    begun = [one for one in licences if one.state != NONE]
    over = exceeded(begun)
    if over is not None:
        return AppError(ErrorCode.LICENCE_QUOTA, n=over.quantity)
    if not begun or any(one.state in ALLOWING for one in begun):
        return None
    ends = [one.valid_to for one in begun if one.valid_to is not None]
    return AppError(ErrorCode.LICENCE_END, date=max(ends).isoformat() if ends else "")
