"""Tests of tls: certificates as administrators have them, and sentences for wrong files."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from shared.hosting.tls import server_context
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.certificates import CA, CERT, KEY, make_certificates
from tests.helpers.wire import open_wire, post, read_reply


def trusting(issuer: bytes) -> ssl.SSLContext:
    """A client that trusts the issuer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=issuer.decode())
    return context


def refused(folder: Path) -> AppError:
    """The refusal of the files in a folder."""
    with pytest.raises(AppError) as caught:
        server_context(folder, CERT, KEY, CA)
    assert caught.value.code is ErrorCode.TLS_BAD
    return caught.value


@pytest.mark.parametrize("der", [False, True])
def test_a_client_that_trusts_the_issuer_is_answered_over_tls(tmp_path: Path, *, der: bool) -> None:
    issuer = make_certificates(tmp_path, der=der)
    with open_wire(tls=server_context(tmp_path, CERT, KEY, CA)) as wire:
        sock = wire.connect(trusting(issuer))
        sock.sendall(post(b"<a/>") + post(b"<b/>", "Connection: close"))
        assert read_reply(sock).body == b"<R><a/></R>"
        assert read_reply(sock).body == b"<R><b/></R>"
        raw = wire.connect(trusting(issuer))
        raw.sendall(b"Message-ID: 5\r\n\r\n<Message/>")
        assert b"Message-ID: 5\r\n" in raw.recv(4_096)


def test_old_versions_of_tls_are_not_spoken(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    assert server_context(tmp_path, CERT, KEY).minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_plain_client_on_the_tls_port_disturbs_nobody(tmp_path: Path) -> None:
    issuer = make_certificates(tmp_path)
    with open_wire(tls=server_context(tmp_path, CERT, KEY, CA)) as wire:
        plain = wire.send(post(b"<a/>"))
        assert b"HTTP/1.1 200" not in plain.recv(4_096)
        sock = wire.connect(trusting(issuer))
        sock.sendall(post(b"<a/>"))
        assert read_reply(sock).status == 200


def test_the_issuers_file_may_be_missing(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    (tmp_path / CA).unlink()
    server_context(tmp_path, CERT, KEY, CA)


@pytest.mark.parametrize(("name", "setting"), [(CERT, "tls_cert"), (KEY, "tls_key")])
def test_a_missing_file_is_named_with_its_setting(tmp_path: Path, name: str, setting: str) -> None:
    make_certificates(tmp_path)
    (tmp_path / name).unlink()
    error = refused(tmp_path)
    assert error.facts["file"] == str(tmp_path / name)
    assert error.facts["key"] == f"server.{setting}"


@pytest.mark.parametrize("name", [CERT, KEY, CA])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"rubbish",
        b"\x30\x00\x01",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    make_certificates(tmp_path)
    (tmp_path / name).write_bytes(data)
    assert refused(tmp_path).facts["why"]


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    make_certificates(other)
    (tmp_path / KEY).write_bytes((other / KEY).read_bytes())
    assert refused(tmp_path).facts["key"] == "server.tls_key"


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    make_certificates(tmp_path, password=b"hunter22")
    assert refused(tmp_path).facts["key"] == "server.tls_key"
