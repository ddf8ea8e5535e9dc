"""Software classifiers and their matrix as the rules see them (domain 1.2)."""

from __future__ import annotations

import msgspec

MODE_POS, MODE_CRM = 1, 2
UNMATCHED_REFUSE, UNMATCHED_ACCEPT, UNMATCHED_SUPERVISOR = 1, 2, 3
KEY_STRICT, KEY_AMOUNT, KEY_AMOUNT_TIME = 1, 2, 3
DEFAULT_PRIORITY = 100


class MatrixRow(msgspec.Struct, kw_only=True, frozen=True):
    """What one classifier may do with one account type."""

    classifier_id: int
    account_type_id: int
    visible: bool = True
    debit_allowed: bool = False
    credit_allowed: bool = False
    debit_priority: int | None = None
    credit_priority: int | None = None
    debit_k_bp: int = 10_000
    credit_k_bp: int = 10_000
    debit_time_id: int | None = None
    credit_time_id: int | None = None
    scheme_id: int | None = None
    max_pay_bp: int = 10_000
    min_pay: int = 0
    keep_rest: int = 0
    sum_slot: int | None = None
    pos_kinds: int = 0


class Classifier(msgspec.Struct, kw_only=True, frozen=True):
    """One external program, its rights and its rows of the matrix.

    `matrix` is by account type id, `level_schemes` by level id (crm_classifier_level), `settings`
    holds values of setting rows at classifier scope.
    """

    classifier_id: int
    code: str
    name: str
    client_type: str | None = None
    time_zone: str = "Europe/Moscow"
    day_start: int = 240
    api_visible: bool = False
    is_active: bool = True
    calc_mode: int = MODE_POS
    refund_unmatched: int = UNMATCHED_ACCEPT
    xml_key: int = KEY_AMOUNT
    backdate_days: int = 3
    future_minutes: int = 10
    hold_minutes: int = 60
    pay_confirm: int = 0
    wire_charset: int = 1
    late_capture: bool = False
    rate_limit: int = 0
    rights: frozenset[str] = frozenset()
    matrix: dict[int, MatrixRow] = {}
    level_schemes: dict[int, int] = {}
    settings: dict[str, str] = {}
