"""Gift certificates outside the ledger: kinds, numbers, lists, blocking (domain 1.8).

Their sale and return are bookings and live with the ledger (`ledger/certificate_flow.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import (
    ACCOUNT_ACTIVE,
    ACCOUNT_BLOCKED,
    CLASS_CERTIFICATE,
    OWNER_CERTIFICATE,
)
from card_server.coupons import tables
from card_server.coupons.details import LARGEST
from card_server.coupons.states import need_reason
from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Editor as Author
from card_server.db.editing import row_of
from card_server.db.gathered_log import GatheredLog
from card_server.db.listing import Listing, list_rows
from card_server.dictionaries.editor import Change, Editor
from card_server.holders import tables as holder_tables
from card_server.http.routes import Actor, Editing, Reading
from shared.wire import certificates as wire
from shared.wire.base import Done, Page
from shared.wire.errors import AppError, ErrorCode

DIGITS: Final = 15
"""Of a number, without its check digit."""
TRIES: Final = 20
LONGEST_DAYS: Final = 36_500
NAMES: Final = {1: "made", 2: "active", 3: "used", 4: "blocked", 5: "expired", 6: "void"}
_certificate, _account = tables.certificate, account_tables.account
_joined: Final = _certificate.join(_account, _account.c.account_id == _certificate.c.account_id)
SORTED: Final = ("certificate_id", "number")

# ---------------------------------------------------------------------- kinds


def _check_kind(change: Change) -> None:
    connection, row = change.editing.connection, change.after
    kind = account_tables.account_type
    account_class = connection.execute(
        select(kind.c["class"]).where(kind.c.account_type_id == row["account_type_id"])
    ).scalar()
    if account_class != CLASS_CERTIFICATE:
        value = str(row["account_type_id"])
        raise AppError(ErrorCode.FIELD_BAD, field="account_type_id", value=value)
    low, high = row["min_sum"], row["max_sum"]
    if row["nominal"] is None:
        for field in ("min_sum", "max_sum"):
            if row[field] is None:
                raise AppError(ErrorCode.FIELD_MISSING, field=field)
    if low is not None and high is not None and high < low:
        raise AppError(ErrorCode.FIELD_BAD, field="max_sum", value=str(high))
    moved = row["account_type_id"] != change.before["account_type_id"]
    if change.key is not None and moved:
        mine = select(_certificate.c.certificate_id).where(_certificate.c.type_id == change.key)
        if connection.execute(mine.limit(1)).first() is not None:
            raise AppError(ErrorCode.IN_USE, where="certificate", n=1)


TYPES: Final = Editor(
    table=tables.certificate_type,
    record=wire.CertificateType,
    needs=("name", "account_type_id"),
    references={"account_type_id": "account_type"},
    ranges={
        "nominal": (1, LARGEST),
        "min_sum": (1, LARGEST),
        "max_sum": (1, LARGEST),
        "valid_days": (1, LONGEST_DAYS),
        "active_after_days": (0, LONGEST_DAYS),
    },
    used_by=("certificate.type_id",),
    check=_check_kind,
)

# ---------------------------------------------------------------------- looking


def need_any(actor: Actor) -> None:
    """Numbers are shown to who may sell or issue certificates."""
    if wire.SELL not in actor.rights:
        actor.need(wire.ISSUE)


def state_on(today: date) -> ColumnElement[int]:
    """The state as of a day: an active one without value is used up, past its day expired."""
    is_active = _certificate.c.state == wire.ACTIVE
    return case(
        (and_(is_active, _certificate.c.valid_to < today), wire.EXPIRED),
        (and_(is_active, _account.c.balance <= 0), wire.USED),
        else_=_certificate.c.state,
    )


def _listing(today: date) -> Listing:
    of_account = ("balance", "held", "block_reason")
    fields: dict[str, ColumnElement[Any]] = {
        name: _account.c[name] if name in of_account else _certificate.c[name]
        for name in wire.Certificate.__struct_fields__
    }
    fields["state"] = state_on(today)
    return Listing(
        source=_joined,
        key=_certificate.c.certificate_id,
        fields=fields,
        columns=list(fields.values()),
        deleted_at=_certificate.c.deleted_at,
    )


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.divisions is None:
        return []
    holder = holder_tables.holder
    guests = select(holder.c.holder_id).where(
        holder.c.holder_id == _certificate.c.holder_id,
        holder.c.division_id.in_(sorted(actor.divisions)),
    )
    return [or_(_certificate.c.holder_id.is_(None), guests.exists())]


def list_certificates(asked: wire.ListCertificates, reading: Reading) -> Page[wire.Certificate]:
    """A page of certificates."""
    need_any(reading.actor)
    if asked.sort is not None and asked.sort.field not in SORTED:
        raise AppError(ErrorCode.FIELD_BAD, field="field", value=asked.sort.field[:60])
    listing = _listing(reading.now.date())
    found = list_rows(reading.connection, listing, asked, *_mine(reading.actor))
    rows = [wire.Certificate(**dict(zip(listing.fields, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total)


def certificate_card(
    connection: Connection, actor: Actor, today: date, *where: ColumnElement[bool]
) -> wire.Certificate | None:
    """One certificate as it stands; one of a guest of a foreign division is refused."""
    listing = _listing(today)
    row = connection.execute(
        select(*listing.columns)
        .select_from(_joined)
        .where(*where, _certificate.c.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    found = wire.Certificate(**dict(zip(listing.fields, row, strict=True)))
    if found.holder_id is not None and actor.divisions is not None:
        holder = holder_tables.holder
        owner = select(holder.c.division_id).where(holder.c.holder_id == found.holder_id)
        actor.need_division(connection.execute(owner).scalar() or 0)
    return found


def by_id(connection: Connection, actor: Actor, today: date, key: int) -> wire.Certificate:
    """One certificate by its key; `ROW_NOT_FOUND`."""
    found = certificate_card(connection, actor, today, _certificate.c.certificate_id == key)
    if found is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="certificate", id=str(key))
    return found


def get_certificate(asked: wire.GetCertificate, reading: Reading) -> wire.Certificate:
    """One certificate; exactly one way of naming it."""
    need_any(reading.actor)
    if (asked.certificate_id is None) == (asked.number is None):
        raise AppError(ErrorCode.FIELD_MISSING, field="certificate_id")
    today = reading.now.date()
    if asked.certificate_id is not None:
        return by_id(reading.connection, reading.actor, today, asked.certificate_id)
    number = (asked.number or "").strip()
    mine = _certificate.c.number == number
    found = certificate_card(reading.connection, reading.actor, today, mine)
    if found is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="certificate", id=number[:60])
    return found


# ---------------------------------------------------------------------- making


def check_digit(digits: str) -> str:
    """The Luhn digit behind `digits`: a slip of one figure, or two exchanged, is noticed."""
    total = 0
    for place, figure in enumerate(reversed(digits)):
        value = int(figure) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of a two-figure number
    return str(-total % 10)


def draw_number() -> str:
    """Fifteen random digits of a secure generator, the first no zero, and their check digit."""
    low = 10 ** (DIGITS - 1)
    digits = str(low + secrets.randbelow(9 * low))
    return digits + check_digit(digits)


def _free_numbers(connection: Connection, count: int) -> list[str]:
    free: set[str] = set()
    for _ in range(TRIES):
        drawn = sorted({draw_number() for _ in range(count - len(free))})
        taken = select(_certificate.c.number).where(
            _certificate.c.number.in_(drawn), _certificate.c.deleted_at.is_(None)
        )
        free |= set(drawn) - set(connection.execute(taken).scalars())
        if len(free) == count:
            return sorted(free)
    raise AppError(ErrorCode.BUSY)


def issue_certificates(asked: wire.IssueCertificates, editing: Editing) -> wire.MadeCertificates:
    """Numbers with empty accounts of their own."""
    connection = editing.connection
    kind = row_of(connection, tables.certificate_type, {"certificate_type_id": asked.type_id})
    if not kind.is_active:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="type_id", value=str(asked.type_id))
    if not 1 <= asked.count <= wire.MOST_AT_ONCE:
        raise AppError(ErrorCode.FIELD_BAD, field="count", value=str(asked.count))
    numbers = _free_numbers(connection, asked.count)
    first_account = editing.ids.take_many("account", asked.count)
    first = editing.ids.take_many("certificate", asked.count)
    actor = editing.actor
    author = Author(
        user_id=actor.user_id or None,
        host=actor.host[:60] or None,
        application=actor.application[:30] or None,
    )
    log = GatheredLog(connection, editing.ids, author, editing.now, names_new=True)
    log.insert_rows(
        _account,
        [
            {
                "account_id": first_account + i,
                "owner_kind": OWNER_CERTIFICATE,
                "account_type_id": kind.account_type_id,
                "opened_at": editing.now,
            }
            for i in range(asked.count)
        ],
    )
    rows = [
        {
            "certificate_id": first + i,
            "number": number,
            "type_id": asked.type_id,
            "account_id": first_account + i,
            "state": wire.MADE,
            "version": 1,
        }
        for i, number in enumerate(numbers)
    ]
    log.insert_many(_certificate, rows)
    log.write()
    mine = select(_certificate.c.certificate_id).where(
        _certificate.c.account_id == _account.c.account_id
    )
    connection.execute(
        update(_account)
        .where(_account.c.account_id.between(first_account, first_account + asked.count - 1))
        .values(certificate_id=mine.scalar_subquery())
    )
    made = [
        wire.MadeCertificate(certificate_id=first + i, number=number)
        for i, number in enumerate(numbers)
    ]
    return wire.MadeCertificates(certificates=made)


# ---------------------------------------------------------------------- blocking


def need_state(found: wire.Certificate, event: str, *states: int) -> None:
    """Refuse a step that the state does not know."""
    if found.state not in states:
        state = NAMES[found.state]
        raise AppError(ErrorCode.WRONG_STATE, event=event, object=found.number, state=state)


def _write(
    asked: wire.BlockCertificate | wire.UnblockCertificate,
    editing: Editing,
    found: wire.Certificate,
    state: int,
    account: Mapping[str, Any],
) -> Done:
    """The account goes with its certificate, so that the ledger refuses what it must."""
    key = {"certificate_id": asked.certificate_id}
    editing.log.edit(_certificate, key, {"state": state}, expected_version=asked.version)
    editing.log.edit(_account, {"account_id": found.account_id}, account)
    return Done(version=row_of(editing.connection, _certificate, key).version)


def block_certificate(asked: wire.BlockCertificate, editing: Editing) -> Done:
    """Made or active to blocked."""
    reason = need_reason(asked.reason)
    found = by_id(editing.connection, editing.actor, editing.now.date(), asked.certificate_id)
    need_state(found, "block", wire.MADE, wire.ACTIVE)
    changes = {"state": ACCOUNT_BLOCKED, "block_reason": reason}
    return _write(asked, editing, found, wire.BLOCKED, changes)


def unblock_certificate(asked: wire.UnblockCertificate, editing: Editing) -> Done:
    """Blocked to active, or to made if it was never sold."""
    found = by_id(editing.connection, editing.actor, editing.now.date(), asked.certificate_id)
    need_state(found, "unblock", wire.BLOCKED)
    state = wire.MADE if found.sold_operation_id is None else wire.ACTIVE
    changes = {"state": ACCOUNT_ACTIVE, "block_reason": None}
    return _write(asked, editing, found, state, changes)


def present_certificate(
    asked: wire.BlockCertificate | wire.UnblockCertificate, reading: Reading
) -> wire.Certificate:
    """The certificate as it stands, for who saw an older version."""
    return by_id(reading.connection, reading.actor, reading.now.date(), asked.certificate_id)


def is_sold(connection: Connection, account_id: int) -> bool:
    """Something was booked on the account of a certificate."""
    entry = metadata.tables[PREFIX + "entry"]
    mine = select(entry.c.entry_id).where(entry.c.account_id == account_id).limit(1)
    return connection.execute(mine).first() is not None
