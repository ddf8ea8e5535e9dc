"""The preset "r_keeper 7": account types, matrix, levels and a classifier (domain 6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import (
    CLASS_BONUS,
    CLASS_DEBIT,
    CLASS_DISCOUNT,
    CLASS_SPENT,
    OWNER_HOUSE,
)
from card_server.classifiers import tables as classifier_tables
from card_server.classifiers.records import MODE_POS
from card_server.divisions.repository import bump_rules_version, next_dictionary_id
from card_server.schemes import tables as scheme_tables

BONUS, DISCOUNT, DEBIT, SPENT = CLASS_BONUS, CLASS_DISCOUNT, CLASS_DEBIT, CLASS_SPENT
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
TYPES: Final = (
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
        "level_change": 1,
    },
    {
        "account_type_id": DISCOUNT,
        "name": "Дисконтный",
        "class": DISCOUNT,
        "value_unit": 1,
        "level_change": 1,
    },
    {"account_type_id": DEBIT, "name": "Дебетовый", "class": DEBIT, "value_unit": 1},
    {"account_type_id": SPENT, "name": "Потраченные средства", "class": SPENT, "value_unit": 1},
)
MATRIX: Final = {
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
DISCOUNT_LEVELS: Final = (
    ("Базовый", 0, "Скидка 3 %", 300, 1),
    ("Серебро", 1_500_000, "Скидка 5 %", 500, 2),
    ("Золото", 5_000_000, "Скидка 7 %", 700, 3),
    ("Платина", 15_000_000, "Скидка 10 %", 1000, 4),
)
BONUS_LEVELS: Final = (
    ("Гость", 0, "Бонус 3 %", 300, 1),
    ("Друг", 2_000_000, "Бонус 5 %", 500, 2),
    ("Семья", 6_000_000, "Бонус 7 %", 700, 3),
)
LAST_MONTHS, YEAR = 2, 12
FAMILY_REWARD: Final = 50_000


def apply_rk7_preset(
    connection: Connection,
    *,
    code: str,
    name: str,
    now: datetime,
    calc_mode: int = MODE_POS,
    loyalty: str = "both",
    code_kind: int = 1,
) -> int:
    """Make what is missing of the preset and one classifier; returns the classifier's id."""
    std = {"created_at": now, "updated_at": now}
    _add_missing(connection, account_tables.account_type, TYPES, std)
    houses = [
        {
            "account_id": kind["account_type_id"],
            "owner_kind": OWNER_HOUSE,
            "account_type_id": kind["account_type_id"],
            "opened_at": now,
            "balance": None,
        }
        for kind in TYPES
    ]
    _add_missing(connection, account_tables.account, houses, std)
    in_crm = calc_mode != MODE_POS
    if loyalty in ("discounts", "both"):
        _ladder(connection, DISCOUNT, DISCOUNT_LEVELS, std, with_rates=in_crm)
    if loyalty in ("bonuses", "both"):
        _ladder(connection, BONUS, BONUS_LEVELS, std, with_rates=in_crm)
    classifier_id = _classifier(connection, code, name, calc_mode, code_kind, std)
    bump_rules_version(connection, now)
    return classifier_id


def _add_missing(
    connection: Connection, table: Table, rows: Iterable[Any], std: dict[str, Any]
) -> None:
    key = next(iter(table.primary_key.columns))
    known = set(connection.execute(select(key)).scalars())
    for row in rows:
        if row[key.name] not in known:
            connection.execute(insert(table).values(**row, **std))


def _ladder(
    connection: Connection,
    account_type_id: int,
    rungs: Iterable[tuple[str, int, str, int, int]],
    std: dict[str, Any],
    *,
    with_rates: bool,
) -> None:
    """Levels with a scheme each; in mode *pos* the schemes carry only the POS code."""
    level, scheme = scheme_tables.level, scheme_tables.scheme
    exists = connection.execute(
        select(level.c.level_id).where(level.c.account_type_id == account_type_id).limit(1)
    ).first()
    if exists:
        return
    for number, (name, threshold, scheme_name, rate, pos_code) in enumerate(rungs, start=1):
        scheme_id = next_dictionary_id(connection, scheme)
        connection.execute(
            insert(scheme).values(
                scheme_id=scheme_id,
                name=scheme_name,
                base_rate=rate if with_rates else 0,
                external_id=pos_code,
                **std,
            )
        )
        is_bonus = account_type_id == BONUS
        top = is_bonus and number == len(BONUS_LEVELS)
        connection.execute(
            insert(level).values(
                level_id=next_dictionary_id(connection, level),
                account_type_id=account_type_id,
                level_no=number,
                name=name,
                scheme_id=scheme_id,
                threshold=threshold,
                threshold_type_id=SPENT,
                range_kind=LAST_MONTHS if is_bonus else 0,
                range_value=YEAR if is_bonus else 0,
                keep_days=365 if top else 0,
                reward=FAMILY_REWARD if top else 0,
                reward_type_id=BONUS if top else None,
                **std,
            )
        )


def _classifier(
    connection: Connection, code: str, name: str, mode: int, code_kind: int, std: dict[str, Any]
) -> int:
    table = classifier_tables.classifier
    known = connection.execute(
        select(table.c.classifier_id).where(table.c.code == code, table.c.deleted_at.is_(None))
    ).scalar()
    if known is not None:
        return int(known)
    classifier_id = next_dictionary_id(connection, table)
    connection.execute(
        insert(table).values(
            classifier_id=classifier_id,
            code=code,
            code_kind=code_kind,
            name=name,
            client_type="RK7",
            time_zone="Europe/Moscow",
            api_visible=True,
            calc_mode=mode,
            **std,
        )
    )
    rights = classifier_tables.classifier_right
    connection.execute(
        insert(rights), [{"classifier_id": classifier_id, "right_code": r} for r in RIGHTS]
    )
    for account_type_id, cell in MATRIX.items():
        connection.execute(
            insert(classifier_tables.classifier_account_type).values(
                classifier_id=classifier_id,
                account_type_id=account_type_id,
                debit_allowed=True,
                credit_allowed=True,
                **cell,
                **std,
            )
        )
    return classifier_id
