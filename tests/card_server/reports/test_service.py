"""Reports: figures that agree with the ledger, parameters, pages, files that open again."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from card_server.ledger.tables import entry
from card_server.reports.exporting import to_csv, to_xlsx
from shared.wire import reports as wire
from shared.wire.divisions import AddDivision, AddUnit, DivisionFields, UnitFields
from shared.wire.errors import AppError
from tests.helpers.office import Office, new_operation_id

PERIOD = {"date_from": "2026-03-01", "date_to": "2026-03-31"}


def run(office: Office, code: str, **parameters: object) -> wire.ReportTable:
    return office.ask(wire.RunReport(code=code, parameters=parameters))  # type: ignore[arg-type]


def live_unit(office: Office, name: str = "Живой") -> int:
    fields = UnitFields(name=name, division_id=1, state=2)
    return office.ask(AddUnit(operation_id=new_operation_id(), fields=fields)).key


def sell(office: Office, card: int, lines: list[tuple[int, int]], unit_id: int | None) -> None:
    outcome = office.desk.book(office.shop.call(card, lines, unit_id=unit_id))
    assert outcome.error is None, outcome.error


@pytest.fixture
def busy(office: Office) -> Office:
    """Three sales in a live unit, one in the test unit."""
    unit_id = live_unit(office)
    office.shop.issue(6001)
    office.shop.issue(6002)
    sell(office, 6001, [(2, 10_000), (3, 200_000)], unit_id)
    sell(office, 6001, [(0, -4000), (2, 3000), (3, 60_000)], unit_id)
    sell(office, 6002, [(2, 777), (3, 15_540)], unit_id)
    sell(office, 6002, [(2, 5), (3, 100)], 1)
    return office


def test_the_turnover_is_what_the_entries_say(busy: Office) -> None:
    table = run(busy, "turnover", **PERIOD)
    assert [row[:2] for row in table.rows] == [
        ["Живой", "Бонусный"],
        ["Живой", "Потраченные средства"],
    ]
    assert table.rows[0][2:] == [4, 13_777, 4000, 9777]
    assert table.rows[1][2:] == [3, 275_540, 0, 275_540]
    assert table.totals == {"count": 7, "credited": 289_317, "debited": 4000, "saldo": 285_317}
    whole = run(busy, "turnover", **PERIOD, with_test=True)
    in_entries = busy.desk.read(
        lambda c: c.execute(select(func.sum(entry.c.amount), func.count())).one()
    )
    assert (whole.totals["saldo"], whole.totals["count"]) == tuple(in_entries)


def test_the_turnover_can_be_narrowed(busy: Office) -> None:
    bonus = run(busy, "turnover", **PERIOD, account_types=[1])
    assert [row[1] for row in bonus.rows] == ["Бонусный"]
    assert run(busy, "turnover", **PERIOD, units=[999]).rows == []
    assert run(busy, "turnover", date_from="2025-01-01", date_to="2025-12-31").rows == []


def test_the_liability_is_what_lots_hold_by_month(busy: Office) -> None:
    table = run(busy, "liability")
    (row,) = table.rows
    assert row == ["Бонусный", "2027-03", 4, 9782, 0, 9782]
    balance = busy.desk.read(
        lambda c: c.execute(
            select(func.sum(entry.c.amount)).where(entry.c.account_type_id == 1)
        ).scalar_one()
    )
    assert table.totals["remaining"] == balance


def test_the_journal_tells_every_entry_once_in_pages(busy: Office) -> None:
    whole = run(busy, "journal", **PERIOD, with_test=True)
    assert len(whole.rows) == 9
    assert whole.next is None
    seen, after = [], None
    while True:
        asked = wire.RunReport(
            code="journal", parameters={**PERIOD, "with_test": True}, after=after, limit=2
        )
        page = busy.ask(asked)
        seen += page.rows
        after = page.next
        if after is None:
            break
    assert seen == whole.rows
    keys = [column.key for column in whole.columns]
    first = dict(zip(keys, whole.rows[0], strict=True))
    assert (first["kind"], first["purpose"], first["card"]) == ("sale", "earn", "6001")
    assert (first["amount"], first["balance_after"]) == (10_000, 10_000)


@pytest.mark.parametrize(
    ("parameters", "field", "code"),
    [
        ({}, "date_from", "FIELD_MISSING"),
        ({**PERIOD, "date_to": ""}, "date_to", "FIELD_MISSING"),
        ({**PERIOD, "date_from": "yesterday"}, "date_from", "FIELD_BAD"),
        ({**PERIOD, "date_to": "2020-01-01"}, "date_to", "FIELD_BAD"),
        ({**PERIOD, "date_to": "2099-01-01"}, "date_to", "FIELD_BAD"),
        ({**PERIOD, "units": "one"}, "units", "FIELD_BAD"),
        ({**PERIOD, "with_test": "yes"}, "with_test", "FIELD_BAD"),
        ({**PERIOD, "colour": "red"}, "colour", "FIELD_BAD"),
    ],
)
def test_parameters_that_make_no_sense_are_named(
    office: Office, parameters: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(AppError) as caught:
        run(office, "turnover", **parameters)
    assert (caught.value.code, caught.value.facts["field"]) == (code, field)


def test_an_unknown_report_and_a_wrong_file_are_refused(office: Office) -> None:
    assert office.refused(wire.RunReport(code="no such")) == "ROW_NOT_FOUND"
    wrong = wire.ExportReport(code="turnover", parameters={**PERIOD}, file="exe")
    assert office.refused(wrong) == "FIELD_BAD"
    astray = wire.RunReport(code="journal", parameters={**PERIOD}, after="x")
    assert office.refused(astray) == "FIELD_BAD"


def test_a_user_of_one_division_sees_only_its_figures(busy: Office) -> None:
    fields = DivisionFields(name="Филиал", id_prefix=2)
    second = busy.ask(AddDivision(operation_id=new_operation_id(), fields=fields)).key
    busy.add_user("branch", "report.view", divisions=(second,))
    token = busy.sign_in("branch")
    for code, parameters in (("turnover", PERIOD), ("journal", PERIOD), ("liability", {})):
        asked = wire.RunReport(code=code, parameters=dict(parameters))
        assert busy.ask(asked, token).rows == []


def test_the_catalogue_speaks_both_languages(office: Office) -> None:
    russian = office.ask(wire.ListReports()).reports
    assert [form.code for form in russian] == ["turnover", "liability", "journal"]
    assert russian[0].name == "Обороты по типам счетов и ресторанам"
    client = office.client()
    client._language = "en"
    english = client.ask(wire.ListReports()).reports
    assert english[0].name == "Turnover by account type and unit"
    for form in english:
        texts = [form.name, form.purpose, *(column.title for column in form.columns)]
        texts += [one.title for one in form.parameters]
        assert all(text and text.isascii() for text in texts)


def test_files_open_again_with_the_same_figures(busy: Office) -> None:
    asked = wire.ExportReport(code="turnover", parameters={**PERIOD}, file="xlsx")
    made = busy.ask(asked)
    assert (made.name, made.rows) == ("turnover-2026-03-02.xlsx", 2)
    sheet = load_workbook(io.BytesIO(made.body)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Ресторан", "Тип счёта")
    assert rows[1] == ("Живой", "Бонусный", 4, 137.77, 40, 97.77)
    made = busy.ask(wire.ExportReport(code="journal", parameters={**PERIOD}, file="csv"))
    lines = list(csv.reader(io.StringIO(made.body.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == 1 + made.rows == 8
    assert lines[1][12] == "100.00"


def test_no_cell_of_a_file_is_a_formula() -> None:
    columns = [
        wire.ReportColumn(key="a", kind=wire.TEXT, title="=A1"),
        wire.ReportColumn(key="b", kind=wire.AMOUNT, title="b"),
    ]
    rows: list[list[wire.Cell]] = [["=HYPERLINK(1)", -5], ["@x", None], ["-2", 0]]
    text = to_csv(columns, rows).decode("utf-8-sig").splitlines()
    assert text[1:] == ["'=HYPERLINK(1);-0.05", "'@x;", "'-2;0.00"]
    sheet = load_workbook(io.BytesIO(to_xlsx("a/b", columns, rows))).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].value == -0.05
