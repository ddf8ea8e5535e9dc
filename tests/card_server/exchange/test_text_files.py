"""Text files as tables: encodings, delimiters, what is no table."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.exchange import text_files
from card_server.exchange.records import LONGEST_CELL, MOST_COLUMNS
from shared.wire.errors import AppError

LETTERS = st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя АБЯabcXYZ0123456789", max_size=12)
QUOTED = st.text(alphabet='абв xyz09"\n;,|\t', max_size=12)


def table_of(width: int, cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    filled = cells.map(lambda text: "ж" + text)
    return st.lists(st.lists(filled, min_size=width, max_size=width), min_size=2, max_size=6)


def saved(table: list[list[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def read(content: bytes, encoding: str | None = None) -> list[list[str]]:
    found = encoding or text_files.encoding_of(content, "f")
    text = text_files.decoded(content, found, "f")
    return [row for _, row in text_files.rows_of(text, text_files.delimiter_of(text), "f")]


TABLES = st.integers(2, 5).flatmap(lambda width: table_of(width, LETTERS))


@given(
    table=TABLES,
    delimiter=st.sampled_from(text_files.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"]),
)
def test_any_table_is_read_back_without_being_told_how_it_was_saved(
    table: list[list[str]], delimiter: str, encoding: str
) -> None:
    assert read(saved(table, delimiter).encode(encoding)) == table


@given(
    table=st.integers(2, 5).flatmap(lambda width: table_of(width, QUOTED)),
    delimiter=st.sampled_from(text_files.DELIMITERS),
)
def test_quoted_delimiters_quotes_and_line_ends_stay_inside_their_cell(
    table: list[list[str]], delimiter: str
) -> None:
    text = saved(table, delimiter)
    assert [row for _, row in text_files.rows_of(text, delimiter, "f")] == table


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reader(content: bytes) -> None:
    try:
        rows = read(content)
    except AppError as error:
        assert error.code in ("FILE_NOT_TABLE", "TOO_LONG")  # noqa: PT017 - one of two ends
    else:
        assert all(isinstance(cell, str) for row in rows for cell in row)


def test_old_code_pages_are_read_when_they_are_said() -> None:
    text = "Имя;Телефон\r\nАнна;1\r\n"
    for encoding in ("cp866", "koi8-r", "cp1251"):
        assert read(text.encode(encoding), encoding)[1] == ["Анна", "1"]


def test_numbers_with_commas_do_not_hide_the_semicolon() -> None:
    text = "card;sum\n1;1200,50\n2;5,00\n3;0,10\n"
    assert text_files.delimiter_of(text) == ";"
    assert text_files.delimiter_of("only\none\ncolumn\n") == ";"
    assert text_files.delimiter_of("") == ";"


def test_rows_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    rows = list(text_files.rows_of("a;b\n\n;\n1;2\n", ";", "f"))
    assert rows == [(1, ["a", "b"]), (4, ["1", "2"])]


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"%PDF-1.7 a;b", b"<html><body>", b'{"a": 1}',
     b"a;b\n\x01\x02", b"\xff\xd8\xff\xe0\x00\x10JFIF", "плохо".encode() + b"\x98\xff;\n"],
)  # fmt: skip
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(AppError) as caught:
        read(content)
    assert caught.value.code == "FILE_NOT_TABLE"
    assert caught.value.facts["name"] == "f"


def test_too_long_a_cell_and_too_many_columns_are_refused_with_their_place() -> None:
    with pytest.raises(AppError) as caught:
        read(b"a;b\n1;" + b"x" * (LONGEST_CELL + 1))
    assert (caught.value.code, caught.value.facts["field"]) == ("TOO_LONG", "2:2")
    with pytest.raises(AppError) as caught:
        read(b";".join([b"a"] * (MOST_COLUMNS + 1)) + b"\n")
    assert caught.value.code == "FILE_TOO_LARGE"
    with pytest.raises(AppError) as caught:
        read(b'a;b\n"never closed;' + b"x\n" * 100_000)
    assert (caught.value.code, caught.value.facts["row"]) == ("FILE_NOT_TABLE", 2)
