"""Tests of xml_tree: repair, what is forbidden, what an attack costs (R01-R06, R28, R38)."""

from __future__ import annotations

import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.refusals import refusal_of

LIMITS = Limits()


def refused(body: bytes, limits: Limits = LIMITS) -> AppError:
    """The refusal of a body."""
    with pytest.raises(AppError) as caught:
        parse(body, limits)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n \t<?xml version='1.0'?><a>x</a>",
        b"<? xml version='1.0'?><a>x</a>",
        b"<?  xml version='1.0' encoding='utf-8'?>\n<a>x</a>",
        b"<a>x</a>",
        b"<?xml version='1.0'?><a>x</a>",
        b"<?xml version='1.1'?><a>x</a>",
        b"<?xml version='1.0' encoding='utf-16'?><a>x</a>",
        b"<?xml version='1.0' encoding='nonsense'?><a>x</a>",
        b"\xef\xbb\xbf<a>x</a>",
        b"<a>x</a>\x00\x00 \r\n\x00",
        b"<a>\x01x\x00</a>",
        b"\xff\xfe" + "<a>x</a>".encode("utf-16-le"),
    ],
)
def test_r01_to_r06_what_senders_do_to_a_document_does_not_matter(body: bytes) -> None:
    root = parse(body, LIMITS)
    assert (root.tag, root.text) == ("a", "x")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"<a b='1 & 2'>Fish & Chips</a>", "Fish & Chips"),
        (b"<a>&amp;&lt;&#65;&#x42;& &nbsp;</a>", "&<AB& &nbsp;"),
        (b"<a><![CDATA[a & b]]> & c</a>", "a & b & c"),
        ("<a>Том & Джерри</a>".encode("cp1251"), "Том & Джерри"),
    ],
)
def test_r28_a_lone_ampersand_is_repaired(sent: bytes, meant: str) -> None:
    assert parse(sent, LIMITS).text == meant


def test_r27_entities_quotes_and_emoji_come_through() -> None:
    root = parse("<a b='&quot;&apos;&amp;'>☕ &lt;\"'</a>".encode(), LIMITS)
    assert (root.get("b"), root.text) == ("\"'&", "☕ <\"'")


def test_r15_prefixes_and_their_declarations_are_ignored() -> None:
    root = parse(
        b"<s:Message xmlns:s='urn:x' xmlns='urn:y' s:Action='A' Reserved_A='1'><s:b/></s:Message>",
        LIMITS,
    )
    assert root.tag == "Message"
    assert root.attributes == {"Action": "A", "Reserved_A": "1"}
    assert [child.tag for child in root.children] == ["b"]


def test_an_attribute_without_a_prefix_beats_its_prefixed_double() -> None:
    assert parse(b"<a x:b='1' b='2' xmlns:x='y'/>", LIMITS).get("b") == "2"


def test_names_are_folded_only_when_asked() -> None:
    body = b"<ROOT><Qry Card='1' CARD='2'/></ROOT>"
    assert parse(body, LIMITS).children[0].tag == "Qry"
    folded = parse(body, LIMITS, fold=True)
    assert (folded.tag, folded.children[0].attributes) == ("root", {"card": "1"})


def test_a_node_answers_by_name() -> None:
    root = parse(b"<a>1<b> x </b>2<b>y</b><c/></a>", LIMITS)
    assert root.text == "12"
    assert (root.text_of("b"), root.text_of("z", "-")) == ("x", "-")
    assert [node.text for node in root.all("b")] == [" x ", "y"]
    assert root.child("c") == Node("c", {}, [], "")
    assert root.child("z") is None


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\x00\x00", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_r32_an_empty_body(body: bytes) -> None:
    assert refused(body).code is ErrorCode.EMPTY_REQUEST


@pytest.mark.parametrize(
    "body", [b'{"Action": 1}', b"Action=1&b=2", b"<a>", b"<a></b>", b"<a/><b/>", b"&", b"<a b=1/>"]
)
def test_r32_no_xml_says_where(body: bytes) -> None:
    error = refused(body)
    assert error.code is ErrorCode.BAD_XML
    assert isinstance(error.facts["line"], int)
    assert isinstance(error.facts["col"], int)
    assert error.facts["line"] >= 1
    assert error.facts["col"] >= 1


def test_the_position_of_an_error_is_that_of_the_bytes_sent() -> None:
    error = refused(b"<?xml version='1.0'?>\n<a>\n  <b></c></a>")
    assert (error.facts["line"], error.facts["col"]) == (3, 8)


def test_r38_a_document_type_an_entity_bomb_and_an_external_entity_are_refused() -> None:
    bomb = "<!DOCTYPE a [<!ENTITY x0 'ha'>" + "".join(
        f"<!ENTITY x{n} '&x{n - 1};&x{n - 1};'>" for n in range(1, 40)
    )
    for body in (
        b"<!DOCTYPE a><a/>",
        bomb.encode() + b"]><a>&x39;</a>",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>",
    ):
        began = time.perf_counter()
        assert refused(body).code is ErrorCode.XML_FORBIDDEN
        assert time.perf_counter() - began < 1


def test_r38_depth_and_number_of_elements_are_bounded() -> None:
    assert parse(b"<a>" * 32 + b"</a>" * 32, LIMITS).tag == "a"
    assert refused(b"<a>" * 33 + b"</a>" * 33).code is ErrorCode.XML_FORBIDDEN
    few = Limits(xml_elements=10)
    assert len(parse(b"<a>" + b"<b/>" * 9 + b"</a>", few).children) == 9
    assert refused(b"<a>" + b"<b/>" * 10 + b"</a>", few).code is ErrorCode.XML_FORBIDDEN


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 700_000,
        b"<a " * 700_000,
        b"<![CDATA[" * 230_000,
        b"<!--" * 500_000,
        b"<a>" + b"&" * 2_000_000 + b"</a>",
        b"<a>" + b"x&y" * 600_000 + b"</a",
        b"<? xml" * 300_000,
        b"<a b='" + b"&" * 2_000_000,
        b"<a>" + b"\n" * 2_000_000 + b"</a>",
    ],
    ids=lambda body: repr(bytes(body[:8])),
)
def test_r38_two_mebibytes_of_malice_cost_little(body: bytes) -> None:
    began = time.process_time()
    assert refusal_of(lambda: parse(body, LIMITS)) in (
        None,
        ErrorCode.BAD_XML,
        ErrorCode.XML_FORBIDDEN,
    )
    assert time.process_time() - began < 3


@given(st.binary(max_size=200) | st.text("<>&;/a='\" \n![]-?xml", max_size=80).map(str.encode))
def test_rubbish_raises_nothing_but_a_refusal(body: bytes) -> None:
    for fold in (False, True):
        assert refusal_of(partial(parse, body, LIMITS, fold=fold)) in (
            None,
            ErrorCode.EMPTY_REQUEST,
            ErrorCode.BAD_XML,
            ErrorCode.XML_FORBIDDEN,
        )
