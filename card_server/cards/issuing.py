"""Cards come to holders and leave them: issue inside a range, bind, unbind (domain 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED
from card_server.cards import tables
from card_server.cards.records import (
    CARD_ACTIVE,
    CARD_BLOCKED,
    CARD_VOIDED,
    KIND_PLASTIC,
)
from card_server.cards.repository import (
    find_card_row,
    first_free_code,
    range_by_id,
    range_of,
    types_of_range,
)
from card_server.cards.service import leave_event
from card_server.holders.rules import add_months
from card_server.holders.workbench import Workbench
from card_server.jobs.repository import order_run
from card_server.licences.repository import may_issue
from shared.wire.errors import AppError, ErrorCode

ISSUED, BOUND, UNBOUND = 1, 2, 3
"""Events of a card (domain 1.4)."""

LARGEST_CODE: Final = 999_999_999_999_999_999


BONUS_JOB: Final = "cards.bonus"


class BonusOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A start bonus that is to be booked for a card that programs or guests had issued."""

    card_code: int
    holder_id: int
    amount: int
    account_types: tuple[int, ...]
    """What the card is limited to; none is no limit."""
    division_id: int
    unit_id: int | None


class CardWish(msgspec.Struct, kw_only=True):
    """What a program wants of a card; `values` are columns, only those that were given."""

    code: int
    shown: str = ""
    password: str = ""
    values: dict[str, Any] = {}
    delete: bool = False


def check_bindable(row: Mapping[str, Any]) -> None:
    """Refuse a card that cannot be given to a holder: CARD_DELETED, CARD_TAKEN, CARD_BLOCKED."""
    code = row["card_code"]
    if row["state"] == CARD_VOIDED or row["deleted_at"] is not None:
        raise AppError(ErrorCode.CARD_DELETED, card=code, code=code)
    if row["holder_id"] is not None:
        raise AppError(ErrorCode.CARD_TAKEN, card=code, code=code)
    if row["state"] == CARD_BLOCKED:
        raise AppError(ErrorCode.CARD_BLOCKED, card=code, reason=row["block_reason"] or "")


class CardDesk:
    """Issues, binds and unbinds cards; every step leaves its event."""

    def __init__(self, bench: Workbench, *, may_issue: bool, may_unbind: bool) -> None:
        self._bench = bench
        self._may_issue = may_issue
        self._may_unbind = may_unbind

    def apply(self, holder_id: int, wish: CardWish) -> None:
        """Bring a card to a holder as wished, or take it from him."""
        row = find_card_row(self._bench.connection, wish.code)
        if wish.delete:
            self._unbind(holder_id, wish, row)
            return
        if row is None:
            self._issue_number(holder_id, wish)
            return
        changes = self._changes(wish)
        if row["holder_id"] != holder_id:
            check_bindable(row)
            self._bind(holder_id, row, changes)
        elif row["state"] == CARD_VOIDED or row["deleted_at"] is not None:
            raise AppError(ErrorCode.CARD_DELETED, card=wish.code, code=wish.code)
        elif changes:
            self._bench.log.edit(tables.card, {"card_code": wish.code}, changes)

    def _changes(self, wish: CardWish) -> dict[str, Any]:
        group_id = wish.values.get("group_id")
        if group_id is not None and group_id not in self._bench.card_groups:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Group_ID", value=group_id)
        return dict(wish.values)

    def _bind(self, holder_id: int, row: dict[str, Any], changes: dict[str, Any]) -> None:
        code = row["card_code"]
        self._bench.log.edit(tables.card, {"card_code": code}, {"holder_id": holder_id, **changes})
        leave_event(self._bench, code, BOUND, new_holder_id=holder_id)

    def _unbind(self, holder_id: int, wish: CardWish, row: dict[str, Any] | None) -> None:
        if row is None:
            raise AppError(ErrorCode.CARD_NOT_FOUND, card=wish.code, code=wish.code)
        if row["holder_id"] is None:
            return
        if row["holder_id"] != holder_id:
            raise AppError(ErrorCode.CARD_TAKEN, card=wish.code, code=wish.code)
        if not self._may_unbind:
            raise AppError(ErrorCode.NO_API_RIGHT, right="card.state")
        self._bench.log.edit(tables.card, {"card_code": wish.code}, {"holder_id": None})
        leave_event(self._bench, wish.code, UNBOUND, old_holder_id=holder_id)

    def _issue_number(self, holder_id: int, wish: CardWish) -> None:
        """A card that does not exist yet: only with the right, only inside a range."""
        if not self._may_issue:
            raise AppError(ErrorCode.CARD_NOT_FOUND, card=wish.shown, code=wish.shown)
        span = range_of(self._bench.connection, wish.code)
        if span is None or not 0 < wish.code <= LARGEST_CODE:
            raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=wish.shown, code=wish.shown)
        self._issue(holder_id, wish.code, span, self._changes(wish))

    def issue_next(self, holder_id: int, range_id: int, kind: int = KIND_PLASTIC) -> int:
        """The next free number of a range, issued to a holder; gives back the number."""
        span = range_by_id(self._bench.connection, range_id)
        if span is None:
            raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=str(range_id), code=str(range_id))
        after = max(span["current_code"], span["start_code"] - 1)
        code = first_free_code(self._bench.connection, after, span["end_code"])
        if code is None:
            raise AppError(
                ErrorCode.CARD_OUT_OF_RANGE, card=span["end_code"] + 1, code=span["end_code"] + 1
            )
        self._issue(holder_id, code, span, {"kind": kind})
        table = tables.card_range
        self._bench.connection.execute(
            update(table).where(table.c.range_id == range_id).values(current_code=code)
        )
        return code

    def _issue(self, holder_id: int, code: int, span: RowMapping, changes: dict[str, Any]) -> None:
        may_issue(self._bench.connection)
        bench = self._bench
        group_id = span["card_group_id"]
        limited = types_of_range(span["account_types"])
        bench.log.insert(
            tables.card,
            {
                "card_code": code,
                "state": CARD_ACTIVE,
                "group_id": group_id if group_id in bench.card_groups else None,
                "valid_to": last_day(bench.today, span["valid_months"]),
                **changes,
                "holder_id": holder_id,
                "range_id": span["range_id"],
                "valid_from": bench.today,
                "issued_at": bench.now,
                "issued_unit_id": bench.unit_id,
                "issued_by": bench.user_id,
                "limited_accounts": bool(limited),
            },
        )
        leave_event(bench, code, ISSUED, new_holder_id=holder_id)
        if limited:
            _limit(bench.connection, code, holder_id, limited)
        if span["start_bonus"]:
            self._order_bonus(holder_id, code, span)

    def _order_bonus(self, holder_id: int, code: int, span: RowMapping) -> None:
        """The ledger stands above this room: a run, durable with the card, books the bonus."""
        bench = self._bench
        order_run(
            bench.connection,
            bench.ids,
            BONUS_JOB,
            BonusOrder(
                card_code=code,
                holder_id=holder_id,
                amount=span["start_bonus"],
                account_types=tuple(types_of_range(span["account_types"])),
                division_id=bench.division_id,
                unit_id=bench.unit_id,
            ),
            user_id=bench.user_id,
            now=bench.now,
            total=1,
        )


def _limit(connection: Connection, code: int, holder_id: int, type_ids: list[int]) -> None:
    """The card may use those accounts of the holder that its range allows."""
    account = account_tables.account
    found = connection.execute(
        select(account.c.account_id).where(
            account.c.holder_id == holder_id,
            account.c.account_type_id.in_(type_ids),
            account.c.state != ACCOUNT_CLOSED,
        )
    ).scalars()
    rows = [{"card_code": code, "account_id": account_id} for account_id in found]
    if rows:
        connection.execute(insert(tables.card_account), rows)


def last_day(today: date, months: int | None) -> date | None:
    """The last day of a card that is issued today; None for no end."""
    return None if not months else add_months(today, months)
