"""The file of a licence: read, and believed only if the vendor signed it (domain 1.11, 2.10).

    {"format": "kartoteka-licence-1", "key": "2026-1", "payload": base64, "signature": base64}

The payload is the JSON of a `LicenceText`; what is signed is the format's name, a line feed, and
the payload's bytes as they are, so that nothing depends on how JSON is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.wire.errors import AppError, ErrorCode

FORMAT: Final = "kartoteka-licence-1"
LARGEST_FILE: Final = 64 << 10
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class LicenceText(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor promises; fields of later versions are ignored."""

    number: Word
    object_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    metric: Literal["cards", "holders"]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)]
    """0 is any number."""
    valid_from: date
    valid_to: date | None = None
    features: dict[str, bool | int | str] = {}


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file itself."""

    format: str
    key: str
    payload: bytes
    signature: bytes


def signed_bytes(payload: bytes) -> bytes:
    """What the signature is of."""
    return FORMAT.encode() + b"\n" + payload


def read_licence(body: bytes, keys: Mapping[str, bytes]) -> LicenceText:
    """What a file promises; `LICENCE_FILE` if it is none, `LICENCE_FORGED` if it is not signed."""
    if len(body) > LARGEST_FILE:
        raise _unread(str(len(body)))
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unread(str(error)) from error
    if envelope.format != FORMAT:
        raise _unread(envelope.format)
    key = keys.get(envelope.key)
    if key is None:
        raise AppError(ErrorCode.LICENCE_FORGED, key=envelope.key[:60])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            envelope.signature, signed_bytes(envelope.payload)
        )
    except InvalidSignature as error:
        raise AppError(ErrorCode.LICENCE_FORGED, key=envelope.key[:60]) from error
    try:
        text = msgspec.json.decode(envelope.payload, type=LicenceText)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unread(str(error)) from error
    if text.valid_to is not None and text.valid_to < text.valid_from:
        raise _unread(text.valid_to.isoformat())
    return text


def _unread(what: str) -> AppError:
    return AppError(ErrorCode.LICENCE_FILE, what=what[:120])
