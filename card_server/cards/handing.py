"""One new card for one holder: a number that is free, with what its range says (domain 2.1)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import RowMapping, insert, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.opening import AccountDesk
from card_server.accounts.records import CLASS_BONUS, AccountType
from card_server.cards import tables
from card_server.cards.batch_making import bench_for, revive
from card_server.cards.batch_plan import LATEST, check_kind, shown
from card_server.cards.guests import account_types_now, rungs_now
from card_server.cards.issuing import ISSUED, LARGEST_CODE, last_day
from card_server.cards.records import CARD_ACTIVE, CARD_VOIDED
from card_server.cards.repository import (
    find_card_row,
    first_free_code,
    range_by_id,
    range_of,
    types_of_range,
)
from card_server.cards.states import LIVING_ACCOUNTS, leave_event
from card_server.db.editing import check_reference
from card_server.holders.desk import own_holder
from card_server.http.routes import Editing
from card_server.licences.repository import may_issue
from shared.wire import card_batches as wire
from shared.wire.errors import AppError, ErrorCode

ISSUE_ANY = "card.issue_any"


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """The card, and the bonus that is still to be booked."""

    card_code: int
    division_id: int
    start_bonus: int = 0
    bonus_type_id: int | None = None


def hand_card(asked: wire.IssueCard, editing: Editing) -> Handed:
    """Make the card; its start bonus is the ledger's matter."""
    connection, actor = editing.connection, editing.actor
    holder = own_holder(editing, asked.holder_id)
    check_kind(asked.kind)
    code, span = _number(asked, editing)
    if span is not None:
        actor.need_division(span["division_id"])
    check_reference(connection, tables.card_group, "card_group_id", asked.card_group_id)
    may_issue(connection)
    bench = bench_for(
        connection,
        editing.ids,
        editing.log,
        editing.now,
        division_id=holder.division_id,
        user_id=actor.user_id,
    )
    desk = AccountDesk(bench, account_types_now(connection), rungs_now(connection))
    limited = types_of_range(span["account_types"]) if span is not None else []
    kinds = desk.opened_types(limited)
    accounts = _accounts(editing, desk, holder, [kind.account_type_id for kind in kinds])
    bonus = span["start_bonus"] if span is not None and asked.with_bonus else 0
    fitting = [kind for kind in kinds if not limited or kind.account_type_id in limited]
    bonus_type_id = _bonus_type(asked, editing, bonus, fitting)
    _write(asked, editing, code, span, limited=bool(limited))
    rows = [
        {"card_code": code, "account_id": accounts[type_id]}
        for type_id in limited
        if type_id in accounts
    ]
    if rows:
        connection.execute(insert(tables.card_account), rows)
    leave_event(editing, code, ISSUED, new_holder_id=asked.holder_id)
    return Handed(
        card_code=code,
        division_id=holder.division_id,
        start_bonus=bonus,
        bonus_type_id=bonus_type_id,
    )


def _number(asked: wire.IssueCard, editing: Editing) -> tuple[int, RowMapping | None]:
    """The number that was named, or the next free one of a range; one of the two is said."""
    connection, code = editing.connection, asked.card_code
    if code is not None and asked.range_id is not None:
        raise AppError(ErrorCode.FIELD_BAD, field="range_id", value=str(asked.range_id))
    if code is None and asked.range_id is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="card_code")
    if code is None:
        span = range_by_id(connection, asked.range_id or 0)
        if span is None:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="range_id", value=asked.range_id)
        return _next(editing, span), span
    if not 0 < code <= LARGEST_CODE:
        raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=code, code=code)
    span = range_of(connection, code)
    if span is None and ISSUE_ANY not in editing.actor.rights:
        raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=code, code=code)
    row = find_card_row(connection, code)
    if row is not None and (row["deleted_at"] is None or row["state"] == CARD_VOIDED):
        raise AppError(ErrorCode.CARD_TAKEN, card=code, code=code)
    return code, span


def _next(editing: Editing, span: RowMapping) -> int:
    connection, table = editing.connection, tables.card_range
    after = max(span["current_code"], span["start_code"] - 1)
    code = first_free_code(connection, after, span["end_code"])
    if code is None:
        first, last = after + 1, span["end_code"]
        raise AppError(ErrorCode.RANGE_FULL, name=span["name"], n=1, first=first, last=last)
    connection.execute(
        update(table).where(table.c.range_id == span["range_id"]).values(current_code=code)
    )
    return code


def _accounts(
    editing: Editing, desk: AccountDesk, holder: Any, type_ids: list[int]
) -> dict[int, int]:
    """Account type -> account of the holder; what is missing is opened."""
    account = account_tables.account
    rows = editing.connection.execute(
        select(account.c.account_type_id, account.c.account_id).where(
            account.c.holder_id == holder.holder_id, LIVING_ACCOUNTS
        )
    )
    found = {type_id: account_id for type_id, account_id in rows}  # noqa: C416 - rows are no pairs
    missing = [type_id for type_id in type_ids if type_id not in found]
    made = desk.open_many([holder.holder_id], missing, holder.group_id)
    return found | {type_id: account_id for (_, type_id), account_id in made.items()}


def _bonus_type(
    asked: wire.IssueCard, editing: Editing, bonus: int, kinds: list[AccountType]
) -> int | None:
    if not bonus:
        return None
    limit = editing.actor.amount_limit
    if limit is not None and bonus > limit:
        raise AppError(ErrorCode.AMOUNT_LIMIT, sum=shown(bonus), limit=shown(limit))
    fitting = [kind.account_type_id for kind in kinds if kind.account_class == CLASS_BONUS]
    if asked.bonus_type_id is None:
        if len(fitting) != 1:
            raise AppError(ErrorCode.BONUS_TYPE, n=len(fitting))
        return fitting[0]
    if asked.bonus_type_id not in fitting:
        raise AppError(
            ErrorCode.DICT_VALUE_UNKNOWN, field="bonus_type_id", value=asked.bonus_type_id
        )
    return asked.bonus_type_id


def _write(
    asked: wire.IssueCard, editing: Editing, code: int, span: RowMapping | None, *, limited: bool
) -> None:
    today = editing.now.date()
    valid_to = asked.valid_to
    if valid_to is not None and not today <= valid_to <= LATEST:
        raise AppError(ErrorCode.FIELD_BAD, field="valid_to", value=valid_to.isoformat())
    if valid_to is None and span is not None:
        valid_to = last_day(today, span["valid_months"])
    group_id = asked.card_group_id
    if group_id is None and span is not None:
        group_id = span["card_group_id"]
    values = {
        "card_code": code,
        "holder_id": asked.holder_id,
        "state": CARD_ACTIVE,
        "group_id": group_id,
        "range_id": None if span is None else span["range_id"],
        "kind": asked.kind,
        "valid_from": today,
        "valid_to": valid_to,
        "limited_accounts": limited,
        "issued_at": editing.now,
        "issued_by": editing.actor.user_id,
        "batch_id": None,
    }
    if find_card_row(editing.connection, code) is None:
        editing.log.insert(tables.card, values)
    else:
        revive(editing.connection, editing.log, values)
