"""Cards as the office sees them: lists, one whole, and whose division a card is (domain 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, and_, or_, select

from card_server.cards import tables
from card_server.cards.issuing import LARGEST_CODE
from card_server.cards.repository import types_of_range
from card_server.db.editing import row_of
from card_server.db.listing import Listing, list_rows
from card_server.holders import tables as holder_tables
from card_server.holders.properties import OWNER_CARD, properties_of
from card_server.http.routes import Actor, Reading
from shared.wire import cards as wire
from shared.wire.base import Page
from shared.wire.errors import AppError, ErrorCode

MOST_EVENTS: Final = 200
_card, _span = tables.card, tables.card_range
_holder, _person = holder_tables.holder, holder_tables.person
_FIELDS: Final[dict[str, Any]] = {
    name: _person.c.full_name if name == "holder_name" else _card.c[name]
    for name in wire.CardRow.__struct_fields__
}
CARDS: Final = Listing(
    source=_card.outerjoin(_person, _person.c.holder_id == _card.c.holder_id)
    .outerjoin(_holder, _holder.c.holder_id == _card.c.holder_id)
    .outerjoin(_span, _span.c.range_id == _card.c.range_id),
    key=_card.c.card_code,
    fields=_FIELDS,
    columns=list(_FIELDS.values()),
    deleted_at=_card.c.deleted_at,
)
_RANGE_FIELDS: Final = {name: _span.c[name] for name in wire.CardRange.__struct_fields__}
RANGES: Final = Listing(
    source=_span,
    key=_span.c.range_id,
    fields=_RANGE_FIELDS,
    columns=list(_RANGE_FIELDS.values()),
    default_sort="start_code",
    deleted_at=_span.c.deleted_at,
)


def _record(record: Any, row: Any) -> Any:
    return record(**dict(zip(record.__struct_fields__, row, strict=True)))


def list_cards(asked: wire.ListCards, reading: Reading) -> Page[wire.CardRow]:
    """Cards of the user's divisions; a card without a holder is its range's."""
    if asked.sort is not None and asked.sort.field != "card_code":
        raise AppError(ErrorCode.FIELD_BAD, field="sort", value=asked.sort.field[:60])
    mine: list[Any] = []
    divisions = reading.actor.divisions
    if divisions is not None:
        own = sorted(divisions)
        loose = and_(_card.c.holder_id.is_(None), _span.c.division_id.in_(own))
        mine = [or_(_holder.c.division_id.in_(own), loose)]
    found = list_rows(reading.connection, CARDS, asked, *mine)
    rows = [_record(wire.CardRow, row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def card_row(connection: Connection, actor: Actor, code: int) -> Any:
    """The row of a card of the user's divisions; `CARD_NOT_FOUND`, `DIVISION_FOREIGN`."""
    row = None
    if 0 < code <= LARGEST_CODE:
        statement = select(_card).where(_card.c.card_code == code, _card.c.deleted_at.is_(None))
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=code, code=code)
    need_own(connection, actor, row)
    return row


def need_own(connection: Connection, actor: Actor, row: Any) -> None:
    """Refuse a card of a foreign division: its holder's, else its range's."""
    if actor.divisions is None:
        return
    if row.holder_id is not None:
        owner = select(_holder.c.division_id).where(_holder.c.holder_id == row.holder_id)
    else:
        owner = select(_span.c.division_id).where(_span.c.range_id == (row.range_id or 0))
    actor.need_division(connection.execute(owner).scalar() or 0)


def get_card(asked: wire.GetCard, reading: Reading) -> wire.Card:
    """One card with limits and events."""
    return whole_card(reading.connection, reading.actor, asked.card_code)


def present_card(asked: wire.CardCommand, reading: Reading) -> wire.Card:
    """The card as it stands, for who changed an older version."""
    return whole_card(reading.connection, reading.actor, asked.card_code)


def whole_card(connection: Connection, actor: Actor, code: int) -> wire.Card:
    """A card with everything that hangs on it."""
    row = card_row(connection, actor, code)
    name = None
    if row.holder_id is not None:
        name = connection.execute(
            select(_person.c.full_name).where(_person.c.holder_id == row.holder_id)
        ).scalar()
    plain = [n for n in wire.CardRow.__struct_fields__ if n != "holder_name"]
    return wire.Card(
        row=wire.CardRow(**{n: getattr(row, n) for n in plain}, holder_name=name),
        carrier_data=row.carrier_data,
        has_pin=row.pin_hash is not None,
        issued_unit_id=row.issued_unit_id,
        issued_by=row.issued_by,
        accounts=limits_of_card(connection, code),
        classifiers=classifiers_of_card(connection, code),
        properties=properties_of(connection, OWNER_CARD, code),
        events=_events(connection, code),
    )


def limits_of_card(connection: Connection, code: int) -> list[wire.CardLimit]:
    """The accounts a card is limited to."""
    table = tables.card_account
    rows = connection.execute(
        select(table.c.account_id, table.c.credit_depth, table.c.credit_limit)
        .where(table.c.card_code == code)
        .order_by(table.c.account_id)
    )
    return [wire.CardLimit(account_id=a, credit_depth=d, credit_limit=m) for a, d, m in rows]


def classifiers_of_card(connection: Connection, code: int) -> list[int]:
    """The programs a card is limited to."""
    table = tables.card_classifier
    rows = connection.execute(
        select(table.c.classifier_id).where(table.c.card_code == code)
    ).scalars()
    return sorted(rows)


def _events(connection: Connection, code: int) -> list[wire.CardEvent]:
    table = tables.card_event
    names = wire.CardEvent.__struct_fields__
    rows = connection.execute(
        select(*(table.c[name] for name in names))
        .where(table.c.card_code == code)
        .order_by(table.c.at.desc(), table.c.card_event_id.desc())
        .limit(MOST_EVENTS)
    )
    return [_record(wire.CardEvent, row) for row in rows]


def list_ranges(asked: wire.ListCardRanges, reading: Reading) -> Page[wire.CardRange]:
    """Ranges of the user's divisions."""
    divisions = reading.actor.divisions
    mine = [] if divisions is None else [_span.c.division_id.in_(sorted(divisions))]
    found = list_rows(reading.connection, RANGES, asked, *mine)
    rows = [range_record(dict(zip(_RANGE_FIELDS, row, strict=True))) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def range_record(values: Mapping[str, Any]) -> wire.CardRange:
    """A range as the contract shows it."""
    kept = {**values, "account_types": types_of_range(values["account_types"])}
    return wire.CardRange(**kept)


def present_range(
    asked: wire.EditCardRange | wire.DeleteCardRange, reading: Reading
) -> wire.CardRange:
    """The range as it stands."""
    row = range_row(reading.connection, reading.actor, asked.key)
    names = wire.CardRange.__struct_fields__
    return range_record({name: getattr(row, name) for name in names})


def range_row(connection: Connection, actor: Actor, range_id: int) -> Any:
    """The row of a live range of the user's divisions."""
    row = row_of(connection, _span, {"range_id": range_id})
    actor.need_division(row.division_id)
    return row
