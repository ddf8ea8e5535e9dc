"""Tests of masking: nothing that belongs to a guest or is secret reaches a log line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logs.masking import HIDDEN, mask_event, mask_field, mask_text

DIGITS = st.integers(10**8, 10**19 - 1).map(str)
AROUND = st.sampled_from(["", "card ", "Карта ", "(", "'", "=", ": ", "\n", ">"])
NAMES = st.sampled_from(["event", "what", "error", "body", "url", "text", "x"])
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=20, max_size=20)


def grouped(digits: str, size: int, mark: str) -> str:
    """Digits as people write them."""
    return mark.join(digits[start : start + size] for start in range(0, len(digits), size))


@given(
    DIGITS, st.integers(1, 6), st.sampled_from(["", " ", "-", ".", "\u00a0", ") "]), AROUND, AROUND
)
def test_no_long_number_leaves_in_any_writing(
    digits: str, size: int, mark: str, before: str, behind: str
) -> None:
    text = before + grouped(digits, size, mark) + behind
    found = re.sub(r"\D", "", mask_text(text))
    is_address = re.fullmatch(r"(\d{1,3}\.){3}\d{1,3}", grouped(digits, size, mark))
    assert is_address or digits[:3] not in found
    assert is_address or digits[-4:] not in found


@pytest.mark.parametrize(
    "phone",
    [
        "+7 (900) 000-00-12",
        "8 900 000 00 12",
        "89000000012",
        "+79000000012",
        "8-900-000-00-12",
        "8(900)0000012",
        "+7\u00a0900\u00a0000\u00a000\u00a012",
    ],
)
def test_phones_are_masked(phone: str) -> None:
    found = mask_text(f"no contact for {phone}, sorry")
    assert "900" not in found
    assert found.endswith(f"{HIDDEN}, sorry")


@given(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789._+-", min_size=3, max_size=30),
    st.sampled_from(["mail.example", "кафе.рф", "b.example", "localhost"]),
    AROUND,
)
def test_e_mails_are_masked(name: str, domain: str, before: str) -> None:
    found = mask_text(f"{before}{name}@{domain} is taken")
    assert name not in found
    assert domain not in found


@given(CODES)
def test_classifier_codes_keep_three_characters(code: str) -> None:
    for found in (
        mask_text(f"code {code} is unknown"),
        mask_text(f'<Message Terminal_Type="{code}" Unit_ID="1">'),
        mask_text(f"POST /getcardinfoex?qualifier={code}&x=1"),
        str(mask_field("code", code)),
        str(mask_field("terminal_type", code)),
    ):
        assert code not in found
        assert code[:4] not in found.replace("code", "")


def test_short_codes_are_masked_where_their_name_tells() -> None:
    assert mask_text('Terminal_Type="KASSA1"') == 'Terminal_Type="KAS***"'
    assert mask_text("qualifier: ab") == "qualifier: ***"
    assert mask_field("qualifier", "KASSA1") == "KAS***"


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter22",
        "PWD=hunter22;Server=x",
        "postgresql://crm:hunter22@db.example/crm",
        '{"password": "hunter22"}',
        "Authorization: hunter22",
        "api_token='hunter22'",
        "secret:hunter22",
    ],
)
def test_secrets_in_texts_are_masked(text: str) -> None:
    assert "hunter22" not in mask_text(text)


@pytest.mark.parametrize(
    "name", ["password", "new_password", "db_pwd", "secret", "token", "PIN", "card_pin", "Cookie"]
)
@pytest.mark.parametrize("value", ["hunter22", b"hunter22", 4321, ["hunter22"], {"a": "hunter22"}])
def test_secrets_by_name_are_hidden_whatever_their_type(name: str, value: Any) -> None:
    assert mask_field(name, value) == HIDDEN


@given(NAMES, st.recursive(DIGITS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_containers_are_gone_through(name: str, value: Any) -> None:
    shown = repr(mask_field(name, value))
    assert not re.search(r"\d{4}", shown)


def test_fields_by_name_are_masked_however_short() -> None:
    event = {
        "event": "looked up",
        "card": 10007,
        "phone": "112",
        "email": "a@b",
        "cards": ["10008"],
    }
    assert mask_event(None, "info", event) == {
        "event": "looked up",
        "card": "10***",
        "phone": "11***",
        "email": "***@***",
        "cards": ["10***"],
    }


def test_big_numbers_and_bytes_are_masked_without_a_name() -> None:
    assert mask_field("id", 10_000_000_004_711) == "10***"
    assert mask_field("count", 12_345_678) == 12_345_678
    assert mask_field("body", b"card 4000123412341234") == "card 40***"


def test_parameters_of_a_statement_are_dropped() -> None:
    text = "IntegrityError [SQL: INSERT ...] [parameters: ('Анна', 10007)] (Background ...)"
    assert mask_text(text) == (
        "IntegrityError [SQL: INSERT ...] [parameters: ***] (Background ...)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "connection turned away",
        "2024-03-05 18:40:11.250000 started",
        "2024-03-05T18:40:11 started",
        "peer 192.168.100.100 is gone",
        "took 12.345 s for 512 requests",
        "incident A1B2C3D4",
        "Порт 9192 занят программой postgres",
    ],
)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert mask_text(text) == text


def test_fields_of_our_own_stay() -> None:
    event = {"event": "x", "timestamp": "2024-03-05T18:40:11.000000Z", "peer": "fe80::1%eth0"}
    assert mask_event(None, "info", {**event, "ok": True, "took_s": 1.5, "none": None}) == {
        **event,
        "ok": True,
        "took_s": 1.5,
        "none": None,
    }
