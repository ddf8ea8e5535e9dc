"""Prefixed ids and the account number that people and programs see (domain.md 0.2)."""

from __future__ import annotations

from typing import Final, NamedTuple

COUNTER_SPAN: Final = 10**13
HOUSE_PREFIX: Final = 0
FIRST_POOL: Final = 920_000
"""Prefixes from here to the largest one are pools of coupons."""
COUPON_PREFIX: Final = 922_001
LARGEST_PREFIX: Final = 922_336
LARGEST_CARD_CODE: Final = 999_999_999_999_999_999


def make_id(prefix: int, counter: int) -> int:
    """The id64 of `counter` under `prefix`."""
    return prefix * COUNTER_SPAN + counter


def prefix_of(id64: int) -> int:
    """The division, pool or house prefix of an id64."""
    return id64 // COUNTER_SPAN


def counter_of(id64: int) -> int:
    """The number behind the prefix."""
    return id64 % COUNTER_SPAN


class AccountNumber(NamedTuple):
    """`CC.TTTTT.NNNNNNNN.PPPP`, or a coupon's pseudo-account `0.0.<code>.<pool prefix>`."""

    account_class: int
    account_type_id: int
    counter: int
    prefix: int

    @property
    def is_coupon(self) -> bool:
        """Class and type 0 stand for the pseudo-account of a coupon."""
        return self.account_class == 0 and self.account_type_id == 0

    @property
    def id64(self) -> int:
        """The account's id, or the coupon's."""
        return make_id(self.prefix, self.counter)


def account_number(account_class: int, account_type_id: int, account_id: int) -> str:
    """The number as replies show it; a group grows if it must."""
    prefix, counter = divmod(account_id, COUNTER_SPAN)
    return f"{account_class:02d}.{account_type_id:05d}.{counter:08d}.{prefix:04d}"


def parse_account_number(text: str) -> AccountNumber | None:
    """Four groups as integers of any width; anything else is None (a bare id is not a number)."""
    groups = text.strip().split(".")
    if len(groups) != len(AccountNumber._fields):
        return None
    if not all(g.isascii() and g.isdigit() and len(g) <= len(str(COUNTER_SPAN)) for g in groups):
        return None
    number = AccountNumber(*(int(g) for g in groups))
    if number.counter >= COUNTER_SPAN or number.prefix > LARGEST_PREFIX:
        return None
    return number
