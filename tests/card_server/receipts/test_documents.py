"""The detachable document of an operation (domain 1.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.chain import document_hash
from card_server.receipts.documents import (
    MARKUP,
    SALT_BYTES,
    SALTS,
    SMALL,
    _compress,
    open_document,
    seal_document,
)


@given(st.binary(max_size=5_000) | st.binary(max_size=1_100).map(b"<CHECK".__add__))
def test_a_document_comes_back_as_it_was_and_its_hash_proves_it(text: bytes) -> None:
    sealed = seal_document(text)
    assert open_document(sealed.body) == text
    assert sealed.hash == document_hash(sealed.salt, sealed.body)


def test_equal_documents_have_different_hashes() -> None:
    """What was erased cannot be guessed from the hash that stays."""
    assert seal_document(b"cheque").hash != seal_document(b"cheque").hash


def test_no_salt_is_handed_out_twice() -> None:
    salts = [seal_document(b"").salt for _ in range(3 * SALTS)]
    assert len(set(salts)) == len(salts)
    assert {len(salt) for salt in salts} == {SALT_BYTES}


def test_a_document_larger_than_the_small_window_comes_back() -> None:
    text = bytes(range(256)) * (SMALL // 128)
    assert open_document(seal_document(text).body) == text


@pytest.mark.parametrize("length", [0, 1, 300, SMALL, SMALL + 1, 100_000])
def test_nothing_compressed_begins_as_a_plain_document(length: int) -> None:
    assert not _compress(b"x" * length).startswith(MARKUP)


def test_a_short_cheque_is_stored_as_it_is() -> None:
    text = b"<CHECK chmode='1'/>"
    assert seal_document(text).body == text


def test_a_long_cheque_shrinks() -> None:
    text = b"<LINE id='1' code='201' sum='1240.00'/>" * 50
    assert len(seal_document(text).body) * 4 < len(text)
