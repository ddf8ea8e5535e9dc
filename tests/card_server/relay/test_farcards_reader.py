"""Farcards requests: functions, CHECK, items (farcards.md 2, 4, 5, 6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.receipts.records import DiscountMark
from card_server.relay.farcards_reader import (
    facts_of,
    function_of,
    local_moment,
    read_card_query,
    read_kopecks,
    read_transactions,
)
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode


def tree(document: str) -> Node:
    return parse(document.encode(), Limits(), fold=True)


@pytest.mark.parametrize(
    ("path", "document", "function"),
    [
        (("getcardinfoex.php",), "<ROOT/>", "getcardinfoex"),
        (("x", "TransactionsEx"), "<ROOT/>", "transactionsex"),
        (("x",), "<ROOT><Transactions/></ROOT>", "transactionsex"),
        ((), "<ROOT><TransactionsEx/></ROOT>", "transactionsex"),
        ((), '<ROOT><QRY Email="a@b"/></ROOT>', "findemail"),
        ((), '<ROOT><QRY CardCode="1"/></ROOT>', "getcardimageex"),
        ((), '<ROOT><QRY Card="1"/></ROOT>', "getcardinfoex"),
        ((), "<ROOT><QRY/><INPBUF/></ROOT>", "getcardinfoex"),
        ((), "<ROOT/>", "licenseinfo"),
    ],
)
def test_the_function_is_the_path_else_what_the_root_holds(
    path: tuple[str, ...], document: str, function: str
) -> None:
    assert function_of(path, tree(document)) == function


def test_a_check_is_read_wherever_its_parts_stand() -> None:
    check = tree(
        '<CHECK STATIONCODE="4" restaurantcode=" 100010001 " chmode="1" shiftdate="2026-03-02"'
        ' shiftnum="12" generateddatetime="2026-03-02T18:40:11"><EXTINFO><INTERFACES>'
        '<INTERFACE cardcode="7"><HOLDERS><ITEM cardcode="5"/><ITEM/></HOLDERS><ALLCARDS>'
        '<ITEM cardcode="6"/></ALLCARDS></INTERFACE></INTERFACES></EXTINFO>'
        '<PROPERTY name="main_phone_number" value="+7900"/>'
        '<CHECKDATA checknum="881" orderguid="{0B1C2D3E-0000-4000-8000-00000000A057}"'
        ' closedatetime="2026-03-02T18:40:10"/>'
        '<CHECKPERSONS><PERSON code="21"/><PERSON code="22"/></CHECKPERSONS>'
        '<CHECKLINES><LINE code="201" type="dish" sum="1240.00" pr_list_sum="1300"/>'
        '<LINE code="9" type="modify" sum="5"/><LINE code="8" type="combo" sum="7"/>'
        '<LINE code="312" type="dish" sum="-10,5"/><LINE sum="rubbish"/></CHECKLINES>'
        '<CHECKDISCOUNTS><DISCOUNT code="31" cardcode="4600000000015"/><DISCOUNT code="5"/>'
        "</CHECKDISCOUNTS></CHECK>"
    )
    facts = facts_of(check)
    assert (facts.chmode, facts.station, facts.restaurant_code) == (1, 4, "100010001")
    assert facts.order_guid == "0b1c2d3e-0000-4000-8000-00000000a057"
    assert (facts.check_no, facts.shift_date, facts.shift_no) == (881, date(2026, 3, 2), 12)
    assert facts.cards == ["5", "7"], "holders, then the interface, no other cards"
    assert (facts.phone, facts.pos_user) == ("+7900", "21")
    assert (facts.cheque.net, facts.cheque.gross, facts.cheque.lines) == (122950, 128950, 3)
    assert facts.cheque.dishes == ["201", "312"]
    assert facts.discounts == [DiscountMark(code=31, card="4600000000015")]


@pytest.mark.parametrize("guid", ["", "{00000000-0000-0000-0000-000000000000}", "  "])
def test_an_empty_order_is_no_order(guid: str) -> None:
    assert facts_of(tree(f'<CHECK><CHECKDATA orderguid="{guid}"/></CHECK>')).order_guid is None


@pytest.mark.parametrize(
    ("document", "card"),
    [
        ('<ROOT><QRY Card="007"/></ROOT>', "007"),
        ('<ROOT><QRY Card="0"/></ROOT>', ""),
        ('<ROOT><QRY Card="TRACK0"/></ROOT>', "TRACK0"),
        (
            '<ROOT><QRY Card="x"/><INPBUF><CHECK><INTERFACE cardcode="5"/></CHECK></INPBUF></ROOT>',
            "5",
        ),
        (
            '<ROOT><QRY Card="9"/><INPBUF><CHECK><INTERFACE cardcode="5"/></CHECK></INPBUF></ROOT>',
            "9",
        ),
    ],
)
def test_the_card_is_that_of_the_query_else_of_the_check(document: str, card: str) -> None:
    assert read_card_query(tree(document)).card == card


def test_items_stand_under_transactions_or_the_root() -> None:
    item = '<TransactionsEx Card="10007" PersonID="5" Kind="2" Summa="6200"/>'
    for document in (f"<ROOT><Transactions>{item * 2}</Transactions></ROOT>", f"<r>{item * 2}</r>"):
        message = read_transactions(tree(document), document.encode())
        assert [(line.card, line.person_id, line.position) for line in message.lines] == [
            (10007, 5, 1),
            (10007, 5, 2),
        ]
        assert message.document is None


@pytest.mark.parametrize("form", ["<CHECK/>", "<CHECK a='1'>x</CHECK >", "<check>x</check>"])
def test_the_check_is_cut_out_of_the_body(form: str) -> None:
    body = f"<ROOT><INPBUF>{form}</INPBUF></ROOT>"
    assert read_transactions(tree(body), body.encode()).document == form.encode()
    escaped = form.replace("<", "&lt;")
    hidden = f"<ROOT><INPBUF>{escaped}</INPBUF></ROOT>"
    assert read_transactions(tree(hidden), hidden.encode()).document == form.encode()


def test_a_check_in_windows_1251_is_kept_in_utf_8() -> None:
    body = "<ROOT><INPBUF><CHECK t='стол'/></INPBUF></ROOT>".encode("cp1251")
    message = read_transactions(parse(body, Limits(), fold=True), body)
    assert message.document == "<CHECK t='стол'/>".encode()


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [("", 0), ("-2000", -2000), ("124000.00", 124000), ("+5", 5), ("7,0", 7)],
)
def test_kopecks_are_whole_numbers(text: str, kopecks: int) -> None:
    assert read_kopecks(text, "Summa") == kopecks


@pytest.mark.parametrize("text", ["12.5", "¹", "٣", "+-5", "--5", "-", "1e3", "9" * 17, "1_000"])
def test_what_is_no_whole_number_of_kopecks_is_refused(text: str) -> None:
    with pytest.raises(AppError) as refused:
        read_kopecks(text, "Summa")
    assert refused.value.code is ErrorCode.FIELD_BAD


@given(st.text(max_size=20))
def test_any_sum_of_a_line_counts_or_counts_nothing(text: str) -> None:
    line = Node("line", {"sum": text, "pr_list_sum": text}, [], "")
    facts = facts_of(Node("check", {}, [line], ""))
    assert facts.cheque.lines == 1
    assert facts.cheque.net == facts.cheque.gross


@pytest.mark.parametrize("text", ["¹", "12.¹", "1²"])
def test_what_only_looks_like_a_digit_counts_nothing(text: str) -> None:
    line = Node("line", {"sum": text}, [], "")
    assert facts_of(Node("check", {}, [line], "")).cheque.net == 0


@given(st.text(max_size=30))
def test_any_sum_is_kopecks_or_a_refusal_with_its_value(text: str) -> None:
    refusal = None
    try:
        read_kopecks(text, "Summa")
    except AppError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code is ErrorCode.FIELD_BAD
        assert refusal.facts["value"] == text


@pytest.mark.parametrize("text", ["", "rubbish", "2026-13-40T00:00:00", "2026-03-02T25:00"])
def test_a_moment_that_cannot_be_read_is_none(text: str) -> None:
    assert local_moment(text, 0) is None
