"""Tests of the listener over real sockets: accepting, turning away, slow clients, stopping."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from card_server.relay.exchange import Answer, Done
from card_server.relay.limits import Limits
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.wire import (
    PATIENCE_S,
    QUICK,
    FakeDesk,
    Scribe,
    Wire,
    open_wire,
    post,
    read_reply,
    rest,
    until,
)

RAW = b'Message-ID: 5\r\n\r\n<Message Action="A"/>'
DICTIONARY = (
    b'<Message Action="Get contacts types info" Terminal_Type="QA7DEMO0000000000001"></Message>'
)


def small(**limits: float) -> Limits:
    """Limits that a test reaches quickly."""
    return Limits(**{"sweep_s": 0.02, "drain_s": 0.2, "raw_quiet_s": 0.05, **limits})  # type: ignore[arg-type]


def test_one_port_speaks_http_and_raw_tcp() -> None:
    with open_wire() as wire:
        assert wire.http(post(b"<a/>")).body == b"<R><a/></R>"
        assert b"Message-ID: 5\r\n" in wire.ask(RAW)
        assert b"<R>" in wire.ask(b'<Message Action="A"/>')


def test_leading_blanks_and_a_mark_do_not_matter() -> None:
    with open_wire() as wire:
        assert wire.http(b"\r\n\xef\xbb\xbf \t" + post(b"<a/>")).status == 200


@pytest.mark.parametrize("start", [b"\x16\x03\x01", b"SSH-2.0-OpenSSH_9.2\r\n", b" " * 80])
def test_what_is_no_request_is_closed_without_an_answer(start: bytes) -> None:
    with open_wire() as wire:
        assert wire.ask(start) == b""


@pytest.mark.parametrize("pause_s", [0.0, 0.002])
def test_bytes_that_come_one_by_one_are_understood(pause_s: float) -> None:
    with open_wire() as wire:
        sock = wire.connect()
        for byte in post(b"<a/>", "Connection: close"):
            sock.sendall(bytes([byte]))
            time.sleep(pause_s)
        assert rest(sock).endswith(b"<R><a/></R>")


def test_first_byte_s_a_silent_connection_is_closed() -> None:
    with open_wire(limits=small(first_byte_s=0.1)) as wire:
        assert wire.ask(b"") == b""


def test_header_s_a_start_that_decides_nothing_is_closed() -> None:
    with open_wire(limits=small(header_s=0.1, first_byte_s=5)) as wire:
        assert wire.ask(b"PO") == b""


def test_r40_others_are_served_while_many_connections_are_silent_or_slow() -> None:
    with open_wire() as wire:
        silent = [wire.connect() for _ in range(100)]
        slow = [wire.connect() for _ in range(50)]
        for byte in b"POST / HT":
            for sock in slow:
                sock.sendall(bytes([byte]))
            began = time.monotonic()
            assert wire.http(post(b"<a/>")).status == 200
            assert time.monotonic() - began < 2
        assert len(silent) == 100


def test_connections_one_too_many_gets_503_and_is_told_to_come_back() -> None:
    with open_wire(limits=small(connections=2)) as wire:
        kept = [wire.connect(), wire.connect()]
        until(lambda: len(wire.listener.connections) == 2)
        reply = wire.http(post(b"<a/>"))
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert reply.headers["connection"] == "close"
        assert b'ErrorCode="SAC-9902"' in reply.body
        kept[0].close()
        until(lambda: len(wire.listener.connections) == 1)
        assert wire.http(post(b"<a/>")).status == 200


def test_connections_per_address_counts_each_address_for_itself() -> None:
    with open_wire(limits=small(connections_per_address=1)) as wire:
        first = wire.connect()
        until(lambda: len(wire.listener.connections) == 1)
        assert wire.http(post(b"<a/>")).status == 503
        other = socket.create_connection(("127.0.0.1", wire.port), PATIENCE_S, ("127.0.0.2", 0))
        with other:
            other.sendall(post(b"<a/>"))
            assert read_reply(other).status == 200
        first.close()
        until(lambda: not wire.listener.connections)
        assert wire.http(post(b"<a/>")).status == 200


def test_reply_s_a_reader_that_takes_nothing_is_dropped() -> None:
    big = Answer(b"x" * 40_000_000)
    with open_wire(Scribe(lambda _, done: done(big)), small(reply_s=0.2)) as wire:
        wire.send(post(b"<a/>"))
        until(lambda: bool(wire.listener.connections))
        until(lambda: not wire.listener.connections)


@pytest.mark.parametrize("line", ["Connection: close", "Connection: keep-alive"])
def test_reply_s_a_slow_reader_that_goes_on_reading_gets_everything(line: str) -> None:
    size = 24_000_000
    big = Answer(b"x" * size)
    with open_wire(Scribe(lambda _, done: done(big)), small(reply_s=0.3, drain_s=0.05)) as wire:
        sock = wire.send(post(b"<a/>", line))
        got = 0
        while got < size:
            time.sleep(0.02)
            part = sock.recv(1_000_000)
            assert part, f"cut after {got} bytes"
            got += len(part)


def test_a_reader_that_is_behind_is_given_no_more_to_read() -> None:
    scribe = Scribe(lambda _, done: done(Answer(b"x" * 8_000_000)))
    with open_wire(scribe, small(reply_s=5)) as wire:
        sock = wire.send(post(b"<a/>"))
        until(lambda: len(scribe.calls) == 1)
        time.sleep(0.05)
        sock.sendall(post(b"<b/>", "Connection: close"))
        time.sleep(0.1)
        assert len(scribe.calls) == 1
        assert len(rest(sock)) > 16_000_000
        assert len(scribe.calls) == 2


# ------------------------------------------------------------------ stop


def stopping(wire: Wire, grace_s: float) -> threading.Thread:
    """Stop in another thread, so that the test can look on."""
    thread = threading.Thread(target=wire.stop, args=(grace_s,))
    thread.start()
    until(lambda: wire.listener.stopping)
    return thread


def test_stop_closes_idle_connections_at_once_and_accepts_no_more() -> None:
    with open_wire() as wire:
        sock = wire.send(post(b"<a/>"))
        read_reply(sock)
        began = time.monotonic()
        wire.stop(5)
        assert time.monotonic() - began < 2
        assert rest(sock) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", wire.port), 1)


def test_stop_s_a_running_request_gets_its_answer_within_the_grace() -> None:
    held: list[Done] = []
    with open_wire(Scribe(lambda _, done: held.append(done))) as wire:
        sock = wire.send(post(b"<a/>"))
        until(lambda: bool(held))
        thread = stopping(wire, 5)
        time.sleep(0.1)
        assert thread.is_alive()
        wire.run(lambda: held[0](Answer(b"<done/>")))
        reply = read_reply(sock)
        assert (reply.body, reply.headers["connection"]) == (b"<done/>", "close")
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_stop_s_what_is_still_queued_after_the_grace_gets_sac_9904() -> None:
    desk = FakeDesk(lambda _: None)
    desk.act = desk.queued.append
    with open_wire(desk=desk) as wire:
        http = wire.send(post(DICTIONARY))
        raw = wire.send(b"Message-ID: 5\r\n\r\n" + DICTIONARY)
        until(lambda: len(desk.queued) == 2)
        wire.stop(0.1)
        assert b'ErrorCode="SAC-9904"' in read_reply(http).body
        assert b'Message_ID="5" ErrorCode="SAC-9904"' in rest(raw)


def test_stop_s_a_request_whose_outcome_nobody_knows_gets_sac_9903() -> None:
    with open_wire(desk=FakeDesk(lambda _: None)) as wire:
        sock = wire.send(post(DICTIONARY))
        time.sleep(0.1)
        wire.stop(0.1)
        assert b'ErrorCode="SAC-9903"' in read_reply(sock).body


def test_a_request_that_comes_while_the_server_stops_gets_sac_9904() -> None:
    held: list[Callable[[Any], None]] = []
    with open_wire(desk=FakeDesk(held.append)) as wire:
        sock = wire.send(post(DICTIONARY))
        until(lambda: bool(held))
        thread = stopping(wire, 5)
        sock.sendall(post(DICTIONARY))
        until(lambda: next(iter(wire.listener.connections)).outstanding == 2)
        wire.run(lambda: held[0](AppError(ErrorCode.DB_UNREACHABLE)))
        assert b'ErrorCode="SAC-9901"' in read_reply(sock).body
        thread.join(PATIENCE_S)


# ------------------------------------------------------------------ opening


def test_a_port_that_is_taken_names_its_owner() -> None:
    with open_wire() as wire:
        opening = wire.listener.open("127.0.0.1", wire.port)
        future = asyncio.run_coroutine_threadsafe(opening, wire.loop)
        with pytest.raises(AppError) as caught:
            future.result(PATIENCE_S)
    assert caught.value.code is ErrorCode.PORT_BUSY
    assert caught.value.facts["port"] == wire.port
    assert "python" in str(caught.value.facts["name"]).lower()


def test_quick_limits_differ_from_the_defaults_in_time_only() -> None:
    assert (QUICK.body_bytes, QUICK.connections) == (Limits().body_bytes, 2_000)
