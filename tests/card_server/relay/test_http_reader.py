"""Tests of http_reader over real sockets: crm-xml.md 1.2, its statuses, pipelining, R10 to R12."""

from __future__ import annotations

import re
import select
import socket
import time
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_server.relay.exchange import Answer, Call, Done
from card_server.relay.http_target import target
from card_server.relay.limits import Limits
from tests.helpers.wire import QUICK, Scribe, open_wire, post, read_reply, rest, until


def small(**limits: float) -> Limits:
    """Limits that a test reaches quickly."""
    return Limits(**{"sweep_s": 0.02, "drain_s": 0.2, "raw_quiet_s": 0.05, **limits})  # type: ignore[arg-type]


# ------------------------------------------------------------------ good requests


def test_a_reply_has_the_headers_that_clients_look_at() -> None:
    with open_wire() as wire:
        reply = wire.http(post(b"<a/>"))
    assert reply.status == 200
    assert reply.body == b"<R><a/></R>"
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.headers["content-length"] == "11"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", reply.headers["date"])
    assert set(reply.headers) == {"content-type", "content-length", "date"}


@pytest.mark.parametrize("line", ["Content-Type: text/text", "Content-Type: application/xml", ""])
def test_r11_the_content_type_is_ignored(line: str) -> None:
    with open_wire() as wire:
        assert wire.http(post(b"<a/>", *([line] if line else []))).status == 200


def test_r12_any_path_is_taken_and_told_in_segments() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        wire.http(post(b"<a/>", path="/proxy/%D0%BA/GetCardInfoEx.php?Qualifier=AbC&x=%20"))
    assert scribe.calls[0].path_segments == ("proxy", "к", "GetCardInfoEx.php")
    assert scribe.calls[0].query == {"qualifier": "AbC", "x": " "}
    assert scribe.calls[0].message_id == "0"
    assert scribe.calls[0].peer == "127.0.0.1"


def test_the_terminal_type_header_is_told() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        wire.http(post(b"<a/>", "terminal-TYPE: QA7", "Content-Type: Text/JSON"))
    assert scribe.calls[0].headers == {"terminal-type": "QA7", "content-type": "text/json"}


def test_a_chunked_body_is_joined() -> None:
    scribe = Scribe()
    chunks = b"3;x=y\r\n<a \r\n2\r\n/>\r\n0\r\nTrailer: 1\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with open_wire(scribe) as wire:
        assert wire.http(head + chunks).body == b"<R><a /></R>"


def test_expect_100_continue_is_answered_before_the_body() -> None:
    request = post(b"<a/>", "Expect: 100-continue")
    with open_wire() as wire:
        sock = wire.send(request[:-4])
        assert read_reply(sock).status == 100
        sock.sendall(b"<a/>")
        assert read_reply(sock).body == b"<R><a/></R>"


def test_100_continue_waits_for_the_answers_due_before_it() -> None:
    held: list[Done] = []
    scribe = Scribe(lambda _, done: held.append(done))
    with open_wire(scribe) as wire:
        sock = wire.send(post(b"<1/>") + post(b"<2/>", "Expect: 100-continue")[:-4])
        until(lambda: bool(held))
        wire.run(lambda: held[0](Answer(b"<one/>")))
        assert read_reply(sock).body == b"<one/>"
        assert read_reply(sock).status == 100
        sock.sendall(b"<2/>")
        until(lambda: len(held) > 1)
        wire.run(lambda: held[1](Answer(b"<two/>")))
        assert read_reply(sock).body == b"<two/>"


def test_expect_is_not_answered_for_a_body_that_is_refused() -> None:
    with open_wire(limits=small(body_bytes=10)) as wire:
        assert wire.http(post(b"", "Expect: 100-continue", length=11)).status == 413


def test_an_offered_upgrade_is_ignored_and_its_body_read() -> None:
    scribe = Scribe()
    lines = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA")
    with open_wire(scribe) as wire:
        sock = wire.send(post(b"<a/>", *lines) + post(b"<b/>"))
        assert read_reply(sock).body == b"<R><a/></R>"
        assert read_reply(sock).body == b"<R><b/></R>"


@pytest.mark.parametrize(
    ("version", "line", "stays", "said"),
    [
        ("1.1", "", True, None),
        ("1.1", "Connection: close", False, "close"),
        ("1.0", "", False, "close"),
        ("1.0", "Connection: keep-alive", True, "keep-alive"),
    ],
)
def test_keep_alive_of_both_versions(
    version: str, line: str, said: str | None, *, stays: bool
) -> None:
    request = post(b"<a/>", *([line] if line else [])).replace(
        b"HTTP/1.1", b"HTTP/" + version.encode()
    )
    with open_wire() as wire:
        sock = wire.send(request)
        reply = read_reply(sock)
        assert reply.headers.get("connection") == said
        if stays:
            sock.sendall(request)
            assert read_reply(sock).status == 200
        else:
            assert rest(sock) == b""


def test_bytes_behind_a_request_that_closes_are_ignored() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        sock = wire.send(post(b"<a/>", "Connection: close") + post(b"<b/>") + b"\x00\x01")
        assert rest(sock).count(b"HTTP/1.1 200 OK") == 1
    assert len(scribe.calls) == 1


# ------------------------------------------------------------------ life sign


@pytest.mark.parametrize("path", ["/", "/monitor"])
def test_get_is_a_life_sign_that_touches_no_answerer(path: str) -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        reply = wire.http(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    assert (reply.status, reply.body) == (200, b"ok")
    assert reply.headers["content-type"] == "text/plain"
    assert "date" in reply.headers
    assert scribe.calls == []


def test_head_has_the_headers_of_get_and_no_body() -> None:
    with open_wire() as wire:
        sock = wire.send(b"HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert read_reply(sock, head_only=True).headers["content-length"] == "2"
        last = read_reply(sock)
        assert (last.body, last.headers["connection"]) == (b"ok", "close")


def test_options_names_the_methods() -> None:
    with open_wire() as wire:
        reply = wire.http(b"OPTIONS / HTTP/1.1\r\n\r\n")
    assert (reply.status, reply.headers["allow"]) == (200, "POST, GET, HEAD, OPTIONS")


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "SAC-9010"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "SAC-9010"),
        (b"POST / HTTP/2.0\r\nContent-Length: 1\r\n\r\na", 400, "SAC-9010"),
        (b"POST / rubbish\r\n\r\n", 400, "SAC-9010"),
        (b"PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405, "SAC-9005"),
        (b"DELETE / HTTP/1.1\r\n\r\n", 405, "SAC-9005"),
        (b"PATCH / HTTP/1.1\r\n\r\n", 405, "SAC-9005"),
        (b"GET /x/TransactionsEx.php HTTP/1.1\r\n\r\n", 405, "SAC-9005"),
        (b"HEAD /getcardinfoex HTTP/1.1\r\n\r\n", 405, "SAC-9005"),
        (b"POST / HTTP/1.1\r\n\r\n", 411, "SAC-9009"),
        (b"POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\n", 413, "SAC-9006"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400, "SAC-9010"),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n33\r\n" + b"x" * 51 + b"\r\n",
            413,
            "SAC-9006",
        ),
        (
            b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na",
            415,
            "SAC-9010",
        ),
        (b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 11 + b"\r\n", 400, "SAC-9011"),
        (b"POST / HTTP/1.1\r\nA: " + b"b" * 500 + b"\r\n\r\n", 400, "SAC-9006"),
        (b"POST /" + b"a" * 500 + b" HTTP/1.1\r\n\r\n", 400, "SAC-9006"),
    ],
)
def test_what_cannot_be_read_has_its_status_a_data_document_and_closes(
    request_bytes: bytes, status: int, code: str
) -> None:
    scribe = Scribe()
    limits = small(body_bytes=50, header_lines=10, header_bytes=400)
    with open_wire(scribe, limits) as wire:
        sock = wire.send(request_bytes)
        reply = read_reply(sock, head_only=request_bytes.startswith(b"HEAD"))
        assert reply.status == status
        assert reply.headers["connection"] == "close"
        assert reply.headers["content-type"] == "text/xml; charset=utf-8"
        assert ("allow" in reply.headers) == (status == 405)
        remains = rest(sock)
        assert f'ErrorCode="{code}"'.encode() in reply.body + remains
    assert scribe.calls == []


def test_a_header_line_without_an_end_is_refused_before_it_ends() -> None:
    with open_wire(limits=small(header_bytes=20_000)) as wire:
        sock = wire.send(b"POST / HTTP/1.1\r\nA: " + b"b" * 30_000)
        assert read_reply(sock).status == 400


def test_chunks_that_are_mostly_overhead_are_refused() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with open_wire(limits=small(header_bytes=1_000)) as wire:
        sock = wire.send(head + (b"1;" + b"x" * 500 + b"\r\na\r\n") * 100)
        assert read_reply(sock).status == 413


def test_the_status_of_a_broken_request_comes_behind_the_answers_due_before_it() -> None:
    held: list[Done] = []
    with open_wire(Scribe(lambda _, done: held.append(done))) as wire:
        sock = wire.send(post(b"<1/>") + b"PUT / HTTP/1.1\r\n\r\n")
        until(lambda: bool(held))
        wire.run(lambda: held[0](Answer(b"<one/>")))
        assert read_reply(sock).body == b"<one/>"
        assert read_reply(sock).status == 405
        assert rest(sock) == b""


def test_a_large_body_still_on_its_way_does_not_cost_the_sender_its_413() -> None:
    with open_wire(limits=small(body_bytes=1000)) as wire:
        sock = wire.send(post(b"x" * 400_000))
        assert read_reply(sock).status == 413


# ------------------------------------------------------------------ answers


def test_pipelined_requests_are_answered_in_their_order() -> None:
    held: list[tuple[Call, Done]] = []
    with open_wire(Scribe(lambda call, done: held.append((call, done)))) as wire:
        sock = wire.send(b"".join(post(b"<%d/>" % n) for n in range(5)) + b"GET / HTTP/1.1\r\n\r\n")
        until(lambda: len(held) == 5)

        def answer() -> None:
            for call, done in reversed(held):
                done(Answer(call.body))

        wire.run(answer)
        assert [read_reply(sock).body for _ in range(6)] == [
            *(b"<%d/>" % n for n in range(5)),
            b"ok",
        ]


def send_until_full(sock: socket.socket, request: bytes) -> int:
    """Repeat a request until the connection takes no more; how many bytes it took."""
    sent = 0
    with suppress(BlockingIOError):
        while sent < 2_000 * len(request):
            sent += sock.send(request[sent % len(request) :])
    return sent


def test_a_connection_with_many_unanswered_requests_is_not_read_any_further() -> None:
    held: list[tuple[Call, Done]] = []
    limits = small(pipelined=4)
    with open_wire(Scribe(lambda call, done: held.append((call, done))), limits) as wire:
        sock = wire.connect()
        sock.setblocking(False)
        request = post(b"<a>" + b"x" * 20_000 + b"</a>")
        sent = send_until_full(sock, request)
        until(lambda: len(held) == 4)
        assert sent < 2_000 * len(request)
        total = 0
        sock.setblocking(True)
        while held:
            pending, held[:] = list(held), []
            wire.run(lambda pending=pending: [done(Answer(b"<R/>")) for _, done in pending])  # type: ignore[misc]
            assert len(pending) <= 4
            for _ in pending:
                assert read_reply(sock).body == b"<R/>"
            total += len(pending)
            time.sleep(0.02)
        assert total == sent // len(request)


def test_only_the_first_answer_to_a_request_counts() -> None:
    def twice(call: Call, done: Done) -> None:
        done(Answer(b"<first/>"))
        done(Answer(b"<second/>"))
        del call

    with open_wire(Scribe(twice)) as wire:
        sock = wire.send(post(b"<a/>") + post(b"<b/>"))
        assert read_reply(sock).body == b"<first/>"
        assert read_reply(sock).body == b"<first/>"


def test_an_answer_may_have_another_status_and_type() -> None:
    answer = Answer(b"\xff\xd8", content_type="image/jpeg", status=404)
    with open_wire(Scribe(lambda _, done: done(answer))) as wire:
        reply = wire.http(post(b"<a/>"))
    assert (reply.status, reply.headers["content-type"]) == (404, "image/jpeg")
    assert "date" in reply.headers


def test_r10_an_answer_that_closes_is_the_last_and_later_bytes_are_not_glued_on() -> None:
    scribe = Scribe(lambda _, done: done(Answer(b"<broken/>", close=True)))
    with open_wire(scribe) as wire:
        sock = wire.send(post(b"<Mess", length=5) + b"age/>" + post(b"<b/>"))
        reply = read_reply(sock)
        assert (reply.body, reply.headers["connection"]) == (b"<broken/>", "close")
        assert rest(sock) == b""
    assert [call.body for call in scribe.calls] == [b"<Mess"]


def test_a_half_closed_sender_is_answered_and_then_closed() -> None:
    held: list[Done] = []
    with open_wire(Scribe(lambda _, done: held.append(done))) as wire:
        sock = wire.send(post(b"<a/>"))
        sock.shutdown(socket.SHUT_WR)
        until(lambda: bool(held))
        wire.run(lambda: held[0](Answer(b"<late/>")))
        assert read_reply(sock).body == b"<late/>"
        assert rest(sock) == b""


def test_r39_a_connection_cut_while_we_answer_disturbs_nobody() -> None:
    held: list[Done] = []
    with open_wire(Scribe(lambda _, done: held.append(done))) as wire:
        sock = wire.send(post(b"<a/>") * 3)
        until(lambda: len(held) == 3)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
        until(lambda: not wire.listener.connections)
        wire.run(lambda: [done(Answer(b"<R/>" * 1000)) for done in held])
        other = wire.send(post(b"<b/>"))
        until(lambda: len(held) == 4)
        wire.run(lambda: held[3](Answer(b"<alive/>")))
        assert read_reply(other).body == b"<alive/>"


# ------------------------------------------------------------------ time


def test_header_s_a_header_that_does_not_end_gets_408() -> None:
    with open_wire(limits=small(header_s=0.1)) as wire:
        sock = wire.send(b"POST / HTTP/1.1\r\nConte")
        assert read_reply(sock).status == 408
        assert rest(sock) == b""


def test_header_s_counts_for_a_second_request_too() -> None:
    with open_wire(limits=small(header_s=0.1)) as wire:
        sock = wire.send(post(b"<a/>") + b"POST / HT")
        assert read_reply(sock).status == 200
        assert read_reply(sock).status == 408


def test_body_s_a_body_that_does_not_end_gets_408() -> None:
    with open_wire(limits=small(body_s=0.1)) as wire:
        reply = wire.http(post(b"<a", length=10))
    assert reply.status == 408
    assert b"SAC-9007" in reply.body


def test_body_bytes_per_s_a_trickle_gets_408_long_before_body_s() -> None:
    with open_wire(limits=small(body_free_s=0.1, body_bytes_per_s=1000)) as wire:
        sock = wire.send(post(b"<a", length=1000))
        began = time.monotonic()
        while not select.select([sock], [], [], 0.01)[0]:
            sock.sendall(b"x")
        assert time.monotonic() - began < 1.5
        assert read_reply(sock).status == 408


def test_idle_s_a_connection_that_asks_nothing_more_is_closed() -> None:
    with open_wire(limits=small(idle_s=0.1)) as wire:
        sock = wire.send(post(b"<a/>"))
        read_reply(sock)
        for _ in range(3):
            sock.sendall(b"\r\n")
            time.sleep(0.02)
        assert rest(sock) == b""


def test_idle_s_does_not_count_while_an_answer_is_due() -> None:
    held: list[Done] = []
    limits = small(idle_s=0.05)
    with open_wire(Scribe(lambda _, done: held.append(done)), limits) as wire:
        sock = wire.send(post(b"<a/>"))
        time.sleep(0.2)
        wire.run(lambda: held[0](Answer(b"<late/>")))
        assert read_reply(sock).body == b"<late/>"


# ------------------------------------------------------------------ laws


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 400), max_size=10), st.booleans())
def test_any_split_of_the_bytes_gives_the_same_requests(cuts: list[int], chunked: bool) -> None:
    scribe = Scribe()
    first = post(b"<a>1</a>")
    if chunked:
        first = (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"4\r\n<a>1\r\n4\r\n</a>\r\n0\r\n\r\n"
        )
    data = first + post(b"<b/>", path="/x?y=1") + post(b"<c/>", "Connection: close")
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    with open_wire(scribe) as wire:
        sock = wire.connect()
        for start, end in pairwise(places):
            sock.sendall(data[start:end])
            time.sleep(0.001)
        assert rest(sock).count(b"HTTP/1.1 200 OK") == 3
    assert [call.body for call in scribe.calls] == [b"<a>1</a>", b"<b/>", b"<c/>"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"POST ", b"GET ", b"OPTIONS ", b""]))
def test_rubbish_is_refused_or_closed_and_the_next_client_is_served(
    rubbish: bytes, start: bytes
) -> None:
    with open_wire(limits=small(header_s=0.05, first_byte_s=0.05, body_s=0.05)) as wire:
        sock = wire.send(start + rubbish)
        sock.shutdown(socket.SHUT_WR)
        rest(sock)
        assert wire.http(post(b"<a/>")).status == 200


@given(st.binary(max_size=60))
def test_any_target_gives_segments_and_a_query(url: bytes) -> None:
    segments, query = target(url)
    assert all(segments)
    assert all(name == name.lower() for name in query)


def test_a_target_with_too_many_parameters_has_none() -> None:
    assert target(b"/a?" + b"&".join(b"p%d=1" % n for n in range(60))) == (("a",), {})


def test_default_limits_are_those_of_the_table() -> None:
    assert QUICK.pipelined == 16
    assert (Limits().header_bytes, Limits().header_lines) == (16_384, 100)
