"""Workbooks as tables, and what is refused before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Book

from card_server.exchange.records import MOST_COLUMNS, Cell
from card_server.exchange.workbooks import COMPOUND, ENCRYPTED, Workbook, is_workbook
from shared.wire.errors import AppError


def saved(*rows: list[Any], title: str = "Лист1") -> bytes:
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def read(content: bytes, sheet: str = "Лист1") -> list[tuple[int, list[Cell]]]:
    assert is_workbook(content)
    book = Workbook(content, "f.xlsx")
    try:
        return list(book.rows(sheet))
    finally:
        book.close()


def refused(content: bytes) -> str:
    with pytest.raises(AppError) as caught:
        read(content)
    return caught.value.code.value


def repacked(content: bytes, **parts: bytes) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.pop(name.replace("/", "_").replace(".", "_"), old.read(name)))
        for name, body in parts.items():
            new.writestr(name, body)
    return made.getvalue()


CELLS = st.one_of(
    st.text(alphabet="абвxyz 09", min_size=1, max_size=9).map(str.strip).filter(bool),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 3)),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5))
def test_texts_numbers_and_flags_come_back_as_they_are(rows: list[list[Any]]) -> None:
    assert read(saved(*rows)) == list(enumerate(rows, start=1))


def test_days_are_iso_and_empty_rows_are_left_out() -> None:
    content = saved(["a"], [], [date(2020, 5, 6), datetime(2020, 5, 6, 7, 8)], [None, "x"])  # noqa: DTZ001 - a workbook knows no zone
    assert read(content) == [
        (1, ["a"]),
        (3, ["2020-05-06", "2020-05-06 07:08:00"]),
        (4, [None, "x"]),
    ]


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with pytest.raises(AppError) as caught:
        read(saved(["a"]), "Лист9")
    assert (caught.value.code, caught.value.facts["sheet"]) == ("SHEET_UNKNOWN", "Лист9")


def test_an_encrypted_and_an_old_workbook_are_told_apart() -> None:
    assert refused(COMPOUND + b"\0" * 500 + ENCRYPTED) == "FILE_ENCRYPTED"
    assert refused(COMPOUND + b"\0" * 500) == "FILE_OLD_FORMAT"


def test_a_packed_file_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    bomb = repacked(saved(["a"]), **{"xl/media/x.xml": b"\0" * (310 << 20)})
    assert len(bomb) < 1 << 20
    assert refused(bomb) == "FILE_TOO_LARGE"
    assert refused(repacked(saved(["a"]), **{f"p{i}": b"" for i in range(2001)})) == (
        "FILE_TOO_LARGE"
    )


def test_a_document_type_and_broken_parts_are_refused() -> None:
    doctype = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
    assert refused(repacked(saved(["a"]), xl_workbook_xml=doctype)) == "FILE_NOT_TABLE"
    assert refused(repacked(saved(["a"]), xl_workbook_xml=b"<rubbish")) == "FILE_NOT_TABLE"
    assert refused(repacked(saved(["a"]), xl_worksheets_sheet1_xml=b"<sheet><")) == "FILE_NOT_TABLE"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("readme.txt", "no workbook")
    assert refused(other.getvalue()) == "FILE_NOT_TABLE"


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_refused_or_read(place: int, noise: bytes) -> None:
    content = bytearray(WHOLE)
    place %= len(content) - 12
    content[4 + place : 4 + place + len(noise)] = noise
    try:
        read(bytes(content))
    except AppError as error:
        assert error.code in ("FILE_NOT_TABLE", "FILE_ENCRYPTED", "FILE_TOO_LARGE", "SHEET_UNKNOWN")  # noqa: PT017 - one of two ends


WHOLE = saved(["имя", "сумма"], ["Анна", 1.5])


def test_too_many_columns_are_refused() -> None:
    assert refused(saved(["x"] * (MOST_COLUMNS + 1))) == "FILE_TOO_LARGE"
