"""The dictionaries in force, in memory as one immutable snapshot (`operation.rule_version`)."""

from __future__ import annotations

import msgspec

from card_server.accounts.records import AccountType, SpendLimit
from card_server.classifiers.records import Classifier
from card_server.coupons.records import CouponType
from card_server.divisions.records import Division, Unit
from card_server.ledger.records import Reason
from card_server.schemes.records import Level, Scheme, TimeSet


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
    coupon_types: dict[int, CouponType] = {}
    reasons: dict[int, Reason] = {}
    limits: dict[int, tuple[SpendLimit, ...]] = {}
    """Spend limits by account type."""
