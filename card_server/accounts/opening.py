"""Accounts of a holder outside the ledger: opened with nothing on them, their terms changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import select

from card_server.accounts import tables
from card_server.accounts.records import (
    ACCOUNT_CLOSED,
    CLASS_CERTIFICATE,
    OWNER,
    AccountType,
)
from card_server.holders import tables as holder_tables
from card_server.holders.workbench import Workbench
from shared.wire.errors import AppError, ErrorCode

Terms = tuple[int | None, int | None]
"""A level and a credit depth, each of them or neither."""

LARGEST_DEPTH: Final = 99_999_999_999_999


class Rung(msgspec.Struct, kw_only=True, frozen=True):
    """A level as far as opening an account needs it."""

    level_id: int
    account_type_id: int
    level_no: int


class AccountWish(msgspec.Struct, kw_only=True):
    """What a program wants of an account: change the one it names, or open one of a type."""

    shown: str = ""
    account_id: int | None = None
    account_class: int | None = None
    number_type: int | None = None
    type_id: int | None = None
    values: dict[str, Any] = {}


def is_open(kind: AccountType, today: date) -> bool:
    """The type is active and inside its dates."""
    return (
        kind.is_active
        and (kind.active_from is None or kind.active_from <= today)
        and (kind.active_to is None or today <= kind.active_to)
    )


class AccountDesk:
    """Opens and changes accounts of holders; types and levels are those in force."""

    def __init__(
        self, bench: Workbench, types: Mapping[int, AccountType], rungs: Iterable[Rung]
    ) -> None:
        self._bench = bench
        self._types = types
        self._rungs = {rung.level_id: rung for rung in rungs}
        self._by_group: dict[int | None, dict[int, Terms]] = {}

    def open_all(self, holder_id: int) -> None:
        """One account of every active type that is open for all (crm-xml.md 8.3)."""
        self._open([holder_id], self.opened_types(), self._group_of(holder_id))

    def opened_types(self, also: Collection[int] = ()) -> list[AccountType]:
        """What a new holder gets: every type that is open for all today, and those in `also`."""
        wanted = [
            kind
            for kind in self._types.values()
            if (kind.open_for_all or kind.account_type_id in also)
            and kind.account_class != CLASS_CERTIFICATE
            and is_open(kind, self._bench.today)
        ]
        return sorted(wanted, key=lambda kind: kind.account_type_id)

    def open_many(
        self, holder_ids: Sequence[int], type_ids: Collection[int], group_id: int | None
    ) -> dict[tuple[int, int], int]:
        """Accounts of these types for new holders of one group: (holder, type) -> account."""
        kinds = [self._types[i] for i in sorted(type_ids) if i in self._types]
        return self._open(holder_ids, kinds, group_id)

    def _group_of(self, holder_id: int) -> int | None:
        holder = holder_tables.holder
        found: int | None = self._bench.connection.execute(
            select(holder.c.group_id).where(holder.c.holder_id == holder_id)
        ).scalar()
        return found

    def _open(
        self, holder_ids: Sequence[int], kinds: list[AccountType], group_id: int | None
    ) -> dict[tuple[int, int], int]:
        terms = self._group_terms(group_id)
        bench = self._bench
        rows: list[dict[str, Any]] = []
        for kind in kinds:
            level_id, depth = self._terms(kind, terms.get(kind.account_type_id))
            rows += [
                {
                    "account_id": bench.ids.take("account"),
                    "owner_kind": OWNER,
                    "holder_id": holder_id,
                    "account_type_id": kind.account_type_id,
                    "level_id": level_id,
                    "level_since": bench.today if level_id is not None else None,
                    "credit_depth": depth,
                    "opened_at": bench.now,
                }
                for holder_id in holder_ids
            ]
        bench.log.insert_many(tables.account, rows)
        return {(row["holder_id"], row["account_type_id"]): row["account_id"] for row in rows}

    def _group_terms(self, group_id: int | None) -> Mapping[int, Terms]:
        """What a group of holders has of its own, by account type; asked once per group."""
        known = self._by_group.get(group_id)
        if known is None:
            table = holder_tables.group_account_default
            rows = self._bench.connection.execute(
                select(table).where(table.c.group_id == (group_id or 0))
            )
            known = {row.account_type_id: (row.level_id, row.credit_depth) for row in rows}
            self._by_group[group_id] = known
        return known

    def _terms(self, kind: AccountType, own: Terms | None) -> tuple[int | None, int]:
        """Level and credit depth by the holder's group, else the first level and the type's."""
        mine = [r for r in self._rungs.values() if r.account_type_id == kind.account_type_id]
        first = min(mine, key=lambda rung: rung.level_no, default=None)
        level_id, depth = own or (None, None)
        if level_id is None and first is not None:
            level_id = first.level_id
        return level_id, kind.default_credit_depth if depth is None else depth

    def apply(self, holder_id: int, wish: AccountWish, *, may_edit: bool) -> None:
        """Change the account a wish names, or open one of its type if there is none.

        Values that are so already change nothing and need no right: programs send back what they
        read (R19). Without `may_edit` a real change raises NO_API_RIGHT.
        """
        if wish.shown:
            self._change(holder_id, wish, may_edit=may_edit)
            return
        kind = self._types.get(wish.type_id or 0)
        usable = kind is not None and kind.account_class != CLASS_CERTIFICATE
        if kind is None or not usable or not is_open(kind, self._bench.today):
            raise AppError(
                ErrorCode.DICT_VALUE_UNKNOWN, field="Account_Type_ID", value=wish.type_id
            )
        account = tables.account
        known = self._bench.connection.execute(
            select(account.c.account_id).where(
                account.c.holder_id == holder_id,
                account.c.account_type_id == kind.account_type_id,
                account.c.state != ACCOUNT_CLOSED,
            )
        ).scalar()
        if known is None:
            self._open([holder_id], [kind], self._group_of(holder_id))

    def _change(self, holder_id: int, wish: AccountWish, *, may_edit: bool) -> None:
        account = tables.account
        row = (
            self._bench.connection.execute(
                select(account).where(
                    account.c.account_id == (wish.account_id or 0),
                    account.c.holder_id == holder_id,
                    account.c.state != ACCOUNT_CLOSED,
                )
            )
            .mappings()
            .one_or_none()
        )
        kind = self._types.get(row["account_type_id"]) if row is not None else None
        named = (wish.account_class, wish.number_type)
        if kind is None or named not in ((None, None), (kind.account_class, kind.account_type_id)):
            raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=wish.shown, number=wish.shown)
        changes = {
            name: value
            for name, value in wish.values.items()
            if row is not None and row[name] != value
        }
        if not changes:
            return
        if not may_edit:
            raise AppError(ErrorCode.NO_API_RIGHT, right="account.block")
        self._check(kind, changes)
        self._bench.log.edit(account, {"account_id": wish.account_id}, changes)

    def _check(self, kind: AccountType, changes: dict[str, Any]) -> None:
        if "level_id" in changes:
            rung = self._rungs.get(changes["level_id"] or 0)
            if rung is None or rung.account_type_id != kind.account_type_id:
                raise AppError(
                    ErrorCode.DICT_VALUE_UNKNOWN,
                    field="Account_Level_ID",
                    value=changes["level_id"],
                )
            changes["level_since"] = self._bench.today
        depth = changes.get("credit_depth", 0)
        if not 0 <= depth <= LARGEST_DEPTH:
            raise AppError(ErrorCode.FIELD_BAD, field="Credit_Depth", value=depth)
