"""Programs and the matrix through the contract: codes, rights, cells all or nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from card_server.classifiers.codes import ALPHABETS
from shared.wire import classifiers as wire
from shared.wire.base import Condition
from shared.wire.divisions import AddUnit, UnitFields
from shared.wire.roles import GetHistory
from tests.helpers.office import Office, new_operation_id

BONUS, DISCOUNT, DEBIT, SPENT = 1, 2, 3, 5
RK7 = 1


def key() -> str:
    return new_operation_id()


def adding(name: str, code: str, rights: tuple[str, ...] = (), **fields: Any) -> wire.AddClassifier:
    values = wire.ClassifierFields(
        **{"name": name, "code": code, "time_zone": "Europe/Moscow", **fields}
    )
    return wire.AddClassifier(operation_id=key(), fields=values, rights=list(rights))


def editing(office: Office, number: int, **fields: Any) -> wire.EditClassifier:
    links = {name: fields.pop(name) for name in ("rights", "level_schemes") if name in fields}
    version = office.ask(wire.GetClassifier(key=number)).row.version
    return wire.EditClassifier(
        operation_id=key(),
        key=number,
        version=version,
        fields=wire.ClassifierFields(**fields),
        **links,
    )


def cells(office: Office) -> dict[tuple[int, int], wire.Cell]:
    found = office.ask(wire.GetMatrix()).cells
    return {(cell.classifier_id, cell.account_type_id): cell for cell in found}


def cell(
    office: Office, kind: int, classifier_id: int = RK7, *, remove: bool = False, **fields: Any
) -> wire.CellEdit:
    stands = cells(office).get((classifier_id, kind))
    return wire.CellEdit(
        classifier_id=classifier_id,
        account_type_id=kind,
        version=None if stands is None else stands.version,
        remove=remove,
        fields=wire.CellFields(**fields),
    )


def change(*edits: wire.CellEdit) -> wire.EditMatrix:
    return wire.EditMatrix(operation_id=key(), cells=list(edits))


def test_a_program_is_made_shown_changed_and_deleted(office: Office) -> None:
    request = adding("Сайт", "WEB1", wire.PRESETS["site"], client_type="WEB", api_visible=True)
    number = office.ask(request).key
    shown = office.ask(wire.GetClassifier(key=number))
    assert (shown.code, shown.code_kind, shown.row.name) == ("WEB1", 9, "Сайт")
    assert shown.rights == list(wire.PRESETS["site"])
    assert (shown.row.day_start, shown.hold_minutes, shown.xml_key) == (240, 60, 2)
    office.ask(editing(office, number, name="Сайт и приложение", day_start=420))
    where = [Condition(field="client_type", value="WEB")]
    (row,) = office.ask(wire.ListClassifiers(where=where)).rows
    assert (row.name, row.day_start, row.version) == ("Сайт и приложение", 420, 2)
    office.ask(wire.DeleteClassifier(operation_id=key(), key=number, version=2))
    assert office.refused(wire.GetClassifier(key=number)) == "ROW_NOT_FOUND"


def test_rights_alone_count_as_a_change_and_are_journalled(office: Office) -> None:
    number = office.ask(adding("Касса", "K1", ("relay",))).key
    old = editing(office, number, rights=["quote", "relay"])
    assert office.ask(old).version == 2
    assert office.ask(wire.GetClassifier(key=number)).rights == ["relay", "quote"]
    again = msgspec.structs.replace(old, operation_id=key(), rights=[])
    refusal = office.refusal_of(office.send("EditClassifier", msgspec.json.encode(again)))
    assert refusal.code == "STALE_EDIT"
    assert refusal.present(wire.Classifier).rights == ["relay", "quote"]  # type: ignore[attr-defined]
    history = office.ask(GetHistory(table_name="classifier", row_key=str(number)))
    told = [field for fields in history.fields.values() for field in fields]
    assert ("rights", "relay", "relay, quote") in [
        (field.field_name, field.old_value, field.new_value) for field in told
    ]
    wrong = editing(office, number, rights=["account.adjust"])
    assert office.refused(wrong) == "FIELD_BAD"


def test_no_code_of_a_program_stands_in_the_journal(office: Office) -> None:
    number = office.ask(adding("Касса", "SECRET-1")).key
    office.ask(
        wire.EditClassifier(
            operation_id=key(),
            key=number,
            version=1,
            fields=wire.ClassifierFields(code="SECRET-2"),
        )
    )
    history = office.ask(GetHistory(table_name="classifier", row_key=str(number)))
    told = [field for fields in history.fields.values() for field in fields]
    codes = [(one.old_value, one.new_value) for one in told if one.field_name == "code"]
    assert codes == [(None, "changed"), (None, "changed")]
    assert "SECRET" not in str(told)


def test_a_level_may_have_its_own_scheme_at_a_program(office: Office) -> None:
    number = office.ask(adding("Бар", "B1")).key
    office.ask(editing(office, number, level_schemes={1: 2}))
    assert office.ask(wire.GetClassifier(key=number)).level_schemes == {1: 2}
    assert office.refused(editing(office, number, level_schemes={1: 999})) == "DICT_VALUE_UNKNOWN"
    assert office.refused(editing(office, number, level_schemes={999: 1})) == "DICT_VALUE_UNKNOWN"


def test_a_made_code_has_its_form_and_is_taken_by_its_kind(office: Office) -> None:
    for kind in (1, 2, 3):
        code = office.ask(wire.MakeCode(kind=kind)).code
        assert len(code) == 20
        assert set(code) <= set(ALPHABETS[kind])
        assert office.ask(adding(f"Новый {kind}", code, code_kind=kind)).key > RK7
        short = adding("Короткий", "12345", code_kind=kind)
        assert office.refused(short) == "FIELD_BAD"


def test_codes_that_differ_in_case_only_are_refused(office: Office) -> None:
    office.ask(adding("Первый", "Abc"))
    assert office.refused(adding("Второй", "aBC")) == "CODE_TAKEN"
    assert office.refused(adding("Второй", "a b")) == "CODE_LENGTH"
    assert office.refused(wire.MakeCode(kind=9)) == "FIELD_BAD"


def test_values_of_a_program_that_do_not_fit_are_refused(office: Office) -> None:
    for field, value, code in (
        ("name", " ", "FIELD_MISSING"),
        ("name", "x" * 61, "TOO_LONG"),
        ("name", "rk7", "VALUE_TAKEN"),
        ("client_type", "x" * 16, "TOO_LONG"),
        ("time_zone", "Europe/Nowhere", "FIELD_BAD"),
        ("time_zone", "../../etc", "FIELD_BAD"),
        ("day_start", 1440, "FIELD_BAD"),
        ("calc_mode", 3, "FIELD_BAD"),
        ("refund_unmatched", 0, "FIELD_BAD"),
        ("xml_key", 4, "FIELD_BAD"),
        ("backdate_days", -1, "FIELD_BAD"),
        ("future_minutes", 100_000, "FIELD_BAD"),
        ("hold_minutes", 0, "FIELD_BAD"),
        ("pay_confirm", 4, "FIELD_BAD"),
        ("wire_charset", 3, "FIELD_BAD"),
        ("rate_limit", -1, "FIELD_BAD"),
        ("code_kind", 4, "FIELD_BAD"),
        ("code", "x" * 21, "TOO_LONG"),
        ("sort_no", 1 << 40, "FIELD_BAD"),
    ):
        request = adding("Новый", "N1")
        wrong: Any = {field: value}
        fields = msgspec.structs.replace(request.fields, **wrong)
        assert office.refused(msgspec.structs.replace(request, fields=fields)) == code, field


def test_a_program_in_use_stays_and_the_suite_is_no_program(office: Office) -> None:
    office.shop.issue(3001)
    assert office.desk.book(office.shop.call(3001, [(3, 1000)])).error is None
    row = office.ask(wire.GetClassifier(key=RK7)).row
    gone = wire.DeleteClassifier(operation_id=key(), key=RK7, version=row.version)
    assert office.refused(gone) == "IN_USE"
    number = office.ask(adding("Свой", "S1")).key
    fields = UnitFields(name="Зал", division_id=1, classifier_id=number)
    office.ask(AddUnit(operation_id=key(), fields=fields))
    gone = wire.DeleteClassifier(operation_id=key(), key=number, version=1)
    assert office.refused(gone) == "IN_USE"
    assert 0 not in [one.classifier_id for one in office.ask(wire.ListClassifiers()).rows]
    assert office.refused(wire.GetClassifier(key=0)) == "ROW_NOT_FOUND"


# ---------------------------------------------------------------------- the matrix


def test_cells_are_made_changed_and_taken_away_together(office: Office) -> None:
    number = office.ask(adding("Сайт", "WEB1")).key
    done = office.ask(
        change(
            cell(office, BONUS, number, debit_allowed=True, credit_allowed=True, sum_slot=2),
            cell(office, DEBIT, max_pay_bp=9_000),
            cell(office, SPENT, remove=True),
        )
    )
    assert [one.version for one in done.cells] == [1, 2, None]
    found = cells(office)
    assert (found[number, BONUS].pos_kinds, found[number, BONUS].debit_k_bp) == (5, 10_000)
    assert found[RK7, DEBIT].max_pay_bp == 9_000
    assert (RK7, SPENT) not in found
    (back,) = office.ask(change(cell(office, SPENT, debit_allowed=True))).cells
    assert back.version == 3
    assert cells(office)[RK7, SPENT].credit_allowed is False


def test_one_bad_cell_leaves_all_as_they_are(office: Office) -> None:
    before = cells(office)
    good = cell(office, BONUS, max_pay_bp=1)
    assert office.refused(change(good, cell(office, DEBIT, max_pay_bp=10_001))) == "FIELD_BAD"
    assert office.refused(change(good, good)) == "FIELD_BAD"
    stale = msgspec.structs.replace(cell(office, DEBIT, visible=False), version=7)
    assert office.refused(change(good, stale)) == "STALE_EDIT"
    assert cells(office) == before


def test_a_stale_cell_answers_with_the_matrix_as_it_stands(office: Office) -> None:
    old = change(cell(office, BONUS, max_pay_bp=1))
    office.ask(change(cell(office, BONUS, max_pay_bp=2)))
    refusal = office.refusal_of(office.send("EditMatrix", msgspec.json.encode(old)))
    assert refusal.code == "STALE_EDIT"
    present = refusal.present(wire.Matrix)  # type: ignore[attr-defined]
    assert {c.account_type_id: c.max_pay_bp for c in present.cells}[BONUS] == 2
    fresh = wire.CellEdit(classifier_id=RK7, account_type_id=BONUS, version=None)
    assert office.refused(change(fresh)) == "STALE_EDIT"


def test_two_cells_exchange_their_slots_and_none_shares_one(office: Office) -> None:
    swap = change(cell(office, BONUS, sum_slot=1), cell(office, DEBIT, sum_slot=2))
    office.ask(swap)
    found = cells(office)
    assert (found[RK7, BONUS].sum_slot, found[RK7, DEBIT].sum_slot) == (1, 2)
    assert office.refused(change(cell(office, SPENT, sum_slot=1))) == "VALUE_TAKEN"
    number = office.ask(adding("Сайт", "WEB1")).key
    both = change(cell(office, BONUS, number, sum_slot=3), cell(office, DEBIT, number, sum_slot=3))
    assert office.refused(both) == "VALUE_TAKEN"


def test_values_of_a_cell_that_do_not_fit_are_refused_with_their_place(office: Office) -> None:
    for field, value, code in (
        ("debit_k_bp", 0, "FIELD_BAD"),
        ("credit_k_bp", -1, "FIELD_BAD"),
        ("debit_priority", -1, "FIELD_BAD"),
        ("max_pay_bp", -1, "FIELD_BAD"),
        ("min_pay", -1, "FIELD_BAD"),
        ("keep_rest", -1, "FIELD_BAD"),
        ("sum_slot", 9, "FIELD_BAD"),
        ("sum_slot", 0, "FIELD_BAD"),
        ("pos_kinds", 16, "FIELD_BAD"),
        ("debit_time_id", 99, "DICT_VALUE_UNKNOWN"),
        ("credit_time_id", 99, "DICT_VALUE_UNKNOWN"),
        ("scheme_id", 99, "DICT_VALUE_UNKNOWN"),
    ):
        wrong: Any = {field: value}
        request = change(cell(office, SPENT), cell(office, BONUS, **wrong))
        replied = office.send("EditMatrix", msgspec.json.encode(request))
        problem = msgspec.json.decode(replied.body)
        assert (problem["code"], problem["field"]) == (code, f"cells[1].{field}")


def test_cells_of_nobody_are_refused(office: Office) -> None:
    for classifier_id, kind in ((0, BONUS), (99, BONUS), (RK7, 99)):
        edit = wire.CellEdit(classifier_id=classifier_id, account_type_id=kind)
        assert office.refused(change(edit)) == "ROW_NOT_FOUND"
    number = office.ask(adding("Пусто", "P1")).key
    assert office.refused(change(cell(office, BONUS, number, remove=True))) == "ROW_NOT_FOUND"


def test_credit_without_debit_is_warned_of(office: Office) -> None:
    done = office.ask(change(cell(office, BONUS, debit_allowed=False)))
    assert [(one.code, one.facts["classifier"]) for one in done.notices] == [
        ("MATRIX_HALF", office.ask(wire.GetClassifier(key=RK7)).row.name)
    ]
    done = office.ask(change(cell(office, DISCOUNT, debit_allowed=False)))
    assert done.notices == []
