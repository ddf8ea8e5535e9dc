"""Contacts of a holder: added, changed, removed; who may share them (domain 1.3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, select

from card_server.holders import tables
from card_server.holders.records import ContactWish
from card_server.holders.repository import others_with_contact
from card_server.holders.rules import HIDDEN, check_contact, guess_class, is_masked, tail_of
from card_server.holders.workbench import Workbench
from shared.wire.errors import AppError, ErrorCode


class ContactEditor:
    """Works off the contact wishes of one holder."""

    def __init__(self, bench: Workbench, holder_id: int) -> None:
        self._bench = bench
        self._holder_id = holder_id
        if not bench.contact_types:
            kind = tables.contact_type
            rows = bench.connection.execute(
                select(kind)
                .where(kind.c.is_active, kind.c.deleted_at.is_(None))
                .order_by(kind.c.sort_no, kind.c.contact_type_id)
            )
            bench.contact_types.update({row["contact_type_id"]: row for row in rows.mappings()})
        self._types = bench.contact_types

    def apply(self, wish: ContactWish) -> None:
        """Add a contact, or change or remove the one it names."""
        if wish.contact_id is None:
            if not wish.delete:
                self._add(wish)
            return
        table = tables.contact
        row = (
            self._bench.connection.execute(
                select(table).where(
                    table.c.contact_id == wish.contact_id,
                    table.c.holder_id == self._holder_id,
                    table.c.deleted_at.is_(None),
                )
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise AppError(ErrorCode.CONTACT_NOT_FOUND, id=wish.contact_id)
        if wish.delete:
            self._bench.log.delete(table, {"contact_id": wish.contact_id})
        else:
            self._change(row, wish)

    def _add(self, wish: ContactWish) -> None:
        value = wish.values.get("value")
        if not value:
            raise AppError(ErrorCode.FIELD_MISSING, field="Value")
        kind = self._type_of(wish, value)
        norm = check_contact(value, kind["class"], self._bench.country)
        if self._mine(kind["contact_type_id"], norm) is not None:
            return
        self._check_free(value, norm, kind)
        given = {k: v for k, v in wish.values.items() if v is not None or k != "dispatch"}
        self._bench.log.insert(
            tables.contact,
            {
                "contact_id": self._bench.ids.take("contact"),
                "holder_id": self._holder_id,
                "contact_type_id": kind["contact_type_id"],
                "dispatch": True,
                **given,
                "value_norm": norm,
                "value_tail": tail_of(norm),
                "is_main": not self._has_class(kind["class"]),
            },
        )

    def _change(self, row: RowMapping, wish: ContactWish) -> None:
        changes = {k: v for k, v in wish.values.items() if v is not None or k in CLEARABLE}
        kind = self._types.get(row["contact_type_id"])
        if wish.type_id is not None or wish.type_code or wish.type_class is not None:
            kind = self._type_of(wish, changes.get("value", row["value"]))
        if kind is None:
            raise AppError(
                ErrorCode.DICT_VALUE_UNKNOWN, field="Type_ID", value=row["contact_type_id"]
            )
        value = changes.get("value", row["value"])
        if is_masked(value, row["value"], kind["class"]):
            value = row["value"]  # what a program without the right to see it read and sent back
        if row["value_ext"] and changes.get("value_ext") == HIDDEN:
            del changes["value_ext"]
        changes["value"] = value
        if value != row["value"] or kind["contact_type_id"] != row["contact_type_id"]:
            changes |= self._moved(row, value, kind)
        self._bench.log.edit(tables.contact, {"contact_id": row["contact_id"]}, changes)

    def _moved(self, row: RowMapping, value: str, kind: RowMapping) -> dict[str, Any]:
        norm = check_contact(value, kind["class"], self._bench.country)
        type_id = kind["contact_type_id"]
        if (norm, type_id) == (row["value_norm"], row["contact_type_id"]):
            return {}
        if self._mine(type_id, norm) is not None:
            raise AppError(ErrorCode.CONTACT_TAKEN, value=value, limit=1, n=1)
        self._check_free(value, norm, kind)
        before = self._types.get(row["contact_type_id"])
        moves = before is None or before["class"] != kind["class"]
        return {
            "contact_type_id": type_id,
            "value_norm": norm,
            "value_tail": tail_of(norm),
            "is_main": not self._has_class(kind["class"]) if moves else row["is_main"],
            "confirmed_at": None,
            "bounce_count": 0,
        }

    def _type_of(self, wish: ContactWish, value: str) -> RowMapping:
        """By id, code, class, or the look of the value (crm-xml.md 8.3)."""
        if wish.type_id is not None:
            found = self._types.get(wish.type_id)
            if found is None:
                raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Type_ID", value=wish.type_id)
            return found
        if wish.type_code:
            for row in self._types.values():
                if row["external_code"] == wish.type_code:
                    return row
            if wish.type_class is None:
                raise AppError(
                    ErrorCode.DICT_VALUE_UNKNOWN, field="Type_Code", value=wish.type_code
                )
        wanted = wish.type_class if wish.type_class is not None else guess_class(value)
        for row in self._types.values():
            if row["class"] == wanted:
                return row
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Type_ID", value=value)

    def _mine(self, type_id: int, norm: str) -> int | None:
        table = tables.contact
        found: int | None = self._bench.connection.execute(
            select(table.c.contact_id).where(
                table.c.holder_id == self._holder_id,
                table.c.contact_type_id == type_id,
                table.c.value_norm == norm,
                table.c.deleted_at.is_(None),
            )
        ).scalar()
        return found

    def _has_class(self, contact_class: int) -> bool:
        table, kind = tables.contact, tables.contact_type
        found = self._bench.connection.execute(
            select(table.c.contact_id)
            .join(kind, kind.c.contact_type_id == table.c.contact_type_id)
            .where(
                table.c.holder_id == self._holder_id,
                table.c.deleted_at.is_(None),
                table.c.is_main,
                kind.c["class"] == contact_class,
            )
            .limit(1)
        ).scalar()
        return found is not None

    def _check_free(self, value: str, norm: str, kind: RowMapping) -> None:
        limit = kind["max_holders"]
        if limit is None:
            return
        others = others_with_contact(
            self._bench.connection, norm, kind["contact_type_id"], self._holder_id
        )
        if others >= limit:
            raise AppError(ErrorCode.CONTACT_TAKEN, value=value, limit=limit, n=limit)


CLEARABLE = frozenset({"value_ext", "notes"})
