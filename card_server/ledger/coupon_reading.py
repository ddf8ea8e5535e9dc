"""Reads coupons, their uses, and what a guest has used, for a whole group at once (domain 3.17)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, case, exists, select, text
from sqlalchemy.engine import Dialect

from card_server.coupons import tables as coupon_tables
from card_server.coupons.records import Coupon, HolderUse
from card_server.db.base import ID64
from card_server.db.hot import Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.record_rows import columns_of, make
from card_server.ledger.records import CouponUse

LIVE = text("crm_coupon.state = 2")
"""Only active coupons are offered to a guest (domain 2.11)."""


class CouponReader:
    """The statements behind coupons in a group, compiled once for a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        coupon, link = coupon_tables.coupon, coupon_tables.coupon_classifier
        self._by_code = _coupons(dialect, coupon.c.code)
        self._by_id = _coupons(dialect, coupon.c.coupon_id)
        self._by_holder = _coupons(dialect, coupon.c.holder_id, LIVE)
        self._links: HotSelect[tuple[int, int]] = HotSelect(
            dialect,
            lambda keys: select(link.c.coupon_id, link.c.classifier_id).where(
                link.c.coupon_id.in_(keys)
            ),
            _pair,
            ID64,
        )
        self._prepare_uses(dialect)

    def _prepare_uses(self, dialect: Dialect) -> None:
        use = coupon_tables.coupon_use
        undo, operation = use.alias("undo"), tables.operation
        columns = [use.c[name] for name in columns_of(CouponUse)]
        points_back = exists().where(
            undo.c.coupon_id == use.c.coupon_id, undo.c.undoes_use_id == use.c.coupon_use_id
        )
        undone = case((points_back, 1), else_=0)
        self._uses: HotSelect[tuple[CouponUse, bool]] = HotSelect(
            dialect,
            lambda keys: select(*columns, undone.label("undone")).where(
                use.c.operation_id.in_(keys)
            ),
            _use_and_mark,
            ID64,
        )
        used = coupon_tables.coupon
        self._holder_uses: HotSelect[HolderUse] = HotSelect(
            dialect,
            lambda keys: (
                select(
                    operation.c.holder_id,
                    used.c.coupon_type_id,
                    operation.c.occurred_at,
                    use.c.undoes_use_id,
                )
                .select_from(operation)
                .join(use, use.c.operation_id == operation.c.operation_id)
                .join(used, used.c.coupon_id == use.c.coupon_id)
                .where(operation.c.holder_id.in_(keys))
            ),
            _holder_use,
            ID64,
        )

    def read(self, cursor: Cursor, wants: Wants, facts: Facts, book: Book) -> None:
        """What a round wants of coupons; found coupons join the book."""
        found: list[Coupon] = []
        if wants.coupons:
            rows = self._by_code.rows(cursor, wants.coupons - facts.coupons.keys())
            facts.coupons.update({row.code: row.coupon_id for row in rows})
            found += rows
        if wants.holder_coupons:
            holders = wants.holder_coupons - facts.holder_coupons.keys()
            facts.holder_coupons.update({holder_id: [] for holder_id in holders})
            rows = self._by_holder.rows(cursor, holders)
            for row in sorted(rows, key=_coupon_id):
                if row.holder_id is not None:
                    facts.holder_coupons[row.holder_id].append(row.coupon_id)
            found += rows
        if wants.coupon_operations:
            found += self._read_uses(cursor, wants.coupon_operations, facts)
        self._read_links(cursor, found)
        for row in found:
            book.put_coupon(row)
        self._read_limits(cursor, wants, found, facts, book)

    def _read_uses(self, cursor: Cursor, operations: Iterable[int], facts: Facts) -> list[Coupon]:
        wanted = set(operations) - facts.coupon_uses.keys()
        facts.coupon_uses.update({operation_id: [] for operation_id in wanted})
        pairs = self._uses.rows(cursor, wanted)
        for use, undone in sorted(pairs, key=_use_order):
            facts.coupon_uses[use.operation_id].append(use)
            if undone:
                facts.undone_uses.add(use.coupon_use_id)
        return self._by_id.rows(cursor, {use.coupon_id for use, _ in pairs})

    def _read_links(self, cursor: Cursor, coupons: list[Coupon]) -> None:
        if not coupons:
            return
        places: dict[int, set[int]] = {}
        for coupon_id, classifier_id in self._links.rows(cursor, {c.coupon_id for c in coupons}):
            places.setdefault(coupon_id, set()).add(classifier_id)
        for coupon in coupons:
            coupon.classifiers = frozenset(places.get(coupon.coupon_id, ()))

    def _read_limits(
        self, cursor: Cursor, wants: Wants, found: list[Coupon], facts: Facts, book: Book
    ) -> None:
        """Uses are counted only where a type has a limit for one guest."""
        types = book.rules.coupon_types
        limited = [
            coupon
            for coupon in found
            if (kind := types.get(coupon.coupon_type_id)) is not None and kind.per_holder
        ]
        if not limited:
            return
        holders = {c.holder_id for c in limited if c.holder_id is not None} | wants.coupon_guests
        new = holders - facts.holder_uses.keys()
        facts.holder_uses.update({holder_id: [] for holder_id in new})
        for use in self._holder_uses.rows(cursor, new):
            facts.holder_uses[use.holder_id].append(use)


def read_holder_uses(connection: Connection, holder_id: int) -> list[HolderUse]:
    """What a guest used and gave back, for questions outside the groups."""
    use, coupon, operation = coupon_tables.coupon_use, coupon_tables.coupon, tables.operation
    rows = connection.execute(
        select(
            operation.c.holder_id,
            coupon.c.coupon_type_id,
            operation.c.occurred_at,
            use.c.undoes_use_id,
        )
        .select_from(operation)
        .join(use, use.c.operation_id == operation.c.operation_id)
        .join(coupon, coupon.c.coupon_id == use.c.coupon_id)
        .where(operation.c.holder_id == holder_id)
    )
    return [_holder_use(*row) for row in rows]


def _coupons(dialect: Dialect, key: Column[Any], *conditions: Any) -> HotSelect[Coupon]:
    coupon = coupon_tables.coupon
    names = [name for name in columns_of(Coupon) if name != "classifiers"]
    columns = [coupon.c[name] for name in names]
    return HotSelect(
        dialect,
        lambda keys: select(*columns).where(
            key.in_(keys), coupon.c.deleted_at.is_(None), *conditions
        ),
        lambda *values: Coupon(**dict(zip(names, values, strict=True))),
        key.type,
    )


_build_use = make(CouponUse)


def _use_and_mark(*values: Any) -> tuple[CouponUse, bool]:
    return (_build_use(*values[:-1]), bool(values[-1]))


def _holder_use(holder_id: int, type_id: int, at: datetime, undoes: int | None) -> HolderUse:
    return HolderUse(holder_id, type_id, at, 1 if undoes is None else -1)


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second)


def _coupon_id(coupon: Coupon) -> int:
    return coupon.coupon_id


def _use_order(pair: tuple[CouponUse, bool]) -> int:
    return pair[0].coupon_use_id
