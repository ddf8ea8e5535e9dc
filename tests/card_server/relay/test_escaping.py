"""Tests of escaping: what is written is what a parser reads (R27)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.escaping import attribute, cdata, text, windows_1251

XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>\"']"),
    max_size=60,
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def read(document: str | bytes) -> ET.Element:
    """Our own document through a parser."""
    return ET.fromstring(document)  # noqa: S314 - our own document


@given(XML_TEXT)
def test_r27_text_comes_back_unchanged(value: str) -> None:
    assert (read(f"<a>{text(value)}</a>").text or "") == value


@given(XML_TEXT)
def test_r27_attributes_come_back_unchanged(value: str) -> None:
    assert read(f'<a b="{attribute(value)}"/>').get("b") == value


@given(XML_TEXT)
def test_r27_cdata_comes_back_unchanged_but_for_line_ends(value: str) -> None:
    wanted = value.replace("\r\n", "\n").replace("\r", "\n")
    assert (read(f"<a>{cdata(value)}</a>").text or "") == wanted


@given(st.text(max_size=60))
def test_characters_that_xml_forbids_never_leave(value: str) -> None:
    read(f'<a b="{attribute(value)}">{text(value)}{cdata(value)}</a>'.encode())


def test_line_ends_and_quotes_in_attributes_are_escaped() -> None:
    assert attribute('a"b\nc\r\td') == "a&quot;b&#10;c&#13;&#9;d"


@given(XML_TEXT)
def test_windows_1251_holds_every_character_in_text_attributes_and_cdata(value: str) -> None:
    document = f'{HEAD}<a b="{attribute(value)}">{text(value)}<c>{cdata(value)}</c></a>'
    found = windows_1251(document.encode())
    assert found.startswith(b'<?xml version="1.0" encoding="windows-1251"')
    root = read(found)
    assert root.get("b") == value
    assert (root.text or "") == value
    inner = root.findtext("c") or ""
    assert inner.replace("\r", "\n") == value.replace("\r\n", "\n").replace("\r", "\n") or (
        inner == value
    )


def test_windows_1251_leaves_a_section_that_fits_as_it_is() -> None:
    assert windows_1251(f"{HEAD}<a><![CDATA[Анна]]></a>".encode()).endswith(
        "<![CDATA[Анна]]></a>".encode("cp1251")
    )
