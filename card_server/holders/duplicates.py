"""Guests who may be one person: the same phone, e-mail, or name and birthday (domain 3.13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from card_server.db.editing import row_of
from card_server.db.listing import Listing, list_rows
from card_server.holders import tables
from card_server.holders.holder_reading import CONTACTS_IN_FULL, note_opened, rows_of
from card_server.holders.people import read_contacts
from card_server.holders.repository import is_live
from card_server.holders.rules import EMAIL, PHONE, window_mask
from card_server.http.routes import Actor, Editing, Flow, Ids, Reading
from card_server.jobs.running import Pass, Piece, RunContext
from shared.wire import merges as wire
from shared.wire.base import Done, Page
from shared.wire.errors import AppError, ErrorCode

PHONE_TOLD, EMAIL_TOLD, NAME_TOLD = "phone", "email", "name_birth"
SCORES: Final = {PHONE_TOLD: 60, EMAIL_TOLD: 50, NAME_TOLD: 40}
MOST: Final = 100
NEW, DISMISSED = 1, 2
LOOKED: Final = "FindDuplicates"
SHOWN: Final = 5
MOST_FOUND: Final = 50
LOOKED_AT: Final = 50
"""Guests of one piece of the search."""
LARGEST_CROWD: Final = 20
"""Others that one guest is compared with: many sharers of one phone are a switchboard."""
_a, _b = tables.person.alias("person_a"), tables.person.alias("person_b")
_pair = tables.duplicate_candidate
_FIELDS: Final[dict[str, ColumnElement[Any]]] = {
    "holder_a": _pair.c.holder_a,
    "holder_b": _pair.c.holder_b,
    "score": _pair.c.score,
    "reasons": _pair.c.reasons,
    "state": _pair.c.state,
    "name_a": _a.c.full_name,
    "name_b": _b.c.full_name,
}


def score_of(reasons: Iterable[str]) -> int:
    """How sure it is: what agrees counts together."""
    return min(MOST, sum(SCORES[reason] for reason in set(reasons)))


# ---------------------------------------------------------------------- one guest


def find_duplicates(asked: wire.FindDuplicates, flow: Flow) -> wire.Duplicates:
    """Living guests of the user's divisions who agree with one in something."""
    found = flow.desk.read(lambda connection: _find(connection, flow.actor, asked))
    note_opened(flow, [one.row.holder_id for one in found.found if one.contacts], LOOKED)
    return found


def _find(connection: Connection, actor: Actor, asked: wire.FindDuplicates) -> wire.Duplicates:
    row = row_of(connection, tables.holder, {"holder_id": asked.holder_id})
    actor.need_division(row.division_id)
    found = agreeing(connection, asked.holder_id)
    rows = rows_of(connection, list(found)[:MOST_FOUND]) if found else {}
    mine = {
        i: r for i, r in rows.items() if actor.divisions is None or r.division_id in actor.divisions
    }
    contacts: dict[int, list[str]] = {}
    is_open = CONTACTS_IN_FULL in actor.rights
    for one in read_contacts(connection, mine) if mine else []:
        shown = one.value if is_open else window_mask(one.value, one.contact_class)
        contacts.setdefault(one.holder_id, []).append(shown)
    shown_rows = [
        wire.FoundDuplicate(
            row=holder,
            contacts=contacts.get(holder_id, [])[:SHOWN],
            score=score_of(found[holder_id]),
            reasons=sorted(found[holder_id]),
        )
        for holder_id, holder in mine.items()
    ]
    return wire.Duplicates(found=sorted(shown_rows, key=lambda d: (-d.score, d.row.holder_id)))


def agreeing(connection: Connection, holder_id: int) -> dict[int, set[str]]:
    """Other living holder -> in what they agree."""
    found: dict[int, set[str]] = {}
    for statement, reason in ((_by_contact(holder_id), None), (_by_name(holder_id), NAME_TOLD)):
        for row in connection.execute(statement):
            told = reason or (PHONE_TOLD if row.kind_class == PHONE else EMAIL_TOLD)
            found.setdefault(row.holder_id, set()).add(told)
    return found


def _by_contact(holder_id: int) -> Any:
    mine, theirs = tables.contact.alias("mine"), tables.contact.alias("theirs")
    holder, kind = tables.holder, tables.contact_type
    return (
        select(theirs.c.holder_id, kind.c["class"].label("kind_class"))
        .select_from(
            mine.join(
                theirs,
                (theirs.c.value_norm == mine.c.value_norm)
                & (theirs.c.contact_type_id == mine.c.contact_type_id),
            )
            .join(kind, kind.c.contact_type_id == mine.c.contact_type_id)
            .join(holder, holder.c.holder_id == theirs.c.holder_id)
        )
        .where(
            mine.c.holder_id == holder_id,
            theirs.c.holder_id != holder_id,
            mine.c.deleted_at.is_(None),
            theirs.c.deleted_at.is_(None),
            kind.c["class"].in_([PHONE, EMAIL]),
            *is_live(holder),
        )
        .order_by(theirs.c.holder_id)
        .limit(LARGEST_CROWD)
    )


def _by_name(holder_id: int) -> Any:
    mine, theirs, holder = _a, _b, tables.holder
    return (
        select(theirs.c.holder_id)
        .select_from(
            mine.join(theirs, theirs.c.search_name == mine.c.search_name).join(
                holder, holder.c.holder_id == theirs.c.holder_id
            )
        )
        .where(
            mine.c.holder_id == holder_id,
            theirs.c.holder_id != holder_id,
            mine.c.search_name != "",
            mine.c.birth_date.is_not(None),
            theirs.c.birth_date == mine.c.birth_date,
            *is_live(holder),
        )
        .order_by(theirs.c.holder_id)
        .limit(LARGEST_CROWD)
    )


# ---------------------------------------------------------------------- pairs


def list_duplicates(asked: wire.ListDuplicates, reading: Reading) -> Page[wire.DuplicateRow]:
    """Pairs that were found, both guests alive and of the user's divisions."""
    one, other = tables.holder.alias("one"), tables.holder.alias("other")
    divisions = reading.actor.divisions
    terms = (
        []
        if divisions is None
        else [holder.c.division_id.in_(sorted(divisions)) for holder in (one, other)]
    )
    source = (
        _pair.join(one, one.c.holder_id == _pair.c.holder_a)
        .join(other, other.c.holder_id == _pair.c.holder_b)
        .outerjoin(_a, _a.c.holder_id == _pair.c.holder_a)
        .outerjoin(_b, _b.c.holder_id == _pair.c.holder_b)
    )
    listing = Listing(
        source=source, key=_pair.c.pair_no, fields=_FIELDS, columns=list(_FIELDS.values())
    )
    found = list_rows(reading.connection, listing, asked, *terms)
    return Page(
        rows=[_pair_row(row) for row in found.rows],
        next=found.next,
        total=found.total,
        marks=found.marks,
    )


def _pair_row(row: Any) -> wire.DuplicateRow:
    values = dict(zip(_FIELDS, row, strict=True))
    values["reasons"] = msgspec.json.decode(values["reasons"], type=list[str])
    return wire.DuplicateRow(**values)


def dismiss_duplicate(asked: wire.DismissDuplicate, editing: Editing) -> Done:
    """Two people: written down, also for a pair that the search has not found yet."""
    low, high = sorted((asked.holder_a, asked.holder_b))
    if low == high:
        raise AppError(ErrorCode.FIELD_BAD, field="holder_b", value=str(high))
    for holder_id in (low, high):
        row = row_of(editing.connection, tables.holder, {"holder_id": holder_id})
        editing.actor.need_division(row.division_id)
    _write(editing.connection, editing.ids, low, high, [], DISMISSED)
    return Done()


def _write(
    connection: Connection, ids: Ids, low: int, high: int, reasons: list[str], state: int
) -> bool:
    """A pair; one that was judged keeps its judgement when it is found again."""
    where = (_pair.c.holder_a == low, _pair.c.holder_b == high)
    known = connection.execute(select(_pair.c.state).where(*where)).scalar()
    told = {"score": score_of(reasons), "reasons": msgspec.json.encode(reasons).decode()}
    if known is None:
        connection.execute(
            insert(_pair).values(
                pair_no=ids.take("change"), holder_a=low, holder_b=high, state=state, **told
            )
        )
    elif state == DISMISSED:
        connection.execute(update(_pair).where(*where).values(state=state))
    elif known == NEW:
        connection.execute(update(_pair).where(*where).values(**told))
    return known is None


# ---------------------------------------------------------------------- the search


def search_all(context: RunContext) -> None:
    """The work of `duplicates.find`: every living guest once, a few at a time (domain 3.12)."""
    holder = tables.holder
    context.tell_total(
        context.desk.read(
            lambda connection: int(
                connection.execute(
                    select(func.count()).select_from(holder).where(*is_live(holder))
                ).scalar_one()
            )
        )
    )
    while context.piece(_piece):
        pass


def _piece(how: Pass) -> Piece:
    holder, after = tables.holder, int(how.resume_at or 0)
    ids = list(
        how.connection.execute(
            select(holder.c.holder_id)
            .where(holder.c.holder_id > after, *is_live(holder))
            .order_by(holder.c.holder_id)
            .limit(LOOKED_AT)
        ).scalars()
    )
    for holder_id in ids:
        for other, reasons in agreeing(how.connection, holder_id).items():
            if other > holder_id:
                _write(how.connection, how.ids, holder_id, other, sorted(reasons), NEW)
    last = str(ids[-1]) if len(ids) == LOOKED_AT else None
    return Piece(resume_at=last, processed=len(ids))
