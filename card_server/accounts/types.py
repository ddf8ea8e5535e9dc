"""Account types as a dictionary; their levels belong to a higher subject (domain 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, func, select

from card_server.accounts import tables
from card_server.accounts.records import CLASS_RECEIVABLE, CLASS_SPENT
from card_server.accounts.rules import FROZEN, check_type, defaults_by_class
from card_server.db.base import PREFIX, metadata
from card_server.dictionaries.editor import Change, Editor
from shared.wire import programs as wire
from shared.wire.errors import AppError, ErrorCode

LARGEST: Final = 10**15
_TYPE: Final = tables.account_type


def _fill(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**defaults_by_class(values.get("class") or 0), **values}


def _check(change: Change) -> None:
    connection, row = change.editing.connection, change.after
    if row["class"] is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="class")
    check_type(row)
    target = change.sent.get("receivable_type_id")
    if target is not None:
        kind = connection.execute(
            select(_TYPE.c["class"]).where(_TYPE.c.account_type_id == target)
        ).scalar()
        if kind != CLASS_RECEIVABLE:
            raise AppError(ErrorCode.FIELD_BAD, field="receivable_type_id", value=str(target))
    moved = [name for name in FROZEN if row[name] != change.before[name]]
    if change.key is not None and moved and has_entries(connection, change.key):
        raise AppError(ErrorCode.IN_USE, where="entry", n=1)


def has_entries(connection: Connection, account_type_id: int) -> bool:
    """Something was booked on an account of the type."""
    entry = metadata.tables[PREFIX + "entry"]
    mine = select(entry.c.entry_id).where(entry.c.account_type_id == account_type_id).limit(1)
    return connection.execute(mine).first() is not None


def check_spent(connection: Connection, change: Change) -> None:
    """Exactly one active type of class 5 must exist (`SPENT_REQUIRED`)."""
    if CLASS_SPENT not in (change.before["class"], change.after["class"]):
        return
    count = connection.execute(
        select(func.count())
        .select_from(_TYPE)
        .where(_TYPE.c["class"] == CLASS_SPENT, _TYPE.c.deleted_at.is_(None), _TYPE.c.is_active)
    ).scalar_one()
    if count != 1:
        raise AppError(ErrorCode.SPENT_REQUIRED)


ACCOUNT_TYPES: Final = Editor(
    table=_TYPE,
    record=wire.AccountTypeRow,
    columns={"account_class": "class"},
    needs=("name", "account_class"),
    tree="parent_id",
    references={"default_scheme_id": "scheme", "receivable_type_id": "account_type"},
    ranges={
        "value_unit": (1, 3),
        "level_change": (0, 2),
        "level_down": (1, 2),
        "default_credit_depth": (0, LARGEST),
        "min_balance": (0, LARGEST),
        "round_step": (1, 1_000_000),
        "round_mode": (1, 3),
        "earn_base": (1, 3),
        "spent_base": (1, 2),
        "refund_earned": (1, 4),
        "refund_burned": (1, 3),
        "refund_grace_days": (0, 3_650),
        "reinstate_days": (0, 3_650),
    },
    used_by=(
        "account_type.parent_id",
        "account_type.receivable_type_id",
        "level.account_type_id",
        "level.threshold_type_id",
        "level.reward_type_id",
        "classifier_account_type.account_type_id",
        "group_account_default.account_type_id",
        "spend_limit.account_type_id",
        "refill_rule.account_type_id",
        "certificate_type.account_type_id",
        "account.account_type_id",
    ),
    fill=_fill,
    check=_check,
)
