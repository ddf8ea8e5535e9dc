"""Tests of ports: a port is opened, or a sentence says why not and who has it."""

from __future__ import annotations

import socket

import pytest

from shared.hosting.ports import bind, owner_of
from shared.wire.errors import AppError, ErrorCode


def refused(host: str, port: int) -> AppError:
    """The refusal of an address."""
    with pytest.raises(AppError) as caught:
        bind(host, port)
    return caught.value


def test_port_0_lets_the_system_choose() -> None:
    (sock,) = bind("127.0.0.1", 0)
    with sock:
        assert sock.getsockname()[1] > 0


def test_a_name_with_several_addresses_has_one_port_on_all_of_them() -> None:
    sockets = bind("localhost", 0)
    assert len({sock.getsockname()[1] for sock in sockets}) == 1
    for sock in sockets:
        sock.close()


def test_a_taken_port_names_the_program_that_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = refused("127.0.0.1", port)
        assert error.code is ErrorCode.PORT_BUSY
        assert error.facts["port"] == port
        assert "python" in str(error.facts["name"]).lower()
        assert "(PID " in owner_of(port)


def test_the_owner_of_a_free_port_is_nobody() -> None:
    (sock,) = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    sock.close()
    assert owner_of(port) == "?"


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "203.0.113.77", "a b", "x" * 300, "\u2603"]
)
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    error = refused(host, 0)
    assert error.code is ErrorCode.HOST_BAD
    assert error.facts["host"] == host


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    assert refused("127.0.0.1", port).code is ErrorCode.PORT_DENIED


def test_a_port_that_needs_more_rights_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidden(socket.socket):
        def bind(self, _address: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidden)
    error = refused("127.0.0.1", 80)
    assert error.code is ErrorCode.PORT_DENIED
    assert error.facts == {"port": 80, "why": "Permission denied"}


def test_two_cannot_listen_on_one_port() -> None:
    (first,) = bind("127.0.0.1", 0)
    with first:
        first.listen()
        assert refused("127.0.0.1", first.getsockname()[1]).code is ErrorCode.PORT_BUSY
