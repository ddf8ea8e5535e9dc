"""What an issue of many cards comes to: which numbers, with what; nothing is changed (domain 1.4).

The plan is made when the issue is tried out and when it is ordered; the job then works by the
plan it was ordered with, whatever is edited meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, or_, select

from card_server.accounts.opening import AccountDesk
from card_server.accounts.records import CLASS_BONUS, AccountType
from card_server.cards import tables
from card_server.cards.card_reading import range_row
from card_server.cards.guests import account_types_now
from card_server.cards.issuing import last_day
from card_server.cards.records import CARD_ACTIVE, CARD_INACTIVE, CARD_VOIDED
from card_server.cards.repository import types_of_range
from card_server.db.editing import check_reference
from card_server.holders import tables as holder_tables
from card_server.holders.workbench import Workbench
from card_server.http.routes import Actor
from card_server.licences.repository import card_quota, check_issue
from shared.wire import card_batches as wire
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

MOST_CARDS: Final = 1_000_000
"""Cards of one issue."""
KINDS: Final = (1, 4)
MOST_SHOWN: Final = 50
"""Taken numbers that a trial names."""
LATEST: Final = date(2199, 12, 31)
_card = tables.card


class IssueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the job works by."""

    range_id: int
    division_id: int
    first_code: int
    last_code: int
    kind: int
    state: int
    with_holders: bool
    account_types: tuple[int, ...]
    limited_to: tuple[int, ...]
    card_group_id: int | None
    holder_group_id: int | None
    valid_to: date | None
    start_bonus: int
    bonus_type_id: int | None


def make_order(
    connection: Connection, actor: Actor, batch: wire.CardBatch, bench: Workbench
) -> IssueOrder:
    """The order for what was asked; a wish that no issue could fulfil is refused by its field."""
    span = range_row(connection, actor, batch.range_id)
    if not span.is_active:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="range_id", value=batch.range_id)
    first, last = _numbers(batch, span)
    with_holders = span.make_anonymous if batch.with_holders is None else batch.with_holders
    limited = tuple(types_of_range(span.account_types)) if with_holders else ()
    kinds = account_types_now(connection)
    opened = AccountDesk(bench, kinds, ()).opened_types(limited) if with_holders else []
    bonus = span.start_bonus if batch.with_bonus else 0
    fitting = [kind for kind in opened if not limited or kind.account_type_id in limited]
    return IssueOrder(
        range_id=batch.range_id,
        division_id=span.division_id,
        first_code=first,
        last_code=last,
        kind=check_kind(batch.kind),
        state=_state(batch, with_holders=with_holders),
        with_holders=with_holders,
        account_types=tuple(kind.account_type_id for kind in opened),
        limited_to=limited,
        card_group_id=_group(connection, batch.card_group_id, span, "card_group_id"),
        holder_group_id=_group(connection, batch.holder_group_id, span, "holder_group_id")
        or bench.default_group,
        valid_to=_last_day(batch, bench.today, span),
        start_bonus=bonus,
        bonus_type_id=_bonus_type(batch, fitting) if bonus and with_holders else None,
    )


def _numbers(batch: wire.CardBatch, span: Row[Any]) -> tuple[int, int]:
    if not 1 <= batch.count <= MOST_CARDS:
        raise AppError(ErrorCode.FIELD_BAD, field="count", value=str(batch.count))
    following = max(span.current_code + 1, span.start_code)
    first = following if batch.first_code is None else batch.first_code
    last = first + batch.count - 1
    if batch.first_code is not None and not span.start_code <= first <= span.end_code:
        raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=first, code=first)
    if last > span.end_code:
        raise AppError(
            ErrorCode.RANGE_FULL, name=span.name, n=batch.count, first=first, last=span.end_code
        )
    return first, last


def check_kind(kind: int) -> int:
    """A kind of card that exists; `FIELD_BAD` for any other."""
    if not KINDS[0] <= kind <= KINDS[1]:
        raise AppError(ErrorCode.FIELD_BAD, field="kind", value=str(kind))
    return kind


def _state(batch: wire.CardBatch, *, with_holders: bool) -> int:
    active = with_holders if batch.active is None else batch.active
    if active and not with_holders:
        raise AppError(ErrorCode.FIELD_BAD, field="active", value="true")
    return CARD_ACTIVE if active else CARD_INACTIVE


def _group(connection: Connection, given: int | None, span: Row[Any], field: str) -> int | None:
    """The group that was named, else the range's while it stands."""
    table = tables.card_group if field == "card_group_id" else holder_tables.holder_group
    if given is not None:
        check_reference(connection, table, field, given)
        return given
    own = getattr(span, field)
    found = connection.execute(
        select(table.c.group_id).where(table.c.group_id == (own or 0), table.c.deleted_at.is_(None))
    ).scalar()
    return None if found is None else int(found)


def _last_day(batch: wire.CardBatch, today: date, span: Row[Any]) -> date | None:
    if batch.valid_to is None:
        return last_day(today, span.valid_months)
    if not today <= batch.valid_to <= LATEST:
        raise AppError(ErrorCode.FIELD_BAD, field="valid_to", value=batch.valid_to.isoformat())
    return batch.valid_to


def _bonus_type(batch: wire.CardBatch, opened: Collection[AccountType]) -> int | None:
    """The type that was named, or the only bonus type; None if it has to be named."""
    fitting = [kind.account_type_id for kind in opened if kind.account_class == CLASS_BONUS]
    if batch.bonus_type_id is None:
        return fitting[0] if len(fitting) == 1 else None
    if batch.bonus_type_id not in fitting:
        raise AppError(
            ErrorCode.DICT_VALUE_UNKNOWN, field="bonus_type_id", value=batch.bonus_type_id
        )
    return batch.bonus_type_id


# ---------------------------------------------------------------------- what stands in the way


def problems_of(connection: Connection, actor: Actor, order: IssueOrder) -> list[AppError]:
    """Why an order cannot be given, as far as a few rows tell."""
    found: list[AppError] = []
    bonus = order.start_bonus
    if bonus and not order.with_holders:
        found.append(AppError(ErrorCode.BONUS_NEEDS_HOLDER, sum=shown(bonus)))
    elif bonus and order.bonus_type_id is None:
        fitting = [
            one
            for one in account_types_now(connection).values()
            if one.account_class == CLASS_BONUS and one.account_type_id in order.account_types
        ]
        found.append(AppError(ErrorCode.BONUS_TYPE, n=len(fitting)))
    if actor.amount_limit is not None and bonus > actor.amount_limit:
        limit = shown(actor.amount_limit)
        found.append(AppError(ErrorCode.AMOUNT_LIMIT, sum=shown(bonus), limit=limit))
    try:
        check_issue(connection)
    except AppError as error:
        found.append(error)
    return found


def shown(amount: int) -> str:
    """Minor units as people read them."""
    return f"{amount // 100}.{amount % 100:02d}"


def count_taken(connection: Connection, order: IssueOrder) -> int:
    """How many numbers of an order are taken."""
    return int(
        connection.execute(
            select(func.count()).select_from(_card).where(*_taken_of(order))
        ).scalar_one()
    )


def taken_codes(connection: Connection, order: IssueOrder) -> list[int]:
    """The first numbers of an order that are taken."""
    statement = (
        select(_card.c.card_code)
        .where(*_taken_of(order))
        .order_by(_card.c.card_code)
        .limit(MOST_SHOWN)
    )
    return list(connection.execute(statement).scalars())


def _taken_of(order: IssueOrder) -> list[Any]:
    """A card stands, or was voided; one whose issue was undone was only deleted."""
    return [
        _card.c.card_code.between(order.first_code, order.last_code),
        or_(_card.c.deleted_at.is_(None), _card.c.state == CARD_VOIDED),
    ]


def check_room(connection: Connection, order: IssueOrder) -> int:
    """How many cards an order makes; `CARD_TAKEN` for none, `LICENCE_QUOTA` for too many."""
    cards = order.last_code - order.first_code + 1 - count_taken(connection, order)
    if not cards:
        raise AppError(ErrorCode.CARD_TAKEN, card=order.first_code, code=order.first_code)
    quantity, used = card_quota(connection)
    if quantity is not None and used + cards > quantity:
        raise AppError(ErrorCode.LICENCE_QUOTA, n=quantity)
    return cards


def notice(error: AppError) -> Notice:
    """A refusal as a trial tells it."""
    return Notice(code=error.code.value, facts=dict(error.facts))
