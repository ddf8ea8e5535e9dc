"""Opening balances: control totals, one operation a balance, proof, undo (domain 3.14)."""

from __future__ import annotations

from datetime import date
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.db.change_log import Editor
from card_server.exchange import posting_work, repository
from card_server.exchange.routes import WORKS
from card_server.holders import tables as holder_tables
from card_server.jobs import repository as jobs
from card_server.jobs.running import RunContext
from card_server.ledger import tables as ledger_tables
from card_server.ledger.verify import verify
from shared.wire import imports as wire
from shared.wire.errors import AppError
from shared.wire.jobs import CANCELLED, DONE, DONE_WITH_ERRORS, GetRun
from tests.helpers.importing import Importer, key
from tests.helpers.office import Office
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT

BALANCES = "Карта;Бонусы;Скидки;Деньги\n1001;1 200,50;30,00;\n1002;0;;15\n1003;-5;;0,01\n"
FIELDS = ("card_code", "amount.1", "amount.2", "amount.3")
TOTALS = ((BONUS, 2, 119_550), (DISCOUNT, 1, 3_000), (DEBIT, 2, 1_501))


@pytest.fixture
def importer(office: Office) -> Importer:
    for code in (1001, 1002, 1003):
        office.shop.issue(code)
    return Importer(office)


def balances(office: Office, code: int) -> tuple[int, int, int]:
    shop = office.shop
    holder_id = shop.holder(code)
    return (
        shop.balance(holder_id, BONUS),
        shop.balance(holder_id, DISCOUNT),
        shop.balance(holder_id, DEBIT),
    )


def operations(office: Office) -> int:
    table = ledger_tables.operation
    return int(
        office.desk.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())
    )


def sound(office: Office) -> None:
    report = office.desk.read(lambda c: verify(c, full=True))
    assert report.ok, report.findings


def reason(office: Office) -> int:
    table = ledger_tables.reason
    found = office.desk.read(
        lambda c: c.execute(
            select(table.c.reason_id).where(table.c.name.like("исправление импорта%"))
        ).scalar()
    )
    assert found is not None
    return int(found)


def loaded(importer: Importer, text: str = BALANCES, *fields: str, **options: Any) -> int:
    batch_id = importer.load(wire.OPENING, text, "остатки.csv")
    importer.map(batch_id, *(fields or FIELDS), **{"match": "card_code", **options})
    return batch_id


def test_balances_come_in_when_their_totals_are_those_of_the_other_system(
    office: Office, importer: Importer
) -> None:
    batch_id = loaded(importer)
    assert importer.check(batch_id).state == DONE
    asked = wire.PostImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
    )
    assert office.refused(asked) == "FIELD_MISSING", "nothing was said of the totals"
    for wrong in (
        ((BONUS, 2, 119_551), *TOTALS[1:]),
        ((BONUS, 3, 119_550), *TOTALS[1:]),
        TOTALS[:2],
        (*TOTALS, (SPENT, 1, 1)),
    ):
        importer.totals(batch_id, *wrong)
        again = wire.PostImport(
            operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
        )
        assert office.refused(again) == "IMPORT_TOTALS"
    importer.totals(batch_id, (BONUS, 2, 119_551), *TOTALS[1:])
    with pytest.raises(AppError) as caught:
        importer.post(batch_id)
    assert caught.value.facts == {
        "expected": "1195.51 (2)", "found": "1195.50 (2)", "diff": "-0.01 (0)", "type": BONUS,
    }  # fmt: skip
    importer.totals(batch_id, *TOTALS)
    assert [(one.found_count, one.found_amount) for one in importer.see(batch_id).totals] == [
        (2, 119_550), (1, 3_000), (2, 1_501),
    ]  # fmt: skip
    before = operations(office)
    assert importer.post(batch_id).state == DONE
    assert operations(office) == before + 5
    assert balances(office, 1001) == (120_050, -3_000, 0), "a given discount stands as a debit"
    assert balances(office, 1002) == (0, 0, 1_500)
    assert balances(office, 1003) == (-500, 0, 1)
    sound(office)
    kinds = office.shop.rows(ledger_tables.operation)
    assert {row.kind for row in kinds} == {16}
    assert {row.batch_id for row in kinds} == {batch_id}
    run = importer.undo(batch_id, reason(office))
    assert (run.state, run.outcome) == (DONE, '{"undone":3,"kept":0}')
    assert [balances(office, code) for code in (1001, 1002, 1003)] == [(0, 0, 0)] * 3
    sound(office)


def test_value_that_was_used_is_kept_by_an_undo(office: Office, importer: Importer) -> None:
    batch_id = loaded(importer)
    importer.check(batch_id)
    importer.totals(batch_id, *TOTALS)
    importer.post(batch_id)
    office.shop.ok(1001, [(0, -50_000), (3, 100_000)])
    asked = wire.UndoImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id)
    )
    assert office.refused(asked) == "REASON_NEEDED"
    wrong = wire.UndoImport(
        operation_id=key(), batch_id=batch_id, version=importer.version(batch_id), reason_id=999
    )
    assert office.refused(wrong) == "DICT_VALUE_UNKNOWN"
    run = importer.undo(batch_id, reason(office))
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"undone":2,"kept":1}')
    assert importer.faults(batch_id) == {2: [("WRONG_STATE", "")]}
    assert balances(office, 1001)[0] > 0
    assert balances(office, 1003) == (0, 0, 0)
    sound(office)


def test_lots_have_the_dates_of_their_rows(office: Office, importer: Importer) -> None:
    text = (
        "Карта;Остаток;Сгорают;Доступно с;Дата\n"
        "1001;10;31.12.2026;;\n"
        "1001;20;30.06.2027;01.04.2026;15.01.2024\n"
        "1002;30;;;\n"
    )
    fields = ("card_code", "amount", "expires_on", "available_on", "business_date")
    batch_id = loaded(importer, text, *fields, account_type_id=BONUS)
    assert importer.check(batch_id).state == DONE, importer.faults(batch_id)
    importer.totals(batch_id, (BONUS, 3, 6_000))
    assert importer.post(batch_id).state == DONE
    account_id = office.shop.account(office.shop.holder(1001), BONUS).account_id
    lot = ledger_tables.lot
    lots = office.shop.rows(lot, lot.c.account_id == account_id)
    assert [(one.amount, one.expires_on, one.available_at > office.shop.now) for one in lots] == [
        (1_000, date(2026, 12, 31), False),
        (2_000, date(2027, 6, 30), True),
    ]
    days = {row.business_date for row in office.shop.rows(ledger_tables.operation)}
    assert date(2024, 1, 15) in days
    sound(office)


def test_the_type_of_a_balance_may_stand_in_a_column(office: Office, importer: Importer) -> None:
    names = {one.field: one.name for one in office.ask(wire.ListImportFields(kind=3)).fields}
    bonus, money = (names[f"amount.{one}"].partition(": ")[2] for one in (BONUS, DEBIT))
    text = f"Карта;Счет;Сумма\n1001;{bonus};1,5\n1001;{money};2\n1001;нет такого;3\n1002;5;4\n"
    batch_id = loaded(importer, text, "card_code", "account_type", "amount", skip_bad=True)
    importer.check(batch_id)
    assert importer.faults(batch_id) == {4: [("DICT_VALUE_UNKNOWN", "account_type")]}
    importer.totals(batch_id, (BONUS, 1, 150), (DEBIT, 1, 200), (SPENT, 1, 400))
    importer.post(batch_id)
    assert balances(office, 1001) == (150, 0, 200)
    assert office.shop.balance(office.shop.holder(1002), SPENT) == 400
    sound(office)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("9999;1", ("CARD_NOT_FOUND", "card_code")),
        ("1004;1", ("CARD_UNBOUND", "card_code")),
        ("x;1", ("FIELD_BAD", "card_code")),
        (";1", ("HOLDER_NOT_FOUND", "card_code")),
        ("1001;1,234", ("NUMBER_UNREAD", "amount")),
        ("1001;сто", ("NUMBER_UNREAD", "amount")),
        ("1001;1;01.03.2026", ("BAD_LIFE", "expires_on")),
        ("1001;1;;03.03.2026", ("FIELD_BAD", "business_date")),
        ("1001;1;01.01.2300", ("FIELD_BAD", "expires_on")),
    ],
)
def test_a_balance_that_cannot_be_is_a_fault_of_its_row(
    office: Office, importer: Importer, row: str, fault: tuple[str, str]
) -> None:
    office.shop.issue(1004)
    card = office.shop.connection
    with card.begin():
        card.execute(
            card_tables.card.update()
            .where(card_tables.card.c.card_code == 1004)
            .values(holder_id=None)
        )
    text = f"Карта;Сумма;Срок;Дата\n{row}\n"
    fields = ("card_code", "amount", "expires_on", "business_date")
    batch_id = loaded(importer, text, *fields, account_type_id=BONUS)
    importer.check(batch_id)
    assert importer.faults(batch_id) == {2: [fault]}


@pytest.mark.parametrize("match", ["phone", "external_code", "holder_id"])
def test_a_guest_is_found_by_phone_by_code_or_by_number(
    office: Office, importer: Importer, match: str
) -> None:
    guests = "Фамилия;Телефон;Код\nИванова;+79000000001;A-1\nПетров;;A-2\nСидоров;;A-2\n"
    first = importer.load(wire.HOLDERS, guests)
    importer.map(first, "l_name", "contact.1", "external_code")
    importer.check(first)
    importer.post(first)
    contact = holder_tables.contact
    holder_id = office.desk.read(lambda c: c.execute(select(contact.c.holder_id)).scalar_one())
    keys = {"phone": "8 900 000 00 01", "external_code": "A-1", "holder_id": str(holder_id)}
    strangers = {"phone": "89009999999", "external_code": "A-2", "holder_id": "77"}
    text = f"Ключ;Сумма\n{keys[match]};5\n{strangers[match]};6\n"
    batch_id = loaded(
        importer, text, match, "amount", match=match, account_type_id=BONUS, skip_bad=True
    )
    importer.check(batch_id)
    code = "HOLDERS_MANY" if match == "external_code" else "HOLDER_NOT_FOUND"
    assert importer.faults(batch_id) == {3: [(code, match)]}
    importer.totals(batch_id, (BONUS, 1, 500))
    importer.post(batch_id)
    assert office.shop.balance(holder_id, BONUS) == 500
    sound(office)


def test_a_balance_the_ledger_refuses_is_told_and_the_others_stand(
    office: Office, importer: Importer
) -> None:
    batch_id = loaded(importer)
    importer.check(batch_id)
    importer.totals(batch_id, *TOTALS)
    account = account_tables.account
    holder_id = office.shop.holder(1001)
    merged = holder_tables.holder
    office.desk.edit(
        lambda c, now, _ids: c.execute(
            merged.update().where(merged.c.holder_id == holder_id).values(deleted_at=now)
        )
    )
    run = importer.post(batch_id)
    assert (run.state, run.outcome) == (DONE_WITH_ERRORS, '{"imported":2,"bad":1}')
    assert importer.faults(batch_id) == {2: [("HOLDER_NOT_FOUND", "card_code")]}
    batch = importer.see(batch_id).batch
    assert (batch.rows_ok, batch.rows_bad) == (2, 1)
    held = office.shop.rows(account, account.c.holder_id == holder_id)
    assert {row.balance for row in held} == {0}
    sound(office)


def test_a_run_that_died_between_booking_and_mark_books_nothing_twice(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = loaded(importer)
    importer.check(batch_id)
    importer.totals(batch_id, *TOTALS)
    ordered = office.ask(
        wire.PostImport(operation_id=key(), batch_id=batch_id, version=importer.version(batch_id))
    )
    monkeypatch.setattr(posting_work, "BALANCE_ROWS", 2)
    real = repository.mark_rows
    died: list[bool] = []

    def die(*given: Any) -> None:
        if not died:
            died.append(True)
            raise MemoryError
        real(*given)

    monkeypatch.setattr(repository, "mark_rows", die)
    before = operations(office)
    (due,) = office.desk.read(jobs.due_runs)
    with pytest.raises(MemoryError):
        work_off(office, due)
    booked = operations(office)
    assert booked > before
    office.desk.edit(lambda c, _now, _ids: jobs.plan_interrupted(c))
    importer.run_jobs()
    assert office.ask(GetRun(run_id=ordered.run_id)).state == DONE
    assert operations(office) == before + 5
    assert balances(office, 1001) == (120_050, -3_000, 0)
    sound(office)


def work_off(office: Office, due: jobs.Due) -> None:
    """The work of a run without the runner, so that a death is not told as a failure."""
    office.desk.edit(lambda c, _now, _ids: jobs.write_run(c, due.run_id, state=2))
    context = RunContext(office.desk, due, Event(), Editor(user_id=1), office.shop.now)
    try:
        WORKS[due.code](context)
    except AppError as error:
        raise MemoryError from error


def test_an_import_that_was_cancelled_goes_on_or_is_taken_back(
    office: Office, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_work, "BALANCE_ROWS", 1)
    batch_id = loaded(importer)
    importer.check(batch_id)
    importer.totals(batch_id, *TOTALS)
    ordered = office.ask(
        wire.PostImport(operation_id=key(), batch_id=batch_id, version=importer.version(batch_id))
    )
    real = repository.mark_rows

    def mark_and_cancel(*given: Any) -> None:
        real(*given)
        jobs.write_run(given[0], ordered.run_id, cancel_asked=True)

    monkeypatch.setattr(repository, "mark_rows", mark_and_cancel)
    importer.run_jobs()
    monkeypatch.setattr(repository, "mark_rows", real)
    run = office.ask(GetRun(run_id=ordered.run_id))
    assert (run.state, run.total, run.processed) == (CANCELLED, 3, 1)
    assert [row.state for row in importer.rows(batch_id)] == [
        wire.IMPORTED, wire.GOOD, wire.GOOD,
    ]  # fmt: skip
    late = wire.SetImportMapping(
        operation_id=key(),
        batch_id=batch_id,
        version=importer.version(batch_id),
        mapping=wire.Mapping(),
    )
    assert office.refused(late) == "WRONG_STATE"
    assert importer.post(batch_id).state == DONE
    assert operations(office) == 5
    assert importer.undo(batch_id, reason(office)).state == DONE
    sound(office)


def test_control_totals_that_cannot_be_are_refused(office: Office, importer: Importer) -> None:
    batch_id = loaded(importer)
    guests = importer.load(wire.HOLDERS, "Фамилия\nИванова\n")
    for totals, code in (
        ([(99, 1, 1)], "DICT_VALUE_UNKNOWN"),
        ([(1, 1, 1), (1, 1, 1)], "FIELD_BAD"),
        ([(1, -1, 1)], "FIELD_BAD"),
        ([(1, 1, 10**18)], "FIELD_BAD"),
        ([(i, 1, 1) for i in range(300)], "TOO_MANY_ITEMS"),
    ):
        asked = wire.SetControlTotals(
            operation_id=key(),
            batch_id=batch_id,
            version=importer.version(batch_id),
            totals=[
                wire.ControlTotal(account_type_id=one, count=count, amount=amount)
                for one, count, amount in totals
            ],
        )
        assert office.refused(asked) == code
    wrong = wire.SetControlTotals(
        operation_id=key(), batch_id=guests, version=importer.version(guests), totals=[]
    )
    assert office.refused(wrong) == "FIELD_BAD"


def test_a_job_that_was_started_without_a_batch_fails_with_a_sentence(
    office: Office, importer: Importer
) -> None:
    for code in WORKS:
        run_id = office.desk.edit(
            lambda c, now, ids, code=code: jobs.order_run(c, ids, code, {}, user_id=1, now=now)  # type: ignore[misc]
        )
        importer.run_jobs()
        run = office.ask(GetRun(run_id=run_id))
        expected = None if code == "import.discard" else "ROW_NOT_FOUND"
        assert (run.message or "").partition(" ")[0] == (expected or ""), code
