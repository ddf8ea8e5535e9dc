"""Guests edited by users: questionnaire, contacts, addresses, consents, deletion (domain 1.3)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Table, delete, select, update

from card_server.db.change_log import Action
from card_server.db.editing import check_texts, row_of, sent
from card_server.divisions.repository import read_setting
from card_server.holders import service, tables
from card_server.holders.addresses import PLACES, AddressEditor
from card_server.holders.contacts import ContactEditor
from card_server.holders.records import (
    HOLDER_ACTIVE,
    HOLDER_MERGED,
    AddressWish,
    ContactWish,
    PersonWish,
)
from card_server.holders.rules import RUSSIA, good_birth
from card_server.holders.workbench import Workbench
from card_server.http.routes import Editing
from shared.wire import holders as wire
from shared.wire.base import Done, Made
from shared.wire.errors import AppError, ErrorCode

HOLDER_FIELDS: Final = ("group_id", "non_payer_type_id", "external_code", "verified")
CHOICES: Final = {"gender": (0, 2), "marital": (0, 2), "language": (1, 65_535)}
PURPOSES, CHANNELS, SOURCES = (1, 5), (1, 5), (1, 7)
FIRST_GROUP: Final = "1"
SHORTEST_REASON: Final = 5
LATITUDE, LONGITUDE = 900_000_000, 1_800_000_000


def bench_of(editing: Editing, *, division_id: int = 1) -> Workbench:
    """What the editors of guests work with, in the name of a user."""
    connection, group = editing.connection, tables.holder_group
    rows = connection.execute(
        select(group.c.group_id, group.c.name).where(group.c.deleted_at.is_(None))
    )
    default = read_setting(connection, "holder.default_group") or FIRST_GROUP
    return Workbench(
        connection=connection,
        ids=editing.ids,
        log=editing.log,
        now=editing.now,
        today=editing.now.date(),
        division_id=division_id,
        user_id=editing.actor.user_id,
        country=read_setting(connection, "system.country") or RUSSIA,
        name_required=True,
        default_group=int(default) if default.isdigit() else None,
        holder_groups={row.group_id: row.name for row in rows},
    )


def own_holder(editing: Editing, holder_id: int, *, deleted: bool = False) -> Any:
    """The row of a living holder of the user's divisions (or of a deleted one)."""
    holder = tables.holder
    if deleted:
        row = editing.connection.execute(
            select(holder).where(holder.c.holder_id == holder_id)
        ).one_or_none()
        if row is None:
            raise AppError(ErrorCode.ROW_NOT_FOUND, what="holder", id=str(holder_id))
    else:
        row = row_of(editing.connection, holder, {"holder_id": holder_id})
    editing.actor.need_division(row.division_id)
    if row.state == HOLDER_MERGED:
        raise AppError(ErrorCode.HOLDER_MERGED, id=row.merged_into)
    if row.state != HOLDER_ACTIVE:
        raise AppError(ErrorCode.HOLDER_DELETED)
    return row


# ---------------------------------------------------------------------- the questionnaire


def person_wish(fields: wire.HolderFields, editing: Editing) -> PersonWish:
    """The form as the service takes it; values that cannot be kept are refused."""
    given = sent(fields).items()
    values: dict[str, Any] = {name: None if value == "" else value for name, value in given}
    holder: dict[str, Any] = {n: values.pop(n) for n in HOLDER_FIELDS if n in values}
    check_texts(tables.holder, holder)
    texts = {name: value for name, value in values.items() if name != "full_name" or value}
    check_texts(tables.person, texts)
    for name, (low, high) in CHOICES.items():
        if name in values and not low <= values[name] <= high:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=str(values[name])[:60])
    birth = values.get("birth_date")
    if birth is not None and good_birth(birth, editing.now.date()) is None:
        raise AppError(ErrorCode.FIELD_BAD, field="birth_date", value=birth.isoformat())
    return PersonWish(values=values, holder=holder)


def edit_holder(asked: wire.EditHolder, editing: Editing) -> Done:
    """Change the questionnaire of a guest."""
    own_holder(editing, asked.holder_id)
    _check_version(editing, asked)
    wish = person_wish(asked.fields, editing)
    service.edit_holder(bench_of(editing), asked.holder_id, wish)
    return _touched(editing, asked)


def _check_version(editing: Editing, asked: wire.HolderCommand) -> None:
    key = {"holder_id": asked.holder_id}
    editing.log.edit(tables.holder, key, {}, expected_version=asked.version)


def _touched(editing: Editing, asked: wire.HolderCommand) -> Done:
    """Person and picture have no version of their own: the holder's tells of their change."""
    holder = tables.holder
    editing.connection.execute(
        update(holder)
        .where(holder.c.holder_id == asked.holder_id, holder.c.version == asked.version)
        .values(version=asked.version + 1, updated_at=editing.now)
    )
    row = row_of(editing.connection, holder, {"holder_id": asked.holder_id})
    return Done(version=row.version)


def delete_holder(asked: wire.DeleteHolder, editing: Editing) -> Done:
    """Mark a guest as deleted: no card of his pays or earns from now on."""
    if len(asked.reason.strip()) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    own_holder(editing, asked.holder_id)
    key = {"holder_id": asked.holder_id}
    editing.log.delete(tables.holder, key, expected_version=asked.version)
    return Done(version=asked.version + 1)


def restore_holder(asked: wire.RestoreHolder, editing: Editing) -> Done:
    """A guest that was deleted by mistake is back."""
    own_holder(editing, asked.holder_id, deleted=True)
    _check_version(editing, asked)
    key = {"holder_id": asked.holder_id}
    editing.log.restore(tables.holder, key)
    return Done(version=row_of(editing.connection, tables.holder, key).version)


# ---------------------------------------------------------------------- contacts, addresses


def contact_wish(fields: wire.ContactFields, contact_id: int | None = None) -> ContactWish:
    """A contact of a form as the editor takes it."""
    values = sent(fields)
    type_id = values.pop("contact_type_id", None)
    check_texts(tables.contact, values)
    return ContactWish(contact_id=contact_id, type_id=type_id, values=values)


def address_wish(fields: wire.AddressFields, address_id: int | None = None) -> AddressWish:
    """An address of a form as the editor takes it."""
    values = sent(fields)
    type_id = values.pop("address_type_id", None)
    check_texts(tables.address, {k: v for k, v in values.items() if k not in PLACES})
    for place in PLACES:
        if values.get(place):
            check_texts(getattr(tables, place), {"name": values[place]})
    for axis, most in (("lat", LATITUDE), ("lng", LONGITUDE)):
        value = values.get(axis)
        if value is not None and abs(value) > most:
            raise AppError(ErrorCode.FIELD_BAD, field=axis, value=str(value))
    return AddressWish(address_id=address_id, type_id=type_id, values=values)


def own_part(editing: Editing, table: Table, name: str, key: int) -> Any:
    """The row of a contact or address of a living holder of the user's divisions."""
    row = row_of(editing.connection, table, {name: key})
    own_holder(editing, row.holder_id)
    return row


def _version_of(connection: Connection, table: Table, name: str, key: int) -> Done:
    version = connection.execute(select(table.c.version).where(table.c[name] == key)).scalar()
    return Done(version=version)


def add_contact(asked: wire.AddContact, editing: Editing) -> Done:
    """A further contact."""
    own_holder(editing, asked.holder_id)
    ContactEditor(bench_of(editing), asked.holder_id).apply(contact_wish(asked.fields))
    return Done()


def edit_contact(asked: wire.EditContact, editing: Editing) -> Done:
    """Change a contact."""
    key, table = asked.contact_id, tables.contact
    row = own_part(editing, table, "contact_id", key)
    editing.log.edit(table, {"contact_id": key}, {}, expected_version=asked.version)
    ContactEditor(bench_of(editing), row.holder_id).apply(contact_wish(asked.fields, key))
    return _version_of(editing.connection, table, "contact_id", key)


def delete_contact(asked: wire.DeleteContact, editing: Editing) -> Done:
    """Remove a contact."""
    own_part(editing, tables.contact, "contact_id", asked.contact_id)
    key = {"contact_id": asked.contact_id}
    editing.log.delete(tables.contact, key, expected_version=asked.version)
    return Done()


def add_address(asked: wire.AddAddress, editing: Editing) -> Done:
    """A further address."""
    own_holder(editing, asked.holder_id)
    AddressEditor(bench_of(editing), asked.holder_id).apply(address_wish(asked.fields))
    return Done()


def edit_address(asked: wire.EditAddress, editing: Editing) -> Done:
    """Change an address."""
    key, table = asked.address_id, tables.address
    row = own_part(editing, table, "address_id", key)
    editing.log.edit(table, {"address_id": key}, {}, expected_version=asked.version)
    AddressEditor(bench_of(editing), row.holder_id).apply(address_wish(asked.fields, key))
    return _version_of(editing.connection, table, "address_id", key)


def delete_address(asked: wire.DeleteAddress, editing: Editing) -> Done:
    """Remove an address."""
    own_part(editing, tables.address, "address_id", asked.address_id)
    key = {"address_id": asked.address_id}
    editing.log.delete(tables.address, key, expected_version=asked.version)
    return Done()


# ---------------------------------------------------------------------- consents, pictures


def add_consent(asked: wire.AddConsent, editing: Editing) -> Made:
    """A further line in the book of consents."""
    own_holder(editing, asked.holder_id)
    for name, (low, high) in (("purpose", PURPOSES), ("channel", CHANNELS), ("source", SOURCES)):
        value = getattr(asked, name)
        if value is not None and not low <= value <= high:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=str(value)[:60])
    values = {
        "holder_id": asked.holder_id,
        "purpose": asked.purpose,
        "channel": asked.channel,
        "granted": asked.granted,
        "source": asked.source,
        "evidence": (asked.evidence or "").strip() or None,
        "text_version": (asked.text_version or "").strip() or None,
    }
    check_texts(tables.consent, values)
    consent_id = editing.ids.take("change")
    who = {"at": editing.now, "user_id": editing.actor.user_id}
    editing.log.insert(tables.consent, {"consent_id": consent_id, **values, **who})
    return Made(key=consent_id)


def set_photo(asked: wire.SetPhoto, editing: Editing) -> Done:
    """A new picture; it was read and made small before the transaction began."""
    own_holder(editing, asked.holder_id)
    _check_version(editing, asked)
    service.put_photo(bench_of(editing), asked.holder_id, editing.prepared)
    return _touched(editing, asked)


def remove_photo(asked: wire.RemovePhoto, editing: Editing) -> Done:
    """Take the picture away; none is a success."""
    own_holder(editing, asked.holder_id)
    _check_version(editing, asked)
    photo = tables.person_photo
    gone = editing.connection.execute(delete(photo).where(photo.c.holder_id == asked.holder_id))
    if gone.rowcount:
        key = {"holder_id": asked.holder_id}
        editing.log.record(photo, key, Action.DELETE, {}, {})
    return _touched(editing, asked)
