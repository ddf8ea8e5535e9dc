"""Who may reach the management port: this computer, or the network by TLS."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from shared.hosting.certificates import fingerprint_of, is_loopback, make_own
from shared.hosting.tls import server_context
from shared.settings import server_file
from shared.settings.store import FileValues
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
SETTING_NAMES: Final = (server_file.MANAGE_CERT.key, server_file.MANAGE_KEY.key)


def management_tls(
    folder: Path, file: FileValues, host: str, now: datetime
) -> ssl.SSLContext | None:
    """The certificate of the management port, made where there is none; None without TLS.

    Raises MANAGE_OPEN for an address of the network without TLS, unless the settings file says that
    this is wanted; TLS_BAD for files that do not fit.
    """
    if not file.get(server_file.MANAGE_TLS):
        if not is_loopback(host) and not file.get(server_file.MANAGE_PLAIN):
            raise AppError(ErrorCode.MANAGE_OPEN, host=host)
        return None
    cert, key = file.get(server_file.MANAGE_CERT), file.get(server_file.MANAGE_KEY)
    if not (folder / cert).exists() and not (folder / key).exists():
        _make(folder / cert, folder / key, host, now)
    context = server_context(folder, cert, key, settings=SETTING_NAMES)
    log.info("management speaks TLS", fingerprint=fingerprint_of(folder / cert))
    return context


def _make(cert: Path, key: Path, host: str, now: datetime) -> None:
    try:
        make_own(cert, key, host, now)
    except OSError as error:
        raise AppError(
            ErrorCode.TLS_BAD,
            file=str(cert),
            key=server_file.MANAGE_CERT.key,
            why=error.strerror or str(error),
        ) from error
