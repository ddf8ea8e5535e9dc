"""Tests of raw_reader over real sockets: crm-xml.md 1.3, R07 to R09 and the limits of time."""

from __future__ import annotations

import socket
import time

import pytest

from card_server.relay.exchange import Answer, Call, Done, Transport
from card_server.relay.limits import Limits
from tests.helpers.wire import QUICK, Scribe, open_wire, rest, until

XML = '<?xml version="1.0" encoding="Windows-1251"?><Message Action="A">Анна</Message>'.encode()
HEADER = (
    b"Message-ID: 17\r\nMessage-Type: Request\r\nTime: 2024-03-05 18:40:11\r\n"
    b"Terminal-Type: QA7\r\nContent-Length: %d\r\n\r\n"
)
REPLY_HEAD = (
    "200 OK\r\nMessage-Type: Response\r\nMessage-ID: 17\r\nTime: 2024-03-05 18:40:11\r\n"
    "Content-Length: {}\r\n\r\n"
)


def small(**limits: float) -> Limits:
    """Limits that a test reaches quickly."""
    return Limits(**{"sweep_s": 0.02, "drain_s": 0.2, "raw_quiet_s": 0.05, **limits})  # type: ignore[arg-type]


def whole(body: bytes) -> bytes:
    """The reply the Scribe gives to a body."""
    return REPLY_HEAD.format(len(body) + 7).encode() + b"<R>" + body + b"</R>"


def test_a_request_is_answered_byte_by_byte_as_documented_and_the_connection_ends() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        assert wire.ask(HEADER % len(XML) + XML) == whole(XML)
    (call,) = scribe.calls
    assert (call.transport, call.message_id, call.body) == (Transport.RAW, "17", XML)
    assert call.headers == {"terminal-type": "QA7"}


def test_header_and_body_leave_in_one_piece() -> None:
    with open_wire() as wire:
        sock = wire.send(HEADER % len(XML) + XML)
        assert sock.recv(5_000_000) == whole(XML)


def test_r07_indented_lines_quotes_and_lf_line_ends_are_accepted() -> None:
    header = b'  message-id: 17\n\tTime: "2024-03-05 18:40:11"\n Content-Length: %d\n\n' % len(XML)
    with open_wire() as wire:
        assert wire.ask(header + XML) == whole(XML)


@pytest.mark.parametrize("length", [0, 10, len(XML.decode())])
def test_r08_a_length_too_small_is_read_on_however_late_the_rest_comes(length: int) -> None:
    with open_wire() as wire:
        sock = wire.send(HEADER % length + XML[:-5])
        time.sleep(0.15)
        sock.sendall(XML[-5:])
        assert rest(sock) == whole(XML)


def test_r09_a_length_too_large_is_answered_after_a_moment_of_silence() -> None:
    limits = small(raw_quiet_s=0.1)
    with open_wire(limits=limits) as wire:
        began = time.monotonic()
        assert wire.ask(HEADER % 5000 + XML) == whole(XML)
        assert 0.1 <= time.monotonic() - began < 5


def test_r09_silence_is_counted_from_the_last_byte() -> None:
    scribe = Scribe()
    with open_wire(scribe, small(raw_quiet_s=0.2)) as wire:
        sock = wire.send(HEADER % 5000 + XML)
        for _ in range(5):
            time.sleep(0.1)
            assert scribe.calls == []
            sock.sendall(b" ")
        assert rest(sock).endswith(b"</R>")


def test_a_request_without_any_header_has_the_id_0() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        assert b"Message-ID: 0\r\n" in wire.ask(b"\xef\xbb\xbf\r\n" + XML)
    assert scribe.calls[0].body == XML


def test_rule_6_a_half_closed_sender_is_answered() -> None:
    with open_wire() as wire:
        sock = wire.send(HEADER % 5000 + XML[:-9])
        sock.shutdown(socket.SHUT_WR)
        assert rest(sock) == whole(XML[:-9])


def test_rule_7_bytes_behind_the_request_are_thrown_away() -> None:
    scribe = Scribe()
    with open_wire(scribe) as wire:
        sock = wire.send(HEADER % len(XML) + XML + b"junk" + HEADER % len(XML) + XML)
        assert rest(sock) == whole(XML)
    assert len(scribe.calls) == 1


def test_a_refusal_is_marked_as_an_error_and_keeps_200_ok() -> None:
    refusal = Answer(b'<Data ErrorCode="SAC-9201"/>', is_error=True)
    with open_wire(Scribe(lambda _, done: done(refusal))) as wire:
        reply = wire.ask(HEADER % len(XML) + XML)
    assert reply.startswith(b"200 OK\r\nMessage-Type: Error\r\nMessage-ID: 17\r\n")


def test_a_classifier_may_want_its_replies_in_windows_1251() -> None:
    document = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><N>Анна</N>'
    answer = Answer(document.encode(), windows_1251=True)
    with open_wire(Scribe(lambda _, done: done(answer))) as wire:
        reply = wire.ask(HEADER % len(XML) + XML)
    body = document.replace("UTF-8", "windows-1251").encode("cp1251")
    assert reply.endswith(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def test_raw_reply_bytes_a_reply_is_never_cut_in_its_middle() -> None:
    big = Answer(b"<R>" + b"x" * 6_000_000 + b"</R>")
    with open_wire(Scribe(lambda _, done: done(big))) as wire:
        assert wire.ask(HEADER % len(XML) + XML).endswith(b"x</R>")


def test_only_the_first_answer_counts() -> None:
    def twice(_: Call, done: Done) -> None:
        done(Answer(b"<first/>"))
        done(Answer(b"<second/>"))

    with open_wire(Scribe(twice)) as wire:
        assert wire.ask(HEADER % len(XML) + XML).endswith(b"\r\n<first/>")


def test_raw_header_bytes_a_header_too_large_is_refused() -> None:
    with open_wire(limits=small(raw_header_bytes=100)) as wire:
        reply = wire.ask(b"Message-ID: 17\r\nTime: " + b"x" * 200)
    assert b'ErrorCode="SAC-9006"' in reply
    assert "Запрос больше 100 байт".encode() in reply


def test_body_bytes_a_body_too_large_is_refused_under_the_callers_id() -> None:
    with open_wire(limits=small(body_bytes=1000)) as wire:
        reply = wire.ask(HEADER % 10 + b"<Message>" + b"x" * 300_000)
    assert b"Message-Type: Error\r\nMessage-ID: 17\r\n" in reply
    assert b'Message_ID="17" ErrorCode="SAC-9006"' in reply


def test_header_s_a_header_that_does_not_end_is_closed_without_a_word() -> None:
    with open_wire(limits=small(header_s=0.1)) as wire:
        assert wire.ask(b"Message-ID: 17\r\nTime") == b""


def test_body_s_a_body_that_does_not_end_is_refused() -> None:
    with open_wire(limits=small(body_s=0.1)) as wire:
        assert b'ErrorCode="SAC-9007"' in wire.ask(HEADER % 900 + b"<Message>")


def test_body_bytes_per_s_a_trickle_is_refused() -> None:
    with open_wire(limits=small(body_free_s=0.05, body_bytes_per_s=100_000)) as wire:
        assert b'ErrorCode="SAC-9007"' in wire.ask(HEADER % 900 + b"<Message>")


def test_a_connection_that_drains_is_closed_after_a_while() -> None:
    with open_wire(limits=QUICK) as wire:
        sock = wire.send(HEADER % len(XML) + XML)
        assert rest(sock) == whole(XML)
        until(lambda: not wire.listener.connections)


def test_an_answer_to_a_connection_that_is_gone_goes_nowhere() -> None:
    held: list[Done] = []
    with open_wire(Scribe(lambda _, done: held.append(done))) as wire:
        sock = wire.send(HEADER % len(XML) + XML)
        until(lambda: bool(held))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
        until(lambda: not wire.listener.connections)
        wire.run(lambda: held[0](Answer(b"<late/>")))
        assert wire.ask(b"\x16") == b""
