"""Self-made certificates: good for the names of this computer, known by their fingerprint."""

from __future__ import annotations

import ssl
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.hosting.certificates import fingerprint_of, is_loopback, make_own
from tests.helpers.certificates import CERT, make_certificates

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", " 127.8.0.1 "])
def test_this_computer_only(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "server", "", "127.0.0"])  # noqa: S104 - it is what is refused
def test_the_network_too(host: str) -> None:
    assert not is_loopback(host)


def test_a_certificate_of_ones_own_is_made_and_can_be_loaded(tmp_path: Path) -> None:
    cert, key = tmp_path / "a.crt", tmp_path / "a.key"
    make_own(cert, key, "10.0.0.5", NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    shown = ssl._ssl._test_decode_cert(str(cert))  # type: ignore[attr-defined] # the one reader of names in the standard library
    names = {value for _, value in shown["subjectAltName"]}
    assert {"localhost", "127.0.0.1", "10.0.0.5"} <= names
    if sys.platform != "win32":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_each_is_another_and_its_fingerprint_says_so(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_own(tmp_path / f"{name}.crt", tmp_path / f"{name}.key", "", NOW)
    first, second = (fingerprint_of(tmp_path / f"{name}.crt") for name in ("a", "b"))
    assert first != second
    assert len(first.split(":")) == 32


def test_pem_and_der_have_one_fingerprint(tmp_path: Path) -> None:
    make_certificates(tmp_path, der=True)
    der = (tmp_path / CERT).read_bytes()
    (tmp_path / "same.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
    assert fingerprint_of(tmp_path / CERT) == fingerprint_of(tmp_path / "same.pem")
