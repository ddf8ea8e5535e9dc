"""Licences: loaded, counted, shown (domain 2.10)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import Connection, func, select

from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import ChangeLog
from card_server.db.listing import Listing, list_rows
from card_server.http.routes import Editing, Reading
from card_server.licences import repository, tables
from card_server.licences.records import (
    CARDS,
    EXPIRED,
    GRACE,
    HOLDERS,
    NONE,
    TRIAL,
    TRIAL_NUMBER,
    Counts,
    Terms,
)
from card_server.licences.rules import (
    ALLOWING,
    GRACE_DAYS,
    TRIAL_CARDS,
    TRIAL_DAYS,
    overall,
    quantity_of,
    refusal,
    states_on,
)
from card_server.licences.signed_file import LicenceText, read_licence
from card_server.licences.vendor_keys import VENDOR_KEYS
from shared.settings.house import TIME_ZONE
from shared.wire import licences as wire
from shared.wire.base import Page
from shared.wire.errors import AppError, ErrorCode

METRICS: Final[Mapping[str, int]] = {"cards": CARDS, "holders": HOLDERS}
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of an object code: none that is mistaken for another when it is read out."""
GROUPS, GROUP = 4, 4
_licence: Final = tables.licence
_FIELDS: Final = {name: _licence.c[name] for name in wire.LicenceRow.__struct_fields__}
LICENCES: Final = Listing(
    source=_licence,
    key=_licence.c.licence_id,
    fields=_FIELDS,
    columns=list(_FIELDS.values()),
)


def today_of(connection: Connection, now: datetime) -> date:
    """The calendar day where the installation stands."""
    setting = metadata.tables[PREFIX + "setting"]
    zone = connection.execute(
        select(setting.c.value).where(
            setting.c.setting_key == TIME_ZONE.key,
            setting.c.scope == 0,
            setting.c.scope_id == 0,
            setting.c.deleted_at.is_(None),
        )
    ).scalar()
    try:
        return now.astimezone(ZoneInfo(zone or TIME_ZONE.default)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(ZoneInfo(TIME_ZONE.default)).date()


# ---------------------------------------------------------------------- counting


def begin_trial(connection: Connection, log: ChangeLog, now: datetime) -> None:
    """An installation without any licence gets its object code and its trial."""
    if connection.execute(select(_licence.c.licence_id).limit(1)).first() is not None:
        return
    today = today_of(connection, now)
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    log.insert(
        _licence,
        {
            "licence_id": 1,
            "number": TRIAL_NUMBER,
            "object_code": code,
            "metric": CARDS,
            "quantity": TRIAL_CARDS,
            "valid_from": today,
            "valid_to": today + timedelta(days=TRIAL_DAYS - 1),
            "file_body": b"",
            "loaded_at": now,
            "state": TRIAL,
        },
    )


def settle(connection: Connection, log: ChangeLog, counts: Counts, now: datetime) -> wire.Licensing:
    """Keep a count and bring the states up to this day; how the installation stands then.

    Every change of a state is journalled, so that open windows hear of it.
    """
    begin_trial(connection, log, now)
    today = today_of(connection, now)
    repository.keep_counts(connection, today, counts)
    licences = repository.all_terms(connection)
    states = states_on(licences, counts, today)
    for one in licences:
        if states[one.licence_id] != one.state:
            log.edit(_licence, {"licence_id": one.licence_id}, {"state": states[one.licence_id]})
    return standing(connection, now)


# ---------------------------------------------------------------------- showing


def own_object_code(connection: Connection) -> str | None:
    """What licences of this installation are made for: the code of its first row."""
    statement = select(_licence.c.object_code).order_by(_licence.c.licence_id).limit(1)
    return connection.execute(statement).scalar()


def standing(connection: Connection, now: datetime) -> wire.Licensing:
    """How the installation stands by its stored states and the last count."""
    licences = repository.all_terms(connection)
    counted_on = connection.execute(select(func.max(tables.licence_count.c.on_date))).scalar()
    counts = repository.last_counts(connection) or Counts(cards=0, holders=0)
    state = overall(licences)
    in_force = [one for one in licences if one.state in ALLOWING]
    ends_on, days_left = _end(in_force, today_of(connection, now))
    return wire.Licensing(
        state=state,
        object_code=own_object_code(connection),
        stops_issue=refusal(licences) is not None,
        ends_on=ends_on,
        days_left=days_left,
        cards=counts.cards,
        cards_allowed=_allowed(licences, CARDS),
        holders=counts.holders,
        holders_allowed=_allowed(licences, HOLDERS),
        counted_on=counted_on,
    )


def _allowed(licences: list[Terms], metric: int) -> int | None:
    """How many of a metric are allowed, exceeded licences told too."""
    begun = [o for o in licences if o.metric == metric and o.state not in (NONE, EXPIRED)]
    return quantity_of(begun)


def _end(in_force: list[Terms], today: date) -> tuple[date | None, int | None]:
    """The last day of the licence that lasts longest, and how many days are left."""
    if not in_force or any(one.valid_to is None for one in in_force):
        return None, None
    last = max((one.valid_to, one.state) for one in in_force if one.valid_to is not None)
    ends_on, state = last
    grace = GRACE_DAYS if state == GRACE else 0
    return ends_on, (ends_on - today).days + grace


def get_licensing(_asked: wire.GetLicensing, reading: Reading) -> wire.Licensing:
    """How the installation stands."""
    return standing(reading.connection, reading.now)


def list_licences(asked: wire.ListLicences, reading: Reading) -> Page[wire.LicenceRow]:
    """A page of licences."""
    found = list_rows(reading.connection, LICENCES, asked)
    rows = [wire.LicenceRow(**dict(zip(_FIELDS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total)


# ---------------------------------------------------------------------- loading


def read_file(asked: wire.LoadLicence) -> LicenceText:
    """Before the transaction: what the file promises, if the vendor signed it."""
    return read_licence(asked.body, VENDOR_KEYS)


def load_licence(asked: wire.LoadLicence, editing: Editing) -> wire.LicenceLoaded:
    """Keep a licence, and let it count at once."""
    connection, now = editing.connection, editing.now
    text: LicenceText = editing.prepared
    begin_trial(connection, editing.log, now)
    own = own_object_code(connection)
    if text.object_code != own:
        raise AppError(
            ErrorCode.LICENCE_FOREIGN, number=text.number, object=text.object_code, own=own
        )
    long_ago = today_of(connection, now) - timedelta(days=GRACE_DAYS)
    if text.valid_to is not None and text.valid_to < long_ago:
        raise AppError(ErrorCode.LICENCE_PAST, number=text.number, date=str(text.valid_to))
    known = select(_licence.c.licence_id).where(_licence.c.number == text.number)
    if connection.execute(known).first() is not None:
        raise AppError(ErrorCode.VALUE_TAKEN, field="number", value=text.number)
    licence_id = connection.execute(select(func.max(_licence.c.licence_id))).scalar_one() + 1
    editing.log.insert(
        _licence,
        {
            "licence_id": licence_id,
            "number": text.number,
            "object_code": text.object_code,
            "metric": METRICS[text.metric],
            "quantity": text.quantity,
            "valid_from": text.valid_from,
            "valid_to": text.valid_to,
            "features": msgspec.json.encode(text.features).decode(),
            "file_body": asked.body,
            "loaded_at": now,
            "loaded_by": editing.actor.user_id,
            "state": NONE,
        },
    )
    counts = repository.last_counts(connection) or repository.count_now(connection)
    found = settle(connection, editing.log, counts, now)
    row: Any = connection.execute(
        select(*_FIELDS.values()).where(_licence.c.licence_id == licence_id)
    ).one()
    return wire.LicenceLoaded(
        licence=wire.LicenceRow(**row._mapping),  # noqa: SLF001 - SQLAlchemy's public name
        features=text.features,
        standing=found,
    )
