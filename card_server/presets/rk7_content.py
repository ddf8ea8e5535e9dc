"""What the preset "r_keeper 7" consists of, as data (domain 6.2)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from card_server.accounts.records import CLASS_BONUS, CLASS_DEBIT, CLASS_DISCOUNT, CLASS_SPENT

BONUS, DISCOUNT, DEBIT, SPENT = CLASS_BONUS, CLASS_DISCOUNT, CLASS_DEBIT, CLASS_SPENT
"""The type id equals the class, so that account numbers read 01.00001..., 05.00005..."""

RIGHTS: Final = (
    "card.read",
    "holder.read",
    "txn.write",
    "txn.read",
    "coupon.read",
    "coupon.use",
    "holder.image",
    "relay",
    "dict.read",
    "quote",
)
TYPES: Final[tuple[dict[str, Any], ...]] = (
    {
        "account_type_id": BONUS,
        "name": "Бонусный",
        "class": BONUS,
        "value_unit": 2,
        "uses_lots": True,
        "life_kind": 1,
        "life_value": 365,
        "refund_earned": 3,
        "refund_burned": 2,
        "refund_grace_days": 7,
        "level_change": 1,
    },
    {
        "account_type_id": DISCOUNT,
        "name": "Дисконтный",
        "class": DISCOUNT,
        "value_unit": 1,
        "level_change": 1,
    },
    {
        "account_type_id": DEBIT,
        "name": "Дебетовый",
        "class": DEBIT,
        "value_unit": 1,
        "refund_earned": 3,
        "refund_burned": 1,
    },
    {"account_type_id": SPENT, "name": "Потраченные средства", "class": SPENT, "value_unit": 1},
)
MATRIX: Final[dict[int, dict[str, int]]] = {
    BONUS: {
        "debit_priority": 101,
        "credit_priority": 101,
        "max_pay_bp": 5000,
        "sum_slot": 2,
        "pos_kinds": 5,
    },
    DISCOUNT: {"pos_kinds": 2},
    DEBIT: {"sum_slot": 1, "pos_kinds": 1},
    SPENT: {"pos_kinds": 8},
}
"""Debit and credit are allowed for all four; K is 1.00 and max pay 100 % where nothing stands."""


class Rung(msgspec.Struct, frozen=True):
    """A level with its scheme: threshold in spent money, rate for mode *crm*, code for the till."""

    name: str
    threshold: int
    scheme: str
    rate_bp: int
    pos_code: int


class Ladder(msgspec.Struct, frozen=True):
    """The levels of an account type; `measured` are columns of the level, `top` of its last."""

    account_type_id: int
    rungs: tuple[Rung, ...]
    measured: dict[str, int] = {}
    top: dict[str, int] = {}


LAST_MONTHS: Final = 2
LADDERS: Final[dict[str, Ladder]] = {
    "discounts": Ladder(
        DISCOUNT,
        (
            Rung("Базовый", 0, "Скидка 3 %", 300, 1),
            Rung("Серебро", 15_000_00, "Скидка 5 %", 500, 2),
            Rung("Золото", 50_000_00, "Скидка 7 %", 700, 3),
            Rung("Платина", 150_000_00, "Скидка 10 %", 1000, 4),
        ),
    ),
    "bonuses": Ladder(
        BONUS,
        (
            Rung("Гость", 0, "Бонус 3 %", 300, 1),
            Rung("Друг", 20_000_00, "Бонус 5 %", 500, 2),
            Rung("Семья", 60_000_00, "Бонус 7 %", 700, 3),
        ),
        measured={"range_kind": LAST_MONTHS, "range_value": 12},
        top={"keep_days": 365, "reward": 500_00, "reward_type_id": BONUS},
    ),
}
LOYALTIES: Final[dict[str, tuple[str, ...]]] = {
    "discounts": ("discounts",),
    "bonuses": ("bonuses",),
    "both": ("discounts", "bonuses"),
}
"""What the installer chooses, and the ladders it makes."""
