"""Tests of raw_tcp: the reading rules of crm-xml.md 1.3 and R06 to R09, and the reply."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.limits import Limits
from card_server.relay.raw_tcp import RawReader, parse_header, reply
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.refusals import refusal_of

XML = b'<?xml version="1.0"?><Message Action="Get card info"><Card_Code>7</Card_Code></Message>'
HEAD = (
    b"Message-ID: 17\r\nMessage-Type: Request\r\nTime: 2024-03-05 18:40:11\r\n"
    b"Terminal-Type: QA7\r\nContent-Length: %d\r\n\r\n"
)
AT = datetime(2024, 3, 5, 18, 40, 11)  # noqa: DTZ001 - a wall clock


def read(data: bytes, limits: Limits | None = None, **signs: bool) -> bytes | None:
    reader = RawReader(limits or Limits())
    reader.feed(data)
    return reader.complete(**signs)


# ------------------------------------------------------------------ header, rule 1


def test_r07_names_in_any_case_order_and_indentation_quotes_and_unknown_lines_are_accepted() -> (
    None
):
    header = parse_header(
        b'  CONTENT-LENGTH :  0042 \r\n\tTime: "2024-03-05 18:40:11"\nX-Other: 1\n'
        b" terminal-type: 'QA7' \r\nmessage-id: \" 17 \"\r\n"
    )
    assert (header.message_id, header.terminal_type, header.content_length) == ("17", "QA7", 42)


def test_missing_headers_have_their_defaults() -> None:
    header = parse_header(b"Message-Type: Request\r\n")
    assert (header.message_id, header.terminal_type, header.content_length) == ("0", "", 0)


@pytest.mark.parametrize("value", [b"", b"-5", b"12a", b"1.5", b"99999999999", "١٢".encode()])
def test_a_content_length_that_is_no_number_counts_as_none(value: bytes) -> None:
    assert parse_header(b"Content-Length: " + value).content_length == 0


def test_an_echoed_id_cannot_carry_a_header_line_of_its_own() -> None:
    assert parse_header(b"Message-ID: 1\rEvil: 2\x00").message_id == "1Evil: 2"


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_r07_line_ends_may_be_lf_alone_or_mixed(end: bytes) -> None:
    lines = [b"Message-ID: 17", b"Content-Length: %d" % len(XML), b" \t", XML]
    assert read(end.join(lines)) == XML
    assert read(lines[0] + b"\r\n" + lines[1] + b"\n \r\n" + XML) == XML


# ------------------------------------------------------------------ body, rules 2 to 7


def test_rule_2_indentation_before_the_body_is_neither_taken_nor_counted() -> None:
    assert read(HEAD % len(XML) + b" \r\n\t" + XML) == XML


def test_rule_3_the_declared_bytes_and_the_closing_tag_make_it_complete() -> None:
    assert read(HEAD % len(XML) + XML) == XML
    assert read(HEAD % len(XML) + XML[:-1]) is None


@pytest.mark.parametrize("length", [0, len(b'<?xml version="1.0"?><Message Action="A" B="/>"/>')])
def test_rule_3_a_root_without_content_is_complete(length: int) -> None:
    body = b'<?xml version="1.0"?><Message Action="A" B="/>"/>'
    assert read(HEAD % length + body) == body
    assert read(HEAD % length + body[:-2]) is None


def test_rule_3_the_tag_of_a_child_without_content_does_not_end_the_request() -> None:
    body = b'<Message Action="A"><Include/>'
    assert read(HEAD % len(body) + body) is None
    assert read(HEAD % len(body) + body + b"</Message>") == body + b"</Message>"


@pytest.mark.parametrize("length", [0, 1, 5, len(XML) - 1])
def test_r08_rule_4_a_length_too_small_reads_on_to_the_closing_tag(length: int) -> None:
    assert read(HEAD % length + XML[:-3]) is None
    assert read(HEAD % length + XML) == XML


def test_r08_a_closing_tag_inside_the_declared_text_does_not_cut_a_request_that_is_whole() -> None:
    body = b"<Message><![CDATA[</Message>]]></Message>"
    assert read(HEAD % len(body) + body) == body


def test_r09_rule_5_a_length_too_large_ends_when_nothing_more_comes() -> None:
    data = HEAD % (len(XML) + 50) + XML + b" \r\n\x00"
    assert read(data) is None
    assert read(data, quiet=True) == XML + b" \r\n\x00"


def test_r09_rule_5_needs_the_closing_tag_at_the_end() -> None:
    assert read(HEAD % 500 + XML[:-4], quiet=True) is None
    assert read(HEAD % 500 + XML + b"<", quiet=True) is None


def test_r09_a_request_without_a_header_is_complete_at_its_closing_tag() -> None:
    assert read(XML) == XML


@pytest.mark.parametrize("data", [b"", b"Message-ID: 1", HEAD % 90, HEAD % 90 + XML[:30]])
def test_rule_6_a_sender_that_closes_is_answered_with_what_is_there(data: bytes) -> None:
    assert read(data) is None
    assert read(data, ended=True) == (XML[:30] if data.endswith(XML[:30]) else b"")


def test_rule_7_bytes_behind_the_closing_tag_are_thrown_away() -> None:
    assert read(HEAD % len(XML) + XML + b"garbage<x>") == XML
    assert read(HEAD % (len(XML) + 4) + XML + b"junk") == XML


def test_r06_nuls_and_blanks_behind_the_request_do_not_matter() -> None:
    found = read(HEAD % (len(XML) + 3) + XML + b"\x00 \n")
    assert found is not None
    assert found.rstrip(b"\x00 \n") == XML


def test_r31_any_other_root_is_complete_at_its_own_closing_tag() -> None:
    body = b"<x:Other a='>'><Message></Message></x:Other>"
    assert read(body) == body


def test_r32_a_body_that_is_no_xml_is_complete_when_nothing_more_comes() -> None:
    body = b'{"Action": "Get card info"}'
    assert read(HEAD % len(body) + body) is None
    assert read(HEAD % len(body) + body, quiet=True) == body


def test_r38_a_document_type_is_handed_on_without_waiting_for_its_end() -> None:
    body = b'<!DOCTYPE Message [<!ENTITY a "b">'
    assert read(HEAD % len(body) + body) == body


def test_a_utf16_body_is_complete_with_its_declared_bytes() -> None:
    body = b"\xff\xfe" + '<Message Action="A"/>'.encode("utf-16-le")
    assert read(HEAD % len(body) + body, quiet=True) == body


def test_a_header_or_a_body_beyond_the_limit_is_refused() -> None:
    small = Limits(raw_header_bytes=100, body_bytes=50)
    for data in (b"Message-ID: " + b"1" * 200, b"X: " + b"1" * 200 + b"\r\n\r\n<M/>"):
        with pytest.raises(AppError) as caught:
            read(data, small)
        assert caught.value.code is ErrorCode.REQUEST_TOO_LARGE
        assert caught.value.facts["limit"] == 100
    for data in (b"<Message>" + b" " * 60, b"Content-Length: 51\r\n\r\n<"):
        with pytest.raises(AppError) as caught:
            read(data, small)
        assert caught.value.facts["limit"] == 50


@given(
    st.sampled_from([0, 5, len(XML), len(XML) + 30]),
    st.lists(st.integers(0, 300), max_size=12),
    st.sampled_from([b"", b"\x00\x00", b" \r\n"]),
)
def test_any_split_of_the_bytes_gives_the_same_request(
    length: int, cuts: list[int], tail: bytes
) -> None:
    data = HEAD % length + XML + tail
    reader = RawReader(Limits())
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    found = None
    for start, end in pairwise(places):
        reader.feed(data[start:end])
        found = found or reader.complete()
    found = found or reader.complete(quiet=True)
    assert found is not None
    assert found.rstrip(b"\x00 \r\n") == XML
    assert reader.header is not None
    assert reader.header.message_id == "17"


@given(st.lists(st.binary(max_size=60), max_size=8), st.booleans())
def test_rubbish_raises_nothing_but_a_refusal(parts: list[bytes], ended: bool) -> None:
    reader = RawReader(Limits(raw_header_bytes=100, body_bytes=100))
    for part in parts:
        assert refusal_of(partial(reader.feed, part)) in (None, ErrorCode.REQUEST_TOO_LARGE)
        reader.complete()
        reader.complete(quiet=True)
    if ended:
        assert reader.complete(ended=True) is not None


# ------------------------------------------------------------------ reply


def test_the_reply_has_content_length_last_and_counts_the_bytes_of_the_xml() -> None:
    body = "<Data Message_ID='17' ErrorText='Карта'/>".encode()
    head, _, sent = reply(body, "17", is_error=True, now=AT).partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "200 OK",
        "Message-Type: Error",
        "Message-ID: 17",
        "Time: 2024-03-05 18:40:11",
        f"Content-Length: {len(body)}",
    ]
    assert sent == body
    assert b"Message-Type: Response\r\n" in reply(body, "17", is_error=False, now=AT)


def test_a_reply_of_any_size_stays_whole() -> None:
    body = b"<Cards>" + b"x" * 5_000_000 + b"</Cards>"
    assert reply(body, "1", is_error=False, now=AT).endswith(b"x</Cards>")


def test_a_reply_in_windows_1251_says_so_and_counts_its_own_bytes() -> None:
    body = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><N>Анна ☕</N>'.encode()
    head, _, sent = reply(body, "1", is_error=False, now=AT, charset="cp1251").partition(
        b"\r\n\r\n"
    )
    assert f"Content-Length: {len(sent)}".encode() in head
    assert sent.startswith(b'<?xml version="1.0" encoding="windows-1251"')
    assert "<N>Анна &#9749;</N>".encode("cp1251") in sent
