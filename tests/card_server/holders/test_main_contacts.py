"""The main contact of a class: one at most, whatever is edited (domain 1.3)."""

from __future__ import annotations

from typing import Any

from shared.wire import details as wire
from shared.wire import holders
from tests.card_server.holders.test_desk import add, see
from tests.helpers.office import Office, new_operation_id

PHONES = ("+7 900 000-00-45", "+7 900 000-00-46", "+7 900 000-00-47")


def mains(office: Office, holder_id: int) -> list[bool]:
    return [one.is_main for one in see(office, holder_id).contacts]


def make_main(contact: holders.ContactRow, **fields: Any) -> wire.SetMainContact:
    return wire.SetMainContact(
        operation_id=new_operation_id(),
        contact_id=contact.contact_id,
        **{"version": contact.version, **fields},
    )


def guest(office: Office) -> int:
    """Three phones and a mail."""
    contacts = [holders.ContactFields(value=one) for one in (*PHONES, "anna@example.ru")]
    return add(office, contacts=contacts)


def test_the_main_contact_moves_within_its_class(office: Office) -> None:
    holder_id = guest(office)
    assert mains(office, holder_id) == [True, False, False, True]
    third = see(office, holder_id).contacts[2]
    done = office.ask(make_main(third))
    assert mains(office, holder_id) == [False, False, True, True]
    assert done.version == see(office, holder_id).contacts[2].version
    again = office.ask(make_main(see(office, holder_id).contacts[2]))
    assert again.version == done.version


def test_a_contact_that_changes_its_class_gives_way(office: Office) -> None:
    holder_id = guest(office)
    first = see(office, holder_id).contacts[0]
    fields = holders.ContactFields(contact_type_id=2, value="second@example.ru")
    office.ask(
        holders.EditContact(
            operation_id=new_operation_id(),
            contact_id=first.contact_id,
            version=first.version,
            fields=fields,
        )
    )
    assert mains(office, holder_id) == [False, False, False, True]
    phone = see(office, holder_id).contacts[1]
    office.ask(make_main(phone))
    assert mains(office, holder_id) == [False, True, False, True]


def test_a_stale_or_unknown_contact_is_refused_with_what_stands(office: Office) -> None:
    holder_id = guest(office)
    second = see(office, holder_id).contacts[1]
    stale = make_main(second, version=7)
    replied = office.send(
        "SetMainContact",
        (
            f'{{"operation_id":"{stale.operation_id}","contact_id":{second.contact_id},"version":7}}'
        ).encode(),
    )
    assert replied.status == 409
    assert b'"present":{"row":{"holder_id":' in replied.body
    assert PHONES[1][-5:].encode() not in replied.body
    unknown = wire.SetMainContact(operation_id=new_operation_id(), contact_id=5, version=1)
    assert office.refused(unknown) == "ROW_NOT_FOUND"
    office.add_user("far", "holder.edit", divisions=())
    assert office.refused(make_main(second), office.sign_in("far")) == "DIVISION_FOREIGN"
