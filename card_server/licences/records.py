"""Licences and counts as the rules see them (domain 1.11, 2.10)."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

NONE, TRIAL, VALID, EXPIRING, GRACE, EXPIRED, OVER_QUOTA = range(7)
"""States of a licence (domain 2.11)."""
CARDS, HOLDERS = 1, 2
"""Metrics of a licence."""
TRIAL_NUMBER: Final = "TRIAL"
"""The row that the first start of a server makes; its object code is the installation's own."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a licence allows, and the state that the last count gave it."""

    licence_id: int
    number: str
    metric: int
    quantity: int
    """How many cards or holders; 0 is any number."""
    valid_from: date
    valid_to: date | None
    """The last day; None for one without an end."""
    state: int = NONE

    @property
    def is_trial(self) -> bool:
        """It came with the installation, not with a file."""
        return self.number == TRIAL_NUMBER


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of what licences count."""

    cards: int
    holders: int

    def of(self, metric: int) -> int:
        """The count of a metric."""
        return self.cards if metric == CARDS else self.holders
