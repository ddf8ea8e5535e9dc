"""Questions about coupons: one by its code, those of a holder, free codes (domain 1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from card_server.coupons import tables
from card_server.coupons.records import COUPON_ACTIVE, Coupon, CouponDetail, CouponType
from card_server.coupons.rules import ID_DIGITS, code_of
from shared.wire.ids import make_id

COLUMNS: Final = tuple(name for name in Coupon.__struct_fields__ if name != "classifiers")
TYPE_COLUMNS: Final = {
    name: "class" if name == "coupon_class" else name
    for name in CouponType.__struct_fields__
    if name not in ("classifiers", "details")
}
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


def coupon_types(connection: Connection, only: int | None = None) -> dict[int, CouponType]:
    """Every live type with its content, or one of them."""

    def rows(table: Table) -> Iterable[RowMapping]:
        statement = select(table)
        if "deleted_at" in table.c:
            statement = statement.where(table.c.deleted_at.is_(None))
        if only is not None:
            statement = statement.where(table.c.coupon_type_id == only)
        return connection.execute(statement).mappings()

    places: dict[int, set[int]] = {}
    for row in rows(tables.coupon_type_classifier):
        places.setdefault(row["coupon_type_id"], set()).add(row["classifier_id"])
    details: dict[int, list[CouponDetail]] = {}
    for row in rows(tables.coupon_type_detail):
        values = {name: row[name] for name in CouponDetail.__struct_fields__}
        details.setdefault(row["coupon_type_id"], []).append(CouponDetail(**values))
    return {
        row["coupon_type_id"]: CouponType(
            **{name: row[column] for name, column in TYPE_COLUMNS.items()},
            classifiers=frozenset(places.get(row["coupon_type_id"], ())),
            details=tuple(details.get(row["coupon_type_id"], ())),
        )
        for row in rows(tables.coupon_type)
    }


def in_parts(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Keys in lists that fit one statement."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def coupon_by_id(connection: Connection, coupon_id: int) -> Coupon | None:
    """A coupon by its key."""
    found = _make(connection, _select().where(tables.coupon.c.coupon_id == coupon_id))
    return found[0] if found else None


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


def taken_codes(connection: Connection, codes: Sequence[str], pools: Collection[int]) -> set[str]:
    """Which of the codes some coupon has; of these pools deleted ones too: none is reused.

    Asked are the index of living codes and the keys, never the whole table.
    """
    coupon = tables.coupon
    found: set[str] = set()
    for part in in_parts(codes):
        living = select(coupon.c.code).where(coupon.c.code.in_(part), coupon.c.deleted_at.is_(None))
        found |= set(connection.execute(living).scalars())
        for pool in sorted(set(pools)):
            keys = [make_id(pool, int(code)) for code in part]
            known = select(coupon.c.code).where(coupon.c.coupon_id.in_(keys))
            found |= set(connection.execute(known).scalars())
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
