"""A certificate that a server makes for itself, and what a person compares: its fingerprint.

It is good for the management port of one restaurant: the windows keep its fingerprint and refuse
any other. Whoever has a certificate of his own puts its files in the place instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

YEARS: Final = 10
BACK: Final = timedelta(days=1)
"""Clocks of the windows may be a little behind."""
LOCAL: Final = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Only programs of this computer reach it."""
    if host.strip().lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[] ")).is_loopback
    except ValueError:
        return False


def make_own(cert_path: Path, key_path: Path, host: str, now: datetime) -> None:
    """Write a self-signed certificate and its key, for this computer's names and `host`.

    The key is written first and may be read by its owner only. Raises OSError.
    """
    from cryptography import x509  # noqa: PLC0415 - loaded only when it is made
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64])])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_path.touch(mode=0o600)
    with contextlib.suppress(NotImplementedError):
        key_path.chmod(0o600)
    key_path.write_bytes(secret)
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> list[GeneralName]:
    from cryptography import x509  # noqa: PLC0415 - as above

    found: list[GeneralName] = []
    for name in dict.fromkeys((*LOCAL, socket.gethostname(), socket.getfqdn(), host.strip("[] "))):
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            with contextlib.suppress(ValueError):
                found.append(x509.DNSName(name))
    return found


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate, as people compare it: pairs of hexadecimal digits."""
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def fingerprint_of(path: Path) -> str:
    """The same of a file in PEM or DER. Raises OSError, ValueError."""
    data = path.read_bytes()
    if b"-----BEGIN" in data:
        first, _, _ = data.decode("latin-1").partition("-----END CERTIFICATE-----")
        data = ssl.PEM_cert_to_DER_cert(first + "-----END CERTIFICATE-----\n")
    return fingerprint(data)
