"""Causes and remedies."""

from __future__ import annotations

import pytest

from card_server.db.faults import EN, RU, Fault, in_language, refusal
from shared.wire.errors import AppError, ErrorCode


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_cause_and_a_remedy_in_both_languages(fault: Fault) -> None:
    for texts in (RU, EN):
        assert texts[fault].cause
        assert texts[fault].remedy
    assert RU[fault].cause != EN[fault].cause
    assert any("а" <= letter <= "я" for letter in RU[fault].cause)


def test_the_cause_is_told_in_the_language_of_the_reader() -> None:
    error = refusal(Fault.DISK_FULL, "kartoteka.db", detail="disk full (13)")
    assert error.facts["why"] == "the disk is full (disk full (13))"
    assert in_language(error, "ru").facts["why"] == "на диске нет места"
    assert in_language(error, "en").facts["why"] == "the disk is full"
    assert in_language(error, "ru").facts["server"] == "kartoteka.db"


def test_other_refusals_stay_as_they_are() -> None:
    error = AppError(ErrorCode.BUSY)
    assert in_language(error, "ru") is error


def test_a_version_refusal_names_both_versions() -> None:
    error = refusal(Fault.SCHEMA_NEWER, code=ErrorCode.DB_VERSION, db="0009", app="0002")
    assert (error.code, error.facts["db"], error.facts["app"]) == ("DB_VERSION", "0009", "0002")
