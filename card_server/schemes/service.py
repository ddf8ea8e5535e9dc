"""Time sets, schemes and account types with their levels, as dictionaries (domain 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, select

from card_server.accounts.records import CLASS_DISCOUNT
from card_server.accounts.rules import LADDERS
from card_server.accounts.types import ACCOUNT_TYPES, check_spent
from card_server.classifiers.matrix import LARGEST_DISCOUNT, check_scheme, highest_rate
from card_server.classifiers.records import MODE_CRM, MODE_POS
from card_server.db.base import PREFIX, metadata
from card_server.dictionaries.editor import Change, Editor
from card_server.dictionaries.parts import Parts
from card_server.schemes import tables
from card_server.schemes.ladder_rules import check_ladder, check_level, check_period
from card_server.schemes.rules import LARGEST_POS_CODE
from shared.wire import programs as wire
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

LARGEST_RATE: Final = 100_000
LARGEST: Final = 10**15
COLOURS: Final = (0, 0xFFFFFF)
MINUTES: Final = (0, 1439)

# ---------------------------------------------------------------------- time sets

PERIODS: Final = Parts(
    field="periods",
    table=tables.time_period,
    owner="time_id",
    record=wire.Period,
    ranges={
        "months": (0, (1 << 12) - 1),
        "weekdays": (0, (1 << 7) - 1),
        "days": (0, (1 << 31) - 1),
        "time_from": MINUTES,
        "time_to": MINUTES,
        "colour": COLOURS,
    },
    references={"segment_id": "segment"},
    check=check_period,
)


def _show_times(connection: Connection, row: Mapping[str, Any]) -> wire.TimeSet:
    periods = PERIODS.records(connection, row["time_id"])
    return wire.TimeSet(row=TIME_SETS.record_of(row), periods=periods)


TIME_SETS: Final = Editor(
    table=tables.time_set,
    record=wire.TimeSetRow,
    parts=(PERIODS,),
    used_by=(
        "scheme_param.time_id",
        "classifier_account_type.debit_time_id",
        "classifier_account_type.credit_time_id",
        "coupon_type.time_id",
        "campaign_version.time_id",
    ),
    show=_show_times,
)

# ---------------------------------------------------------------------- schemes

PARAMS: Final = Parts(
    field="params",
    table=tables.scheme_param,
    owner="scheme_id",
    record=wire.Param,
    ranges={
        "rate": (0, LARGEST_RATE),
        "external_id": (0, LARGEST_POS_CODE),
        "priority": (0, 32_767),
        "colour": COLOURS,
    },
    references={"time_id": "time_set"},
)


def _show_scheme(connection: Connection, row: Mapping[str, Any]) -> wire.Scheme:
    params = PARAMS.records(connection, row["scheme_id"])
    return wire.Scheme(row=SCHEMES.record_of(row), params=params)


def gives_discounts(connection: Connection, scheme_id: int) -> bool:
    """Some discount type uses the scheme: by default, by a level, or in the matrix."""
    kind, level = metadata.tables[PREFIX + "account_type"], tables.level
    cell = metadata.tables[PREFIX + "classifier_account_type"]
    own = metadata.tables[PREFIX + "classifier_level"]
    discounts = select(kind.c.account_type_id).where(kind.c["class"] == CLASS_DISCOUNT)
    for key, is_mine in (
        (kind.c.account_type_id, kind.c.default_scheme_id == scheme_id),
        (level.c.account_type_id, level.c.scheme_id == scheme_id),
        (cell.c.account_type_id, cell.c.scheme_id == scheme_id),
    ):
        live = key.table.c.deleted_at.is_(None)
        if connection.execute(select(key).where(is_mine, live, key.in_(discounts))).first():
            return True
    linked = select(own.c.level_id).where(own.c.scheme_id == scheme_id)
    by_level = select(level.c.level_id).where(
        level.c.level_id.in_(linked), level.c.account_type_id.in_(discounts)
    )
    return connection.execute(by_level).first() is not None


def _settle_scheme(connection: Connection, key: int, change: Change) -> list[Notice]:
    """Rates fit the class that uses them; where only tills count, they have no effect."""
    highest = highest_rate(connection, key)
    if highest > LARGEST_DISCOUNT and gives_discounts(connection, key):
        raise AppError(ErrorCode.FIELD_BAD, field="rate", value=str(highest))
    if change.after.get("deleted_at") is not None or not highest:
        return []
    program = metadata.tables[PREFIX + "classifier"]
    modes = connection.execute(
        select(program.c.calc_mode, func.count())
        .where(program.c.deleted_at.is_(None), program.c.is_active, program.c.classifier_id > 0)
        .group_by(program.c.calc_mode)
    ).all()
    found = {row[0] for row in modes}
    if MODE_POS in found and MODE_CRM not in found:
        return [Notice(code=ErrorCode.MODE_WARNING.value)]
    return []


SCHEMES: Final = Editor(
    table=tables.scheme,
    record=wire.SchemeRow,
    ranges={
        "base_rate": (0, LARGEST_RATE),
        "external_id": (0, LARGEST_POS_CODE),
        "limit_amount": (0, LARGEST),
    },
    parts=(PARAMS,),
    used_by=(
        "level.scheme_id",
        "classifier_account_type.scheme_id",
        "classifier_level.scheme_id",
        "account_type.default_scheme_id",
        "coupon_type.scheme_id",
        "account.scheme_id",
    ),
    settle=_settle_scheme,
    show=_show_scheme,
)

# ---------------------------------------------------------------------- account types

LEVELS: Final = Parts(
    field="levels",
    table=tables.level,
    owner="account_type_id",
    record=wire.Level,
    slot="level_no",
    ranges={
        "level_no": (1, 99),
        "threshold": (0, LARGEST),
        "range_kind": (0, 7),
        "keep_days": (0, 36_500),
        "reward": (0, LARGEST),
    },
    references={
        "scheme_id": "scheme",
        "threshold_type_id": "account_type",
        "reward_type_id": "account_type",
    },
    used_by=("classifier_level.level_id", "group_account_default.level_id", "account.level_id"),
    check=check_level,
)


def _show_type(connection: Connection, row: Mapping[str, Any]) -> wire.AccountType:
    levels = LEVELS.records(connection, row["account_type_id"])
    return wire.AccountType(row=TYPES.record_of(row), levels=levels)


def _settle_type(connection: Connection, key: int, change: Change) -> list[Notice]:
    """The one spent type is there, the ladder rises, and its schemes fit the class."""
    check_spent(connection, change)
    rungs = LEVELS.rows(connection, key)
    account_class = change.after["class"]
    if rungs and account_class not in LADDERS:
        raise AppError(ErrorCode.FIELD_BAD, field="levels", value=str(len(rungs)))
    check_ladder(rungs)
    schemes = {rung["scheme_id"] for rung in rungs} | {change.after["default_scheme_id"]}
    for scheme_id in sorted(schemes - {None}):
        check_scheme(connection, scheme_id, account_class)
    return []


TYPES: Final = msgspec.structs.replace(
    ACCOUNT_TYPES, parts=(LEVELS,), settle=_settle_type, show=_show_type
)
