"""The preset "r_keeper 7": account types, matrix, levels and a classifier (domain 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.classifiers import tables as classifier_tables
from card_server.classifiers.codes import check_code
from card_server.classifiers.records import MODE_POS
from card_server.divisions.repository import bump_rules_version, next_dictionary_id
from card_server.presets.rk7_content import (
    LADDERS,
    LOYALTIES,
    MATRIX,
    RIGHTS,
    SPENT,
    TYPES,
    Ladder,
    Rung,
)
from card_server.presets.rk7_extras import add_extras
from card_server.schemes import tables as scheme_tables
from card_server.segments import tables as segment_tables
from shared.wire.errors import AppError, ErrorCode

DAY_START: Final = 240
LONGEST_NAME: Final = 60
SUFFIX: Final = {True: " (CRM)", False: " (касса)"}
"""Ends the name of a second scheme for the same level: with rates, or with the code only."""


def apply_rk7_preset(
    connection: Connection,
    *,
    code: str,
    name: str,
    now: datetime,
    calc_mode: int = MODE_POS,
    loyalty: str = "both",
    code_kind: int = 1,
    time_zone: str = "Europe/Moscow",
    day_start: int = DAY_START,
    rights: Sequence[str] = RIGHTS,
) -> int:
    """Make what is missing of the preset and one classifier; returns the classifier's id.

    It may be repeated for another classifier: types, levels and schemes that exist stay as they
    are. `rights` are its API rights, by default a till's. A classifier whose mode needs other
    rates than the levels' schemes have gets schemes of its own (`classifier_level`). Raises
    CODE_TAKEN, CODE_LENGTH, NAME_TAKEN.
    """
    code = check_code(code, _known_codes(connection))
    _check_name(connection, name)
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
    values = {
        "code": code,
        "code_kind": code_kind,
        "name": name.strip(),
        "time_zone": time_zone,
        "day_start": day_start,
        "calc_mode": calc_mode,
    }
    classifier_id = _classifier(connection, values, rights, std)
    for which in LOYALTIES[loyalty]:
        ladder = LADDERS[which]
        in_crm = calc_mode != MODE_POS
        _raise_ladder(connection, ladder, std, with_rates=in_crm)
        _fit_schemes(connection, ladder, classifier_id, std, with_rates=in_crm)
    profile = segment_tables.rfm_profile
    connection.execute(
        update(profile).where(profile.c.account_type_id.is_(None)).values(account_type_id=SPENT)
    )
    add_extras(connection, std)
    bump_rules_version(connection, now)
    return classifier_id


def _known_codes(connection: Connection) -> dict[str, str]:
    table = classifier_tables.classifier
    rows = connection.execute(
        select(table.c.code, table.c.name).where(table.c.deleted_at.is_(None))
    )
    return {row.code: row.name for row in rows}


def _check_name(connection: Connection, name: str) -> None:
    table = classifier_tables.classifier
    names = connection.execute(select(table.c.name).where(table.c.deleted_at.is_(None))).scalars()
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise AppError(ErrorCode.FIELD_BAD, field="name", value=name)
    if any(known.casefold() == name.strip().casefold() for known in names):
        raise AppError(ErrorCode.NAME_TAKEN, name=name)


def _add_missing(
    connection: Connection, table: Table, rows: Iterable[dict[str, Any]], std: dict[str, Any]
) -> None:
    key = next(iter(table.primary_key.columns))
    known = set(connection.execute(select(key)).scalars())
    for row in rows:
        if row[key.name] not in known:
            connection.execute(insert(table).values(**row, **std))


# ------------------------------------------------------------------ levels and schemes


def _raise_ladder(
    connection: Connection, ladder: Ladder, std: dict[str, Any], *, with_rates: bool
) -> None:
    """Levels with a scheme each, unless the account type has levels already."""
    level = scheme_tables.level
    exists = connection.execute(
        select(level.c.level_id).where(level.c.account_type_id == ladder.account_type_id).limit(1)
    ).first()
    if exists:
        return
    for number, rung in enumerate(ladder.rungs, start=1):
        is_top = number == len(ladder.rungs)
        connection.execute(
            insert(level).values(
                level_id=next_dictionary_id(connection, level),
                account_type_id=ladder.account_type_id,
                level_no=number,
                name=rung.name,
                scheme_id=_scheme(connection, rung, rung.scheme, std, with_rates=with_rates),
                threshold=rung.threshold,
                threshold_type_id=SPENT,
                **ladder.measured,
                **(ladder.top if is_top else {}),
                **std,
            )
        )


def _scheme(
    connection: Connection, rung: Rung, name: str, std: dict[str, Any], *, with_rates: bool
) -> int:
    """The scheme of this name, made if there is none; in mode *pos* it has the POS code only."""
    scheme = scheme_tables.scheme
    known = connection.execute(
        select(scheme.c.scheme_id).where(scheme.c.name == name, scheme.c.deleted_at.is_(None))
    ).scalar()
    if known is not None:
        return int(known)
    scheme_id = next_dictionary_id(connection, scheme)
    connection.execute(
        insert(scheme).values(
            scheme_id=scheme_id,
            name=name,
            base_rate=rung.rate_bp if with_rates else 0,
            external_id=rung.pos_code,
            **std,
        )
    )
    return scheme_id


def _fit_schemes(
    connection: Connection,
    ladder: Ladder,
    classifier_id: int,
    std: dict[str, Any],
    *,
    with_rates: bool,
) -> None:
    """Give the classifier schemes of its own where the levels' schemes are for the other mode."""
    level, scheme = scheme_tables.level, scheme_tables.scheme
    rows = connection.execute(
        select(level.c.level_id, level.c.name, scheme.c.base_rate)
        .join(scheme, scheme.c.scheme_id == level.c.scheme_id)
        .where(level.c.account_type_id == ladder.account_type_id, level.c.deleted_at.is_(None))
    ).all()
    rungs = {rung.name: rung for rung in ladder.rungs}
    for row in rows:
        rung = rungs.get(row.name)
        if rung is None or (row.base_rate > 0) == with_rates:
            continue
        name = rung.scheme + SUFFIX[with_rates]
        connection.execute(
            insert(classifier_tables.classifier_level).values(
                classifier_id=classifier_id,
                level_id=row.level_id,
                scheme_id=_scheme(connection, rung, name, std, with_rates=with_rates),
            )
        )


# ------------------------------------------------------------------ the classifier


def _classifier(
    connection: Connection, values: dict[str, Any], rights: Sequence[str], std: dict[str, Any]
) -> int:
    table = classifier_tables.classifier
    classifier_id = next_dictionary_id(connection, table)
    connection.execute(
        insert(table).values(
            classifier_id=classifier_id, client_type="RK7", api_visible=True, **values, **std
        )
    )
    connection.execute(
        insert(classifier_tables.classifier_right),
        [{"classifier_id": classifier_id, "right_code": right} for right in rights],
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
