"""Tests of decoding: the rule of crm-xml.md section 2, step by step, and R01, R03 to R06."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.decoding import decode, trimmed, without_declaration

TEXT = "<Message>Анна, кафе «Ёлка» — №1</Message>"


def declared(name: str) -> str:
    """An XML declaration with an encoding."""
    return f'<?xml version="1.0" encoding="{name}"?>'


@pytest.mark.parametrize(
    ("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
def test_step_1_a_utf16_mark_decides_whatever_is_declared(mark: bytes, codec: str) -> None:
    text = declared("windows-1251") + TEXT
    assert decode(mark + text.encode(codec)) == text


def test_step_1_a_utf16_body_that_ends_in_the_middle_of_a_character_is_still_text() -> None:
    assert decode(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1]) == TEXT[:-1]


def test_r05_a_utf8_mark_is_dropped() -> None:
    assert decode(codecs.BOM_UTF8 + TEXT.encode()) == TEXT


def test_r01_r06_step_2_blanks_before_and_blanks_and_nuls_behind_are_dropped() -> None:
    assert decode(b"\r\n\t " + codecs.BOM_UTF8 + b" \n" + TEXT.encode() + b"\x00 \r\n\x00") == TEXT
    assert trimmed(b"\n<a/>\x00") == b"<a/>"


@pytest.mark.parametrize("name", ["windows-1251", "utf-16", "koi8-r", "UTF-8", "nonsense", "cp866"])
def test_r04_step_3_valid_utf8_is_utf8_whatever_is_declared(name: str) -> None:
    text = declared(name) + TEXT
    assert decode(text.encode()) == text


def test_r03_step_3_no_declaration_or_one_without_an_encoding() -> None:
    for head in ("", '<?xml version="1.0"?>'):
        assert decode((head + TEXT).encode()) == head + TEXT


@pytest.mark.parametrize(
    "name",
    [
        "windows-1251",
        "WINDOWS-1251",
        "cp1251",
        "koi8-r",
        "koi8_u",
        "cp866",
        "iso-8859-5",
        "windows-1250",
        "iso-8859-15",
    ],
)
def test_step_4_a_declared_one_byte_encoding_is_used(name: str) -> None:
    sample = "Ünïts" if name in ("windows-1250", "iso-8859-15") else "Анна"
    sample = sample.encode(name, "ignore").decode(name)
    text = declared(name) + f"<a>{sample}</a>"
    assert decode(text.encode(name)) == text


@pytest.mark.parametrize("head", [declared("utf-8"), declared("nonsense"), declared("utf-16"), ""])
def test_step_5_everything_else_is_windows_1251(head: str) -> None:
    text = head + TEXT
    assert decode(text.encode("cp1251")) == text


def test_step_4_a_declaration_with_blanks_and_single_quotes_is_read() -> None:
    text = "<? xml version='1.0' encoding = ' koi8-r ' ?><a>Анна</a>"
    assert decode(text.encode("koi8-r")) == text


def test_step_6_characters_that_xml_forbids_are_removed() -> None:
    assert decode("<a>1\x00\x0b\x1f\ufffe2\t\n</a>".encode()) == "<a>12\t\n</a>"


def test_without_declaration_keeps_positions() -> None:
    assert without_declaration('<?xml version="1.0"\n?><a/>') == " " * 19 + "\n" + "  <a/>"
    assert without_declaration("<a/>") == "<a/>"


@given(st.binary(max_size=300))
def test_any_bytes_give_text_without_forbidden_characters(body: bytes) -> None:
    found = decode(body)
    found.encode()
    assert "\x00" not in found


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=100))
def test_utf8_text_comes_back_as_it_was_sent(text: str) -> None:
    body = f"<a>{text}</a>".replace("\ufffe", "").replace("\uffff", "")
    assert decode(body.encode()) == body
