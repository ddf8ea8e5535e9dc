"""Searching holders by what is known of them: conditions as SQL (crm-xml.md section 10).

Every condition is `holder_id IN (...)` over the table that knows it, so that a database starts
from the most selective one. Where an index can help, the condition names the indexed column first
(a range of `search_last`, `search_name`, `value_norm`, the card's number), and the exact meaning
stands behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    cast,
    false,
    not_,
    or_,
    select,
    true,
)

from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_VOIDED
from card_server.db.folding import folded
from card_server.holders import tables
from card_server.holders.repository import chunks, is_live
from card_server.holders.rules import EMAIL, NATIONAL_DIGITS, PHONE, RUSSIA, digits_of, normal_phone
from card_server.holders.search_language import (
    BEYOND,
    ESCAPE,
    Birth,
    Dates,
    Digits,
    Expr,
    Mask,
    MonthDays,
    Not,
    Span,
    Yearly,
)
from card_server.holders.search_records import HolderItem
from shared.wire.errors import AppError, ErrorCode

LONGEST_CODE: Final = 18
SURROGATES: Final = 0xD7FF
CODE_TEXT: Final = 20
Condition = ColumnElement[bool]


def find_holders(
    connection: Connection, items: Sequence[HolderItem], limit: int, country: str = RUSSIA
) -> set[int]:
    """Ids of live holders that fulfil any of the items; SEARCH_TOO_MANY above the limit."""
    found: set[int] = set()
    for item in items:
        found.update(connection.execute(item_query(item, country).limit(limit + 1)).scalars())
        if len(found) > limit:
            raise AppError(ErrorCode.SEARCH_TOO_MANY, limit=limit)
    return found


def item_query(item: HolderItem, country: str = RUSSIA) -> Select[Any]:
    """The ids of holders that fulfil all conditions of an item."""
    holder = tables.holder
    conditions = [
        *_person_conditions(item),
        *_card_conditions(item),
        *_contact_conditions(item, country),
        *_address_conditions(item),
    ]
    own: list[Condition] = [_text(holder.c.external_code, mask) for mask in item.external_codes]
    if item.holder_groups:
        own.append(holder.c.group_id.in_(item.holder_groups))
    return select(holder.c.holder_id).where(
        *(holder.c.holder_id.in_(query) for query in conditions),
        *_image(item),
        *own,
        *is_live(holder),
    )


def _image(item: HolderItem) -> list[Condition]:
    if item.has_image is None:
        return []
    photo = tables.person_photo
    inside = tables.holder.c.holder_id.in_(select(photo.c.holder_id))
    return [inside if item.has_image else not_(inside)]


# ---------------------------------------------------------------------- text


def next_text(prefix: str) -> str | None:
    """The least text behind everything that starts so, as letters are compared; None for none."""
    last = ord(prefix[-1])
    return None if last >= SURROGATES else prefix[:-1] + chr(last + 1)


def starts_with(column: ColumnElement[Any], prefix: str) -> list[Condition]:
    """A range of an index that compares letter by letter."""
    if not prefix:
        return []
    end = next_text(prefix)
    return [column >= prefix, *([column < end] if end is not None else [])]


def _keyed(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over a column that is folded already and compares letter by letter."""
    if mask.is_plain:
        return column == mask.prefix
    span = starts_with(column, mask.prefix)
    if mask.is_prefix and len(span) == 2:  # noqa: PLR2004 - both ends, so the range is exact
        return and_(*span)
    return and_(*span, column.like(mask.like(), escape=ESCAPE))


def _text(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over text as it was typed; what has no letters needs no folding."""
    literal = "".join(text for text, wild in mask.pieces if not wild)
    if not any(c.isalpha() for c in literal):
        return _keyed(column, mask)
    plain = folded(column)
    if mask.is_plain:
        return plain == mask.prefix
    return plain.like(mask.like(), escape=ESCAPE)


def _loose(column: ColumnElement[Any], mask: Mask) -> Condition:
    """A mask over text of the database's own collation: no range of an index is sure."""
    plain = folded(column)
    if mask.is_plain:
        return plain == mask.prefix
    return plain.like(mask.like(), escape=ESCAPE)


# ---------------------------------------------------------------------- persons


def _person_conditions(item: HolderItem) -> Iterable[Select[Any]]:
    person = tables.person
    found: list[Condition] = [
        *(_keyed(person.c.search_last, mask) for mask in item.l_names),
        *(_keyed(person.c.search_name, mask) for mask in item.full_names),
        *(_loose(person.c.f_name, mask) for mask in item.f_names),
        *(_loose(person.c.m_name, mask) for mask in item.m_names),
        *(_birth(birth) for birth in item.births),
    ]
    if found:
        yield select(person.c.holder_id).where(*found)


def _birth(birth: Birth) -> Condition:
    person = tables.person
    if isinstance(birth, Dates):
        ends = []
        if birth.since is not None:
            ends.append(person.c.birth_date >= birth.since)
        if birth.until is not None:
            ends.append(person.c.birth_date <= birth.until)
        return and_(person.c.birth_date.is_not(None), *ends)
    if isinstance(birth, Yearly):
        return _turning(person.c.birth_md, birth)
    return _turning(person.c.birth_md % 100, birth)


def _turning(column: ColumnElement[Any], span: Yearly | MonthDays) -> Condition:
    """From low to high, over the turn where low is later."""
    join = and_ if span.low <= span.high else or_
    return join(column >= span.low, column <= span.high)


# ---------------------------------------------------------------------- cards


def _card_conditions(item: HolderItem) -> Iterable[Select[Any]]:
    """One card fulfils all of them; voided cards are nobody's."""
    card = card_tables.card
    found: list[Condition] = [
        *(_number(card.c.card_code, expr) for expr in item.card_codes),
        *(_text(card.c.carrier_data, mask) for mask in item.carriers),
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


def _number(column: ColumnElement[Any], expr: Expr) -> Condition:
    if isinstance(expr, Span):
        return _span(column, expr)
    if isinstance(expr, Digits):
        return _digits(column, expr.mask)
    if isinstance(expr, Not):
        return not_(_number(column, expr.inner))
    join: Callable[..., Condition] = or_ if expr.is_any else and_
    return join(*(_number(column, part) for part in expr.parts))


def _span(column: ColumnElement[Any], span: Span) -> Condition:
    if span.low > span.high:
        return false()
    if span.low == span.high:
        return column == span.low
    ends = []
    if span.low > 0:
        ends.append(column >= span.low)
    if span.high < BEYOND:
        ends.append(column <= span.high)
    return and_(true(), *ends)


def digit_spans(mask: Mask) -> list[Span] | None:
    """Numbers of a mask whose wildcards stand at the end; None for any other mask."""
    prefix = mask.prefix
    signs = [text for text, _ in mask.pieces[1 if prefix else 0 :]]
    if any(sign not in ("?", "*") for sign in signs) or prefix.startswith("0"):
        return None
    fixed = len(prefix) + signs.count("?")
    longest = LONGEST_CODE if "*" in signs else fixed
    spans = []
    for length in range(max(1, fixed), min(longest, LONGEST_CODE) + 1):
        room = length - len(prefix)
        low = int(prefix or "0") * 10**room
        high = low + 10**room - 1
        spans.append(Span(max(low, 10 ** (length - 1)), high))
    return spans


def _digits(column: ColumnElement[Any], mask: Mask) -> Condition:
    spans = digit_spans(mask)
    if spans is not None:
        return or_(false(), *(_span(column, span) for span in spans))
    return cast(column, String(CODE_TEXT)).like(mask.like(), escape=ESCAPE)


# ---------------------------------------------------------------------- contacts


def _contact_conditions(item: HolderItem, country: str) -> Iterable[Select[Any]]:
    """Each condition may be met by another contact."""
    contact = tables.contact
    for digits in item.phone_digits:
        yield _contacts(PHONE, _phone_number(digits, country))
    for mask in item.phones:
        yield _contacts(PHONE, _phone_mask(mask, country))
    for mask in item.emails:
        yield _contacts(EMAIL, _keyed(contact.c.value_norm, mask))


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
        return column.like(f"%{digits}")
    return column == normal_phone(text, country)


def _phone_mask(mask: Mask, country: str) -> Condition:
    """The phone as it was typed, found through its normal form."""
    contact = tables.contact
    exact = folded(contact.c.value) == mask.prefix
    if mask.is_plain:
        return and_(contact.c.value_norm == normal_phone(mask.prefix, country), exact)
    like = folded(contact.c.value).like(mask.like(), escape=ESCAPE)
    spans = [and_(*starts_with(contact.c.value_norm, p)) for p in _starts(mask.prefix, country)]
    return and_(or_(*spans), like) if spans else like


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
            address.c.city_id.in_(select(city.c.city_id).where(_loose(city.c.name, mask)))
            for mask in item.cities
        ),
        *(
            address.c.street_id.in_(select(street.c.street_id).where(_loose(street.c.name, mask)))
            for mask in item.streets
        ),
        *(_loose(address.c.house, mask) for mask in item.houses),
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
