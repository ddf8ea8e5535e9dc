"""Tests of sniffing: crm-xml.md 1.1, case by case and for any prefix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.raw_tcp import NAMES
from card_server.relay.sniffing import METHODS, Speech, leading, sniff


@pytest.mark.parametrize("method", METHODS)
def test_a_method_and_a_blank_are_http(method: bytes) -> None:
    assert sniff(method + b"/ HTTP/1.1") == (Speech.HTTP, 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_raw_header_name_is_raw_in_any_case_with_blanks_before_its_colon(name: bytes) -> None:
    assert sniff(name + b": 1") == (Speech.RAW, 0)
    assert sniff(name.upper() + b" \t : 1") == (Speech.RAW, 0)


def test_an_angle_bracket_is_raw_without_a_header() -> None:
    assert sniff(b"<Message/>") == (Speech.RAW, 0)


def test_blanks_line_ends_and_one_mark_before_the_request_are_skipped() -> None:
    assert sniff(b"\r\n \t\xef\xbb\xbf \r\nPOST / HTTP/1.1") == (Speech.HTTP, 10)
    assert sniff(b"\xef\xbb\xbf<Message/>") == (Speech.RAW, 3)
    assert leading(b"\xef\xbb\xbf\xef\xbb\xbf<") == 3


def test_more_than_64_leading_bytes_are_no_request() -> None:
    assert sniff(b" " * 64 + b"POST / HTTP/1.1") == (Speech.HTTP, 64)
    assert sniff(b" " * 65 + b"POST / HTTP/1.1") == (Speech.UNKNOWN, 65)


def test_a_tls_hello_on_a_plain_port_is_unknown_at_its_first_byte() -> None:
    assert sniff(b"\x16") == (Speech.UNKNOWN, 0)


def test_anything_else_is_unknown_once_16_bytes_are_there() -> None:
    assert sniff(b"SSH-2.0-OpenSSH") is None
    assert sniff(b"SSH-2.0-OpenSSH_") == (Speech.UNKNOWN, 0)
    assert sniff(b"post / http/1.1\r\n") == (Speech.UNKNOWN, 0)


def test_half_a_name_or_a_mark_is_waited_for() -> None:
    for start in (b"", b"PO", b"POST", b"\xef", b"\xef\xbb", b"Message", b"terminal-type  "):
        assert sniff(start) is None


def test_a_name_without_a_colon_is_not_waited_for_without_end() -> None:
    assert sniff(b"Terminal-Type" + b" " * 64) == (Speech.UNKNOWN, 0)


@given(st.binary(max_size=100) | st.sampled_from(METHODS) | st.sampled_from(NAMES))
def test_what_was_decided_stays_decided_when_more_comes(data: bytes) -> None:
    decided = None
    for end in range(len(data) + 1):
        found = sniff(data[:end])
        if decided is not None:
            assert found == decided
        decided = found or decided
