"""Coupons outside the ledger: issue and activation (domain 2.4, crm-xml.md 8.9, 8.10)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select

from card_server.coupons import tables
from card_server.coupons.records import (
    CLASS_SUM,
    COUPON_ACTIVE,
    COUPON_BLOCKED,
    COUPON_MADE,
    CouponType,
)
from card_server.coupons.repository import find_coupon, in_parts, issued_before, taken_codes
from card_server.coupons.rules import check_digit
from card_server.db.change_log import ChangeIds, ChangeLog, Editor
from card_server.db.gathered_log import GatheredLog, ManyChangeIds
from card_server.holders import tables as holder_tables
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import LARGEST_PREFIX, make_id

TRIES: Final = 20
"""Draws for one coupon; a pool in which so many numbers in a row are taken counts as used up."""
DIGITS: Final = 12
"""Of a code, without the check digit."""
LIVING, MERGED = 1, 2
NAMES: Final = {1: "made", 2: "active", 3: "used", 4: "blocked", 5: "expired", 6: "void"}


class NewCoupon(msgspec.Struct, kw_only=True):
    """One coupon to be issued; `classifiers` None follows the type, `everywhere` beats both."""

    coupon_type_id: int
    is_active: bool = False
    ext_id: str | None = None
    holder_id: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    value: int | None = None
    notes: str | None = None
    everywhere: bool = False
    classifiers: frozenset[int] = frozenset()


class Issued(msgspec.Struct, frozen=True):
    """What the issuer is told."""

    coupon_id: int
    code: str


def draw_code(begin: str = "") -> str:
    """Twelve random digits of a secure generator and their check digit; the first may be given."""
    free = DIGITS - len(begin)
    twelve = f"{begin}{secrets.randbelow(10**free):0{free}d}"
    return twelve + check_digit(twelve)


def issue_coupons(
    connection: Connection,
    wanted: Sequence[NewCoupon],
    *,
    types: Mapping[int, CouponType],
    today: date,
    now: datetime,
    classifier_id: int,
    ids: ManyChangeIds,
    log: ChangeLog | None = None,
) -> list[Issued]:
    """Issue all or none; an External_ID that came before gets the coupon it got then.

    `log` is the journal of a user's command; without one the program is who edits.
    """
    keys = [(one.coupon_type_id, one.ext_id) for one in wanted if one.ext_id]
    known = {
        key: Issued(*found) for key, found in issued_before(connection, classifier_id, keys).items()
    }
    holders = _holders(connection, {one.holder_id for one in wanted if one.holder_id is not None})
    answers: list[Issued] = []
    rows: list[dict[str, Any]] = []
    places: list[dict[str, int]] = []
    pools = {types[one.coupon_type_id].pool_prefix for one in wanted if one.coupon_type_id in types}
    codes = free_codes(connection, len(wanted), pools)
    for one in wanted:
        key = (one.coupon_type_id, one.ext_id or "")
        made = known.get(key) if one.ext_id else None
        if made is None:
            check_type(types, one.coupon_type_id, today)
            code = codes.pop()
            prefix = types[one.coupon_type_id].pool_prefix
            made = Issued(make_id(prefix, int(code)), code)
            rows.append(_row(one, made, holders, classifier_id))
            places += [
                {"coupon_id": made.coupon_id, "classifier_id": i} for i in sorted(one.classifiers)
            ]
            if one.ext_id:
                known[key] = made
        answers.append(made)
    if log is not None:
        log.insert_many(tables.coupon, rows)
    else:
        gathered = GatheredLog(
            connection, ids, Editor(classifier_id=classifier_id), now, names_new=True
        )
        gathered.insert_many(tables.coupon, rows)
        gathered.write()
    if places:
        connection.execute(insert(tables.coupon_classifier), places)
    return answers


def check_type(types: Mapping[int, CouponType], type_id: int, today: date) -> None:
    """Refuse a type of which no coupon is issued on a day (`COUPON_TYPE`)."""
    kind = types.get(type_id)
    closed = (
        kind is None
        or not kind.is_active
        or (kind.active_from is not None and today < kind.active_from)
        or (kind.active_to is not None and today > kind.active_to)
        or not 0 < kind.pool_prefix <= LARGEST_PREFIX
    )
    if closed:
        raise AppError(ErrorCode.COUPON_TYPE, type=kind.name if kind is not None else type_id)


def _holders(connection: Connection, wanted: set[int]) -> dict[int, int]:
    """Holder sent -> holder who gets the coupon: of a merged one the survivor."""
    holder = holder_tables.holder
    found: dict[int, int] = {}
    for part in in_parts(sorted(wanted)):
        rows = connection.execute(
            select(
                holder.c.holder_id, holder.c.state, holder.c.merged_into, holder.c.deleted_at
            ).where(holder.c.holder_id.in_(part))
        )
        for row in rows:
            if row.state == MERGED and row.merged_into is not None:
                found[row.holder_id] = row.merged_into
            elif row.state != LIVING or row.deleted_at is not None:
                raise AppError(ErrorCode.HOLDER_DELETED)
            else:
                found[row.holder_id] = row.holder_id
    if wanted - found.keys():
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    return found


def _row(
    one: NewCoupon, made: Issued, holders: Mapping[int, int], classifier_id: int
) -> dict[str, Any]:
    return {
        "coupon_id": made.coupon_id,
        "code": made.code,
        "coupon_type_id": one.coupon_type_id,
        "holder_id": holders[one.holder_id] if one.holder_id is not None else None,
        "state": COUPON_ACTIVE if one.is_active else COUPON_MADE,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "uses": 0,
        "all_classifiers": one.everywhere,
        "value": one.value,
        "notes": one.notes,
        "ext_classifier_id": classifier_id if one.ext_id else None,
        "ext_id": one.ext_id,
        "version": 1,
    }


def free_codes(
    connection: Connection, count: int, pools: Collection[int], begin: str = ""
) -> list[str]:
    """So many different codes that no coupon has."""
    free: set[str] = set()
    for _ in range(TRIES):
        drawn = {draw_code(begin) for _ in range(count - len(free))}
        free |= drawn - taken_codes(connection, sorted(drawn), pools)
        if len(free) >= count:
            return list(free)
    raise AppError(ErrorCode.COUPON_POOL_EMPTY)


def activate_coupon(
    connection: Connection,
    sent: str,
    *,
    value: int | None,
    types: Mapping[int, CouponType],
    now: datetime,
    classifier_id: int,
    ids: ChangeIds,
) -> None:
    """Made or blocked to active; an active one is a success without effect."""
    coupon = find_coupon(connection, sent)
    if coupon is None:
        raise AppError(ErrorCode.COUPON_NOT_FOUND, coupon=sent, code=sent)
    if coupon.state == COUPON_ACTIVE:
        return
    if coupon.state not in (COUPON_MADE, COUPON_BLOCKED):
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="active",
            object=coupon.code,
            state=NAMES[coupon.state],
        )
    changes: dict[str, Any] = {"state": COUPON_ACTIVE, "block_reason": None}
    kind = types.get(coupon.coupon_type_id)
    if value is not None and kind is not None and kind.coupon_class == CLASS_SUM:
        changes["value"] = value
    log = ChangeLog(connection, ids, Editor(classifier_id=classifier_id), now)
    log.edit(tables.coupon, {"coupon_id": coupon.coupon_id}, changes)
