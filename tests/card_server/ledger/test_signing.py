"""A signed head is of exactly what it says."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.signing import Head, KeySigner, is_signed, new_private_key

HEAD = Head(1, date(2026, 3, 2), 7, bytes(range(32)))
SIGNER = KeySigner(bytes(range(32)))
SIGNATURE = SIGNER.sign(HEAD.text())


def test_the_text_is_fixed_for_ever() -> None:
    assert HEAD.text().decode() == (
        "kartoteka-head-1\nwriter_id=1\nbusiness_date=2026-03-02\nchain_no=7\n"
        f"hash={bytes(range(32)).hex()}\n"
    )


def test_the_owner_of_the_key_signed_it() -> None:
    assert len(SIGNATURE) == 64
    assert is_signed(HEAD, SIGNATURE, SIGNER.public_key)
    assert not is_signed(HEAD, SIGNATURE, KeySigner(new_private_key()).public_key)


@pytest.mark.parametrize(
    "change",
    [
        {"writer_id": 2},
        {"business_date": date(2026, 3, 3)},
        {"chain_no": 8},
        {"hash": bytes(32)},
    ],
)
def test_another_head_is_not_signed_by_it(change: dict[str, object]) -> None:
    other = msgspec.structs.replace(HEAD, **change)
    assert not is_signed(other, SIGNATURE, SIGNER.public_key)


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_rubbish_signs_nothing(signature: bytes, key: bytes) -> None:
    assert not is_signed(HEAD, signature, SIGNER.public_key)
    assert not is_signed(HEAD, SIGNATURE, key)
