"""Reads the dictionaries into one rule set; done at start and after an edit, never per request."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import AccountType, SpendLimit
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.classifiers.records import Classifier, MatrixRow
from card_server.coupons.repository import coupon_types
from card_server.divisions import tables as division_tables
from card_server.divisions.records import Division, Unit
from card_server.holders import tables as holder_tables
from card_server.ledger import tables
from card_server.ledger.record_rows import columns_of
from card_server.ledger.records import Reason
from card_server.ledger.rule_set import RuleSet
from card_server.schemes import tables as scheme_tables
from card_server.schemes.records import Level, Scheme, SchemeParam, TimePeriod, TimeSet

T = TypeVar("T")

SCOPE_SYSTEM, SCOPE_UNIT, SCOPE_CLASSIFIER = 0, 2, 3
RULES_VERSION_KEY = "rules.version"
"""The row of `setting` that every edit of a dictionary counts up."""


def load_rules(connection: Connection) -> RuleSet:
    """Every live row of the dictionaries that postings and tills need."""
    settings = _settings(connection)
    classifiers = _classifiers(connection, settings)
    units = {unit.unit_id: unit for unit in _records(connection, division_tables.unit, Unit)}
    system = settings[(SCOPE_SYSTEM, 0)]
    return RuleSet(
        version=int(system.get(RULES_VERSION_KEY, "1")),
        account_types={
            row.account_type_id: row
            for row in _records(connection, account_tables.account_type, AccountType)
        },
        classifiers=classifiers,
        classifier_codes={row.code: row.classifier_id for row in classifiers.values()},
        levels={row.level_id: row for row in _records(connection, scheme_tables.level, Level)},
        schemes=_schemes(connection),
        time_sets=_time_sets(connection),
        divisions={
            row.division_id: row for row in _records(connection, division_tables.division, Division)
        },
        units=units,
        unit_by_pos_code={u.pos_code: u.unit_id for u in units.values() if u.pos_code},
        unit_by_pos_number={
            u.pos_number: u.unit_id for u in units.values() if u.pos_number is not None
        },
        settings=system,
        unit_settings={
            (scope_id, key): value
            for (scope, scope_id), values in settings.items()
            if scope == SCOPE_UNIT
            for key, value in values.items()
        },
        holder_groups=_names(connection, holder_tables.holder_group, "group_id"),
        card_groups=_names(connection, card_tables.card_group, "group_id"),
        non_payer_codes=_non_payers(connection),
        coupon_types=coupon_types(connection),
        reasons={row.reason_id: row for row in _records(connection, tables.reason, Reason)},
        limits=_limits(connection),
    )


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    statement = select(table)
    if "deleted_at" in table.c:
        statement = statement.where(table.c.deleted_at.is_(None))
    return [dict(row._mapping) for row in connection.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name


def _records(connection: Connection, table: Table, record: type[T], **extra: Any) -> list[T]:
    names = columns_of(record)
    return [
        record(**{name: row[column] for name, column in names.items() if column in row}, **extra)
        for row in _rows(connection, table)
    ]


def _names(connection: Connection, table: Table, key: str) -> dict[int, str]:
    return {row[key]: row["name"] for row in _rows(connection, table)}


def _settings(connection: Connection) -> dict[tuple[int, int], dict[str, str]]:
    found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for row in _rows(connection, division_tables.setting):
        found[(row["scope"], row["scope_id"])][row["setting_key"]] = row["value"]
    return found


def _classifiers(
    connection: Connection, settings: dict[tuple[int, int], dict[str, str]]
) -> dict[int, Classifier]:
    rights: dict[int, set[str]] = defaultdict(set)
    for row in _rows(connection, classifier_tables.classifier_right):
        rights[row["classifier_id"]].add(row["right_code"])
    matrix: dict[int, dict[int, MatrixRow]] = defaultdict(dict)
    for link in _records(connection, classifier_tables.classifier_account_type, MatrixRow):
        matrix[link.classifier_id][link.account_type_id] = link
    schemes: dict[int, dict[int, int]] = defaultdict(dict)
    for row in _rows(connection, classifier_tables.classifier_level):
        schemes[row["classifier_id"]][row["level_id"]] = row["scheme_id"]
    names = columns_of(Classifier)
    found = {}
    for row in _rows(connection, classifier_tables.classifier):
        key = row["classifier_id"]
        found[key] = Classifier(
            **{name: row[column] for name, column in names.items() if column in row},
            rights=frozenset(rights[key]),
            matrix=dict(matrix[key]),
            level_schemes=dict(schemes[key]),
            settings=settings.get((SCOPE_CLASSIFIER, key), {}),
        )
    return found


def _schemes(connection: Connection) -> dict[int, Scheme]:
    params: dict[int, list[SchemeParam]] = defaultdict(list)
    for row in _records(connection, scheme_tables.scheme_param, SchemeParam):
        params[row.scheme_id].append(row)
    names = columns_of(Scheme)
    return {
        row["scheme_id"]: Scheme(
            **{name: row[column] for name, column in names.items() if column in row},
            params=tuple(params[row["scheme_id"]]),
        )
        for row in _rows(connection, scheme_tables.scheme)
    }


def _time_sets(connection: Connection) -> dict[int, TimeSet]:
    periods: dict[int, list[TimePeriod]] = defaultdict(list)
    names = columns_of(TimePeriod)
    for row in _rows(connection, scheme_tables.time_period):
        values = {name: row[column] for name, column in names.items()}
        periods[row["time_id"]].append(TimePeriod(**values))
    return {
        row["time_id"]: TimeSet(
            time_id=row["time_id"], name=row["name"], periods=tuple(periods[row["time_id"]])
        )
        for row in _rows(connection, scheme_tables.time_set)
    }


def _non_payers(connection: Connection) -> dict[int, tuple[int, str]]:
    return {
        row["non_payer_type_id"]: (row["external_id"] or 0, row["name"])
        for row in _rows(connection, holder_tables.non_payer_type)
    }


def _limits(connection: Connection) -> dict[int, tuple[SpendLimit, ...]]:
    found: dict[int, list[SpendLimit]] = defaultdict(list)
    for limit in _records(connection, account_tables.spend_limit, SpendLimit):
        found[limit.account_type_id].append(limit)
    return {type_id: tuple(limits) for type_id, limits in found.items()}
