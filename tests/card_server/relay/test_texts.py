"""Tests of texts: a refusal is always a well-formed Data document (crm-xml.md 5)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.texts import done, failure
from shared.wire.errors import AppError, ErrorCode


def read(document: bytes) -> ET.Element:
    """Our own document through a parser."""
    return ET.fromstring(document)  # noqa: S314 - our own document


def test_the_document_is_the_documented_one() -> None:
    error = AppError(ErrorCode.CARD_NOT_FOUND, card="10007")
    assert failure(error, "17", "ru").decode() == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Data Message_ID="17" ErrorCode="SAC-9201" ErrorText="Карта 10007 не найдена"/>'
    )


@pytest.mark.parametrize("code", list(ErrorCode))
@pytest.mark.parametrize("language", ["ru", "en", "de"])
def test_every_refusal_has_a_document_with_a_code_and_a_text(
    code: ErrorCode, language: str
) -> None:
    root = read(failure(AppError(code), "0", language))
    assert root.tag == "Data"
    assert (root.get("ErrorCode") or "").startswith("SAC-")
    assert 0 < len(root.get("ErrorText") or "") <= 255


@given(st.sampled_from(ErrorCode), st.text(max_size=80), st.text(max_size=300))
def test_whatever_the_facts_hold_the_document_can_be_read(
    code: ErrorCode, message_id: str, fact: str
) -> None:
    names = ("code", "value", "card", "account", "action", "field", "reason", "id", "limit")
    root = read(failure(AppError(code, **dict.fromkeys(names, fact)), message_id, "ru"))
    assert len(root.get("ErrorText") or "") <= 255


def test_a_state_action_that_succeeded_has_no_error_code() -> None:
    root = read(done("5"))
    assert root.attrib == {"Message_ID": "5"}
