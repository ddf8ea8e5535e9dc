"""Failures as documents: `Data` of the XML API (crm-xml.md section 5)."""

from __future__ import annotations

from card_server.relay.escaping import attribute
from shared.i18n.error_texts import wire_text
from shared.wire.errors import AppError

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def failure(error: AppError, message_id: str, language: str) -> bytes:
    """The Data document of a refusal."""
    text = attribute(wire_text(error.code, language, error.facts))
    return (
        f'{DECLARATION}<Data Message_ID="{attribute(message_id)}" '
        f'ErrorCode="{error.wire_code}" ErrorText="{text}"/>'
    ).encode()


def done(message_id: str) -> bytes:
    """The Data document of a state action that succeeded."""
    return f'{DECLARATION}<Data Message_ID="{attribute(message_id)}"/>'.encode()
