"""Farcards replies: attributes, limits of texts and numbers (farcards.md 3.1, 7)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.receipts.records import Booked
from card_server.relay.coupon_buffers import Buffer
from card_server.relay.farcards_writer import (
    LARGEST,
    PosCardView,
    Reply,
    Slip,
    booked,
    card_info,
    cut,
    not_offered,
    refused,
)
from shared.wire.errors import AppError, ErrorCode

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def element(document: bytes) -> ET.Element:
    return ET.fromstring(document)[0]  # noqa: S314 - our own reply


@given(ANY_TEXT, st.lists(st.integers(-(2**70), 2**70), min_size=8, max_size=8), st.integers(0))
def test_any_card_is_a_document_within_the_tills_limits(
    text: str, sums: list[int], number: int
) -> None:
    view = PosCardView(
        code="10007", holder=text, screen=text, why_lock=text, sums=sums, account=number
    )
    reply = element(card_info(view))
    assert len(reply.get("Holder") or "") <= 39
    assert len(reply.get("ScrMessage") or "") <= 255
    for name in ("Summa", "Sum2", "Sum8", "Account", "DiscLimit"):
        assert abs(int(reply.get(name) or "")) <= LARGEST


@given(ANY_TEXT, st.integers(1, 60))
def test_a_cut_text_is_a_beginning_of_the_text(text: str, length: int) -> None:
    assert text.startswith(cut(text, length))
    assert len(cut(text, length)) <= length


@pytest.mark.parametrize(
    ("text", "length", "shown"),
    [
        ("abcdef", 3, "abc"),
        ("abc", 3, "abc"),
        ("ab\u0435\u0308c", 3, "ab"),
        ("a\U0001f469\u200d\U0001f373b", 2, "a"),
        ("a\U0001f469\u200d\U0001f373b", 3, "a"),
        ("a\U0001f44d\U0001f3fdb", 2, "a"),
    ],
)
def test_a_character_of_several_signs_is_not_cut_inside(text: str, length: int, shown: str) -> None:
    assert cut(text, length) == shown


def test_a_booking_reply_has_details_slips_and_buffer_in_order() -> None:
    reply = Reply(
        details=[Booked(entry_id=5, position=1, card=10007, amount=-2000)],
        slips=[Slip(card="10007", lines=["a & b", ""])],
        buffer=Buffer(4, "<ident_list/>"),
    )
    root = element(booked(reply))
    assert [node.get("OutKind") for node in root] == ["1", "4"]
    response = root[0][0]
    assert response.attrib == {"error_code": "0", "err_text": "", "error_text": ""}
    assert [node.tag for node in response] == ["TRANSACTION", "PRINTDOCUMENT"]
    assert response[0].attrib == {
        "ext_id": "5",
        "cardcode": "10007",
        "num": "1",
        "value": "-20.00",
    }
    assert [node.text for node in response[1][0]] == ["a & b", None]


def test_a_refusal_of_the_kept_code_has_its_digits() -> None:
    error = AppError(ErrorCode.CLASSIFIER_UNKNOWN, code="QA<7>")
    root = element(refused("transactionsex", error, "ru"))
    assert root.get("ErrorCode") == "SAC-0004"
    response = root[0][0]
    assert response.get("error_code") == "4"
    assert "QA<7>" in (response.get("err_text") or "")


def test_a_function_that_is_not_offered_answers_by_its_name() -> None:
    root = element(not_offered("FindCardsL", "en"))
    assert (root.tag, root.attrib) == (
        "FindCardsL",
        {"Result": "1", "ErrorText": "Function FindCardsL is not offered"},
    )
