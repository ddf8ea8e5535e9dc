"""The main contact of a guest: at most one of a class (domain 1.3)."""

from __future__ import annotations

from sqlalchemy import select

from card_server.db.editing import row_of
from card_server.holders import tables
from card_server.holders.desk import own_part
from card_server.holders.holder_reading import whole_holder
from card_server.http.routes import Editing, Reading
from shared.wire import details as wire
from shared.wire import holders
from shared.wire.base import Done


def set_main_contact(asked: wire.SetMainContact, editing: Editing) -> Done:
    """This contact comes first; the one of its class that did gives way."""
    contact, kind = tables.contact, tables.contact_type
    row = own_part(editing, contact, "contact_id", asked.contact_id)
    key = {"contact_id": asked.contact_id}
    editing.log.edit(contact, key, {"is_main": True}, expected_version=asked.version)
    same_class = select(kind.c.contact_type_id).where(
        kind.c["class"]
        == select(kind.c["class"])
        .where(kind.c.contact_type_id == row.contact_type_id)
        .scalar_subquery()
    )
    former = editing.connection.execute(
        select(contact.c.contact_id).where(
            contact.c.holder_id == row.holder_id,
            contact.c.contact_type_id.in_(same_class),
            contact.c.contact_id != asked.contact_id,
            contact.c.is_main,
            contact.c.deleted_at.is_(None),
        )
    ).scalars()
    for contact_id in former.all():
        editing.log.edit(contact, {"contact_id": contact_id}, {"is_main": False})
    return Done(version=row_of(editing.connection, contact, key).version)


def present_owner(asked: wire.SetMainContact, reading: Reading) -> holders.Holder:
    """The guest as he stands, contacts masked, for who saw an older version."""
    row = row_of(reading.connection, tables.contact, {"contact_id": asked.contact_id})
    return whole_holder(reading.connection, reading.actor, row.holder_id, masked=True)
