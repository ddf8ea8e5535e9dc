"""Heads of HTTP requests: refusals, and that a known head is read as an unknown one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.exchange import Call, Transport
from card_server.relay.http_heads import MOST, KnownHeads, Refused, check_head

HEAD = b"POST /a HTTP/1.1\r\nContent-Length: 3"


def call(body: bytes) -> Call:
    return Call(
        body=body,
        transport=Transport.HTTP,
        path_segments=("a",),
        query={},
        headers={},
        message_id="0",
        peer="",
        received_at=0.0,
    )


def test_a_head_is_known_with_the_body_of_its_length_only() -> None:
    heads = KnownHeads()
    assert heads.find(HEAD + b"\r\n\r\nabc") is None
    heads.learn(HEAD + b"\r\n\r\nabc", call(b"abc"))
    found = heads.find(HEAD + b"\r\n\r\nxyz")
    assert found is not None
    assert (found[0].segments, found[1]) == (("a",), b"xyz")
    for other in (b"xy", b"xyz1", b""):
        assert heads.find(HEAD + b"\r\n\r\n" + other) is None


def test_data_that_holds_more_than_the_request_teaches_nothing() -> None:
    heads = KnownHeads()
    heads.learn(HEAD + b"\r\n\r\nabcPOST", call(b"abc"))
    heads.learn(b"no end", call(b""))
    assert heads.find(HEAD + b"\r\n\r\nabc") is None


def test_no_more_than_the_limit_is_kept() -> None:
    heads = KnownHeads()
    for number in range(MOST + 1):
        heads.learn(b"POST /%d\r\n\r\nabc" % number, call(b"abc"))
    kept = [n for n in range(MOST + 1) if heads.find(b"POST /%d\r\n\r\nabc" % n)]
    assert kept == [MOST]


@given(st.binary(max_size=40), st.binary(max_size=10))
def test_whatever_was_learnt_comes_back_as_it_was(head: bytes, body: bytes) -> None:
    heads = KnownHeads()
    data = head + b"\r\n\r\n" + body
    heads.learn(data, call(body))
    found = heads.find(data)
    assert found is None or found[1] == body


@pytest.mark.parametrize(
    ("method", "version", "url", "headers", "status"),
    [
        (b"POST", "2.0", b"/", {b"content-length": b"1"}, 400),
        (b"PUT", "1.1", b"/", {}, 405),
        (b"GET", "1.1", b"/transactionsex.php", {}, 405),
        (b"POST", "1.1", b"/", {b"content-length": b"1", b"content-encoding": b"gzip"}, 415),
        (b"POST", "1.1", b"/", {b"content-length": b"11"}, 413),
        (b"POST", "1.1", b"/", {}, 411),
    ],
)
def test_a_head_that_is_reason_enough_is_refused(
    method: bytes, version: str, url: bytes, headers: dict[bytes, bytes], status: int
) -> None:
    with pytest.raises(Refused) as refused:
        check_head(method, version, url, headers, 10)
    assert refused.value.status == status


def test_an_ordinary_head_passes() -> None:
    check_head(b"POST", "1.0", b"/transactionsex.php", {b"content-length": b"10"}, 10)
    check_head(b"GET", "1.1", b"/", {}, 10)
