"""The holder's own part of a merge: state, questionnaire, contacts, addresses, consents (3.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select, update

from card_server.db.change_log import Action
from card_server.db.editing import row_of
from card_server.holders import tables
from card_server.holders.merge_items import Merge
from card_server.holders.records import HOLDER_ACTIVE, HOLDER_MERGED
from card_server.holders.repository import HOLDER_OWNER
from shared.wire.merges import CHOICES, DUPLICATE, SURVIVOR

SEARCHED: Final = ("search_name", "search_last", "search_first", "search_middle", "search_rest")
NAMES: Final = ("l_name", "f_name", "m_name", "full_name", *SEARCHED)
PARTS: Final[dict[str, tuple[str, ...]]] = {"name": NAMES, "birth_date": ("birth_date", "birth_md")}
"""Columns of a choice that is more than one."""
NOTHING: Final = {"gender": 0, "marital": 0, "smokes": False, "language": 1049}
"""What a field is that nobody filled."""
TAKEN: Final = ("non_payer_type_id", "external_code", "source_system")
"""What a survivor takes over who has none: programs find the guest by the codes."""
BY_USER: Final = 6
"""`consent.source`."""
NEW, SETTLED = 1, 3
"""`duplicate_candidate.state`: found, merged."""


def columns_of(choice: str) -> tuple[str, ...]:
    """The columns that a choice decides."""
    return PARTS.get(choice, (choice,))


def person_of(connection: Connection, holder_id: int) -> Mapping[str, Any] | None:
    """The questionnaire of a holder; None for an anonymous one."""
    person = tables.person
    row = connection.execute(select(person).where(person.c.holder_id == holder_id)).one_or_none()
    return None if row is None else row._asdict()


def default_choices(connection: Connection, survivor: Any, duplicate: Any) -> dict[str, int]:
    """The value that is there, and of two the one of the guest who was edited last."""
    mine = person_of(connection, survivor.holder_id) or {}
    theirs = person_of(connection, duplicate.holder_id) or {}
    newer = DUPLICATE if duplicate.updated_at > survivor.updated_at else SURVIVOR
    return {name: _default(name, mine, theirs, newer) for name in CHOICES}


def _default(name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], newer: int) -> int:
    column = "full_name" if name == "name" else name
    filled = [row.get(column) not in (None, "", NOTHING.get(name)) for row in (mine, theirs)]
    if all(filled):
        return newer
    return DUPLICATE if filled[1] else SURVIVOR


# ---------------------------------------------------------------------- there


def merge_parts(merge: Merge, choices: Mapping[str, int]) -> None:
    """Everything of the holder's rooms goes over; the duplicate is merged from here on."""
    _merge_person(merge, choices)
    _merge_codes(merge)
    _merge_holder(merge)
    _merge_contacts(merge)
    _merge_addresses(merge)
    _merge_properties(merge)
    _merge_photo(merge)
    _merge_consents(merge)
    _settle_candidate(merge, SETTLED)


def _merge_person(merge: Merge, choices: Mapping[str, int]) -> None:
    theirs = person_of(merge.connection, merge.duplicate_id)
    if theirs is None:
        return
    wanted = [name for name in CHOICES if choices.get(name) == DUPLICATE]
    values = {column: theirs[column] for name in wanted for column in columns_of(name)}
    if person_of(merge.connection, merge.survivor_id) is None:
        keys = [name for name in CHOICES if name not in wanted]
        empty = {name: NOTHING[name] for name in keys if name in NOTHING}
        named = {"full_name": "", "search_name": ""}
        row = {"holder_id": merge.survivor_id, **named, **empty, **values}
        merge.log.insert(tables.person, row)
        merge.keep("person", merge.survivor_id)
    elif values:
        merge.log.edit(tables.person, {"holder_id": merge.survivor_id}, values)


def _merge_codes(merge: Merge) -> None:
    """First taken from the duplicate, then given: a code is unique among live holders."""
    holder = tables.holder
    mine = row_of(merge.connection, holder, {"holder_id": merge.survivor_id})
    theirs = row_of(merge.connection, holder, {"holder_id": merge.duplicate_id})
    taken = {} if mine.external_code else {n: getattr(theirs, n) for n in TAKEN[1:]}
    if mine.non_payer_type_id is None:
        taken[TAKEN[0]] = theirs.non_payer_type_id
    taken = {name: value for name, value in taken.items() if value is not None}
    if not taken:
        return
    merge.log.edit(holder, {"holder_id": merge.duplicate_id}, dict.fromkeys(taken))
    merge.log.edit(holder, {"holder_id": merge.survivor_id}, taken)


def _merge_holder(merge: Merge) -> None:
    """The duplicate points at the survivor, and so do those that were merged into it before."""
    holder = tables.holder
    chained = merge.connection.execute(
        select(holder.c.holder_id).where(holder.c.merged_into == merge.duplicate_id)
    ).scalars()
    for holder_id in sorted(chained):
        merge.log.edit(holder, {"holder_id": holder_id}, {"merged_into": merge.survivor_id})
        merge.keep("chain", holder_id)
    gone = {"state": HOLDER_MERGED, "merged_into": merge.survivor_id}
    merge.log.edit(holder, {"holder_id": merge.duplicate_id}, gone)
    mine = row_of(merge.connection, holder, {"holder_id": merge.survivor_id})
    theirs = row_of(merge.connection, holder, {"holder_id": merge.duplicate_id})
    last = max((r.last_operation_at for r in (mine, theirs) if r.last_operation_at), default=None)
    changes = {"last_operation_at": last, "is_anonymous": mine.is_anonymous and theirs.is_anonymous}
    merge.log.edit(holder, {"holder_id": merge.survivor_id}, changes)


def _merge_contacts(merge: Merge) -> None:
    """Contacts without doubles; the survivor's main ones stay the main ones."""
    contact, kind = tables.contact, tables.contact_type
    connection = merge.connection
    rows = connection.execute(
        select(contact, kind.c["class"].label("kind_class"))
        .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
        .where(
            contact.c.holder_id.in_([merge.survivor_id, merge.duplicate_id]),
            contact.c.deleted_at.is_(None),
        )
        .order_by(contact.c.contact_id)
    ).all()
    mine = [row for row in rows if row.holder_id == merge.survivor_id]
    known = {(row.contact_type_id, row.value_norm) for row in mine}
    has_main = {row.kind_class for row in mine if row.is_main}
    for row in rows:
        same = (row.contact_type_id, row.value_norm) in known
        if row.holder_id == merge.survivor_id or same:
            continue
        is_main = row.is_main and row.kind_class not in has_main
        changes = {"holder_id": merge.survivor_id, "is_main": is_main}
        merge.log.edit(contact, {"contact_id": row.contact_id}, changes)
        merge.keep("contact", row.contact_id)


def _merge_addresses(merge: Merge) -> None:
    """Addresses without doubles."""
    address = tables.address
    known = select(address.c.dup_key).where(
        address.c.holder_id == merge.survivor_id, address.c.deleted_at.is_(None)
    )
    merge.move(address, "address", address.c.deleted_at.is_(None), address.c.dup_key.not_in(known))


def _merge_properties(merge: Merge) -> None:
    """Properties that the survivor has no value of."""
    link = tables.property_link
    mine = select(link.c.property_id).where(
        link.c.owner_kind == HOLDER_OWNER, link.c.owner_id == merge.survivor_id
    )
    rows = merge.connection.execute(
        select(link.c.property_id).where(
            link.c.owner_kind == HOLDER_OWNER,
            link.c.owner_id == merge.duplicate_id,
            link.c.property_id.not_in(mine),
        )
    )
    for property_id in sorted(rows.scalars()):
        _hand_over(merge, property_id, merge.duplicate_id, merge.survivor_id)
        merge.keep("property", property_id)


def _hand_over(merge: Merge, property_id: int, giver: int, taker: int) -> bool:
    link = tables.property_link
    where = (link.c.owner_kind == HOLDER_OWNER, link.c.property_id == property_id)
    moved = merge.connection.execute(
        update(link).where(*where, link.c.owner_id == giver).values(owner_id=taker)
    )
    for holder_id, action in ((giver, Action.DELETE), (taker, Action.INSERT)):
        key = {"owner_kind": HOLDER_OWNER, "owner_id": holder_id, "property_id": property_id}
        merge.log.record(link, key, action, {}, {})
    return bool(moved.rowcount)


def _merge_photo(merge: Merge) -> None:
    """A picture, if the survivor has none."""
    photo = tables.person_photo
    owners = merge.connection.execute(
        select(photo.c.holder_id).where(
            photo.c.holder_id.in_([merge.survivor_id, merge.duplicate_id])
        )
    ).scalars()
    if set(owners) == {merge.duplicate_id}:
        _give_photo(merge, merge.duplicate_id, merge.survivor_id)
        merge.keep("photo", merge.survivor_id)


def _give_photo(merge: Merge, giver: int, taker: int) -> None:
    photo = tables.person_photo
    moved = merge.connection.execute(
        update(photo).where(photo.c.holder_id == giver).values(holder_id=taker)
    )
    if moved.rowcount:
        merge.log.record(photo, {"holder_id": giver}, Action.DELETE, {}, {})
        merge.log.record(photo, {"holder_id": taker}, Action.INSERT, {}, {"mime": ""})


# ---------------------------------------------------------------------- consents

In_force = dict[tuple[int, int | None], bool]


def consents_in_force(connection: Connection, holder_id: int) -> In_force:
    """(purpose, channel) -> granted, of the latest line each."""
    table = tables.consent
    rows = connection.execute(
        select(table.c.purpose, table.c.channel, table.c.granted)
        .where(table.c.holder_id == holder_id)
        .order_by(table.c.at, table.c.consent_id)
    )
    return {(row.purpose, row.channel): row.granted for row in rows}


def _merge_consents(merge: Merge) -> None:
    """A refusal on either side wins; nothing in the book is changed, lines are added."""
    mine = consents_in_force(merge.connection, merge.survivor_id)
    theirs = consents_in_force(merge.connection, merge.duplicate_id)
    for (purpose, channel), granted in sorted(theirs.items(), key=str):
        before = mine.get((purpose, channel))
        after = granted if before is None else granted and before
        if after != before:
            consent_id = _add_consent(merge, purpose, channel, granted=after)
            merge.keep("consent", consent_id)


def _add_consent(merge: Merge, purpose: int, channel: int | None, *, granted: bool) -> int:
    consent_id = merge.ids.take("change")
    merge.log.insert(
        tables.consent,
        {
            "consent_id": consent_id,
            "holder_id": merge.survivor_id,
            "purpose": purpose,
            "channel": channel,
            "granted": granted,
            "at": merge.now,
            "source": BY_USER,
            "evidence": f"merge {merge.merge_id}",
            "user_id": merge.user_id,
        },
    )
    return consent_id


def _part_consents(merge: Merge) -> None:
    """The survivor's own words stand again; what came only from the duplicate is refused."""
    table = tables.consent
    added = merge.kept("consent")
    own: In_force = {}
    stands: dict[tuple[int, int | None], int] = {}
    rows = merge.connection.execute(
        select(table)
        .where(table.c.holder_id == merge.survivor_id)
        .order_by(table.c.at, table.c.consent_id)
    )
    for row in rows:
        stands[row.purpose, row.channel] = row.consent_id
        if row.consent_id not in added:
            own[row.purpose, row.channel] = row.granted
    for (purpose, channel), consent_id in sorted(stands.items(), key=str):
        if consent_id in added:
            granted = own.get((purpose, channel), False)
            _add_consent(merge, purpose, channel, granted=granted)


# ---------------------------------------------------------------------- and back


def part_again(merge: Merge) -> None:
    """The way back: rows that are still the survivor's, values that nobody changed since."""
    _part_consents(merge)
    for _photo in merge.kept("photo"):
        _give_photo(merge, merge.survivor_id, merge.duplicate_id)
    for property_id in merge.kept("property"):
        _hand_over(merge, property_id, merge.survivor_id, merge.duplicate_id)
    for table, kind in ((tables.contact, "contact"), (tables.address, "address")):
        (key,) = table.primary_key.columns
        for moved in merge.move_back(table, kind):
            if table is tables.contact:
                merge.put_back(table, {key.name: moved})
    holder = tables.holder
    for holder_id in merge.kept("chain"):
        merge.log.edit(holder, {"holder_id": holder_id}, {"merged_into": merge.duplicate_id})
    _part_person(merge)
    merge.put_back(holder, {"holder_id": merge.survivor_id})
    merge.put_back(holder, {"holder_id": merge.duplicate_id})
    changes = {"state": HOLDER_ACTIVE, "merged_into": None}
    merge.log.edit(holder, {"holder_id": merge.duplicate_id}, changes)
    _settle_candidate(merge, NEW)


def _part_person(merge: Merge) -> None:
    person = tables.person
    key = {"holder_id": merge.survivor_id}
    if not merge.kept("person"):
        merge.put_back(person, key)
        return
    merge.connection.execute(delete(person).where(person.c.holder_id == merge.survivor_id))
    merge.log.record(person, key, Action.DELETE, {}, {})


def _settle_candidate(merge: Merge, state: int) -> None:
    """The pair, if the search had found it."""
    pair = tables.duplicate_candidate
    low, high = sorted((merge.survivor_id, merge.duplicate_id))
    merge.connection.execute(
        update(pair).where(pair.c.holder_a == low, pair.c.holder_b == high).values(state=state)
    )


def add_merge_row(connection: Connection, values: Mapping[str, Any]) -> None:
    """The merge itself."""
    connection.execute(insert(tables.holder_merge).values(**values))


def merge_row(connection: Connection, **key: Any) -> Any | None:
    """A merge by its id, by its command's key or by its duplicate while it stands."""
    table: Table = tables.holder_merge
    where = [table.c[name] == value for name, value in key.items()]
    if "duplicate_id" in key:
        where.append(table.c.undone_at.is_(None))
    return connection.execute(select(table).where(*where)).one_or_none()


def set_merge(connection: Connection, merge_id: int, **values: Any) -> None:
    """A step of a merge."""
    table = tables.holder_merge
    connection.execute(update(table).where(table.c.merge_id == merge_id).values(**values))
