"""The management port: this computer, or TLS; and how a window trusts its server."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from shared.client.connection import Connections, Server, Unreachable, Untrusted
from shared.hosting.certificates import fingerprint_of, make_own
from shared.hosting.management_tls import management_tls
from shared.settings import server_file
from shared.settings.store import FileValues, read_file
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.certificates import make_certificates

NOW = datetime.now(UTC)  # noqa: TID251 - a certificate is valid by the real clock
NETWORK = "0.0.0.0"  # noqa: S104 - it is what is refused


def settings(folder: Path, *lines: str) -> FileValues:
    path = folder / server_file.FILE_NAME
    path.write_text("\n".join(["[server]", *lines]), encoding="utf-8")
    found = read_file(path, server_file.SETTINGS)
    assert not found.faults
    return found


class Ok(BaseHTTPRequestHandler):
    """Answers everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(context: ssl.SSLContext | None, host: str = "127.0.0.1") -> Iterator[int]:
    server = ThreadingHTTPServer((host, 0), Ok)
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # refused handshakes are what is tested
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(port: int, **how: str | None) -> int:
    connections = Connections(Server(port=port, tls=True, **how))  # type: ignore[arg-type]
    try:
        status, _ = connections.post("/v1/GetMe", b"{}", {})
    finally:
        connections.close()
    return status


def test_without_tls_only_this_computer_reaches_the_port(tmp_path: Path) -> None:
    file = settings(tmp_path)
    assert management_tls(tmp_path, file, "127.0.0.1", NOW) is None
    with pytest.raises(AppError) as refused:
        management_tls(tmp_path, file, NETWORK, NOW)
    assert refused.value.code is ErrorCode.MANAGE_OPEN
    assert refused.value.facts["host"] == NETWORK


def test_who_says_that_he_wants_it_plain_gets_it(tmp_path: Path) -> None:
    file = settings(tmp_path, "manage_plain = true")
    assert management_tls(tmp_path, file, NETWORK, NOW) is None


def test_a_certificate_is_made_once_and_confirmed_by_its_fingerprint(tmp_path: Path) -> None:
    file = settings(tmp_path, "manage_tls = true")
    context = management_tls(tmp_path, file, NETWORK, NOW)
    known = fingerprint_of(tmp_path / "management.crt")
    with serving(context) as port:
        assert ask(port, fingerprint=known) == 200
        with pytest.raises(Untrusted) as refused:
            ask(port, fingerprint="00:11")
        assert refused.value.found == known
        with pytest.raises(Untrusted) as stranger:
            ask(port)
        assert stranger.value.found == known
        assert "self" in str(stranger.value.facts["why"])
    management_tls(tmp_path, file, NETWORK, NOW)
    assert fingerprint_of(tmp_path / "management.crt") == known


def test_a_self_made_certificate_may_be_given_to_a_strict_client_as_a_file(tmp_path: Path) -> None:
    context = management_tls(tmp_path, settings(tmp_path, "manage_tls = true"), NETWORK, NOW)
    own = tmp_path / "management.crt"
    strict = ssl.create_default_context(cafile=str(own))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with serving(context) as port:
        assert ask(port, ca_file=str(own)) == 200
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            strict.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            assert secure.version() == "TLSv1.3"


def test_a_certificate_of_ones_own_issuer_is_checked_for_its_host(tmp_path: Path) -> None:
    issuer = tmp_path / "issuer.pem"
    issuer.write_bytes(make_certificates(tmp_path))
    file = settings(
        tmp_path,
        "manage_tls = true",
        'manage_cert = "RKeeper_CRM_SSLwork.cer"',
        'manage_key = "RKeeper_CRM_SSLwork.key"',
    )
    context = management_tls(tmp_path, file, NETWORK, NOW)
    with serving(context) as port:
        assert ask(port, ca_file=str(issuer)) == 200
        assert ask(port, ca_file=str(issuer), host="localhost") == 200
    with serving(context, "127.0.0.2") as port, pytest.raises(Untrusted) as refused:
        ask(port, ca_file=str(issuer), host="127.0.0.2")
    assert "127.0.0.2" in str(refused.value.facts["why"])


def test_an_expired_certificate_is_told(tmp_path: Path) -> None:
    old = datetime(2010, 1, 1, tzinfo=UTC)
    make_own(tmp_path / "management.crt", tmp_path / "management.key", "", old)
    file = settings(tmp_path, "manage_tls = true")
    with (
        serving(management_tls(tmp_path, file, NETWORK, NOW)) as port,
        pytest.raises(Untrusted) as refused,
    ):
        ask(port, ca_file=str(tmp_path / "management.crt"))
    assert "expired" in str(refused.value.facts["why"])


def test_a_key_of_another_certificate_is_told_with_its_setting(tmp_path: Path) -> None:
    make_own(tmp_path / "management.crt", tmp_path / "x.key", "", NOW)
    make_own(tmp_path / "x.crt", tmp_path / "management.key", "", NOW)
    with pytest.raises(AppError) as refused:
        management_tls(tmp_path, settings(tmp_path, "manage_tls = true"), NETWORK, NOW)
    assert refused.value.code is ErrorCode.TLS_BAD
    assert str(refused.value.facts["key"]).startswith("server.manage_")


def test_half_a_pair_is_not_replaced(tmp_path: Path) -> None:
    make_own(tmp_path / "management.crt", tmp_path / "x.key", "", NOW)
    with pytest.raises(AppError) as refused:
        management_tls(tmp_path, settings(tmp_path, "manage_tls = true"), NETWORK, NOW)
    assert refused.value.facts["key"] == server_file.MANAGE_KEY.key


def test_a_server_that_speaks_no_tls_is_unreachable_and_says_why() -> None:
    with serving(None) as port, pytest.raises(Unreachable) as refused:
        ask(port, fingerprint="00")
    assert "TLS" in str(refused.value.facts["why"])
    assert not refused.value.sent
