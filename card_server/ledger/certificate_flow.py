"""A gift certificate is sold, or taken back: the booking first, then its row (domain 3.17, 5).

The ledger decides, and once: an account of a certificate is filled a single time. If the server
dies between booking and row, the command that comes again (or the next sale of the same
certificate) finds the booking and writes the row only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED
from card_server.coupons import tables as coupon_tables
from card_server.coupons.certificates import by_id, is_sold, need_state
from card_server.coupons.states import need_reason
from card_server.db.change_log import ChangeLog, Editor
from card_server.db.editing import row_of
from card_server.divisions import tables as division_tables
from card_server.http.routes import Actor, Flow, Ids
from card_server.ledger import tables
from card_server.ledger.account_queries import holder_division
from card_server.ledger.manual_base import Header
from card_server.ledger.manual_certificates import (
    ActivateCertificate,
    CertificatePosting,
    VoidCertificate,
)
from card_server.ledger.records import ACCEPTED, OperationKind
from card_server.ledger.service import suite_zone
from card_server.users.passwords import hash_password
from shared.wire import certificates as wire
from shared.wire.errors import AppError, ErrorCode

HEAD_DIVISION: Final = 1
_certificate: Final = coupon_tables.certificate
_account: Final = account_tables.account


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What a command finds before it books."""

    found: wire.Certificate
    kind: Any
    """The row of its type."""
    division_id: int
    today: date
    booked: Mapping[int, tuple[int, str]]
    """Kind of operation -> (id, key) of what was booked on its account."""


def _look(connection: Connection, flow: Flow, asked: Any) -> Sight:
    actor, now = flow.actor, flow.clock()
    found = by_id(connection, actor, now.date(), asked.certificate_id)
    kind = row_of(
        connection, coupon_tables.certificate_type, {"certificate_type_id": found.type_id}
    )
    return Sight(
        found=found,
        kind=kind,
        division_id=_division(connection, actor, asked.unit_id),
        today=suite_zone(connection).business_date(now),
        booked=_booked(connection, found.account_id),
    )


def _division(connection: Connection, actor: Actor, unit_id: int | None) -> int:
    """Of the unit that sells, else one of the user's."""
    if unit_id is None:
        return HEAD_DIVISION if actor.divisions is None else min(actor.divisions, default=0)
    unit = row_of(connection, division_tables.unit, {"unit_id": unit_id})
    actor.need_division(unit.division_id)
    return int(unit.division_id)


def _booked(connection: Connection, account_id: int) -> dict[int, tuple[int, str]]:
    operation, entry = tables.operation, tables.entry
    rows = connection.execute(
        select(operation.c.kind, operation.c.operation_id, operation.c.idem_key)
        .join(entry, entry.c.operation_id == operation.c.operation_id)
        .where(
            entry.c.account_id == account_id,
            operation.c.status == ACCEPTED,
            operation.c.kind.in_(
                [OperationKind.CERTIFICATE_ACTIVATE, OperationKind.CERTIFICATE_VOID]
            ),
        )
    )
    return {kind: (operation_id, key) for kind, operation_id, key in rows}


def _header(asked: Any, flow: Flow, sight: Sight, remarks: str | None = None) -> Header:
    return Header(
        key=f"u:{asked.operation_id}",
        division_id=sight.division_id,
        unit_id=asked.unit_id,
        user_id=flow.actor.user_id,
        remarks=remarks,
    )


def _book(flow: Flow, posting: CertificatePosting) -> tuple[int, bool]:
    outcome = flow.desk.book(posting)
    if outcome.error is not None:
        raise outcome.error
    return outcome.operation_id, outcome.repeated


def _log(
    connection: Connection, now: datetime, ids: Ids, actor: Actor, reason: str | None
) -> ChangeLog:
    editor = Editor(
        user_id=actor.user_id or None,
        host=actor.host[:60] or None,
        application=actor.application[:30] or None,
        reason=reason,
    )
    return ChangeLog(connection, ids, editor, now)


def _write_sold(flow: Flow, certificate_id: int, changes: Mapping[str, Any]) -> None:
    """The row of a certificate that was sold; one that was blocked meanwhile stays blocked."""
    key = {"certificate_id": certificate_id}

    def change(connection: Connection, now: datetime, ids: Ids) -> None:
        row = row_of(connection, _certificate, key)
        state = wire.ACTIVE if row.state == wire.MADE else row.state
        log = _log(connection, now, ids, flow.actor, None)
        log.edit(_certificate, key, {**changes, "state": state})

    flow.desk.edit(change)


def _write_void(flow: Flow, found: wire.Certificate, reason: str, booked_id: int | None) -> None:
    """The row and its account end together, so that no sale under way can fill it any more."""

    def change(connection: Connection, now: datetime, ids: Ids) -> None:
        if booked_id is None and is_sold(connection, found.account_id):
            raise AppError(ErrorCode.WRONG_STATE, event="void", object=found.number, state="active")
        log = _log(connection, now, ids, flow.actor, reason)
        log.edit(_certificate, {"certificate_id": found.certificate_id}, {"state": wire.VOID})
        log.edit(_account, {"account_id": found.account_id}, {"state": ACCOUNT_CLOSED})

    flow.desk.edit(change)


def _told(
    flow: Flow, certificate_id: int, booked_id: int | None, *, repeated: bool
) -> wire.SoldCertificate:
    today = flow.clock().date()
    found = flow.desk.read(lambda c: by_id(c, flow.actor, today, certificate_id))
    return wire.SoldCertificate(certificate=found, booked_id=booked_id, repeated=repeated)


def _mine(sight: Sight, kind: OperationKind, asked: Any) -> int | None:
    """The booking of this very command, if it had come before."""
    booked = sight.booked.get(kind)
    same = booked is not None and booked[1] == f"m:u:{asked.operation_id}"
    return booked[0] if booked is not None and same else None


# ---------------------------------------------------------------------- sale


def activate(asked: wire.ActivateCertificate, flow: Flow) -> wire.SoldCertificate:
    """Sell: the value is booked, then the certificate is active."""
    sight = flow.desk.read(lambda connection: _look(connection, flow, asked))
    found = sight.found
    repeated = _mine(sight, OperationKind.CERTIFICATE_ACTIVATE, asked)
    if repeated is not None and found.sold_operation_id is not None:
        return _told(flow, found.certificate_id, repeated, repeated=True)
    need_state(found, "sell", wire.MADE)
    amount = _amount(sight.kind, asked.amount)
    if sight.kind.pin_needed and asked.pin is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="pin")
    if asked.holder_id is not None:
        holder_id = asked.holder_id
        flow.desk.read(lambda connection: holder_division(connection, flow.actor, holder_id))
    earlier = sight.booked.get(OperationKind.CERTIFICATE_ACTIVATE)
    if earlier is not None and repeated is None:
        _write_sold(flow, found.certificate_id, _sold(flow, earlier[0]))
        raise AppError(ErrorCode.WRONG_STATE, event="sell", object=found.number, state="active")
    begin, end = _term(sight)
    booked_id, again = repeated, repeated is not None
    if booked_id is None:
        posting = ActivateCertificate(
            header=_header(asked, flow, sight),
            account_id=found.account_id,
            amount=amount,
            available_on=begin,
            expires_on=end,
        )
        booked_id, again = _book(flow, posting)
    changes = {
        **_sold(flow, booked_id),
        "holder_id": asked.holder_id,
        "pin_hash": hash_password(asked.pin) if asked.pin is not None else None,
    }
    _write_sold(flow, found.certificate_id, changes)
    return _told(flow, found.certificate_id, booked_id, repeated=again)


def _sold(flow: Flow, booked_id: int) -> dict[str, Any]:
    """What the row says of a booking: its day of expiry is that of the lot it made."""
    lot = tables.lot
    end = select(lot.c.first_expires_on).where(lot.c.operation_id == booked_id)
    expires_on = flow.desk.read(lambda connection: connection.execute(end).scalar())
    return {"sold_operation_id": booked_id, "valid_to": expires_on}


def _amount(kind: Any, wanted: int | None) -> int:
    """The nominal, or a sum between the bounds of the type."""
    if kind.nominal is not None:
        if wanted not in (None, kind.nominal):
            raise AppError(ErrorCode.FIELD_BAD, field="amount", value=str(wanted))
        return int(kind.nominal)
    if wanted is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="amount")
    if not kind.min_sum <= wanted <= kind.max_sum:
        raise AppError(ErrorCode.FIELD_BAD, field="amount", value=str(wanted))
    return wanted


def _term(sight: Sight) -> tuple[date | None, date | None]:
    """From which day, if not from now, and until which day."""
    after, days = sight.kind.active_after_days, sight.kind.valid_days
    begin = sight.today + timedelta(days=after)
    end = begin + timedelta(days=days - 1) if days is not None else None
    return (begin if after else None), end


# ---------------------------------------------------------------------- return


def void(asked: wire.VoidCertificate, flow: Flow) -> wire.SoldCertificate:
    """Cancel: a sold one only unused, and where its type allows it."""
    reason = need_reason(asked.reason)
    sight = flow.desk.read(lambda connection: _look(connection, flow, asked))
    found = sight.found
    booked = sight.booked.get(OperationKind.CERTIFICATE_VOID)
    repeated = _mine(sight, OperationKind.CERTIFICATE_VOID, asked)
    if found.state == wire.VOID and (repeated is not None or not sight.booked):
        return _told(flow, found.certificate_id, repeated, repeated=True)
    again, booked_id = booked is not None, booked[0] if booked is not None else None
    if booked is None:
        need_state(found, "void", wire.MADE, wire.ACTIVE)
        if OperationKind.CERTIFICATE_ACTIVATE in sight.booked:
            if not sight.kind.refund_allowed:
                raise AppError(ErrorCode.CERT_NO_REFUND, type=sight.kind.name)
            header = _header(asked, flow, sight, reason)
            posting = VoidCertificate(header=header, account_id=found.account_id)
            booked_id, again = _book(flow, posting)
    _write_void(flow, found, reason, booked_id)
    return _told(flow, found.certificate_id, booked_id, repeated=again)
