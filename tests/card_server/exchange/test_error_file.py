"""Refused rows as a file: nothing in it is a formula, and it reads back as it was."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from card_server.exchange import rules, text_files
from card_server.exchange.error_file import FORMULA, HARMLESS, error_file, shielded
from card_server.exchange.records import Cell, Formats
from shared.wire import imports as wire

TEXTS = st.text(alphabet=st.sampled_from("=+-@'\"; ,.09абxyz\n\t"), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and not text.startswith("'")
)


def row(*cells: Cell) -> wire.ImportRow:
    fault = wire.RowError(code="NUMBER_UNREAD", field="amount", value="x")
    return wire.ImportRow(
        row_no=2, cells=list(cells), state=wire.BAD, errors=[fault], object_id=None
    )


@given(TEXTS)
def test_no_cell_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    shown = shielded(text)
    assert not shown.startswith(FORMULA) or HARMLESS.fullmatch(shown)
    assert rules.text_of(shown) == text


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_the_file_is_read_back_by_the_import_itself(cells: list[str]) -> None:
    columns = [f"c{i}" for i in range(len(cells))]
    body = error_file(columns, [row(*cells)], {}, "en")
    text = text_files.decoded(body, text_files.encoding_of(body, "f"), "f")
    _, (_, read) = text_files.rows_of(text, ";", "f")
    assert [rules.text_of(cell) for cell in read[: len(cells)]] == cells
    assert read[len(cells)] == "2"
    assert read[len(cells) + 1].startswith('Amount: "x" cannot be read as a number')


def test_numbers_of_a_workbook_are_written_with_the_sign_they_will_be_read_with() -> None:
    body = error_file(["Сумма"], [row(1234.5)], {}, "ru", ",").decode("utf-8-sig")
    _, told = csv.reader(io.StringIO(body), delimiter=";")
    assert told[0] == "1234,5"
    assert rules.amount(told[0], Formats(decimal=",")) == 123_450


def test_a_short_row_is_filled_up_and_a_sign_before_digits_stays() -> None:
    body = error_file(["a", "b"], [row("+7 900 000-00-01")], {}, "en").decode("utf-8-sig")
    _, told = csv.reader(io.StringIO(body), delimiter=";")
    assert told[:3] == ["+7 900 000-00-01", "", "2"]
    assert shielded("-1+cmd|'x'!A1") == "'-1+cmd|'x'!A1"
