"""Guests through the contract: added, found, edited, masked, unmasked, deleted and restored."""

from __future__ import annotations

import base64
import io
from datetime import date
from typing import Any

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select, update

from card_server.divisions import tables as division_tables
from card_server.holders import tables
from card_server.users import tables as user_tables
from shared.wire import holders as wire
from shared.wire.base import Condition, Problem, Sort
from shared.wire.holder_accounts import ListAccounts
from tests.helpers.office import Office, new_operation_id

WHY = "гость звонит"
PHONE, MASKED = "+7 900 000-00-45", "+7 9** ***-**-45"


def add(office: Office, l_name: str = "Ёлкина", **fields: Any) -> int:
    contacts = fields.pop("contacts", [wire.ContactFields(value=PHONE)])
    addresses = fields.pop("addresses", [])
    division_id = fields.pop("division_id", 1)
    asked = wire.AddHolder(
        operation_id=new_operation_id(),
        division_id=division_id,
        fields=wire.HolderFields(l_name=l_name, **{"f_name": "Анна", **fields}),
        contacts=contacts,
        addresses=addresses,
    )
    return office.ask(asked).key


def see(office: Office, holder_id: int) -> wire.Holder:
    return office.ask(wire.GetHolder(holder_id=holder_id))


def act(office: Office, kind: Any, holder_id: int, **fields: Any) -> Any:
    version = fields.pop("version", None) or see(office, holder_id).row.version
    return kind(operation_id=new_operation_id(), holder_id=holder_id, version=version, **fields)


def found(office: Office, text: str, **fields: Any) -> list[int]:
    answer = office.ask(wire.SearchHolders(text=text, **fields))
    return [one.row.holder_id for one in answer.holders]


def accesses(office: Office) -> list[Any]:
    table = user_tables.person_access
    return office.desk.read(
        lambda connection: list(connection.execute(select(table).order_by(table.c.at)).all())
    )


def unmask(contact_id: int, reason: str = WHY) -> wire.UnmaskContact:
    return wire.UnmaskContact(operation_id=new_operation_id(), contact_id=contact_id, reason=reason)


def picture() -> str:
    packed = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(packed, "PNG")
    return base64.b64encode(packed.getvalue()).decode()


def test_a_guest_comes_with_contacts_addresses_and_accounts(office: Office) -> None:
    holder_id = add(
        office,
        birth_date=date(1990, 2, 28),
        addresses=[wire.AddressFields(city="Город", street="Улица", house="5")],
    )
    guest = see(office, holder_id)
    assert (guest.row.full_name, guest.row.group_id) == ("Ёлкина Анна", 1)
    assert guest.person is not None
    assert guest.person.birth_date == date(1990, 2, 28)
    assert [(c.value, c.is_masked, c.is_main) for c in guest.contacts] == [(MASKED, True, True)]
    assert [(a.city, a.street, a.house) for a in guest.addresses] == [("Город", "Улица", "5")]
    assert guest.accounts == len(office.ask(ListAccounts(holder_id=holder_id)).accounts) > 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"l_name": "", "f_name": None, "full_name": "Безымянный"}, "FIELD_MISSING"),
        ({"l_name": "x" * 61}, "TOO_LONG"),
        ({"birth_date": date(1899, 12, 31)}, "FIELD_BAD"),
        ({"birth_date": date(2100, 1, 1)}, "FIELD_BAD"),
        ({"gender": 3}, "FIELD_BAD"),
        ({"marital": -1}, "FIELD_BAD"),
        ({"language": 0}, "FIELD_BAD"),
        ({"group_id": 777}, "DICT_VALUE_UNKNOWN"),
        ({"group_id": 1 << 40}, "FIELD_BAD"),
        ({"non_payer_type_id": 777}, "DICT_VALUE_UNKNOWN"),
        ({"division_id": 77}, "DICT_VALUE_UNKNOWN"),
        ({"contacts": [wire.ContactFields(value="12")]}, "DICT_VALUE_UNKNOWN"),
        ({"contacts": [wire.ContactFields(value="12345")]}, "PHONE_BAD"),
        ({"contacts": [wire.ContactFields(value="a@b")]}, "EMAIL_BAD"),
        ({"contacts": [wire.ContactFields(contact_type_id=77, value=PHONE)]}, "DICT_VALUE_UNKNOWN"),
        ({"contacts": [wire.ContactFields(value=PHONE)] * 21}, "TOO_MANY_ITEMS"),
        ({"addresses": [wire.AddressFields(city="x" * 61)]}, "TOO_LONG"),
        ({"addresses": [wire.AddressFields(house="x" * 11)]}, "TOO_LONG"),
        ({"addresses": [wire.AddressFields(city="Город", lat=900_000_001)]}, "FIELD_BAD"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    asked = wire.AddHolder(
        operation_id=new_operation_id(),
        division_id=fields.get("division_id", 1),
        contacts=fields.get("contacts", []),
        addresses=fields.get("addresses", []),
        fields=wire.HolderFields(
            **{
                "l_name": "Ёлкина",
                **{
                    k: v
                    for k, v in fields.items()
                    if k not in ("division_id", "contacts", "addresses")
                },
            }
        ),
    )
    assert office.refused(asked) == code
    assert office.ask(wire.ListHolders()).rows == []


def test_a_guest_is_edited_deleted_and_restored(office: Office) -> None:
    holder_id = add(office)
    edit = act(office, wire.EditHolder, holder_id, fields=wire.HolderFields(l_name="Ель"))
    done = office.ask(edit)
    guest = see(office, holder_id)
    assert (guest.row.full_name, guest.row.version) == ("Ель Анна", done.version)
    stale = act(
        office, wire.EditHolder, holder_id, version=1, fields=wire.HolderFields(l_name="Пень")
    )
    assert office.refused(stale) == "STALE_EDIT"
    assert office.ask(edit) == done
    nobody = wire.HolderFields(l_name=None, f_name=None, full_name=None)
    assert office.refused(act(office, wire.EditHolder, holder_id, fields=nobody)) == "NAME_MISSING"
    bad = act(office, wire.DeleteHolder, holder_id, reason="так")
    assert office.refused(bad) == "REASON_NEEDED"
    office.ask(act(office, wire.DeleteHolder, holder_id, reason=WHY))
    assert found(office, "ель") == []
    assert [row.holder_id for row in office.ask(wire.ListHolders(deleted=True)).rows] == [holder_id]
    refused = act(office, wire.EditHolder, holder_id, fields=wire.HolderFields(l_name="Пень"))
    assert office.refused(refused) == "ROW_NOT_FOUND"
    office.ask(act(office, wire.RestoreHolder, holder_id))
    assert found(office, "ель") == [holder_id]


def test_contacts_and_addresses_are_changed_one_by_one(office: Office) -> None:
    holder_id = add(office)
    mail = wire.ContactFields(value="Anna@Example.org", notes="рабочая")
    new = wire.AddContact(operation_id=new_operation_id(), holder_id=holder_id, fields=mail)
    office.ask(new)
    one, two = see(office, holder_id).contacts
    assert (two.value, two.notes) == ("A***@E***.org", "рабочая")

    def edit(version: int, **fields: Any) -> wire.EditContact:
        return wire.EditContact(
            operation_id=new_operation_id(),
            contact_id=one.contact_id,
            version=version,
            fields=wire.ContactFields(**fields),
        )

    assert office.refused(edit(77, notes="x")) == "STALE_EDIT"
    assert office.refused(edit(one.version, value="не телефон")) == "PHONE_BAD"
    office.ask(edit(one.version, value=MASKED, dispatch=False))
    assert office.ask(unmask(one.contact_id)).value == PHONE
    gone = wire.DeleteContact(
        operation_id=new_operation_id(), contact_id=two.contact_id, version=two.version
    )
    office.ask(gone)
    assert [c.contact_id for c in see(office, holder_id).contacts] == [one.contact_id]
    home = wire.AddressFields(city="Город", house="7")
    office.ask(wire.AddAddress(operation_id=new_operation_id(), holder_id=holder_id, fields=home))
    (address,) = see(office, holder_id).addresses
    change = wire.EditAddress(
        operation_id=new_operation_id(),
        address_id=address.address_id,
        version=address.version,
        fields=wire.AddressFields(house="9"),
    )
    office.ask(change)
    (changed,) = see(office, holder_id).addresses
    assert (changed.city, changed.house) == ("Город", "9")
    away = wire.DeleteAddress(
        operation_id=new_operation_id(), address_id=address.address_id, version=changed.version
    )
    office.ask(away)
    assert see(office, holder_id).addresses == []


def test_a_contact_is_shown_for_a_reason_and_so_often_as_the_role_allows(office: Office) -> None:
    (contact,) = see(office, add(office)).contacts
    number = office.add_user("desk", "holder.view", "person.unmask")
    role = user_tables.role
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(role).where(role.c.role_id == number).values(unmask_per_day=2)
        )
    office.sign_in("desk")
    assert office.refused(unmask(contact.contact_id, "  да  ")) == "REASON_NEEDED"
    assert office.refused(unmask(contact.contact_id, "x" * 256)) == "TOO_LONG"
    assert accesses(office) == []
    for _ in range(2):
        assert office.ask(unmask(contact.contact_id)).value == PHONE
    assert office.refused(unmask(contact.contact_id)) == "RATE_LIMITED"
    seen = [(row.user_id, row.contact_id, row.what, row.reason) for row in accesses(office)]
    assert seen == [(number, contact.contact_id, 1, WHY)] * 2
    office.shop.pass_time(hours=25)
    office.sign_in("desk")
    assert office.ask(unmask(contact.contact_id)).value == PHONE


def test_who_sees_contacts_in_full_leaves_a_row(office: Office) -> None:
    holder_id = add(office)
    number = office.add_user("boss", "holder.view", "person.contacts")
    office.sign_in("boss")
    (contact,) = see(office, holder_id).contacts
    assert (contact.value, contact.is_masked) == (PHONE, False)
    assert [(row.user_id, row.holder_id) for row in accesses(office)] == [(number, holder_id)]
    assert office.ask(wire.SearchHolders(text=PHONE)).holders[0].contacts == [PHONE]
    told = [(row.user_id, row.holder_id, row.reason) for row in accesses(office)]
    assert told[1:] == [(number, holder_id, "SearchHolders")]
    office.ask(wire.SearchHolders(text="нет такого имени"))
    assert len(accesses(office)) == 2
    office.sign_in()
    found_masked = office.ask(wire.SearchHolders(text=PHONE)).holders[0].contacts
    assert (found_masked, len(accesses(office))) == ([MASKED], 2)


def test_who_changes_an_older_contact_or_address_is_told_what_stands(office: Office) -> None:
    mail = wire.ContactFields(value="anna@example.org", value_ext="7")
    home = wire.AddressFields(city="Город", house="7")
    holder_id = add(office, contacts=[mail], addresses=[home])
    guest, key = see(office, holder_id), new_operation_id
    (contact,), (address,) = guest.contacts, guest.addresses
    assert (contact.value, contact.value_ext) == ("a***@e***.org", "***")
    version = {"version": contact.version + 3}
    which = {"contact_id": contact.contact_id, **version}
    where = {"address_id": address.address_id, "version": address.version + 3}
    fields = wire.ContactFields(notes="x")
    for command in (
        wire.EditContact(operation_id=key(), fields=fields, **which),
        wire.DeleteContact(operation_id=key(), **which),
    ):
        replied = office.send(type(command).__name__, msgspec.json.encode(command))
        problem = msgspec.json.decode(replied.body, type=Problem)
        assert problem.code == "STALE_EDIT"
        assert problem.present["value"] == "a***@e***.org"
        assert problem.present["version"] == contact.version
    for place in (
        wire.EditAddress(operation_id=key(), fields=wire.AddressFields(house="9"), **where),
        wire.DeleteAddress(operation_id=key(), **where),
    ):
        replied = office.send(type(place).__name__, msgspec.json.encode(place))
        problem = msgspec.json.decode(replied.body, type=Problem)
        assert (problem.code, problem.present["house"]) == ("STALE_EDIT", "7")
    same = wire.ContactFields(value=contact.value, value_ext=contact.value_ext, notes="утром")
    office.ask(
        wire.EditContact(
            operation_id=key(),
            contact_id=contact.contact_id,
            version=contact.version,
            fields=same,
        )
    )
    shown = office.ask(unmask(contact.contact_id))
    assert (shown.value, shown.value_ext) == ("anna@example.org", "7")


def test_one_box_finds_by_phone_mail_card_and_name(office: Office) -> None:
    mail = wire.ContactFields(value="anna@example.org")
    anna = add(office, contacts=[wire.ContactFields(value=PHONE), mail])
    other = add(office, "Ёлкин", f_name="Пётр", contacts=[])
    carded = office.shop.issue(4_400_123, name="Кузьма Жуков")
    for text in (PHONE, "8 (900) 000 00 45", "9000000045", "8 (900) 00", "790000", "+7 900"):
        assert found(office, text) == [anna], text
    assert found(office, "ANNA@EXAMPLE.ORG") == found(office, "anna@") == [anna]
    assert found(office, "4400123") == [carded]
    assert sorted(found(office, " елк ")) == [anna, other]
    assert found(office, "елкин петр") == found(office, "Пётр Ёлкин") == [other]
    assert found(office, "жуков кузьма") == [carded]
    answer = office.ask(wire.SearchHolders(text="елк", limit=1))
    assert (len(answer.holders), answer.more) == (1, True)
    assert found(office, "никого") == found(office, "4400124") == found(office, "e%_[") == []
    for text in ("", " е ", "x" * 141):
        assert office.refused(wire.SearchHolders(text=text)) == "FIELD_BAD"


def test_guests_are_listed_newest_first(office: Office) -> None:
    ids = [add(office, f"Гость{i}", contacts=[]) for i in range(5)]
    page = office.ask(wire.ListHolders(limit=2, count=True))
    assert ([r.holder_id for r in page.rows], page.total) == (ids[:2:-1], 5)
    rest = office.ask(wire.ListHolders(after=page.next)).rows
    assert [row.holder_id for row in rest] == ids[2::-1]
    named = Condition(field="full_name", operator="starts", value="Гость3")
    assert [r.holder_id for r in office.ask(wire.ListHolders(where=[named])).rows] == [ids[3]]
    assert office.refused(wire.ListHolders(sort=Sort(field="full_name"))) == "FIELD_BAD"


def test_consents_are_only_added(office: Office) -> None:
    holder_id = add(office)

    def consent(**fields: Any) -> wire.AddConsent:
        values = {"purpose": 2, "granted": True, "source": 1, **fields}
        return wire.AddConsent(operation_id=new_operation_id(), holder_id=holder_id, **values)

    for bad in ({"purpose": 6}, {"channel": 0}, {"source": 8}):
        assert office.refused(consent(**bad)) == "FIELD_BAD"
    assert office.refused(consent(evidence="x" * 501)) == "TOO_LONG"
    office.ask(consent(channel=1, evidence="анкета 15"))
    office.shop.pass_time(minutes=1)
    office.ask(consent(granted=False, source=7))
    latest, first = see(office, holder_id).consents
    assert (latest.granted, latest.channel, latest.user_id) == (False, None, 1)
    assert (first.granted, first.channel, first.evidence) == (True, 1, "анкета 15")


def test_a_picture_is_set_and_taken_away(office: Office) -> None:
    holder_id = add(office)
    broken = act(office, wire.SetPhoto, holder_id, image="нет")
    assert office.refused(broken) == "IMAGE_REFUSED"
    office.ask(act(office, wire.SetPhoto, holder_id, image=picture()))
    assert see(office, holder_id).has_photo
    shown = office.ask(wire.GetPhoto(holder_id=holder_id))
    assert (shown.mime, base64.b64encode(shown.content).decode()) == ("image/png", picture())
    assert office.ask(wire.GetPhoto(holder_id=holder_id, small=True)).mime == "image/jpeg"
    office.ask(act(office, wire.RemovePhoto, holder_id))
    assert not see(office, holder_id).has_photo
    assert office.refused(wire.GetPhoto(holder_id=holder_id)) == "ROW_NOT_FOUND"


def test_guests_of_a_foreign_division_are_neither_shown_nor_touched(office: Office) -> None:
    office.shop.add(division_tables.division, division_id=2, id_prefix=2, name="Вторая")
    mine, foreign = add(office, contacts=[]), add(office, "Чужая", division_id=2)
    (contact,) = see(office, foreign).contacts
    edit = act(office, wire.EditHolder, foreign, fields=wire.HolderFields(l_name="Моя"))
    office.add_user("local", "holder.view", "holder.edit", "person.unmask", divisions=(1,))
    office.sign_in("local")
    assert [row.holder_id for row in office.ask(wire.ListHolders()).rows] == [mine]
    assert found(office, PHONE) == found(office, "чужая") == []
    assert office.refused(wire.GetHolder(holder_id=foreign)) == "DIVISION_FOREIGN"
    assert office.refused(edit) == "DIVISION_FOREIGN"
    assert office.refused(unmask(contact.contact_id)) == "DIVISION_FOREIGN"
    note = wire.AddContact(
        operation_id=new_operation_id(),
        holder_id=foreign,
        fields=wire.ContactFields(value="a@b.example"),
    )
    assert office.refused(note) == "DIVISION_FOREIGN"


def test_an_erased_or_unknown_guest_is_not_changed(office: Office) -> None:
    holder_id = add(office)
    version = see(office, holder_id).row.version
    table = tables.holder
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(table).where(table.c.holder_id == holder_id).values(state=3)
        )
    for number, code in ((holder_id, "HOLDER_DELETED"), (12345, "ROW_NOT_FOUND")):
        edit = act(
            office,
            wire.EditHolder,
            number,
            version=version,
            fields=wire.HolderFields(l_name="Пень"),
        )
        assert office.refused(edit) == code
    assert office.refused(wire.GetHolder(holder_id=12345)) == "ROW_NOT_FOUND"
