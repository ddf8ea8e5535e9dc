"""Cards as the rules see them (domain 1.4)."""

from __future__ import annotations

from datetime import date

import msgspec

KIND_PLASTIC, KIND_VIRTUAL, KIND_TEMPORARY, KIND_STAFF = 1, 2, 3, 4
CARD_ACTIVE, CARD_INACTIVE, CARD_VOIDED, CARD_BLOCKED = 1, 2, 3, 4


class Card(msgspec.Struct, kw_only=True, gc=False):
    """The columns of crm_card that a till's request needs."""

    card_code: int
    holder_id: int | None = None
    owner_holder_id: int | None = None
    state: int = CARD_ACTIVE
    block_reason: str | None = None
    seize: bool = False
    confirm_manager: bool = False
    group_id: int | None = None
    kind: int = 1
    valid_from: date | None = None
    valid_to: date | None = None
    carrier_data: str | None = None
    limited_accounts: bool = False
    replaced_by: int | None = None
    has_classifiers: bool = False


class CardAccount(msgspec.Struct, kw_only=True, frozen=True):
    """What a limited card may do with one account."""

    card_code: int
    account_id: int
    credit_depth: int | None = None
    credit_limit: int | None = None
