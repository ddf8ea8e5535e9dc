"""Cards and guests written row by row: ranges, binding, known cards, properties, addresses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.exchange import guest_writing, posting_work, undoing_work
from card_server.exchange.guest_writing import GuestWriter
from card_server.holders import tables as holder_tables
from card_server.jobs import repository as jobs
from card_server.ledger.verify import verify
from card_server.licences import tables as licence_tables
from card_server.users.tables import change_set
from shared.wire import imports as wire
from shared.wire.cards import AddCardRange, BlockCard, CardRangeFields
from shared.wire.errors import AppError, ErrorCode
from shared.wire.holders import AddContact, ContactFields, EditHolder, HolderFields
from shared.wire.jobs import DONE, DONE_WITH_ERRORS, FAILED, GetRun
from tests.helpers.importing import Importer, key
from tests.helpers.office import Office

CARDS = (
    "Карта;Фамилия;Телефон;Состояние;Причина;Действует до\n"
    "5001;Иванова;+79000000001;активна;;31.12.2027\n"
    "5002;;;неактивна;;\n"
    "5003;Петров;+79000000002;заблокирована;потеряна;\n"
    "5004;Иванова;+79000000001;;;\n"
)
FIELDS = ("card_code", "l_name", "contact.1", "card_state", "block_reason", "valid_to")


@pytest.fixture
def importer(office: Office) -> Importer:
    fields = CardRangeFields(
        name="Все", division_id=1, start_code=5000, end_code=5999, card_group_id=11
    )
    office.ask(AddCardRange(operation_id=key(), fields=fields))
    return Importer(office)


def card(office: Office, code: int) -> Any:
    table = card_tables.card
    return office.desk.read(
        lambda c: c.execute(select(table).where(table.c.card_code == code)).one()
    )


def rows(office: Office, table: Any, *where: Any) -> list[Any]:
    return office.desk.read(lambda c: list(c.execute(select(table).where(*where)).all()))


def imported(importer: Importer, text: str, *fields: str, **options: Any) -> int:
    batch_id = importer.load(wire.CARDS, text, "карты.csv")
    importer.map(batch_id, *(fields or FIELDS), **options)
    importer.check(batch_id)
    importer.post(batch_id)
    return batch_id


def test_cards_come_with_their_guests_and_two_cards_of_one_guest_meet(
    office: Office, importer: Importer
) -> None:
    batch_id = imported(importer, CARDS, match="phone")
    assert importer.faults(batch_id) == {}
    first, second = card(office, 5001), card(office, 5004)
    assert first.holder_id == second.holder_id is not None
    assert (first.state, first.valid_to, first.group_id) == (1, date(2027, 12, 31), 11)
    assert (card(office, 5002).state, card(office, 5002).holder_id) == (2, None)
    blocked = card(office, 5003)
    assert (blocked.state, blocked.block_reason) == (4, "потеряна")
    events = rows(office, card_tables.card_event)
    assert [(one.card_code, one.event, one.user_id) for one in events] == [
        (5001, 1, 1), (5002, 1, 1), (5003, 1, 1), (5004, 1, 1),
    ]  # fmt: skip
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE, '{"undone":4,"kept":0}')
    assert card(office, 5001).deleted_at is not None
    again = imported(importer, CARDS.replace("Петров", "Сидоров"), match="phone")
    assert importer.faults(again) == {}
    assert (card(office, 5003).deleted_at, card(office, 5003).state) == (None, 4)
    holder_id = card(office, 5003).holder_id
    person = holder_tables.person
    assert rows(office, person, person.c.holder_id == holder_id)[0].full_name == "Сидоров"


def test_a_guest_who_is_kept_keeps_both_cards(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing_work, "ROWS", 1)
    batch_id = imported(importer, CARDS, match="phone")
    office.shop.grant(card(office, 5001).holder_id, 1, 100)
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":2,"kept":2}')
    assert importer.faults(batch_id) == {
        2: [("IMPORT_KEPT", "card"), ("IMPORT_KEPT", "holder")],
        5: [("IMPORT_KEPT", "card")],
    }
    assert card(office, 5001).deleted_at is card(office, 5004).deleted_at is None


def test_without_a_way_to_find_guests_a_phone_that_comes_twice_is_told(importer: Importer) -> None:
    batch_id = importer.load(wire.CARDS, CARDS)
    importer.map(batch_id, *FIELDS)
    importer.check(batch_id)
    assert importer.faults(batch_id) == {5: [("ROW_TWICE", "contact.1")]}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("4001", ("CARD_OUT_OF_RANGE", "card_code")),
        (";Иванова", ("FIELD_MISSING", "card_code")),
        ("5001x", ("FIELD_BAD", "card_code")),
        ("1,23E+15", ("DIGITS_LOST", "card_code")),
        ("5001;;;сломана", ("FIELD_BAD", "card_state")),
        ("5001;;;blocked", ("FIELD_MISSING", "block_reason")),
        ("5001;;;;;01.01.2020", ("FIELD_BAD", "valid_to")),
        ("77", ("VALUE_TAKEN", "card_code")),
    ],
)
def test_a_card_that_cannot_be_is_a_fault_of_its_row(
    office: Office, importer: Importer, row: str, fault: tuple[str, str]
) -> None:
    office.shop.issue(77)
    office.add_user("clerk", "import.run")
    office.sign_in("clerk")
    text = f"Карта;Фамилия;Телефон;Состояние;Причина;По;С\n{row};\n#;\n".replace("#", "5000")
    batch_id = importer.load(wire.CARDS, text)
    importer.map(batch_id, *FIELDS, "valid_from")
    if "2020" in row:
        text = text.replace("01.01.2020;", "01.01.2020;02.01.2020")
        batch_id = importer.load(wire.CARDS, text)
        importer.map(batch_id, *FIELDS, "valid_from")
    importer.check(batch_id)
    assert importer.faults(batch_id) == {2: [fault]}


def test_a_card_outside_the_ranges_needs_its_right(office: Office, importer: Importer) -> None:
    batch_id = imported(importer, "Карта;Фамилия\n4001;Иванова\n", "card_code", "l_name")
    assert importer.faults(batch_id) == {}, "the administrator has card.issue_any"
    assert card(office, 4001).range_id is None


def test_known_cards_are_changed_bound_left_out_or_refused(
    office: Office, importer: Importer
) -> None:
    imported(importer, CARDS, match="phone")
    update_all = {"match": "phone", "on_match": wire.UPDATE, "skip_bad": True}
    text = (
        "Карта;Фамилия;Телефон;Состояние\n"
        "5002;Новая;+79000000009;активна\n"  # was without a guest
        "5001;Иванова-Петрова;+79000000001;неактивна\n"
        "5003;Чужая;+79000000001;\n"  # another guest has it
        "5004;;;заблокирована\n"  # no reason
    )
    batch_id = imported(importer, text, *FIELDS[:4], **update_all)
    assert importer.faults(batch_id) == {
        4: [("CARD_TAKEN", "card_code")],
        5: [("FIELD_MISSING", "block_reason")],
    }
    assert card(office, 5002).holder_id is not None
    assert (card(office, 5002).state, card(office, 5001).state) == (1, 2)
    person = holder_tables.person
    holder_id = card(office, 5001).holder_id
    assert rows(office, person, person.c.holder_id == holder_id)[0].l_name == "Иванова-Петрова"
    left = imported(importer, text, *FIELDS[:2], "", "", on_match=wire.SKIP)
    assert {row.state for row in importer.rows(left)} == {wire.LEFT_OUT}
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":0,"kept":2}')
    assert card(office, 5002).holder_id is None, "what was bound is loose again"
    assert importer.faults(batch_id)[2] == [("IMPORT_KEPT", "card")]


def test_properties_groups_and_one_address_come_with_a_guest(
    office: Office, importer: Importer
) -> None:
    shop, std = office.shop, {"created_at": office.shop.now, "updated_at": office.shop.now}
    properties = [
        (1, 1, "Аллергия"), (2, 2, "Размер"), (3, 3, "Лимит"), (4, 4, "Свадьба"),
        (5, 5, "Столик"), (6, 6, "Вино"),
    ]  # fmt: skip
    with shop.connection.begin():
        for number, kind, name in properties:
            shop.connection.execute(
                holder_tables.property_.insert().values(
                    property_id=number, property_type=kind, code_name=f"P{number}", name=name,
                    applies_to=1, is_personal=True, **std,
                )
            )  # fmt: skip
        shop.connection.execute(
            holder_tables.property_value.insert().values(
                property_value_id=9, property_id=5, name="У окна"
            )
        )
    text = (
        "Фамилия;Аллергия;Размер;Лимит;Свадьба;Столик;Вино;Группа;Страна;Улица;Дом\n"
        "Иванова;да;42;1200,50;01.02.2010;у окна;красное;VIP;Россия;Садовая;7к2\n"
        "Петров;возможно;1,5;x;32.01.2010;в углу;;;;;\n"
    )
    batch_id = importer.load(wire.HOLDERS, text)
    seen = importer.see(batch_id)
    assert [use.field for use in seen.proposed.columns] == [
        "l_name", *(f"property.{i}" for i in range(1, 7)), "holder_group", "address.country",
        "address.street", "address.house",
    ]  # fmt: skip
    importer.map(batch_id, *(use.field for use in seen.proposed.columns), skip_bad=True)
    importer.check(batch_id)
    assert importer.faults(batch_id) == {
        3: [
            ("FLAG_UNREAD", "property.1"), ("NUMBER_UNREAD", "property.2"),
            ("NUMBER_UNREAD", "property.3"), ("DATE_UNREAD", "property.4"),
            ("DICT_VALUE_UNKNOWN", "property.5"),
        ]
    }  # fmt: skip
    importer.post(batch_id)
    links = rows(office, holder_tables.property_link)
    assert [
        (one.property_id, one.value_num, one.value_date, one.property_value_id, one.value_text)
        for one in links
    ] == [
        (1, 1, None, None, None),
        (2, 42, None, None, None),
        (3, 120_050, None, None, None),
        (4, None, date(2010, 2, 1), None, None),
        (5, None, None, 9, None),
        (6, None, None, None, "красное"),
    ]
    (address,) = rows(office, holder_tables.address)
    assert (address.house, address.street_id is not None) == ("7к2", True)
    holder = holder_tables.holder
    assert [one.group_id for one in rows(office, holder)] == [2]
    changes = rows(office, change_set, change_set.c.table_name == "property_link")
    assert [one.user_id for one in changes] == [1] * 6


def test_a_row_that_is_refused_while_it_is_written_does_not_take_the_others_along(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = GuestWriter.write

    def write(self: GuestWriter, draft: Any, decision: Any) -> Any:
        made = real(self, draft, decision)
        if draft.card_code == 5002:
            raise AppError(ErrorCode.VALUE_TAKEN, field="carrier_data", value="x")
        return made

    monkeypatch.setattr(guest_writing.GuestWriter, "write", write)
    batch_id = imported(importer, CARDS, match="phone")
    assert importer.faults(batch_id) == {3: [("VALUE_TAKEN", "carrier_data")]}
    codes = [one.card_code for one in rows(office, card_tables.card)]
    assert codes == [5001, 5003, 5004]
    holders = [one.holder_id for one in rows(office, holder_tables.holder)]
    assert len(holders) == len(set(holders)) == 2


def test_a_licence_that_ends_stops_the_import_and_a_new_one_lets_it_go_on(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_work, "GUEST_ROWS", 1)
    batch_id = importer.load(wire.CARDS, CARDS)
    importer.map(batch_id, *FIELDS, match="phone")
    importer.check(batch_id)
    licence = licence_tables.licence
    office.desk.edit(
        lambda c, now, _ids: c.execute(
            licence.insert().values(
                licence_id=1, number="L-1", object_code="CARDS", metric=1, quantity=1,
                valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 1), features="{}",
                file_body=b"x", loaded_at=now, loaded_by=1, state=5,
            )
        )
    )  # fmt: skip
    run = importer.post(batch_id)
    assert (run.state, (run.message or "").partition(" ")[0]) == (FAILED, "LICENCE_END")
    assert rows(office, card_tables.card) == []
    for quantity, state, cards in ((3, FAILED, 3), (3, FAILED, 3), (4, DONE, 4)):
        office.desk.edit(
            lambda c, _now, _ids, n=quantity: c.execute(  # type: ignore[misc]
                update(licence).values(state=1, valid_to=None, quantity=n)
            )
        )
        run = importer.post(batch_id)
        assert (run.state, len(rows(office, card_tables.card))) == (state, cards)
    assert importer.see(batch_id).batch.state == wire.POSTED


def test_what_somebody_touched_since_is_kept_by_an_undo(office: Office, importer: Importer) -> None:
    text = "Карта;Фамилия\n" + "".join(f"500{i};Гость{i}\n" for i in range(1, 7))
    batch_id = imported(importer, text, "card_code", "l_name")
    owner = {code: card(office, code).holder_id for code in range(5001, 5007)}
    office.shop.pass_time(minutes=5)
    office.ask(
        EditHolder(
            operation_id=key(),
            holder_id=owner[5001],
            version=1,
            fields=HolderFields(remarks="постоянный"),
        )
    )
    office.ask(
        AddContact(
            operation_id=key(),
            holder_id=owner[5002],
            fields=ContactFields(contact_type_id=1, value="+79000000007"),
        )
    )
    office.ask(BlockCard(operation_id=key(), card_code=5003, version=1, reason="потеряна гостем"))
    office.shop.ok(5004, [(3, 1_000)])
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":2,"kept":4}')
    assert importer.faults(batch_id) == {
        2: [("IMPORT_KEPT", "card"), ("IMPORT_KEPT", "holder")],
        3: [("IMPORT_KEPT", "card"), ("IMPORT_KEPT", "holder")],
        4: [("IMPORT_KEPT", "card"), ("IMPORT_KEPT", "holder")],
        5: [("IMPORT_KEPT", "card"), ("IMPORT_KEPT", "holder")],
    }
    account = account_tables.account
    left = rows(office, account, account.c.holder_id == owner[5005])
    assert {row.state for row in left} == {3}, "accounts of a guest who was taken back are closed"
    events = card_tables.card_event
    told = rows(office, events, events.c.card_code == 5005)
    assert [(one.event, one.old_holder_id) for one in told] == [(1, None), (12, owner[5005])]
    report = office.desk.read(lambda c: verify(c, full=True))
    assert report.ok, report.findings


def test_a_run_that_was_interrupted_goes_on_without_doubling_a_guest(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_work, "GUEST_ROWS", 1)
    batch_id = importer.load(wire.CARDS, CARDS)
    importer.map(batch_id, *FIELDS, match="phone")
    importer.check(batch_id)
    ordered = office.ask(
        wire.PostImport(operation_id=key(), batch_id=batch_id, version=importer.version(batch_id))
    )
    real = GuestWriter.write
    written: list[int] = []

    def write(self: GuestWriter, draft: Any, decision: Any) -> Any:
        written.append(draft.row_no)
        if len(written) == 2:
            importer.runner._stop.set()
        return real(self, draft, decision)

    monkeypatch.setattr(GuestWriter, "write", write)
    importer.run_jobs()
    run = office.ask(GetRun(run_id=ordered.run_id))
    assert (run.state, run.processed, written) == (7, 2, [2, 3])
    office.desk.edit(lambda c, _now, _ids: jobs.plan_interrupted(c))
    importer.runner._stop.clear()
    importer.run_jobs()
    run = office.ask(GetRun(run_id=ordered.run_id))
    assert (run.state, run.processed, run.total) == (DONE, 4, 4)
    assert written == [2, 3, 4, 5]
    assert len(rows(office, holder_tables.holder)) == 2
