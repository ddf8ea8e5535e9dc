"""What happens to holders: a new guest, a changed questionnaire (crm-xml.md 8.3, 8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from card_server.db.change_log import Action
from card_server.holders import tables
from card_server.holders.addresses import AddressEditor
from card_server.holders.contacts import ContactEditor
from card_server.holders.records import (
    HOLDER_ACTIVE,
    HOLDER_MERGED,
    PersonWish,
    Photo,
)
from card_server.holders.rules import (
    good_birth,
    joined_name,
    month_day,
    name_keys,
)
from card_server.holders.workbench import Workbench
from shared.wire.errors import AppError, ErrorCode

RUSSIAN: Final = 1049
NAMES: Final = ("l_name", "f_name", "m_name")
FULL_NAME_WIDTH: Final = 140
NUMBERS: Final = {"gender": 0, "marital": 0, "smokes": False, "language": RUSSIAN}
"""What a field of the questionnaire is until somebody says otherwise; they are never NULL."""


def add_holder(bench: Workbench, wish: PersonWish) -> int:
    """A new holder with person, contacts, addresses and picture; gives back the id."""
    holder_id = bench.ids.take("holder")
    holder, person = new_rows(bench, holder_id, wish)
    bench.log.insert(tables.holder, {**holder, "pos_number": bench.ids.take("pos_number")})
    bench.log.insert(tables.person, person)
    _apply_parts(bench, holder_id, wish)
    return holder_id


def new_rows(
    bench: Workbench, holder_id: int, wish: PersonWish
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of a new holder and of its person; the holder's has no `pos_number` yet."""
    person = {name: value for name, value in wish.values.items() if value is not None}
    full = person.get("full_name") or joined_name(*(person.get(name) for name in NAMES))
    if not full and bench.name_required:
        raise AppError(ErrorCode.NAME_MISSING)
    _check_references(bench, wish.holder)
    group_id = wish.holder.get("group_id")
    if group_id is None and bench.default_group in bench.holder_groups:
        group_id = bench.default_group
    holder = {
        "holder_id": holder_id,
        "division_id": bench.division_id,
        "verified": False,
        **wish.holder,
        "group_id": group_id,
        "registered_at": bench.now,
        "registered_unit_id": bench.unit_id,
    }
    birth = good_birth(person.get("birth_date"), bench.today)
    row = {
        **NUMBERS,
        **person,
        **_name_keys(full, person),
        "birth_date": birth,
        "birth_md": month_day(birth),
    }
    return holder, {"holder_id": holder_id, **row}


def _name_keys(full: str, person: Mapping[str, Any]) -> dict[str, str | None]:
    full = full[:FULL_NAME_WIDTH]
    parts = (person.get(name) for name in ("l_name", "f_name", "m_name"))
    return {"full_name": full, **name_keys(full, *parts)}


def _apply_parts(bench: Workbench, holder_id: int, wish: PersonWish) -> None:
    if wish.contacts:
        contacts = ContactEditor(bench, holder_id)
        for contact in wish.contacts:
            contacts.apply(contact)
    if wish.addresses:
        addresses = AddressEditor(bench, holder_id)
        for address in wish.addresses:
            addresses.apply(address)
    if wish.photo is not None:
        put_photo(bench, holder_id, wish.photo)


def _check_references(bench: Workbench, values: dict[str, Any]) -> None:
    """Groups and non-payer types must exist: DICT_VALUE_UNKNOWN."""
    group_id = values.get("group_id")
    if group_id is not None and group_id not in bench.holder_groups:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Group_ID", value=group_id)
    payer_id = values.get("non_payer_type_id")
    if payer_id is None:
        return
    kind = tables.non_payer_type
    known = bench.connection.execute(
        select(kind.c.non_payer_type_id).where(
            kind.c.non_payer_type_id == payer_id, kind.c.deleted_at.is_(None)
        )
    ).scalar()
    if known is None:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="Unpay_Type_ID", value=payer_id)


def survivor_of(connection: Connection, holder_id: int) -> int:
    """The holder itself, or the one it was merged into; HOLDER_NOT_FOUND, HOLDER_DELETED."""
    holder = tables.holder
    row = connection.execute(
        select(holder.c.state, holder.c.merged_into, holder.c.deleted_at).where(
            holder.c.holder_id == holder_id
        )
    ).one_or_none()
    if row is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    if row.state == HOLDER_MERGED and row.merged_into is not None:
        return survivor_of(connection, row.merged_into)
    if row.state != HOLDER_ACTIVE or row.deleted_at is not None:
        raise AppError(ErrorCode.HOLDER_DELETED)
    return holder_id


def edit_holder(bench: Workbench, holder_id: int, wish: PersonWish) -> None:
    """Change what the wish gives; `holder_id` is a live holder (`survivor_of`)."""
    if wish.holder:
        _check_references(bench, wish.holder)
        bench.log.edit(tables.holder, {"holder_id": holder_id}, wish.holder)
    if wish.values:
        _edit_person(bench, holder_id, wish.values)
    _apply_parts(bench, holder_id, wish)


def _edit_person(bench: Workbench, holder_id: int, given: dict[str, Any]) -> None:
    person = tables.person
    old = (
        bench.connection.execute(select(person).where(person.c.holder_id == holder_id))
        .mappings()
        .one_or_none()
    )
    if old is None:
        raise AppError(ErrorCode.HOLDER_DELETED)
    changes = {
        name: NUMBERS[name] if value is None and name in NUMBERS else value
        for name, value in given.items()
    }
    _edit_birth(bench, changes)
    if not {"full_name", *NAMES}.isdisjoint(changes):
        after = {**old, **changes}
        full = _full_name(dict(old), changes)
        if not full and bench.name_required:
            raise AppError(ErrorCode.NAME_MISSING)
        changes |= _name_keys(full, after)
    bench.log.edit(person, {"holder_id": holder_id}, changes)


def _edit_birth(bench: Workbench, changes: dict[str, Any]) -> None:
    """A bad or future day leaves the old one; only a cleared one is taken away (R22)."""
    if "birth_date" not in changes:
        return
    birth = changes["birth_date"]
    if birth is None or good_birth(birth, bench.today) is not None:
        changes["birth_md"] = month_day(birth)
    else:
        del changes["birth_date"]


def _full_name(old: dict[str, Any], changes: dict[str, Any]) -> str:
    """The full name after an edit.

    One that was joined from the parts follows them, also where a program sends it back as it read
    it; one that was given by itself stays until another is given.
    """
    stored = old["full_name"]
    given = changes.get("full_name", stored) or ""
    was_joined = stored in ("", joined_name(*(old[name] for name in NAMES))[:FULL_NAME_WIDTH])
    cleared = "full_name" in changes and not given
    if cleared or (given == stored and was_joined):
        return joined_name(*({**old, **changes}[name] for name in NAMES))
    return str(given)


def put_photo(bench: Workbench, holder_id: int, picture: Photo) -> None:
    """Store a picture in place of the old one; the journal says only that it changed."""
    photo = tables.person_photo
    values = {"mime": picture.mime, "bytes": picture.content, "thumb": picture.thumb}
    old = bench.connection.execute(
        select(photo.c.mime).where(photo.c.holder_id == holder_id)
    ).one_or_none()
    key = {"holder_id": holder_id}
    if old is not None:
        bench.connection.execute(delete(photo).where(photo.c.holder_id == holder_id))
    bench.connection.execute(insert(photo).values(**key, **values))
    action = Action.INSERT if old is None else Action.UPDATE
    bench.log.record(photo, key, action, {}, {"bytes": picture.content})


def set_password(bench: Workbench, holder_id: int, password_hash: str) -> None:
    """Keep the hash of a guest's password; the journal says only that it changed."""
    bench.log.edit(tables.person, {"holder_id": holder_id}, {"password_hash": password_hash})
