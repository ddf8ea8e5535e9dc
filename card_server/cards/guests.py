"""Guests across subjects: one search box over persons, contacts and cards; a guest added whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from card_server.accounts import tables as account_tables
from card_server.accounts.opening import Rung
from card_server.accounts.records import AccountType
from card_server.cards import tables
from card_server.cards.enrolling import Enrolment, GuestWish
from card_server.cards.issuing import LARGEST_CODE
from card_server.cards.records import CARD_VOIDED
from card_server.db.base import PREFIX, metadata
from card_server.db.editing import check_reference, need
from card_server.divisions import tables as division_tables
from card_server.divisions.repository import read_setting
from card_server.holders import tables as holder_tables
from card_server.holders.desk import (
    address_wish,
    bench_of,
    contact_wish,
    person_wish,
)
from card_server.holders.holder_reading import CONTACTS_IN_FULL, note_opened, rows_of
from card_server.holders.people import read_contacts
from card_server.holders.repository import is_live
from card_server.holders.rules import RUSSIA, digits_of, fold, normal_phone, window_mask
from card_server.holders.search_text import starts_with
from card_server.http.routes import Actor, Editing, Flow
from shared.wire import holders as wire
from shared.wire.base import Made
from shared.wire.errors import AppError, ErrorCode

SHORTEST_TEXT: Final = 2
LONGEST_TEXT: Final = 140
SHORTEST_PHONE: Final = 4
"""Digits from which the beginning of a phone is looked for."""
LONGEST_CODE: Final = 18
MOST_FOUND: Final = 50
SEARCHED: Final = "SearchHolders"
SHOWN: Final = 5
MOST_PARTS: Final = 20
PHONE_SIGNS: Final = frozenset("0123456789+-() .")


def search_holders(asked: wire.SearchHolders, flow: Flow) -> wire.FoundHolders:
    """Guests by what a person at the desk can say; who sees contacts in full leaves rows."""
    found = flow.desk.read(lambda connection: _search(connection, flow.actor, asked))
    note_opened(flow, [one.row.holder_id for one in found.holders if one.contacts], SEARCHED)
    return found


def _search(connection: Connection, actor: Actor, asked: wire.SearchHolders) -> wire.FoundHolders:
    """Every way of finding enters an index."""
    text = asked.text.strip()
    if not SHORTEST_TEXT <= len(text) <= LONGEST_TEXT:
        raise AppError(ErrorCode.FIELD_BAD, field="text", value=text[:60])
    limit = max(1, min(asked.limit, MOST_FOUND))
    found = dict[int, None]()
    country = read_setting(connection, "system.country") or RUSSIA
    for query in _queries(text, country):
        statement = _living(query, actor).limit(limit + 1)
        found.update(dict.fromkeys(connection.execute(statement).scalars()))
        if len(found) > limit:
            break
    ids = list(found)
    return wire.FoundHolders(holders=_shown(connection, actor, ids[:limit]), more=len(ids) > limit)


def _queries(text: str, country: str) -> Iterable[Select[Any]]:
    """What the text may be, the surest first."""
    person, contact = holder_tables.person, holder_tables.contact
    if "@" in text:
        yield _contact(starts_with(contact.c.value_norm, text.lower()))
        return
    if set(text) <= PHONE_SIGNS:
        digits = digits_of(text)
        code = int(digits or "0") if len(digits) <= LONGEST_CODE else 0
        if 0 < code <= LARGEST_CODE:
            card = tables.card
            yield select(card.c.holder_id.label("found")).where(
                card.c.card_code == code,
                card.c.holder_id.is_not(None),
                card.c.state != CARD_VOIDED,
                card.c.deleted_at.is_(None),
            )
        if len(digits) >= SHORTEST_PHONE:
            trunk = country.upper() == RUSSIA and digits.startswith("8")
            typed = "7" + digits[1:] if trunk else digits  # 8 is how 7 is dialled at home
            for start in dict.fromkeys([normal_phone(text, country), digits, typed]):
                yield _contact(starts_with(contact.c.value_norm, start))
        return
    name = fold(text)
    first, _, rest = name.partition(" ")
    for way in [name, f"{rest} {first}"] if rest else [name]:
        yield select(person.c.holder_id.label("found")).where(
            *starts_with(person.c.search_name, way)
        )
    if not rest:  # said alone, a word may be the first name
        yield select(person.c.holder_id.label("found")).where(
            *starts_with(person.c.search_first, name)
        )


def _contact(span: list[Any]) -> Select[Any]:
    contact = holder_tables.contact
    return select(contact.c.holder_id.label("found")).where(*span, contact.c.deleted_at.is_(None))


def _living(query: Select[Any], actor: Actor) -> Select[Any]:
    """Only guests of the user's divisions that were neither deleted nor merged nor erased."""
    inner, holder = query.subquery(), holder_tables.holder
    joined = inner.join(holder, holder.c.holder_id == inner.c.found)
    statement = select(holder.c.holder_id).select_from(joined).where(*is_live(holder))
    if actor.divisions is not None:
        statement = statement.where(holder.c.division_id.in_(sorted(actor.divisions)))
    return statement


def _shown(connection: Connection, actor: Actor, ids: list[int]) -> list[wire.FoundHolder]:
    if not ids:
        return []
    rows, card = rows_of(connection, ids), tables.card
    contacts: dict[int, list[str]] = {}
    for one in read_contacts(connection, ids):
        is_open = CONTACTS_IN_FULL in actor.rights
        shown = one.value if is_open else window_mask(one.value, one.contact_class)
        contacts.setdefault(one.holder_id, []).append(shown)
    cards: dict[int, list[int]] = {}
    owned = connection.execute(
        select(card.c.holder_id, card.c.card_code)
        .where(card.c.holder_id.in_(ids), card.c.state != CARD_VOIDED, card.c.deleted_at.is_(None))
        .order_by(card.c.card_code)
    )
    for holder_id, code in owned:
        cards.setdefault(holder_id, []).append(code)
    return [
        wire.FoundHolder(
            row=rows[one],
            contacts=contacts.get(one, [])[:SHOWN],
            cards=cards.get(one, [])[:SHOWN],
        )
        for one in ids
    ]


# ---------------------------------------------------------------------- a new guest


def add_holder(asked: wire.AddHolder, editing: Editing) -> Made:
    """A guest with contacts, addresses and the accounts that are open for all."""
    connection, actor = editing.connection, editing.actor
    division = division_tables.division
    check_reference(connection, division, "division_id", asked.division_id)
    actor.need_division(asked.division_id)
    for parts in (asked.contacts, asked.addresses):
        if len(parts) > MOST_PARTS:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(parts), limit=MOST_PARTS)
    bench = bench_of(editing, division_id=asked.division_id)
    person = person_wish(asked.fields, editing)
    if not (person.values.get("l_name") or person.values.get("f_name")):
        need({}, "l_name")
    person.contacts = [contact_wish(one) for one in asked.contacts]
    person.addresses = [address_wish(one) for one in asked.addresses]
    enrolment = Enrolment(bench, account_types_now(connection), rungs_now(connection), actor.rights)
    holder_id = enrolment.add(GuestWish(person=person))
    return Made(key=holder_id)


def account_types_now(connection: Connection) -> dict[int, AccountType]:
    """Account types as the opening of accounts needs them."""
    table = account_tables.account_type
    columns = {
        name: table.c["class" if name == "account_class" else name]
        for name in AccountType.__struct_fields__
    }
    rows = connection.execute(
        select(*(column.label(name) for name, column in columns.items())).where(
            table.c.deleted_at.is_(None)
        )
    ).mappings()
    return {row["account_type_id"]: AccountType(**row) for row in rows}


def rungs_now(connection: Connection) -> list[Rung]:
    """Levels as the opening of accounts needs them."""
    level = metadata.tables[PREFIX + "level"]
    rows = connection.execute(
        select(level.c.level_id, level.c.account_type_id, level.c.level_no).where(
            level.c.deleted_at.is_(None)
        )
    )
    return [Rung(level_id=a, account_type_id=b, level_no=c) for a, b, c in rows]
