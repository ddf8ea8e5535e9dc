"""The codes of a release as a file for the printer (domain 5, right `coupon.issue`).

Making the file is work for a processor, not for the database: it is made between reading and
writing, so that no till waits for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from card_server.coupons import tables
from card_server.coupons.records import COUPON_ACTIVE, COUPON_MADE
from card_server.db.editing import row_of
from card_server.http.routes import Actor, Flow, Ids
from card_server.reports.exporting import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from card_server.users.signing_in import note
from shared.i18n.report_texts import report_text
from shared.wire import coupons as wire
from shared.wire.errors import AppError, ErrorCode
from shared.wire.reports import CSV, DAY, TEXT, XLSX, Cell, ReportColumn

TITLE: Final = "coupon_codes"
KINDS: Final = {
    "coupon_code": TEXT,
    "coupon_id": TEXT,
    "coupon_type": TEXT,
    "valid_from": DAY,
    "valid_to": DAY,
}
_coupon, _release, _type = tables.coupon, tables.coupon_release, tables.coupon_type


def export_release(asked: wire.ExportRelease, flow: Flow) -> wire.CodeFile:
    """Every coupon of the release that is made or active; again as often as it is asked for."""
    if asked.file not in (XLSX, CSV):
        raise AppError(ErrorCode.FIELD_BAD, field="file", value=asked.file[:20])
    name, rows = flow.desk.read(lambda connection: _read(connection, asked.release_id))
    language = flow.actor.language
    columns = [
        ReportColumn(key=key, kind=kind, title=report_text(key, language))
        for key, kind in KINDS.items()
    ]
    is_csv = asked.file == CSV
    body = to_csv(columns, rows) if is_csv else to_xlsx(name, columns, rows)
    flow.desk.edit(
        lambda connection, now, ids: _mark(connection, now, ids, flow.actor, asked, len(rows))
    )
    return wire.CodeFile(
        name=f"coupons-{asked.release_id}.{asked.file}",
        media_type=CSV_TYPE if is_csv else XLSX_TYPE,
        body=body,
        rows=len(rows),
    )


def _read(connection: Connection, release_id: int) -> tuple[str, list[list[Cell]]]:
    release = row_of(connection, _release, {"release_id": release_id})
    found = connection.execute(
        select(
            _coupon.c.code,
            _coupon.c.coupon_id,
            _type.c.name,
            _coupon.c.valid_from,
            _coupon.c.valid_to,
        )
        .join(_type, _type.c.coupon_type_id == _coupon.c.coupon_type_id)
        .where(
            _coupon.c.release_id == release_id,
            _coupon.c.state.in_([COUPON_MADE, COUPON_ACTIVE]),
            _coupon.c.deleted_at.is_(None),
        )
        .order_by(_coupon.c.coupon_id)
    )
    rows: list[list[Cell]] = [
        [code, str(number), kind, _day(begin), _day(end)]
        for code, number, kind, begin, end in found
    ]
    return release.name, rows


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _mark(
    connection: Connection,
    now: datetime,
    ids: Ids,
    actor: Actor,
    asked: wire.ExportRelease,
    rows: int,
) -> None:
    """The release was exported, and the access journal says by whom."""
    connection.execute(
        update(_release).where(_release.c.release_id == asked.release_id).values(exported_at=now)
    )
    note(
        connection,
        ids,
        now,
        "coupon_export",
        user_id=actor.user_id,
        login=actor.login,
        host=actor.host,
        application=actor.application,
        details=f"release {asked.release_id}, {rows} codes, {asked.file}",
    )
