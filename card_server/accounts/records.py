"""Account types and accounts as the rules see them (domain 1.5, 1.6)."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

CLASS_BONUS, CLASS_DISCOUNT, CLASS_DEBIT, CLASS_SPENT = 1, 2, 3, 5
OWNER, OWNER_CERTIFICATE, OWNER_HOUSE = 1, 2, 9
CLASS_CERTIFICATE, CLASS_RECEIVABLE, CLASS_COUNTER = 81, 82, 99
ACCOUNT_ACTIVE, ACCOUNT_BLOCKED, ACCOUNT_CLOSED = 1, 2, 3
UNIT_MONEY, UNIT_POINTS, UNIT_COUNT = 1, 2, 3


class AccountType(msgspec.Struct, kw_only=True, frozen=True):
    """A kind of account with its posting rules; columns of crm_account_type that rules read."""

    account_type_id: int
    name: str
    account_class: int
    value_unit: int = UNIT_MONEY
    is_active: bool = True
    active_from: date | None = None
    active_to: date | None = None
    open_for_all: bool = True
    uses_lots: bool = False
    life_kind: int = 0
    life_value: int = 0
    delay_kind: int = 0
    delay_value: int = 0
    level_change: int = 0
    level_down: int = 1
    level_on_refund: bool = True
    default_scheme_id: int | None = None
    default_credit_depth: int = 0
    min_balance: int = 0
    round_step: int = 1
    round_mode: int = 1
    earn_base: int = 1
    spent_base: int = 1
    refund_earned: int = 3
    refund_burned: int = 1
    refund_grace_days: int = 7
    receivable_type_id: int | None = None
    reinstate_days: int = 30

    @property
    def has_limit(self) -> bool:
        """Discount, spent, counter and receivable accounts never lack funds for a debit."""
        return self.account_class in (CLASS_BONUS, CLASS_DEBIT, CLASS_CERTIFICATE)

    @property
    def can_pay(self) -> bool:
        """Bonus, debit and certificate accounts pay for cheques."""
        return self.account_class in (CLASS_BONUS, CLASS_DEBIT, CLASS_CERTIFICATE)


class Account(msgspec.Struct, kw_only=True, gc=False):
    """A row of crm_account; `balance` to `last_operation_at` are caches of the ledger."""

    account_id: int
    owner_kind: int = 1
    holder_id: int | None = None
    certificate_id: int | None = None
    account_type_id: int
    state: int = 1
    block_reason: str | None = None
    level_id: int | None = None
    level_since: date | None = None
    level_keep_until: date | None = None
    auto_change_levels: bool = True
    credit_depth: int = 0
    scheme_id: int | None = None
    opened_at: datetime
    valid_to: date | None = None
    merged_into: int | None = None
    balance: int = 0
    pending: int = 0
    held: int = 0
    uncovered: int = 0
    next_lot_event_at: datetime | None = None
    last_operation_at: datetime | None = None


LIMIT_TYPE, LIMIT_ACCOUNT, LIMIT_CARD, LIMIT_GROUP = 1, 2, 3, 4
PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_CHEQUE = 1, 2, 3, 4


class SpendLimit(msgspec.Struct, kw_only=True, frozen=True):
    """How much and how often may be paid in a period (domain 1.6).

    Scope 1: each account of the type; 2: the account `scope_id`; 3: the card `scope_id` on an
    account of the type; 4: each account of the type whose holder is in group `scope_id`.
    """

    limit_id: int
    scope: int
    scope_id: int
    account_type_id: int
    period: int
    max_amount: int | None = None
    max_count: int | None = None
    classifier_id: int | None = None


class SpendCounter(msgspec.Struct, kw_only=True, gc=False):
    """What of a limit is used in one period; a cache of the entries."""

    limit_id: int
    subject_id: int
    period_key: int
    used_amount: int = 0
    used_count: int = 0
    stored: bool = False
    """The row exists, so it is updated instead of inserted."""
