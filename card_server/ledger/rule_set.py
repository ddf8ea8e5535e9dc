"""The dictionaries in force, in memory as one immutable snapshot (`operation.rule_version`)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from card_server.accounts.records import AccountType, SpendLimit
from card_server.classifiers.records import Classifier
from card_server.coupons.records import CouponType
from card_server.divisions.records import Division, Unit
from card_server.ledger.records import Reason
from card_server.schemes.records import Level, Scheme, TimeSet
from shared.settings.declare import Setting
from shared.wire.errors import AppError

T = TypeVar("T")


class RuleSet(msgspec.Struct, kw_only=True, frozen=True):
    """Everything a posting is decided by that is not a guest's own row.

    Each mapping is by the record's id; `classifier_codes` leads from a code (letter case counts)
    to its classifier; `settings` are values at system scope, `unit_settings` by (unit, key).
    """

    version: int
    account_types: dict[int, AccountType]
    classifiers: dict[int, Classifier]
    classifier_codes: dict[str, int]
    levels: dict[int, Level]
    schemes: dict[int, Scheme]
    time_sets: dict[int, TimeSet]
    divisions: dict[int, Division]
    units: dict[int, Unit]
    unit_by_pos_code: dict[str, int] = {}
    unit_by_pos_number: dict[int, int] = {}
    settings: dict[str, str] = {}
    unit_settings: dict[tuple[int, str], str] = {}
    holder_groups: dict[int, str] = {}
    card_groups: dict[int, str] = {}
    non_payer_codes: dict[int, tuple[int, str]] = {}
    derived: dict[Any, Any] = {}
    """What a reader of the rules made of them and keeps for as long as they hold: texts, tables."""
    coupon_types: dict[int, CouponType] = {}
    reasons: dict[int, Reason] = {}
    limits: dict[int, tuple[SpendLimit, ...]] = {}
    """Spend limits by account type."""

    def value(
        self,
        setting: Setting[T],
        classifier: Classifier | None = None,
        unit_id: int | None = None,
    ) -> T:
        """A setting as it is declared: the nearest scope wins - unit, classifier, system.

        A row that holds what the setting cannot be (written by hand) counts as none.
        """
        key = setting.key
        rows = (
            self.unit_settings.get((unit_id, key)) if unit_id is not None else None,
            classifier.settings.get(key) if classifier is not None else None,
            self.settings.get(key),
        )
        for text in rows:
            if text is not None:
                try:
                    return setting.value_of(text)
                except AppError:
                    continue
        return setting.default
