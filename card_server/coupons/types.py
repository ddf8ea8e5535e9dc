"""Types of coupons as a dictionary (domain 1.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from card_server.coupons import tables
from card_server.coupons.details import LARGEST, WHOLE, Content, groups_of
from card_server.coupons.records import CLASS_ACCRUAL, CLASS_PRODUCT
from card_server.db.base import PREFIX, metadata
from card_server.db.editing import check_reference
from card_server.dictionaries.editor import Change, Editor
from card_server.http.routes import Editing
from shared.wire import coupon_types as wire
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import FIRST_POOL, LARGEST_PREFIX

LONGEST_DAYS: Final = 36_500
MOST_PLACES: Final = 500
_LINK: Final = tables.coupon_type_classifier


def classifiers_of(connection: Connection, coupon_type_id: int) -> list[int]:
    """The programs where coupons of a type work; none is everywhere."""
    statement = select(_LINK.c.classifier_id).where(_LINK.c.coupon_type_id == coupon_type_id)
    return sorted(connection.execute(statement).scalars())


def check_places(connection: Connection, classifiers: list[int]) -> list[int]:
    """Programs that exist, each once."""
    if len(classifiers) > MOST_PLACES:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(classifiers), limit=MOST_PLACES)
    program = metadata.tables[PREFIX + "classifier"]
    for classifier_id in classifiers:
        check_reference(connection, program, "classifiers", classifier_id)
    return sorted(set(classifiers))


def _check(change: Change) -> None:
    row = change.after
    begin, end = row["active_from"], row["active_to"]
    if begin is not None and end is not None and end < begin:
        raise AppError(ErrorCode.FIELD_BAD, field="active_to", value=end.isoformat())
    if row["per_holder_days"] is not None and row["per_holder"] is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="per_holder")
    moved = row["class"] != change.before["class"]
    if change.key is not None and moved:
        coupon = tables.coupon
        mine = select(coupon.c.coupon_id).where(coupon.c.coupon_type_id == change.key).limit(1)
        if change.editing.connection.execute(mine).first() is not None:
            raise AppError(ErrorCode.IN_USE, where="coupon", n=1)


def _write_links(asked: Any, editing: Editing, key: int) -> bool:
    """Programs and content, as far as they were sent."""
    changed = False
    if asked.classifiers is not None:
        connection = editing.connection
        wanted = check_places(connection, asked.classifiers)
        if wanted != classifiers_of(connection, key):
            connection.execute(delete(_LINK).where(_LINK.c.coupon_type_id == key))
            rows = [{"coupon_type_id": key, "classifier_id": one} for one in wanted]
            if rows:
                connection.execute(insert(_LINK), rows)
            changed = True
    if asked.groups is not None:
        changed = Content(editing, key).replace(asked.groups) or changed
    return changed


def _show(connection: Connection, row: Mapping[str, Any]) -> wire.CouponType:
    key = row["coupon_type_id"]
    return wire.CouponType(
        row=TYPES.record_of(row),
        groups=groups_of(connection, key),
        classifiers=classifiers_of(connection, key),
    )


TYPES: Final = Editor(
    table=tables.coupon_type,
    record=wire.CouponTypeRow,
    columns={"coupon_class": "class"},
    needs=("name", "coupon_class"),
    tree="parent_id",
    references={
        "time_id": "time_set",
        "scheme_id": "scheme",
        "stackable_group_id": "stacking_group",
    },
    ranges={
        "class": (CLASS_PRODUCT, CLASS_ACCRUAL),
        "delay_days": (0, LONGEST_DAYS),
        "valid_days": (1, LONGEST_DAYS),
        "pos_code": (0, (1 << 31) - 1),
        "rate": (0, 10 * WHOLE),
        "fixed_sum": (0, LARGEST),
        "discount_limit": (0, LARGEST),
        "max_uses": (1, 32_767),
        "per_holder": (1, 1_000_000),
        "per_holder_days": (1, LONGEST_DAYS),
        "pool_prefix": (FIRST_POOL, LARGEST_PREFIX),
        "pool_min": (0, 1_000_000),
        "pool_step": (0, 100_000),
    },
    used_by=(
        "coupon_type.parent_id",
        "coupon_release.coupon_type_id",
        "coupon.coupon_type_id",
    ),
    check=_check,
    links=_write_links,
    show=_show,
)
