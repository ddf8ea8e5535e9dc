"""Self-made certificates for tests: an issuer, a server's certificate, its key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
CERT, KEY, CA = "RKeeper_CRM_SSLwork.cer", "RKeeper_CRM_SSLwork.key", "RKeeper_CRM_SSLca.cer"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is valid by the real clock
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    is_issuer = subject == issuer
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _key_bytes(key: Key, password: bytes | None) -> bytes:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password)
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, protection)


def make_certificates(folder: Path, *, der: bool = False, password: bytes | None = None) -> bytes:
    """Write the three files; gives back the issuer's certificate for clients to trust."""
    issuer_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = _certificate("Test issuer", issuer_key, "Test issuer", issuer_key)
    own = _certificate("localhost", key, "Test issuer", issuer_key)
    form = DER if der else PEM
    (folder / CERT).write_bytes(own.public_bytes(form))
    (folder / CA).write_bytes(issuer.public_bytes(form))
    (folder / KEY).write_bytes(_key_bytes(key, password))
    return issuer.public_bytes(PEM)
