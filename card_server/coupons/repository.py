"""Questions about coupons: one by its code, those of a holder, free codes (domain 1.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from card_server.coupons import tables
from card_server.coupons.records import COUPON_ACTIVE, Coupon
from card_server.coupons.rules import ID_DIGITS, code_of

COLUMNS: Final = tuple(name for name in Coupon.__struct_fields__ if name != "classifiers")
AT_ONCE: Final = 500
"""Keys in one IN list at most: MS SQL takes 2 100 parameters."""


def _select() -> Select[Any]:
    coupon = tables.coupon
    return select(*(coupon.c[name] for name in COLUMNS)).where(coupon.c.deleted_at.is_(None))


def _make(connection: Connection, statement: Select[Any]) -> list[Coupon]:
    found = [Coupon(**row) for row in connection.execute(statement).mappings()]
    places: dict[int, set[int]] = {}
    link = tables.coupon_classifier
    ids = [coupon.coupon_id for coupon in found]
    for part in in_parts(ids):
        rows = connection.execute(
            select(link.c.coupon_id, link.c.classifier_id).where(link.c.coupon_id.in_(part))
        )
        for coupon_id, classifier_id in rows:
            places.setdefault(coupon_id, set()).add(classifier_id)
    for coupon in found:
        coupon.classifiers = frozenset(places.get(coupon.coupon_id, ()))
    return found


def in_parts(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Keys in lists that fit one statement."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def find_coupon(connection: Connection, sent: str) -> Coupon | None:
    """A coupon by its 13-digit code or its 19-digit id (crm-xml.md R44)."""
    code = code_of(sent)
    if code is None:
        return None
    found = _make(connection, _select().where(tables.coupon.c.code == code))
    if not found or (len(sent.strip()) == ID_DIGITS and found[0].coupon_id != int(sent)):
        return None
    return found[0]


def count_coupons(connection: Connection, holder_id: int) -> int:
    """How many coupons a holder was given."""
    coupon = tables.coupon
    return connection.execute(
        select(func.count())
        .select_from(coupon)
        .where(coupon.c.holder_id == holder_id, coupon.c.deleted_at.is_(None))
    ).scalar_one()


def coupons_of(
    connection: Connection, holder_id: int, *, first: int = 1, count: int | None = None
) -> list[Coupon]:
    """A page of a holder's coupons by their ids; `first` counts from 1."""
    statement = _select().where(tables.coupon.c.holder_id == holder_id)
    statement = statement.order_by(tables.coupon.c.coupon_id)
    if count is not None:
        statement = statement.offset(first - 1).limit(count)
    return _make(connection, statement)


def active_coupons_of(connection: Connection, holder_id: int) -> list[Coupon]:
    """The coupons of a holder that may be usable."""
    coupon = tables.coupon
    statement = _select().where(coupon.c.holder_id == holder_id, coupon.c.state == COUPON_ACTIVE)
    return _make(connection, statement.order_by(coupon.c.coupon_id))


def taken_codes(connection: Connection, codes: Sequence[str]) -> set[str]:
    """Which of the codes some coupon has, deleted ones included: a number is not reused."""
    coupon = tables.coupon
    found: set[str] = set()
    for part in in_parts(codes):
        found |= set(
            connection.execute(select(coupon.c.code).where(coupon.c.code.in_(part))).scalars()
        )
    return found


def issued_before(
    connection: Connection, classifier_id: int, keys: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], tuple[int, str]]:
    """(type, External_ID) of an issuer -> (coupon id, code) of the first coupon issued for it."""
    coupon = tables.coupon
    wanted = set(keys)
    found: dict[tuple[int, str], tuple[int, str]] = {}
    for part in in_parts(sorted({ext_id for _, ext_id in wanted})):
        for type_id in sorted({type_id for type_id, _ in wanted}):
            rows = connection.execute(
                select(coupon.c.ext_id, coupon.c.coupon_id, coupon.c.code).where(
                    coupon.c.coupon_type_id == type_id,
                    coupon.c.ext_classifier_id == classifier_id,
                    coupon.c.ext_id.in_(part),
                    coupon.c.deleted_at.is_(None),
                )
            )
            found |= {(type_id, ext_id): (coupon_id, code) for ext_id, coupon_id, code in rows}
    return found
