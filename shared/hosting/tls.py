"""The certificate of a TLS port, from the files that an administrator has."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path
from typing import Final

from shared.wire.errors import AppError, ErrorCode

PEM: Final = b"-----BEGIN"
CERT, KEY, CA = "server.tls_cert", "server.tls_key", "server.tls_ca"


def server_context(
    folder: Path,
    certificate: str,
    key: str,
    issuer: str = "",
    *,
    settings: tuple[str, str] = (CERT, KEY),
) -> ssl.SSLContext:
    """What a listener needs to speak TLS 1.2 and 1.3; relative files lie in `folder`.

    The certificate may be PEM or DER (`.cer` of Windows); the issuer's is sent along and may be
    missing. Raises TLS_BAD with the file, its setting and the reason.
    """
    cert_setting, key_setting = settings
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    cert_path, key_path = folder / certificate, folder / key
    cert = _as_pem(_read(cert_path, cert_setting), cert_path, cert_setting)
    if PEM not in _read(key_path, key_setting):
        raise _bad(key_path, key_setting, "PEM: -----BEGIN PRIVATE KEY-----")
    issuer_path = folder / issuer
    if issuer and issuer_path.exists():
        chain = _as_pem(_read(issuer_path, CA), issuer_path, CA)
        _check(chain, issuer_path)
        cert = cert.rstrip() + b"\n" + chain
    _load(context, cert, (cert_path, cert_setting), (key_path, key_setting))
    return context


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _bad(path, setting, error.strerror or str(error)) from error


def _as_pem(data: bytes, path: Path, setting: str) -> bytes:
    if PEM in data:
        return data
    if not data.startswith(b"\x30"):
        raise _bad(path, setting, "PEM / DER?")
    return ssl.DER_cert_to_PEM_cert(data).encode()


def _check(chain: bytes, path: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            cadata=chain.decode("latin-1")
        )
    except (ssl.SSLError, ValueError) as error:
        raise _bad(path, CA, _words(error)) from error


def _load(
    context: ssl.SSLContext, cert: bytes, named: tuple[Path, str], key: tuple[Path, str]
) -> None:
    """Python reads a chain from a file only; the certificate is no secret, the key stays put."""
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(cert)
        context.load_cert_chain(name, key[0], password=_no_password)
    except ssl.SSLError as error:
        path, setting = key if _is_about_key(error) else named
        raise _bad(path, setting, _words(error)) from error
    except ValueError as error:
        raise _bad(*key, str(error)) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _no_password() -> str:
    message = "the key has a password"
    raise ValueError(message)


def _is_about_key(error: ssl.SSLError) -> bool:
    return "KEY" in (error.reason or "") or "PRIVATE" in str(error)


def _words(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error)


def _bad(path: Path, setting: str, why: str) -> AppError:
    return AppError(ErrorCode.TLS_BAD, file=str(path), key=setting, why=why)
