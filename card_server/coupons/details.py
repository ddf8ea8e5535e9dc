"""The content of a coupon type: groups with items, edited together with the type (domain 1.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from card_server.coupons import tables
from card_server.coupons.records import KIND_PERCENT, KIND_PRICE
from card_server.db.base import PREFIX, metadata
from card_server.db.editing import check_reference, check_texts
from card_server.dictionaries.parts import check_ranges
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Editing
from shared.wire import coupon_types as wire
from shared.wire.errors import AppError, ErrorCode

MOST: Final = 200
"""Groups and items of one type together."""
LARGEST: Final = 10**15
WHOLE: Final = 10_000
"""100 percent in basis points."""
RANGES: Final = {
    "max_count": (1, 10_000),
    "priority": (0, 10_000),
    "kind": (KIND_PERCENT, KIND_PRICE),
    "value": (0, LARGEST),
    "discount_limit": (0, LARGEST),
    "external_id": (0, (1 << 31) - 1),
}
_detail: Final = tables.coupon_type_detail
_FIELDS: Final = tuple(name for name in wire.CouponItem.__struct_fields__ if name != "detail_id")


def _rows(connection: Connection, coupon_type_id: int) -> list[RowMapping]:
    statement = (
        select(_detail)
        .where(_detail.c.coupon_type_id == coupon_type_id, _detail.c.deleted_at.is_(None))
        .order_by(_detail.c.priority, _detail.c.detail_id)
    )
    return list(connection.execute(statement).mappings())


def groups_of(connection: Connection, coupon_type_id: int) -> list[wire.CouponGroup]:
    """The content as the contract shows it, by priority."""
    rows = _rows(connection, coupon_type_id)
    items: dict[int, list[wire.CouponItem]] = {}
    for row in rows:
        if row["parent_id"] is not None:
            items.setdefault(row["parent_id"], []).append(wire.CouponItem(**_shown(row)))
    return [
        wire.CouponGroup(**_shown(row), items=items.get(row["detail_id"], []))
        for row in rows
        if row["parent_id"] is None
    ]


def _shown(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in wire.CouponItem.__struct_fields__}


class Content:
    """Makes the content of a type what was sent; what is not sent is taken away."""

    def __init__(self, editing: Editing, coupon_type_id: int) -> None:
        self._editing = editing
        self._type_id = coupon_type_id
        rows = _rows(editing.connection, coupon_type_id)
        self._before = {row["detail_id"]: row for row in rows}
        self._kept: set[int] = set()
        self._changed = False

    def replace(self, groups: Sequence[wire.CouponGroup]) -> bool:
        """Write it; whether anything changed."""
        count = sum(1 + len(group.items) for group in groups)
        if count > MOST:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=count, limit=MOST)
        for i, group in enumerate(groups):
            group_id = self._write(group, None, f"groups[{i}]")
            for k, item in enumerate(group.items):
                self._write(item, group_id, f"groups[{i}].items[{k}]")
        for detail_id in [key for key in reversed(self._before) if key not in self._kept]:
            self._editing.log.delete(_detail, {"detail_id": detail_id})
            self._changed = True
        return self._changed

    def _write(self, part: wire.CouponItem, parent_id: int | None, place: str) -> int:
        values = {"parent_id": parent_id, **self._values(part, place)}
        key = part.detail_id
        if key is None:
            key = next_dictionary_id(self._editing.connection, _detail)
            new = {"detail_id": key, "coupon_type_id": self._type_id, **values}
            self._editing.log.insert(_detail, new)
            self._changed = True
            return key
        known = self._before.get(key)
        same_storey = known is not None and (known["parent_id"] is None) == (parent_id is None)
        if not same_storey or key in self._kept:
            raise AppError(ErrorCode.ROW_NOT_FOUND, what="coupon_type_detail", id=str(key))
        self._kept.add(key)
        if self._editing.log.edit(_detail, {"detail_id": key}, values) is not None:
            self._changed = True
        return key

    def _values(self, part: wire.CouponItem, place: str) -> dict[str, Any]:
        values = {name: getattr(part, name) for name in _FIELDS}
        values = {n: v.strip() if isinstance(v, str) else v for n, v in values.items()}
        try:
            check_texts(_detail, values)
            check_ranges(values, RANGES)
            if values["kind"] == KIND_PERCENT and (values["value"] or 0) > WHOLE:
                raise AppError(ErrorCode.FIELD_BAD, field="value", value=str(values["value"]))  # noqa: TRY301 - told with its place below
            program = metadata.tables[PREFIX + "classifier"]
            check_reference(
                self._editing.connection, program, "classifier_id", values["classifier_id"]
            )
        except AppError as error:
            error.facts["field"] = f"{place}.{error.facts.get('field')}"
            raise
        return values
