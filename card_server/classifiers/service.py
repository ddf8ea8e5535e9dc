"""Software classifiers: their codes, rights and schemes of levels (domain 1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, insert, select

from card_server.classifiers import tables
from card_server.classifiers.codes import ALPHABETS, LENGTH, TYPED, check_code, generate_code
from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.db.editing import check_reference
from card_server.dictionaries.editor import Change, Editor
from card_server.http.routes import Editing, Reading
from shared.wire import classifiers as wire
from shared.wire.errors import AppError, ErrorCode

_FIXED: Final = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_TABLE: Final = tables.classifier
TRIES: Final = 100


def known_codes(connection: Connection, but: int | None = None) -> dict[str, str]:
    """Names of the live classifiers by code."""
    rows = connection.execute(
        select(_TABLE.c.code, _TABLE.c.name, _TABLE.c.classifier_id).where(
            _TABLE.c.deleted_at.is_(None)
        )
    )
    return {row.code: row.name for row in rows if row.classifier_id != but}


def make_code(asked: wire.MakeCode, reading: Reading) -> wire.Code:
    """A code that no classifier has, also not in another case."""
    if asked.kind not in ALPHABETS:
        raise AppError(ErrorCode.FIELD_BAD, field="kind", value=str(asked.kind))
    known = {code.casefold() for code in known_codes(reading.connection)}
    for _ in range(TRIES):
        code = generate_code(asked.kind)
        if code.casefold() not in known:
            return wire.Code(code=code)
    raise AppError(ErrorCode.CODE_TAKEN, code=code, name="", known=code)


def _is_zone(name: str) -> bool:
    if _FIXED.fullmatch(name):
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _check(change: Change) -> None:
    values, after = change.sent, change.after
    zone = values.get("time_zone")
    if zone is not None and not _is_zone(zone):
        raise AppError(ErrorCode.FIELD_BAD, field="time_zone", value=zone)
    kind = after["code_kind"]
    if kind != TYPED and kind not in ALPHABETS:
        raise AppError(ErrorCode.FIELD_BAD, field="code_kind", value=str(kind))
    if after["code"] is None or not {"code", "code_kind"} & set(values):
        return
    check_code(after["code"], known_codes(change.editing.connection, change.key))
    made = kind != TYPED
    if made and (len(after["code"]) != LENGTH or not set(after["code"]) <= set(ALPHABETS[kind])):
        raise AppError(ErrorCode.FIELD_BAD, field="code", value=after["code"])


# ---------------------------------------------------------------------- rights and schemes


def rights_of(connection: Connection, classifier_id: int) -> list[str]:
    """The rights of a program, in the order of their bits."""
    table = tables.classifier_right
    found = set(
        connection.execute(
            select(table.c.right_code).where(table.c.classifier_id == classifier_id)
        ).scalars()
    )
    return [right for right in wire.API_RIGHTS if right in found]


def level_schemes_of(connection: Connection, classifier_id: int) -> dict[int, int]:
    """Scheme by level, where the program uses its own."""
    table = tables.classifier_level
    rows = connection.execute(
        select(table.c.level_id, table.c.scheme_id)
        .where(table.c.classifier_id == classifier_id)
        .order_by(table.c.level_id)
    )
    return {row.level_id: row.scheme_id for row in rows}


def _write_links(asked: Any, editing: Editing, key: int) -> bool:
    changed = False
    if asked.rights is not None:
        unknown = set(asked.rights) - set(wire.API_RIGHTS)
        if unknown:
            raise AppError(ErrorCode.FIELD_BAD, field="rights", value=min(unknown)[:60])
        before = rights_of(editing.connection, key)
        wanted = [right for right in wire.API_RIGHTS if right in asked.rights]
        if wanted != before:
            rows = [{"right_code": right} for right in wanted]
            _replace(editing, tables.classifier_right, key, rows)
            _journal(editing, key, "rights", ", ".join(before), ", ".join(wanted))
            changed = True
    if asked.level_schemes is not None:
        old, new = level_schemes_of(editing.connection, key), asked.level_schemes
        _check_level_schemes(editing.connection, new)
        if new != old:
            rows = [{"level_id": one, "scheme_id": new[one]} for one in sorted(new)]
            _replace(editing, tables.classifier_level, key, rows)
            _journal(editing, key, "level_schemes", _shown(old), _shown(new))
            changed = True
    return changed


def _check_level_schemes(connection: Connection, wanted: Mapping[int, int]) -> None:
    level, scheme = metadata.tables[PREFIX + "level"], metadata.tables[PREFIX + "scheme"]
    for level_id, scheme_id in wanted.items():
        check_reference(connection, level, "level_schemes", level_id)
        check_reference(connection, scheme, "level_schemes", scheme_id)


def _replace(editing: Editing, table: Table, key: int, rows: list[dict[str, Any]]) -> None:
    editing.connection.execute(delete(table).where(table.c.classifier_id == key))
    if rows:
        editing.connection.execute(insert(table), [{"classifier_id": key, **row} for row in rows])


def _journal(editing: Editing, key: int, field: str, before: str, after: str) -> None:
    row = {"classifier_id": key}
    editing.log.record(_TABLE, row, Action.UPDATE, {field: before}, {field: after})


def _shown(schemes: Mapping[int, int]) -> str:
    return ", ".join(f"{level}: {schemes[level]}" for level in sorted(schemes))


# ---------------------------------------------------------------------- the dictionary


def _show(connection: Connection, row: Mapping[str, Any]) -> wire.Classifier:
    names = wire.Classifier.__struct_fields__
    key = row["classifier_id"]
    more = {
        "row": CLASSIFIERS.record_of(row),
        "rights": rights_of(connection, key),
        "level_schemes": level_schemes_of(connection, key),
    }
    return wire.Classifier(**{n: more[n] if n in more else row[n] for n in names})


CLASSIFIERS: Final = Editor(
    table=_TABLE,
    record=wire.ClassifierRow,
    needs=("name", "code", "time_zone"),
    ranges={
        "day_start": (0, 1439),
        "calc_mode": (1, 2),
        "refund_unmatched": (1, 3),
        "xml_key": (1, 3),
        "backdate_days": (0, 3_650),
        "future_minutes": (0, 1_440),
        "hold_minutes": (1, 10_080),
        "pay_confirm": (0, 3),
        "wire_charset": (1, 2),
        "rate_limit": (0, 100_000),
    },
    used_by=(
        "operation.classifier_id",
        "unit.classifier_id",
        "card_classifier.classifier_id",
        "coupon_type_classifier.classifier_id",
        "coupon_classifier.classifier_id",
        "campaign_classifier.classifier_id",
        "spend_limit.classifier_id",
        "refill_rule.classifier_id",
    ),
    only=_TABLE.c.classifier_id > 0,  # 0 is the suite itself
    check=_check,
    links=_write_links,
    show=_show,
)
