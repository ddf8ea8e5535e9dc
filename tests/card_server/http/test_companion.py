"""The application server is looked after; whatever it does costs nobody anything."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from card_server.http.companion import Companion, probe

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Clock:
    """A minute passes with each look at it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def test_it_is_found_lost_and_found_again() -> None:
    answers = ["", "", "connection refused", "timeout", ""]
    seen = Companion(lambda: "host:1", Clock(), look=lambda _: answers.pop(0))
    states = []
    while answers:
        seen.look()
        assert seen.seen is not None
        states.append((seen.seen.is_alive, seen.seen.since.minute, seen.seen.why))
    assert states == [
        (True, 1, ""),
        (True, 1, ""),
        (False, 2, "connection refused"),
        (False, 2, "timeout"),
        (True, 3, ""),
    ]


def test_nothing_is_looked_at_while_none_is_registered() -> None:
    addresses = ["host:1", ""]
    companion = Companion(lambda: addresses.pop(0), Clock(), look=lambda _: "")
    companion.look()
    assert companion.seen is not None
    companion.look()
    assert companion.seen is None


def test_a_failing_look_does_not_end_the_looking() -> None:
    looked = threading.Event()
    tries = []

    def look(address: str) -> str:
        tries.append(address)
        if len(tries) == 1:
            message = "a bug"
            raise RuntimeError(message)
        looked.set()
        return ""

    companion = Companion(lambda: "host:1", Clock(), look=look, every_s=0.001)
    companion.start()
    assert looked.wait(5)
    companion.close()
    assert companion.seen is not None


class Health(BaseHTTPRequestHandler):
    """Answers as the test says."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.mark.parametrize(("status", "why"), [(200, ""), (503, "HTTP 503")])
def test_a_server_that_answers_is_asked_for_its_health(status: int, why: str) -> None:
    handler = type("Handler", (Health,), {"status": status})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        assert probe(f"127.0.0.1:{server.server_address[1]}") == why
        assert probe(f"http://127.0.0.1:{server.server_address[1]}") == why
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_nobody_there_is_a_reason() -> None:
    assert probe("127.0.0.1:1")
    assert probe("https://127.0.0.1:1")
