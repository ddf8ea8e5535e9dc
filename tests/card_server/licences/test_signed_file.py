"""Licence files: believed only if they are whole, and signed by the vendor (domain 1.11)."""

from __future__ import annotations

import base64
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.licences.signed_file import LARGEST_FILE, LicenceText, read_licence
from card_server.licences.vendor_keys import VENDOR_KEYS
from shared.wire.errors import AppError
from tests.helpers.licences import Vendor, main

VENDOR = Vendor()
GOOD = VENDOR.file(features={"kiosk": True})


def refused(body: bytes, keys: dict[str, bytes] | None = None) -> str:
    with pytest.raises(AppError) as caught:
        read_licence(body, VENDOR.keys if keys is None else keys)
    return str(caught.value)


def test_a_signed_file_is_read_as_it_was_written() -> None:
    assert read_licence(GOOD, VENDOR.keys) == LicenceText(
        number="K-0001",
        object_code="X",
        metric="cards",
        quantity=1000,
        valid_from=date(2026, 3, 1),
        valid_to=date(2027, 2, 28),
        features={"kiosk": True},
    )
    assert read_licence(VENDOR.file(valid_to=None), VENDOR.keys).valid_to is None
    assert read_licence(VENDOR.file(later="unknown"), VENDOR.keys).number == "K-0001"


def test_a_file_cut_short_anywhere_is_no_licence() -> None:
    for length in range(len(GOOD)):
        assert refused(GOOD[:length]) == "LICENCE_FILE"


@given(place=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_no_changed_byte_makes_another_licence(place: int, value: int) -> None:
    changed = bytearray(GOOD)
    changed[place] = value
    try:
        found = read_licence(bytes(changed), VENDOR.keys)
    except AppError as error:
        assert str(error) in ("LICENCE_FILE", "LICENCE_FORGED")  # noqa: PT017 - either is a refusal
    else:
        assert found == read_licence(GOOD, VENDOR.keys)


@given(st.binary(max_size=300))
def test_rubbish_is_no_licence(body: bytes) -> None:
    assert refused(body) == "LICENCE_FILE"


def test_another_payload_under_the_old_signature_is_forged() -> None:
    envelope = msgspec.json.decode(GOOD)
    text = msgspec.json.decode(base64.b64decode(envelope["payload"]))
    more = msgspec.json.encode({**text, "quantity": 1_000_000})
    envelope["payload"] = base64.b64encode(more).decode()
    assert refused(msgspec.json.encode(envelope)) == "LICENCE_FORGED"


def test_a_file_of_another_vendor_or_key_is_forged() -> None:
    assert refused(Vendor().file()) == "LICENCE_FORGED"
    assert refused(Vendor(name="2031-9").file()) == "LICENCE_FORGED"
    assert refused(GOOD, VENDOR_KEYS) == "LICENCE_FORGED"
    assert refused(Vendor(name="2026-1").file(), VENDOR_KEYS) == "LICENCE_FORGED"


@pytest.mark.parametrize(
    "fields",
    [
        {"number": ""},
        {"number": "x" * 61},
        {"object_code": ""},
        {"object_code": "x" * 41},
        {"metric": "tills"},
        {"quantity": -1},
        {"quantity": 2**31},
        {"quantity": "1000"},
        {"valid_from": "soon"},
        {"valid_from": None},
        {"valid_to": date(2026, 2, 28)},
        {"features": {"a": None}},
    ],
)
def test_a_signed_promise_that_means_nothing_is_no_licence(fields: dict[str, Any]) -> None:
    assert refused(VENDOR.file(**fields)) == "LICENCE_FILE"


def test_a_large_file_and_another_format_are_no_licence() -> None:
    assert refused(GOOD + b" " * LARGEST_FILE) == "LICENCE_FILE"
    envelope = msgspec.json.decode(GOOD)
    assert refused(msgspec.json.encode({**envelope, "format": "other-1"})) == "LICENCE_FILE"
    assert refused(msgspec.json.encode({**envelope, "more": 1})) == "LICENCE_FILE"


def test_the_product_holds_public_keys_of_the_right_size() -> None:
    assert VENDOR_KEYS
    assert {len(key) for key in VENDOR_KEYS.values()} == {32}


def test_the_vendors_tool_makes_keys_and_signs_what_means_something(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["new-key"]) == 0
    private, public = capsysbinary.readouterr().out.decode().split()[1::2]
    (tmp_path / "key").write_text(private, encoding="ascii")
    payload = base64.b64decode(msgspec.json.decode(GOOD)["payload"])
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(payload)))
    assert main(["sign", str(tmp_path / "key"), "vendor"]) == 0
    signed = capsysbinary.readouterr().out
    assert read_licence(signed, {"vendor": bytes.fromhex(public)}).number == "K-0001"
    assert main(["sign"]) == 2
