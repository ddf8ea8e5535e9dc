"""Searching holders by what is known of them: conditions as SQL (crm-xml.md section 10).

Every condition is `holder_id IN (...)` over the table that knows it, so that a database starts
from the most selective one. Where an index can help, the condition names the indexed column first
(a range of `search_last`, `search_name`, `value_norm`, the end of a phone, the card's number), and
the exact meaning stands behind it. Holders that are gone are left out by the short lists of those
that are gone, so that a search of fifty thousand hits looks at no row of a holder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    literal_column,
    not_,
    or_,
    select,
)

from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_VOIDED
from card_server.db.folding import folded
from card_server.db.gathering import numbers
from card_server.holders import tables
from card_server.holders.records import HOLDER_ACTIVE
from card_server.holders.repository import chunks, is_live
from card_server.holders.rules import (
    EMAIL,
    NATIONAL_DIGITS,
    PHONE,
    RUSSIA,
    TAIL_WIDTH,
    digits_of,
    normal_phone,
)
from card_server.holders.search_language import ESCAPE, Mask
from card_server.holders.search_names import HOPPING, person_conditions
from card_server.holders.search_records import HolderItem
from card_server.holders.search_text import (
    Condition,
    keyed,
    loose,
    number,
    starts_with,
    typed,
)
from shared.wire.errors import AppError, ErrorCode

SHORTEST_END: Final = 2
"""Digits of a phone's end from which the possible ends are named one by one."""


def find_holders(
    connection: Connection, items: Sequence[HolderItem], limit: int, country: str = RUSSIA
) -> set[int]:
    """Ids of live holders that fulfil any of the items; SEARCH_TOO_MANY above the limit."""
    found: set[int] = set()
    hops = connection.dialect.name in HOPPING
    for item in items:
        statement = item_query(item, country, hops=hops).limit(limit + 1)
        found.update(numbers(connection, statement))
        if len(found) > limit:
            raise AppError(ErrorCode.SEARCH_TOO_MANY, limit=limit)
    return found


def item_query(item: HolderItem, country: str = RUSSIA, *, hops: bool = True) -> Select[Any]:
    """The ids of live holders that fulfil all conditions of an item."""
    queries = [
        *_person_conditions(item, hops=hops),
        *_card_conditions(item),
        *_contact_conditions(item, country),
        *_address_conditions(item),
        *_own_conditions(item),
    ]
    holder, person, photo = tables.holder, tables.person, tables.person_photo
    if queries and queries[0].selected_columns[0].table is person:
        first, others = queries[0], queries[1:]
        key = person.c.holder_id
        live = _not_gone(key)
    else:
        first, others = select(holder.c.holder_id), queries
        key = holder.c.holder_id
        live = list(is_live(holder))
    first = first.where(*(key.in_(query) for query in others), *live)
    if item.has_image is None:
        return first
    inside = key.in_(select(photo.c.holder_id))
    return first.where(inside if item.has_image else not_(inside))


def _own_conditions(item: HolderItem) -> Iterable[Select[Any]]:
    holder = tables.holder
    own: list[Condition] = [typed(holder.c.external_code, mask) for mask in item.external_codes]
    if item.holder_groups:
        own.append(holder.c.group_id.in_(item.holder_groups))
    if own:
        yield select(holder.c.holder_id).where(*own)


def _not_gone(key: ColumnElement[Any]) -> list[Condition]:
    """Neither deleted nor merged nor erased (`is_live`), by the indexes of those that are."""
    holder = tables.holder
    is_active: ColumnElement[int] = literal_column(str(HOLDER_ACTIVE))  # as the index says it
    return [
        key.not_in(select(holder.c.holder_id).where(holder.c.state != is_active)),
        key.not_in(select(holder.c.holder_id).where(holder.c.deleted_at.is_not(None))),
    ]


def _person_conditions(item: HolderItem, *, hops: bool) -> Iterable[Select[Any]]:
    found = person_conditions(item, hops=hops)
    if found:
        yield select(tables.person.c.holder_id).where(*found)


# ---------------------------------------------------------------------- cards


def _card_conditions(item: HolderItem) -> Iterable[Select[Any]]:
    """One card fulfils all of them; voided cards are nobody's."""
    card = card_tables.card
    found: list[Condition] = [
        *(number(card.c.card_code, expr) for expr in item.card_codes),
        *(typed(card.c.carrier_data, mask) for mask in item.carriers),
    ]
    if item.card_groups:
        found.append(card.c.group_id.in_(item.card_groups))
    if found:
        yield select(card.c.holder_id).where(
            *found,
            card.c.holder_id.is_not(None),
            card.c.state != CARD_VOIDED,
            card.c.deleted_at.is_(None),
        )


# ---------------------------------------------------------------------- contacts


def _contact_conditions(item: HolderItem, country: str) -> Iterable[Select[Any]]:
    """Each condition may be met by another contact."""
    contact = tables.contact
    for digits in item.phone_digits:
        yield _contacts(PHONE, _phone_number(digits, country))
    for mask in item.phones:
        yield _contacts(PHONE, _phone_mask(mask, country))
    for mask in item.emails:
        yield _contacts(EMAIL, keyed(contact.c.value_norm, mask))


def _contacts(contact_class: int, condition: Condition) -> Select[Any]:
    contact, kind = tables.contact, tables.contact_type
    types = select(kind.c.contact_type_id).where(kind.c["class"] == contact_class)
    return select(contact.c.holder_id).where(
        condition, contact.c.contact_type_id.in_(types), contact.c.deleted_at.is_(None)
    )


def _phone_number(text: str, country: str) -> Condition:
    """Digits only; fewer than ten must stand at the end (section 10)."""
    column = tables.contact.c.value_norm
    digits = digits_of(text)
    if len(digits) < NATIONAL_DIGITS:
        return and_(*_phone_end(digits), column.like(f"%{digits}"))
    return column == normal_phone(text, country)


def _phone_end(digits: str) -> list[Condition]:
    """The ends that `value_tail` may have when a phone ends so."""
    column = tables.contact.c.value_tail
    if len(digits) >= TAIL_WIDTH:
        return [column == digits[-TAIL_WIDTH:]]
    if len(digits) < SHORTEST_END:
        return []
    tails = [digits]
    for width in range(1, TAIL_WIDTH - len(digits) + 1):
        tails += [f"{before:0{width}d}{digits}" for before in range(10**width)]
    return [column.in_(tails)]


def _phone_mask(mask: Mask, country: str) -> Condition:
    """The phone as it was typed, found through its normal form."""
    contact = tables.contact
    exact = folded(contact.c.value) == mask.prefix
    if mask.is_plain:
        return and_(contact.c.value_norm == normal_phone(mask.prefix, country), exact)
    like = folded(contact.c.value).like(mask.like(), escape=ESCAPE)
    spans = [and_(*starts_with(contact.c.value_norm, p)) for p in _starts(mask.prefix, country)]
    if spans:
        return and_(or_(*spans), like)
    last, is_wild = mask.pieces[-1]
    ends = [] if is_wild else _phone_end(digits_of(last))
    return and_(*ends, like)


def _starts(typed: str, country: str) -> set[str]:
    """With what the normal form may start when a phone was typed so."""
    digits = digits_of(typed)
    if not digits:
        return set()
    found = {digits}
    if country.upper() == RUSSIA:
        found.add("7" + digits)
        if digits.startswith("8"):
            found.add("7" + digits[1:])
    return found


# ---------------------------------------------------------------------- addresses


def _address_conditions(item: HolderItem) -> Iterable[Select[Any]]:
    """One address fulfils all of them."""
    address, city, street = tables.address, tables.city, tables.street
    found: list[Condition] = [
        *(
            address.c.city_id.in_(select(city.c.city_id).where(loose(city.c.name, mask)))
            for mask in item.cities
        ),
        *(
            address.c.street_id.in_(select(street.c.street_id).where(loose(street.c.name, mask)))
            for mask in item.streets
        ),
        *(loose(address.c.house, mask) for mask in item.houses),
    ]
    if found:
        yield select(address.c.holder_id).where(*found, address.c.deleted_at.is_(None))


# ---------------------------------------------------------------------- order


def order_holders(
    connection: Connection, holder_ids: Collection[int], columns: Sequence[str]
) -> list[int]:
    """Ids by columns of person, the first one counting first; without any by id."""
    if not columns:
        return sorted(holder_ids)
    person = tables.person
    keys: dict[int, tuple[Any, ...]] = {}
    for piece in chunks(holder_ids):
        rows = connection.execute(
            select(person.c.holder_id, *(person.c[name] for name in columns)).where(
                person.c.holder_id.in_(piece)
            )
        )
        keys.update({row[0]: tuple(_order_key(value) for value in row[1:]) for row in rows})
    unknown = tuple(_order_key(None) for _ in columns)
    return sorted(holder_ids, key=lambda number: (keys.get(number, unknown), number))


def _order_key(value: object) -> tuple[bool, Any]:
    """Days before no day; texts folded, an empty one first."""
    if isinstance(value, date):
        return (False, value.isoformat())
    if value is None:
        return (True, "")
    return (False, str(value).lower().replace("ё", "е"))
