"""Imports from the upload to the undo, as a window drives them."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from card_server.divisions.tables import division
from card_server.exchange import tables
from card_server.holders import tables as holder_tables
from card_server.http.dispatch import Asked
from card_server.users.tables import change_set, change_value
from shared.wire import imports as wire
from shared.wire.base import Condition
from shared.wire.errors import AppError
from shared.wire.holders import DeleteHolder, SearchHolders
from shared.wire.jobs import DONE, DONE_WITH_ERRORS, FAILED
from tests.helpers.importing import Importer, key
from tests.helpers.office import Office

GUESTS = (
    "Фамилия;Имя;Телефон;E-mail;Дата рождения;Пол;Город;Рассылка\r\n"
    "Иванова;Анна;+7 900 000-00-01;anna@b.example;31.12.1985;ж;Тверь;да\r\n"
    "Петров;Пётр;8 (900) 000-00-02;;01.02.90;м;;нет\r\n"
)
NAMES = ("l_name", "f_name", "contact.1")


@pytest.fixture
def importer(office: Office) -> Importer:
    return Importer(office)


def found(office: Office, text: str) -> list[int]:
    return [one.row.holder_id for one in office.ask(SearchHolders(text=text)).holders]


def rows(office: Office, table: Any, *where: Any) -> list[Any]:
    return office.desk.read(lambda c: list(c.execute(select(table).where(*where)).all()))


def branch(office: Office) -> None:
    """A user who imports for another division alone."""
    office.shop.add(division, division_id=2, name="Филиал", id_prefix=2)
    office.add_user("branch", "import.run", divisions=(2,))


# ---------------------------------------------------------------------- the whole way


def test_guests_come_from_a_file_that_nobody_described(office: Office, importer: Importer) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS.encode("cp1251"))
    seen = importer.see(batch_id)
    assert (seen.shape.encoding, seen.shape.delimiter) == ("cp1251", ";")
    assert (seen.batch.state, seen.batch.rows_total) == (wire.LOADED, 2)
    assert [use.field for use in seen.proposed.columns] == [
        "l_name", "f_name", "contact.1", "contact.2", "birth_date", "gender", "address.city",
        "consent.2",
    ]  # fmt: skip
    assert seen.preview[0].cells[0] == "Иванова"
    importer.map(batch_id, *(use.field for use in seen.proposed.columns))
    assert importer.check(batch_id).state == DONE
    assert found(office, "иванова") == [], "a dry run changes nothing"
    assert importer.see(batch_id).batch.state == wire.CHECKED
    assert importer.post(batch_id).state == DONE
    (holder_id,) = found(office, "иванова")
    (person,) = rows(office, holder_tables.person, holder_tables.person.c.holder_id == holder_id)
    assert (person.full_name, person.birth_date, person.gender) == (
        "Иванова Анна", date(1985, 12, 31), 2,
    )  # fmt: skip
    contact = holder_tables.contact
    kept = rows(office, contact, contact.c.holder_id == holder_id)
    assert {one.value_norm for one in kept} == {"79000000001", "anna@b.example"}
    consents = rows(office, holder_tables.consent)
    assert {(one.purpose, one.granted, one.source) for one in consents} == {
        (2, True, 5), (2, False, 5),
    }  # fmt: skip
    batch = importer.see(batch_id).batch
    assert (batch.state, batch.rows_ok, batch.rows_bad) == (wire.POSTED, 2, 0)
    mine = rows(office, tables.import_row, tables.import_row.c.holder_id == holder_id)
    assert [row.row_no for row in mine] == [2], "an erasure finds the row of a guest"
    assert rows(office, tables.import_piece) == [], "the file went when it was not needed any more"
    assert importer.undo(batch_id).state == DONE
    assert found(office, "иванова") == []
    assert importer.see(batch_id).batch.state == wire.UNDONE


def test_the_corrected_file_can_be_imported_after_an_undo(
    office: Office, importer: Importer
) -> None:
    for surname in ("Иванова", "Иванов"):
        text = f"Фамилия;Имя;Телефон\n{surname};Анна;+79000000001\n"
        batch_id = importer.load(wire.HOLDERS, text)
        importer.map(batch_id, *NAMES)
        assert importer.check(batch_id).state == DONE
        assert importer.post(batch_id).state == DONE
        assert len(found(office, "79000000001")) == 1
        importer.undo(batch_id)
    assert found(office, "79000000001") == []


def test_a_workbook_is_read_with_its_numbers_and_days(office: Office, importer: Importer) -> None:
    book = Workbook()
    book.create_sheet("Гости")
    sheet = book["Гости"]
    sheet.append(["Фамилия", "Телефон", "Дата рождения", "Курит"])
    sheet.append(["Иванова", 79000000001, date(1985, 12, 31), True])
    made = io.BytesIO()
    book.save(made)
    body = made.getvalue()
    batch_id = importer.begin(wire.HOLDERS, body, "гости.xlsx")
    run = importer.finish(batch_id, body)
    assert (run.state, run.message) == (FAILED, 'FILE_EMPTY {"name":"гости.xlsx"}')
    again = wire.ReadImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id), sheet="Гости"
    )
    assert importer.run(again).state == DONE
    seen = importer.see(batch_id)
    assert seen.shape.sheets == ["Sheet", "Гости"]
    importer.map(batch_id, *(use.field for use in seen.proposed.columns))
    importer.check(batch_id)
    assert importer.post(batch_id).state == DONE
    (holder_id,) = found(office, "79000000001")
    (person,) = rows(office, holder_tables.person, holder_tables.person.c.holder_id == holder_id)
    assert (person.birth_date, person.smokes) == (date(1985, 12, 31), True)


def test_a_known_guest_is_left_out_changed_or_refused_as_was_said(
    office: Office, importer: Importer
) -> None:
    first = importer.load(wire.HOLDERS, GUESTS)
    importer.map(first, *NAMES)
    importer.check(first)
    importer.post(first)
    text = "Фамилия;Имя;Телефон;ИНН\nИванова-Петрова;Анна;89000000001;7707083893\n"
    for on_match, state, name in (
        (wire.SKIP, wire.LEFT_OUT, "Иванова Анна"),
        (wire.REFUSE, wire.BAD, "Иванова Анна"),
        (wire.UPDATE, wire.IMPORTED, "Иванова-Петрова Анна"),
    ):
        batch_id = importer.load(wire.HOLDERS, text)
        importer.map(batch_id, *NAMES, "inn", match="phone", on_match=on_match, skip_bad=True)
        importer.check(batch_id)
        importer.post(batch_id)
        assert [row.state for row in importer.rows(batch_id)] == [state]
        (holder_id,) = found(office, "79000000001")
        person = holder_tables.person
        (row,) = rows(office, person, person.c.holder_id == holder_id)
        assert row.full_name == name
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":0,"kept":1}')
    assert importer.faults(batch_id) == {2: [("IMPORT_KEPT", "holder")]}
    assert found(office, "79000000001") == [holder_id]


def test_a_guest_who_stands_twice_in_a_file_is_made_once_and_changed(
    office: Office, importer: Importer
) -> None:
    text = "Фамилия;Имя;Телефон\nИванова;Анна;+79000000001\nИванова;Анна-Мария;89000000001\n"
    batch_id = importer.load(wire.HOLDERS, text)
    importer.map(batch_id, *NAMES, match="phone", on_match=wire.UPDATE)
    importer.check(batch_id)
    assert importer.post(batch_id).state == DONE
    person = holder_tables.person
    assert [row.full_name for row in rows(office, person)] == ["Иванова Анна-Мария"]
    assert [row.group_id for row in rows(office, holder_tables.holder)] == [1]
    refusing = importer.load(wire.HOLDERS, text.replace("9000000001", "9000000002"))
    importer.map(refusing, *NAMES, match="phone")
    importer.check(refusing)
    assert importer.faults(refusing) == {3: [("ROW_TWICE", "phone")]}


def test_open_windows_are_told_of_every_step_of_a_batch(office: Office, importer: Importer) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS)
    importer.map(batch_id, *NAMES)
    importer.check(batch_id)
    importer.post(batch_id)
    mine = (change_set.c.table_name == "import_batch", change_set.c.row_key == str(batch_id))
    told = rows(office, change_set, *mine)
    assert len(told) >= 6
    assert {row.user_id for row in told} == {1}
    made = rows(office, change_set, change_set.c.table_name == "person")
    assert len(made) == 2
    values = rows(office, change_value, change_value.c.change_id == made[0].change_id)
    assert values == [], "the values of a new row stand in the row"


# ---------------------------------------------------------------------- errors by row


BAD = (
    "card;Фамилия;Телефон;E-mail;Дата рождения;Группа\n"
    "1;Иванова;+79000000001;anna@b.example;31.12.1985;Гости\n"
    "2;Петров;123;no-mail;31.02.1985;Нет такой\n"
    "3;;;;;\n"
    "4;Сидоров;+79000000001;;;2\n"
)


def test_every_fault_of_every_row_is_told_and_the_file_comes_back_with_reasons(
    office: Office, importer: Importer
) -> None:
    batch_id = importer.load(wire.HOLDERS, BAD)
    fields = ("", "l_name", "contact.1", "contact.2", "birth_date", "holder_group")
    importer.map(batch_id, *fields)
    run = importer.check(batch_id)
    assert (run.state, run.failed, run.outcome) == (DONE_WITH_ERRORS, 3, '{"ok":1,"bad":3}')
    assert importer.faults(batch_id) == {
        3: [
            ("PHONE_BAD", "contact.1"),
            ("EMAIL_BAD", "contact.2"),
            ("DATE_UNREAD", "birth_date"),
            ("DICT_VALUE_UNKNOWN", "holder_group"),
        ],
        4: [("NAME_MISSING", "l_name")],
        5: [("ROW_TWICE", "contact.1")],
    }
    refused = wire.PostImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
    )
    assert office.refused(refused) == "ROW_BAD"
    file = office.ask(wire.GetErrorFile(batch_id=batch_id))
    assert (file.name, file.rows) == ("гости-errors.csv", 3)
    told = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig")), delimiter=";"))
    assert told[0] == [*BAD.splitlines()[0].split(";"), "Строка", "Причина отказа"]
    assert told[1][:6] == BAD.splitlines()[2].split(";")
    assert "Дата рождения: «31.02.1985» не читается как дата" in told[1][7]
    assert told[3][7] == "Контакт: Телефон: «+79000000001» уже есть в строке 2 этого файла"
    asked = msgspec.json.encode(wire.GetErrorFile(batch_id=batch_id))
    english = office.dispatcher.answer(
        Asked(name="GetErrorFile", body=asked, token=office.token, language="en")
    )
    body = msgspec.json.decode(english.body, type=wire.ImportFile).body.decode("utf-8-sig")
    assert 'Birthday: "31.02.1985" cannot be read as a date' in body.replace('""', '"')
    importer.map(batch_id, *fields, skip_bad=True)
    importer.check(batch_id)
    assert importer.post(batch_id).state == DONE
    assert len(found(office, "79000000001")) == 1
    batch = importer.see(batch_id).batch
    assert (batch.rows_ok, batch.rows_bad) == (1, 3)
    bad = wire.ListImportRows(
        batch_id=batch_id, where=[Condition(field="state", value=wire.BAD)], count=True
    )
    assert office.ask(bad).total == 3


def test_what_changed_between_the_dry_run_and_the_import_is_a_fault_of_the_row(
    office: Office, importer: Importer
) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS)
    importer.map(batch_id, *NAMES)
    importer.check(batch_id)
    other = importer.load(wire.HOLDERS, GUESTS)
    importer.map(other, *NAMES)
    importer.check(other)
    importer.post(other)
    run = importer.post(batch_id)
    assert (run.state, run.failed) == (DONE_WITH_ERRORS, 2)
    assert importer.faults(batch_id) == {
        2: [("CONTACT_TAKEN", "contact.1")],
        3: [("CONTACT_TAKEN", "contact.1")],
    }
    assert len(found(office, "79000000001")) == 1


def test_what_is_used_is_kept_by_an_undo_and_listed(office: Office, importer: Importer) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS)
    importer.map(batch_id, *NAMES)
    importer.check(batch_id)
    importer.post(batch_id)
    (holder_id,) = found(office, "79000000001")
    office.shop.grant(holder_id, 1, 100)
    run = importer.undo(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":1,"kept":1}')
    assert importer.faults(batch_id) == {2: [("IMPORT_KEPT", "holder")]}
    assert found(office, "79000000001") == [holder_id]
    assert found(office, "79000000002") == []


# ---------------------------------------------------------------------- the file


def test_a_file_that_did_not_arrive_whole_is_refused(office: Office, importer: Importer) -> None:
    body = GUESTS.encode()
    batch_id = importer.begin(wire.HOLDERS, body)
    run = importer.run(wire.FinishImport(operation_id=key(), batch_id=batch_id, sha256="0" * 64))
    assert (run.state, (run.message or "").partition(" ")[0]) == (FAILED, "FILE_INCOMPLETE")
    piece = wire.SendImportPiece(operation_id=key(), batch_id=batch_id, piece_no=2, body=b"x")
    assert office.refused(piece) == "FILE_INCOMPLETE"
    short = wire.BeginImport(operation_id=key(), kind=1, division_id=1, file_name="a.csv", size=100)
    batch_id = office.ask(short).key
    sha256 = hashlib.sha256(b"").hexdigest()
    nothing = wire.FinishImport(operation_id=key(), batch_id=batch_id, sha256=sha256)
    assert office.refused(nothing) == "FILE_INCOMPLETE"
    rubbish = wire.FinishImport(operation_id=key(), batch_id=batch_id, sha256="zz")
    assert office.refused(rubbish) == "FIELD_BAD"


def test_a_large_file_comes_in_pieces_and_a_piece_may_come_again(
    office: Office, importer: Importer
) -> None:
    lines = [f"Гость{i};Имя{'я' * 40};+7901{i:07d}\n" for i in range(9000)]
    body = ("Фамилия;Имя;Телефон\n" + "".join(lines)).encode()
    assert len(body) > wire.LARGEST_PIECE
    batch_id = importer.begin(wire.HOLDERS, body)
    again = wire.SendImportPiece(
        operation_id=key(), batch_id=batch_id, piece_no=1, body=body[: wire.LARGEST_PIECE]
    )
    office.ask(again)
    assert importer.finish(batch_id, body).state == DONE
    assert importer.see(batch_id).batch.rows_total == 9000


def test_what_is_no_table_fails_with_its_name_and_row(importer: Importer) -> None:
    body = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
    batch_id = importer.begin(wire.HOLDERS, body, "photo.csv")
    run = importer.finish(batch_id, body)
    assert (run.state, run.message) == (FAILED, 'FILE_NOT_TABLE {"name":"photo.csv","row":1}')


def test_a_file_is_read_again_as_the_user_says(office: Office, importer: Importer) -> None:
    body = "Анна,Иванова\nПётр,Петров\n".encode("cp866")
    batch_id = importer.begin(wire.HOLDERS, body)
    importer.finish(batch_id, body)
    again = wire.ReadImport(
        operation_id=key(),
        batch_id=batch_id,
        version=importer.version(batch_id),
        encoding="cp866",
        delimiter=",",
        has_header=False,
    )
    assert importer.run(again).state == DONE
    seen = importer.see(batch_id)
    assert [row.cells for row in seen.preview] == [["Анна", "Иванова"], ["Пётр", "Петров"]]
    assert seen.shape.columns == ["1", "2"]
    assert seen.proposed.columns == []
    for field, value in (("encoding", "utf-7"), ("delimiter", "x")):
        bad = wire.ReadImport(
            operation_id=key(),
            batch_id=batch_id,
            version=importer.version(batch_id),
            **{field: value},  # type: ignore[arg-type]
        )
        assert office.refused(bad) == "FIELD_BAD"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": 9}, "FIELD_BAD"),
        ({"division_id": 77}, "DICT_VALUE_UNKNOWN"),
        ({"file_name": "  "}, "FIELD_MISSING"),
        ({"file_name": "x" * 256}, "TOO_LONG"),
        ({"size": 0}, "FILE_EMPTY"),
        ({"size": wire.LARGEST_FILE + 1}, "FILE_TOO_LARGE"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_it_is_sent(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    good = {"kind": 1, "division_id": 1, "file_name": "a.csv", "size": 10}
    assert office.refused(wire.BeginImport(operation_id=key(), **{**good, **fields})) == code


def test_pieces_are_bounded(office: Office, importer: Importer) -> None:
    batch_id = importer.begin(wire.HOLDERS, b"a;b\n")
    for piece_no, body, code in (
        (0, b"x", "FIELD_BAD"),
        (3000, b"x", "FIELD_BAD"),
        (2, b"", "REQUEST_TOO_LARGE"),
        (2, b"x" * (wire.LARGEST_PIECE + 1), "REQUEST_TOO_LARGE"),
    ):
        piece = wire.SendImportPiece(
            operation_id=key(), batch_id=batch_id, piece_no=piece_no, body=body
        )
        assert office.refused(piece) == code


# ---------------------------------------------------------------------- mapping


@pytest.mark.parametrize(
    ("kind", "mapping", "code"),
    [
        (1, {"columns": [(9, "l_name")]}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name"), (0, "f_name")]}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name"), (1, "l_name")]}, "FIELD_BAD"),
        (1, {"columns": [(0, "amount")]}, "FIELD_BAD"),
        (1, {"columns": [(0, "property.99")]}, "FIELD_BAD"),
        (1, {"columns": [(0, "remarks")]}, "FIELD_MISSING"),
        (1, {"columns": [(0, "l_name")], "match": "phone"}, "FIELD_MISSING"),
        (1, {"columns": [(0, "l_name")], "match": "name"}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name")], "dates": "dym"}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name")], "decimal": ";"}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name")], "on_match": 7}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name")], "group_id": 999}, "FIELD_BAD"),
        (1, {"columns": [(0, "l_name"), (1, "card_code")]}, "FIELD_BAD"),
        (2, {"columns": [(0, "card_code"), (1, "holder_id")]}, "FIELD_BAD"),
        (2, {"columns": [(0, "l_name")]}, "FIELD_MISSING"),
        (2, {"columns": [(0, "card_code")], "card_group_id": 999}, "FIELD_BAD"),
        (3, {"columns": [(0, "card_code"), (1, "amount")], "account_type_id": 1}, "FIELD_BAD"),
        (3, {"columns": [(1, "amount.1")], "match": "card_code"}, "FIELD_MISSING"),
        (3, {"columns": [(0, "card_code")], "match": "card_code"}, "FIELD_MISSING"),
        (3, {"columns": [(0, "card_code"), (1, "amount")], "match": "card_code"}, "FIELD_MISSING"),
        (
            3,
            {
                "columns": [(0, "card_code"), (1, "amount"), (2, "amount.1")],
                "match": "card_code",
                "account_type_id": 1,
            },
            "FIELD_BAD",
        ),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    office: Office, importer: Importer, kind: int, mapping: dict[str, Any], code: str
) -> None:
    batch_id = importer.load(kind, "a;b;c\n1;2;3\n")
    columns = [wire.ColumnUse(column=i, field=field) for i, field in mapping.pop("columns")]
    asked = wire.SetImportMapping(
        operation_id=key(),
        batch_id=batch_id,
        version=importer.version(batch_id),
        mapping=wire.Mapping(columns=columns, **mapping),
    )
    assert office.refused(asked) == code


def test_fields_are_named_in_the_readers_language(office: Office) -> None:
    def names(kind: int) -> dict[str, str]:
        fields = office.ask(wire.ListImportFields(kind=kind)).fields
        return {one.field: one.name for one in fields}

    guests, balances = names(wire.HOLDERS), names(wire.OPENING)
    assert guests["contact.1"] == "Контакт: Телефон"
    assert guests["consent.2.1"] == "Согласие: рассылки, SMS"
    assert balances["amount.1"].startswith("Сумма: ")
    assert "card_state" in names(wire.CARDS)
    assert office.refused(wire.ListImportFields(kind=4)) == "FIELD_BAD"


# ---------------------------------------------------------------------- order of things


def test_nothing_is_done_out_of_its_order_or_on_a_stale_batch(
    office: Office, importer: Importer
) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS)
    version = importer.version(batch_id)
    asked: dict[str, Any] = {"operation_id": "later-on-12", "batch_id": batch_id}
    for order in (wire.PostImport, wire.UndoImport):
        assert office.refused(order(version=version, **asked)) == "WRONG_STATE"
    stale = wire.CheckImport(version=version - 1, **asked)
    with pytest.raises(AppError) as caught:
        office.ask(stale)
    assert caught.value.code == "STALE_EDIT"
    assert caught.value.present(wire.Import).batch.version == version  # type: ignore[attr-defined]
    importer.map(batch_id, *NAMES)
    check = wire.CheckImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
    )
    first = office.ask(check)
    assert office.ask(check) == first, "a command that comes again is done once"
    busy = wire.SetImportMapping(
        operation_id=key(),
        batch_id=batch_id,
        version=importer.version(batch_id),
        mapping=wire.Mapping(),
    )
    assert office.refused(busy) == "WRONG_STATE"
    importer.run_jobs()
    gone = wire.DiscardImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
    )
    office.ask(gone)
    importer.run_jobs()
    assert office.refused(wire.GetImport(batch_id=batch_id)) == "ROW_NOT_FOUND"
    assert office.ask(wire.ListImports()).rows == []
    assert rows(office, tables.import_row) == rows(office, tables.import_piece) == []


def test_a_batch_of_a_foreign_division_is_neither_seen_nor_touched(
    office: Office, importer: Importer
) -> None:
    batch_id = importer.load(wire.HOLDERS, GUESTS)
    branch(office)
    token = office.sign_in("branch")
    assert office.ask(wire.ListImports(), token).rows == []
    asked: dict[str, Any] = {"operation_id": "foreign-12", "batch_id": batch_id}
    for request in (
        wire.GetImport(batch_id=batch_id),
        wire.ListImportRows(batch_id=batch_id),
        wire.GetErrorFile(batch_id=batch_id),
        wire.SendImportPiece(piece_no=1, body=b"x", **asked),
        wire.FinishImport(sha256="0" * 64, **asked),
        wire.ReadImport(version=1, **asked),
        wire.SetImportMapping(version=1, mapping=wire.Mapping(), **asked),
        wire.SetControlTotals(version=1, totals=[], **asked),
        wire.DiscardImport(version=1, **asked),
        wire.CheckImport(version=1, **asked),
        wire.PostImport(version=1, **asked),
        wire.UndoImport(version=1, **asked),
        wire.BeginImport(operation_id=key(), kind=1, division_id=1, file_name="a.csv", size=1),
    ):
        assert office.refused(request, token) == "DIVISION_FOREIGN", request


def test_a_known_guest_of_a_foreign_division_is_a_fault_of_the_row(
    office: Office, importer: Importer
) -> None:
    office.shop.issue(77)
    holder_id = office.shop.holder(77)
    batch_id = importer.load(wire.HOLDERS, f"id;Фамилия\n{holder_id};Новая\n")
    importer.map(batch_id, "holder_id", "l_name", match="holder_id", on_match=wire.UPDATE)
    batch = tables.import_batch
    holder = holder_tables.holder
    branch(office)
    office.shop.change(batch, batch.c.batch_id == batch_id, division_id=2)
    office.sign_in("branch")
    importer.check(batch_id)
    assert importer.faults(batch_id) == {2: [("DIVISION_FOREIGN", "")]}
    office.desk.edit(
        lambda c, _now, _ids: c.execute(
            update(holder).where(holder.c.holder_id == holder_id).values(division_id=2)
        )
    )
    importer.check(batch_id)
    assert importer.faults(batch_id) == {}


def test_a_guest_who_is_gone_is_not_found(office: Office, importer: Importer) -> None:
    office.shop.issue(77)
    holder_id = office.shop.holder(77)
    office.ask(
        DeleteHolder(operation_id=key(), holder_id=holder_id, version=1, reason="по запросу")
    )
    batch_id = importer.load(wire.HOLDERS, f"id;Фамилия\n{holder_id};Новая\n")
    importer.map(batch_id, "holder_id", "l_name", match="holder_id", on_match=wire.UPDATE)
    importer.check(batch_id)
    assert importer.faults(batch_id) == {2: [("HOLDER_NOT_FOUND", "holder_id")]}
